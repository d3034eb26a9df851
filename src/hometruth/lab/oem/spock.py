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

from hometruth.lab.apps.declare import Basis
from hometruth.lab.oem.channel_field import Field
from hometruth.lab.oem.registrations import SPOCK_SECRET
from hometruth.lab.sdk.wire import to_json

GZIP_ABOVE_CHARACTERS = 100_000
GZIP_BELOW_RATIO = 0.3
"""Both must hold. Source: decompiled."""
NONCE_BITS = 64

FORM = (
    Field("value", "header and records, in base64", Basis.DECOMPILED, Basis.DECOMPILED),
    Field("gzip", "1 if they are gzipped, else absent", Basis.DECOMPILED, Basis.DECOMPILED),
    Field("ts", "time of sending, ms", Basis.DECOMPILED, Basis.INVENTED),
    Field("nonce", "a random number", Basis.DECOMPILED, Basis.INVENTED),
    Field("sign", "MD5 of value, ts, nonce and a secret of the app", Basis.DECOMPILED, Basis.INVENTED),
)
"""The form, in this order."""

HEADER = (
    Field("o", "Build.PRODUCT: the phone's codename", Basis.DECOMPILED, Basis.DECOMPILED),
    Field("e", "Build.DEVICE: likewise", Basis.DECOMPILED, Basis.DECOMPILED),
    Field("cv", "version of the analytics app", Basis.DECOMPILED, Basis.DECOMPILED),
    Field("p", "its package", Basis.DECOMPILED, Basis.DECOMPILED),
    Field("y", "1", Basis.DECOMPILED, Basis.DECOMPILED),
    Field("st", "time, ms", Basis.DECOMPILED, Basis.DECOMPILED),
    Field("n", "kind of network", Basis.DECOMPILED, Basis.DECOMPILED),
    Field("g", "an identifier: here the advertising id", Basis.DECOMPILED, Basis.INVENTED),
    Field("a", "another one: here the IMEI", Basis.DECOMPILED, Basis.INVENTED),
    Field("b", "a third: here the Android ID", Basis.DECOMPILED, Basis.INVENTED),
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
