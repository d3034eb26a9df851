"""Adapters are read whole, and a file that is wrong says where."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hometruth.errors import AdapterError
from hometruth.model import Part
from hometruth.peel.adapters import load_adapters, read_adapters

GOOD = {
    "source": "own research",
    "retrieved": "2026-11-22",
    "licence": "CC0-1.0",
    "adapters": [
        {
            "slug": "acme/collect",
            "name": "Acme",
            "company": "Acme Ltd",
            "endpoints": ["https://t.acme.test/v2"],
            "fields": [
                {"kind": "deviceId", "part": "body", "path": "device.id", "reason": "obvious"},
                {"kind": "userId", "part": "query", "path": "u[*].id", "reason": "obvious", "not": ["0"]},
            ],
        }
    ],
}


def broken(change: Callable[[Any], object]) -> str:
    document = json.loads(json.dumps(GOOD))
    change(document)
    return json.dumps(document, indent=2)


def field(key: str, value: object) -> str:
    return broken(lambda document: document["adapters"][0]["fields"][1].__setitem__(key, value))


WRONG = {
    "no JSON": ("{", r"acme\.json: not JSON"),
    "no object": ("[]", r"acme\.json: line 1: must be a table, not \[\]"),
    "no source": (
        broken(lambda document: document.pop("source")),
        r"acme\.json: line 1: source must be a text .* and is missing",
    ),
    "no adapters": (
        broken(lambda document: document.pop("adapters")),
        r"acme\.json: line 1: adapters must be a list of tables, and is missing",
    ),
    "no slug": (
        broken(lambda doc: doc["adapters"][0].pop("slug")),
        r"acme\.json: line 6: adapters Acme: slug must be a text .* and is missing",
    ),
    "no URL": (
        broken(lambda document: document["adapters"][0].update(endpoints=["t.acme.test"])),
        r"line 11: adapters acme/collect: endpoints 1: 't\.acme\.test' is no URL",
    ),
    "endpoint regex": (
        broken(lambda document: document["adapters"][0].update(endpoints=[{"regex": "("}])),
        r"endpoints 1: regex '\(' is no regular expression",
    ),
    "twice": (
        broken(lambda document: document["adapters"].append(document["adapters"][0])),
        "declared twice",
    ),
    "no reason": (
        field("reason", ""),
        r"line 24: adapters acme/collect: fields userId: reason must be a text that is not empty, not ''",
    ),
    "unknown part": (field("part", "bdy"), r"line 22: .* fields userId: part is 'bdy'; use one of method, "),
    "unknown key": (field("notIf", "0"), r"unknown field notIf; did you mean not\? \(have: extract, "),
    "regex": (field("only_like", "["), r"fields userId: only_like '\[' is no regular expression"),
    "no group": (field("extract", "id=.*"), r"fields userId: extract 'id=\.\*' has no group"),
    "no list": (field("not", "0"), r"fields userId: not must be a list of texts, not '0'"),
    "no text": (field("not", [0]), r"fields userId: not must be a list of texts, not \[0\]"),
    "sibling": (
        field("where", [{"at": "x[*]", "path": ".a", "is": "b"}]),
        r"fields userId: where 1: at 'x\[\*\]'",
    ),
    "name": (field("path", "a.[/(/]"), r"fields userId: path 'a\.\[/\(/\]' is no pattern"),
}


def test_a_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "acme.json"
    file.write_text(json.dumps(GOOD), "utf-8")
    (adapter,) = read_adapters([file])

    assert (adapter.slug, adapter.company, adapter.source) == ("acme/collect", "Acme Ltd", "own research")
    assert [field.path for field in adapter.fields] == ["device.id", "u[*].id"]


@pytest.mark.parametrize(("text", "message"), WRONG.values(), ids=WRONG)
def test_a_malformed_file_says_where(text: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "acme.json"
    file.write_text(text, "utf-8")

    with pytest.raises(AdapterError, match=message):
        read_adapters([file])


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(AdapterError, match=r"gone\.json: cannot be read: No such file"):
        read_adapters([tmp_path / "gone.json"])


def test_every_bundled_adapter_has_a_company_an_endpoint_and_reasons() -> None:
    adapters = load_adapters()

    assert len(adapters) == 123
    assert len({adapter.slug.split("/")[0] for adapter in adapters}) == 32
    assert len({field.kind for adapter in adapters for field in adapter.fields}) == 104
    for adapter in adapters:
        assert adapter.company
        assert adapter.endpoints
        assert adapter.fields, adapter.slug
        assert all(field.reason and field.part in Part for field in adapter.fields)
