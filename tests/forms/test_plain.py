"""Spellings of the value itself."""

from hometruth.forms import forms_of, plain_forms


def needles(value: str) -> set[bytes]:
    return {form.needle for form in plain_forms(value, 80)}


def test_an_ascii_value_has_one_spelling() -> None:
    assert needles("Some Value") == {b"some value"}


def test_composed_and_decomposed_and_other_case() -> None:
    found = needles("Größe")

    assert {"größe".encode(), "gro\u0308\u00dfe".encode(), "GR\u00d6SSE".encode().lower()} <= found


def test_every_form_has_no_more_bits_than_the_value() -> None:
    assert {form.bits for form in forms_of("some value", 33.0, ["salt"])} == {33.0}
