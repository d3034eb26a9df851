"""What is fuzzed: one function for each parser, from bytes to nothing. Only our own errors may come out."""

import io
from collections import deque
from collections.abc import Callable
from typing import BinaryIO, cast

from fuzz.files import FILES, Target
from hometruth.capture import READERS
from hometruth.capture.proxy.client_hello import offered_versions
from hometruth.capture.reader import CaptureFile, Reader
from hometruth.claims.load import parse_claims
from hometruth.errors import HometruthError
from hometruth.experiment.plan import parse_plan
from hometruth.peel import LAYERS, Budget, peel_value
from hometruth.peel.layers import SPLITS, Context

BUDGET = Budget(output_bytes=1 << 20, pieces=5_000)
"""Small, so that the fuzzer tries much instead of unpacking one bomb."""
FAMILIES: dict[str, tuple[str, ...]] = {
    "text": ("percent", "base64", "hex", "utf-16", "utf-32", "data-url", "jwt", "punycode"),
    "base-n": ("base32", "base32hex", "base45", "base58", "base62", "base85", "ascii85"),
    "coded-words": ("crockford", "z-base-32", "base36", "base10", "netbios"),
    "drawn-text": ("z85", "base91", "uuencode", "labels"),
    "escapes": ("html-entities", "quoted-printable", "javascript", "byte-list"),
    "compression": ("gzip", "zlib", "deflate", "brotli", "zstd", "bzip2", "xz", "lz4", "snappy", "compress"),
    "archives": ("zip", "7z", "avro"),
    "veiled": ("latin-1", "xor", "rot", "reverse"),
    "lz-string": ("lz-string",),
    "json": ("json",),
    "binary": ("protobuf", "grpc", "delimited", "msgpack", "cbor", "plist", "dns", "embedded"),
    "markup": ("xml", "graphql"),
    "containers": ("form", "multipart", "url", "query", "cookie", "target", "path"),
    "framing": ("records", "socketio", "stomp"),
}
"""Layers by the kind of format."""


def _layers(names: tuple[str, ...]) -> Target:
    layers = [layer for layer in (*LAYERS, *SPLITS.values()) if layer.name in names]
    assert len(layers) >= len(names), names

    def target(data: bytes) -> None:
        for layer in layers:
            opened = layer.open(data, Context(room_bytes=1 << 18, room_pieces=1_000))
            for piece in opened.pieces if opened else ():
                assert 0 <= piece.start <= piece.end <= len(data), (layer.name, piece)

    return target


def _peel(data: bytes) -> None:
    """All layers inside each other."""
    peeled = peel_value(data, budget=BUDGET)
    assert 0 <= peeled.opaque_bytes <= len(data)
    assert sum(len(value.data) for value in peeled.values[1:]) <= BUDGET.output_bytes


def _reader(reader: Reader) -> Target:
    """One reader of captures, whatever the bytes begin with."""
    return lambda data: void(
        deque(reader.read(CaptureFile("fuzz", lambda: cast(BinaryIO, io.BytesIO(data)))), maxlen=0)
    )


def _text(read: Callable[[str], object]) -> Target:
    """A reader of text."""
    return lambda data: void(read(data.decode("utf-8", "replace")))


def void(_: object) -> None:
    """Nothing: what a target gives back."""


TARGETS: dict[str, Target] = {
    **{reader.name.split()[0].lower(): _reader(reader) for reader in READERS},
    "peel": _peel,
    **{f"layers-{name}": _layers(names) for name, names in FAMILIES.items()},
    "claims": _text(lambda text: parse_claims(text, "fuzz.toml")),
    "plan": _text(lambda text: parse_plan(text, "fuzz.toml")),
    "client-hello": lambda data: void(offered_versions(data)),
    **FILES,
}
"""By name."""


def run_one(name: str, data: bytes) -> None:
    """One input through one target; what our own errors say is fine.

    Raises:
        Exception: Anything else, which is a defect.
    """
    try:
        TARGETS[name](data)
    except HometruthError:
        return
