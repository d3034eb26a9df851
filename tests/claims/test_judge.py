"""The verdicts of DESIGN's rules, on evidence built by hand."""

from dataclasses import replace

import pytest

from hometruth.claims import Evidence, bundled_claims
from hometruth.model import (
    Condition,
    CoverageRow,
    Gap,
    GapKind,
    Subject,
    TrialStatus,
    Verdict,
    VerdictKind,
)
from tests.claims.world import HOST, VENDOR, World, condition, said_of_any_version, told

CONTRADICTED, CONSISTENT = VerdictKind.CONTRADICTED, VerdictKind.CONSISTENT
INCONCLUSIVE, UNTESTED = VerdictKind.INCONCLUSIVE, VerdictKind.UNTESTED

NORMAL = condition(version="3.4.3", mode="normal", switch="off", consent="given")
SILENT = condition(version="3.4.3", mode="incognito", switch="off", consent="given")
SENDING = condition(version="3.4.3", mode="incognito", switch="on", consent="given")
OLD = condition(version="3.4.0", mode="incognito", switch="absent", consent="given")
OLD_NORMAL = condition(version="3.4.0", mode="normal", switch="absent", consent="given")
WHOLE = Condition(())


def verdicts(world: World, proposition: str) -> dict[Condition, Verdict]:
    rows = told(said_of_any_version(bundled_claims()), world.evidence())
    return {row.condition: row for row in rows if row.proposition == proposition}


def a_world(n: int = 30) -> World:
    """The story: everything sends, except incognito with the switch off."""
    world = World()
    for where in (NORMAL, SENDING, OLD, OLD_NORMAL):
        world.cell(where, n, sends=True)
    world.cell(SILENT, n, sends=False)
    return world


def test_the_story_comes_out_as_told() -> None:
    rows = verdicts(a_world(), "x03.content")

    assert rows[OLD].verdict is CONTRADICTED
    assert rows[SENDING].verdict is CONTRADICTED
    assert rows[SILENT].verdict is CONSISTENT
    assert rows[WHOLE].verdict is CONTRADICTED
    assert rows[SILENT].bound_percent == pytest.approx(9.5, abs=0.05)
    assert NORMAL not in rows


def test_every_verdict_says_that_the_subject_is_simulated() -> None:
    rows = told(bundled_claims(), a_world().evidence())

    assert all(row.why.startswith("this simulated Redmi Note 8: ") for row in rows)
    assert {row.subject_kind for row in rows} == {"simulated"}


def test_a_version_that_came_later_is_another_matter() -> None:
    rows = {
        row.condition: row
        for row in told(bundled_claims(), a_world().evidence())
        if row.proposition == "x03.content"
    }

    assert rows[OLD].in_scope
    assert not rows[SENDING].in_scope
    assert rows[WHOLE].in_scope


def test_a_host_of_its_own_for_each_session_hides_none_of_them() -> None:
    world = World()
    for number in range(30):
        at = f"label{number}.t.miui.com"
        world.session(OLD, sends=True, recipient=replace(VENDOR, host=at), endpoint=f"{at}/")

    row = verdicts(world, "x03.content")[OLD]

    assert "in 30 of 30 sessions" in row.why
    assert "t.miui.com and 29 more of its hosts)" in row.why


def test_uploads_of_what_other_sessions_did_are_no_silence_of_the_line() -> None:
    world = World()
    world.cell(NORMAL, 60, sends=True)
    world.cell(SILENT, 30, sends=False)
    silent = [trial.id for trial in world.trials if trial.condition == SILENT]
    late = [replace(world.contacts[n], recorded_in=trial) for n, trial in enumerate(silent)]
    quiet, noisy = world.evidence(), replace(world.evidence(), contacts=(*late, *world.contacts[30:]))

    def why(evidence: Evidence) -> str:
        rows = told(said_of_any_version(bundled_claims()), evidence)
        return next(row.why for row in rows if row.proposition == "x03.content" and row.condition == SILENT)

    assert why(quiet).endswith("nothing at all was sent to the vendor")
    assert why(noisy).endswith(
        "all that was sent to the vendor during these sessions told of others (30 requests)"
    )


