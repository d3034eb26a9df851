"""Holds what a command printed against the schema that is published for it."""

import json
from functools import cache
from typing import Any

import jsonschema

from tests.docs.pages import DOCS

SCHEMAS = DOCS / "reference" / "schemas"


@cache
def _validator(name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads((SCHEMAS / f"{name}.json").read_text("utf-8")))


def fits(name: str, told: Any) -> Any:
    """What was told, as JSON text or read; it fits, and with one field more it does not."""
    told = json.loads(told) if isinstance(told, str) else told
    wrong = [error.message for error in _validator(name).iter_errors(told)]
    assert not wrong, wrong[:3]
    more = [told[0] | {"more": 1}] if isinstance(told, list) else told | {"more": 1}
    assert name == "events" or list(_validator(name).iter_errors(more))
    return told


def lines_fit(name: str, text: str) -> list[Any]:
    """The same for one document a line."""
    return [fits(name, line) for line in text.splitlines()]
