"""Recordings that people have already become a case: labelled, copied as they are, and judged.

What the sessions of an experiment have, these lack: nothing was sealed before, and no order was random. So
silence in them clears nobody, while what was seen was seen.
"""

import json
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from math import inf
from pathlib import Path, PurePath

from hometruth.canaries import dump_canaries, load_canaries, mint
from hometruth.capture import numbered, open_capture, read_capture
from hometruth.capture.connections import connections_file, read_connections
from hometruth.capture.marks import marks_file, read_marks
from hometruth.capture.pcap.reader import KEY_LOGS
from hometruth.case import Case, create_case
from hometruth.errors import CanaryError, PlanError
from hometruth.experiment import Plan, parse_plan
from hometruth.experiment.labelled import LabelledSession, Span, spans_of
from hometruth.handed_in import read_text
from hometruth.model import (
    ActionRecord,
    Attestation,
    Canary,
    CanaryKind,
    Exchange,
    ExpectedFlow,
    Gap,
    Sender,
    Trial,
)


@dataclass(frozen=True, slots=True)
class Unlabelled:
    """What recordings and canaries say by themselves, before anybody says which session was what."""

    marks: Mapping[Path, tuple[str, ...]]
    """Labels of each recording's marks that name one moment, in order of time."""
    canaries: tuple[Canary, ...]
    modes: Mapping[str, str]
    """Modes that canaries were planted for, by id, where that was noted."""


def look_at(recordings: Iterable[Path], canaries: Path) -> Unlabelled:
    """What is known of recordings that are yet to be labelled.

    Raises:
        CaptureError: If one of them cannot be read, or its marks are damaged.
        CanaryError: If the canaries cannot be read.
    """
    marks = {}
    for recording in recordings:
        read_capture(recording)  # what is no recording is told before anything is asked
        labels = [mark.label for mark in read_marks(recording)]
        marks[recording] = tuple(name for name in labels if labels.count(name) == 1)
    return Unlabelled(marks, load_canaries(canaries).canaries, _modes(canaries))


def label(
    plan: Plan,
    claims: str,
    canaries: Path,
    folder: Path,
    *,
    facts: Mapping[str, str],
    at: str,
    bag: bool = False,
) -> Case:
    """A case of the recordings that *plan* names; `run.conclude` judges it.

    Args:
        plan: One whose driver is ``recordings``.
        claims: Text of its claims.
        canaries: What was planted, as `plant --json` wrote it.
        folder: Where the case is made.
        at: Time of sealing, ISO 8601 UTC.
        bag: Put it into ``data/``, so that a bag can be closed around it.

    Raises:
        PlanError: If labels do not fit the recordings or the canaries.
        CaptureError: If a recording cannot be read.
    """
    source = plan.folder or Path()
    for name in recordings_of(plan):
        if not (source / name).is_file():
            raise PlanError(f"{source / name}: there is no such recording; the plan names it")
    planted, salts = load_canaries(canaries)
    if salts:
        raise CanaryError(f"{canaries}: salts are not kept in a case yet; leave them out")
    told = _placed(plan, planted, _modes(canaries))
    spans = _spans(plan, source)
    # All of each is read, so that what is no recording is told before anything is copied.
    visits = _VisitBook(plan, told)
    kept_apart = {}
    for name in recordings_of(plan):
        own = [spans[session.id] for session in plan.sessions if session.recording == name]
        kept_apart[name] = _read_through(source / name, own, visits)
    visits.check()
    case = create_case(folder, bag=bag)
    for name, bodies in kept_apart.items():
        _copy(source / name, case.recordings / name, bodies)
    trials = [_trial(plan, session, spans[session.id], told) for session in plan.sessions]
    phantoms = [mint(CanaryKind.PAGE, phantom=True) for _ in range(plan.phantoms)]
    case.seal(
        plan=plan.text,
        claims=claims,
        canaries=dump_canaries((*told, *phantoms)),
        planned=trials,
        facts=facts,
        at=at,
    )
    for trial in trials:
        case.append_trial(trial)
    return case


