"""TCP as it is captured: out of order, twice, with holes, from the middle on."""

from random import Random

from hometruth.capture.pcap.http1 import Http1
from hometruth.capture.pcap.talk import Talk
from hometruth.capture.pcap.websocket import WebSocket
from hometruth.model import Delivery, GapKind, Sender
from tests.capture.pcap.files import ACK, FIN, RST, SYN, exchanges, gaps, pcap, read, tcp

ASK = b"POST /one?q=canary HTTP/1.1\r\nHost: a.example\r\nContent-Length: 10\r\n\r\n0123456789"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def conversation(first: int = 1000, piece: int = 20) -> list[bytes]:
    """Hand-shake, a request and an answer in pieces, and the end."""
    up = [tcp(ASK[at : at + piece], first + 1 + at) for at in range(0, len(ASK), piece)]
    down = [tcp(ANSWER[at : at + piece], 5001 + at, up=False) for at in range(0, len(ANSWER), piece)]
    return [
        tcp(b"", first, flags=SYN),
        tcp(b"", 5000, up=False, flags=SYN | ACK),
        *up,
        *down,
        tcp(b"", first + 1 + len(ASK), flags=FIN | ACK),
        tcp(b"", 5001 + len(ANSWER), up=False, flags=FIN | ACK),
    ]


def test_a_request_in_pieces_is_read_whole() -> None:
    (exchange,) = exchanges(pcap(conversation()))

    assert (exchange.method, exchange.url) == ("POST", "http://a.example/one?q=canary")
    assert exchange.request_body == b"0123456789"
    assert (exchange.status, exchange.response_body) == (200, b"ok")
    assert exchange.started_ns is not None
    assert exchange.server_address == ("10.0.0.2", 80)


def test_order_repeats_and_overlaps_make_no_difference() -> None:
    plain = exchanges(pcap(conversation()))
    rng = Random(1)
    for _ in range(50):
        packets = conversation()
        packets += rng.choices(packets, k=5)
        packets.append(tcp(ASK[5:45], 1006))
        handshake, rest = packets[:2], packets[2:]
        rng.shuffle(rest)

        (found,) = exchanges(pcap(handshake + rest))
        assert (found.url, found.request_body, found.response_body) == (
            plain[0].url,
            plain[0].request_body,
            plain[0].response_body,
        )


def test_sequence_numbers_wrap() -> None:
    assert len(exchanges(pcap(conversation(first=(1 << 32) - 30)))) == 1


def test_a_capture_may_begin_after_the_handshake() -> None:
    (exchange,) = exchanges(pcap(conversation()[2:]))

    assert exchange.url == "http://a.example/one?q=canary"


def test_a_hole_in_an_answer_costs_the_answer_only() -> None:
    packets = conversation(piece=39)
    assert packets.pop(5)[-1:] == b"k"

    (exchange,) = exchanges(pcap(packets))
    assert exchange.request_body == b"0123456789"
    assert exchange.response_body is None


def test_a_hole_in_a_request_body_makes_it_not_recorded() -> None:
    packets = conversation(piece=70)
    assert packets.pop(3)[-10:].endswith(b"789")

    (exchange,) = exchanges(pcap(packets))
    assert exchange.url == "http://a.example/one?q=canary"
    assert exchange.request_body is None


def test_the_same_ports_twice_are_two_connections() -> None:
    assert len(exchanges(pcap([*conversation(), *conversation(first=900_000)]))) == 2


def test_what_follows_a_reset_by_somebody_in_between_is_read() -> None:
    packets = conversation()
    forged = [tcp(b"", 77, up=False, flags=RST | ACK), tcp(b"", 78, up=False, flags=FIN | ACK)]

    for at in range(1, len(packets)):
        (exchange,) = exchanges(pcap([*packets[:at], forged[0], *packets[at:]]))
        assert exchange.request_body == b"0123456789"
    (exchange,) = exchanges(pcap([packets[0], *forged, *packets[1:]]))
    assert (exchange.request_body, exchange.response_body) == (b"0123456789", b"ok")


