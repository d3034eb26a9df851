"""How a batch of events is put on the wire: the form body of Sensors Analytics.

In plain text ``crc=N&gzip=1&data_list=B`` with B = percent-encoded base64 of gzip of a JSON array. Encrypted,
``data_list`` is a JSON array of envelopes, not base64, and ``gzip`` is 9 (each event encrypted by itself) or
13 (all of them at once). Encryption came with SDK 4.2.0 in July 2020, so no SDK of the story's date had any.
The collector has its own decoder and shares nothing with this.
"""

import base64
import gzip
import json
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

_RESERVED = re.compile(rb"[^A-Za-z0-9_.~-]")
"""What is percent-encoded (RFC 3986): next to nothing of base64, which `quote` would take byte for byte."""
_UTF16 = "utf-16-le" if sys.byteorder == "little" else "utf-16-be"


UNPACKED, PLAIN, EVENT, TRANSPORT = "0", "1", "9", "13"
"""Values of the field ``gzip``."""


def java_hash(text: str) -> int:
    """Java's ``String.hashCode``: 31-based over UTF-16 units, wrapped to a signed 32-bit integer."""
    value = 0
    for unit in memoryview(text.encode(_UTF16, "surrogatepass")).cast("H"):
        value = (31 * value + unit) & 0xFFFFFFFF
    return value - 0x1_0000_0000 if value >= 0x8000_0000 else value


def to_json(event: Any) -> str:
    """JSON as the SDK writes it: no spaces, keys in insertion order, text unescaped where JSON allows it."""
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False)


def encode_form(events: Sequence[dict[str, Any]]) -> bytes:
    """The body of one upload in plain text."""
    packed = gzip.compress(to_json(events).encode("utf-8", "surrogatepass"), compresslevel=6, mtime=0)
    return _form(PLAIN, base64.b64encode(packed).decode("ascii"))


def encode_unpacked(events: Sequence[dict[str, Any]]) -> bytes:
    """The same without compression and check, whose sizes depend on what is said."""
    data_list = base64.b64encode(to_json(events).encode()).decode("ascii")
    return f"gzip={UNPACKED}&data_list={quote(data_list, safe='/+')}".encode("ascii")


def encode_events(sealed: Sequence[Mapping[str, Any]], flush_ms: int) -> bytes:
    """The body of one upload of events that were encrypted one by one, grouped by the key they are under."""
    payloads: dict[tuple[str, int], list[str]] = {}
    for item in sealed:
        payloads.setdefault((item["ekey"], item["pkv"]), []).append(item["payloads"])
    envelopes = [
        {"ekey": ekey, "pkv": pkv, "payloads": several, "flush_time": flush_ms}
        for (ekey, pkv), several in payloads.items()
    ]
    return _form(EVENT, to_json(envelopes))


def encode_transport(sealed: Mapping[str, Any], flush_ms: int) -> bytes:
    """The body of one upload whose whole array of events was encrypted at once."""
    return _form(TRANSPORT, to_json([{**sealed, "flush_time": flush_ms}]))


def _form(framing: str, data_list: str) -> bytes:
    quoted = _RESERVED.sub(lambda found: b"%%%02X" % found[0][0], data_list.encode())
    return f"crc={java_hash(data_list)}&gzip={framing}&data_list=".encode("ascii") + quoted
