"""What a case notes beside its recording of what was done, read while it grows."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from hometruth.errors import CaptureError
from hometruth.model import Canary, Condition, ExpectedFlow, Trial
from hometruth.model.departure import Deed


class SessionNotes:
    """Sessions and actions of the case a recording is in; none if it is no case's.

    A session is noted when it has ended.

    Raises:
        CaptureError: Where its notes are read, if they are damaged.
    """

    def __init__(self, recording: Path, planted: Sequence[Canary]) -> None:
        self._planned = recording.with_name("planned.jsonl")
        self._ended = recording.with_name("trials.jsonl")
        self._canaries = {one.id: one for one in planted}
        self._read_bytes = 0
        self._pending: list[Deed] = []

    def conditions(self) -> dict[str, Condition]:
        """Under which condition each canary is planted, by its id: that was planned before the run."""
        if not self._planned.exists():
            return {}
        planned = {trial.id: trial.condition for trial in _trials(self._planned, self._planned.read_bytes())}
        told = ((one.id, planned.get(one.cell or "")) for one in self._canaries.values())
        return {name: condition for name, condition in told if condition is not None}

    def expected(self) -> tuple[ExpectedFlow, ...]:
        """Flows that are the actions themselves, as the case's plan has them.

        Raises:
            PlanError: If that plan is malformed.
        """
        plan = self._planned.with_name("plan.toml")
        if not (plan.exists() and self._planned.exists()):
            return ()
        # Imported late: what is no case's has no plan.
        from hometruth.experiment import load_plan  # noqa: PLC0415

        return load_plan(plan).expected

    def until(self, at_ns: int | None) -> Iterator[Deed]:
        """What was done up to then and not given yet, in the order of time; None for all that is noted."""
        self._pending = sorted((*self._pending, *self._news()), key=lambda deed: deed.at_ns)
        while self._pending and (at_ns is None or self._pending[0].at_ns <= at_ns):
            yield self._pending.pop(0)

    def _news(self) -> list[Deed]:
        if not self._ended.exists():
            return []
        with self._ended.open("rb") as file:
            file.seek(self._read_bytes)
            whole = file.read().rpartition(b"\n")  # what follows the last line end is still being written
        self._read_bytes += len(whole[0]) + len(whole[1])
        return [deed for trial in _trials(self._ended, whole[0]) for deed in self._deeds(trial)]

    def _deeds(self, trial: Trial) -> Iterator[Deed]:
        if trial.started_ns is not None:
            yield Deed(trial.started_ns, f"session {trial.id}", condition=trial.condition)
        for action in trial.actions:
            canary = self._canaries.get(action.canary or "")
            text = f"{action.action} {canary.value if canary else action.canary or ''}".rstrip()
            planted = (canary,) if canary else ()
            if not action.happened:
                text += f": did not happen{f' ({action.detail})' if action.detail else ''}"
            yield Deed(action.at_ns, text, planted, condition=trial.condition)


def _trials(path: Path, data: bytes) -> list[Trial]:
    try:
        return [msgspec.json.decode(line, type=Trial) for line in data.splitlines()]
    except msgspec.MsgspecError as err:
        raise CaptureError(f"{path}: is no list of sessions of a case ({err}); move it away") from err
