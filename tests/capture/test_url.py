from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hometruth.capture.url import NotOnTheWire, Url, parse_url


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://A.Example/p?q#f", Url("https", "a.example", 443, b"/p?q")),
        ("http://a.example", Url("http", "a.example", 80, b"/")),
        ("http://a.example?q=1", Url("http", "a.example", 80, b"/?q=1")),
        ("wss://a.example:8443/s", Url("wss", "a.example", 8443, b"/s")),
        ("http://a.example:/", Url("http", "a.example", 80, b"/")),
        ("http://user:p@ss@a.example/", Url("http", "a.example", 80, b"/", b"user:p@ss")),
        ("http://[2001:DB8::1]:81/x", Url("http", "2001:db8::1", 81, b"/x")),
        ("http://[::1]/", Url("http", "::1", 80, b"/")),
        ("https://b\u00fccher.example/\u00fc", Url("https", "xn--bcher-kva.example", 443, "/ü".encode())),
        ("https://a.example/%C3%BC%zz?%", Url("https", "a.example", 443, b"/%C3%BC%zz?%")),
        ("  HTTP://a.example/ ", Url("http", "a.example", 80, b"/")),
    ],
)
def test_what_the_wire_carried(text: str, expected: Url) -> None:
    assert parse_url(text) == expected


@pytest.mark.parametrize(
    "text",
    ["data:text/plain,hi", "blob:https://a.example/1", "about:blank", "chrome-extension://x/y", "no url"],
)
def test_a_url_that_leads_to_no_server(text: str) -> None:
    with pytest.raises(NotOnTheWire):
        parse_url(text)


@pytest.mark.parametrize("text", ["http://", "http:///", "https://a.example:99999/", "http://a.example:x/"])
def test_a_url_that_cannot_be(text: str) -> None:
    with pytest.raises(ValueError, match="a URL with"):
        parse_url(text)


@given(st.text().map(lambda rest: f"http://a.example/{rest}"))
def test_nothing_but_the_fragment_is_lost(text: str) -> None:
    assert parse_url(text).target == "/".join(text.strip().partition("#")[0].split("/")[3:]).join(
        ["/", ""]
    ).encode("utf-8", "surrogatepass")


@given(st.text())
def test_any_text_is_a_url_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        parse_url(text)


@pytest.mark.parametrize("scheme", ["data", "blob", "moz-extension", "ftp", "rtsp", "mailto"])
def test_of_what_is_no_url_of_the_web_it_is_told_whether_it_leads_to_a_server(scheme: str) -> None:
    with pytest.raises(NotOnTheWire) as told:
        parse_url(f"{scheme}://a.example/")

    assert (told.value.size_bytes is None) == ("leads to no server" not in str(told.value))
    assert (told.value.size_bytes is None) == (scheme in ("ftp", "rtsp", "mailto"))