def labelled_recording(case: Case, plan: Plan) -> Iterator[Exchange | Gap]:
    """Everything in the recordings of a case, each exchange with the session whose time it falls into."""
    spans = _spans(plan, case.recordings)
    source = f"stated afterwards by {plan.labelled_by}: nothing else's traffic was recorded"
    stated = Sender(plan.only_app, source) if plan.only_app else None
    for nth, name in enumerate(recordings_of(plan)):
        own = [spans[session.id] for session in plan.sessions if session.recording == name]
        for item in numbered(nth, read_capture(case.recordings / name, name=name)):
            if isinstance(item, Exchange):
                trial = _session_at(own, item.started_ns) or item.trial
                yield replace(item, trial=trial, sent_by=item.sent_by or stated)
            else:
                yield replace(item, trial=item.trial or _session_at(own, item.at_ns))


def labelled_connections(case: Case, plan: Plan) -> tuple[Gap, ...]:
    """What was not opened, of all recordings, each with its session."""
    spans = _spans(plan, case.recordings)

    def gaps(name: str) -> Iterator[Gap]:
        own = [spans[session.id] for session in plan.sessions if session.recording == name]
        for gap in read_connections(case.recordings / name):
            yield replace(gap, trial=gap.trial or _session_at(own, gap.at_ns))

    return tuple(chain.from_iterable(gaps(name) for name in recordings_of(plan)))


def at_any_time(flows: Iterable[ExpectedFlow]) -> tuple[ExpectedFlow, ...]:
    """Expected flows of actions of which nobody wrote down when they were."""
    return tuple(replace(flow, within_s=inf, before_s=inf) for flow in flows)


def read_labels(path: Path) -> Plan:
    """A plan that labels recordings.

    Raises:
        PlanError: If it cannot be read, or runs something instead.
    """
    plan = parse_plan(read_text(path, PlanError), str(path), folder=path.parent)
    if not plan.sessions:
        raise PlanError(
            f"{path}: labels no recordings ([[session]]); `hometruth run` carries such a plan out"
        )
    return plan


def recordings_of(plan: Plan) -> tuple[str, ...]:
    """Names of the recordings that a plan labels, in the order in which they are read."""
    return tuple(dict.fromkeys(session.recording for session in plan.sessions))


def _spans(plan: Plan, folder: Path) -> dict[str, Span]:
    by_recording: dict[str, list[LabelledSession]] = defaultdict(list)
    for session in plan.sessions:
        by_recording[session.recording].append(session)
    return {
        span.session: span
        for name, sessions in by_recording.items()
        for span in spans_of(sessions, [(mark.at_ns, mark.label) for mark in read_marks(folder / name)], name)
    }


def _session_at(spans: Iterable[Span], at_ns: int | None) -> str | None:
    return next((span.session for span in spans if span.holds(at_ns)), None)


def _placed(plan: Plan, canaries: Sequence[Canary], modes: Mapping[str, str]) -> list[Canary]:
    """Canaries with the session in which each was planted."""
    known = {canary.id: canary for canary in canaries}
    sessions = {session.id: session for session in plan.sessions}
    cells = {canary.id: canary.cell for canary in canaries if canary.cell is not None}
    for session in plan.sessions:
        for name in session.canaries:
            if name not in known:
                raise PlanError(f"session {session.id}: no canary {name!r} (have: {_some(known)})")
            if cells.setdefault(name, session.id) != session.id:
                raise PlanError(f"canary {name}: planted in session {session.id} and in {cells[name]}")
    for name, cell in cells.items():
        if cell not in sessions:
            raise PlanError(f"canary {name}: was planted in session {cell!r}, which the plan does not label")
        mode = sessions[cell].condition.get("mode")
        if name in modes and mode is not None and modes[name] != mode:
            raise PlanError(
                f"canary {name}: was planted for mode {modes[name]!r}; session {cell} is labelled {mode!r}"
            )
    return [replace(canary, cell=cells.get(canary.id)) for canary in canaries]


