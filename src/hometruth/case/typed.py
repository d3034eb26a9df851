"""Files of a case, decoded as what they must be: one that somebody changed is an error with file and line."""

from pathlib import Path
from typing import TypeVar

import msgspec

from hometruth.errors import CaseError

T = TypeVar("T")


def decoded(data: bytes, kind: type[T], where: str) -> T:
    """*data*, JSON, as a *kind*.

    Raises:
        CaseError: If it is something else; names the place.
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as err:
        raise CaseError(f"{where}: not what a run writes: {err}") from err


def decoded_lines(path: Path, kind: type[T]) -> list[T]:
    """JSON Lines, one *kind* each; a last line cut by a kill does not count."""
    whole = path.read_bytes().split(b"\n")[:-1]
    return [decoded(line, kind, f"{path}: line {number}") for number, line in enumerate(whole, 1)]


def converted(table: object, kind: type[T], where: str) -> T:
    """*table*, as TOML gives it, as a *kind*.

    Raises:
        CaseError: If it is something else.
    """
    try:
        return msgspec.convert(table, kind)
    except (msgspec.MsgspecError, RecursionError) as err:
        raise CaseError(f"{where}: not what a run writes: {err}") from err
