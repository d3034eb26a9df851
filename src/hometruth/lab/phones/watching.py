"""The system's own analytics on one phone, if it has them: started and stopped with it."""

import functools
import shutil

from hometruth.lab.oem.declared import ALL, ANALYTICS
from hometruth.lab.oem.system_analytics import CHANNEL, SystemAnalytics
from hometruth.lab.phones.below_apps import BelowApps


class Watching:
    """Whether somebody watches the screen, and who."""

    def __init__(self, parts: BelowApps) -> None:
        self._parts = parts
        self._folder = parts.folder / ANALYTICS
        self._analytics: SystemAnalytics | None = None

    def start(self) -> None:
        """Watch from now on, if the phone has all channels."""
        parts = self._parts
        if parts.stored.get("channels") != ALL:
            return
        self._network = parts.network()
        self._analytics = parts.front.watcher = SystemAnalytics(
            profile=parts.profile,
            stored=parts.stored,
            folder=self._folder,
            clock=parts.clock,
            rng=parts.rng,
            web=parts.web(self._network),
            on_record=functools.partial(parts.note_of_system, CHANNEL),
        )

    def stop(self) -> None:
        """Nobody watches; what waits stays on disk."""
        if self._analytics is not None:
            self._analytics.stop()
            self._network.close()
            self._analytics = self._parts.front.watcher = None

    def clear(self) -> None:
        """Stop, and forget everything, as a factory reset does."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)
