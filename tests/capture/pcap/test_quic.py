"""QUIC's packets as damage and short captures leave them."""

import pytest

from hometruth.capture.pcap.keys import KeyLog
from hometruth.capture.pcap.quic import QuicConnection

INITIAL = bytes.fromhex("c0 00000001 08 8394c8f03e515708 04 01020304 00 4020") + bytes(32)


@pytest.mark.parametrize("n", range(1, len(INITIAL)))
def test_a_header_cut_anywhere_is_no_error_and_its_bytes_are_told_as_closed(n: int) -> None:
    connection = QuicConnection(KeyLog(), lambda *_: None)
    connection.add(True, INITIAL[:n], 0)
    connection.end()
    assert connection.closed_bytes[True] == (n if n >= 5 else 0), "less than a version is no QUIC"


@pytest.mark.parametrize("at", [5, 14])
def test_the_length_of_an_id_that_leads_out_of_the_packet_is_no_error(at: int) -> None:
    connection = QuicConnection(KeyLog(), lambda *_: None)
    connection.add(True, INITIAL[:at] + b"\xff" + INITIAL[at + 1 :], 0)
    connection.end()
    assert connection.closed_bytes[True] == len(INITIAL)
