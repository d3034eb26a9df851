import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hometruth.capture.har.text import body_bytes, header_bytes, lost_bytes


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


def test_a_false_base64_mark_costs_nothing() -> None:
    assert body_bytes("not base64, ü", "base64", "text/plain") == "not base64, ü".encode()


def test_a_loss_is_seen_in_binary_bodies_only() -> None:
    assert lost_bytes("a\ufffdb", "application/octet-stream")
    assert lost_bytes("\x1f\ufffd\b", "application/json")
    assert not lost_bytes("a\ufffdb", "text/plain")
    assert not lost_bytes("ab", "application/octet-stream")


@pytest.mark.parametrize("text", ["plain", "ü decoded", "\u20ac", "ü".encode().decode("latin-1")])
def test_header_bytes_are_utf_8_however_they_were_shown(text: str) -> None:
    header_bytes(text).decode("utf-8")

    assert header_bytes("Ã¼") == header_bytes("ü") == "ü".encode()