@pytest.mark.parametrize(("n", "expected"), [(28, INCONCLUSIVE), (29, CONSISTENT)])
def test_29_silent_sessions_are_needed(n: int, expected: VerdictKind) -> None:
    world = World()
    world.cell(NORMAL, n, sends=True)
    world.cell(SILENT, n, sends=False)

    row = verdicts(world, "x03.content")[SILENT]

    assert row.verdict is expected
    assert (row.bound_percent is None) == (expected is INCONCLUSIVE)


def test_silence_without_a_positive_control_proves_nothing() -> None:
    world = World()
    world.cell(NORMAL, 30, sends=False)
    world.cell(SILENT, 30, sends=False)

    row = verdicts(world, "x03.content")[SILENT]

    assert row.verdict is INCONCLUSIVE
    assert "positive control" in row.why


def test_a_control_that_sends_without_content_is_no_control_for_content() -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True, content=False)
    world.cell(SILENT, 30, sends=False)

    assert verdicts(world, "x03.content")[SILENT].verdict is INCONCLUSIVE


def test_a_retry_of_what_another_session_said_is_no_control_of_its_own() -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True, content=False)
    world.cell(SILENT, 30, sends=True, content=False)
    said = [replace(contact, digest=f"{number}") for number, contact in enumerate(world.contacts)]
    retried = [replace(contact, digest=f"{number % 30}") for number, contact in enumerate(world.contacts)]

    for contacts, expected in ((said, CONSISTENT), (retried, INCONCLUSIVE)):
        world.contacts = contacts
        assert verdicts(world, "x03.content")[SILENT].verdict is expected


def test_a_cell_driven_in_the_wrong_mode_gives_no_verdict() -> None:
    world = a_world()
    wrong = condition(version="3.4.3", mode="incognito", switch="off", consent="given", account="none")
    world.cell(wrong, 30, sends=True, ran_as=NORMAL)

    row = verdicts(world, "x03.content")[wrong]

    assert row.verdict is UNTESTED
    assert row.findings == 0


def test_one_session_in_the_wrong_mode_counts_as_missing() -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True)
    world.cell(SILENT, 29, sends=False)
    world.session(SILENT, sends=True, ran_as=NORMAL)

    row = verdicts(world, "x03.content")[SILENT]

    assert row.verdict is INCONCLUSIVE
    assert "not attested" in row.why


@pytest.mark.parametrize("flaw", [{"status": TrialStatus.LOST}, {"happened": False}])
def test_lost_sessions_and_actions_that_did_not_happen_never_disappear(flaw: dict[str, object]) -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True)
    world.cell(SILENT, 29, sends=False)
    world.cell(SILENT, 1, sends=False, **flaw)

    assert verdicts(world, "x03.content")[SILENT].verdict is INCONCLUSIVE


def test_a_leak_seen_in_a_session_that_broke_off_still_counts() -> None:
    world = a_world()
    world.session(SILENT, sends=True, status=TrialStatus.LOST)

    assert verdicts(world, "x03.content")[SILENT].verdict is CONTRADICTED


def test_weak_evidence_is_shown_but_decides_nothing() -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True)
    world.session(SILENT, sends=True, bits=12.0)
    world.cell(SILENT, 29, sends=False)

    row = verdicts(world, "x03.content")[SILENT]

    assert row.verdict is INCONCLUSIVE
    assert row.findings == 2


def test_independent_sessions_add_up() -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True)
    world.cell(SILENT, 4, sends=True, bits=12.0)
    world.cell(SILENT, 26, sends=False)

    assert verdicts(world, "x03.content")[SILENT].verdict is CONTRADICTED


def test_a_sighted_phantom_stops_every_verdict() -> None:
    world = a_world()
    world.phantoms_sighted = 1

    rows = told(bundled_claims(), world.evidence())

    assert not {CONTRADICTED, CONSISTENT} & {row.verdict for row in rows}


def test_opaque_bytes_forbid_an_all_clear() -> None:
    world = a_world()
    world.session(SILENT, sends=True, content=False)
    world.coverage.append(CoverageRow(HOST, SILENT, 30, 1_000, 500, 0, 0))

    row = verdicts(world, "x03.content")[SILENT]

    assert row.verdict is INCONCLUSIVE
    assert "could not be read" in row.why


