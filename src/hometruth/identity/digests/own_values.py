"""The tester's own values, from a file: on a command line others could read them."""

from pathlib import Path

from hometruth.errors import CanaryError
from hometruth.handed_in import parse_toml, read_text
from hometruth.identity.digests.imei import own_imei
from hometruth.identity.digests.spellings import KINDS

MIN_LENGTH = 6
"""Characters; the digest of anything shorter says nothing."""


def load_own_values(path: Path) -> tuple[tuple[str, str], ...]:
    """Kinds and values from TOML: `imei = "…"`, or a list of several.

    Raises:
        CanaryError: If the file cannot be read, or a kind or value makes no sense; values are not repeated.
    """
    content = parse_toml(read_text(path, CanaryError), str(path), CanaryError)
    found = []
    for kind, given in content.items():
        if kind not in KINDS:
            raise CanaryError(f"{path}: {kind!r} is no kind of value (have: {', '.join(KINDS)})")
        for value in given if isinstance(given, list) else [given]:
            if not isinstance(value, str) or len(value.strip()) < MIN_LENGTH:
                raise CanaryError(f"{path}: {kind}: write it as text of at least {MIN_LENGTH} characters")
            found.append((kind, own_imei(value) if kind == "imei" else value))
    if not found:
        raise CanaryError(f'{path}: holds no values; write lines such as imei = "…"')
    return tuple(found)
