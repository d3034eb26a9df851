"""Percent escapes, base64, hex, UTF-16, data URLs."""

import base64
import json
import random

import pytest

from hometruth.peel.layers import Context
from hometruth.peel.layers.escapes import unbyte_list, unjavascript
from hometruth.peel.layers.text import unbase64, undata, unhex, unpercent, unutf16


def datas(opened) -> list[bytes]:  # type: ignore[no-untyped-def]
    return [piece.data for piece in opened.pieces] if opened else []


def test_percent_changes_only_escapes() -> None:
    assert datas(unpercent(b"a%20b%zz+c", Context())) == [b"a b%zz+c"]
    assert unpercent(b"100% + 1", Context()) is None


def test_plus_is_a_space_in_a_form_field_only() -> None:
    assert datas(unpercent(b"a+b%21", Context(last="query"))) == [b"a+b!", b"a b!"]
    assert datas(unpercent(b"a+b", Context(last="form"))) == [b"a b"]
    assert unpercent(b"a+b", Context(last="json")) is None


@pytest.mark.parametrize("data", [b"hello, world: 1?>~", b"\xfb\xff\xfe" * 7])
def test_base64_in_every_alphabet(data: bytes) -> None:
    standard, url_safe = base64.b64encode(data), base64.urlsafe_b64encode(data)
    for spelling in (
        standard,
        url_safe,
        standard.rstrip(b"="),
        url_safe.rstrip(b"="),
        b" " + standard + b"\r\n",
    ):
        assert datas(unbase64(spelling)) == [data]


def test_a_short_word_is_base64_only_of_text() -> None:
    assert datas(unbase64(base64.b64encode(b"word"))) == [b"word"]
    assert unbase64(b"android") is None


def test_base64_inside_text() -> None:
    run = base64.b64encode(b"a secret in the middle")

    assert b"a secret in the middle" in datas(unbase64(b"id: " + run + b"; end"))


def test_lines_of_base64_inside_text() -> None:
    data = bytes(range(256))

    assert data in datas(unbase64(b"-----BEGIN:\n" + base64.encodebytes(data) + b":END"))


def test_hex_whole_and_inside_text() -> None:
    assert datas(unhex(b"68656c6c6f")) == [b"hello"]
    assert datas(unhex(b"id=" + b"Secret value".hex().encode() + b";")) == [b"Secret value"]
    assert unhex(b"deadbeef") is None


def test_utf16_with_and_without_mark() -> None:
    for codec in ("utf-16", "utf-16-le", "utf-16-be"):
        assert datas(unutf16("wörd in 16 bits".encode(codec))) == ["wörd in 16 bits".encode()]
    assert unutf16(b"plain text") is None
    assert unutf16(bytes(40)) is None


def test_data_urls() -> None:
    assert datas(undata(b"data:text/plain,a%20b")) == [b"a b"]
    assert datas(undata(b"data:;base64,aGVsbG8=")) == [b"hello"]
    assert undata(b"data: nothing") is None


@pytest.mark.parametrize(
    "text", ["肝病离婚律师医院", "Сплошная кириллица", "מילים בעברית", "한국어로된문장입니다", "Ελληνικά, 2"]
)
@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_in_other_scripts(text: str, codec: str) -> None:
    opened = unutf16(text.encode(codec))

    assert opened is not None
    assert opened.pieces[0].data.decode() == text


def test_random_bytes_are_seldom_taken_for_text_of_one_script() -> None:
    rng = random.Random(4)

    assert sum(unutf16(rng.randbytes(32)) is not None for _ in range(20_000)) < 20


def test_ascii_is_no_chinese() -> None:
    assert unutf16(b"collector.test") is None


def test_octal_escapes_are_opened_where_several_stand_on_end() -> None:
    spelt = b"".join(b"\\%03o" % byte for byte in b"canary")

    assert datas(unjavascript(b"a=" + spelt)) == [b"a=canary"]
    assert unjavascript(b"C:\\101\\102\\103") is None


def test_bits_are_bytes_only_where_they_spell_something() -> None:
    for between in (" ", ",", ""):
        assert datas(unbyte_list(between.join(f"{byte:08b}" for byte in b"canary").encode())) == [b"canary"]
    assert unbyte_list(b"10010110 11111111 00000001 10000000") is None


def test_an_array_as_an_object_may_say_its_length() -> None:
    counted = {str(at): byte for at, byte in enumerate(b"canary")}

    assert datas(unbyte_list(json.dumps(counted | {"length": 6}).encode())) == [b"canary"]
    assert unbyte_list(json.dumps(counted | {"length": 6, "6": 300}).encode()) is None


def test_hexadecimal_as_a_program_writes_numbers() -> None:
    assert datas(unhex(b"0x" + b"Secret value".hex().encode())) == [b"Secret value"]
    assert unhex(b"a0x" + b"Secret value".hex().encode()) is None


def test_numbers_of_bytes_may_have_dashes_between_them() -> None:
    assert datas(unbyte_list(b"-".join(b"%d" % byte for byte in b"canary"))) == [b"canary"]
    assert unbyte_list(b"300-114-101-102") is None
