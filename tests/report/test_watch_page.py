"""The page of `watch`: what its rows say, hostile traffic, and a real browser at three widths."""

import base64
import html
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest

from hometruth.audit.departures import Decoder
from hometruth.model import Canary, CanaryKind, Condition, Exchange, Gap, GapKind
from hometruth.model.departure import Deed
from hometruth.report.watch import CLIP
from hometruth.report.watch_page import MAX_ROWS, LiveRows, PageDisplay, page_style
from hometruth.report.watch_server import serving
from tests.report.devtools import DevTools, devtools
from tests.report.test_watch import PLANTED, event, request

PRIVATE = Condition.of({"mode": "incognito"})
HOSTILE = (
    "<script>document.title='owned'</script><img src=x onerror=alert(1)>"
    "\x00\x1b]0;owned\x07\u202eevil\r\n{{7*7}}"
)
MEGABYTE = "W" * (1 << 20)
MEASURE = """(() => {
  const cut = [], wide = innerWidth + 0.5;
  for (const one of document.querySelectorAll("body *")) {
    const box = one.getBoundingClientRect();
    if (box.right > wide || box.left < -0.5 || one.scrollWidth > Math.max(one.clientWidth, box.width) + 1)
      if (getComputedStyle(one).display !== "inline" || box.right > wide)
        cut.push(one.className + ": " + one.textContent.slice(0, 60));
  }
  const main = document.querySelector("main");
  return {cut, title: document.title, marks: document.querySelectorAll("main mark").length,
    scripts: document.scripts.length, images: document.images.length, end: Math.abs(main.scrollTop) < 1,
    sideways: document.documentElement.scrollWidth > innerWidth, styled: getComputedStyle(main).display};
})()"""


def shown(*exchanges: Exchange, deed: Deed | None = None, planted: Canary = PLANTED) -> str:
    """The row, as it is sent."""
    rows = LiveRows()
    decoder = Decoder([planted])
    PageDisplay(rows, [planted], start_ns=0).show(deed, [decoder.decode(one) for one in exchanges])
    return "".join(rows.after(0, 0)[1])


def words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def search(word: str = PLANTED.value, **more: object) -> Exchange:
    return request(event("search", search_word=word, **more), host="sa.api.intl.miui.com")


def test_a_row_names_what_was_done_in_which_mode_and_who_got_it_how_it_was_wrapped() -> None:
    row = shown(
        search(), deed=Deed(2 * 10**9, f"searches for {PLANTED.value}", (PLANTED,), condition=PRIVATE)
    )
    done, _, left = row.partition('<div class="left">')

    assert words(done) == f"2.0 searches for {PLANTED.value} incognito"
    assert words(left).startswith(
        "words searched incognito → sa.api.intl.miui.com (Xiaomi) "
        "1.0 POST sa.api.intl.miui.com/sa → 200 "
        "Sensors Analytics, peeled: percent › json search "
    )
    assert [part.count(f"<mark>{PLANTED.value}</mark>") for part in (done, left)] == [1, 1]


def test_the_action_itself_accuses_nobody() -> None:
    own = replace(PLANTED, first_party=("search.example",))
    visit = replace(request(), host="search.example", method="GET", target=f"/s?q={own.value}".encode())
    row = shown(visit, deed=Deed(0, "searches", (own,)), planted=own)

    assert "the action itself" in words(row)
    assert 'class="who"' not in row


def test_a_value_in_another_form_is_told_though_nothing_shows_it() -> None:
    body = json.dumps({"a": base64.b64encode(f"x {PLANTED.value}".encode()).decode()}).encode()
    row = shown(
        replace(request(), request_body=body, request_headers=((b"Content-Type", b"application/json"),))
    )

    assert "peeled: json › base64" in words(row)
    assert f"<mark>{PLANTED.value}</mark>" in row


def test_captured_text_stays_text() -> None:
    row = shown(
        search(HOSTILE, **{HOSTILE: HOSTILE}),
        deed=Deed(0, HOSTILE, condition=Condition.of({HOSTILE: HOSTILE})),
    )

    assert not re.search(r"<(script|img)|[\x00\x07\x1b\u202e]", row)
    assert "&lt;script&gt;" in row
    assert r"\u{0}\u{1b}]0;owned\u{7}\u{202e}evil\u{d}\u{a}{{7*7}}" in row


