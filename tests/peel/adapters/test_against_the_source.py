"""On all real recordings: what the source's own decoding gives for plain fields, read here with the standard
library alone, is what the adapters find, no more and no less."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from hometruth.capture import read_capture
from hometruth.errors import CaptureError
from hometruth.model import Exchange
from hometruth.peel import peel_exchange
from hometruth.peel.adapters import explain, known_endpoints

pytestmark = pytest.mark.shared
PLAIN = re.compile(r"[\w-]+(\.[\w-]+)*")
"""Paths that need no more than walking down."""
READERS = {"parseJson", "parseQueryString", "getProperty"}


def requests(shared: Path) -> Iterator[Exchange]:
    for file in sorted((shared / "captures" / "har").rglob("*.har*")):
        try:
            for item in read_capture(file):
                if isinstance(item, Exchange) and known_endpoints().matching(item):
                    yield item
        except CaptureError:
            continue  # not all of them are recordings


def test_plain_fields_are_what_the_source_decodes(shared: Path) -> None:
    source = json.loads((shared / "facts" / "tracker-endpoints.json").read_text("utf-8"))
    rows = {f"{row['tracker']}/{row['adapter']}": row for row in source}
    n_requests = n_fields = 0
    for exchange in requests(shared):
        explained = explain(exchange, peel_exchange(exchange).values)
        assert explained is not None
        adapter, known = explained
        plain = set(plain_fields(rows[adapter.slug]))
        expected = {
            (kind, text)
            for kind, part, path, unless in plain
            for text in decoded(exchange, rows[adapter.slug], part, path)
            if text != unless
        }
        paths = {(kind, part, path.lower()) for kind, part, path, _ in plain}
        found = {(item.field.kind, item.text) for item in known if _spot(item) in paths}

        assert found == expected, (exchange.id, exchange.source)
        n_requests += 1
        n_fields += len(found)

    assert n_requests > 90
    assert n_fields > 500


def _spot(item: Any) -> tuple[str, str, str]:
    return item.field.kind, str(item.field.part), item.field.path.lower()


def plain_fields(row: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str | None]]:
    """Kind, part, path and placeholder of the fields that are read directly from a part."""
    read = {
        step["in"] for step in row["decode"] if step["fn"] in READERS and step["out"] == f"res.{step['in']}"
    }
    again = {step["in"] for step in row["decode"]} | {step["out"] for step in row["decode"]}
    for kind, items in row["data"].items():
        for item in items:
            part, path = item["context"], item["path"]
            decoded_again = any(
                f"res.{part}.{path}.".startswith(f"{name}.") for name in again - {f"res.{part}"}
            )
            plain = part in read and PLAIN.fullmatch(path) and not decoded_again
            if plain and "onlyIf" not in item and not isinstance(item.get("notIf"), dict):
                yield kind, part, path, item.get("notIf")


def decoded(exchange: Exchange, row: Mapping[str, Any], part: str, path: str) -> Iterator[str]:
    """The text at *path*, or all texts inside."""
    found: Any = _part(exchange, row, part)
    names = [path.lower()] if part == "header" else path.split(".")
    for name in names:
        if isinstance(found, list) and name.isdigit() and int(name) < len(found):
            found = found[int(name)]
        elif isinstance(found, dict):
            found = found.get(name)
        else:
            return
    yield from _texts(found)


def _texts(found: Any) -> Iterator[str]:
    if isinstance(found, dict | list):
        for item in found.values() if isinstance(found, dict) else found:
            yield from _texts(item)
    elif found not in (None, ""):
        yield found if isinstance(found, str) else json.dumps(found)


def _part(exchange: Exchange, row: Mapping[str, Any], part: str) -> Any:
    query = exchange.target.partition(b"?")[2].decode()
    headers = {
        name.decode().lower(): value.decode("utf-8", "backslashreplace")
        for name, value in exchange.request_headers
    }
    if part == "header":
        return headers
    if part == "cookie":
        pairs = (pair.partition("=") for pair in headers.get("cookie", "").split(";"))
        return {name.strip(): value for name, _, value in pairs}
    text = query if part == "query" else (exchange.request_body or b"").decode()
    (step,) = (step for step in row["decode"] if step["in"] == part and step["out"] == f"res.{part}")
    if step["fn"] == "parseQueryString":
        return dict(parse_qsl(text))
    try:
        return json.loads(text)
    except ValueError:
        return None
