"""Run one session with a driver and say what was observed."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from hometruth.errors import DriverError
from hometruth.experiment.drivers import Driver
from hometruth.experiment.planned import PlannedSession
from hometruth.model import ActionRecord, Attestation, Canary, Trial, TrialStatus


def run_session(
    driver: Driver,
    session: PlannedSession,
    canaries: Mapping[str, Canary],
    *,
    clock_ns: Callable[[], int] = time.time_ns,
) -> Trial:
    """Carry out *session*; whatever goes wrong with the subject makes a lost trial, never an exception.

    A level counts as attested only if every witness of its factor said the same before and after the actions.
    """
    started = clock_ns()
    actions: list[ActionRecord] = []
    try:
        before = driver.prepare(session)
        for planned in session.actions:
            if planned.wait_s:
                driver.wait(planned.wait_s)
            canary = None if planned.canary is None else canaries[planned.canary]
            actions.append(driver.act(planned.action, canary))
        after = driver.settle()
    except DriverError as err:
        return replace(
            session.trial,
            started_ns=started,
            ended_ns=clock_ns(),
            actions=tuple(actions),
            note=f"broke off: {err}",
        )
    return replace(
        session.trial,
        status=TrialStatus.DONE,
        started_ns=started,
        ended_ns=clock_ns(),
        attested=_agreed(before, after),
        actions=tuple(actions),
    )


def _agreed(before: tuple[Attestation, ...], after: tuple[Attestation, ...]) -> tuple[Attestation, ...]:
    """Attestations of the factors of which all witnesses said after the actions what they had said before.

    Of the others none is kept: a steady one says nothing where another changed its mind, or was not there.
    """
    changed = {item.factor for item in {*before} ^ {*after}}
    return tuple(item for item in before if item.factor not in changed)
