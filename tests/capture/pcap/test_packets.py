"""Frames and packets: whatever may carry a conversation is read, or counted by what it is."""

import ssl

import pytest

from hometruth.model import GapKind
from tests.capture.pcap.files import exchanges, gaps, ip, pcap, tcp, udp

ASK = b"GET /one HTTP/1.1\r\nHost: a.example\r\n\r\n"
ETHERNET = bytes(12)
SNAP = b"\xaa\xaa\x03\0\0\0"


def hello(name: str = "a.example") -> bytes:
    """What a client says first, by OpenSSL."""
    received, sent = ssl.MemoryBIO(), ssl.MemoryBIO()
    connection = ssl.create_default_context().wrap_bio(received, sent, server_hostname=name)
    with pytest.raises(ssl.SSLWantReadError):
        connection.do_handshake()
    return sent.read()


@pytest.mark.parametrize(
    "frame",
    [
        ETHERNET + b"\x08\x00",
        ETHERNET + b"\x81\x00\x00\x07\x08\x00",
        ETHERNET + b"\x00\x64" + SNAP + b"\x08\x00",
        ETHERNET + b"\x88\xa8\x00\x07\x81\x00\x00\x07\x08\x00",
    ],
)
def test_a_packet_is_found_behind_every_head(frame: bytes) -> None:
    (exchange,) = exchanges(pcap([frame + tcp(ASK, 1)], link=1))

    assert exchange.url == "http://a.example/one"


V6 = b"\x60\0\0\0"
ASKED = tcp(ASK, 1)
FRAME = ETHERNET + b"\x08\x00" + ASKED
TUNNELS = {
    "IP in IP (RFC 2003)": ip(4, ASKED, up=True),
    "IP in IPv6 (RFC 2473)": V6 + len(ASKED).to_bytes(2) + b"\x04\x40" + bytes(32) + ASKED,
    "signed (RFC 4302)": ip(51, b"\x04\x04" + bytes(22) + ASKED, up=True),
    "GRE (RFC 2784)": ip(47, b"\0\0\x08\0" + ASKED, up=True),
    "GRE with key and number (RFC 2890)": ip(47, b"\x30\0\x08\0" + bytes(8) + ASKED, up=True),
    "GRE with a checksum": ip(47, b"\x80\0\x08\0" + bytes(4) + ASKED, up=True),
    "frames in GRE": ip(47, b"\0\0\x65\x58" + FRAME, up=True),
    "ERSPAN": ip(47, b"\x10\0\x88\xbe" + bytes(12) + FRAME, up=True),
    "PPTP (RFC 2637)": ip(47, b"\x30\x81\x88\x0b" + bytes(12) + b"\xff\x03\0\x21" + ASKED, up=True),
    "VXLAN (RFC 7348)": udp(b"\x08\0\0\0\0\0\x07\0" + FRAME, ports=(50_001, 4789)),
    "Geneve (RFC 8926)": udp(b"\x01\0\x65\x58\0\0\x07\0" + bytes(4) + FRAME, ports=(50_001, 6081)),
    "GRE in GRE": ip(47, b"\0\0\x08\0" + ip(47, b"\0\0\x08\0" + ASKED, up=True), up=True),
}


@pytest.mark.parametrize("name", TUNNELS)
def test_what_a_tunnel_carries_is_read(name: str) -> None:
    (exchange,) = exchanges(pcap([TUNNELS[name]]))

    assert exchange.url == "http://a.example/one"
    assert not gaps(pcap([TUNNELS[name]]))
    for end in range(len(TUNNELS[name]) - 1):
        found = exchanges(pcap([TUNNELS[name][:end]])) or gaps(pcap([TUNNELS[name][:end]]))
        assert found or not end, "a packet that was cut is told"


def test_tunnels_inside_each_other_come_to_an_end() -> None:
    packet = ASKED
    for _ in range(100):
        packet = ip(4, packet, up=True)
    (gap,) = gaps(pcap([packet]))

    assert gap.detail == "packets inside more than 8 others"


