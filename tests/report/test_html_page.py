import base64
import hashlib
import http.server
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from hometruth.model import Audit, CanaryKind, Gap, GapKind, Proof, VerdictKind
from hometruth.report.html_page import render_html
from hometruth.report.text import mask
from tests.report.audits import (
    COLLECTOR,
    CONDITIONS,
    DEVICE,
    PER_CELL,
    build_audit,
    minted,
    reported_by_sdk,
)

WHEN = "2026-11-22 14:05 UTC"
EMAIL = "anna.miller@example.org"
TAGS = (
    "html head meta title link style body a header main section article nav footer div p h1 h2 h3 h4 "
    "ol ul li dl dt dd table caption thead tbody tfoot tr th td "
    "code pre mark i b q small span strong sup time br details summary "
    "figure svg desc g rect circle line text"
)
ATTRIBUTES = (
    "lang charset http-equiv content name rel href class id role scope tabindex "
    "aria-label aria-labelledby aria-hidden xmlns viewbox width height font-family font-size font-weight "
    "text-anchor fill stroke stroke-width stroke-dasharray transform x y rx cx cy r x1 x2 y1 y2"
)
ALLOWED_TAGS = frozenset(TAGS.split())
ALLOWED_ATTRIBUTES = frozenset(ATTRIBUTES.split())
VOID = frozenset({"meta", "link", "br"})