def test_a_refused_connection_forbids_an_all_clear() -> None:
    world = a_world()
    trial = world.session(SILENT, sends=False)
    world.gaps.append(Gap(GapKind.REFUSED_TLS, "traffic", "pinned", host="pinned.example", trial=trial.id))

    row = verdicts(world, "x03.content")[SILENT]

    assert row.verdict is INCONCLUSIVE
    assert "pinned.example" in row.why


def test_a_resolver_that_the_examiner_kept_the_client_from_hides_nothing() -> None:
    rows = []
    for kind in (None, GapKind.CHANGED):
        world = a_world()
        trial = world.session(SILENT, sends=False)
        world.gaps += [Gap(kind, "traffic", "hung up", host="dns.google", trial=trial.id)] if kind else []
        rows.append(verdicts(world, "x03.content")[SILENT])

    assert rows[0] == rows[1]


def test_what_a_recorder_never_writes_down_forbids_an_all_clear() -> None:
    world = a_world()
    world.session(SILENT, sends=False)
    world.gaps.append(Gap(GapKind.NEVER_RECORDED, "page.har", "what goes through WebSockets (source)"))

    row = verdicts(world, "x03.content")[SILENT]

    assert row.verdict is INCONCLUSIVE
    assert "what goes through WebSockets" in row.why


def test_a_real_subject_whose_servers_were_answered_here_is_never_cleared() -> None:
    world = a_world()
    world.subject = Subject("real", "phone", "Xiaomi", "Mint Browser", "phone")
    world.sinkholed = True

    rows = verdicts(world, "x03.content")

    assert rows[SILENT].verdict is INCONCLUSIVE
    assert rows[SENDING].verdict is CONTRADICTED


def test_telemetry_without_content_leaves_the_strict_reading_open() -> None:
    world = a_world()
    honest = condition(version="3.4.3", mode="incognito", switch="off", consent="given", account="none")
    world.cell(honest, 30, sends=True, content=False)

    assert verdicts(world, "x03.content")[honest].verdict is CONSISTENT
    assert verdicts(world, "x03.no-dependence")[honest].verdict is INCONCLUSIVE
    assert verdicts(world, "x03.no-dependence")[SILENT].verdict is CONSISTENT


def test_telemetry_before_consent_contradicts() -> None:
    before = condition(version="3.4.3", mode="normal", switch="on", consent="none")
    quiet, loud = a_world(), a_world()
    quiet.cell(before, 30, sends=False)
    loud.cell(before, 29, sends=False)
    loud.session(before, sends=True, content=False)

    assert verdicts(quiet, "x02.consent")[before].verdict is CONSISTENT
    assert verdicts(loud, "x02.consent")[before].verdict is CONTRADICTED


@pytest.mark.parametrize(
    ("contact", "expected"),
    [
        ({}, CONSISTENT),
        ({"scheme": "http"}, CONTRADICTED),
        ({"offered": ("TLSv1.0",)}, INCONCLUSIVE),
        ({"offered": ()}, INCONCLUSIVE),
    ],
)
def test_transport_is_judged_by_the_clients_own_offer(
    contact: dict[str, object], expected: VerdictKind
) -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True, **contact)

    assert verdicts(world, "x05.transport")[NORMAL].verdict is expected


def test_a_payload_that_is_read_was_readable() -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True)
    world.cell(OLD, 30, sends=True, records=0, content=False)
    world.cell(SILENT, 30, sends=False)

    rows = verdicts(world, "x05.payload")

    assert rows[NORMAL].verdict is CONTRADICTED
    assert rows[OLD].verdict is CONSISTENT
    assert SILENT not in rows


def test_the_same_identifier_in_both_modes_links_them() -> None:
    world = World()
    for n in range(30):
        where = f"i{n}"
        world.session(NORMAL, sends=True, token=f"token{n}", installation=where)
        world.session(SENDING, sends=True, token=f"token{n}", installation=where)
        world.session(SILENT, sends=False, installation=where)

    rows = verdicts(world, "x04.unlinked")

    assert rows[SENDING].verdict is CONTRADICTED
    assert rows[SILENT].verdict is CONSISTENT


