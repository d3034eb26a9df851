"""All families of wrapping, as lists. The names in the chains are explained in README.md."""

import base64
import zlib
from random import Random

from benchmarks.corpus.digest_families import DIGEST_FAMILIES, EMAIL_FAMILIES, SALT_FAMILIES
from benchmarks.corpus.encoders import bases, binary, compression, disguises, lz_string, text
from benchmarks.corpus.further_digests import FURTHER_DIGESTS
from benchmarks.corpus.places_and_words import OTHER_BYTES, PLACES, WORDS
from benchmarks.corpus.spellings import ADDRESSES, DEVICES, EMAILS, TELEPHONES, spelt
from benchmarks.corpus.wrapping import Family, Spelling, Step, step

PERCENT = step("percent", text.percent)
BASE64 = step("base64", base64.b64encode)
BASE64_URL = step("base64", bases.base64_url)
HEX = step("hex", lambda data: data.hex().encode())
JSON = step("json", text.json_in_json)
GZIP = step("gzip", compression.gzip, gives_bytes=True)
ZLIB = step("zlib", zlib.compress, gives_bytes=True)
DEFLATE = step("deflate", compression.deflate, gives_bytes=True)
BROTLI = step("brotli", compression.brotli, gives_bytes=True)
ZSTD = step("zstd", compression.zstd, gives_bytes=True)
PROTOBUF = step("protobuf", binary.protobuf, gives_bytes=True)
UTF16_LE = step("utf-16", lambda data: data.decode().encode("utf-16-le"), gives_bytes=True)
UTF16_BE = step("utf-16", lambda data: data.decode().encode("utf-16-be"), gives_bytes=True)

