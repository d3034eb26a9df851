import pytest

from hometruth.capture.reader import Start
from hometruth.capture.refused import looks_like


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"\x89PNG\r\n\x1a\n", "a PNG image"),
        (b"<!doctype html>", "HTML"),
        (b"[1]", "a JSON list"),
        ("just wörds".encode(), "plain text"),
        ("just wörds".encode()[:-4], "plain text"),
        (b"\x00\xff\xfe", "no format we know"),
        (b"\x00" * 8, "no format we know"),
    ],
)
def test_what_is_no_recording_is_named(head: bytes, words: str) -> None:
    assert words in looks_like(Start(head))
