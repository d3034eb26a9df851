"""How the system's analytics put records on the wire: ``value``, ``ts``, ``nonce``, ``sign``.

``value`` is URL-safe base64 of ``{"H": {...}, "B": [{"H": {...}, "B": {...}}, ...]}``, gzipped first (with
``gzip=1``) if the JSON is long and shrinks well. Source: decompiled. The collector has a decoder of its own.
"""

import base64
import gzip
import hashlib
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any
from urllib.parse import urlencode

from hometruth.lab.apps.declare import NameSource
from hometruth.lab.oem.declared import SPOCK_SECRET, ChannelField
from hometruth.lab.sdk.wire import to_json

GZIP_ABOVE_CHARACTERS = 100_000
GZIP_BELOW_RATIO = 0.3
"""Both must hold. Source: decompiled."""
NONCE_BITS = 64

FORM = (
    ChannelField("value", "header and records, in base64", NameSource.DECOMPILED, NameSource.DECOMPILED),
    ChannelField("gzip", "1 if they are gzipped, else absent", NameSource.DECOMPILED, NameSource.DECOMPILED),
    ChannelField("ts", "time of sending, ms", NameSource.DECOMPILED, NameSource.INVENTED),
    ChannelField("nonce", "a random number", NameSource.DECOMPILED, NameSource.INVENTED),
    ChannelField(
        "sign", "MD5 of value, ts, nonce and a secret of the app", NameSource.DECOMPILED, NameSource.INVENTED
    ),
)
"""The form, in this order."""

HEADER = (
    ChannelField("o", "Build.PRODUCT: the phone's codename", NameSource.DECOMPILED, NameSource.DECOMPILED),
    ChannelField("e", "Build.DEVICE: likewise", NameSource.DECOMPILED, NameSource.DECOMPILED),
    ChannelField("cv", "version of the analytics app", NameSource.DECOMPILED, NameSource.DECOMPILED),
    ChannelField("p", "its package", NameSource.DECOMPILED, NameSource.DECOMPILED),
    ChannelField("y", "1", NameSource.DECOMPILED, NameSource.DECOMPILED),
    ChannelField("st", "time, ms", NameSource.DECOMPILED, NameSource.DECOMPILED),
    ChannelField("n", "kind of network", NameSource.DECOMPILED, NameSource.DECOMPILED),
    ChannelField("g", "an identifier: here the advertising id", NameSource.DECOMPILED, NameSource.INVENTED),
    ChannelField("a", "another one: here the IMEI", NameSource.DECOMPILED, NameSource.INVENTED),
    ChannelField("b", "a third: here the Android ID", NameSource.DECOMPILED, NameSource.INVENTED),
)
"""``H`` of a request. ``a`` and ``b`` are there if ``g`` is empty or a flag is set; what sets it was not
published, and here it always is. ``m``, ``h``, ``x``, ``d``, ``l``, ``r``, ``u`` exist as well; what they
hold was not found out, so they are left out."""


def encode(
    header: Mapping[str, str], records: Sequence[Mapping[str, Any]], *, now_ms: int, rng: Random
) -> bytes:
    """The body of one request."""
    text = to_json({"H": header, "B": records})
    data = text.encode("utf-8", "surrogatepass")
    fields = {}
    if len(text) > GZIP_ABOVE_CHARACTERS:
        packed = gzip.compress(data, mtime=0)
        if len(packed) / len(data) < GZIP_BELOW_RATIO:
            data, fields = packed, {"gzip": "1"}
    value, nonce = base64.urlsafe_b64encode(data).decode("ascii"), str(rng.getrandbits(NONCE_BITS))
    sign = hashlib.md5(f"{value}{now_ms}{nonce}{SPOCK_SECRET}".encode()).hexdigest()
    return urlencode({"value": value, **fields, "ts": now_ms, "nonce": nonce, "sign": sign}).encode("ascii")
