"""From trials to pairs: the treated half and the control half of the same block."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from hometruth.model import Arm, Canary, Condition, Trial, TrialStatus
from hometruth.opaque.barcode import SHORTEST, Barcode
from hometruth.opaque.pair import Pair


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
