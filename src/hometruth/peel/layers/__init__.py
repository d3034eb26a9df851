"""Every format that peel knows, in one visible list. A new one is a function and a line."""

from hometruth.peel.layers.base_n import (
    unascii85,
    unbase32,
    unbase32hex,
    unbase45,
    unbase58,
    unbase62,
    unbase85,
)
from hometruth.peel.layers.cbor import uncbor
from hometruth.peel.layers.compression import gunzip, inflate, inflate_raw, unbrotli, unzstd
from hometruth.peel.layers.containers import (
    split_cookie,
    split_path,
    split_query,
    split_target,
    unform,
    unmultipart,
    unurl,
)
from hometruth.peel.layers.dns import undns
from hometruth.peel.layers.embedded import unembedded
from hometruth.peel.layers.escapes import unbyte_list, unentity, unjavascript, unquoted_printable
from hometruth.peel.layers.framing import unrecords, unsocketio, unstomp
from hometruth.peel.layers.json_text import unjson
from hometruth.peel.layers.layer import Context, Layer, Opened, Piece, whole
from hometruth.peel.layers.lz_string import unlz_string
from hometruth.peel.layers.lzw import uncompress
from hometruth.peel.layers.markup import ungraphql, unxml
from hometruth.peel.layers.msgpack import unmsgpack
from hometruth.peel.layers.names import unpunycode
from hometruth.peel.layers.plist import unplist
from hometruth.peel.layers.protobuf import undelimited, ungrpc, unprotobuf
from hometruth.peel.layers.rarer_compression import unbzip2, unlz4, unsnappy, unxz
from hometruth.peel.layers.text import unbase64, undata, unhex, unpercent, unutf16, unutf32
from hometruth.peel.layers.tokens import unjwt

__all__ = ["LAYERS", "SPLITS", "Context", "Layer", "Opened", "Piece", "whole"]

_SPACE = b" \t\r\n"
_BOM = b"\xef"
_LETTERS = bytes(range(0x41, 0x5B)) + bytes(range(0x61, 0x7B))
_DIGITS = bytes(range(0x30, 0x3A))

LAYERS: tuple[Layer, ...] = (
    # First: their signs are those of forms and percent escapes, and they prove themselves by what comes out.
    Layer("html-entities", unentity, text_only=True),
    Layer("base45", unbase45, text_only=True),
    Layer("base85", unbase85, text_only=True),
    Layer("ascii85", unascii85, text_only=True),
    Layer("quoted-printable", unquoted_printable, text_only=True),
    Layer("byte-list", unbyte_list, text_only=True, certain=True, starts=_DIGITS + b"[({-\\ABCDEFabcdef"),
    Layer("json", unjson, contextual=True, certain=True, starts=_SPACE + _BOM + b'{["'),
    Layer("multipart", unmultipart, certain=True, starts=_SPACE + b"-"),
    Layer("form", unform, certain=True, splits=True),
    Layer("gzip", gunzip, contextual=True, certain=True, codings=("gzip", "x-gzip"), starts=b"\x1f"),
    Layer(
        "zlib", inflate, contextual=True, certain=True, codings=("deflate",), starts=bytes(range(8, 256, 16))
    ),
    Layer("zstd", unzstd, contextual=True, certain=True, codings=("zstd",), starts=b"\x28"),
    Layer("bzip2", unbzip2, contextual=True, certain=True, codings=("bzip2",), starts=b"B"),
    Layer(
        "compress",
        uncompress,
        contextual=True,
        certain=True,
        codings=("compress", "x-compress"),
        starts=b"\x1f",
    ),
    Layer("xz", unxz, contextual=True, certain=True, codings=("xz", "lzma"), starts=b"\xfd\x5d"),
    Layer("plist", unplist, certain=True, starts=b"b"),
    Layer("utf-32", unutf32, certain=True),
    Layer("utf-16", unutf16, certain=True),
    Layer("dns", undns, certain=True),
    Layer("grpc", ungrpc, certain=True, starts=b"\x00\x01\x02\x80"),
    Layer("protobuf", unprotobuf),
    Layer("msgpack", unmsgpack, starts=bytes(range(0x80, 0xA0)) + b"\xdc\xdd\xde\xdf"),
    Layer("cbor", uncbor, guess=True, starts=bytes(range(0x80, 0xDC))),
    Layer("delimited", undelimited),
    Layer("lz4", unlz4, contextual=True, guess=True, codings=("lz4",)),
    Layer("snappy", unsnappy, contextual=True, guess=True, codings=("snappy",)),
    Layer("deflate", inflate_raw, contextual=True, guess=True, codings=("deflate",)),
    Layer("brotli", unbrotli, contextual=True, guess=True, codings=("br",)),
    Layer("embedded", unembedded, contextual=True, guess=True, splits=True),
    Layer("lz-string", unlz_string, contextual=True),
    Layer("data-url", undata, certain=True, starts=b"dD"),
    Layer("url", unurl, verbatim=True, splits=True, starts=_LETTERS),
    Layer("records", unrecords),
    Layer("socketio", unsocketio, starts=_DIGITS),
    Layer("stomp", unstomp, starts=_SPACE + _LETTERS),
    Layer("xml", unxml, text_only=True, starts=_SPACE + _BOM + b"<"),
    Layer("graphql", ungraphql, text_only=True, starts=_SPACE + b"{qmsf"),
    Layer("percent", unpercent, contextual=True, certain=True, beside=True),
    Layer("javascript", unjavascript, text_only=True),
    Layer("punycode", unpunycode, text_only=True),
    Layer("jwt", unjwt),
    Layer("hex", unhex),
    Layer("base64", unbase64),
    Layer("base32", unbase32, text_only=True),
    Layer("base32hex", unbase32hex, text_only=True),
    Layer("base58", unbase58, text_only=True),
    Layer("base62", unbase62, text_only=True),
)
"""Order: what proves itself, what is certain, what is guessed; of equal explanations the first counts."""

SPLITS: dict[str, Layer] = {
    "query": Layer("query", split_query, certain=True, splits=True),
    "cookie": Layer("cookie", split_cookie, certain=True, splits=True),
    "target": Layer("target", split_target, certain=True, splits=True),
    "path": Layer("path", split_path, splits=True),
}
"""How a part of a request falls into its fields, by what it is rather than what it looks like."""
