"""The form body: read back by a decoder of its own, and equal in shape to the recorded one."""

import gzip
import json
import zlib
from base64 import b64decode
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hometruth.lab.sdk.wire import encode_form, encode_transport, java_hash

VALUES = st.one_of(
    st.text(max_size=40), st.integers(), st.booleans(), st.lists(st.text(max_size=9), max_size=3)
)
EVENTS = st.lists(st.dictionaries(st.text(max_size=12), VALUES, max_size=6), max_size=4)


def decode(body: bytes) -> tuple[list[str], Any]:
    """Field names in order and the events, by the description of the protocol alone."""
    pairs = [pair.split("=", 1) for pair in body.decode("ascii").split("&")]
    fields = {name: unquote(value) for name, value in pairs}
    data = fields["data_list"]
    total = 0
    for char in data:
        total = 31 * total + ord(char)
    total %= 1 << 32
    assert int(fields["crc"]) == (total - (1 << 32) if total >> 31 else total)
    assert fields["gzip"] == "1"
    packed = b64decode(data, validate=True)
    assert packed[:3] == b"\x1f\x8b\x08"
    text = zlib.decompress(packed, wbits=31)
    assert text == gzip.decompress(packed)
    return [name for name, _ in pairs], json.loads(text)


@given(EVENTS)
def test_an_independent_decoder_reads_what_was_encoded(events: list[dict[str, Any]]) -> None:
    assert decode(encode_form(events)) == (["crc", "gzip", "data_list"], events)


@pytest.mark.parametrize("text", ['[{"a b":"~-_."}]', "ä+/=%", "".join(map(chr, range(256)))])
def test_what_is_reserved_is_percent_encoded_and_nothing_else(text: str) -> None:
    body = encode_transport({"payloads": text}, 0).decode("ascii")
    quoted = body.partition("&data_list=")[2]

    assert json.loads(unquote(quoted))[0]["payloads"] == text
    assert quoted == quote(unquote(quoted), safe="")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", 0), ("a", 97), ("hello", 99162322), ("polygenelubricants", -2147483648), ("\U0001f600", 1772899)],
)
def test_the_check_is_javas(text: str, expected: int) -> None:
    """Published values of String.hashCode; characters beyond the BMP count as two units."""
    assert java_hash(text) == expected


@pytest.mark.shared
def test_the_recorded_request_decodes_and_encodes_to_the_same_fields(shared: Path) -> None:
    recording = json.loads((shared / "facts/recordings/an05_era_sdk_3_2_10_login.json").read_text())
    recorded = b64decode(recording["requests"][0]["body_base64"])
    events = recording["plaintext_events"]

    assert decode(recorded) == decode(encode_form(events)) == (["crc", "gzip", "data_list"], events)
