"""What the vendor's lawyer and the regulator would object to: no false accusation, no false all-clear."""

from dataclasses import replace

import pytest

from hometruth.claims import bundled_claims
from hometruth.model import (
    Attestation,
    Canary,
    CanaryKind,
    Condition,
    Gap,
    GapKind,
    Recipient,
    Subject,
    VerdictKind,
)
from tests.claims.test_judge import NORMAL, OLD, SENDING, SILENT, a_world, verdicts
from tests.claims.world import HOST, VENDOR, World, condition, told

CONTRADICTED, CONSISTENT = VerdictKind.CONTRADICTED, VerdictKind.CONSISTENT
INCONCLUSIVE, UNTESTED = VerdictKind.INCONCLUSIVE, VerdictKind.UNTESTED
WHOLE = Condition(())

PLAIN = Recipient("www.mi.com", "mi.com", "Xiaomi", vendor_controlled=True)
NOBODY_KNOWS = Recipient("cdn.example", "cdn.example")
SOMEBODY_ELSE = Recipient("www.google.com", "google.com", "Google", "US")
BEFORE = condition(version="3.4.3", mode="normal", switch="off", consent="none")
DEVICE = Canary("android-id", CanaryKind.DEVICE_ID, "a1b2c3d4e5f60718", 64.0, personal=True)


# False accusations


@pytest.mark.parametrize(("n", "expected"), [(1, INCONCLUSIVE), (10, CONTRADICTED)])
def test_a_long_known_value_seen_in_ten_sessions_is_evidence(n: int, expected: VerdictKind) -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True, content=False)
    world.known(replace(DEVICE, bits=37.5), dict.fromkeys(world.trials[:n], 13.0))

    assert verdicts(world, "x02.no-identity")[NORMAL].verdict is expected


def test_a_short_known_value_in_every_session_is_one_coincidence_not_thirty() -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True, content=False)
    world.known(replace(DEVICE, bits=32.0), dict.fromkeys(world.trials, 8.0))

    assert verdicts(world, "x02.no-identity")[NORMAL].verdict is INCONCLUSIVE


def test_the_exhibit_is_never_from_a_session_that_was_not_attested() -> None:
    world = World()
    unsure = world.session(NORMAL, sends=True, content=False, ran_as=SENDING)
    sure = world.session(NORMAL, sends=True, content=False)
    world.known(DEVICE, {unsure: 60.0, sure: 30.0})

    row = verdicts(world, "x02.no-identity")[NORMAL]

    assert row.verdict is INCONCLUSIVE
    assert row.trials == 1


def test_two_who_attest_different_things_attest_nothing() -> None:
    world = a_world()
    first, *others = [trial for trial in world.trials if trial.condition == SENDING]
    doubtful = (*first.attested, Attestation("mode", "normal", "a screenshot"))
    world.trials = [replace(first, attested=doubtful)]

    assert others
    assert verdicts(world, "x03.content")[SENDING].verdict is UNTESTED


@pytest.mark.parametrize("bits", [0.0, 18.0])
def test_a_constant_in_both_modes_links_nobody(bits: float) -> None:
    world = World()
    for n in range(30):
        for where in (NORMAL, SENDING):
            trial = world.session(where, sends=True, installation=f"i{n}")
            world.token("anonymous", trial.id, bits=bits)

    assert verdicts(world, "x04.unlinked")[SENDING].verdict is INCONCLUSIVE


