"""Every format that peel knows, in one visible list. A new one is a function and a line."""

from hometruth.peel.layers.archive import unzip
from hometruth.peel.layers.avro import AVRO_MAGIC, unavro
from hometruth.peel.layers.base_n import (
    base32_words,
    base32hex_words,
    base58_words,
    base62_words,
    may_be_ascii85,
    may_be_base45,
    may_be_base85,
    unascii85,
    unbase32,
    unbase32hex,
    unbase45,
    unbase58,
    unbase62,
    unbase85,
)
from hometruth.peel.layers.cbor import may_be_cbor, uncbor
from hometruth.peel.layers.code_points import may_be_latin1, unlatin1
from hometruth.peel.layers.coded_words import (
    base36_words,
    crockford_words,
    decimal_words,
    netbios_words,
    unbase36,
    uncrockford,
    undecimal,
    unnetbios,
    unzooko,
    zooko_words,
)
from hometruth.peel.layers.compression import (
    GZIP_MAGIC,
    ZSTD_MAGIC,
    gunzip,
    inflate,
    inflate_raw,
    may_be_brotli,
    may_be_deflate,
    may_be_zlib,
    unbrotli,
    unzstd,
)
from hometruth.peel.layers.containers import (
    may_be_form,
    may_be_multipart,
    may_be_url,
    split_cookie,
    split_path,
    split_query,
    split_target,
    unform,
    unmultipart,
    unurl,
)
from hometruth.peel.layers.dns import may_be_dns, undns
from hometruth.peel.layers.drawn_text import may_be_base91, may_be_z85, unbase91, unz85
from hometruth.peel.layers.embedded import may_embed, unembedded
from hometruth.peel.layers.escapes import (
    may_be_byte_list,
    may_be_entities,
    may_be_javascript,
    may_be_quoted_printable,
    unbyte_list,
    unentity,
    unjavascript,
    unquoted_printable,
)
from hometruth.peel.layers.framing import (
    may_be_records,
    may_be_socketio,
    may_be_stomp,
    unrecords,
    unsocketio,
    unstomp,
)
from hometruth.peel.layers.host_labels import may_be_labels, unlabels
from hometruth.peel.layers.json_text import may_be_json, unjson
from hometruth.peel.layers.layer import Context, Cuts, Gives, Layer, On, Opened, Piece, only_words, whole
from hometruth.peel.layers.lz_string import lz_string_words, may_be_lz_string, unlz_string
from hometruth.peel.layers.lzw import COMPRESS_MAGIC, uncompress
from hometruth.peel.layers.markup import may_be_graphql, may_be_xml, ungraphql, unxml
from hometruth.peel.layers.msgpack import may_be_msgpack, unmsgpack
from hometruth.peel.layers.names import may_be_punycode, unpunycode
from hometruth.peel.layers.plist import PLIST_MAGIC, unplist
from hometruth.peel.layers.protobuf import (
    may_be_delimited,
    may_be_grpc,
    may_be_protobuf,
    undelimited,
    ungrpc,
    unprotobuf,
)
from hometruth.peel.layers.rarer_compression import (
    BZIP2_MAGIC,
    XZ_MAGIC,
    may_be_lz4,
    may_be_snappy,
    unbzip2,
    unlz4,
    unsnappy,
    unxz,
)
from hometruth.peel.layers.seven_zip import SEVEN_ZIP_MAGIC, unseven
from hometruth.peel.layers.text import (
    base64_words,
    hex_words,
    may_be_base64,
    may_be_data,
    may_be_percent,
    may_be_utf16,
    may_be_utf32,
    unbase64,
    undata,
    unhex,
    unpercent,
    unutf16,
    unutf32,
)
from hometruth.peel.layers.tokens import may_be_jwt, unjwt
from hometruth.peel.layers.uuencode import may_be_uuencoded, unuuencode
from hometruth.peel.layers.veiled import (
    may_be_reversed_packed,
    may_be_rot_packed,
    may_be_xor_packed,
    unreverse_packed,
    unrot_packed,
    unxor_packed,
)
from hometruth.zip_archive import ZIP

__all__ = ["LAYERS", "SPLITS", "Context", "Cuts", "Gives", "Layer", "On", "Opened", "Piece", "whole"]

