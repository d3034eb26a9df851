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
    return json.dumps(document)


def field(key: str, value: object) -> str:
    return broken(lambda document: document["adapters"][0]["fields"][1].__setitem__(key, value))


FIELD = r"acme\.json: adapter 1 \(acme/collect\): field 2 \(userId\)"
WRONG = {
    "no JSON": ("{", r"acme\.json: not JSON"),
    "no object": ("[]", r"acme\.json: is no object"),
    "no source": (broken(lambda document: document.pop("source")), r"acme\.json: source is missing"),
    "no adapters": (broken(lambda document: document.pop("adapters")), r"acme\.json: adapters is missing"),
    "no slug": (
        broken(lambda doc: doc["adapters"][0].pop("slug")),
        r"acme\.json: adapter 1: slug is missing",
    ),
    "no URL": (
        broken(lambda document: document["adapters"][0].update(endpoints=["t.acme.test"])),
        r"adapter 1 \(acme/collect\): endpoint 1: 't\.acme\.test' is no URL",
    ),
    "endpoint regex": (
        broken(lambda document: document["adapters"][0].update(endpoints=[{"regex": "("}])),
        r"endpoint 1: regex '\(' is no regular expression",
    ),
    "twice": (
        broken(lambda document: document["adapters"].append(document["adapters"][0])),
        "declared twice",
    ),
    "no reason": (field("reason", ""), rf"{FIELD}: reason is missing"),
    "unknown part": (field("part", "bdy"), rf"{FIELD}: part 'bdy' is none of method, "),
    "unknown key": (field("notIf", "0"), rf"{FIELD}: notIf is not understood"),
    "regex": (field("only_like", "["), rf"{FIELD}: only_like '\[' is no regular expression"),
    "no group": (field("extract", "id=.*"), rf"{FIELD}: extract 'id=\.\*' has no group"),
    "no list": (field("not", "0"), rf"{FIELD}: not is missing or no list"),
    "no text": (field("not", [0]), rf"{FIELD}: not holds something that is no text"),
    "sibling": (field("where", [{"at": "x[*]", "path": ".a", "is": "b"}]), rf"{FIELD}: where: at 'x\[\*\]'"),
    "name": (field("path", "a.[/(/]"), rf"{FIELD}: path 'a\.\[/\(/\]' is no pattern"),
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
