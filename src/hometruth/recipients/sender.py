"""Which app sent it: what the request itself says, never a guess."""

import re
from collections.abc import Iterable, Mapping
from functools import cache

from hometruth.handed_in import Table, Text, bundled
from hometruth.model import Exchange, Part, Sender, Value

_XIAOMI_BROWSER = re.compile(rb"XiaoMi/(?P<app>[A-Za-z ]+)/[0-9]")
_PRODUCTS: Mapping[str, str] = {"MiuiBrowser": "Mi Browser"}
"""What a name in the user agent stands for, where it is not the product's own."""
_APP_ID = "properties.$app_id"
_PROJECT = "project"


def sender_of(exchange: Exchange, values: Iterable[Value]) -> Sender:
    """The app named by the event's ``$app_id``, the user agent or a known project; else the one that the
    recorder knew of (its process, or the tester's word); else ``app`` is None.

    What the request itself says comes first, so that a tester's mistake shows.
    """
    values = tuple(values)
    for value in values:
        if value.path.endswith(_APP_ID):
            return Sender(value.data.decode("utf-8", "backslashreplace"), f"event property {value.path}")
    agent = exchange.request_header("user-agent") or b""
    if match := _XIAOMI_BROWSER.search(agent):
        app = match["app"].decode("ascii")
        return Sender(_PRODUCTS.get(app, app), "user agent")
    project = project_of(values)
    if known := known_projects().get((exchange.host, project)):
        app, source = known
        kind_of_source = source.partition(":")[0]  # where it is published stands in the table
        return Sender(app, f"project {project} in the address, {kind_of_source}")
    if exchange.sent_by is not None:
        return exchange.sent_by
    return Sender(None, "neither the user agent nor the event names an app")


def project_of(values: Iterable[Value]) -> str:
    """The project that the address of a request names; empty if it names none."""
    for value in values:
        if value.part is Part.QUERY and value.path == _PROJECT:
            return value.data.decode("utf-8", "backslashreplace")
    return ""


class _Project(Table, frozen=True):
    host: Text
    project: Text
    app: Text
    source: Text


class _Projects(Table, frozen=True):
    project: tuple[_Project, ...]


@cache
def known_projects() -> Mapping[tuple[str, str], tuple[str, str]]:
    """(host, project) to (app, why we believe it): the bundled table."""
    rows = bundled("projects.toml", _Projects).project
    return {(row.host, row.project): (row.app, row.source) for row in rows}
