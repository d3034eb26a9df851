"""Identifiers from recordings: peeled exchanges become plain records, and the records are asked.

Joins the stages for one question, as `judging.py` does for the verdicts, which uses it too.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hometruth.identity.identifiers import codes, components, grouped, links, search_identifiers
from hometruth.identity.identifiers.documented import of_known_field
from hometruth.identity.identifiers.occurrences import Event, ToldAt
from hometruth.identity.identifiers.rotation import rotation
from hometruth.identity.identifiers.tokens import bare, without_random_names
from hometruth.model import (
    LET_THROUGH,
    Exchange,
    Gap,
    GapKind,
    Identifier,
    Part,
    Recipient,
    Sighting,
    Trial,
    TrialStatus,
    Value,
)
from hometruth.model.identified import Identified, Undecided, UndecidedReason, Unread
from hometruth.model.identifier import (
    LONGEST_VALUE,
    ComparisonKind,
    Documented,
    Found,
    IdentifierKind,
    KnownValue,
    Phase,
    Session,
)
from hometruth.peel import Peeled
from hometruth.peel.adapters import explain

_INDEX = re.compile(r"\[\d+\]")
_RECORD = re.compile(r"^.*?\[\d+\]")
"""The outermost element of a list: a batch of events is as many records."""
PROMISED_DAYS = 90.0
"""Lifetime that was promised; a longer pause renews what is renewed only where nobody uses it."""

_HALF_READ = frozenset({GapKind.BUDGET, GapKind.DEFECT})
NEVER_SEEN = LET_THROUGH | {GapKind.REFUSED_TLS, GapKind.UNUSED, GapKind.NOT_HTTP}
"""Gaps that are connections."""


@dataclass(slots=True)
class Traces:
    """Records of all exchanges, the tester's own values among them, and what could not be read."""

    events: list[Event] = field(default_factory=list)
    known: dict[tuple[str, str, str], KnownValue] = field(default_factory=dict)
    """By exchange, path and text."""
    unread: Unread = field(default_factory=Unread)
    told: dict[ToldAt, Documented] = field(default_factory=dict)
    """What is documented of values that known endpoints were sent."""

    def add(
        self,
        exchange: Exchange,
        peeled: Peeled,
        read: Iterable[tuple[Value, str]],
        sightings: Collection[Sighting],
        *,
        recipient: Recipient,
        app: str,
        session_of: Callable[[Value], Session | None],
    ) -> None:
        """Add what one exchange sent.

        Args:
            read: Its values that are read as they stand, with their text.
            sightings: Of planted values, which are left out, and of known ones, which are remembered.
            session_of: The session that a value speaks of; None leaves it out.
        """
        self._note_unread(exchange, peeled)
        records: dict[tuple[str, Session], list[tuple[str, str]]] = defaultdict(list)
        seen_at: dict[tuple[Part, str], list[Sighting]] = defaultdict(list)
        for item in sightings:
            seen_at[item.value.part, item.value.name].append(item)
        for path, record, value, text in _fields(exchange, read):
            if len(text) > LONGEST_VALUE:
                self.unread.long_values += 1
                continue
            session = session_of(value)
            if session is None:
                continue
            here = [item for item in seen_at[value.part, value.name] if _stands_in(item.value, value)]
            if not all(item.canary.personal for item in here):
                continue
            records[record, session].append((path, text))
            for item in here:
                self.known[exchange.id, path, text] = KnownValue(
                    item.canary.id, item.canary.kind.value, item.form.name
                )
        for (_, session), fields in records.items():
            self.events.append(
                Event(
                    session,
                    app,
                    without_random_names(exchange.host),
                    recipient.organisation or recipient.domain,
                    exchange.id,
                    exchange.started_ns,
                    tuple(fields),
                )
            )

    def update(self, other: "Traces") -> None:
        """Add what another one holds."""
        self.events += other.events
        self.known |= other.known
        self.told |= other.told
        self.unread.update(other.unread)

    def add_known_fields(self, exchange: Exchange, peeled: Peeled) -> None:
        """Add what is documented of the exchange's values, where it went to a known endpoint."""
        explained = explain(exchange, peeled.values)
        for each in explained[1] if explained else ():
            if meaning := of_known_field(each.field.kind, each.field.reason):
                self.told[without_random_names(exchange.host), bare(each.text)] = meaning

    def note(self, gap: Gap) -> None:
        """Note a gap of the recording itself."""
        if gap.kind in NEVER_SEEN:
            self.unread.never_seen[gap.host or "an unknown host"] += 1
        else:
            self.unread.other_gaps += 1

    def _note_unread(self, exchange: Exchange, peeled: Peeled) -> None:
        if peeled.opaque_bytes:
            self.unread.opaque_bytes[exchange.host] += peeled.opaque_bytes
        if peeled.dropped:
            self.unread.dropped_bodies[exchange.host] += peeled.dropped
        self.unread.other_gaps += sum(gap.kind in _HALF_READ for gap in peeled.gaps)


