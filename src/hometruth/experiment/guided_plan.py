"""From four answers to a plan for a device in a person's hands: product, owner, claim, switches."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files

from hometruth.bounds import fewest_pairs
from hometruth.errors import PlanError
from hometruth.experiment.drivers.guided_kind import GUIDED, GuidedOptions
from hometruth.experiment.plan import Plan, parse_plan
from hometruth.handed_in import Table
from hometruth.model import Pairing

VENDORS: Mapping[str, str] = {
    "Chrome": "Google",
    "Chromium": "Google",
    "Firefox": "Mozilla",
    "Safari": "Apple",
    "Edge": "Microsoft",
    "Opera": "Opera",
    "Brave": "Brave Software",
    "Samsung Internet": "Samsung",
    "Mi Browser": "Xiaomi",
    "DuckDuckGo": "DuckDuckGo",
}
"""Who makes a browser; of others the person says it."""
TAKES_NONE = frozenset({"Chrome"})
"""Browsers that take no extension on any phone."""
PRIVATE_WINDOWS = "private-windows"
CLAIMS: Mapping[str, str] = {"Chrome": "chrome-phone", "Chromium": "chromium", "Firefox": "firefox"}
"""Bundled statements of the maker, by product."""
MINE, AGREED = "mine", "agreed"
WHOSE: Mapping[str, str] = {
    MINE: "the tester's own",
    AGREED: "of somebody who agreed, and who reads and decides on the device itself",
}
SESSION_S = 90
"""What a session takes a person, besides the drain."""
HALF_S = 90
"""What one half of a pair takes, besides the thing done and the drain: its moments, and what comes before."""
PAIRS = 60
"""Of sessions that a coin needs to show a dependence that is there in most of them."""
DONE_IN_AN_APP = "done-in-an-app"
"""The question that a coin answers."""
_SUBJECT = re.compile(r"^\[subject\]\n.*?(?=^# The visit)", re.MULTILINE | re.DOTALL)
_SWITCH = re.compile(r"(?P<name>[\w .-]{1,40})=(?P<levels>[^,={}\[\]\n]{1,40}(?:,[^,={}\[\]\n]{1,40}){1,3})")


@dataclass(frozen=True, slots=True)
class FourAnswers:
    """What was answered."""

    product: str
    vendor: str
    whose: str
    claims: str
    """As a plan names them: ``bundled:NAME``, or the path of a file."""
    switches: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Name of a switch, and its levels."""
    device: str = "phone"
    without_extensions: bool = False
    """True where the browser has none for sure."""
    only: tuple[str, ...] = ()
    """Hosts that are looked into, beside the canaries'; empty for any."""
    app_hosts: bool = False
    """True where hosts that the product is seen to contact are asked about at the desk, and added."""
    all_traffic: bool = False
    """True where what other apps send is looked into on purpose."""


def switch_of(told: str) -> tuple[str, tuple[str, ...]]:
    """A switch as it is typed: ``Search suggestions=on,off``.

    Raises:
        PlanError: If it is none.
    """
    found = _SWITCH.fullmatch(told)
    levels = tuple(dict.fromkeys(each.strip() for each in found["levels"].split(","))) if found else ()
    if not found or len(levels) < 2 or not all(levels) or found["name"].strip() in {"", "mode"}:
        raise PlanError(f"{told!r:.100} is no switch with two to four settings, such as 'Suggestions=on,off'")
    return found["name"].strip(), levels


