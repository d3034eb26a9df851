"""Mint Browser 3.4.0 and 3.4.3 as data: what is recorded, when, where it goes, and why this is believed.

Sources, by short name:

palant-1  code analysis of 3.4.0, later 3.4.3:
          https://palant.info/2020/05/04/are-xiaomi-browsers-spyware-yes-they-are.../
palant-2  code analysis of 3.4.3 and 3.4.4:
          https://palant.info/2020/05/08/what-data-does-xiaomi-collect-about-you/
forbes    Forbes, 2020-04-30 (traffic of a Redmi Note 8, both modes)
sdk       source of sa-sdk-android 3.2.10, the version palant-1 links to
assumed   plausible, not documented
invented  not documented anywhere; ours, so that the lab can be driven

Not modelled: the second upload to MiStat, the SDK's request for its remote configuration, download, YouTube
and speed-dial events.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from hometruth.errors import LabError
from hometruth.lab.apps.behaviour import FACTORS, Cell, Rule, sends_in

TELEMETRY_HOST = "sa.api.intl.miui.com"
"""Where the events go. Source: palant-1."""
TELEMETRY_PATH = "/sa?project=global_browser_mini&r={region}"
"""Source: palant-1. ``r`` is the country of the phone."""
SEARCH_HOST = "search.example"
"""The search engine of the lab: a reserved name, so that no real engine is ever asked."""
ENGINES: Mapping[str, str] = MappingProxyType({"google": SEARCH_HOST})
"""Name the app reports as ``used_searchengine`` -> host whose result page it loads. The host is invented."""

VERSIONS = FACTORS["version"]
VERSIONS_WITHOUT_SWITCH = frozenset({"3.4.0"})
"""3.4.3 of 2020-05-04 brought the switch. Source: palant-1."""
SWITCH_DEFAULT = "on"
"""Enhanced Incognito Mode before anyone touches it. Source: palant-2: by default 3.4.3 sends."""
CONSENT_DEFAULT = "none"
"""The first start asks and waits. Source: invented; Mint's own consent screen is not documented."""


@dataclass(frozen=True, slots=True)
class EventKind:
    """An event of the app: its name and the parameters it carries beside the super properties."""

    name: str
    parameters: tuple[str, ...]
    source: str


PAGE_START = EventKind("page_load_event_start", ("url",), "palant-1")
PAGE_FINISH = EventKind("page_load_event_finish", ("url",), "palant-1; that a failed load has none: assumed")
SEARCH = EventKind(
    "search", ("used_searchengine", "search_position", "search_method", "search_word"), "palant-1"
)
SEARCH_POSITION = "homepage"
"""Value of ``search_position``. Source: assumed; palant-1 names only the key."""
SEARCH_METHOD = "input"
"""Value of ``search_method``. Source: assumed; palant-1 names only the key."""

SUPER_PROPERTIES = EventKind(
    "registerSuperProperties",
    ("uuid", "internet_status", "platform", "miui_version", "miui_region", "system_language"),
    "palant-1; ``uuid`` is the anonymous id once more",
)

RULES = (
    Rule(
        {"consent": "none"},
        sends=False,
        source="invented: the SDK is not initialised before the question is answered",
    ),
    Rule(
        {"consent": "withdrawn"},
        sends=False,
        source="invented: nothing is recorded any more and what still waits on the phone is deleted. SDKs of"
        " the time had no disableSDK (it came with 5.4.0, 2021), hence no farewell event either",
    ),
    Rule({"version": "3.4.0"}, sends=True, source="forbes and palant-1: in normal and incognito mode alike"),
    Rule(
        {"version": "3.4.3", "mode": "incognito", "switch": "off"},
        sends=False,
        source="palant-1, update of 2020-05-07: the one silent cell, and not the default",
    ),
    Rule({"version": "3.4.3"}, sends=True, source="palant-1, palant-2"),
)
"""The table as found; the first rule that matches decides."""


def cell_of(version: str, mode: str, switch: str, consent: str) -> Cell:
    """The cell with these levels.

    Raises:
        LabError: If a level does not exist, or the version has no such position of the switch.
    """
    cell = Cell(version, mode, switch, consent)
    for factor, level in cell.as_dict().items():
        if level not in FACTORS[factor]:
            raise LabError(f"Mint Browser: no {factor} {level!r}; choose from {', '.join(FACTORS[factor])}")
    if (switch == "absent") != (version in VERSIONS_WITHOUT_SWITCH):
        raise LabError(f"Mint Browser {version}: the switch cannot be {switch!r} in this version")
    return cell


def behaviour_sends(version: str, mode: str, switch: str, consent: str) -> bool:
    """Whether actions in this cell are recorded and sent, as found in 2020 (`RULES`)."""
    return sends_in(cell_of(version, mode, switch, consent), RULES)
