"""A driver in one file: a client on this machine that says what a plan tells it to say."""

import ssl

import httpx

from hometruth.errors import DriverError
from hometruth.experiment.drivers.base import DriverKind, ProgramDriver
from hometruth.handed_in import Table, Text
from hometruth.model import Attestation, Canary, CanaryKind


class Options(Table, frozen=True):
    """``[subject.options]``."""

    says: Text = "nothing"


class Parrot(ProgramDriver[Options]):
    """Sends what it is given to the vendor, unless it was told to be silent."""

    def shows(self) -> tuple[Attestation, ...]:
        return tuple(Attestation(*level, "the parrot") for level in self.condition.levels)

    def does(self, action: str, canary: Canary | None) -> bool:
        if self.options.says == "no":
            raise DriverError("the parrot sulks")
        trusting = ssl.create_default_context(cafile=str(self.ca_file))
        with httpx.Client(proxy=self.proxy_url, verify=trusting) as client:
            told = {"said": self.options.says, "word": canary.value if canary else ""}
            return client.get("https://sa.api.intl.miui.com/sa", params=told).is_success


PARROT = DriverKind(Parrot, {"squawk": CanaryKind.SEARCH}, Options, zones=("miui.com",))
