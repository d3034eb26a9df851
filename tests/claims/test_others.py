"""What reached somebody else: never silently; attempts are no receipt; a page's doing is not the app's."""

from dataclasses import replace
from itertools import product

import pytest

from hometruth.claims import parse_claims
from hometruth.claims.kinds import KINDS
from hometruth.model import (
    Claim,
    Condition,
    Delivery,
    Form,
    Initiator,
    InitiatorKind,
    ReadingKind,
    Recipient,
    Verdict,
    VerdictKind,
)
from tests.claims.statements import statement
from tests.claims.test_judge import NORMAL, SILENT, a_world
from tests.claims.world import VENDOR, World, told

CONTRADICTED, CONSISTENT = VerdictKind.CONTRADICTED, VerdictKind.CONSISTENT
INCONCLUSIVE = VerdictKind.INCONCLUSIVE
GOOGLE = Recipient("www.google-analytics.com", "google-analytics.com", "Google", "US")
NOBODY_KNOWS = Recipient("cdn.example", "cdn.example")
MAKER = Recipient("debug.sensorsdata.cn", "sensorsdata.cn", "Sensors Data", "CN")
APP = Initiator(InitiatorKind.APP, "no page that had it has script")
PAGE = Initiator(InitiatorKind.PAGE, "a page of news.example names the host")
UNKNOWN = Initiator(InitiatorKind.UNKNOWN, "a page with script was given it")
WHOLE = Condition(())
WHERE = {"mode": ["incognito"], "switch": ["off"]}
EXAMPLE = """
[[claim]]
id = "c"
side = "vendor"
who = "somebody"
date = "2020-05-01"
statement = "It is so."
source = ["https://example.org/"]
excuses = ["Google"]
[[claim.reading]]
kind = "strict"
wording = "quoted"
[[claim.reading.proposition]]
id = "c.content"
kind = "absent"
says = "nothing is sent"
where = { mode = ["incognito"], switch = ["off"] }
options = { kinds = ["page"], control = { mode = ["normal"] } }
"""


def claim(reading: ReadingKind = ReadingKind.ORDINARY, kind: str = "absent") -> Claim:
    made = statement(kind, where=WHERE, kinds=["page", "search"], control={"mode": ["normal"]})
    return replace(made, readings=(replace(made.readings[0], kind=reading),))


def with_finding(
    world: World,
    to: Recipient,
    *,
    n: int = 1,
    bits: float = 55.0,
    delivered: Delivery = Delivery.YES,
    initiator: Initiator = APP,
) -> World:
    """*world*, in *n* silent sessions of which a finding of so many bits was made at *to*."""
    for trial in [trial for trial in world.trials if trial.condition == SILENT][:n]:
        before = len(world.findings)
        world.leak(trial, world.exchange(trial.id), bits, to)
        page, *_ = world.findings[before:]
        world.findings[before:] = [replace(page, delivered=delivered, initiator=initiator)]
    return world


def judged(world: World, made: Claim | None = None) -> Verdict:
    return next(row for row in told([made or claim()], world.evidence()) if row.condition == WHOLE)


@pytest.mark.parametrize("kind", sorted(name for name in KINDS if KINDS[name].needs == {"kinds", "control"}))
@pytest.mark.parametrize("reading", ReadingKind)
def test_no_single_unexpected_finding_leaves_an_all_clear_as_it_was(reading: ReadingKind, kind: str) -> None:
    made = claim(reading, kind)
    before = judged(a_world(), made)
    for to, initiator in product((GOOGLE, NOBODY_KNOWS, MAKER, VENDOR), (APP, PAGE, UNKNOWN)):
        after = judged(with_finding(a_world(), to, initiator=initiator), made)

        changed = (after.verdict, after.why) != (before.verdict, before.why)
        assert changed or before.verdict is not CONSISTENT, (to, initiator)


@pytest.mark.parametrize(("n", "clears"), [(3, True), (30, False)])
def test_weak_evidence_of_many_sessions_adds_up_at_anybody(n: int, clears: bool) -> None:
    strict = judged(with_finding(a_world(), GOOGLE, n=n, bits=10.0), claim(ReadingKind.STRICT))
    stray = judged(with_finding(a_world(), NOBODY_KNOWS, n=n, bits=10.0))

    assert (strict.verdict is CONSISTENT) is (stray.verdict is CONSISTENT) is clears
    assert clears or f"in {n} of 30 sessions the page visited was sent to cdn.example" in stray.why


def test_the_sentence_names_who_else_was_sent_it_and_how_often() -> None:
    row = judged(with_finding(a_world(), GOOGLE, n=30))

    assert row.verdict is CONSISTENT
    told_of = "the page visited was sent to Google (www.google-analytics.com) in 30 of 30 sessions;"
    assert f"none of it was sent to the vendor, but {told_of}" in row.why


def test_a_page_asked_for_again_at_its_own_site_is_nothing_that_anybody_got() -> None:
    world = with_finding(a_world(), NOBODY_KNOWS, n=30)
    strayed = [finding for finding in world.findings if finding.recipient == NOBODY_KNOWS]
    for finding in strayed:
        host = f"{finding.canary.value}.sites.example"
        world.findings[world.findings.index(finding)] = replace(finding, recipient=Recipient(host, host))

    assert len(strayed) == 30
    assert judged(world).why == judged(a_world()).why


