"""The tester's own values, from a file: on a command line others could read them."""

from pathlib import Path
from typing import Annotated

from msgspec import Meta

from hometruth.errors import CanaryError
from hometruth.handed_in import Place, checked_toml, read_text
from hometruth.identity.digests.imei import own_imei
from hometruth.identity.digests.spellings import KINDS

MIN_LENGTH = 6
"""Characters; the digest of anything shorter says nothing."""
_Value = Annotated[str, Meta(min_length=MIN_LENGTH)]
_Values = dict[str, _Value | tuple[_Value, ...]]


def load_own_values(path: Path) -> tuple[tuple[str, str], ...]:
    """Kinds and values from TOML: `imei = "…"`, or a list of several.

    Raises:
        CanaryError: If the file cannot be read, or a kind or value makes no sense; values are not repeated.
    """
    content, place = checked_toml(read_text(path, CanaryError), str(path), _Values, CanaryError, secret=True)
    found = []
    for kind, given in content.items():
        at = place.at(kind)
        if kind not in KINDS:
            at.fail(f"{kind!r} is no kind of value (have: {', '.join(KINDS)})")
        for value in (given,) if isinstance(given, str) else given:
            if len(value.strip()) < MIN_LENGTH:
                at.fail(f"{kind} must be a text of at least {MIN_LENGTH} characters, blanks around it aside")
            found.append((kind, _imei(value, at) if kind == "imei" else value))
    if not found:
        place.fail('holds no values; write lines such as imei = "…"')
    return tuple(found)


def _imei(value: str, place: Place) -> str:
    try:
        return own_imei(value)
    except CanaryError as err:
        place.fail(str(err))
