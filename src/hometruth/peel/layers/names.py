"""International host names as they travel: Punycode labels (RFC 3492, RFC 5890)."""

import re
from typing import TYPE_CHECKING

from hometruth.peel.layers.layer import Opened, whole

if TYPE_CHECKING:
    from hometruth.peel.many.batch import Batch
    from hometruth.peel.many.flat import Mask

_LABEL = re.compile(rb"(?<![A-Za-z0-9\-])xn--([A-Za-z0-9\-]{1,59})(?![A-Za-z0-9\-])", re.IGNORECASE)


def unpunycode(data: bytes) -> Opened | None:
    """*data* with its ``xn--`` labels in letters; None if there are none."""
    if b"xn--" not in data and b"XN--" not in data:
        return None
    text = _LABEL.sub(_label, data)
    return whole(data, text) if text != data else None


def may_be_punycode(batch: "Batch") -> "Mask":
    """A label that says so."""
    return batch.holding(b"xn--", b"XN--")


def _label(match: re.Match[bytes]) -> bytes:
    try:
        return match[1].lower().decode("punycode").encode()
    except (UnicodeError, OverflowError, ValueError):
        return match[0]
