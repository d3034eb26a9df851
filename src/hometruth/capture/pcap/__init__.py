"""Packet captures: pcap and pcapng, with TLS secrets, read without any other program."""

from hometruth.capture.pcap.keys import KeyLog, beside, read_key_log
from hometruth.capture.pcap.read import read_pcap

__all__ = ["KeyLog", "beside", "read_key_log", "read_pcap"]
