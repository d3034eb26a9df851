"""Bytes made to cost: quadratic texts, millions of pieces, everything at once."""

import bz2
import gc
import gzip
import json
import lzma
import time
import zlib
from collections.abc import Callable
from functools import cache

import cramjam
import pytest

from hometruth.errors import DEBUG
from hometruth.model import GapKind
from hometruth.peel import Budget, peel_value
from hometruth.peel.budget import TICKS, Meter
from hometruth.peel.layers import LAYERS, SPLITS, Context, Gives, Layer, whole
from hometruth.peel.layers.layer import MAX_PIECES
from tests.peel.binary import varint
from tests.peel.quine import gzip_quine

SIZE = 320_000
LESS = 8
"""Times less, to see how the cost grows."""
HOSTILE = {
    "tokens begun and never ended": b"eyJ" * (SIZE // 3),
    "boundaries": b"--x\r\n" * (SIZE // 5),
    "empty lines": b"--x\r\n" + b"\r\n" * (SIZE // 2),
    "spaces": b" " * SIZE,
    "fields": b"a=&" * (SIZE // 3),
    "bare fields": b"a=b" + b"&a" * (SIZE // 2),
    "segments": b"/a" * (SIZE // 2),
    "URL of segments": b"https://h" + b"/a" * (SIZE // 2),
    "percent signs": b"%" * SIZE,
    "escapes": b"%25" * (SIZE // 3),
    "backslashes": b'["' + b"\\" * SIZE + b'"]',
    "quotes": b'["' * (SIZE // 2),
    "open brackets": b"[" * SIZE,
    "documents": b"[]" * (SIZE // 2),
    "commas": b"[" + b"," * SIZE,
    "digits": b"[" + b"1" * SIZE,
    "base64": b"A" * SIZE,
    "short lines of base64": b"AAAA\n" * (SIZE // 5),
    "hex": b"a1" * (SIZE // 2),
    "runs": (b"A" * 20 + b" ") * (SIZE // 21),
    "hyphens in runs": b"A+-/_" * (SIZE // 5),
    "zeros": bytes(SIZE),
    "equals signs": b"=" * SIZE,
    "data URL": b"data:" * (SIZE // 5),
    "tokens with dots": b"eyJa.eyJa.a." * (SIZE // 12),
    "tokens with many dots": b"eyJ" + b"a." * (SIZE // 2),
    "zlib beginnings": b"\x00" + b"\x78\x9c" * (SIZE // 2),
    "gzip beginnings": b"\x00" + b"\x1f\x8b\x08\x00" * (SIZE // 4),
    "labels of names": b"\x00\x00\x01\x00\x00\x01" + bytes(6) + b"\x01a" * (SIZE // 2),
    "form feeds and ampersands": b"a=b&;" * (SIZE // 5),
    "almost entities": b"&#" * (SIZE // 2),
    "almost byte lists": b"1, " * (SIZE // 3),
    "soft line breaks": b"=\r\n" * (SIZE // 3),
    "comments": b"<!-" * (SIZE // 3),
    "braces and quotes": b'{"' * (SIZE // 2),
    "packets": b"42/" * (SIZE // 3),
    "STOMP headers": b"SEND\n" + b"a:b\n" * (SIZE // 4),
}


def nested(wrap: Callable[[bytes], bytes], times: int, data: bytes = b"core") -> bytes:
    for _ in range(times):
        data = wrap(data)
    return data


def zip_bomb(gigabytes: int) -> bytes:
    """Gzip of so many gigabytes of zeros: one compressed megabyte, again and again."""
    packer = zlib.compressobj(9, wbits=31)
    blocks = [packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2)]
    return blocks[0] + blocks[1] * (gigabytes << 10) + b"\x03\x00" + bytes(8)


BOMBS: dict[str, Callable[[], bytes]] = {
    "messages in messages": lambda: nested(lambda data: b"\x0a" + varint(len(data)) + data, 3000),
    "gRPC in gRPC": lambda: nested(lambda data: b"\0" + len(data).to_bytes(4) + data, 3000),
    "arrays in arrays (MessagePack)": lambda: b"\x91" * 100_000,
    "arrays in arrays (CBOR)": lambda: b"\x9f" * 100_000,
    "lz4 in lz4": lambda: nested(lambda data: bytes(cramjam.lz4.compress(data)), 2, bytes(200 << 20)),
    "snappy in snappy": lambda: nested(
        lambda data: bytes(cramjam.snappy.compress(data)), 2, bytes(100 << 20)
    ),
    "xz": lambda: lzma.compress(bytes(200 << 20), preset=0),
    "bzip2": lambda: nested(bz2.compress, 2, bytes(50 << 20)),
    "base58, longer than is worth it": lambda: b"5Ka" * 100_000,
    "tags in tags": lambda: b"<a>" * 200_000,
    "10 GB of zeros in gzip": lambda: zip_bomb(10),
    "gzip behind a header": lambda: b"\x00head" + zip_bomb(1),
    "objects in objects": lambda: b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "lists in lists": lambda: b"[" * 100_000 + b"]" * 100_000,
    "JSON in JSON in JSON": lambda: nested(lambda data: json.dumps(data.decode()).encode(), 14),
    "gzip in gzip": lambda: nested(gzip.compress, 200),
    "a hundred members of gzip": lambda: gzip.compress(bytes(1 << 20), mtime=0) * 100,
}
"""How each is made: some take a second, and not every worker runs their tests."""


@cache
def bomb(name: str) -> bytes:
    return BOMBS[name]()


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_within_its_budget(name: str) -> None:
    budget = Budget(output_bytes=8 << 20)
    peeled = peel_value(bomb(name), budget=budget)

    assert sum(len(value.data) for value in peeled.values[1:]) <= budget.output_bytes
    assert max(len(value.steps) for value in peeled.values) <= budget.depth


def test_what_a_bomb_hides_is_a_gap() -> None:
    for name in (
        "messages in messages",
        "lz4 in lz4",
        "xz",
        "10 GB of zeros in gzip",
        "gzip behind a header",
        "objects in objects",
        "lists in lists",
        "gzip in gzip",
    ):
        gaps = peel_value(bomb(name), budget=Budget(output_bytes=8 << 20)).gaps

        assert GapKind.BUDGET in {gap.kind for gap in gaps}, name


@pytest.mark.parametrize("name", HOSTILE)
def test_no_layer_is_quadratic(name: str) -> None:
    """A quadratic one takes many minutes on so much; there is no need to look at the clock."""
    for layer in (*LAYERS, *SPLITS.values()):
        opened = layer.open(HOSTILE[name], Context(room_bytes=2 * SIZE, room_pieces=1000))

        assert opened is None or len(opened.pieces) <= MAX_PIECES


@pytest.mark.parametrize("name", HOSTILE)
def test_the_cost_of_peeling_it_grows_as_its_size_does(name: str) -> None:
    """In CPU time, one against the other: quadratic would be 64 times as much for 8 times the bytes."""
    data = HOSTILE[name][: SIZE // 2]
    less = min(cost_s(data[: len(data) // LESS]) for _ in range(2))

    assert any(cost_s(data) <= 3 * LESS * max(less, 0.002) for _ in range(3))


def cost_s(data: bytes) -> float:
    """Without the collection of garbage, whose cost is that of all that the process holds."""
    gc.collect()
    gc.disable()
    try:
        began_s = time.process_time()
        peel_value(data)
        return time.process_time() - began_s
    finally:
        gc.enable()


def test_what_unpacks_to_itself_is_looked_into_once() -> None:
    """As a gzip file can (Russ Cox, Zip Files All The Way Down, 2010)."""
    quine = Layer("quine", lambda data: whole(data, data), gives=Gives.CERTAIN)
    peeled = peel_value(b"itself", layers=(quine,))

    assert [value.data for value in peeled.values] == [b"itself"]


def test_what_unpacks_to_more_of_itself_ends_as_a_gap() -> None:
    growing = Layer("growing", lambda data: whole(data, data + b"!"), gives=Gives.CERTAIN)
    turning = Layer("turning", lambda data: whole(data, data[1:] + data[:1]), gives=Gives.CERTAIN)
    for layer in (growing, turning):
        peeled = peel_value(b"itself", layers=(layer,))
        assert len(peeled.values) == Budget().depth + 1
        assert [gap.kind for gap in peeled.gaps] == [GapKind.BUDGET]


def test_time_ends_it() -> None:
    now = iter(range(10_000))
    meter = Meter(Budget(time_s=3.0), clock=lambda: float(next(now)))
    taken = 0
    while meter.take(1):
        taken += 1

    assert taken < 5 * TICKS
    assert "this machine" in meter.reason


def test_what_is_unreadable_in_a_damaged_document_is_counted_once() -> None:
    items = ", ".join(str(byte) for byte in b"https://secret.test/?b=1").encode()
    noise = bytes([0xD7]) * 100
    peeled = peel_value(b'{"v": [' + items + b"]" + noise + b"}")

    assert len(noise) <= peeled.opaque_bytes <= len(noise) + 10


def test_a_gzip_file_that_unpacks_to_itself_ends_and_counts_as_unread() -> None:
    quine = gzip_quine()
    assert gzip.decompress(quine) == quine

    peeled = peel_value(quine)

    assert len(peeled.values) == 1
    assert peeled.opaque_bytes == len(quine)


def test_a_layer_that_fails_costs_what_it_met_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(data: bytes) -> None:
        if b"hostile" in data:
            raise ZeroDivisionError

    layers = (Layer("failing", failing), *LAYERS)
    data = json.dumps({"a": "hostile", "b": gzip.compress(b"seen all the same", mtime=0).hex()}).encode()
    with pytest.raises(ZeroDivisionError):
        peel_value(data, layers=layers)
    monkeypatch.delenv(DEBUG)
    peeled = peel_value(data, layers=layers)

    assert b"seen all the same" in [value.data for value in peeled.values]
    assert {(gap.kind, gap.where) for gap in peeled.gaps} == {
        (GapKind.DEFECT, "value"),
        (GapKind.DEFECT, "a"),
    }