def test_what_follows_the_end_of_a_connection_is_told() -> None:
    packets = conversation()
    more = tcp(b"GET /two HTTP/1.1\r\nHost: a.example\r\n\r\n", 1001 + len(ASK))

    found = exchanges(pcap([*packets, more, packets[2]]))
    assert [exchange.url for exchange in found] == ["http://a.example/one?q=canary", "http://a.example/two"]


def test_a_request_without_an_answer_was_only_tried() -> None:
    packets = [packet for packet in conversation() if packet[12:16] == conversation()[0][12:16]]

    (exchange,) = exchanges(pcap([*packets, tcp(b"", 5000, up=False, flags=RST)]))
    assert exchange.delivered is Delivery.NO_ANSWER


def test_what_is_no_http_is_kept_to_be_searched() -> None:
    (exchange,) = exchanges(pcap([tcp(b"\x00\x01canary-of-mine", 7)]))

    assert exchange.scheme == "tcp"
    assert [message.data for message in exchange.messages] == [b"\x00\x01canary-of-mine"]


def test_pcapdroids_trailer_names_the_program() -> None:
    """By its source: an Ethernet header of zeros, the packet, zeros to four bytes, then the trailer."""
    packet = tcp(ASK, 1)
    frame = bytes(12) + b"\x08\x00" + packet
    trailer = b"\x01\x07\x20\x21" + (10_123).to_bytes(4) + b"Mint Browser".ljust(20, b"\0") + bytes(4)

    (exchange,) = exchanges(pcap([frame + bytes(-len(frame) % 4) + trailer], link=1))
    assert exchange.request_body == b"0123456789"
    assert exchange.sent_by == Sender("Mint Browser", "PCAPdroid")


def test_every_cut_is_read_up_to_the_cut() -> None:
    whole = pcap(conversation())
    for end in range(24, len(whole)):
        found = read(whole[:end])

        assert len(found) >= (end > 400), end


def test_a_damaged_length_ends_the_file_with_a_gap() -> None:
    whole = pcap(conversation())

    (gap,) = gaps(whole + b"\xff" * 16)
    assert gap.kind is GapKind.UNREADABLE
    assert "nothing after it was read" in gap.detail
    assert len(exchanges(whole + b"\xff" * 16)) == 1


def test_what_was_looked_at_behind_a_hole_is_not_kept_to_be_looked_at_again() -> None:
    done: list[Talk] = []
    http = Http1("http", done.append, lambda _: None, answers=True)
    http.add(True, ASK, 0)
    http.lose(False, 100)
    for _ in range(200):
        http.add(False, b"a line of an answer whose head was lost\n" * 100, 0)
        assert len(http._server.buffer) < 10_000
    http.add(False, ANSWER, 0)

    assert [talk.status for talk in done] == [200]


def test_what_closes_a_websocket_and_what_only_asks_if_it_lives_carry_bytes_too() -> None:
    talk = Talk()
    socket = WebSocket(talk, lambda _: None, answers=True)
    for frame in (b"\x88\x02\x03\xe8", b"\x88\x08\x03\xe8canary", b"\x89\x00", b"\x89\x03abc"):
        socket.add(True, frame, 7)

    assert [(message.data, message.time_ns) for message in talk.messages] == [(b"canary", 7), (b"abc", 7)]


def test_commands_of_other_protocols_are_no_requests_and_are_searched_whole() -> None:
    lines = (b"USER somebody\r\n", b"PASS canary-of-mine\r\n", b"RETR a.txt\r\n")
    packets, seq = [], 7
    for line in lines:
        packets.append(tcp(line, seq, ports=(50_000, 21)))
        seq += len(line)

    (exchange,) = exchanges(pcap(packets))
    assert (exchange.scheme, b"".join(each.data for each in exchange.messages)) == ("tcp", b"".join(lines))
