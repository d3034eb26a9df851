"""A plan as written down: subject, factors, actions, expected flows, claims.

Plans are TOML; docs/reference/plan.md describes every field. Errors name the file and the field.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import Any

from hometruth.errors import PlanError
from hometruth.experiment.pairs import KEYS as PAIRING_KEYS
from hometruth.experiment.pairs import pairing_of
from hometruth.handed_in import parse_toml, read_text
from hometruth.model import CanaryKind, Condition, ExpectedFlow, Pairing, Part, Subject

ACTIONS: Mapping[str, CanaryKind] = {
    "visit": CanaryKind.PAGE,
    "search": CanaryKind.SEARCH,
    "visit-adult": CanaryKind.PAGE,
    "reader-mode": CanaryKind.PAGE,
    "share-page": CanaryKind.PAGE,
    "add-quick-dial": CanaryKind.PAGE,
    "open-quick-dial": CanaryKind.PAGE,
    "download": CanaryKind.DOWNLOAD,
    "search-video": CanaryKind.SEARCH,
    "watch-video": CanaryKind.ITEM,
    "read-item": CanaryKind.ITEM,
    "play": CanaryKind.SONG,
    "search-song": CanaryKind.SEARCH,
    "add-to-playlist": CanaryKind.SONG,
    "open-folder": CanaryKind.FOLDER,
    "open-promoted-folder": CanaryKind.FOLDER,
    "swipe-screen": CanaryKind.SCREEN,
    "tap-screen": CanaryKind.SCREEN,
    "open-status-bar": CanaryKind.SCREEN,
    "open-settings": CanaryKind.SCREEN,
}
"""Actions a driver may be asked for, with the kind of canary each plants."""

DEVICE = "device"
"""The factor that says which of several devices a session is on."""
SIMULATING = frozenset({"lab"})
"""Drivers whose subject is a simulation: what is seen of it says nothing of a real device."""


@dataclass(frozen=True, slots=True)
class CellPlan:
    """Conditions that are run alike, and how often."""

    conditions: tuple[Condition, ...]
    installation: tuple[str, ...]
    """Factors that are fixed for one installation; the others vary between its sessions."""
    blocks: int
    days: tuple[float, ...]
    """Days after the installation at which sessions start, on the subject's own clock."""
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """One part of the plan, named by the propositions it tests."""

    id: str
    cells: tuple[CellPlan, ...]
    pairing: Pairing | None = None
    """Set if its sessions are run in pairs, as the test of opaque flows needs it."""

    def scaled(self, blocks: int) -> "Series":
        """The same series with at most *blocks* repetitions, or pairs."""
        return replace(
            self,
            cells=tuple(replace(cell, blocks=min(cell.blocks, blocks)) for cell in self.cells),
            pairing=self.pairing and self.pairing.scaled(blocks),
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything decided before the run."""

    id: str
    title: str
    subject: Subject
    driver: str
    claims: str
    """``bundled``, or a path relative to the plan."""
    phantoms: int
    window: str
    """How long each session is watched, as words for the verdicts."""
    expected: tuple[ExpectedFlow, ...]
    series: tuple[Series, ...]
    text: str
    """The plan as written, to be sealed."""
    pass_pinned: bool = False
    """Let connections through unopened to hosts whose clients refuse the recorder's certificate."""
    pinned: tuple[str, ...] = ()
    """Hosts known to be pinned, let through from the first connection on."""
    only_app: str | None = None
    """The only app whose traffic is routed to the recorder, as the tester states it."""
    folder: Path | None = None
    """Where relative paths start; None for bundled plans."""

    @property
    def devices(self) -> tuple[str, ...]:
        """Profiles that the plan needs: the subject's, and the levels of the factor ``device``."""
        conditions = (one for item in self.series for cell in item.cells for one in cell.conditions)
        levels = (condition.get(DEVICE) for condition in conditions)
        return tuple(dict.fromkeys((self.subject.device, *(level for level in levels if level))))

    @property
    def pairings(self) -> tuple[Pairing, ...]:
        """Of the series that are run in pairs."""
        return tuple(item.pairing for item in self.series if item.pairing)

    def scaled(self, blocks: int) -> "Plan":
        """The same plan with at most *blocks* repetitions: faster, with weaker bounds."""
        return replace(self, series=tuple(item.scaled(blocks) for item in self.series))


def load_plan(path: Path) -> Plan:
    """Read a plan.

    Raises:
        PlanError: If it cannot be read or is malformed; the message names the place.
    """
    return parse_plan(read_text(path, PlanError), str(path), folder=path.parent)


def bundled_plan(name: str) -> Plan:
    """A plan that comes with Hometruth."""
    return parse_plan(
        (files("hometruth.data") / "plans" / f"{name}.toml").read_text("utf-8"), f"bundled {name}"
    )


def parse_plan(text: str, where: str, *, folder: Path | None = None) -> Plan:
    """Parse TOML *text*; *where* names it in errors."""
    table = parse_toml(text, where, PlanError)
    _known(table, {"plan", "subject", "expected", "series"}, where)
    head, subject = _table(table, "plan", where), _table(table, "subject", where)
    _known(head, {"id", "title", "claims", "phantoms", "window"}, f"{where}: [plan]")
    _known(
        subject,
        {
            *("driver", "kind", "name", "vendor", "product", "device", "description"),
            *("region", "products", "released", "pass_pinned", "pinned", "only_app"),
        },
        f"{where}: [subject]",
    )
    return Plan(
        id=_text(head, "id", f"{where}: [plan]"),
        title=_text(head, "title", f"{where}: [plan]"),
        claims=_text({"claims": "bundled", **head}, "claims", f"{where}: [plan]"),
        phantoms=_count(head.get("phantoms", 1000), f"{where}: [plan] phantoms"),
        window=_text(head, "window", f"{where}: [plan]"),
        subject=_subject(subject, f"{where}: [subject]"),
        driver=_text(subject, "driver", f"{where}: [subject]"),
        expected=tuple(_expected(row, f"{where}: [[expected]]") for row in _rows(table, "expected", where)),
        series=tuple(_series(row, where) for row in _rows(table, "series", where)) or _no_series(where),
        text=text,
        pass_pinned=_flag(subject, "pass_pinned", f"{where}: [subject]"),
        pinned=_texts(subject.get("pinned", []), f"{where}: [subject] pinned"),
        only_app=_text(subject, "only_app", f"{where}: [subject]") if "only_app" in subject else None,
        folder=folder,
    )


def _subject(row: Mapping[str, Any], where: str) -> Subject:
    kind, driver = _text(row, "kind", where), _text(row, "driver", where)
    if kind not in ("simulated", "real"):
        raise PlanError(f"{where}: kind is {kind!r}; use simulated or real")
    if kind == "real" and driver in SIMULATING:
        raise PlanError(f"{where}: driver {driver} drives a simulation, so kind must be simulated, not real")
    return Subject(
        kind=kind,
        name=_text(row, "name", where),
        vendor=_text(row, "vendor", where),
        product=_text(row, "product", where),
        device=_text(row, "device", where),
        description=_text(row, "description", where) if "description" in row else "",
        region=row.get("region", ""),
        products=_pairs(row, "products", where),
        released=_released(row, where),
    )


def _pairs(row: Mapping[str, Any], key: str, where: str) -> tuple[tuple[str, str], ...]:
    table = row.get(key, {})
    if not isinstance(table, Mapping) or not all(isinstance(value, str) for value in table.values()):
        raise PlanError(f"{where}: {key} must be a table of texts, not {table!r}")
    return tuple(table.items())


def _released(row: Mapping[str, Any], where: str) -> tuple[tuple[str, str], ...]:
    dates = _pairs(row, "released", where)
    for version, day in dates:
        try:
            date.fromisoformat(day)
        except ValueError as err:
            raise PlanError(
                f"{where}: released.{version} must be a date like 2020-05-04, not {day!r}"
            ) from err
    return dates


def _expected(row: Mapping[str, Any], where: str) -> ExpectedFlow:
    _known(row, {"kind", "host", "path", "parts", "within_s", "before_s", "methods"}, where)
    try:
        re.compile(_text(row, "path", where).replace("{canary}", "x"))
        return ExpectedFlow(
            kind=CanaryKind(_text(row, "kind", where)),
            host=_text(row, "host", where).lower(),
            path=row["path"],
            parts=frozenset(Part(part) for part in row.get("parts", ())),
            within_s=float(row.get("within_s", 30)),
            before_s=float(row.get("before_s", 1)),
            methods=frozenset(row.get("methods", ("GET",))),
        )
    except (ValueError, TypeError, re.error) as err:
        raise PlanError(f"{where}: {err}") from err


def _series(row: Mapping[str, Any], where: str) -> Series:
    name = _text(row, "id", f"{where}: [[series]]")
    where = f"{where}: series {name}"
    _known(row, {"id", "blocks", "actions", "installation", "days", "cell", *PAIRING_KEYS}, where)
    pairing = pairing_of(row, name, where)
    cells = _rows(row, "cell", where)
    if not cells:
        raise PlanError(f"{where}: needs at least one [[series.cell]]")
    made = (_cell(cell, row, pairing, f"{where}: cell {n + 1}") for n, cell in enumerate(cells))
    return Series(name, tuple(made), pairing)


def _cell(row: Mapping[str, Any], series: Mapping[str, Any], pairing: Pairing | None, where: str) -> CellPlan:
    _known(row, {"levels"} if pairing else {"levels", "blocks", "days", "actions"}, where)
    levels = _table(row, "levels", where)
    for factor, values in levels.items():
        if not isinstance(values, list) or not values or not all(isinstance(value, str) for value in values):
            raise PlanError(f"{where}: levels.{factor} must be a list of texts, not {values!r}")
    actions = _texts(row.get("actions", series.get("actions", [])), f"{where}: actions")
    unknown = set(actions) - ACTIONS.keys()
    if unknown or not (actions or pairing or {"actions"} & {*row, *series}):
        problem = f"unknown action {', '.join(sorted(unknown))}" if actions else "no actions"
        raise PlanError(f"{where}: {problem} (have: {', '.join(ACTIONS)})")
    installation = _texts(series.get("installation", list(levels)), f"{where}: installation")
    if DEVICE in levels and DEVICE not in installation:
        raise PlanError(f"{where}: an installation is on one device: add device to installation")
    if stray := set(installation) - levels.keys():
        raise PlanError(f"{where}: installation names factors without levels: {', '.join(sorted(stray))}")
    return CellPlan(
        conditions=tuple(
            Condition(tuple(zip(levels, combo, strict=True))) for combo in product(*levels.values())
        ),
        installation=installation,
        blocks=pairing.blocks
        if pairing
        else _count(row.get("blocks", series.get("blocks", 1)), f"{where}: blocks"),
        days=_days(row.get("days", series.get("days", [0])), f"{where}: days"),
        actions=actions,
    )


def _no_series(where: str) -> tuple[Series, ...]:
    raise PlanError(f"{where}: has no [[series]]; nothing would be run")


def _table(row: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
    value = row.get(key)
    if not isinstance(value, Mapping) or not value:
        raise PlanError(f"{where}: needs a table {key}")
    return value


def _rows(row: Mapping[str, Any], key: str, where: str) -> list[Mapping[str, Any]]:
    """A list of tables; empty if there is none."""
    rows = row.get(key, [])
    if not isinstance(rows, list) or not all(isinstance(each, Mapping) for each in rows):
        raise PlanError(f"{where}: {key} must be a list of tables, [[{key}]], not {rows!r:.80}")
    return rows


def _texts(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise PlanError(f"{where} must be a list of texts, not {value!r:.80}")
    return tuple(value)


def _days(value: object, where: str) -> tuple[float, ...]:
    if not isinstance(value, list) or not all(type(day) in (int, float) for day in value):
        raise PlanError(f"{where} must be a list of numbers, not {value!r:.80}")
    return tuple(float(day) for day in value)


def _text(row: Mapping[str, Any], key: str, where: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value:
        raise PlanError(f"{where}: {key} must be a text that is not empty, not {value!r}")
    return value


def _flag(row: Mapping[str, Any], key: str, where: str) -> bool:
    value = row.get(key, False)
    if not isinstance(value, bool):
        raise PlanError(f"{where}: {key} must be true or false, not {value!r}")
    return value


def _count(value: object, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise PlanError(f"{where} must be a whole number of at least 1, not {value!r}")
    return value


def _known(row: Mapping[str, Any], keys: set[str], where: str) -> None:
    if unknown := row.keys() - keys:
        raise PlanError(
            f"{where}: unknown field {', '.join(sorted(unknown))} (have: {', '.join(sorted(keys))})"
        )
