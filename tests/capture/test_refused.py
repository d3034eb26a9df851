import re

import pytest

from hometruth.capture.reader import Start
from hometruth.capture.refused import NOT_READ, looks_like, not_read


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


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"CLIENT_RANDOM " + b"0a" * 32 + b" " + b"1b" * 48, "a TLS key log"),
        (b"# comment\nSERVER_TRAFFIC_SECRET_0 " + b"0a" * 32, "a TLS key log"),
        (b"#separator \\x09\n#fields\tts", "a log by Zeek"),
        (b'<?xml version="1.0"?>\n<OWASPZAPReport version="2">', "a report by ZAP"),
        (b'{"_type":"export","__export_source":"insomnia.desktop.app:v2"}', "an export by Insomnia"),
        (b"type: collection.insomnia.rest/5.0\n", "an export by Insomnia"),
        (b'"ID","version","protocol","daddr","dport","time","uncertain"\r\n', "NetGuard or TrackerControl"),
    ],
)
def test_what_is_known_and_not_read_is_refused_by_name_with_advice(head: bytes, words: str) -> None:
    known = not_read(Start(head))

    assert known is not None
    assert words in known.is_what


def test_every_refusal_says_what_to_do_instead() -> None:
    assert [each.is_what for each in NOT_READ if not re.search("; (give|export|record) ", each.is_what)] == []


def test_a_name_helps_where_nothing_else_does() -> None:
    assert looks_like(Start(b"\x00\x01"), "a.chls").endswith("export it as JSON session (.chlsj) or HAR")
