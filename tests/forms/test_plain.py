"""Spellings of the value itself."""

from hometruth.forms import plain_forms


def needles(value: str) -> set[bytes]:
    return {form.needle for form in plain_forms(value, 80)}


def test_an_ascii_value_has_one_spelling() -> None:
    assert needles("Some Value") == {b"some value"}


def test_composed_and_decomposed_and_other_case() -> None:
    found = needles("Größe")

    assert {"größe".encode(), "gro\u0308\u00dfe".encode(), "GR\u00d6SSE".encode().lower()} <= found


def test_text_in_older_character_sets() -> None:
    assert "Köln Süd".encode("latin-1") in needles("Köln Süd")
    assert "北京医院".encode("gb18030") in needles("北京医院")
    assert "скрыть".encode("cp1251") in needles("скрыть")


def test_other_characters_that_say_the_same() -> None:
    assert b"janelump@gmail.com" in needles("jane.lump+x@gmail.com")
    assert {b"aabbcc001122", b"aa-bb-cc-00-11-22"} < needles("AA:BB:CC:00:11:22")


def test_a_part_is_no_plain_form() -> None:
    assert b"secret.example" not in needles("https://secret.example/a")
