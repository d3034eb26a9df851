"""A driver in one file: a client on this machine that says what a plan tells it to say."""

import ssl
import time
from collections.abc import Mapping
from pathlib import Path

import httpx

from hometruth.errors import DriverError
from hometruth.experiment.drivers.base import DriverKind
from hometruth.experiment.plan import Plan
from hometruth.experiment.planned import PlannedSession
from hometruth.handed_in import Table, Text
from hometruth.model import ActionRecord, Attestation, Canary, CanaryKind


class Options(Table, frozen=True):
    """``[subject.options]``."""

    says: Text = "nothing"


class Parrot:
    """Sends what it is given to the vendor, unless it was told to be silent."""

    def __init__(self, plan: Plan, _folder: Path) -> None:
        assert isinstance(plan.options, Options)
        self._says = plan.options.says

    def routes(self) -> Mapping[str, str]:
        return {}

    def connect(self, proxy_url: str, ca_file: Path) -> tuple[Canary, ...]:
        self._client = httpx.Client(proxy=proxy_url, verify=ssl.create_default_context(cafile=str(ca_file)))
        return ()

    def prepare(self, session: PlannedSession) -> tuple[Attestation, ...]:
        self._attested = tuple(Attestation(*level, "the parrot") for level in session.trial.condition.levels)
        return self._attested

    def act(self, action: str, canary: Canary | None) -> ActionRecord:
        assert canary is not None
        if self._says == "no":
            raise DriverError("the parrot sulks")
        self._client.get("https://sa.api.intl.miui.com/sa", params={"said": self._says, "word": canary.value})
        return ActionRecord(action, canary.id, time.time_ns(), happened=True)

    def wait(self, seconds: float) -> None: ...

    def settle(self) -> tuple[Attestation, ...]:
        return self._attested

    def close(self) -> None:
        self._client.close()


PARROT = DriverKind(Parrot, {"squawk": CanaryKind.SEARCH}, Options, zones=("miui.com",))
