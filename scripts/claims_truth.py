"""What a lab phone's ledger says of every proposition: the truth that verdicts are held against.

It reads what the phone really sent, in plain events, and shares no code with the judge: no peeling, no
search, no recipients, no statistics. A ledger knows everything, so its answer is yes or no, never
"inconclusive".
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hometruth.lab import TELEMETRY_HOST
from hometruth.lab.ledger import Ledger, SentRequest
from hometruth.model import Canary, Condition, Proposition, Trial, Verdict, VerdictKind

TOKENS = (
    "distinct_id",
    "original_id",
    "anonymous_id",
    "login_id",
    "properties.uuid",
    "properties.$device_id",
)
CODE = 16
"""Characters of the shortest code: a moment or a version is shorter."""
VENDOR_DOMAINS = ("miui.com", "xiaomi.com", "mi.com")


@dataclass(frozen=True)
class World:
    """What really happened in one case."""

    trials: tuple[Trial, ...]
    canaries: tuple[Canary, ...]
    ledger: Ledger

    def uploads(self, trial: Trial) -> list[SentRequest]:
        """Telemetry requests made while *trial* ran."""
        assert trial.started_ns is not None
        assert trial.ended_ns is not None
        return [
            request
            for request in self.ledger.requests
            if request.events and trial.started_ns <= request.at_ns <= trial.ended_ns
        ]

    def events(self, trial: Trial) -> list[dict[str, Any]]:
        """Events in them."""
        return [event for request in self.uploads(trial) for event in request.events or ()]

    def held(self, trial: Trial, request: SentRequest) -> set[Canary]:
        """Planted and known values that stood readable in a request: not those in enciphered events."""
        text = json.dumps(request.events if request.clear is None else request.clear)
        return {
            canary
            for canary in self.canaries
            if (canary.cell == trial.id or canary.personal) and canary.value in text
        }

    def told(self, trial: Trial, kinds: Iterable[str]) -> set[str]:
        """Kinds whose planted or known values stood readable in the telemetry of *trial*."""
        found = set().union(*(self.held(trial, request) for request in self.uploads(trial)))
        return {str(canary.kind) for canary in found} & set(kinds)

    def codes(self, trial: Trial) -> set[tuple[str, str]]:
        """(path, value) of every text in the readable events of *trial* that is long and holds a digit."""
        return {
            (path, text)
            for request in self.uploads(trial)
            for path, text in _texts("", request.events if request.clear is None else request.clear)
            if len(text) >= CODE and text.isprintable() and re.search(r"[0-9]", text) and "/" not in text
        }

    def tokens(self, trial: Trial, fields: Iterable[str] = TOKENS) -> set[tuple[str, str]]:
        """(field, value) of every token in the events of *trial*."""
        return {
            (field, value)
            for event in self.events(trial)
            for field in fields
            if isinstance(value := _at(event, field), str) and value
        }


def disagreements(world: World, proposition: Proposition, rows: Iterable[Verdict]) -> list[str]:
    """Rows (one condition each) whose verdict and the ledger cannot both be right, in words.

    Contradicted means broken in the ledger, broken means contradicted; inconclusive is no all-clear and no
    accusation, so it only disagrees where the ledger shows a violation that was there to be seen.
    """
    told = []
    for row in rows:
        broken = is_broken(world, proposition, row.condition)
        if broken is None or row.observed is VerdictKind.UNTESTED:
            continue
        contradicted = row.observed is VerdictKind.CONTRADICTED
        open_still = row.observed is VerdictKind.INCONCLUSIVE and (
            proposition.kind in NEEDS_SESSIONS or is_held_back(row) or needs_installation(row)
        )
        if contradicted is not broken and not open_still:
            told.append(f"{row.proposition} in {row.condition}: {row.observed}, ledger: {broken=}; {row.why}")
    return told


def is_held_back(row: Verdict) -> bool:
    """True if a violation was seen that decides nothing, since nobody can say which app sent it."""
    return row.observed is VerdictKind.INCONCLUSIVE and "that is what the phone sent" in row.why


def needs_installation(row: Verdict) -> bool:
    """True if a value was seen again, and by chance no other installation ran to tell it from a constant.

    Which sessions share an installation is drawn; with three of a kind, all that count can be of one.
    """
    return row.observed is VerdictKind.INCONCLUSIVE and "a second installation would tell" in row.why


NEEDS_SESSIONS = frozenset({"contacted", "present", "matrix"})
"""Kinds that absence can break: to contradict them takes more sessions than to see it in a ledger."""


def is_broken(world: World, proposition: Proposition, condition: Condition) -> bool | None:
    """Whether what the phone sent in *condition* breaks *proposition*; None if a ledger cannot say."""
    rule = RULES.get(proposition.kind)
    wanted = {factor: (level,) for factor, level in condition.levels}
    trials = [
        trial
        for trial in world.trials
        if trial.condition.matches(wanted)
        and len(trial.condition.levels) - len(wanted) in (0, proposition.kind == "stops-when")
        and (not proposition.series or trial.series in proposition.series)
    ]
    return rule(world, proposition, trials) if rule else None


def _at(event: Mapping[str, Any], path: str) -> object:
    outer, _, inner = path.partition(".")
    return event.get(outer, {}).get(inner) if inner else event.get(outer)


def _texts(path: str, data: object) -> Iterator[tuple[str, str]]:
    """Every text inside, with its path; positions do not count."""
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, Mapping):
        for name, inner in data.items():
            yield from _texts(f"{path}.{name}", inner)
    elif isinstance(data, list | tuple):
        for inner in data:
            yield from _texts(path, inner)


def _option(proposition: Proposition, name: str) -> Any:
    return proposition.options.get(name, ())


def _content(world: World, proposition: Proposition, trials: list[Trial]) -> bool:
    return any(world.told(trial, _option(proposition, "kinds")) for trial in trials)


def _anything(world: World, _proposition: Proposition, trials: list[Trial]) -> bool:
    return any(world.events(trial) for trial in trials)


def _present(world: World, proposition: Proposition, trials: list[Trial]) -> bool:
    kinds, known = set(_option(proposition, "kinds")), set(_option(proposition, "known"))
    if not kinds | known:
        return not _anything(world, proposition, trials)
    actions, hosts = set(_option(proposition, "actions")), _option(proposition, "hosts")
    fields = _option(proposition, "fields")
    seen: set[str] = set()
    for trial in trials:
        by = {record.canary: record.action for record in trial.actions}
        for request in world.uploads(trial):
            if hosts and request.host not in hosts:
                continue
            held = {item for item in world.held(trial, request) if item.kind in kinds or item.id in known}
            if fields:
                held = {item for item in held if _stands_in(request, item.value, fields)}
            names = {str(item.kind) for item in held} & kinds | {item.id for item in held} & known
            names = {by[item.id] for item in held if by.get(item.id) in actions} if actions else names
            if "together" not in proposition.options or names == (actions or kinds | known):
                seen |= names
    return bool((actions or kinds | known) - seen)


def _stands_in(request: SentRequest, value: str, fields: Iterable[str]) -> bool:
    return any(_at(event, field) == value for event in request.events or () for field in fields)


def _named(world: World, proposition: Proposition, trials: list[Trial]) -> bool:
    """A known value; and, where others are asked for, a code that one installation sent in two sessions."""
    others = proposition.options.get("others") is True
    return _content(world, proposition, trials) or (
        others and bool(_kept(world) & {code for trial in trials for code in world.codes(trial)})
    )


def _kept(world: World) -> set[tuple[str, str]]:
    """Codes of one installation alone, in two sessions, where another like it sent another."""
    sent: dict[tuple[str, str], list[Trial]] = {}
    filled: dict[tuple[str, object], set[str]] = {}
    for trial in world.trials:
        for field, value in world.codes(trial):
            sent.setdefault((field, value), []).append(trial)
            filled.setdefault((field, _alike(trial)), set()).add(trial.installation)
    known = {canary.value for canary in world.canaries if canary.personal}
    return {
        (field, value)
        for (field, value), trials in sent.items()
        if value not in known
        and len(trials) > 1
        and len({trial.installation for trial in trials}) == 1
        and all(len(filled[field, _alike(trial)]) > 1 for trial in trials)
    }


def _alike(trial: Trial) -> tuple[str | None, ...]:
    return (trial.device, trial.condition.get("app"), trial.condition.get("version"))


def _uncalled(world: World, proposition: Proposition, trials: list[Trial]) -> bool:
    hosts, actions = _option(proposition, "hosts"), set(_option(proposition, "actions"))
    return not any(
        not hosts or request.host in hosts
        for trial in trials
        if "actions" not in proposition.options or {record.action for record in trial.actions} == actions
        for request in world.uploads(trial)
    )


def _beyond(world: World, proposition: Proposition, trials: list[Trial]) -> bool:
    """Planted content, or anything but the declared properties, with values of the declared ones."""
    events, fields, values = (set(_option(proposition, name)) for name in ("events", "fields", "values"))
    return _content(world, proposition, trials) or any(
        name not in fields or str(value) not in values or event["event"] not in events
        for trial in trials
        for event in world.events(trial)
        for name, value in event["properties"].items()
    )


def _per_action(world: World, proposition: Proposition, trials: list[Trial]) -> bool:
    """More than that, or events that are as many as the actions."""
    by_actions: dict[int, set[int]] = {}
    for trial in trials:
        by_actions.setdefault(len(trial.actions), set()).add(len(world.events(trial)))
    counts = list(by_actions.values())
    return _beyond(world, proposition, trials) or any(one != counts[0] for one in counts)


def _in_the_clear(world: World, _proposition: Proposition, trials: list[Trial]) -> bool:
    return any(not request.url.startswith("https:") for trial in trials for request in world.uploads(trial))


def _elsewhere(world: World, _proposition: Proposition, trials: list[Trial]) -> bool:
    hosts = {request.host for trial in trials for request in world.uploads(trial)}
    return any(not host.endswith(VENDOR_DOMAINS) for host in hosts)


def _matrix(world: World, proposition: Proposition, trials: list[Trial]) -> bool:
    silent = trials[0].condition.matches(_option(proposition, "silent"))
    return _anything(world, proposition, trials) is silent


def _every_position(world: World, _proposition: Proposition, trials: list[Trial]) -> bool:
    sends: dict[str | None, bool] = {}
    for trial in trials:
        position = trial.condition.get("switch")
        sends[position] = sends.get(position, False) or bool(world.events(trial))
    return all(sends.values())


def _linked(world: World, proposition: Proposition, trials: list[Trial]) -> bool:
    others = [trial for trial in world.trials if trial.condition.matches(_option(proposition, "with"))]
    return any(
        world.tokens(trial) & world.tokens(other)
        for trial in trials
        for other in others
        if other.id != trial.id
    )


def _shared_by_installations(world: World, proposition: Proposition, trials: list[Trial]) -> bool:
    known = {canary.value for canary in world.canaries if canary.personal}
    owners: dict[tuple[str, str], set[str]] = {}
    for trial in world.trials:
        for token in world.tokens(trial, _option(proposition, "fields")):
            owners.setdefault(token, set()).add(trial.installation)
    mine = [token for trial in trials for token in world.tokens(trial, _option(proposition, "fields"))]
    return any(len(owners[token]) > 1 or token[1] in known for token in mine)


def _days(world: World, proposition: Proposition, trials: list[Trial]) -> dict[str, list[Trial]]:
    groups: dict[str, list[Trial]] = {}
    for trial in sorted(trials, key=lambda trial: trial.subject_day or 0):
        if world.tokens(trial, _option(proposition, "fields")):
            groups.setdefault(trial.installation, []).append(trial)
    return groups


def _too_old(world: World, proposition: Proposition, trials: list[Trial]) -> bool:
    fields, limit = _option(proposition, "fields"), _option(proposition, "days")
    return any(
        (late.subject_day or 0) - (early.subject_day or 0) > limit
        and world.tokens(early, fields) & world.tokens(late, fields)
        for group in _days(world, proposition, trials).values()
        for early in group
        for late in group
    )


def _changed(world: World, proposition: Proposition, trials: list[Trial]) -> bool:
    for group in _days(world, proposition, trials).values():
        for field in _option(proposition, "fields"):
            sent = [tokens for trial in group if (tokens := world.tokens(trial, [field]))]
            if len(sent) > 1 and not set.intersection(*sent):
                return True
    return False


RULES: Mapping[str, Callable[[World, Proposition, list[Trial]], bool]] = {
    "absent": _content,
    "aggregated": _per_action,
    "contacted": _uncalled,
    "destinations": _elsewhere,
    "keeps-token": _changed,
    "matrix": _matrix,
    "no-browsing-dependence": _content,
    "no-identifier": _named,
    "not-after-withdrawal": _anything,
    "not-before-consent": _anything,
    "not-linked-to": _linked,
    "only-categories": _beyond,
    "only-when": _content,
    # Of the series that these speak of, nothing is enciphered: what is sent at all, is sent readably.
    "payload-unreadable": _anything,
    "present": _present,
    "random-tokens": _shared_by_installations,
    "rotates-within": _too_old,
    "silent": _anything,
    "stops-when": _every_position,
    "transport": _in_the_clear,
}
assert TELEMETRY_HOST.endswith(VENDOR_DOMAINS)
