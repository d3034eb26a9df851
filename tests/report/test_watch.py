"""The two columns of `hometruth watch`: what fits, what is marked, and what is made harmless."""

import base64
import io
import json
import re
from dataclasses import replace
from urllib.parse import quote_plus

import pytest
from rich.console import Console

from hometruth.audit.departures import Decoder
from hometruth.model import Canary, CanaryKind, Exchange, Source
from hometruth.model.departure import Deed
from hometruth.report.watch import TwoColumns

HOSTILE = "\x1b]0;owned\x07\x1b[2J\u202eevil\r\n"
PLANTED = Canary("c", CanaryKind.SEARCH, "gtestcanaryvalue1234", bits=80.0)
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def request(*events: dict[str, object], host: str = "t.example") -> Exchange:

    body = b"data_list=" + quote_plus(json.dumps(events)).encode()
    return Exchange(
        id="1",
        source=Source("x.mitm", 0, "f"),
        method="POST",
        scheme="https",
        host=host,
        port=443,
        target=b"/sa?project=p",
        request_headers=((b"Content-Type", b"application/x-www-form-urlencoded"),),
        request_body=body,
        started_ns=1_000_000_000,
        http_version="HTTP/1.1",
        status=200,
    )


def event(name: str, **properties: object) -> dict[str, object]:
    return {
        "distinct_id": "d-1",
        "type": "track",
        "event": name,
        "lib": {"$lib": "Android"},
        "properties": properties,
    }


def drawn(width: int, *exchanges: Exchange, terminal: bool = True, deed: Deed | None = None) -> str:
    file = io.StringIO()
    console = Console(
        file=file, width=width, force_terminal=terminal, color_system="standard", highlight=False
    )
    columns = TwoColumns(console, [PLANTED], start_ns=0)
    decoder = Decoder([PLANTED])
    columns.head()
    columns.show(deed, [decoder.decode(exchange) for exchange in exchanges])
    return file.getvalue()


@pytest.mark.parametrize("width", [20, 50, 64, 80, 200])
def test_no_line_is_wider_than_the_terminal_and_nothing_is_lost(width: int) -> None:
    deed = Deed(0, f"searches for {PLANTED.value} 搜索搜索搜索搜索搜索搜索搜索搜索搜索", (PLANTED,))
    out = ANSI.sub("", drawn(width, request(event("search", search_word=f"x {PLANTED.value}")), deed=deed))
    lines = out.splitlines()

    assert max(Console().measure(line).maximum for line in lines) <= width
    assert PLANTED.value in re.sub(r"done|left|│|\s", "", out)
    assert "search_word=" in re.sub(r"[\s│]", "", out).replace("left", "")


def test_planted_values_are_marked_on_both_sides() -> None:
    deed = Deed(0, f"searches for {PLANTED.value}", (PLANTED,))
    out = drawn(100, request(event("search", search_word=PLANTED.value)), deed=deed)

    assert out.count(f"\x1b[1;7m{PLANTED.value}\x1b[0m") == 2


def test_captured_text_never_reaches_the_terminal_as_a_command() -> None:
    deed = Deed(0, HOSTILE)
    for width in (50, 100):
        out = drawn(width, request(event(HOSTILE, **{HOSTILE: HOSTILE})), deed=deed)

        assert "\x07" not in out
        assert "\u202e" not in out
        assert "\x1b[2J" not in out
        assert "\x1b]" not in out
        assert "\\u{1b}" in re.sub(r"\s", "", out)


def test_what_every_record_repeats_is_told_once() -> None:
    news = drawn(
        100,
        request(event("a", model="Note", n=1), event("b", model="Note", n=2)),
        request(event("c", model="Note", n=3)),
        request(event("d", model="Note", n=4), host="other.example"),
    )

    assert news.count("model=") == 2
    assert all(f"n=\x1b[0m{n}" in news for n in (1, 2, 3, 4))


def test_a_planted_value_is_told_each_time() -> None:
    said = event("a", word=PLANTED.value)
    news = drawn(100, request(said), request(said), request(said))

    assert news.count(PLANTED.value) == 3


def test_an_unknown_protocol_shows_its_fields_and_how_the_value_was_wrapped() -> None:

    wrapped = base64.b64encode(f"the word was {PLANTED.value}".encode()).decode()
    body = json.dumps({"a": {"b": wrapped}}).encode()
    exchange = replace(
        request(), request_headers=((b"Content-Type", b"application/json"),), request_body=body
    )
    out = drawn(100, exchange, terminal=False)

    assert f"»{PLANTED.value}«" in out
    assert "peeled: json › base64" in out
