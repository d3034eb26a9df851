"""The operator's pages: served by the collector itself, without script, to this machine only.

Answers only to a loopback name, so that no page of the web can read it through a name of its own that it
points here ("DNS rebinding").
"""

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from hometruth.errors import LabError
from hometruth.lab.collector.database import Db
from hometruth.lab.collector.mistat_decoder import TYPE as MISTAT
from hometruth.lab.collector.operator.people import (
    KnownPerson,
    People,
    is_sign_in,
    mapping_in,
    sender_of,
    time_of,
)
from hometruth.lab.collector.operator.visible import as_text, visible
from hometruth.lab.collector.store import read_events_by_id, read_latest_events
from hometruth.lab.ledger import read_ledger

PREFIX = "/operator"
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
MAX_LIVE, MAX_TIMELINE, MAX_PEOPLE = 50, 200, 200
"""Rows on a page, the latest ones; how many more there are is said."""
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_Mark = tuple[str, ...]
_AS_STORED, _AS_RECORDED = ("event", "properties"), ("key", "params")
"""Under which names an event's own name and what it tells stand: in the store, and as MiStat records it."""


@dataclass(frozen=True)
class EventLine:
    """One event as a line of a page."""

    number: int
    at: str
    name: str
    told: list[tuple[str, str]]
    """What the app wanted to say: properties that neither the SDK adds nor every event repeats."""
    sender: str
    original: str | None
    """The random id, in the event that ties an account to it."""
    mode: str | None
    """Normal or incognito, from the lab's own record; the data do not say."""
    person: KnownPerson | None


class OperatorPages:
    """The pages about one store."""

    def __init__(self, db: Db, *, ledger: Path | None = None) -> None:
        self._db = db
        self._ledger = ledger
        self._people = People(db)
        self._templates = Environment(
            loader=PackageLoader("hometruth.lab.collector.operator"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=_finalize,
        )
        loader = self._templates.loader
        assert loader is not None
        self._style = loader.get_source(self._templates, "operator.css")[0]

    def answer(self, request: Request) -> Response:
        """The page a request asks for."""
        if re.sub(r":\d*$", "", request.headers.get("host", "")) not in LOOPBACK_NAMES:
            return PlainTextResponse("open this page by its loopback address\n", 421)
        path = request.scope["path"].removeprefix(PREFIX).strip("/")
        try:
            if path == "style.css":
                return Response(self._style, media_type="text/css", headers=HEADERS)
            return self._page(path)
        except LabError as err:
            return PlainTextResponse(f"{visible(str(err))}\n", 503, headers=HEADERS)

    def _page(self, path: str) -> Response:
        everybody = self._people.found()
        people = [person for person in everybody if person.is_tied]
        n_loose = len(everybody) - len(people)
        if path == "":
            rows = self._rows(read_latest_events(self._db, MAX_LIVE), people)
            n_events = sum(len(person.events) for person in people)
            return self._render("live", rows=rows, n_events=n_events, n_people=len(people), n_loose=n_loose)
        if path == "people":
            return self._render("people", people=people[:MAX_PEOPLE], n_people=len(people), n_loose=n_loose)
        person = next((one for one in people if f"people/{one.number}" == path), None)
        if person is None:
            return PlainTextResponse("no such page, or no such person\n", 404, headers=HEADERS)
        shown = sorted(person.events)[-MAX_TIMELINE:]
        rows = self._rows(read_events_by_id(self._db, shown), [person])
        return self._render("person", person=person, rows=rows, n_more=len(person.events) - len(shown))

    def _render(self, page: str, **values: Any) -> Response:
        template = self._templates.get_template(f"{page}.html.j2")
        html = template.render(values, page=page, prefix=PREFIX, knows_modes=self._ledger is not None)
        return Response(html, media_type="text/html", headers=HEADERS)

    def _rows(self, events: Sequence[Mapping[str, Any]], people: Sequence[KnownPerson]) -> list[EventLine]:
        modes = self._modes()
        person_of = {number: person for person in people for number in person.events}
        return [_row(event, modes, person_of) for event in events]

    def _modes(self) -> dict[_Mark, str]:
        """Which window an event was recorded in; both, where nothing tells two events apart."""
        if self._ledger is None or not self._ledger.exists():
            return {}
        modes: dict[_Mark, list[str]] = defaultdict(list)
        for one in read_ledger(self._ledger).recorded:
            names = _AS_RECORDED if one.channel == MISTAT else _AS_STORED
            mark, mode = _mark(one.event, *names), one.cell.get("mode")
            if mode and mode not in modes[mark]:
                modes[mark].append(mode)
        return {mark: " or ".join(told) for mark, told in modes.items()}


def _mark(event: Mapping[str, Any], name: str, told: str) -> _Mark:
    """What tells an event from others, in the phone's record and in the store: MiStat numbers none."""
    number = event.get("_track_id")
    if isinstance(number, str | int):
        return (str(number),)
    parts = (event.get(name), event.get("time"), event.get(told))
    return tuple(json.dumps(part, sort_keys=True) for part in parts)


def _finalize(value: Any) -> Any:
    """Every printed expression passes here; what a macro has printed already did."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _row(
    event: Mapping[str, Any], modes: Mapping[_Mark, str], person_of: Mapping[int, KnownPerson]
) -> EventLine:
    told = mapping_in(event, "properties").items()
    number = event["_server"]["id"]
    return EventLine(
        number=number,
        at=f"{time_of(event):%Y-%m-%d %H:%M:%S}",
        name=as_text(event.get("event", event["type"])),
        told=[
            *VIA.get(event["type"], ()),
            *((key, as_text(value)) for key, value in told if key in TOUCHED or not _is_added(key)),
        ],
        sender=as_text(sender_of(event)),
        original=as_text(event.get("original_id", "")) if is_sign_in(event) else None,
        mode=modes.get(_mark(event, *_AS_STORED)),
        person=person_of.get(number),
    )


VIA = {"mistat": (("sent by", "MiStat"),), "spock": (("sent by", "the system's analytics"),)}
"""Said of what did not come by Sensors Analytics."""


def _is_added(key: str) -> bool:
    """True for what the SDK adds, or every event repeats."""
    return key.startswith("$") or key in REPEATED


TOUCHED = frozenset({"$element_content", "$screen_name"})
"""Names the SDK gives to what was touched or looked at: what `$AppClick` and `$AppViewScreen` tell."""
REPEATED = frozenset(
    {"uuid", "platform", "internet_status", "miui_version", "miui_region", "system_language"}
)
"""Super properties of the lab's apps: the same in every event."""
