"""How a batch of events is put on the wire: the form body of Sensors Analytics, without encryption.

``crc=N&gzip=1&data_list=B`` with B = percent-encoded base64 of gzip of a JSON array. Encryption came with
SDK 4.2.0 in July 2020, so no SDK of the story's date had any. The collector has its own decoder and shares
nothing with this.
"""

import base64
import gzip
import json
import sys
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

_UTF16 = "utf-16-le" if sys.byteorder == "little" else "utf-16-be"


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
    """The body of one upload."""
    packed = gzip.compress(to_json(events).encode("utf-8", "surrogatepass"), compresslevel=6, mtime=0)
    data_list = base64.b64encode(packed).decode("ascii")
    return f"crc={java_hash(data_list)}&gzip=1&data_list={quote(data_list, safe='')}".encode("ascii")
