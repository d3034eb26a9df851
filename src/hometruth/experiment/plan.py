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
from typing import Annotated, Any, Literal, TypeVar

from msgspec import Meta, field

from hometruth.errors import PlanError
from hometruth.experiment.drivers import DRIVERS, NO_OPTIONS, DriverKind
from hometruth.experiment.labelled import DRIVER, LabelledSession, SessionTable, labelled_session
from hometruth.experiment.pairing import Paired, pairing_of
from hometruth.handed_in import Count, Place, Table, Text, Texts, checked, checked_toml, read_text
from hometruth.model import CanaryKind, Condition, ExpectedFlow, Pairing, Part, Subject

T = TypeVar("T")

DEVICE = "device"
"""The factor that says which of several devices a session is on."""


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
    opened: tuple[str, ...] = ()
    """Hosts whose content is kept, all others being counted only; empty for any."""
    app_hosts: bool = False
    """Beside `opened`, hosts that the product is seen to contact, as somebody chooses in the run."""
    all_traffic: bool = False
    """Everything that the device sends is looked into, by whichever app."""
    only_app: str | None = None
    """The only app whose traffic is routed to the recorder, as the tester states it."""
    offline: bool = False
    """Nothing leaves the machine, whatever the driver would forward."""
    sessions: tuple[LabelledSession, ...] = ()
    """Sessions of recordings that were there before the plan; then nothing is run."""
    options: Table = NO_OPTIONS
    """The driver's own, ``[subject.options]``."""
    labelled_by: str = ""
    """Who says which session was what, where that was said afterwards."""
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


class _Head(Table, frozen=True):
    id: Text
    title: Text
    window: Text
    claims: Text = "bundled"
    phantoms: Count = 1000
    labelled_by: Text | None = None


class _Subject(Table, frozen=True):
    driver: Text
    kind: Literal["simulated", "real"]
    name: Text
    product: Text
    device: Text
    vendor: Text | None = None
    description: Text | None = None
    region: str = ""
    products: dict[str, str] = field(default_factory=dict)
    devices: dict[str, str] = field(default_factory=dict)
    released: dict[str, str] = field(default_factory=dict)
    pass_pinned: bool = False
    pinned: Texts = ()
    opened: Texts = ()
    app_hosts: bool = False
    all_traffic: bool = False
    only_app: Text | None = None
    offline: bool = False
    recipients: Texts = ()
    unseen: Texts = ()
    extensions: Literal["none", "unknown"] | None = None
    options: dict[str, Any] = field(default_factory=dict)


class _Expected(Table, frozen=True):
    kind: CanaryKind
    host: Text
    path: Text
    parts: frozenset[Part] = frozenset()
    within_s: float = 30
    before_s: float = 1
    methods: frozenset[str] = frozenset({"GET"})


class _Cell(Table, frozen=True):
    levels: Annotated[dict[str, Annotated[Texts, Meta(min_length=1)]], Meta(min_length=1)]
    blocks: Count | None = None
    days: tuple[float, ...] | None = None
    actions: Texts | None = None


class _Series(Paired, frozen=True, kw_only=True):
    id: Text
    cell: Annotated[tuple[_Cell, ...], Meta(min_length=1)]
    blocks: Count | None = None
    days: tuple[float, ...] | None = None
    actions: Texts | None = None
    installation: Texts | None = None


class _WrittenPlan(Table, frozen=True):
    plan: _Head
    subject: _Subject
    series: tuple[_Series, ...] = ()
    session: tuple[SessionTable, ...] = ()
    expected: tuple[_Expected, ...] = ()


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
    table, place = checked_toml(text, where, _WrittenPlan, PlanError)
    head, subject = table.plan, table.subject
    _check_what_is_run(table, place)
    kind = None if subject.driver == DRIVER else _driver(subject, place.at("subject"))
    actions = kind.actions if kind else {}
    options = checked(subject.options, kind.options if kind else Table, place.at("subject", "options"))
    _check_what_is_opened(subject, kind, options, place.at("subject"))
    return Plan(
        id=head.id,
        title=head.title,
        claims=head.claims,
        phantoms=head.phantoms,
        window="; ".join(filter(None, (head.window, kind.not_watched if kind else ""))),
        subject=_subject(subject, kind.unseen if kind else (), place.at("subject")),
        driver=subject.driver,
        expected=tuple(_expected(row, place.at("expected", n)) for n, row in enumerate(table.expected)),
        series=tuple(_series(row, actions, place.at("series", n)) for n, row in enumerate(table.series)),
        options=options,
        sessions=tuple(labelled_session(row, place.at("session", n)) for n, row in enumerate(table.session)),
        labelled_by=head.labelled_by or "",
        text=text,
        pass_pinned=subject.pass_pinned,
        pinned=subject.pinned,
        opened=subject.opened,
        app_hosts=subject.app_hosts,
        all_traffic=subject.all_traffic,
        only_app=subject.only_app,
        offline=subject.offline,
        folder=folder,
    )


