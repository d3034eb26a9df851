"""Bytes that JavaScript carried as text: each a character up to U+00FF (ECMA-262, `String.fromCharCode`), so
that every byte above 127 became two. Text that was read as Latin-1 and written as UTF-8 again is the same.
"""

from typing import TYPE_CHECKING

from hometruth.peel.layers.layer import Opened, whole
from hometruth.peel.layers.veiled import is_packed
from hometruth.peel.many.kinds import HIGH

if TYPE_CHECKING:
    from hometruth.peel.many.batch import Batch
    from hometruth.peel.many.flat import Mask

SHORTEST_MASKED = 16
"""Characters."""
_HIGH_BYTES = bytes(range(0x80, 0x100))
_LEADS = b"\xc2\xc3"
"""What characters from U+0080 to U+00FF begin with in UTF-8."""


def unlatin1(data: bytes) -> Opened | None:
    """Characters as bytes; None unless these are compressed, UTF-8 of their own, or no language."""
    if data.isascii():
        return None
    try:
        raw = data.decode("utf-8").encode("latin-1")
    except UnicodeError:
        return None
    if is_packed(raw) or _is_no_language(raw):
        return whole(data, raw)
    # Other text may be meant as it stands.
    return whole(data, raw)._replace(perhaps=True) if _is_utf8(raw) else None


def may_be_latin1(batch: "Batch") -> "Mask":
    """Characters beyond ASCII, in UTF-8."""
    return batch.with_any(HIGH) & batch.holding(*(bytes([lead]) for lead in _LEADS)) & batch.utf8


def _is_no_language(raw: bytes) -> bool:
    """True for letters with marks, and signs, as no text has them: bytes that were masked, or encrypted."""
    high = len(raw) - len(raw.translate(None, _HIGH_BYTES))
    return len(raw) >= SHORTEST_MASKED and 10 * high >= 9 * len(raw) and not _is_utf8(raw)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
