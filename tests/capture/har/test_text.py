import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hometruth.capture.har.text import body_bytes, header_bytes, lost_bytes, may_be_utf8


@given(st.binary())
def test_base64_is_exact(data: bytes) -> None:
    assert body_bytes(base64.b64encode(data).decode(), "base64", "text/plain") == data


@given(st.binary())
def test_one_character_per_byte_of_a_binary_type_is_exact(data: bytes) -> None:
    assert body_bytes(data.decode("latin-1"), "", "application/octet-stream") == data


@given(st.text())
def test_text_is_utf_8(text: str) -> None:
    clean = "".join(char for char in text if char >= " ")

    assert body_bytes(clean, "", "application/json; charset=utf-8") == clean.encode()


@pytest.mark.parametrize(
    ("text", "mime_type", "expected"),
    [
        ("ü", "text/plain", "ü".encode()),
        ("ü", "text/plain; charset=ISO-8859-1", b"\xfc"),
        ("\x1f\u008b\b\0ü", "application/json", b"\x1f\x8b\x08\x00\xfc"),  # gzip under a false type
        ("\u20ac", "image/png", "€".encode()),  # cannot be one character per byte
        ("ü", "multipart/form-data; boundary=x", "ü".encode()),
        ("\u0089PNG\r\n\u001a\nü", "multipart/form-data; boundary=x", b"\x89PNG\r\n\x1a\n\xfc"),
        ("\ud800", "text/plain", b"\xed\xa0\x80"),
    ],
)
def test_unmarked_text_is_read_by_type_and_content(text: str, mime_type: str, expected: bytes) -> None:
    assert body_bytes(text, "", mime_type) == expected


def test_the_size_tells_whether_a_character_is_a_byte_or_text() -> None:
    text = "für\xa0alle"

    assert body_bytes(text, "", "application/octet-stream", [10]) == text.encode()
    assert body_bytes(text, "", "application/octet-stream", [8]) == text.encode("latin-1")
    assert body_bytes(text, "", "application/octet-stream") == text.encode("latin-1")
    assert may_be_utf8(text, "application/octet-stream")
    assert not may_be_utf8(text + "\0", "application/octet-stream")
    assert not may_be_utf8(text, "text/plain")
    assert not may_be_utf8("alle", "application/octet-stream")


def test_a_false_base64_mark_costs_nothing() -> None:
    assert body_bytes("not base64, ü", "base64", "text/plain") == "not base64, ü".encode()


@pytest.mark.parametrize("text", ['{"id":"abcd"}', "a b, c!", "abcde", "ab=c", "a%3D"])
def test_a_false_base64_mark_is_told_by_alphabet_and_padding(text: str) -> None:
    assert body_bytes(text, "base64", "application/json") == text.encode()


@given(data=st.binary(max_size=100), safe=st.booleans(), padded=st.booleans(), wrapped=st.booleans())
def test_base64_of_either_alphabet_padded_or_not_wrapped_or_not_is_undone(
    data: bytes, safe: bool, padded: bool, wrapped: bool
) -> None:
    text = (base64.urlsafe_b64encode if safe else base64.b64encode)(data).decode()
    text = text if padded else text.rstrip("=")
    text = "\r\n".join(text[at : at + 10] for at in range(0, len(text), 10)) if wrapped else text

    assert body_bytes(text, "Base64", "application/json") == data


@given(st.binary(min_size=1, max_size=200).map(lambda data: b"\x1f\x8b\x08\0" + data))
def test_bytes_shown_as_windows_1252_come_back(data: bytes) -> None:
    shown = "".join(
        chr(byte) if byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else bytes([byte]).decode("cp1252")
        for byte in data
    )

    assert body_bytes(shown, "", "application/octet-stream") == data


def test_a_loss_is_seen_in_binary_bodies_only() -> None:
    assert lost_bytes("a\ufffdb", "", "application/octet-stream")
    assert lost_bytes("\x1f\ufffd\b", "", "application/json")
    assert not lost_bytes("a\ufffdb", "", "text/plain")
    assert not lost_bytes("ab", "", "application/octet-stream")
    assert not lost_bytes("H4sI", "base64", "application/octet-stream")


def test_gzip_that_lost_the_bytes_that_are_no_text_is_told() -> None:
    assert "gzip" in (lost_bytes("\x1f\b\0\0abc", "", "application/json") or "")


@pytest.mark.parametrize("text", ["plain", "ü decoded", "\u20ac", "ü".encode().decode("latin-1")])
def test_header_bytes_are_utf_8_however_they_were_shown(text: str) -> None:
    header_bytes(text).decode("utf-8")

    assert header_bytes("Ã¼") == header_bytes("ü") == "ü".encode()