def test_a_value_of_a_megabyte_is_clipped_and_what_was_planted_in_it_still_told() -> None:
    row = shown(search(f"{MEGABYTE}{PLANTED.value}{MEGABYTE}"), search(PLANTED.value, **{MEGABYTE: "x"}))

    assert len(row) < 20_000
    n_left_out = 2 * len(MEGABYTE) + len(PLANTED.value) - CLIP
    assert f"{n_left_out:,} characters left out" in row
    assert row.count(f"<mark>{PLANTED.value}</mark>") == 2


def test_more_fields_than_a_row_bears_are_counted_and_the_planted_one_is_not_among_them() -> None:
    many = {f"f{number}": str(number) for number in range(200)}
    row = shown(request(event("a", **many, zz=PLANTED.value)))

    assert f"<mark>{PLANTED.value}</mark>" in row
    assert re.search(r"and 1\d\d more fields", words(row))


def test_a_late_reader_gets_the_latest_rows_and_the_number_of_the_others() -> None:
    rows = LiveRows()
    for number in range(MAX_ROWS + 7):
        rows.add(f"<p>{number}</p>")
    place, kept, ended = rows.after(rows.n_left_out, 0)

    assert (rows.n_left_out, place, len(kept), ended) == (7, MAX_ROWS + 7, MAX_ROWS, False)
    assert "7 rows are not shown here" in rows.after(0, 0)[1][0]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevTools]:
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no chromium on PATH, so the page was not looked at in a real browser")
    with devtools(program, tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="module")
def hostile_rows() -> LiveRows:
    """An afternoon of it, and the ordinary."""
    rows = LiveRows()
    typed = Canary("t", CanaryKind.TYPED, "typed" + "x" * 60, bits=80.0)
    display = PageDisplay(rows, [PLANTED, typed], start_ns=0)
    decoder = Decoder([PLANTED, typed])
    deeds = [Deed(0, f"searches for {PLANTED.value}", (PLANTED,), condition=PRIVATE), Deed(1, HOSTILE)]
    long_host = replace(search(HOSTILE), host=f"{'a' * 60}.{'b' * 60}.{'c' * 60}.example")
    told = [search(), search(HOSTILE, **{HOSTILE: HOSTILE}), search(MEGABYTE), long_host, search(typed.value)]
    left = [decoder.decode(one) for one in told]
    for deed in (*deeds, Deed(2, MEGABYTE, condition=Condition.of({"m" * 300: "n" * 300}))):
        display.show(deed, left)
    display.say("x" * 300, "red")
    display.gap(Gap(GapKind.UNREADABLE, HOSTILE, MEGABYTE))
    rows.end()
    return rows


@pytest.mark.parametrize("width", [1280, 768, 390])
def test_no_text_is_cut_and_the_browser_has_nothing_against_the_page(
    browser: DevTools, hostile_rows: LiveRows, width: int
) -> None:
    with serving(hostile_rows, title=f"What left {HOSTILE}") as url:
        browser.open(url, width)
        told = browser.value(MEASURE)

    assert browser.complaints() == []
    assert told["cut"] == []
    assert (told["scripts"], told["images"], told["sideways"]) == (0, 0, False)
    assert told["marks"] >= 6
    assert told["title"].startswith("What left <script>")
    assert told["styled"] == "flex"
    assert told["end"], "it stands at its latest row"


def test_a_style_or_script_in_the_page_would_be_complained_about(browser: DevTools) -> None:
    """So that the test above can fail."""
    rows = LiveRows()
    rows.add("<p style='width: 3000px'>wide</p><script>document.title = 'owned'</script>")
    rows.end()
    with serving(rows, title="What left") as url:
        browser.open(url, 390)

        assert "Content Security Policy" in "".join(browser.complaints())
        assert browser.value("document.title") == "What left · Hometruth"


def test_the_style_sheet_fetches_nothing() -> None:
    assert not re.search(r"url\(|@import|@font-face", page_style())
