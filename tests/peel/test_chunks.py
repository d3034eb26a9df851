"""Documents cut into several WebSocket messages are read, counted once, and found in."""

import gzip
import json
import os
import zlib

import pytest

from hometruth.audit.examine import examine
from hometruth.canaries import compile_search
from hometruth.model import Canary, CanaryKind, Message
from hometruth.peel import peel_exchange
from tests.peel.exchanges import URL, exchange

SEARCH = compile_search([Canary("page", CanaryKind.PAGE, URL, 60.0)])
DOCUMENT = json.dumps({"events": [{"name": "view", "props": {"u": URL}}, {"name": "leave"}]}).encode()


def messages(data: bytes, size: int, *, between: bytes = b'{"type":"pong"}') -> tuple[Message, ...]:
    """The bytes in messages of a size, each answered."""
    sent = []
    for start in range(0, len(data), size):
        sent.append(Message(sent=True, data=data[start : start + size], is_text=False))
        sent.append(Message(sent=False, data=between, is_text=True))
    return tuple(sent)


DOCUMENTS = {
    "JSON": DOCUMENT,
    "gzip": gzip.compress(DOCUMENT, mtime=0),
    "zlib": zlib.compress(DOCUMENT),
    "JSON holding base64": json.dumps({"z": gzip.compress(DOCUMENT, mtime=0).hex()}).encode(),
}


@pytest.mark.parametrize("size", [7, 30, 61])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_found_in_a_document_in_several_messages(name: str, size: int) -> None:
    sent = (Message(True, b"hello", True), *messages(DOCUMENTS[name], size), Message(True, b"bye", True))
    found = examine(exchange(messages=sent), SEARCH)

    assert [item.canary.id for item in found.sightings] == ["page"]
    assert found.sightings[0].form.name == "plain"
    assert [gap.detail for gap in found.gaps] == []


def test_its_bytes_are_counted_once() -> None:
    packed = gzip.compress(DOCUMENT, mtime=0)
    whole = peel_exchange(exchange(messages=(Message(True, packed, False),)))
    cut = peel_exchange(exchange(messages=messages(packed, 20)))

    assert (cut.read_bytes, cut.opaque_bytes) == (whole.read_bytes, whole.opaque_bytes)


@pytest.mark.parametrize(
    "sent",
    [
        [b'{"a": 1}', b'{"b": 2}'],
        [b"plain", b"words"],
        [b'{"never": "ends"', b"more", b"and more"],
        [b"\x1f\x8b damaged", os.urandom(50)],
        [b'{"alone": "'],
    ],
)
def test_what_is_no_document_in_pieces_is_left_alone(sent: list[bytes]) -> None:
    peeled = peel_exchange(exchange(messages=tuple(Message(True, data, True) for data in sent)))

    assert not [value for value in peeled.values if "-" in value.name]
