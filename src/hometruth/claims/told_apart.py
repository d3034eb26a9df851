"""Which identifiers are somebody's, and not the model's or the software's."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from hometruth.model import Condition, Identifier, Trial

NOT_THE_INSTALLATIONS = frozenset({"account", "advertising", "device", "session"})
"""Kinds that name somebody else than the installation, or nobody for long."""
SOFTWARE = ("app", "version")
"""Factors by which installations differ in what is built into them."""
_Place = tuple[str, str]
"""Field and recipient."""
_Setting = tuple[object, ...]
"""Device, app and version."""


@dataclass(frozen=True, slots=True)
class CodeSenders:
    """Who sent what where: phones of a model, and installations of a version, share much by themselves."""

    ran: Mapping[str, frozenset[Condition]]
    """Conditions under which each installation ran."""
    owners: Mapping[tuple[_Place, str], frozenset[str]]
    """Installations that sent a value at a place."""
    sent: Mapping[tuple[_Place, str, str], tuple[int, int]]
    """When the first and the last attested session began in which an installation sent a value at a place."""
    filled: Mapping[tuple[_Place, _Setting], Mapping[str, list[int]]]
    """When sessions began that sent anything at a place: by device, app and version, then by installation."""

    def is_somebodys(self, item: Identifier, trial: Trial) -> bool:
        """True if the value is known to be the device's, or if an installation like this one sent another.

        Like this one: on the same device, of the same app and version, and run under the same condition, too.
        What is the same in all of those may be the model's, the software's, or the device's own: which,
        nobody can tell from them. And between two sessions of this one: what a server hands out to everybody,
        and changes now and then, would have been sent by the other one as well.
        """
        if item.is_own:
            return True
        place = (item.field, item.recipient)
        first_ns, last_ns = self.sent[place, item.value, trial.installation]
        twins = self.filled[place, _setting(trial)]
        return any(
            trial.condition in self.ran[installation]
            and any(first_ns < started_ns < last_ns for started_ns in twins[installation])
            for installation in twins.keys() - self.owners[place, item.value]
        )


def senders(identifiers: tuple[Identifier, ...], trials: Mapping[str, Trial]) -> CodeSenders:
    """Who sent the *identifiers*, as far as the sessions are attested."""
    owners: dict[tuple[_Place, str], set[str]] = defaultdict(set)
    sent: dict[tuple[_Place, str, str], list[int]] = defaultdict(list)
    filled: dict[tuple[_Place, _Setting], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    ran: dict[str, set[Condition]] = defaultdict(set)
    for trial in trials.values():
        ran[trial.installation].add(trial.condition)
    for item in identifiers:
        place = (item.field, item.recipient)
        for trial in attested(item, trials):
            owners[place, item.value].add(trial.installation)
            if trial.started_ns is not None:
                sent[place, item.value, trial.installation].append(trial.started_ns)
                filled[place, _setting(trial)][trial.installation].append(trial.started_ns)
    return CodeSenders(
        ran={name: frozenset(conditions) for name, conditions in ran.items()},
        owners=defaultdict(frozenset, {key: frozenset(names) for key, names in owners.items()}),
        sent=defaultdict(_never, {key: (min(times), max(times)) for key, times in sent.items()}),
        filled=defaultdict(dict, filled),
    )


def _never() -> tuple[int, int]:
    """No time lies between these."""
    return 0, 0


def attested(item: Identifier, trials: Mapping[str, Trial]) -> Iterator[Trial]:
    """Those of the attested sessions *trials* that sent *item*."""
    for name in item.trials:
        if trial := trials.get(name):
            yield trial


def _setting(trial: Trial) -> _Setting:
    return (trial.device, *(trial.condition.get(factor) for factor in SOFTWARE))


def own_codes(
    identifiers: Iterable[Identifier], trials: Mapping[str, Trial], sent_by: CodeSenders
) -> tuple[Identifier, ...]:
    """Codes that one installation only sent, in two sessions or more.

    Another installation like it, on the very same device, must have sent another value in that place: what
    merely differs between devices (a model, a screen) or versions (a build) may name none of them.
    """
    return tuple(
        item
        for item in identifiers
        if item.kind not in NOT_THE_INSTALLATIONS
        and not item.is_own
        and len(sessions := list(attested(item, trials))) > 1
        and len({(trial.device, trial.installation) for trial in sessions}) == 1
        and all(sent_by.is_somebodys(item, trial) for trial in sessions)
    )
