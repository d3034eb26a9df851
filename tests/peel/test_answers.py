"""An answer's body is read as its client reads it."""

import gzip
import zlib

import brotli
import pytest

from hometruth.model import Exchange, Source
from hometruth.peel import decoded_answer

PAGE = b"<p>a page that is long enough to be worth packing, long enough to be worth packing</p>"


def answer(body: bytes | None, coding: bytes | None) -> Exchange:
    headers = ((b"Content-Encoding", coding),) if coding else ()
    return Exchange(
        "e",
        Source("x", 0),
        "GET",
        "https",
        "a",
        443,
        b"/",
        (),
        b"",
        response_headers=headers,
        response_body=body,
    )


@pytest.mark.parametrize(
    ("body", "coding", "read"),
    [
        (PAGE, None, PAGE),
        (None, b"gzip", None),
        (gzip.compress(PAGE, mtime=0), b"gzip", PAGE),
        (zlib.compress(PAGE), b"deflate", PAGE),
        (zlib.compress(PAGE)[2:-4], b"deflate", PAGE),
        (brotli.compress(PAGE), b"br", PAGE),
        (gzip.compress(brotli.compress(PAGE), mtime=0), b"br, GZIP", PAGE),
        (PAGE, b"gzip", PAGE),
        (PAGE, b"identity", PAGE),
        (b"\x00\xff\x9c", b"br", None),
    ],
)
def test_content_codings_come_off_if_they_are_on(
    body: bytes | None, coding: bytes | None, read: bytes | None
) -> None:
    assert decoded_answer(answer(body, coding)) == read