class Page(HTMLParser):
    """Tags, attributes and visible text of a page; checks that tags nest."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.style = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1:] == ["style"]:
            self.style += data
        else:
            self.text += data

    def values(self, attribute: str) -> list[str]:
        return [value or "" for name, value in self.attributes if name == attribute]


HOSTILE = (
    "<script>document.title='owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    "\"><svg/onload=document.title='owned'>",
    "'-alert(1)-'",
    "</pre></style></title><h1>owned</h1>",
    "{{ 7*7 }}{% raw %}",
    "javascript:alert(1)",
    "<!--",
    "]]>",
    "\x1b[31m\u202e\u200b\x00\ud800",
    "&lt;b&gt;",
)


def hostile_audit() -> Audit:
    """Every field that may hold captured text holds something hostile."""
    evil = " ".join(HOSTILE)
    finding, proof = reported_by_sdk(evil, CanaryKind.SEARCH, CONDITIONS[1], 4, extra=evil)
    raw = evil.encode("utf-8", "surrogatepass") + b"\xff\xfe\x00"
    exchange = replace(
        proof.sighting.exchange,
        method=evil,
        host=evil,
        target=raw,
        http_version=evil,
        request_headers=((b"User-Agent", raw), (b"Content-Type", raw)),
        source=replace(proof.sighting.exchange.source, file=evil, flow_id=evil),
    )
    recipient = replace(
        COLLECTOR, host=evil, organisation=evil, sdk=evil, sdk_maker=evil, sources=((evil, evil),)
    )
    finding = replace(finding, recipient=recipient)
    stages = tuple(replace(stage, layer=evil, path=evil, data=raw) for stage in proof.stages)
    proof = Proof(finding, replace(proof.sighting, exchange=exchange), stages)
    audit = build_audit((finding, proof))
    return replace(
        audit,
        subject=replace(audit.subject, name=evil, product=evil, description=evil),
        claims=tuple(
            replace(claim, statement=evil, who=evil, quote=evil, source=(evil,)) for claim in audit.claims
        ),
        verdicts=tuple(replace(row, why=evil, proof=exchange.id) for row in audit.verdicts),
        identifiers=tuple(replace(item, value=evil, field=evil, source=evil) for item in audit.identifiers),
        coverage=tuple(replace(row, host=evil) for row in audit.coverage),
        gaps=(Gap(GapKind.OPAQUE, evil, evil, 12, host=evil), Gap(GapKind.BUDGET, "x", "w" * 1_000_000)),
    )


@pytest.fixture(scope="module")
def page(audit: Audit) -> Page:
    return Page(render_html(audit, generated=WHEN))


def test_it_is_one_file_with_no_script_and_only_known_tags(page: Page) -> None:
    assert set(page.tags) <= ALLOWED_TAGS
    assert {name for name, _ in page.attributes} <= ALLOWED_ATTRIBUTES
    assert page.values("href")
    assert all(href.startswith(("#", "https://", "data:,")) for href in page.values("href"))


def test_the_policy_allows_its_own_style_by_hash_and_nothing_else(page: Page) -> None:
    (policy,) = [value for value in page.values("content") if "default-src" in value]
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()

    assert policy.split("; ") == [
        "default-src 'none'",
        f"style-src 'sha256-{digest}'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]


def test_every_anchor_leads_somewhere_and_ids_are_unique(page: Page) -> None:
    ids = page.values("id")

    assert len(ids) == len(set(ids))
    assert {href[1:] for href in page.values("href") if href.startswith("#")} <= set(ids)


def test_headings_do_not_skip_levels_and_tables_have_captions(page: Page) -> None:
    levels = [int(tag[1]) for tag in page.tags if re.fullmatch(r"h[1-6]", tag)]

    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert page.tags.count("caption") == page.tags.count("table") > 5
    assert set(page.values("scope")) == {"col", "row"}


def test_a_lay_reader_gets_the_verdicts_first(page: Page) -> None:
    words = " ".join(page.text.split())

    order = [
        *("It says nothing about a real phone", "In all 30 private sessions", "What was said, and what"),
        *("Proof: entry", "Not seen: what", "2 contradicted, 2 consistent, 1 inconclusive, 1 not tested"),
        *("Pictures", "The proofs, layer by layer", "All verdicts"),
    ]
    places = [
        words.index(told, words.index("What was seen")) if n > 0 else words.index(told)
        for n, told in enumerate(order[:6])
    ]
    assert places == sorted(places)
    assert words.rindex(order[6]) < words.rindex(order[7]) < words.rindex(order[8])
    assert "This simulated Redmi Note 8 does otherwise: in 30 of 30 sessions" in words
    assert "This never means that the statement is true" in words
    assert "Silence proves little." in words


def test_the_proof_goes_from_the_raw_request_to_the_marked_value(audit: Audit) -> None:
    html = render_html(audit, generated=WHEN)
    value = minted("page t100")

    assert html.count(f"<mark>{value}</mark>") == 2
    assert "1f 8b 08" in html
    assert "body &gt; percent &gt; base64 &gt; gzip &gt; json data_list[0].properties.url" in html


def test_the_proof_line_leads_to_that_proof(audit: Audit) -> None:
    """It need not be the first on the page."""
    _, other = reported_by_sdk(minted("other"), CanaryKind.SEARCH, CONDITIONS[0], 3)
    page = render_html(replace(audit, proofs=(other, *audit.proofs)), generated=WHEN)

    assert '<a href="#proof-2">See it, layer by layer</a>' in page
    assert '<a href="#proofs">See it, layer by layer</a>' not in page


def test_unexpected_and_expected_are_apart_with_counts(page: Page) -> None:
    words = " ".join(page.text.split())
    beyond = words[words.index("Beyond what the action") : words.index("Expected: the action")]

    assert "sa.api.intl.miui.com" in beyond and "canary.example" not in beyond
    assert f"0 of {PER_CELL}" in beyond and f"{PER_CELL} of {PER_CELL}" in beyond
    assert "Mint Browser 3.4.3, incognito, switch off, consent given" in words


def test_a_real_subject_is_never_called_simulated() -> None:
    text = Page(render_html(build_audit(kind="real"), generated=WHEN)).text

    assert "this real Redmi Note 8" in text
    assert "simulated" not in text


def test_the_same_audit_gives_the_same_page(audit: Audit) -> None:
    assert render_html(audit, generated=WHEN) == render_html(audit, generated=WHEN)


def test_a_sighted_phantom_is_an_alarm_at_the_top(audit: Audit) -> None:
    words = Page(render_html(replace(audit, phantoms_sighted=1), generated=WHEN)).text

    assert words.index("Do not rely on this: of 1,000") < words.index("In all 30 private sessions")


def test_another_version_is_not_counted_against_the_speaker(audit: Audit) -> None:
    other = replace(
        audit,
        verdicts=tuple(
            replace(row, in_scope=False, verdict=VerdictKind.OTHER_VERSION) for row in audit.verdicts
        ),
    )
    html = render_html(other, generated=WHEN)

    first = html[html.index('class="lede"') : html.index("<nav")].lower()
    assert "6 on other products or versions" in first and "<b>6 on other products or versions</b>" in first
    assert "contradicted" not in first


def test_a_proof_that_no_verdict_names_is_still_shown(audit: Audit) -> None:
    extra = reported_by_sdk("hqanothervalue", CanaryKind.SEARCH, CONDITIONS[2], 9)
    html = render_html(build_audit(extra), generated=WHEN)

    assert "<mark>hqanothervalue</mark>" in html


def test_an_audit_of_nothing_renders(audit: Audit) -> None:
    empty = replace(
        audit, claims=(), verdicts=(), findings=(), proofs=(), identifiers=(), coverage=(), gaps=(), trials=()
    )
    words = " ".join(Page(render_html(empty, generated=WHEN)).text.split())

    assert "no statement was judged" in words and "No gap was noted" in words


@pytest.fixture
def personal() -> Audit:
    """A real device whose owner's address was sent."""
    extra = reported_by_sdk(EMAIL, CanaryKind.KNOWN, CONDITIONS[0], 3, personal=True, extra=EMAIL.upper())
    audit = build_audit(extra, kind="real")
    rows = tuple(replace(row, why=f"{EMAIL.title()} went out") for row in audit.verdicts)
    return replace(audit, verdicts=rows)


