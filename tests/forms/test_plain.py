"""Spellings of the value itself."""

from hometruth.canaries import bits_of
from hometruth.forms import plain_forms


def needles(value: str) -> set[bytes]:
    return {form.needle for form in plain_forms(value, 80, bits_of)}


def test_a_word_has_one_spelling() -> None:
    assert needles("Somevalue") == {b"somevalue"}


def test_composed_and_decomposed_and_other_case() -> None:
    found = needles("Größe")

    assert {"größe".encode(), "gro\u0308\u00dfe".encode(), "GR\u00d6SSE".encode().lower()} <= found


def test_text_in_older_character_sets() -> None:
    assert "Köln Süd".encode("latin-1").lower() in needles("Köln Süd")
    assert "北京医院".encode("gb18030").lower() in needles("北京医院")
    assert "скрыть".encode("cp1251") in needles("скрыть")


def test_other_characters_that_say_the_same() -> None:
    assert b"janelump@gmail.com" in needles("jane.lump+x@gmail.com")
    assert {b"aabbcc001122", b"aa-bb-cc-00-11-22"} < needles("AA:BB:CC:00:11:22")


def test_a_part_tells_what_its_characters_tell() -> None:
    value = "https://secret.example/a/long/path?of=it"
    forms = {form.name: form for form in plain_forms(value, 80, bits_of)}

    assert forms["host"].bits == bits_of("secret.example") < forms["host+path"].bits < 80
    assert forms["host"].is_part


def test_a_host_that_everybody_could_have_is_left_out() -> None:
    assert b"abc.com" not in needles("https://abc.com/a/long/path")


def test_a_uuid_without_its_dashes_and_as_bytes_in_both_orders() -> None:
    value = "00112233-4455-6677-8899-AABBCCDDEEFF"
    forms = {form.name: form for form in plain_forms(value, 122, bits_of)}

    assert forms["no-dashes"].needle == b"00112233445566778899aabbccddeeff"
    assert forms["uuid:bytes"].needle == bytes.fromhex("00112233 4455 6677 8899 aabbccddeeff")
    assert forms["uuid:bytes-le"].needle == bytes.fromhex("33221100 5544 7766 8899 aabbccddeeff")


def test_bytes_of_a_number_are_the_same_or_are_not() -> None:
    forms = {form.name: form for form in plain_forms("41424344-0000-4000-8000-000000000000", 122, bits_of)}

    assert not forms["uuid:bytes"].caseless
    assert forms["uuid:bytes"].bits == 122
    assert forms["no-dashes"].caseless


def test_dashes_elsewhere_do_not_make_a_uuid() -> None:
    assert b"somesongtitle" not in needles("some-song-title")
