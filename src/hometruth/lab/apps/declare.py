"""How an app declares itself as data: versions, what it records, when it sends, and why each is believed."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from hometruth.errors import LabError
from hometruth.lab.apps.behaviour import FACTORS, AppState, Rule

TELEMETRY_HOST = "sa.api.intl.miui.com"
"""Where the events go. Source: palant-1."""


class NameSource(StrEnum):
    """Where the names of an event and of its parameters come from."""

    PUBLISHED = "published"
    SDK = "the SDK's own"
    DECOMPILED = "read in decompiled code"
    """By third parties, of a version that is not certain."""
    FROM_MINT = "assumed from Mint"
    """Known of Mint Browser only, and assumed of another browser."""
    INVENTED = "invented"
    """Never published; ours, in the style of those that were."""


@dataclass(frozen=True, slots=True)
class EventKind:
    """An event of an app: its name and the parameters it carries beside the super properties."""

    name: str
    parameters: tuple[str, ...]
    source: str
    """Why it is believed that the app records this at all."""
    names: NameSource = NameSource.PUBLISHED
    counted_as: str = "actions"
    """Which counter of the aggregated variant it raises; which event it was is not kept there."""


@dataclass(frozen=True, slots=True)
class App:
    """An app that records what its user does."""

    name: str
    title: str
    versions: tuple[str, ...]
    project: str
    """``project`` in the address of the telemetry."""
    project_basis: NameSource
    rules: tuple[Rule, ...]
    """In which cells it sends; the first that matches decides."""
    events: tuple[EventKind, ...]
    user_agent: str = ""
    """Product of a browser's user agent; ``{version}`` stands for the app's version."""
    without_switch: frozenset[str] = frozenset()
    """Versions that have no switch."""
    switch_default: str = "on"
    consent_default: str = "none"
    auto_tracks: bool = False
    """Whether the SDK itself watches its start and its screens."""

    def kind(self, name: str) -> EventKind:
        """The event of that name."""
        return next(kind for kind in self.events if kind.name == name)

    def cell(
        self, version: str, mode: str, switch: str, consent: str, telemetry: str = "as-found"
    ) -> AppState:
        """The cell of this app with these levels.

        Raises:
            LabError: If a level does not exist, or the version has no such position of the switch.
        """
        cell = AppState(version, mode, switch, consent, self.name, telemetry)
        known: Mapping[str, tuple[str, ...]] = {**FACTORS, "version": self.versions}
        for factor, level in cell.as_dict().items():
            if level not in known[factor]:
                raise LabError(f"{self.title}: no {factor} {level!r}; choose from {', '.join(known[factor])}")
        if (switch == "absent") != (version in self.without_switch):
            raise LabError(f"{self.title} {version}: the switch cannot be {switch!r} in this version")
        return cell

    def telemetry_url(self, region: str) -> str:
        """Where its events are posted from a phone of that country."""
        return f"https://{TELEMETRY_HOST}/sa?project={self.project}&r={region}"


_SOURCE = "SDK source: its own event; that this app has it switched on: invented"

START = EventKind("$AppStart", ("$is_first_time", "$resume_from_background"), _SOURCE, NameSource.SDK)

END = EventKind("$AppEnd", ("event_duration",), _SOURCE, NameSource.SDK)

VIEW = EventKind("$AppViewScreen", ("$screen_name", "$title"), _SOURCE, NameSource.SDK)

CLICK = EventKind(
    "$AppClick",
    ("$element_id", "$element_type", "$element_content", "$screen_name", "$title"),
    _SOURCE,
    NameSource.SDK,
)

AUTO_TRACKED = (START, END, VIEW, CLICK)
"""Events that the SDK makes by itself where an app lets it; that these apps let it is invented."""
