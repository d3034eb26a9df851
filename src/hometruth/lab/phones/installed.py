"""One app on one phone: its version and data, its process while it runs, its weekly job."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hometruth.errors import LabError
from hometruth.lab.android.network import Wire
from hometruth.lab.android.preferences import Preferences
from hometruth.lab.apps.aggregate import AggregateTelemetry
from hometruth.lab.apps.app_process import AppProcess
from hometruth.lab.apps.catalogue import RUNS
from hometruth.lab.apps.surroundings import Surroundings
from hometruth.lab.oem.declared import SENSORS_ONLY
from hometruth.lab.phones.below_apps import BelowApps
from hometruth.lab.phones.report_upload import ReportUpload
from hometruth.lab.sdk.variants import ERA, VARIANTS, Variant


class Installed:
    """An app, installed or not; what a person does to it as a whole."""

    def __init__(self, name: str, parts: BelowApps) -> None:
        if name not in RUNS:
            raise LabError(f"no app {name!r}; choose from {', '.join(RUNS)}")
        self.app, self._runs = RUNS[name]
        self._parts = parts
        self._network: Wire | None = None
        self._aggregate: AggregateTelemetry | None = None
        self.process: AppProcess | None = None

    @property
    def version(self) -> str | None:
        """The version installed, None if there is none."""
        version: str | None = self._parts.stored.get("versions", {}).get(self.app.name)
        return version

    @property
    def sdk(self) -> Variant:
        """The generation of the SDK inside it."""
        return VARIANTS[self._parts.stored.get("sdk", ERA.name)]

    @property
    def folder(self) -> Path:
        """Where its data are."""
        return self._parts.folder / self.app.name

    def install(self, version: str) -> None:
        """Install *version*, or put it over another; the data stay."""
        if version not in self.app.versions:
            known = ", ".join(self.app.versions)
            raise LabError(f"{self.app.title} {version!r} is not known here; choose from {known}")
        self.kill()
        stored = self._parts.stored
        stored["versions"] = {**stored.get("versions", {}), self.app.name: version}

    def launch(self) -> None:
        """Start its process, or bring it back to the front."""
        if self.version is None:
            raise LabError("no app is installed; install a version first")
        if self.process is not None:
            if self.process.is_session_over:
                self._begin_session()
            self.process.foreground()
            return
        self.folder.mkdir(exist_ok=True)
        self._begin_session()
        self._network = self._parts.network()
        self.process = self._runs(self.app, self.version, self._surroundings(self._network), self.telemetry())

    def kill(self) -> None:
        """End its process, if it runs."""
        if self.process is not None and self._network is not None:
            self.process.kill()
            self._network.close()
            self.process = self._network = None

    def clear(self) -> None:
        """Delete its data: a new installation."""
        self.kill()
        self.cancel()
        shutil.rmtree(self.folder, ignore_errors=True)

    def move(self, away: Path, back: Path) -> None:
        """Put its data into the folder *away*, and those that the folder *back* holds in their place."""
        if self.folder.exists():
            away.mkdir(parents=True, exist_ok=True)
            self.folder.rename(away / self.app.name)
        if (back / self.app.name).exists():
            (back / self.app.name).rename(self.folder)

    def cancel(self) -> None:
        """No weekly job runs any more."""
        if self._aggregate is not None:
            self._aggregate.cancel()
            self._aggregate = None

    def telemetry(self) -> AggregateTelemetry | None:
        """The aggregated telemetry, if the phone has it; the job it left from earlier goes on."""
        parts = self._parts
        if parts.stored.get("telemetry") != "aggregate" or not self.folder.exists():
            return None
        if self._aggregate is None:
            self._aggregate = AggregateTelemetry(
                profile=parts.profile,
                counters=Preferences(self.folder / "aggregate.json"),
                budget=Preferences(parts.folder / f"aggregate-budget-{self.app.name}.json"),
                clock=parts.clock,
                rng=parts.rng,
                send=self._post,
                admits=self._admits,
                defects=parts.defects,
            )
            if self._consented():
                self._aggregate.schedule()
        return self._aggregate

    def _consented(self) -> bool:
        preferences = Preferences(self.folder / "preferences.json")
        return bool(preferences.get("consent", self.app.consent_default) == "given")

    def _admits(self) -> bool:
        return self._consented() if self.process is None else self.process.sends

    def _post(self, events: Sequence[dict[str, Any]]) -> None:
        parts = self._parts
        upload = ReportUpload(
            self.app,
            preferences=Preferences(self.folder / "aggregate-config.json"),
            clock=parts.clock,
            rng=parts.rng,
            open_network=parts.network,
            web=parts.web,
        )
        upload.post(events, encrypts=self.sdk.encrypts)

    def _begin_session(self) -> None:
        stored = self._parts.stored
        stored["sessions"] = stored.get("sessions", 0) + 1

    def _surroundings(self, network: Wire) -> Surroundings:
        parts = self._parts
        return Surroundings(
            profile=parts.profile,
            android_id=parts.stored["android_id"],
            clock=parts.clock,
            rng=parts.rng,
            web=parts.web(network),
            data_dir=self.folder,
            preferences=Preferences(self.folder / "preferences.json"),
            sdk_preferences=Preferences(self.folder / "sensorsdata.json"),
            account=lambda: parts.stored.get("account"),
            network=parts.connected_to,
            on_record=parts.note_event,
            mutations=parts.mutations,
            leaks=parts.leaks,
            sdk=self.sdk,
            channels=parts.stored.get("channels", SENSORS_ONLY),
            front=parts.front,
            handed_out=parts.handed_out,
        )
