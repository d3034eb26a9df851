"""Pairs of trials that differ only by what a secret coin decided, and what each half sent to whom."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hometruth.model import Arm, Canary, Condition, HostPattern, Trial, TrialStatus, is_within
from hometruth.opaque.barcode import SHORTEST, Barcode

ELSEWHERE = "elsewhere"
"""Everything that no pattern of the plan names: one group more."""


@dataclass(frozen=True, slots=True)
class EndpointPatterns:
    """Patterns in order; the first that fits names the group."""

    patterns: tuple[str, ...]
    """See `HostPattern`."""
    site: str
    """Domain of the canaries' own sites: traffic to it is the visit itself and belongs to no group."""

    @property
    def names(self) -> tuple[str, ...]:
        """All groups."""
        return (*self.patterns, ELSEWHERE)

    def group_of(self, host: str, path: str = "") -> str | None:
        """The group of a request; None for the canaries' own sites."""
        if is_within(host, self.site):
            return None
        return next((name for name in self.patterns if HostPattern(name).fits(host, path)), ELSEWHERE)


@dataclass(frozen=True, slots=True)
class Sent:
    """One request, or one connection that could not be opened, as the test sees it."""

    trial: str
    """The session during which it was recorded."""
    host: str
    path: str
    size_bytes: int
    """Of everything that can carry a message: path, query and body, and WebSocket messages."""
    atoms: tuple[int, ...] = ()
    """Sizes of what stays opaque in it, in bytes."""


@dataclass(frozen=True, slots=True)
class Half:
    """The traffic of one trial to one group."""

    size_bytes: int = 0
    atoms: tuple[int, ...] = ()
    """Ciphertexts in the order of sending."""

    @property
    def largest(self) -> int:
        """Bytes of the largest ciphertext."""
        return max(self.atoms, default=0)


def halves_of(sent: Iterable[Sent], endpoints: EndpointPatterns) -> Mapping[str, Mapping[str, Half]]:
    """Traffic by group and trial; what a trial did not send is an empty half."""
    sizes: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    atoms: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for item in sent:
        group = endpoints.group_of(item.host, item.path)
        if group is not None:
            sizes[group][item.trial] += item.size_bytes
            atoms[group][item.trial].extend(item.atoms)
    return {
        name: {trial: Half(size, tuple(atoms[name][trial])) for trial, size in sizes[name].items()}
        for name in endpoints.names
    }


@dataclass(frozen=True, slots=True)
class Pair:
    """Two trials that differ only by what the coin decided."""

    treated: str
    """Id of the trial with the canary visits."""
    control: str
    treated_valid: bool
    control_valid: bool
    barcode: Barcode
    planted_bits: tuple[float, ...]
    """Entropy of each address planted."""
    content: bool = False
    """True if the control half visits addresses of the same lengths, of one repeated character."""


def pairs_of(
    trials: Iterable[Trial], canaries: Iterable[Canary], *, shortest_path: int = SHORTEST
) -> Mapping[Condition, Sequence[Pair]]:
    """The planned pairs of each condition in order; those that a stop rule made unnecessary are left out.

    Args:
        shortest_path: The least that the paths have, in characters; what is above it was drawn.
    """
    known = shortest_path - SHORTEST
    planted: dict[str, list[Canary]] = defaultdict(list)
    by_id = {canary.id: canary for canary in canaries}
    halves: dict[tuple[Condition, str, int], dict[Arm, Trial]] = defaultdict(dict)
    for trial in trials:
        if trial.arm is not None and trial.status is not TrialStatus.NOT_NEEDED:
            halves[trial.condition, trial.series, trial.block][trial.arm] = trial
            if trial.arm is not Arm.SHAM:
                planted[trial.id] = [by_id[name] for name in trial.planted if name in by_id]
    pairs: dict[Condition, list[Pair]] = defaultdict(list)
    for (condition, _, _), arms in sorted(halves.items(), key=lambda item: (str(item[0][0]), item[0][1:])):
        treated = arms.get(Arm.CANARIES)
        control = arms.get(Arm.SHAM) or arms.get(Arm.REPEATED)
        if treated is None or control is None:
            continue
        addresses = planted[treated.id]
        pairs[condition].append(
            Pair(
                treated=treated.id,
                control=control.id,
                treated_valid=_is_valid(treated),
                control_valid=_is_valid(control),
                barcode=Barcode(
                    tuple(len(canary.address) - canary.path_length + known for canary in addresses),
                    tuple(canary.path_length - known for canary in addresses),
                ),
                planted_bits=tuple(canary.address_bits for canary in addresses),
                content=Arm.REPEATED in arms,
            )
        )
    return pairs


def _is_valid(trial: Trial) -> bool:
    return (
        trial.status is TrialStatus.DONE
        and trial.is_attested()
        and all(action.happened for action in trial.actions)
    )
