"""Which recording is which: device and phase of each, from words on the command line, TOML, or a case."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from hometruth.errors import CaptureError, PlanError
from hometruth.handed_in import Table, Text, checked_toml, read_text
from hometruth.model.identifier import ComparisonKind, Phase, Session

_WORD = re.compile(r"(?P<device>[\w .-]+):(?P<phase>[a-z-]+)(?:@(?P<day>[0-9.]+))?=(?P<file>.+)", re.DOTALL)


class _WrittenCapture(Table, frozen=True):
    file: Text
    device: Text
    phase: Phase = Phase.BASE
    day: float | None = None
    app: str = ""


class _Captures(Table, frozen=True):
    capture: Annotated[tuple[_WrittenCapture, ...], Meta(min_length=1)]
    twins: bool = False
    installations: bool = False


@dataclass(frozen=True, slots=True)
class Labelled:
    """One recording, the session that it is of, and the app that was used."""

    path: Path
    session: Session
    app: str = ""


@dataclass(frozen=True, slots=True)
class _LabelledFile:
    path: Path
    device: str
    phase: Phase
    day: float | None
    app: str = ""


def label(
    words: Sequence[str], *, twins: bool = False, installations: bool = False
) -> tuple[list[Labelled], ComparisonKind]:
    """Recordings with their labels, and what their devices are to each other.

    Args:
        words: ``DEVICE:PHASE=FILE``, ``DEVICE:PHASE@DAY=FILE``, a file alone, or a ``.toml`` that lists them.

    Raises:
        PlanError: A label makes no sense.
        CaptureError: A file is missing.
    """
    rows: list[_LabelledFile] = []
    for word in words:
        if word.endswith(".toml"):
            more, says = _read_toml(Path(word))
            rows += more
            twins, installations = twins or says == "twins", installations or says == "installations"
        else:
            rows.append(_row_of_word(word))
    for row in rows:
        if not row.path.is_file():
            raise CaptureError(f"{row.path}: there is no such recording")
    devices = {row.device for row in rows}
    if len(devices) == 1 and Phase.FACTORY_RESET in {row.phase for row in rows[1:]}:
        return _numbered(_own_twin(rows)), ComparisonKind.TWINS
    if len(devices) == 1:
        if twins or installations:
            what = "twins need two devices" if twins else "installations are compared with one another"
            raise PlanError(f"{what}: label the recordings a:base=FILE b:base=FILE")
        return _numbered(rows), ComparisonKind.ALONE
    if installations:
        return _numbered(rows), ComparisonKind.INSTALLATIONS
    return _numbered(rows), ComparisonKind.TWINS if twins else ComparisonKind.MIXED


def _row_of_word(word: str) -> _LabelledFile:
    match = _WORD.fullmatch(word)
    if not match or (not match["phase"] and Path(word).exists()):
        return _LabelledFile(Path(word), "device", Phase.BASE, None)
    day = float(match["day"]) if match["day"] else None
    return _LabelledFile(Path(match["file"]), match["device"], _phase(match["phase"], word), day)


def _read_toml(path: Path) -> tuple[list[_LabelledFile], str]:
    """Its recordings, and what they are to each other: ``twins``, ``installations`` or empty."""
    table, place = checked_toml(read_text(path, PlanError), str(path), _Captures, PlanError)
    if table.twins and table.installations:
        place.fail("twins and installations exclude each other")
    rows = [
        _LabelledFile(path.parent / row.file, row.device, row.phase, row.day, row.app)
        for row in table.capture
    ]
    return rows, "twins" if table.twins else "installations" if table.installations else ""


def _phase(name: str, where: str) -> Phase:
    try:
        return Phase(name)
    except ValueError as err:
        raise PlanError(f"{where}: no phase {name!r}; choose from {', '.join(Phase)}") from err


def _own_twin(rows: Sequence[_LabelledFile]) -> list[_LabelledFile]:
    """A device before and after its factory reset is two: only what outlives the reset is then not seen."""
    twins = []
    resets = 0
    for row in rows:
        is_reset = row.phase is Phase.FACTORY_RESET
        resets += is_reset
        name = f"{row.device} before reset" if not resets else f"{row.device} after reset {resets}"
        twins.append(replace(row, device=name, phase=Phase.BASE if is_reset else row.phase))
    return twins


def _numbered(rows: Sequence[_LabelledFile]) -> list[Labelled]:
    orders: Counter[str] = Counter()
    labelled = []
    for row in rows:
        order = orders[row.device]
        orders[row.device] += 1
        session = Session(f"{row.device}/{order + 1}", row.device, row.phase, order, row.day)
        labelled.append(Labelled(row.path, session, row.app))
    return labelled
