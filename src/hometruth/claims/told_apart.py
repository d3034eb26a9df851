"""Which identifiers are somebody's, and not the model's or the software's."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hometruth.model import Identifier, Trial

SOFTWARE = ("app", "version")
"""Factors by which installations differ in what is built into them."""
_Place = tuple[str, str]
"""Field and recipient."""


@dataclass(frozen=True, slots=True)
class Senders:
    """Who sent what where: phones of a model, and installations of a version, share much by themselves."""

    owners: Mapping[tuple[_Place, str], frozenset[str]]
    """Installations that sent a value at a place."""
    filled: Mapping[tuple[_Place, tuple[object, ...]], frozenset[str]]
    """Installations that sent anything at a place, by block, device, app and version."""

    def is_somebodys(self, item: Identifier, trial: Trial) -> bool:
        """True if the value is known to be the device's, or if an installation like this one sent another.

        Like this one: on the same device, of the same app and version. What is the same in all of those may
        be the model's, the software's, or the device's own: which, nobody can tell from them. And in the same
        block: what a server hands out to everybody, and changes now and then, is the time's.
        """
        if item.is_own:
            return True
        place = (item.field, item.recipient)
        return bool(self.filled[place, _setting(trial)] - self.owners[place, item.value])


def senders(identifiers: tuple[Identifier, ...], trials: Mapping[str, Trial]) -> Senders:
    """Who sent the *identifiers*, as far as the sessions are attested."""
    owners: dict[tuple[_Place, str], set[str]] = defaultdict(set)
    filled: dict[tuple[_Place, tuple[object, ...]], set[str]] = defaultdict(set)
    for item in identifiers:
        for trial in attested(item, trials):
            place = (item.field, item.recipient)
            owners[place, item.value].add(trial.installation)
            filled[place, _setting(trial)].add(trial.installation)
    return Senders(
        defaultdict(frozenset, {key: frozenset(names) for key, names in owners.items()}),
        defaultdict(frozenset, {key: frozenset(names) for key, names in filled.items()}),
    )


def attested(item: Identifier, trials: Mapping[str, Trial]) -> Iterator[Trial]:
    """Those of the attested sessions *trials* that sent *item*."""
    for name in item.trials:
        if trial := trials.get(name):
            yield trial


def _setting(trial: Trial) -> tuple[object, ...]:
    return (trial.block, trial.device, *(trial.condition.get(factor) for factor in SOFTWARE))
