"""The page is not the browser: whose doing a request is, decided by what the recorded pages can do."""

import pytest

from hometruth.model import Canary, CanaryKind, Exchange, Headers, InitiatorKind, Source
from hometruth.recipients import Pages
from hometruth.recipients.page_content import Power, content_of

PAGE = Canary("c", CanaryKind.PAGE, "kzvalue", 80.0, cell="t")
EMAIL = Canary("e", CanaryKind.KNOWN, "a@b.example", 50.0, personal=True)
HTML = ((b"Content-Type", b"text/html"),)
OURS = (*HTML, (b"Content-Security-Policy", b"default-src 'none'"), (b"Referrer-Policy", b"no-referrer"))
SCRIPT = ((b"Content-Type", b"text/javascript"),)
PLAIN = b"<!doctype html><meta charset=utf-8><title>x</title><p>hello <b>you</b>, once = twice"


def exchange(
    number: int, host: str, *, request: Headers = (), answer: Headers = HTML, status: int = 200
) -> Exchange:
    return Exchange(
        f"e{number}",
        Source("x", number),
        "GET",
        "https",
        host,
        443,
        b"/",
        request,
        b"",
        started_ns=number,
        status=status,
        response_headers=answer,
        trial="t",
    )


def kind_after(
    *visits: bytes | None, host: str = "t.vendor.example", headers: Headers = HTML
) -> InitiatorKind:
    """Initiator of a request to *host* after visits to pages with these bodies."""
    pages = Pages()
    for number, body in enumerate(visits):
        pages.add(exchange(number, f"site{number}.example", answer=headers), body)
    ids = [f"e{number}" for number in range(len(visits))]
    return pages.initiator_of(PAGE, exchange(99, host), ids).kind


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (PLAIN, InitiatorKind.APP),
        (b"", InitiatorKind.APP),
        (None, InitiatorKind.UNKNOWN),
        (b"<img src=https://t.vendor.example/a.gif>", InitiatorKind.PAGE),
        (b"<img src='//T.Vendor.example/a.gif'>", InitiatorKind.PAGE),
        (b"<img src=https&colon;//t.vendor&#46;example/a.gif>", InitiatorKind.PAGE),
        (b"<img src=/here.gif>", InitiatorKind.APP),
        (b"<img src=https://other.example/a.gif>", InitiatorKind.APP),
        (b"<p>https://t.vendor.example/ is only named", InitiatorKind.APP),
        (b"<a href=https://t.vendor.example/>", InitiatorKind.PAGE),
        (b"<style>@font-face{src:url(https://t.vendor.example/f)}</style>", InitiatorKind.PAGE),
        (b"<script src=/x.js></script>", InitiatorKind.UNKNOWN),
        (b"<script>fetch('https://t.vendor.example/')</script>", InitiatorKind.PAGE),
        (b"<body onload='go()'>", InitiatorKind.UNKNOWN),
        (b"<a href='java\nscript:go()'>", InitiatorKind.UNKNOWN),
        (b"<meta http-equiv=refresh content='0;url=https://t.vendor.example/'>", InitiatorKind.PAGE),
        (b"<form><button>", InitiatorKind.APP),
    ],
)
def test_what_a_visited_page_can_do_decides(body: bytes | None, kind: InitiatorKind) -> None:
    assert kind_after(body) is kind


def test_one_page_with_script_among_several_clears_and_charges_nobody() -> None:
    assert kind_after(PLAIN, b"<script>1</script>", PLAIN) is InitiatorKind.UNKNOWN


def test_a_policy_that_lets_nothing_run_makes_a_page_inert_but_for_its_links() -> None:
    link = b"<a href=https://t.vendor.example/><script>1</script>"
    assert kind_after(b"<script>1</script>", headers=OURS) is InitiatorKind.APP
    assert kind_after(link, headers=OURS) is InitiatorKind.PAGE
    loose = (*HTML, (b"Content-Security-Policy", b"default-src 'none'; script-src 'self'"))
    assert kind_after(b"<script src=x></script>", headers=loose) is InitiatorKind.UNKNOWN


def test_a_redirect_and_a_report_lead_to_what_they_name() -> None:
    for name in (b"Location", b"Refresh", b"Report-To", b"NEL", b"Link"):
        headers = (*HTML, (name, b'{"url": "https://t.vendor.example/x"}'))
        assert kind_after(b"", headers=headers) is InitiatorKind.PAGE