TEXT_FAMILIES = (
    Family("plain"),
    Family("percent-1", (PERCENT,), carrier="body"),
    Family("percent-2", (PERCENT,) * 2, carrier="body"),
    Family("percent-3", (PERCENT,) * 3, carrier="body"),
    Family("percent-every-byte", (step("percent", text.percent_every_byte),), carrier="body"),
    Family("base64", (BASE64,)),
    Family("base64-url-safe", (BASE64_URL,)),
    Family("base64-unpadded", (step("base64", bases.base64_bare),)),
    Family("base64-lines", (step("base64", bases.base64_in_lines),)),
    Family("base64-embedded", (step("base64", bases.base64_embedded),)),
    Family("hex", (HEX,)),
    Family("base32", (step("base32", base64.b32encode),)),
    Family("base58", (step("base58", bases.base58),)),
    Family("base85", (step("base85", base64.b85encode),)),
    Family("html-named", (step("html", text.html_named),), carrier="body", canaries="url"),
    Family("html-numeric", (step("html", text.html_numeric),)),
    Family("json-1", (JSON,), carrier="body"),
    Family("json-2", (JSON,) * 2, carrier="body"),
    Family("json-3", (JSON,) * 3, carrier="body"),
    Family("json-4", (JSON,) * 4, carrier="body"),
    Family("json-unicode", (step("json", text.json_unicode),), carrier="body"),
    Family("json-slashes", (step("json", text.json_slashes),), carrier="body"),
    Family("graphql", (step("json", text.graphql),), carrier="body"),
    Family("jwt", (step("jwt json", text.jwt),)),
    Family("url-in-url", (PERCENT, step("url", text.in_query))),
    Family("utf-16-le", (UTF16_LE,)),
    Family("utf-16-be", (UTF16_BE,)),
)
BINARY_FAMILIES = (
    Family("gzip", (JSON, GZIP)),
    Family("zlib", (JSON, ZLIB)),
    Family("deflate", (JSON, DEFLATE)),
    Family("brotli", (JSON, BROTLI)),
    Family("zstd", (JSON, ZSTD)),
    Family("lz4", (JSON, step("lz4", compression.lz4, gives_bytes=True))),
    Family("snappy", (JSON, step("snappy", compression.snappy, gives_bytes=True))),
    Family("content-encoding-gzip", (JSON, GZIP), carrier="coded-gzip"),
    Family("content-encoding-deflate", (JSON, ZLIB), carrier="coded-deflate"),
    Family("content-encoding-br", (JSON, BROTLI), carrier="coded-br"),
    Family("content-encoding-zstd", (JSON, ZSTD), carrier="coded-zstd"),
    Family("lz-string-base64", (step("lz-string", lz_string.to_base64),)),
    Family("lz-string-uri", (step("lz-string", lz_string.to_uri),)),
    Family("lz-string-utf16", (step("lz-string", lz_string.to_utf16),), carrier="body"),
    Family("protobuf", (PROTOBUF,)),
    Family("grpc", (step("grpc protobuf", binary.grpc, gives_bytes=True),), carrier="body"),
    Family("messagepack", (step("messagepack", binary.messagepack, gives_bytes=True),)),
    Family("cbor", (step("cbor", binary.cbor, gives_bytes=True),)),
)
PLACE_FAMILIES = (
    Family("multipart", carrier="multipart"),
    Family("cookie", carrier="cookie"),
    Family("header", carrier="header"),
    Family("path", carrier="path"),
    Family("host-label", spelling=Spelling("plain", text.label), carrier="host"),
    Family("idna-host", (step("idna", text.idna),), carrier="host-name", canaries="idn"),
    Family("websocket", (JSON,), carrier="message"),
    Family("sensors-get", (JSON, BASE64), carrier="sensors-get"),
    Family("sensors-post", (JSON, GZIP, BASE64), carrier="sensors-post"),
)
DISGUISE_FAMILIES = (
    Family("rot-13", (Step(("rot",), disguises.rot13, disguise=True),)),
    Family("rot-n", (Step(("rot",), disguises.rot_n, disguise=True),)),
    Family("xor", (Step(("xor",), disguises.xor, gives_bytes=True),)),
    Family("reversed", (step("reversed", lambda data: data[::-1], disguise=True),)),
    Family("letter-map", (Step(("map",), disguises.letter_map, disguise=True),)),
    Family("upper-case", spelling=Spelling("plain", text.in_upper_case)),
    Family("lower-case", spelling=Spelling("plain", text.in_lower_case)),
)
DEPTH_FAMILIES = tuple(Family(f"depth-{n}", depth=n) for n in range(2, 7))
BEYOND_FAMILIES = (
    Family("base45", (step("base45", bases.base45),), beyond=True),
    Family("base62", (step("base62", bases.base62),), beyond=True),
    Family("ascii85", (step("base85", base64.a85encode),), beyond=True),
    Family(
        "quoted-printable", (step("quoted-printable", text.quoted_printable),), carrier="body", beyond=True
    ),
    Family("javascript", (step("javascript", text.javascript),), carrier="body", beyond=True),
    Family("ndjson", (step("json", text.ndjson),), carrier="body", beyond=True),
    Family("xml", (step("xml", text.xml),), carrier="body", beyond=True),
    Family("data-url", (step("data-url", text.data_url),), beyond=True),
    Family("byte-list", (step("json byte-list", text.byte_list),), carrier="body", beyond=True),
    Family("utf-32", (step("utf-32", text.utf_32, gives_bytes=True),), beyond=True),
    Family("bzip2", (JSON, step("bzip2", compression.bzip2, gives_bytes=True)), beyond=True),
    Family("xz", (JSON, step("xz", compression.xz, gives_bytes=True)), beyond=True),
    Family("lzma", (JSON, step("lzma", compression.lzma_alone, gives_bytes=True)), beyond=True),
    Family("snappy-framed", (JSON, step("snappy", compression.snappy_framed, gives_bytes=True)), beyond=True),
    Family("lz-string-bytes", (step("lz-string", lz_string.to_bytes, gives_bytes=True),), beyond=True),
    Family("plist-binary", (step("plist", binary.plist_binary, gives_bytes=True),), beyond=True),
    Family("plist-xml", (step("xml", binary.plist_xml),), carrier="body", beyond=True),
    Family("socket-io", (step("socket.io json", text.socket_io),), carrier="message", beyond=True),
    Family("signalr", (step("json", text.signalr),), carrier="message", beyond=True),
    Family("protobuf-gzip-json", (JSON, GZIP, PROTOBUF), beyond=True),
)
SPLIT_FAMILIES = (
    Family("split-host-and-path", carrier="host-and-path", canaries="url", beyond=True),
    Family("split-two-fields", carrier="two-fields", canaries="url", beyond=True),
    Family("split-chunks", carrier="in-chunks", canaries="url", beyond=True),
    Family("split-email-chunks", carrier="in-chunks", canaries="email", beyond=True),
    Family("split-messages", (JSON, GZIP), carrier="message-chunks", beyond=True),
    Family("stomp", (step("stomp json", text.stomp),), carrier="message", beyond=True),
    Family(
        "dns-over-https",
        (step("idna", text.idna), step("dns", binary.dns_query, gives_bytes=True)),
        carrier="body",
        canaries="idn",
        beyond=True,
    ),
    Family(
        "gzip-behind-a-header",
        (JSON, GZIP, step("embedded", binary.behind_a_header, gives_bytes=True)),
        carrier="body",
        beyond=True,
    ),
)
FOUND_LATER = (
    Family("base10", (step("base10", bases.base10),), beyond=True),
    Family("base36", (step("base36", bases.base36),), beyond=True),
    Family("base91", (step("base91", bases.base91),), beyond=True),
    Family("z85", (step("z85", bases.z85),), beyond=True),
    Family("base32-hex", (step("base32hex", bases.base32_hex),), beyond=True),
    Family("crockford", (step("crockford", bases.crockford),), beyond=True),
    Family("z-base-32", (step("z-base-32", bases.z_base_32),), beyond=True),
    Family("base64-digits-first", (step("base64", bases.base64_digits_first),), beyond=True),
    Family("uuencode", (step("uuencode", bases.uuencoded),), carrier="body", beyond=True),
    Family("netbios", (step("netbios", bases.netbios),), beyond=True),
    Family("hex-with-colons", (step("byte-list", bases.hex_with_colons),), beyond=True),
    Family("octal", (step("javascript", text.octal),), carrier="body", beyond=True),
    Family("percent-u", (step("percent", text.percent_u),), carrier="body", beyond=True),
    Family("compress", (JSON, step("compress", compression.compress, gives_bytes=True)), beyond=True),
    Family("zip", (JSON, step("zip", compression.zip_archive, gives_bytes=True)), beyond=True),
    Family("7z", (JSON, step("7z", compression.seven_zip, gives_bytes=True)), beyond=True),
    Family("avro", (step("avro", binary.avro, gives_bytes=True),), beyond=True),
    Family(
        "binary-string", (JSON, GZIP, step("latin-1", text.binary_string)), carrier="document", beyond=True
    ),
    Family(
        "counted-object",
        (JSON, GZIP, step("json byte-list", text.counted_object)),
        carrier="body",
        beyond=True,
    ),
    Family(
        "base64-in-letters",
        (JSON, GZIP, step("json base64", text.base64_letters)),
        carrier="body",
        beyond=True,
    ),
    Family("letters", (step("json", text.letters),), carrier="body", beyond=True),
    Family("xor-over-gzip", (JSON, GZIP, Step(("xor",), disguises.xor, gives_bytes=True)), beyond=True),
    Family(
        "xor-long-key",
        (JSON, Step(("xor",), disguises.xor_long, gives_bytes=True)),
        carrier="body",
        canaries="url",
        beyond=True,
    ),
    Family("rot-13-over-base64", (BASE64, Step(("rot",), disguises.rot13, disguise=True)), beyond=True),
    Family(
        "reversed-base64", (BASE64, step("reversed", lambda data: data[::-1], disguise=True)), beyond=True
    ),
)
"""Reported from the wild after the others, and not opened then."""
MORE_WRAPPINGS = (
    Family(
        "base64-other-orders",
        (Step(("base64",), bases.base64_in_another_order),),
        canaries=("url", "link", "search", "email", "gaid", "idfa"),
        beyond=True,
    ),
    Family(
        "base64-behind-characters",
        (JSON, Step(("base64",), bases.base64_behind_characters)),
        beyond=True,
    ),
    Family("base62-lower-first", (step("base62", bases.base62_lower_first),), beyond=True),
    Family("crockford-number", (step("crockford", bases.crockford_number),), beyond=True),
    Family("hex-otherwise", (Step(("byte-list",), bases.hex_otherwise),), beyond=True),
    Family("numbers", (Step(("byte-list",), bases.numbers),), beyond=True),
    Family(
        "xor-longest-key",
        (JSON, Step(("xor",), disguises.xor_longest, gives_bytes=True)),
        carrier="body",
        canaries=("url", "link", "gaid", "idfa"),
        beyond=True,
    ),
    Family("added", (Step(("add",), disguises.added, gives_bytes=True),), beyond=True),
    Family(
        "rolling",
        (JSON, Step(("rolling",), disguises.rolling, gives_bytes=True)),
        carrier="body",
        canaries=("url", "link", "gaid", "idfa", "search-en", "email"),
        beyond=True,
    ),
    Family("letter-map-inverse", (Step(("map",), disguises.letter_map_inverse, disguise=True),), beyond=True),
    Family("atbash", (Step(("map",), disguises.atbash, disguise=True),), beyond=True),
    Family("rot-47", (Step(("map",), disguises.rot47, disguise=True),), beyond=True),
    Family(
        "code-units",
        (step("json byte-list", text.code_units),),
        carrier="body",
        canaries=tuple(f"search-{name}" for name in ("ru", "uk", "el", "he", "ar", "th", "zh", "ja", "ko")),
        beyond=True,
    ),
    Family("words", (JSON, Step(("json", "byte-list"), text.words)), carrier="body", beyond=True),
    Family(
        "masked-characters",
        (Step(("latin-1", "xor"), text.masked_characters),),
        carrier="document",
        canaries=("url", "link", "email", "gaid", "search-en"),
        beyond=True,
    ),
    Family(
        "tar-in-base85",
        (step("tar", binary.tar, gives_bytes=True), Step(("base85",), bases.base85_of_a_kind)),
        canaries=("url", "link"),
        beyond=True,
    ),
    Family("split-at-255", carrier="cut-at-255", canaries=("url", "link"), beyond=True),
    Family("growing", carrier="growing", beyond=True),
    Family("letter-fields", carrier="letter-fields", beyond=True),
    Family(
        "letters-joined",
        spellings=spelt(*(lambda v, sign=sign: sign.join(v) for sign in (",", ", ", ".", "-", " ", "|"))),
        canaries=("android-id", "openudid", "imei", "iccid"),
        beyond=True,
    ),
)
SPELLINGS = (*ADDRESSES, *EMAILS, *TELEPHONES, *DEVICES, *PLACES, *WORDS, *OTHER_BYTES)
FAMILIES = (
    *TEXT_FAMILIES,
    *BINARY_FAMILIES,
    *PLACE_FAMILIES,
    *DISGUISE_FAMILIES,
    *EMAIL_FAMILIES,
    *DIGEST_FAMILIES,
    *DEPTH_FAMILIES,
    *BEYOND_FAMILIES,
    *SPLIT_FAMILIES,
    *SALT_FAMILIES,
    *FOUND_LATER,
    *MORE_WRAPPINGS,
    *SPELLINGS,
    *FURTHER_DIGESTS,
)
"""In the order of the tables of results."""

_TEXT_TO_TEXT = (JSON, PERCENT, BASE64)
_TO_BYTES = (GZIP, ZLIB, DEFLATE, BROTLI, PROTOBUF)
_BYTES_TO_TEXT = (BASE64, BASE64_URL, HEX)


def draw_steps(n: int, rng: Random) -> tuple[Step, ...]:
    """That many steps in an order in which senders nest them; what comes out is text."""
    steps: list[Step] = []
    for left in range(n, 0, -1):
        if steps and steps[-1].gives_bytes:
            steps.append(rng.choice(_BYTES_TO_TEXT))
        else:
            steps.append(rng.choice(_TEXT_TO_TEXT if left == 1 else _TEXT_TO_TEXT + _TO_BYTES))
    return tuple(steps)
