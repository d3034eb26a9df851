"""Sessions that were recorded first and labelled afterwards: what a person says of recordings they have."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import PurePosixPath

from msgspec import field

from hometruth.errors import PlanError
from hometruth.handed_in import Place, Table, Text, Texts
from hometruth.model import Condition

DRIVER = "recordings"
"""What a plan names as its driver where nothing is driven."""
SERIES = "labelled"
KEYS = frozenset({"id", "recording", "from", "until", "levels", "canaries", "installation", "series"})
NS_PER_S = 1_000_000_000


@dataclass(frozen=True, slots=True)
class LabelledSession:
    """One session, and where in which recording it is."""

    id: str
    recording: str
    """Relative to the plan; plain names only."""
    begins: str
    """A mark's label, or a time in ISO 8601; empty for the beginning of the recording."""
    ends: str
    """Likewise; empty for the next mark, or the recording's end where it begins at none."""
    condition: Condition
    canaries: tuple[str, ...]
    """Ids of canaries planted in it, beside those that were minted for it."""
    installation: str
    series: str


@dataclass(frozen=True, slots=True)
class Span:
    """A session's time in its recording: from the first moment on, and before the second; None is open."""

    session: str
    begins_ns: int | None
    ends_ns: int | None

    @property
    def is_whole(self) -> bool:
        """True if it is all of the recording."""
        return self.begins_ns is None and self.ends_ns is None

    def holds(self, at_ns: int | None) -> bool:
        """True for a moment in it; of what has no time, only a session that is the whole recording."""
        if at_ns is None:
            return self.is_whole
        return (self.begins_ns is None or at_ns >= self.begins_ns) and (
            self.ends_ns is None or at_ns < self.ends_ns
        )


class SessionTable(Table, frozen=True):
    """A row ``[[session]]`` as it is written down."""

    id: Text
    recording: Text
    begins: Text | None = field(default=None, name="from")
    until: Text | None = None
    levels: dict[str, str] = field(default_factory=dict)
    canaries: Texts = ()
    installation: Text = "as labelled"
    series: Text = SERIES


def labelled_session(row: SessionTable, place: Place) -> LabelledSession:
    """One session, checked for where it leads."""
    path = PurePosixPath(row.recording)
    if path.is_absolute() or ".." in path.parts or "\\" in row.recording or "\0" in row.recording:
        place.at("recording").fail(
            f"recording must be a name relative to this file, not {row.recording!r:.80}"
        )
    return LabelledSession(
        id=row.id,
        recording=str(path),
        begins=row.begins or "",
        ends=row.until or "",
        condition=Condition.of(row.levels),
        canaries=row.canaries,
        installation=row.installation,
        series=row.series,
    )


def spans_of(
    sessions: Sequence[LabelledSession], marks: Sequence[tuple[int, str]], recording: str
) -> tuple[Span, ...]:
    """When each session of one recording was, by its marks (nanoseconds, label) in order of time.

    Raises:
        PlanError: If a mark is not there, or there twice, or two sessions share a moment.
    """
    spans = [_span(session, marks, recording) for session in sessions]
    by_start = sorted(spans, key=lambda span: span.begins_ns or 0)
    for before, after in pairwise(by_start):
        if before.ends_ns is None or before.ends_ns > (after.begins_ns or 0):
            raise PlanError(
                f"{recording}: sessions {before.session} and {after.session} share some of its time; "
                "set `from` and `until` of both"
            )
    return tuple(spans)


def _span(session: LabelledSession, marks: Sequence[tuple[int, str]], recording: str) -> Span:
    where = f"session {session.id}"
    begins = _moment(session.begins, marks, recording, f"{where}: from") if session.begins else None
    if session.ends:
        ends: int | None = _moment(session.ends, marks, recording, f"{where}: until")
    else:
        ends = next((at for at, _ in marks if begins is not None and at > begins), None)
    if begins is not None and ends is not None and ends <= begins:
        raise PlanError(f"{where}: ends before it begins")
    return Span(session.id, begins, ends)


def _moment(text: str, marks: Sequence[tuple[int, str]], recording: str, where: str) -> int:
    found = [at for at, label in marks if label == text]
    if len(found) == 1:
        return found[0]
    if found:
        raise PlanError(f"{where}: {recording} has {len(found)} marks {text!r:.80}; give a time instead")
    try:
        time = datetime.fromisoformat(text)
    except ValueError as err:
        have = ", ".join(dict.fromkeys(label for _, label in marks)) or "none"
        raise PlanError(
            f"{where}: {text!r:.80} is no mark of {recording} (have: {have}) and no time "
            "such as 2020-05-04T10:00:00+02:00"
        ) from err
    if time.tzinfo is None:
        raise PlanError(f"{where}: {text!r} names no time zone; add one, such as +02:00")
    return int(time.timestamp() * NS_PER_S)