def guided_plan(
    answers: FourAnswers,
    *,
    sessions: int,
    actions: Sequence[str],
    at: datetime,
    options: GuidedOptions,
    offline: bool = False,
) -> Plan:
    """The plan.

    Args:
        sessions: Of each condition.
        actions: What is done in each.
        at: Now; names the run.

    Raises:
        PlanError: If an answer makes no plan.
    """
    table = _subject_of(answers) | {
        "offline": offline,
        "extensions": "none" if answers.without_extensions or answers.product in TAKES_NONE else "unknown",
        "unseen": ["later uploads", "accounts signed in to the phone", "paraphrases"],
    }
    if answers.only or answers.app_hosts:
        table["opened"] = [*(f"*.{zone}" for zone in GUIDED.zones), *answers.only]
    if answers.app_hosts:
        table["app_hosts"] = True
    if answers.all_traffic:
        table["all_traffic"] = True
    levels = {"mode": ("normal", "private"), **dict(answers.switches)}
    told = ", ".join(f"{_toml(name)} = {_toml(list(each))}" for name, each in levels.items())
    window = f"from the opening of the window to {options.drain_s:g} s after the last action"
    lines = {
        r"^id = \"phone-by-hand\"$": f"id = {_toml(f'phone-{at:%Y%m%d-%H%M%S}')}",
        r"^claims = .*$": f"claims = {_toml(answers.claims)}",
        r"^window = .*$": f"window = {_toml(window)}",
        r"^days = \[[0, ]*\]": f"days = {_toml([0] * sessions)}",
        r"^actions = .*$": f"actions = {_toml(list(actions))}",
        r"^levels = .*$": f"levels = {{ {told} }}",
    }
    return _filled("phone-by-hand", table, options, lines)


def coin_plan(
    answers: FourAnswers, hosts: Sequence[str], *, at: datetime, options: GuidedOptions, pairs: int = PAIRS
) -> Plan:
    """The plan that asks whether the bytes to *hosts* depend on what is done; a secret coin decides on it.

    Args:
        options: Say what is done, and that nothing is opened.

    Raises:
        PlanError: If an answer makes no plan.
    """
    table = _subject_of(answers) | {
        "opened": ["*.canary.example"],
        "unseen": ["what is in the bytes", "later uploads"],
    }
    lines = {
        r"^id = \"phone-by-coin\"$": f"id = {_toml(f'phone-by-coin-{at:%Y%m%d-%H%M%S}')}",
        r"^pairs = .*$": f"pairs = {pairs}",
        r"^endpoints = .*$": f"endpoints = {_toml(list(hosts))}",
    }
    return _filled("phone-by-coin", table, options, lines)


def _subject_of(answers: FourAnswers) -> dict[str, object]:
    return {
        "driver": "guided",
        "kind": "real",
        "name": f"{answers.device} with {answers.product}",
        "vendor": answers.vendor,
        "product": answers.product,
        "device": answers.device,
        "description": f"In a person's hands; {WHOSE[answers.whose]}. Tried with stand-ins only",
        "recipients": [answers.vendor],
    }


def _filled(name: str, subject: Mapping[str, object], options: Table, lines: Mapping[str, str]) -> Plan:
    """A bundled plan with another subject, and with some lines (by pattern) in the place of its own."""
    table = [f"{key} = {_toml(value)}" for key, value in subject.items()]
    table += ["", "[subject.options]"]
    table += [f"{key} = {_toml(value)}" for key, value in _told(options) if value is not None]
    text = (files("hometruth.data") / "plans" / f"{name}.toml").read_text("utf-8")
    text = _SUBJECT.sub(lambda _: "[subject]\n" + "\n".join(table) + "\n\n", text)
    for pattern, value in lines.items():
        text = re.sub(pattern, lambda _, value=value: value, text, flags=re.MULTILINE)  # type: ignore[misc]
    return parse_plan(text, "the plan of the four answers")


def fewest(pairing: Pairing) -> int:
    """Pairs after which the coin can be shown at the earliest, at one of the endpoints or at all others."""
    return fewest_pairs(len(pairing.endpoints) + 1, pairing.alpha)


def takes_s(plan: Plan) -> float:
    """How long a person needs for it, about."""
    options = plan.options
    assert isinstance(options, GuidedOptions)
    n = sum(
        len(cell.conditions) * (2 * item.pairing.blocks if item.pairing else len(cell.days) * cell.blocks)
        for item in plan.series
        for cell in item.cells
    )
    paired = any(item.pairing for item in plan.series)
    return options.preflight_s + n * (HALF_S + options.does_s if paired else SESSION_S) + n * options.drain_s


def _told(options: Table) -> list[tuple[str, object]]:
    return [(name, getattr(options, name)) for name in options.__struct_fields__]


def _toml(value: object) -> str:
    """A text, list, number or truth value as TOML has it, which is how JSON has it."""
    return json.dumps(value, ensure_ascii=False)
