"""Messages of HTTP/1 as they were written down: chunks, trailers, and what does not add up."""

import pytest

from hometruth.capture.raw_http import split_message

HEAD = b"POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "body",
    [
        b"3\r\nabc\r\n0\r\n\r\n",
        b"3;name=value\r\nabc\r\n0\r\n\r\n",
        b"3  \r\nabc\r\n000\r\n",
        b"3\nabc\n0\n\n",
        b"1\r\na\r\n2\r\nbc\r\n0\r\n\r\n",
    ],
)
def test_chunks_that_add_up_are_joined(body: bytes) -> None:
    assert split_message(HEAD + body).body == b"abc"


@pytest.mark.parametrize(
    ("body", "looks_chunked"),
    [
        (b"id=qhxw7atk3mzn5vpd2q", False),
        (b"0 is what it begins with", False),
        (b"3 little words\r\nabc\r\n0\r\n\r\n", False),
        (b"3\r\nabcdef\r\n0\r\n\r\n", True),
        (b"5\r\nabc", True),
        (b"3\r\nabc\r\n", True),
        (b"3\r\nabc\r\n0\r\n\r\nGET /next HTTP/1.1", True),
        (b"", False),
    ],
)
def test_a_body_that_is_not_chunks_to_its_end_is_kept_as_it_is(body: bytes, looks_chunked: bool) -> None:
    message = split_message(HEAD + body)

    assert (message.body, message.is_uneven) == (body, looks_chunked)


def test_trailers_are_kept() -> None:
    message = split_message(HEAD + b"3\r\nabc\r\n0\r\nX-Device: q7m2x9k4\r\n\r\n")

    assert (message.body, message.header(b"x-device")) == (b"abc", b"q7m2x9k4")