def test_short_random_tokens_that_collide_are_no_proof_of_sharing() -> None:
    world = World()
    for n in range(30):
        trial = world.session(NORMAL, sends=True, installation=f"i{n}")
        world.token(str(n // 2), trial.id, bits=10.0)

    assert verdicts(world, "x12.random")[NORMAL].verdict is not CONTRADICTED


def test_a_queue_that_drains_in_the_next_session_does_not_accuse_that_session() -> None:
    world = World()
    world.cell(NORMAL, 29, sends=True)
    world.cell(SENDING, 30, sends=True)
    world.cell(SILENT, 30, sends=False)
    world.session(NORMAL, sends=True, recorded_in=world.trials[-1].id)

    for proposition in ("r19.matrix", "x03.no-dependence"):
        assert verdicts(world, proposition)[SILENT].verdict is INCONCLUSIVE
    assert verdicts(world, "x03.content")[SILENT].verdict is CONSISTENT


def test_a_sentence_counts_only_the_sessions_in_which_it_is_true() -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True)
    world.cell(SENDING, 29, sends=True)
    world.findings = [item for item in world.findings if item.canary.kind is CanaryKind.PAGE]
    world.session(SENDING, sends=True)
    world.findings = [
        item for item in world.findings if item.trials != ("t0060",) or item.canary.kind is CanaryKind.SEARCH
    ]

    row = verdicts(world, "x03.content")[SENDING]

    assert "in 29 of 30 sessions the page visited" in row.why or "in 1 of 30 sessions the words" in row.why


def test_an_unknown_version_is_not_the_speakers_matter() -> None:
    world = World()
    where = condition(mode="incognito", consent="given")
    world.cell(where, 30, sends=True)

    (row, *_) = [row for row in told(bundled_claims(), world.evidence()) if row.condition == where]

    assert not row.in_scope


# False all-clears


def test_a_page_in_a_plain_request_to_the_vendor_is_telemetry_too() -> None:
    world = a_world()
    world.cell(BEFORE, 29, sends=False)
    world.session(BEFORE, sends=True, recipient=PLAIN, endpoint="www.mi.com/", scheme="http")

    assert verdicts(world, "x02.consent")[BEFORE].verdict is CONTRADICTED
    assert verdicts(world, "x05.transport")[BEFORE].verdict is CONTRADICTED


def test_a_request_to_the_vendor_that_nobody_understands_is_no_silence() -> None:
    world = a_world()
    world.cell(BEFORE, 29, sends=False)
    world.session(BEFORE, sends=True, content=False, recipient=PLAIN, endpoint="www.mi.com/hello")

    row = verdicts(world, "x02.consent")[BEFORE]

    assert row.verdict is INCONCLUSIVE
    assert "www.mi.com/hello" in row.why


@pytest.mark.parametrize(
    ("recipient", "expected"), [(NOBODY_KNOWS, INCONCLUSIVE), (SOMEBODY_ELSE, CONSISTENT)]
)
def test_content_at_a_host_of_unknown_owner_forbids_an_all_clear(
    recipient: Recipient, expected: VerdictKind
) -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True)
    world.cell(SILENT, 29, sends=False)
    world.session(SILENT, sends=True, recipient=recipient, endpoint=f"{recipient.host}/")

    row = verdicts(world, "x03.content")[SILENT]

    assert row.verdict is expected
    assert recipient.host in row.why


def test_telemetry_to_an_endpoint_without_a_control_of_its_own_is_no_all_clear() -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True)
    world.cell(SILENT, 30, sends=True, content=False, endpoint=f"{HOST}/elsewhere")

    assert verdicts(world, "x03.content")[SILENT].verdict is INCONCLUSIVE


@pytest.mark.parametrize(("n", "expected"), [(9, INCONCLUSIVE), (10, CONSISTENT)])
def test_a_control_of_a_few_sessions_shows_little(n: int, expected: VerdictKind) -> None:
    world = World()
    world.cell(NORMAL, n, sends=True)
    world.cell(SILENT, 30, sends=False)

    assert verdicts(world, "x03.content")[SILENT].verdict is expected


@pytest.mark.parametrize(("missed", "expected"), [(1, CONSISTENT), (2, INCONCLUSIVE), (3, INCONCLUSIVE)])
def test_what_the_control_missed_is_taken_off_the_silence(missed: int, expected: VerdictKind) -> None:
    world = World()
    world.cell(NORMAL, missed, sends=False)
    world.cell(NORMAL, 30 - missed, sends=True)
    world.cell(SILENT, 30, sends=False)

    assert verdicts(world, "x03.content")[SILENT].verdict is expected