def test_tokens_made_afresh_for_each_session_do_not_link() -> None:
    world = World()
    for n in range(30):
        world.session(NORMAL, sends=True, token=f"a{n}", installation=f"i{n}")
        world.session(SENDING, sends=True, token=f"b{n}", installation=f"i{n}")

    assert verdicts(world, "x04.unlinked")[SENDING].verdict is CONSISTENT


def test_a_token_that_two_installations_share_is_not_random() -> None:
    random, shared = World(), World()
    for n in range(30):
        random.session(NORMAL, sends=True, token=f"a{n}", installation=f"i{n}")
        shared.session(NORMAL, sends=True, token=f"a{n // 2}", installation=f"i{n}")

    assert verdicts(random, "x12.random")[NORMAL].verdict is CONSISTENT
    assert verdicts(shared, "x12.random")[NORMAL].verdict is CONTRADICTED


@pytest.mark.parametrize(
    ("days", "tokens", "expected"),
    [
        ((0, 30, 60, 91, 120), "aaaaa", CONTRADICTED),
        ((0, 30, 60, 91, 120), "aaabb", INCONCLUSIVE),
        ((0, 91), "ab", INCONCLUSIVE),
        ((0, 89), "aa", UNTESTED),
    ],
)
def test_rotation_is_judged_on_the_schedule(
    days: tuple[float, ...], tokens: str, expected: VerdictKind
) -> None:
    where = condition(version="3.4.0", gaps="x")
    world = World()
    for day, token in zip(days, tokens, strict=True):
        world.session(where, sends=True, series="rotation", installation="i", day=day, token=token)

    assert verdicts(world, "x12.rotation")[where].verdict is expected


def test_thirty_rotations_are_consistent_with_rotation() -> None:
    where = condition(version="3.4.0", gaps="one of 91 days")
    world = World()
    for n in range(30):
        for day in (0, 91):
            world.session(
                where, sends=True, series="rotation", installation=f"i{n}", day=day, token=f"{n}-{day}"
            )

    row = verdicts(world, "x12.rotation")[where]

    assert row.verdict is CONSISTENT
    assert row.bound_percent == pytest.approx(9.5, abs=0.05)


def test_the_switch_is_judged_over_its_positions_together() -> None:
    grouped = condition(version="3.4.3", mode="incognito", consent="given")
    useless = World()
    useless.cell(SENDING, 30, sends=True)
    useless.cell(SILENT, 30, sends=True)

    assert verdicts(a_world(), "x20.switch")[grouped].verdict is CONSISTENT
    assert verdicts(useless, "x20.switch")[grouped].verdict is CONTRADICTED


def test_a_switch_that_never_sends_was_not_shown_to_stop_anything() -> None:
    world = World()
    world.cell(SENDING, 30, sends=False)
    world.cell(SILENT, 30, sends=False)

    row = verdicts(world, "x20.switch")[condition(version="3.4.3", mode="incognito", consent="given")]

    assert row.verdict is INCONCLUSIVE


def test_the_matrix_needs_sending_where_it_says_sending() -> None:
    full = a_world()
    normal_on = condition(version="3.4.3", mode="normal", switch="on", consent="given")
    full.cell(normal_on, 30, sends=True)
    honest = World()
    honest.cell(NORMAL, 30, sends=True)
    honest.cell(SENDING, 30, sends=False)
    honest.cell(SILENT, 30, sends=False)

    assert verdicts(full, "r19.matrix")[WHOLE].verdict is CONSISTENT
    assert verdicts(full, "r19.matrix")[SENDING].bound_percent is None
    assert verdicts(honest, "r19.matrix")[SENDING].verdict is CONTRADICTED


def test_what_no_session_speaks_to_is_untested() -> None:
    assert verdicts(World(), "x03.content")[WHOLE].verdict is UNTESTED
    assert verdicts(a_world(), "x11.no-sync")[WHOLE].verdict is UNTESTED
