"""However values are cut for the search, the same is found as in one piece."""

import codecs
import hashlib

import pytest

from hometruth.canaries import compile_search, haystack
from hometruth.model import Canary, CanaryKind
from hometruth.peel import peel_value

VALUE = "moginezosafe-4711"
SEARCH = compile_search([Canary("c", CanaryKind.PAGE, VALUE, 60.0)])


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(haystack, "LONGEST", 64)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("before", range(0, 140, 7))
def test_a_value_across_a_cut_is_found_once(before: int) -> None:
    peeled = peel_value(b"#" * before + VALUE.encode() + b"#" * 200, layers=())

    assert [(hit.index, hit.offset) for hit in SEARCH.find(peeled)] == [(0, before)]


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("before", range(0, 140, 7))
def test_so_are_images_and_disguises(before: int) -> None:
    xored = bytes(byte ^ 0x5A for byte in VALUE.encode())
    rotated = codecs.encode(VALUE, "rot13").encode()
    for data, layer in ((xored, "xor"), (rotated, "rot"), (VALUE.encode()[::-1], "reverse")):
        peeled = peel_value(b"\x01" * before + data + b"\x01" * 200, layers=())
        assert {found.layer for found in SEARCH.disguises(peeled)} == {layer}
    peeled = peel_value(b"\x01" * before + VALUE.encode().hex().encode() + b"\x01" * 200, layers=())
    assert [(trace.encoding, trace.offset) for trace in SEARCH.traces(peeled)] == [("hex", before)]


@pytest.mark.usefixtures("small")
def test_many_values_are_searched_in_several_haystacks_and_never_across_two() -> None:
    halves = b'["%s", "%s", "%s"]' % (VALUE[:8].encode(), VALUE[8:].encode(), VALUE.encode())
    peeled = peel_value(halves)
    found = {peeled.values[hit.index].data for hit in SEARCH.find(peeled)}

    assert found == {halves, VALUE.encode()}
    parts = list(haystack.haystacks(peeled, 20))
    assert len(parts) > 1
    assert all(part.place(0, len(part.text)) is None or len(part.starts) == 1 for part in parts)


def test_a_long_hexadecimal_value_is_no_place_for_digests_but_its_beginning() -> None:
    digest = hashlib.md5(VALUE.encode()).hexdigest().encode()
    assert any(hit.form.name != "plain" for hit in SEARCH.find(peel_value(digest + b"0" * 5000, layers=())))
    assert not SEARCH.find(peel_value(b"0" * 5001 + digest + b"0" * 5000, layers=()))
