"""A known UUID is found however programs write it, and each once."""

import json
from uuid import UUID

import pytest

from hometruth.audit.examine import examine
from hometruth.canaries import compile_search
from hometruth.model import Canary, CanaryKind, Exchange, Source

VALUE = "7f4e2a91-0c3d-4b6e-9a58-d1c2b3a49e5f"
KNOWN = Canary("gaid", CanaryKind.KNOWN, VALUE, 122.0, personal=True)
NUMBER = UUID(VALUE)


def sightings(body: bytes) -> list[tuple[str, tuple[str, ...]]]:
    exchange = Exchange("1", Source("made", 0), "POST", "https", "t.test", 443, b"/", (), body)
    found = examine(exchange, compile_search([KNOWN])).sightings
    return [(item.form.name, tuple(item.value.chain)) for item in found]


@pytest.mark.parametrize(
    ("body", "form"),
    [
        (json.dumps({"id": NUMBER.hex}).encode(), "no-dashes"),
        (json.dumps({"id": NUMBER.hex.upper()}).encode(), "no-dashes"),
        (b"\x0a\x10" + NUMBER.bytes, "uuid:bytes"),
        (b"\x0a\x10" + NUMBER.bytes_le, "uuid:bytes-le"),
        (json.dumps({"id": VALUE.upper()}).encode(), "plain"),
    ],
)
def test_each_spelling_is_one_sighting(body: bytes, form: str) -> None:
    assert [name for name, _ in sightings(body)] == [form]


def test_another_uuid_is_none() -> None:
    assert sightings(UUID(int=NUMBER.int ^ 1).bytes + UUID(int=NUMBER.int ^ 1).hex.encode()) == []