_SPACE = b" \t\r\n"
_BOM = b"\xef"
_LETTERS = bytes(range(0x41, 0x5B)) + bytes(range(0x61, 0x7B))
_DIGITS = bytes(range(0x30, 0x3A))
_ANY, _TEXT, _PACKED = On.ANY, On.TEXT, On.PACKED
_CERTAIN = Gives.CERTAIN

LAYERS: tuple[Layer, ...] = (
    # First: their signs are those of forms and percent escapes, and they prove themselves by what comes out.
    Layer("html-entities", unentity, on=_TEXT, may_open=may_be_entities),
    Layer("base45", unbase45, on=_TEXT, may_open=may_be_base45),
    Layer("base85", unbase85, on=_TEXT, may_open=may_be_base85),
    Layer("ascii85", unascii85, on=_TEXT, may_open=may_be_ascii85),
    Layer("z85", unz85, on=_TEXT, may_open=may_be_z85),
    Layer("base91", unbase91, on=_TEXT, may_open=may_be_base91),
    Layer("uuencode", unuuencode, on=_TEXT, may_open=may_be_uuencoded),
    Layer("quoted-printable", unquoted_printable, on=_TEXT, may_open=may_be_quoted_printable),
    Layer(
        "byte-list",
        unbyte_list,
        on=_TEXT,
        gives=_CERTAIN,
        starts=_DIGITS + b"[({-\\ABCDEFabcdef",
        may_open=may_be_byte_list,
    ),
    Layer(
        "json",
        unjson,
        contextual=True,
        gives=_CERTAIN,
        starts=_SPACE + _BOM + b'{["',
        may_open=may_be_json,
    ),
    Layer("multipart", unmultipart, gives=_CERTAIN, starts=_SPACE + b"-", may_open=may_be_multipart),
    Layer("form", unform, gives=_CERTAIN, cuts=Cuts.FIELDS, may_open=may_be_form),
    Layer("gzip", gunzip, contextual=True, gives=_CERTAIN, codings=("gzip", "x-gzip"), magic=(GZIP_MAGIC,)),
    Layer(
        "zlib",
        inflate,
        contextual=True,
        gives=_CERTAIN,
        codings=("deflate",),
        starts=bytes(range(8, 256, 16)),
        may_open=may_be_zlib,
    ),
    Layer("zstd", unzstd, contextual=True, gives=_CERTAIN, codings=("zstd",), magic=(ZSTD_MAGIC,)),
    Layer("bzip2", unbzip2, contextual=True, gives=_CERTAIN, codings=("bzip2",), magic=(BZIP2_MAGIC,)),
    Layer(
        "compress",
        uncompress,
        contextual=True,
        gives=_CERTAIN,
        codings=("compress", "x-compress"),
        magic=(COMPRESS_MAGIC,),
    ),
    Layer("zip", unzip, contextual=True, gives=_CERTAIN, magic=(ZIP,)),
    Layer("7z", unseven, contextual=True, gives=_CERTAIN, magic=(SEVEN_ZIP_MAGIC,)),
    Layer("avro", unavro, contextual=True, gives=_CERTAIN, magic=(AVRO_MAGIC,)),
    Layer("latin-1", unlatin1, gives=_CERTAIN, may_open=may_be_latin1),
    Layer("xor", unxor_packed, on=_PACKED, key_bits=8.0, may_open=may_be_xor_packed),
    Layer("rot", unrot_packed, on=_TEXT, key_bits=4.7, may_open=may_be_rot_packed),
    Layer("reverse", unreverse_packed, key_bits=1.0, may_open=may_be_reversed_packed),
    Layer("xz", unxz, contextual=True, gives=_CERTAIN, codings=("xz", "lzma"), magic=XZ_MAGIC),
    Layer("plist", unplist, gives=_CERTAIN, magic=(PLIST_MAGIC,)),
    Layer("utf-32", unutf32, gives=_CERTAIN, may_open=may_be_utf32),
    Layer("utf-16", unutf16, gives=_CERTAIN, may_open=may_be_utf16),
    Layer("dns", undns, gives=_CERTAIN, may_open=may_be_dns),
    Layer("grpc", ungrpc, gives=_CERTAIN, starts=b"\x00\x01\x02\x80", may_open=may_be_grpc),
    Layer("protobuf", unprotobuf, may_open=may_be_protobuf),
    Layer(
        "msgpack",
        unmsgpack,
        starts=bytes(range(0x80, 0xA0)) + b"\xdc\xdd\xde\xdf",
        may_open=may_be_msgpack,
    ),
    Layer("cbor", uncbor, on=_PACKED, starts=bytes(range(0x80, 0xDC)), may_open=may_be_cbor),
    Layer("delimited", undelimited, may_open=may_be_delimited),
    Layer("lz4", unlz4, contextual=True, on=_PACKED, codings=("lz4",), may_open=may_be_lz4),
    Layer("snappy", unsnappy, contextual=True, on=_PACKED, codings=("snappy",), may_open=may_be_snappy),
    Layer("deflate", inflate_raw, contextual=True, on=_PACKED, codings=("deflate",), may_open=may_be_deflate),
    Layer("brotli", unbrotli, contextual=True, on=_PACKED, codings=("br",), may_open=may_be_brotli),
    Layer("embedded", unembedded, contextual=True, on=_PACKED, cuts=Cuts.FIELDS, may_open=may_embed),
    Layer("lz-string", unlz_string, contextual=True, may_open=may_be_lz_string, words=lz_string_words),
    Layer("data-url", undata, gives=_CERTAIN, starts=b"dD", may_open=may_be_data),
    Layer("url", unurl, cuts=Cuts.VERBATIM, starts=_LETTERS, may_open=may_be_url),
    Layer("records", unrecords, may_open=may_be_records),
    Layer("socketio", unsocketio, starts=_DIGITS, may_open=may_be_socketio),
    Layer("stomp", unstomp, starts=_SPACE + _LETTERS, may_open=may_be_stomp),
    Layer("xml", unxml, on=_TEXT, starts=_SPACE + _BOM + b"<", may_open=may_be_xml),
    Layer("graphql", ungraphql, on=_TEXT, starts=_SPACE + b"{qmsf", may_open=may_be_graphql),
    Layer("percent", unpercent, contextual=True, gives=Gives.BESIDE, may_open=may_be_percent),
    Layer("javascript", unjavascript, on=_TEXT, may_open=may_be_javascript),
    Layer("punycode", unpunycode, on=_TEXT, may_open=may_be_punycode),
    Layer("labels", unlabels, on=_TEXT, cuts=Cuts.VERBATIM, may_open=may_be_labels),
    Layer("jwt", unjwt, may_open=may_be_jwt),
    Layer("hex", unhex, may_open=only_words, words=hex_words),
    Layer("base64", unbase64, may_open=may_be_base64, words=base64_words),
    Layer("base32", unbase32, on=_TEXT, may_open=only_words, words=base32_words),
    Layer("base32hex", unbase32hex, on=_TEXT, may_open=only_words, words=base32hex_words),
    Layer("base58", unbase58, on=_TEXT, may_open=only_words, words=base58_words),
    Layer("base62", unbase62, on=_TEXT, may_open=only_words, words=base62_words),
    Layer("crockford", uncrockford, on=_TEXT, may_open=only_words, words=crockford_words),
    Layer("z-base-32", unzooko, on=_TEXT, may_open=only_words, words=zooko_words),
    Layer("base36", unbase36, on=_TEXT, may_open=only_words, words=base36_words),
    Layer("base10", undecimal, on=_TEXT, may_open=only_words, words=decimal_words),
    Layer("netbios", unnetbios, on=_TEXT, may_open=only_words, words=netbios_words),
)
"""Order: what proves itself, what is certain, what is guessed; of equal explanations the first counts."""

SPLITS: dict[str, Layer] = {
    "query": Layer("query", split_query, gives=_CERTAIN, cuts=Cuts.FIELDS),
    "cookie": Layer("cookie", split_cookie, gives=_CERTAIN, cuts=Cuts.FIELDS),
    "target": Layer("target", split_target, gives=_CERTAIN, cuts=Cuts.FIELDS),
    "path": Layer("path", split_path, cuts=Cuts.FIELDS),
}
"""How a part of a request falls into its fields, by what it is rather than what it looks like."""