def _check_what_is_run(table: _WrittenPlan, place: Place) -> None:
    if table.subject.driver != DRIVER:
        if table.session:
            place.at("session", 0).fail(f"labels a recording; that needs the driver {DRIVER}")
        if not table.series:
            place.fail("needs at least one [[series]]; nothing would be run")
        return
    if table.series or not table.session:
        place.fail(f"the driver {DRIVER} runs nothing: it needs [[session]], and no [[series]]")
    if table.plan.labelled_by is None:
        place.at("plan").fail("labelled_by is missing: who says which session was what")
    ids = [row.id for row in table.session]
    if twice := [n for n, name in enumerate(ids) if name in ids[:n]]:
        place.at("session", twice[0]).fail(f"id {ids[twice[0]]!r} is that of another session")


def _check_what_is_opened(row: _Subject, kind: DriverKind | None, options: Table, place: Place) -> None:
    """Other apps' traffic is opened on purpose only."""
    brings_others = kind is not None and kind.brings_others(options)
    if row.all_traffic and row.opened:
        place.at("all_traffic").fail("all_traffic looks into everything: leave out opened")
    if row.app_hosts and not row.opened:
        place.at("app_hosts").fail("app_hosts adds hosts to those that are opened: say opened = [hosts]")
    if row.app_hosts and not (kind and kind.asks_for_hosts(options)):
        place.at("app_hosts").fail(
            f"nobody is asked for hosts with the driver {row.driver} and these options: that needs guided, "
            "with a preflight and a certificate"
        )
    if brings_others and not (row.opened or row.only_app or row.all_traffic):
        place.fail(
            f"what other apps send comes too with the driver {row.driver}: say opened = [hosts], or only_app "
            "if nothing else's traffic is led here, or all_traffic = true; a tunnel to Android takes one app "
            "by the option package"
        )


def _driver(row: _Subject, place: Place) -> DriverKind:
    kind = DRIVERS.get(row.driver)
    if kind is None:
        place.at("driver").fail(f"no driver {row.driver!r} (have: {', '.join((*DRIVERS, DRIVER))})")
    if row.kind == "real" and kind.simulating:
        place.at("kind").fail(f"driver {row.driver} drives a simulation, so kind must be simulated, not real")
    return kind


def _subject(row: _Subject, unseen: tuple[str, ...], place: Place) -> Subject:
    for version, day in row.released.items():
        try:
            date.fromisoformat(day)
        except ValueError:
            place.at("released", version).fail(
                f"released.{version} must be a date like 2020-05-04, not {day!r}"
            )
    return Subject(
        kind=row.kind,
        name=row.name,
        vendor=row.vendor or "",
        recipients=row.recipients,
        unseen=tuple(dict.fromkeys((*unseen, *row.unseen))),
        product=row.product,
        device=row.device,
        description=row.description or "",
        region=row.region,
        products=tuple(row.products.items()),
        devices=tuple(row.devices.items()),
        released=tuple(row.released.items()),
        extensions=(row.extensions or ("none" if row.kind == "simulated" else "unknown")) != "none",
    )


def _expected(row: _Expected, place: Place) -> ExpectedFlow:
    try:
        re.compile(row.path.replace("{canary}", "x"))
    except re.error as err:
        place.at("path").fail(f"path {row.path!r} is no regular expression: {err}")
    return ExpectedFlow(
        kind=row.kind,
        host=row.host.lower(),
        path=row.path,
        parts=row.parts,
        within_s=row.within_s,
        before_s=row.before_s,
        methods=row.methods,
    )


def _series(row: _Series, known: Mapping[str, CanaryKind], place: Place) -> Series:
    pairing = pairing_of(row, row.id, place)
    cells = (_cell(cell, row, pairing, known, place.at("cell", n)) for n, cell in enumerate(row.cell))
    return Series(row.id, tuple(cells), pairing)


def _cell(
    row: _Cell, series: _Series, pairing: Pairing | None, known: Mapping[str, CanaryKind], place: Place
) -> CellPlan:
    own = [name for name in ("actions", "blocks", "days") if getattr(row, name) is not None]
    if pairing and own:
        place.at(own[0]).fail(f"unknown field {', '.join(own)} (have: levels)")
    return CellPlan(
        conditions=tuple(
            Condition(tuple(zip(row.levels, combo, strict=True))) for combo in product(*row.levels.values())
        ),
        installation=_installation(row, series, place),
        blocks=pairing.blocks if pairing else row.blocks or series.blocks or 1,
        days=_first_given(row.days, series.days, (0.0,)),
        actions=() if pairing else _actions(row, series, known, place),
    )


def _actions(row: _Cell, series: _Series, known: Mapping[str, CanaryKind], place: Place) -> tuple[str, ...]:
    """Actions of the cell, else of its series; none at all must be said by an empty list."""
    have = f"(have: {', '.join(known)})"
    actions = row.actions if row.actions is not None else series.actions
    if actions is None:
        place.fail(f"no actions {have}")
    if unknown := sorted(set(actions) - known.keys()):
        place.at("actions").fail(f"unknown action {', '.join(unknown)} {have}")
    return actions


def _installation(row: _Cell, series: _Series, place: Place) -> tuple[str, ...]:
    installation = _first_given(series.installation, tuple(row.levels))
    if DEVICE in row.levels and DEVICE not in installation:
        place.fail("an installation is on one device: add device to installation")
    if stray := set(installation) - row.levels.keys():
        place.fail(f"installation names factors without levels: {', '.join(sorted(stray))}")
    return installation


def _first_given(*given: tuple[T, ...] | None) -> tuple[T, ...]:
    return next(each for each in given if each is not None)