def identify(
    traces: Traces,
    comparison: ComparisonKind,
    *,
    inputs: Collection[str] | None = None,
    sessions: Sequence[Session] = (),
    promised_days: float = PROMISED_DAYS,
) -> Identified:
    """Find identifiers, their lifetimes and what they join.

    Args:
        inputs: What the tester planted or typed; None if the records leave it out already.
        sessions: Sessions that ran, those that sent nothing too.
        promised_days: Lifetime to hold codes against that were watched over days.
    """
    answer = search_identifiers(
        traces.events, comparison, inputs=inputs or (), known=traces.known, told=traces.told
    )
    found = answer.found
    joined = codes(found)
    ran = dict.fromkeys((*sessions, *(event.session for event in traces.events)))
    return Identified(
        comparison,
        tuple(sorted(ran, key=lambda session: (session.device, session.order, session.id))),
        found,
        joined,
        {code: seen for code in joined if (seen := rotation(code.found[0], promised_days))},
        grouped(answer.undecided),
        answer.sent_once,
        inputs is None or len(inputs) > 0,
        links(found, traces.events),
        components(found),
        len(traces.events),
        traces.unread,
    )


def sessions_of_trials(trials: Sequence[Trial]) -> dict[str, Session]:
    """The sessions of an experiment, by trial.

    Each installation stands for a device of its own: all began with cleared data. What the installations of
    one device share is then not told from what is the same everywhere (`ComparisonKind.INSTALLATIONS`).
    """
    ran = [trial for trial in trials if trial.status is TrialStatus.DONE and trial.is_attested()]
    sessions = {}
    orders: Counter[str] = Counter()
    last_day: dict[str, float] = {}
    for trial in sorted(ran, key=lambda trial: (trial.started_ns or 0, trial.id)):
        device = f"{trial.device}/{trial.installation}"
        days = (trial.subject_day or 0.0) - last_day.get(device, trial.subject_day or 0.0)
        sessions[trial.id] = Session(
            trial.id, device, _phase_of(trial, days), orders[device], trial.subject_day
        )
        orders[device] += 1
        last_day[device] = trial.subject_day or 0.0
    return sessions


def session_in(
    sessions: Mapping[str, Session], trial_of: Callable[[Value], str | None]
) -> Callable[[Value], Session | None]:
    """For each value the session it speaks of, from the trial it speaks of."""
    return lambda value: sessions.get(trial_of(value) or "")


def _phase_of(trial: Trial, days_later: float) -> Phase:
    if trial.condition.get("mode") == "incognito":
        return Phase.INCOGNITO
    if days_later > PROMISED_DAYS:
        return Phase.CLOCK_GAP
    return Phase.CLOCK if days_later > 0 else Phase.BASE


@dataclass(frozen=True, slots=True)
class Compared:
    """What comparing the installations of an experiment tells, value by value, as the verdicts ask for it."""

    certain: tuple[Identifier, ...] = ()
    """Own to each installation, or the tester's own value; each outlives a session."""
    lookalikes: tuple[Identifier, ...] = ()
    """Codes that look random, and that every installation on the only device sent: either the device's, or
    the same everywhere. Empty where several devices were compared."""


def compare_installations(traces: Traces) -> Compared:
    """What outlives a session in an experiment's records."""
    answer = search_identifiers(traces.events, ComparisonKind.INSTALLATIONS, known=traces.known)
    outlives = [found for found in answer.found if found.kind is not IdentifierKind.SESSION]
    shared = [item for item in answer.undecided if item.reason in _OF_ONE_DEVICE and item.is_open]
    is_one_device = len({event.session.device.rpartition("/")[0] for event in traces.events}) == 1
    return Compared(
        _as_identifiers(found for found in outlives if found.is_certain),
        _as_identifiers(shared if is_one_device else ()),
    )


_OF_ONE_DEVICE = frozenset({UndecidedReason.ONE_DEVICE, UndecidedReason.ONE_INSTALLATION})


def _as_identifiers(outlives: Iterable[Found | Undecided]) -> tuple[Identifier, ...]:
    rows = []
    for found in outlives:
        trials: dict[str, list[str]] = defaultdict(list)
        for session, tokens in found.sent.items():
            for token in tokens:
                trials[token].append(session)
        rows += [
            Identifier(
                value=token,
                kind=found.kind.value if isinstance(found, Found) else IdentifierKind.UNKNOWN.value,
                field=_RECORD_FIELD.sub("", found.place.path),
                recipient=found.place.host,
                trials=tuple(sorted(names)),
                source=_source(found),
                is_own=isinstance(found, Found) and bool(found.known),
            )
            for token, names in sorted(trials.items())
        ]
    return tuple(rows)


def _source(found: Found | Undecided) -> str:
    if isinstance(found, Undecided):
        return "looks random"
    return "the tester's own value" if found.known else "own to each installation that was compared"


_RECORD_FIELD = re.compile(r"^(?:body|query) (?:data_list\[\]|data(?:\[\])?)\.")
"""Place of a field in a record of Sensors Analytics, which claims name without it."""


def _fields(exchange: Exchange, read: Iterable[tuple[Value, str]]) -> Iterator[tuple[str, str, Value, str]]:
    """Path, record, value and text of everything that was sent."""
    if (host := without_random_names(exchange.host)) != exchange.host:
        yield f"host {host}", "", Value(Part.HOST, "", exchange.host.encode()), exchange.host
    segments: list[str] = []
    for value, text in read:
        if value.part is Part.PATH and len(value.steps) == 1:
            yield f"path /{'/'.join((*segments, '{}'))}", "", value, text
            segments.append(without_random_names(text))
            continue
        record = _RECORD.match(value.path) if value.part in {Part.BODY, Part.MESSAGE} else None
        path = without_random_names(_INDEX.sub("[]", value.path))
        yield f"{value.part} {path}".strip(), record[0] if record else "", value, text


def _stands_in(seen: Value, value: Value) -> bool:
    """True if what was seen is *value*, or was peeled out of it; both of one part and name."""
    return seen.path.startswith(value.path) and seen.steps[: len(value.steps)] == value.steps
