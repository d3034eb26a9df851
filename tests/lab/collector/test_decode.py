"""Forms of every kind, and damage of every kind: events, or one `Rejected` with the reason."""

import gzip
import json
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hometruth.lab.collector import decode, packing
from hometruth.lab.collector.decode import parse_form
from hometruth.lab.collector.keys import KeyRing
from hometruth.lab.collector.packing import Rejected

EVENT = {"type": "track", "event": "e", "distinct_id": "d"}


def decode_events(fields: dict[str, str]) -> list[dict[str, Any]]:
    """Decode what needs no key."""
    return decode.decode_events(fields, lambda: KeyRing({}))


def packed(value: Any, *, zipped: bool = False) -> str:
    data = json.dumps(value).encode()
    return b64encode(gzip.compress(data, mtime=0) if zipped else data).decode()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"data": packed(EVENT)}, [EVENT]),
        ({"data_list": packed([EVENT, EVENT])}, [EVENT, EVENT]),
        ({"data_list": packed([EVENT], zipped=True), "gzip": "1"}, [EVENT]),
        ({"data": packed(EVENT), "gzip": "0"}, [EVENT]),
        ({"data_list": packed([])}, []),
        (
            {"data": packed({"type": "profile_set", "distinct_id": "d"})},
            [{"type": "profile_set", "distinct_id": "d"}],
        ),
    ],
)
def test_every_framing_of_the_protocol_is_read(fields: dict[str, str], expected: list[object]) -> None:
    assert decode_events(fields) == expected


def test_a_plus_that_nobody_encoded_is_still_a_plus() -> None:
    value = packed({**EVENT, "distinct_id": "~~~>>>???"})
    assert "+" in value

    assert decode_events(parse_form(f"data={value}".encode()))[0]["distinct_id"] == "~~~>>>???"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, "neither data nor data_list"),
        ({"data": "%%%"}, "not base64"),
        ({"data": "é"}, "not base64"),
        ({"data": packed(EVENT), "gzip": "1"}, "not gzip"),
        ({"data": packed(EVENT, zipped=True)}, "not JSON"),
        ({"data": packed(EVENT), "gzip": "2"}, "gzip='2' is not understood"),
        ({"data": packed(EVENT), "crc": "1"}, "crc is '1'"),
        ({"data": packed(EVENT), "ext": "crc=1"}, "crc is '1'"),
        ({"data": packed(EVENT), "crc": "x"}, "crc is 'x'"),
        ({"data": packed(7)}, "a JSON int"),
        ({"data_list": packed([EVENT, "text"])}, "item 1 is a JSON str"),
        ({"data": packed({**EVENT, "type": "guess"})}, "event 0 is of no known type: 'guess'"),
        ({"data": packed({**EVENT, "type": ["track"]})}, "no known type"),
        ({"data": packed({"type": "track"})}, "a track without a name"),
        ({"data": b64encode(b'{"type": NaN}').decode()}, "NaN is not a JSON number"),
        ({"data": b64encode(b"[" * 100_000).decode()}, "not JSON"),
        ({"data": b64encode(b"9" * 10_000).decode()}, "not JSON"),
        ({"data": b64encode(gzip.compress(b"[]", mtime=0)[:-6]).decode(), "gzip": "1"}, "break off"),
    ],
)
def test_damage_is_refused_with_the_reason(fields: dict[str, str], reason: str) -> None:
    with pytest.raises(Rejected, match=reason.replace("[", r"\[")):
        decode_events(fields)


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "MAX_JSON_BYTES", 1000)
    bomb = b64encode(gzip.compress(b"0" * 100_000, mtime=0)).decode()

    with pytest.raises(Rejected, match="more than 1000 bytes"):
        decode_events({"data": bomb, "gzip": "1"})


def test_too_many_fields_are_refused() -> None:
    with pytest.raises(Rejected, match="form cannot be read"):
        parse_form(b"&".join(b"a=b" for _ in range(100)))


@given(
    st.binary(max_size=200),
    st.sampled_from([b"data=", b"data_list=", b"gzip=1&data=", b"ext=%26crc&data=", b""]),
)
def test_whatever_comes_is_read_or_refused(body: bytes, start: bytes) -> None:
    try:
        events = decode_events(parse_form(start + body))
    except Rejected as err:
        assert str(err)
    else:
        assert isinstance(events, list)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_whatever_json_comes_is_read_or_refused(value: object) -> None:
    try:
        decode_events({"data": packed(value)})
    except Rejected as err:
        assert str(err)
    else:
        assert isinstance(value, list | dict)
