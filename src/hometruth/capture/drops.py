"""What a recorder is known never to write down (``data/recorders.toml``), as gaps of its recordings.

Nobody can see in a recording what its recorder left out: left unsaid, it would look like innocence.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec

from hometruth.handed_in import bundled
from hometruth.model import Gap, GapKind


class Drop(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of thing that is never in recordings of a format, or by a recorder."""

    what: str
    source: str
    """Where anyone can read that."""
    format: str = ""
    recorder: str = ""


class _Drops(msgspec.Struct, forbid_unknown_fields=True):
    drop: list[Drop]


@cache
def known_drops() -> tuple[Drop, ...]:
    """All that are known."""
    return tuple(bundled("recorders.toml", _Drops).drop)


def drops_of(file: str, format_name: str, recorder: str) -> Iterator[Gap]:
    """A gap for each thing that recordings of this format, by this recorder, lack.

    Args:
        file: What to call the recording.
        format_name: Name of its reader.
        recorder: Recorder and version as the recording itself says; empty if it does not.
    """
    for drop in known_drops():
        if drop.format in ("", format_name) and (
            not drop.recorder or re.search(drop.recorder, recorder, re.IGNORECASE)
        ):
            yield never_recorded(file, f"{drop.what} ({drop.source})")


def never_recorded(file: str, what: str, **of: Any) -> Gap:
    """The gap of a recording from which its recorder left something out."""
    return Gap(GapKind.NEVER_RECORDED, file, what, **of)
