"""Which identifiers are somebody's, and not the model's or the software's."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hometruth.model import Condition, Identifier, Trial

SOFTWARE = ("app", "version")
"""Factors by which installations differ in what is built into them."""
_Place = tuple[str, str]
"""Field and recipient."""
_Setting = tuple[object, ...]
"""Device, app and version."""


@dataclass(frozen=True, slots=True)
class CodeSenders:
    """Who sent what where: phones of a model, and installations of a version, share much by themselves."""

    trials: Mapping[str, Trial]
    """Attested sessions by id."""
    ran: Mapping[str, frozenset[Condition]]
    """Conditions under which each installation ran."""
    owners: Mapping[tuple[_Place, str], frozenset[str]]
    """Installations that sent a value at a place."""
    filled: Mapping[tuple[_Place, _Setting], tuple[Trial, ...]]
    """Attested sessions that sent anything at a place, by device, app and version."""

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
        mine = sorted(
            each.started_ns
            for each in attested(item, self.trials)
            if each.installation == trial.installation and each.started_ns is not None
        )
        return any(
            twin.started_ns is not None and mine[0] < twin.started_ns < mine[-1]
            for twin in self.filled[place, _setting(trial)]
            if mine
            and twin.installation not in self.owners[place, item.value]
            and trial.condition in self.ran[twin.installation]
        )


def senders(identifiers: tuple[Identifier, ...], trials: Mapping[str, Trial]) -> CodeSenders:
    """Who sent the *identifiers*, as far as the sessions are attested."""
    owners: dict[tuple[_Place, str], set[str]] = defaultdict(set)
    filled: dict[tuple[_Place, _Setting], dict[str, Trial]] = defaultdict(dict)
    for item in identifiers:
        for trial in attested(item, trials):
            place = (item.field, item.recipient)
            owners[place, item.value].add(trial.installation)
            filled[place, _setting(trial)][trial.id] = trial
    ran: dict[str, set[Condition]] = defaultdict(set)
    for trial in trials.values():
        ran[trial.installation].add(trial.condition)
    return CodeSenders(
        trials,
        {name: frozenset(conditions) for name, conditions in ran.items()},
        defaultdict(frozenset, {key: frozenset(names) for key, names in owners.items()}),
        defaultdict(tuple, {key: tuple(found.values()) for key, found in filled.items()}),
    )


def attested(item: Identifier, trials: Mapping[str, Trial]) -> Iterator[Trial]:
    """Those of the attested sessions *trials* that sent *item*."""
    for name in item.trials:
        if trial := trials.get(name):
            yield trial


def _setting(trial: Trial) -> _Setting:
    return (trial.device, *(trial.condition.get(factor) for factor in SOFTWARE))
