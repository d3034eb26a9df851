"""What a phone is started with, and how it is switched on."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random, SystemRandom
from typing import Any

from hometruth.errors import LabError
from hometruth.lab.android.clock import Clock
from hometruth.lab.android.network import Network, Wire, trust
from hometruth.lab.android.preferences import Preferences
from hometruth.lab.android.profiles import PROFILES
from hometruth.lab.apps.aggregate import Defect
from hometruth.lab.apps.behaviour import Mutation
from hometruth.lab.apps.leaks import Leak
from hometruth.lab.ledger import LedgerWriter
from hometruth.lab.phones.below_apps import BelowApps


@dataclass(frozen=True, slots=True)
class Setup:
    """How a phone is started; paths and addresses as text, since it travels as JSON."""

    profile: str
    proxy: str
    ca_file: str
    state_dir: str
    ledger: str
    seed: int | None
    start_ms: int
    mutations: tuple[Mutation, ...]
    defects: frozenset[Defect]
    leaks: tuple[Leak, ...] = ()

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "Setup":
        """Build from the parsed JSON form."""
        mutations = tuple(Mutation(**item) for item in fields.pop("mutations"))
        defects = frozenset(Defect(item) for item in fields.pop("defects"))
        leaks = tuple(Leak(**item) for item in fields.pop("leaks", ()))
        return cls(**fields, mutations=mutations, defects=defects, leaks=leaks)

    def parts(self, network: Callable[[], Wire] | None = None) -> BelowApps:
        """What is below the apps of the phone, switched on once more.

        Args:
            network: Makes the connections of each process, instead of the proxy.

        Raises:
            LabError: If there is no such phone, or it cannot keep its state.
        """
        if self.profile not in PROFILES:
            raise LabError(f"no phone {self.profile!r}; choose from {', '.join(PROFILES)}")
        folder = Path(self.state_dir)
        if network is None:
            network = functools.partial(Network, self.proxy, trust(Path(self.ca_file)))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            stored = Preferences(folder / "phone.json")
            ledger = LedgerWriter(Path(self.ledger))
        except OSError as err:
            raise LabError(f"{err.filename}: the phone cannot keep its state there ({err.strerror})") from err
        stored["boots"] = stored.get("boots", 0) + 1
        # A seeded phone that is started again must not repeat the ids of its last run.
        rng = SystemRandom() if self.seed is None else Random(f"{self.seed}/{stored['boots']}")  # noqa: S311
        return BelowApps(
            profile=PROFILES[self.profile],
            folder=folder,
            stored=stored,
            clock=Clock(self.start_ms),
            rng=rng,
            network=network,
            ledger=ledger,
            mutations=self.mutations,
            defects=self.defects,
            leaks=self.leaks,
        )