def _modes(path: Path) -> dict[str, str]:
    """Modes that canaries were planted for, where `plant --mode` noted them."""
    modes = {}
    for line in read_text(path, CanaryError).splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            return {}  # another format, which has no such notes
        if isinstance(row, dict) and isinstance(row.get("mode"), str) and isinstance(row.get("id"), str):
            modes[row["id"]] = row["mode"]
    return modes


def _trial(plan: Plan, session: LabelledSession, span: Span, canaries: Iterable[Canary]) -> Trial:
    by = f"labelled afterwards by {plan.labelled_by}"
    return Trial(
        id=session.id,
        series=session.series,
        condition=session.condition,
        block=1,
        installation=session.installation,
        device=plan.subject.device,
        started_ns=span.begins_ns,
        ended_ns=span.ends_ns,
        attested=tuple(Attestation(factor, level, by) for factor, level in session.condition.levels),
        actions=tuple(
            ActionRecord(str(canary.kind), canary.id, span.begins_ns or 0, happened=True, detail=by)
            for canary in canaries
            if canary.cell == session.id
        ),
    )


class _VisitBook:
    """Sessions in whose times canaries' own sites were visited, held against those they are said to be of.

    Who says that a private window's canary was planted in a time that is labelled normal is mistaken in one,
    and a leak would be held against the wrong window.
    """

    def __init__(self, plan: Plan, canaries: Iterable[Canary]) -> None:
        self._planted = {canary.value: canary for canary in canaries if canary.cell is not None}
        self._pages = {
            (flow.host, flow.kind)
            for flow in plan.expected
            if "{canary}" not in flow.host and "{canary}" in flow.path
        }
        self._seen: dict[str, set[str | None]] = defaultdict(set)

    def saw(self, exchange: Exchange, session: str | None) -> None:
        """Take in one request."""
        for label in exchange.host.split("."):
            if label in self._planted:
                self._seen[label].add(session)
        for canary in self._planted.values() if self._pages else ():
            if (exchange.host, canary.kind) in self._pages and canary.value.encode() in exchange.target:
                self._seen[canary.value].add(session)

    def check(self) -> None:
        """Raise PlanError for a canary whose own site was visited in other sessions only."""
        for value, canary in self._planted.items():
            if (seen := self._seen[value]) and canary.cell not in seen:
                inside = [f"in session {one}" for one in sorted(filter(None, seen))]
                raise PlanError(
                    f"canary {canary.id}: is said to be of session {canary.cell}, and its own site was "
                    f"visited {(*inside, 'outside of all sessions')[0]}: correct the labels, or leave the "
                    "canary out"
                )


def _read_through(recording: Path, spans: Sequence[Span], visits: _VisitBook) -> Iterable[str]:
    """Read all of a recording; returns names, relative to its folder, of files in which it keeps bodies."""
    reading = open_capture(recording)
    for item in reading.items:
        if isinstance(item, Exchange):
            session = _session_at(spans, item.started_ns) or item.trial
            if session is not None or item.started_ns is not None:  # else nobody knows when it was
                visits.saw(item, session)
    return sorted(reading.kept_apart)


def _copy(source: Path, target: Path, bodies: Iterable[str]) -> None:
    """A recording with all that lies beside it and belongs to it, closed to others."""
    stem = PurePath(source.name).stem
    keys = (pattern.format(stem=stem, name=source.name) for pattern in KEY_LOGS)
    beside = (connections_file(source).name, marks_file(source).name, *keys, *bodies)
    for name in (source.name, *beside):
        path, copy = source.parent / name, target.parent / name
        if path.is_file() and not copy.exists():
            _make_folder(copy.parent)
            shutil.copyfile(path, copy)
            copy.chmod(0o600)


def _make_folder(folder: Path) -> None:
    """A folder closed to others, and those above it."""
    if not folder.exists():
        _make_folder(folder.parent)
        folder.mkdir(mode=0o700)


def _some(names: Iterable[str]) -> str:
    *first, last = list(names)[:6]
    return ", ".join((*first, last))
