"""The page on adapters names every key, and counts what is bundled as it is."""

import json
from collections import Counter
from importlib.resources import files
from typing import Any

from hometruth.peel.adapters import load_adapters
from hometruth.peel.adapters.load import WrittenAdapter, WrittenField, WrittenFile
from tests.docs.pages import DOCS, section

PAGE = DOCS / "reference" / "adapters.md"


def documents() -> list[dict[str, Any]]:
    folder = files("hometruth.data") / "adapters"
    return [json.loads(file.read_text("utf-8")) for file in folder.iterdir() if file.name.endswith(".json")]


def test_every_key_is_described() -> None:
    for heading, table in (
        ("# Adapters", WrittenFile),
        ("## An adapter", WrittenAdapter),
        ("## A field", WrittenField),
    ):
        keys = set(table.__struct_encode_fields__) - {"adapters"}
        assert [key for key in keys if f"`{key}`" not in section(PAGE, heading)] == []


def test_what_is_bundled_is_counted_as_it_is() -> None:
    text = " ".join(section(PAGE, "## Where the bundled ones come from").split())
    n_fields = sum(len(adapter.fields) for adapter in load_adapters())
    companies = {adapter.slug.split("/")[0] for adapter in load_adapters()}
    kinds = {field.kind for adapter in load_adapters() for field in adapter.fields}

    assert f"{len(load_adapters())} adapters of {len(companies)} companies, {len(kinds)} kinds" in text
    assert f"{n_fields:,} are fields here" in text


def test_what_is_not_mapped_is_counted_as_it_is() -> None:
    text = section(PAGE, "### What is not mapped")
    reasons = Counter(row["reason"] for document in documents() for row in document["not_mapped"])

    assert f"{sum(reasons.values())} in all" in text
    assert [f"| {times} |" for _, times in reasons.most_common() if f"| {times} |" not in text] == []
