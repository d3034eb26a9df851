import json

import pytest

from hometruth.capture.detect import Kind, kind_of, looks_like


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b'{"log": {}}', Kind.HAR),
        (b"\xef\xbb\xbf \r\n{", Kind.HAR),
        (b"1389:9:websocket;", Kind.FLOWS),
        (b"2116:7:version,", Kind.FLOWS),
        (b"12:hello", None),
        (b"[1]", None),
        (b"", None),
    ],
)
def test_kinds_are_told_by_content(head: bytes, kind: Kind | None) -> None:
    assert kind_of(head) is kind


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"\x89PNG\r\n\x1a\n", "a PNG image"),
        (b"\x0a\x0d\x0d\x0a", "a pcapng packet capture"),
        (b"PK\x03\x04", "unpack it first"),
        (b"<!doctype html>", "HTML"),
        (b"callback({", "JSONP"),
        (b"[1]", "a JSON list"),
        (json.dumps("x").encode("utf-16"), "UTF-16"),
        ("just wörds".encode(), "plain text"),
        (b"\x00\xff\xfe", "no format we know"),
        (b"\x00" * 8, "no format we know"),
    ],
)
def test_what_is_no_recording_is_named(head: bytes, words: str) -> None:
    assert words in looks_like(head)