def test_other_telemetry_stands_in_for_a_control_only_where_none_was_ever_delivered() -> None:
    never, sometimes = World(), World()
    for world in (never, sometimes):
        world.cell(NORMAL, 30, sends=True, content=False)
        world.cell(SILENT, 30, sends=True, content=False)
    sometimes.cell(NORMAL, 5, sends=True)
    cleared = verdicts(never, "x03.content")[SILENT]

    assert cleared.verdict is CONSISTENT
    assert "what was planted was sent in no session at all" in cleared.why
    assert verdicts(sometimes, "x03.content")[SILENT].verdict is INCONCLUSIVE


def test_transport_is_bounded_by_the_sessions_that_sent() -> None:
    world = World()
    world.cell(NORMAL, 29, sends=False)
    world.session(NORMAL, sends=True)

    assert verdicts(world, "x05.transport")[NORMAL].verdict is INCONCLUSIVE


def test_rotation_cannot_be_shown_by_installations_watched_too_briefly() -> None:
    where = condition(version="3.4.0", gaps="x")
    world = World()
    for n in range(30):
        for day in (0, 89):
            world.session(where, sends=True, series="rotation", installation=f"i{n}", day=day, token=f"{n}")

    row = verdicts(world, "x12.rotation")[where]

    assert row.verdict is UNTESTED
    assert "no installation has two sessions more than 90 days apart" in row.why


@pytest.mark.parametrize(
    ("proposition", "expected"), [("x08.aggregated", UNTESTED), ("x08.categories", INCONCLUSIVE)]
)
def test_telemetry_without_planted_values_is_neither_aggregated_nor_sorted_yet(
    proposition: str, expected: VerdictKind
) -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True, content=False)

    assert verdicts(world, proposition)[NORMAL].verdict is expected


def test_tokens_in_fields_we_do_not_know_are_no_absence_of_links() -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True)
    world.cell(SENDING, 30, sends=True)

    assert verdicts(world, "x04.unlinked")[SENDING].verdict is UNTESTED


@pytest.mark.parametrize(
    "gap",
    [
        Gap(GapKind.REFUSED_TLS, "traffic", "refused, and it named no server"),
        Gap(GapKind.UNREADABLE, "traffic.mitm:7", "a damaged flow", size_bytes=300),
        Gap(GapKind.BUDGET, "e1 body", "more than 32 layers", exchange="e1", host=HOST),
        Gap(GapKind.UNEXPLAINED, "e1 body", "seen in base64", exchange="e1", host=HOST),
    ],
)
def test_what_could_not_be_read_outside_every_session_may_belong_to_any(gap: Gap) -> None:
    world = a_world()
    world.gaps.append(gap)

    assert verdicts(world, "x03.content")[SILENT].verdict is INCONCLUSIVE


def test_limits_reached_at_somebody_elses_host_do_not_matter() -> None:
    world = a_world()
    trial = world.session(OLD, sends=True, recipient=SOMEBODY_ELSE, content=False)
    exchange = world.contacts[-1].exchange
    world.gaps.append(
        Gap(GapKind.BUDGET, "x", "too deep", exchange=exchange, host="www.google.com", trial=trial.id)
    )

    assert verdicts(world, "x03.content")[SILENT].verdict is CONSISTENT


def test_telemetry_outside_every_session_forbids_to_call_one_silent() -> None:
    world = a_world()
    world.session(NORMAL, sends=True, content=False)
    world.contacts[-1] = replace(world.contacts[-1], trial=None, recorded_in=None, recipient=VENDOR)

    assert verdicts(world, "r19.matrix")[SILENT].verdict is INCONCLUSIVE
    assert verdicts(world, "x03.content")[SILENT].verdict is CONSISTENT


def test_unread_bytes_outside_every_session_forbid_an_all_clear() -> None:
    world = a_world()
    world.session(NORMAL, sends=True, content=False)
    world.contacts[-1] = replace(world.contacts[-1], trial=None, recorded_in=None, opaque_bytes=500)

    assert verdicts(world, "x03.content")[SILENT].verdict is INCONCLUSIVE


def test_a_real_subject_is_no_simulated_one() -> None:
    world = a_world()
    world.subject = Subject("real", "phone", "Xiaomi", "Mint Browser", "phone")

    rows = verdicts(world, "x03.content")

    assert rows[WHOLE].subject_kind == "real"
    assert rows[WHOLE].why.startswith("this real phone: ")