def test_personal_values_leave_no_trace_in_any_spelling(personal: Audit) -> None:
    html = render_html(personal, generated=WHEN)
    raw = personal.proofs[1].stages[0].data

    for spelling in (EMAIL, EMAIL.encode().hex(), base64.b64encode(EMAIL.encode()).decode()[:20]):
        assert spelling.lower() not in html.lower()
    assert raw.decode()[-60:] not in html
    assert mask(EMAIL) in html
    assert f"SHA-256 <code>{hashlib.sha256(raw).hexdigest()}</code>" in html
    assert "3 personal values masked or withheld in" in html


def test_personal_values_are_shown_when_asked_for(personal: Audit) -> None:
    html = render_html(personal, reveal=True, generated=WHEN)

    assert f"<mark>{EMAIL}</mark>" in html
    assert "Personal values are shown, as asked." in html


def test_a_simulated_phone_keeps_its_raw_bytes_although_its_personal_values_are_masked() -> None:
    audit = build_audit(reported_by_sdk(EMAIL, CanaryKind.KNOWN, CONDITIONS[0], 3, personal=True))
    html = render_html(audit, generated=WHEN)

    assert EMAIL not in html
    assert "Withheld" not in html
    assert audit.proofs[1].stages[2].data.decode()[:60] in html.replace("&#43;", "+")


def test_two_proofs_in_one_request_go_to_the_statements_they_are_about(audit: Audit) -> None:
    page = audit.proofs[0]
    known = replace(page.sighting.canary, id="android-id", kind=CanaryKind.DEVICE_ID, value=DEVICE)
    sighting = replace(page.sighting, canary=known)
    device = replace(page, sighting=sighting, propositions=(audit.verdicts[0].proposition,))
    first = replace(audit.verdicts[0], proof=page.sighting.exchange.id)
    told = replace(audit, proofs=(page, device), verdicts=(first, *audit.verdicts[1:]))
    html = render_html(told, generated=WHEN)

    assert 'The device identifier is in every event. <a href="#proof-2">Proof</a>' in html
    assert '<a href="#proof-1">See the proof</a>' in html and '<a href="#proof-2">See the proof</a>' in html


def test_the_identifiers_of_a_real_device_are_masked_in_the_proof_too() -> None:
    html = render_html(build_audit(kind="real"), generated=WHEN)

    assert DEVICE not in html
    assert DEVICE in render_html(build_audit(kind="simulated"), generated=WHEN)


def test_hostile_values_add_no_tag_and_no_attribute() -> None:
    page = Page(render_html(hostile_audit(), generated=WHEN))

    assert set(page.tags) <= ALLOWED_TAGS
    assert {name for name, _ in page.attributes} <= ALLOWED_ATTRIBUTES
    assert page.tags.count("h1") == page.tags.count("style") == 1
    assert page.tags.count("title") == page.tags.count("svg") + 1 > 3
    assert all(href.startswith(("#", "data:,")) for href in page.values("href"))


def test_hostile_values_stay_readable() -> None:
    text = Page(render_html(hostile_audit(), generated=WHEN)).text

    assert "<script>document.title='owned'</script>" in text
    assert "{{ 7*7 }}" in text
    assert "\\u{1b}[31m\\u{202e}\\u{200b}\\u{0}\\u{d800}" in text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u200b]", text)


def test_a_megabyte_in_every_field_gives_a_page_of_reasonable_size(audit: Audit) -> None:
    long = "w" * 1_000_000
    big = replace(audit, verdicts=tuple(replace(row, why=long) for row in audit.verdicts))

    assert len(render_html(big, generated=WHEN)) < 200_000


def test_in_a_real_browser_nothing_runs_and_nothing_is_fetched(
    tmp_path: Path, chromium: Callable[..., str]
) -> None:
    asked: list[str] = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        lure = f"http://127.0.0.1:{server.server_port}"
        fetch = f"<img src={lure}/img><link rel=stylesheet href={lure}/css><script src={lure}/js></script>"
        audit = hostile_audit()
        verdicts = tuple(replace(row, why=f"{row.why} {fetch}") for row in audit.verdicts)
        file = tmp_path / "report.html"
        file.write_text(
            render_html(replace(audit, verdicts=verdicts), title="The title", generated=WHEN), "utf-8"
        )
        dom = chromium(file, "--dump-dom")
        server.shutdown()

    assert asked == []
    assert "<title>The title · Hometruth</title>" in dom
    page = Page(dom)
    assert set(page.tags) <= ALLOWED_TAGS
    assert page.tags.count("h1") == 1


def test_the_browser_applies_the_style_that_the_policy_allows(
    audit: Audit, tmp_path: Path, chromium: Callable[..., str]
) -> None:
    styled, bare = tmp_path / "styled.html", tmp_path / "bare.html"
    html = render_html(audit, generated=WHEN)
    styled.write_text(html, "utf-8")
    bare.write_text(html.replace("sha256-", "sha256-AAAA"), "utf-8")
    for file in (styled, bare):
        chromium(file, f"--screenshot={file.with_suffix('.png')}", "--window-size=400,900")

    assert styled.with_suffix(".png").read_bytes() != bare.with_suffix(".png").read_bytes()