@pytest.mark.parametrize(
    ("link", "head"),
    [
        (9, b"\xff\x03\x00\x21"),
        (9, b"\x21"),
        (50, b"\xff\x03\x00\x21"),
        (1, ETHERNET + b"\x88\x64\x11\0\0\x01\0\x50\x00\x21"),
        (1, ETHERNET + b"\x88\x47\0\0\x10\xff\0\0\x21\xff"),
        (1, ETHERNET + b"\x88\x47\0\0\x21\xff" + bytes(4) + ETHERNET + b"\x08\x00"),
    ],
    ids=["PPP", "PPP, short", "PPP of a line", "PPPoE", "MPLS", "a wire over MPLS"],
)
def test_what_providers_put_around_packets_is_taken_off(link: int, head: bytes) -> None:
    (exchange,) = exchanges(pcap([head + ASKED], link=link))

    assert exchange.url == "http://a.example/one"


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (ETHERNET + b"\x88\x47" + bytes(60), "frames of type 0x8847, which is not read"),
        (ETHERNET + b"\x08\x00" + ip(47, bytes(60), up=True), "frames of type 0x0000, which is not read"),
        (
            ETHERNET + b"\x88\x64" + bytes(6) + b"\x00\x53" + bytes(60),
            "packets of PPP protocol 0x0053, which is not read",
        ),
        (ETHERNET + b"\x08\x00" + ip(50, bytes(60), up=True), "packets of IP protocol 50, which is not read"),
        (
            ETHERNET + b"\x08\x00" + udp(b"x" * 60)[:50],
            "packets of which the recorder kept the beginning only",
        ),
    ],
)
def test_what_may_carry_a_conversation_and_is_not_read_is_counted(frame: bytes, words: str) -> None:
    told = [gap.detail for gap in gaps(pcap([frame, frame], link=1))]

    assert f"2 {words}" in told


@pytest.mark.parametrize(
    "frame",
    [
        ETHERNET + b"\x08\x06" + bytes(28),
        ETHERNET + b"\x88\xcc" + bytes(50),
        ETHERNET + b"\x00\x26" + b"\x42\x42\x03" + bytes(35),  # spanning tree
        ETHERNET + b"\x08\x00" + ip(1, bytes(8), up=True),
    ],
)
def test_what_neighbours_and_routers_tell_each_other_is_no_gap(frame: bytes) -> None:
    assert gaps(pcap([frame], link=1)) == []


def test_fragments_that_make_room_for_others_are_counted() -> None:
    first = bytearray(udp(b"x" * 60))
    packets = []
    for number in range(4_100):
        first[4:6] = number.to_bytes(2)
        first[6:8] = b"\x20\x00"
        packets.append(bytes(first))

    assert [gap.detail for gap in gaps(pcap(packets))] == [
        "4100 IP fragments without the rest of their packet"
    ]


def test_whom_a_client_met_is_told_where_the_handshake_alone_is_in_the_capture() -> None:
    (gap,) = gaps(pcap([tcp(hello(), 1, ports=(50_000, 443))]))

    assert (gap.kind, gap.host) == (GapKind.UNUSED, "a.example")


def test_a_handshake_is_no_news_where_something_of_that_host_was_read() -> None:
    packets = [tcp(hello(), 1, ports=(50_000, 443)), tcp(ASK, 1, ports=(50_001, 80))]

    assert gaps(pcap(packets)) == []


def test_a_record_of_which_the_capture_holds_the_beginning_stays_closed() -> None:
    record = b"\x17\x03\x03\x01\x00" + bytes(100)
    told = gaps(pcap([tcp(hello() + record, 1, ports=(50_000, 443))]))

    assert [(gap.kind, gap.size_bytes) for gap in told] == [(GapKind.OPAQUE, len(record))]


def test_a_cooked_frame_may_be_marked_as_one_of_a_virtual_network() -> None:
    cooked = bytes(14) + b"\x81\x00\x00\x07\x08\x00" + ASKED

    assert [item.url for item in exchanges(pcap([cooked], link=113))] == ["http://a.example/one"]


def test_what_is_signed_without_a_tunnel_is_read() -> None:
    signed = ip(51, b"\x06\x04" + bytes(22) + ASKED[20:], up=True)

    assert [item.url for item in exchanges(pcap([signed]))] == ["http://a.example/one"]


def test_files_that_were_joined_are_read_to_the_end() -> None:
    more = pcap([FRAME.replace(b"/one", b"/two").replace(b"\xc3\x50", b"\xc3\x51")], link=1)

    assert [item.url for item in exchanges(pcap([ASKED]) + more)] == [
        "http://a.example/one",
        "http://a.example/two",
    ]


def test_pings_with_content_of_their_own_are_told_and_the_usual_ones_are_not() -> None:
    def told(kind: int, content: bytes) -> list[str]:
        return [gap.detail for gap in gaps(pcap([ip(1, bytes([kind]) + bytes(7) + content, up=True)]))]

    assert told(8, b"who@a.example") == told(0, b"who@a.example")
    assert told(8, b"who@a.example") == ["pings with content of their own, which is not read"]
    assert told(8, b"") == told(3, ASKED) == told(8, b"abcdefghijklmnopqrstuvwabcdefghi") == []
    assert (
        told(8, b"12345678" + bytes(range(8, 56)))
        == told(8, b"1234567890abcdef" + bytes(range(16, 56)))
        == []
    )
