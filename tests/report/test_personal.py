import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hometruth.model import CanaryKind
from hometruth.report.personal import Masker, masker_for
from hometruth.report.text import mask
from tests.report.audits import CONDITIONS, DEVICE, build_audit, reported_by_sdk

EMAIL = "anna.müller@example.org"


@pytest.mark.parametrize(
    "spelling",
    [
        EMAIL,
        EMAIL.upper(),
        "Anna.Müller@Example.org",
        quote(EMAIL),
        quote(quote(EMAIL, safe=""), safe=""),
        json.dumps(EMAIL)[1:-1],
    ],
)
def test_open_spellings_are_replaced_in_text_and_in_bytes(spelling: str) -> None:
    masker = Masker([EMAIL])
    data = f"to={spelling}&x=1".encode()

    assert masker.text(f"to={spelling}&x=1") == f"to={mask(EMAIL)}&x=1"
    ((start, end, shown),) = masker.spans(data)
    assert (data[:start], data[end:], shown) == (b"to=", b"&x=1", mask(EMAIL))


@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
def test_base64_is_recognised_at_every_alignment_and_removed_whole(before: str) -> None:
    wrapped = base64.b64encode(f"{before}{EMAIL} and more".encode())
    masker = Masker([EMAIL])

    assert masker.wraps(b"q=" + wrapped)
    assert masker.text(f"q={wrapped.decode()}") in {"•••••", "q=•••••"}


@pytest.mark.parametrize(
    "wrapped",
    [EMAIL.encode().hex(), EMAIL.encode().hex().upper(), EMAIL.encode()[::-1].decode("latin-1")],
)
def test_other_wrappings_are_recognised(wrapped: str) -> None:
    assert Masker([EMAIL]).wraps(wrapped.encode("latin-1"))
    assert Masker([EMAIL]).wraps(b"\x00" + EMAIL.encode("utf-16-le"))


def test_what_decoding_once_too_often_leaves_is_masked() -> None:
    masker = Masker(["c90b6fb656f4ca4f"])
    decoded = bytes.fromhex("c90b6fb656f4ca4f").decode("utf-8", "backslashreplace")

    assert masker.text(f"value {decoded}") == "value c9•••••4f"


def test_without_personal_values_nothing_is_touched() -> None:
    masker = Masker([])

    assert (masker.text(EMAIL), masker.spans(EMAIL.encode()), masker.wraps(EMAIL.encode())) == (
        EMAIL,
        [],
        False,
    )


def test_every_place_is_counted() -> None:
    masker = Masker(["4915112345678"])
    masker.text("4915112345678, again 4915112345678")

    assert masker.places == 2


def test_identifiers_are_masked_on_a_real_device_and_shown_on_a_simulated_one() -> None:
    assert masker_for(build_audit(kind="simulated")).values == ()
    assert DEVICE in masker_for(build_audit(kind="real")).values
    assert masker_for(build_audit(kind="real"), reveal=True).values == ()


def test_a_personal_canary_is_masked_whatever_the_subject() -> None:
    audit = build_audit(reported_by_sdk(EMAIL, CanaryKind.KNOWN, CONDITIONS[0], 3, personal=True))

    assert masker_for(audit).values == (EMAIL,)


@example("İ", "")
@example("ß", "x")
@given(st.text(min_size=1, max_size=40), st.text(max_size=40))
def test_no_value_survives_masking(value: str, around: str) -> None:
    masked = Masker([value]).text(around + value + around)

    assert value not in masked.replace(mask(value), "").replace(mask(""), "")