def test_at_most_three_are_named_and_the_rest_counted() -> None:
    world = a_world()
    for number in range(5):
        with_finding(world, Recipient(f"h{number}.example", f"h{number}.example", f"Company {number}"), n=2)
    why = judged(world).why

    assert why.count(" in 2 of 30 sessions") == 3
    assert "(and so on to 2 more, 4 times in all)" in why


def test_the_apps_own_sending_contradicts_the_strict_reading_a_pages_does_not() -> None:
    strict = claim(ReadingKind.STRICT)

    assert judged(with_finding(a_world(), GOOGLE), strict).verdict is CONTRADICTED
    assert judged(with_finding(a_world(), GOOGLE, initiator=PAGE), strict).verdict is CONSISTENT
    assert ", by a page" in judged(with_finding(a_world(), GOOGLE, initiator=PAGE), strict).why


def test_a_claim_may_excuse_recipients_and_the_sentence_says_so() -> None:
    (excused,) = parse_claims(EXAMPLE, "test")
    row = judged(with_finding(a_world(), GOOGLE), excused)

    assert row.verdict is CONSISTENT
    assert "which the statement excuses" in row.why
    assert judged(with_finding(a_world(), GOOGLE), replace(excused, excuses=())).verdict is CONTRADICTED


@pytest.mark.parametrize("delivered", [Delivery.NO_ANSWER, Delivery.BLOCKED])
def test_an_attempt_is_no_receipt_and_no_silence(delivered: Delivery) -> None:
    row = judged(with_finding(a_world(), VENDOR, n=30, delivered=delivered))

    assert row.verdict is INCONCLUSIVE
    assert "in 30 of 30 sessions it was tried to send the page visited to Xiaomi" in row.why


@pytest.mark.parametrize("delivered", [Delivery.NO_ANSWER, Delivery.BLOCKED])
@pytest.mark.parametrize("to", [NOBODY_KNOWS, MAKER])
def test_an_attempt_at_somebody_unknown_was_not_sent(to: Recipient, delivered: Delivery) -> None:
    row = judged(with_finding(a_world(), to, n=30, delivered=delivered))

    assert row.verdict is INCONCLUSIVE
    assert "it was tried to send the page visited to " in row.why
    assert "was sent to" not in row.why
    assert f"{to.host} ({to.host})" not in row.why


def test_what_a_page_did_is_not_held_against_the_app() -> None:
    by_page = judged(with_finding(a_world(), VENDOR, n=30, initiator=PAGE))
    by_whom = judged(with_finding(a_world(), VENDOR, n=30, initiator=UNKNOWN))

    assert by_page.verdict is CONSISTENT
    assert "was sent to Xiaomi" in by_page.why
    assert "by a page" in by_page.why
    assert by_whom.verdict is INCONCLUSIVE
    assert "whose doing it is cannot be told" in by_whom.why


def test_what_is_tried_to_send_is_told_as_tried() -> None:
    world = a_world()
    world.cell(NORMAL, 1, sends=True, content=False)
    world.contacts[-1] = replace(world.contacts[-1], delivered=Delivery.NO_ANSWER)
    (row, *_) = told([statement("silent", control={"mode": ["normal"]})], world.evidence())

    assert row.verdict is CONTRADICTED
    only = replace(world.evidence(), contacts=(world.contacts[-1],), findings=())
    (row, *_) = told([statement("silent", control={"mode": ["normal"]})], only)
    assert "it was tried to send telemetry to" in row.why


def test_the_domain_of_all_pages_at_the_vendor_is_no_all_clear_and_says_nothing_of_a_page() -> None:
    world = a_world()
    ids = [trial.id for trial in world.trials if trial.condition == SILENT][:7]
    for trial in ids:
        exchange = world.exchange(trial)
        known = replace(world.contacts[0], exchange=exchange.id, trial=trial, recorded_in=trial)
        world.contacts.append(replace(known, domain="sites.example"))
    row = judged(world)

    assert row.verdict is INCONCLUSIVE
    assert "in 7 of 30 sessions sites.example, below which all pages visited lie, was sent" in row.why


@pytest.mark.parametrize(
    ("form", "told_as"),
    [
        (Form("plain", b"x", 80.0), "the page visited was sent"),
        (Form("part[0:16]", b"x", 80.0), "part of the page visited was sent"),
        (Form("typed[:12]", b"x", 80.0), "part of the page visited was sent"),
        (Form("host", b"x", 80.0, is_part=True), "part of the page visited was sent"),
        (Form("sha256", b"x", 80.0, is_digest=True), "a digest of the page visited was sent"),
        (Form("crc32", b"x", 80.0, is_digest=True, is_short=True), "a digest of 32 bits of the page visited"),
    ],
)
@pytest.mark.parametrize("to", [VENDOR, GOOGLE, NOBODY_KNOWS])
def test_a_part_and_a_digest_are_called_so(form: Form, told_as: str, to: Recipient) -> None:
    world = with_finding(a_world(), to, n=3)
    world.findings = [
        replace(item, sightings=tuple(replace(seen, form=form) for seen in item.sightings))
        if item.recipient == to and item.condition == SILENT
        else item
        for item in world.findings
    ]

    assert f"{told_as}" in judged(world).why
