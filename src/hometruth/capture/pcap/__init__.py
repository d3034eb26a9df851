"""Packet captures: pcap and pcapng, with TLS secrets, read without any other program."""