def test_script_that_the_page_loaded_may_name_the_recipient() -> None:
    pages = Pages()
    pages.add(exchange(0, "site.example"), b"<script src=https://cdn.example/sdk.js></script>")
    loaded = exchange(1, "cdn.example", answer=SCRIPT)
    assert pages.may_matter(loaded)
    assert not pages.may_matter(exchange(2, "t.vendor.example"))
    pages.add(loaded, b'var to = "https://t.vendor.example/collect"')

    told = pages.initiator_of(PAGE, exchange(9, "t.vendor.example"), ["e0"])
    assert told.kind is InitiatorKind.PAGE
    assert "cdn.example" in told.evidence


def test_a_page_that_nobody_opened_is_the_app() -> None:
    """A vendor's own answer with script cannot make its telemetry a page's doing."""
    pages = Pages()
    pages.add(exchange(0, "site.example", answer=OURS), PLAIN)
    pages.add(exchange(1, "t.vendor.example"), b"<script>fetch('https://t.vendor.example/')</script>")

    assert pages.initiator_of(PAGE, exchange(9, "t.vendor.example"), ["e0"]).kind is InitiatorKind.APP


def test_headers_of_a_page_on_what_an_inert_page_cannot_cause_gain_nothing() -> None:
    pages = Pages()
    pages.add(exchange(0, "site.example", answer=OURS), PLAIN)
    forged = (
        (b"Referer", b"https://site.example/"),
        (b"Sec-Fetch-Dest", b"font"),
        (b"Sec-Fetch-Site", b"cross-site"),
    )

    assert (
        pages.initiator_of(PAGE, exchange(9, "t.vendor.example", request=forged), ["e0"]).kind
        is InitiatorKind.APP
    )


def test_sec_fetch_site_none_speaks_for_the_app_and_decides_nothing() -> None:
    pages = Pages()
    pages.add(exchange(0, "site.example"), b"<script>1</script>")
    own = exchange(9, "t.vendor.example", request=((b"Sec-Fetch-Site", b"none"),))
    told = pages.initiator_of(PAGE, own, ["e0"])

    assert told.kind is InitiatorKind.UNKNOWN
    assert "speaks for the app" in told.evidence


def test_what_was_typed_and_given_to_no_page_is_the_app() -> None:
    assert kind_after() is InitiatorKind.APP


def test_a_later_page_caused_nothing_before_it() -> None:
    pages = Pages()
    pages.add(exchange(50, "site.example"), b"<script>1</script>")

    assert pages.initiator_of(PAGE, exchange(9, "t.vendor.example"), ["e50"]).kind is InitiatorKind.APP


def test_a_visit_on_a_connection_that_was_not_opened_is_not_known_to_be_inert() -> None:
    pages = Pages()
    pages.add_unopened("kzvalue.sites.example")

    assert pages.initiator_of(PAGE, exchange(9, "t.vendor.example"), []).kind is InitiatorKind.UNKNOWN


def test_a_persons_value_may_be_known_to_any_page_with_script() -> None:
    pages = Pages()
    assert pages.initiator_of(EMAIL, exchange(9, "t.vendor.example"), []).kind is InitiatorKind.APP
    pages.add(exchange(0, "site.example"), b"<script>1</script>")
    assert pages.initiator_of(EMAIL, exchange(9, "t.vendor.example"), []).kind is InitiatorKind.UNKNOWN


def test_what_is_no_document_can_do_nothing() -> None:
    for kind in (b"application/json", b"text/plain", b"image/png"):
        answer = exchange(0, "site.example", answer=((b"Content-Type", kind),))
        assert content_of(answer, b"<script>fetch('https://t.vendor.example')</script>").power is Power.INERT
    assert content_of(exchange(0, "site.example", answer=()), b"<script>1</script>").power is Power.SCRIPT


def test_an_answer_too_long_to_read_may_hold_anything() -> None:
    assert content_of(exchange(0, "site.example"), b" " * (2 << 20)).power is Power.UNRECORDED


def test_hostile_pages_take_no_time() -> None:
    for unit in (b"<a", b"<!--", b" on", b"a.", b"&#", b"<script", b"src ", b"url", b"a-"):
        content_of(exchange(0, "site.example"), unit * (1 << 18))
