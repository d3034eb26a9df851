"""Propositions held against pairs of sessions: which rung contradicts, and what an all-clear needs."""

import json
import shlex
import subprocess
import sys
from dataclasses import replace
from functools import cache
from io import StringIO
from pathlib import Path
from random import Random

import pytest
from rich.console import Console

from hometruth.claims import Evidence, bundled_claims, parse_claims
from hometruth.claims.kinds import KINDS
from hometruth.errors import ClaimError
from hometruth.model import (
    Condition,
    Contact,
    Effect,
    Gap,
    GapKind,
    Interval,
    Pairing,
    Reason,
    ReasonKind,
    Recipient,
    Rung,
    Sender,
    Subject,
    Trial,
    TrialStatus,
    Verdict,
    VerdictKind,
)
from hometruth.opaque import Barcode, Half, Pair, assess
from hometruth.report import print_explanations
from hometruth.report.verdicts_json import verdict_row
from tests.audit.paired.flows import pairs
from tests.claims.world import SUBJECT, told

CONTRADICTED, CONSISTENT = VerdictKind.CONTRADICTED, VerdictKind.CONSISTENT
INCONCLUSIVE, UNTESTED = VerdictKind.INCONCLUSIVE, VerdictKind.UNTESTED
HOST = "t.vendor.example"
INCOGNITO = Condition.of({"version": "1", "mode": "incognito"})
NORMAL = Condition.of({"version": "1", "mode": "normal"})
PAIRING = Pairing("pairs", 60, 20, 0, 0.001, (HOST,), 10.0)
CLAIMS = """
[[claim]]
id = "c1"
side = "vendor"
who = "Somebody"
date = "2020-04-30"
statement = "Nothing is recorded."
source = ["https://example.org/"]

[[claim.reading]]
kind = "ordinary"
wording = "quoted"

[[claim.reading.proposition]]
id = "c1.content"
kind = "absent"
says = "nothing visited reaches the vendor"
where = { mode = ["incognito"] }
series = ["pairs"]
options = { kinds = ["page"], control = { mode = ["normal"] }, leak = "everything" }

[[claim.reading]]
kind = "strict"
wording = "quoted"

[[claim.reading.proposition]]
id = "c1.dependence"
kind = "no-browsing-dependence"
says = "nothing depends on what is visited"
where = { mode = ["incognito"] }
series = ["pairs"]
options = { kinds = ["page"], control = { mode = ["normal"] }, rung = "occurrence" }
"""


@cache
def effect(condition: Condition, leak: str, *, n: int = 60) -> Effect:
    """What the statistics make of a silent endpoint, of a bare event for each visit, or of whole
    addresses."""
    rng = Random(4)
    run, sent = [], {}
    for number in range(n):
        lengths = tuple(rng.randint(16, 3000) for _ in range(20))
        bits = tuple(5.95 * (100 + length) for length in lengths)
        run.append(Pair(f"t{number}", f"s{number}", True, True, Barcode((100,) * 20, lengths), bits))
        each = {"silent": (), "bare": (416,) * 20, "whole": tuple(400 + 4 * size // 5 for size in lengths)}
        sent[f"t{number}"] = Half(200 + sum(each[leak]), each[leak])
        sent[f"s{number}"] = Half(200)
    (found,) = assess(condition, run, {HOST: sent}, planned_pairs=60, alpha=0.001, rng=Random(0), tests=4)
    return replace(found, vendor=True)


def nothing_sent() -> Effect:
    return effect(INCOGNITO, "silent")


def events_sent() -> Effect:
    return effect(INCOGNITO, "bare")


def addresses_sent() -> Effect:
    return effect(INCOGNITO, "whole")


def known_to_send() -> Effect:
    return effect(NORMAL, "whole")


def evidence(*effects: Effect, subject: Subject = SUBJECT, phantoms: int = 0) -> Evidence:
    trials = [trial for condition in (INCOGNITO, NORMAL) for trial in pairs(2, condition)[0]]
    return Evidence(
        subject=subject,
        trials=tuple(trials),
        findings=(),
        contacts=(),
        identifiers=(),
        coverage=(),
        gaps=(),
        phantoms_sighted=phantoms,
        sinkholed=False,
        window="for a minute",
        effects=effects,
        pairings=(PAIRING,),
    )


def verdict(proposition: str, observed: Evidence) -> Verdict:
    (found,) = [
        row
        for row in told(parse_claims(CLAIMS, "test"), observed)
        if row.proposition == proposition and row.condition.levels
    ]
    return found


def test_content_contradicts_both() -> None:
    judged = verdict("c1.content", evidence(addresses_sent()))

    assert addresses_sent().rung is Rung.CONTENT
    assert judged.verdict is CONTRADICTED
    assert judged.effects == (addresses_sent(),)
    assert (
        "in 60 of 60 pairs the traffic to t.vendor.example was larger in the half where something was done"
        in judged.why
    )
    assert "at most once in 1,000 audits" in judged.why
    assert verdict("c1.dependence", evidence(addresses_sent())).verdict is CONTRADICTED


def test_occurrence_alone_contradicts_no_statement_about_content() -> None:
    judged = verdict("c1.content", evidence(events_sent(), known_to_send()))

    assert events_sent().rung is Rung.OCCURRENCE
    assert judged.verdict is INCONCLUSIVE
    assert "occurrence alone contradicts no statement about content" in judged.why
    assert verdict("c1.dependence", evidence(events_sent(), known_to_send())).verdict is CONTRADICTED


def test_a_reading_is_contradicted_by_occurrence_only_if_it_asks_for_that() -> None:
    unasked = CLAIMS.replace(', rung = "occurrence"', "")
    (judged,) = [
        row
        for row in told(parse_claims(unasked, "test"), evidence(events_sent(), known_to_send()))
        if row.proposition == "c1.dependence" and row.condition.levels
    ]

    assert judged.verdict is INCONCLUSIVE
    assert "it depends on whether something is done" in judged.why
    assert "60 of 60 sessions t.vendor.example had room for 32 bytes" in judged.why


def test_no_bundled_claim_is_contradicted_by_occurrence() -> None:
    declared = {
        proposition.id: proposition.options.get("rung", KINDS[proposition.kind].rungs[0])
        for claim in bundled_claims()
        for reading in claim.readings
        for proposition in reading.propositions
        if KINDS[proposition.kind].rungs
    }

    assert declared.keys() >= {"x03.content", "x03.no-dependence", "x16.content"}
    assert set(declared.values()) == {Rung.CONTENT}


def test_silence_is_consistent_with_the_bound_of_the_leak_that_is_forbidden() -> None:
    judged = verdict("c1.content", evidence(nothing_sent(), known_to_send()))
    strict = verdict("c1.dependence", evidence(nothing_sent(), known_to_send()))

    assert judged.verdict is CONSISTENT
    assert judged.bound_percent == pytest.approx(4.87, abs=0.01)
    assert (
        "in none of 60 sessions did t.vendor.example have room for all addresses that we planted"
        in judged.why
    )
    assert "for 128 bytes in 60 of 60" in judged.why
    assert "later uploads not tested" in judged.why
    assert strict.verdict is INCONCLUSIVE
    assert "60 of 60 sessions t.vendor.example had room for 32 bytes" in strict.why


def test_room_at_several_endpoints_of_the_vendor_counts_together() -> None:
    wide = replace(nothing_sent().room[0], trials_with_room=60, bound_percent=100.0)
    there = replace(nothing_sent(), endpoint="x.vendor.example", vendor_room=(wide,))
    here = replace(nothing_sent(), vendor_room=(wide,))
    controls = (known_to_send(), replace(known_to_send(), endpoint="x.vendor.example"))
    judged = verdict("c1.content", evidence(here, there, *controls))
    unused = replace(there, treated_bytes=0)

    assert judged.verdict is INCONCLUSIVE
    assert "t.vendor.example and x.vendor.example together had room for all addresses" in judged.why
    assert verdict("c1.content", evidence(here, unused, *controls)).verdict is CONSISTENT


def test_a_control_must_show_the_same_rung_at_the_same_endpoint_of_the_same_version() -> None:
    elsewhere = replace(known_to_send(), endpoint="elsewhere")
    newer = replace(known_to_send(), condition=Condition.of({"version": "2", "mode": "normal"}))
    for control in (effect(NORMAL, "bare"), elsewhere, newer):
        judged = verdict("c1.content", evidence(nothing_sent(), control))

        assert judged.verdict is INCONCLUSIVE
        assert "no positive control" in judged.why


def test_objections_and_losses_forbid_an_all_clear_and_losses_an_accusation_by_the_coin() -> None:
    lost = Reason.of(ReasonKind.TRIALS_LOST, n=7, of=120)
    broken = replace(nothing_sent(), loss=lost, objections=(lost,))
    lossy = replace(events_sent(), loss=lost, objections=(lost,))

    assert verdict("c1.content", evidence(broken, known_to_send())).verdict is INCONCLUSIVE
    assert verdict("c1.dependence", evidence(lossy, known_to_send())).verdict is INCONCLUSIVE
    why = verdict("c1.dependence", evidence(lossy, known_to_send())).why
    assert "7 of 120 trials were lost, more than 5 %; run it again" in why
    assert verdict("c1.content", evidence(replace(addresses_sent(), loss=lost))).verdict is CONTRADICTED


def test_what_may_be_others_traffic_accuses_nobody() -> None:
    judged = verdict("c1.content", evidence(replace(addresses_sent(), others=True), known_to_send()))

    assert judged.verdict is INCONCLUSIVE
    assert "name the vendor's host" in judged.why
    assert (
        verdict("c1.content", evidence(replace(addresses_sent(), vendor=False), known_to_send())).verdict
        is INCONCLUSIVE
    )


def test_a_sighted_phantom_and_an_unopened_connection_decide_nothing() -> None:
    unopened = Gap(GapKind.REFUSED_TLS, "x", "pinned", host=HOST, trial=evidence().trials[0].id)
    silent = replace(evidence(nothing_sent(), known_to_send()), gaps=(unopened,))

    assert verdict("c1.content", evidence(addresses_sent(), phantoms=1)).verdict is INCONCLUSIVE
    assert verdict("c1.content", silent).verdict is INCONCLUSIVE
    assert "could not be opened" in verdict("c1.content", silent).why


def test_what_was_let_through_to_an_endpoint_of_the_plan_was_tested_by_its_bytes() -> None:
    trial = evidence().trials[0].id
    passed = Gap(GapKind.PASSED, "x", "pinned", size_bytes=900, host=HOST, trial=trial, bursts=(700,))
    elsewhere = replace(passed, host="other.example")
    whenever = replace(passed, trial=None)

    def judged(*gaps: Gap) -> Verdict:
        return verdict("c1.content", replace(evidence(nothing_sent(), known_to_send()), gaps=gaps))

    assert judged(passed).verdict is CONSISTENT, judged(passed).why
    for gap in (elsewhere, whenever):
        assert judged(gap).verdict is INCONCLUSIVE
        assert "could not be opened" in judged(gap).why


def test_a_real_subject_behind_a_sinkhole_is_never_cleared() -> None:
    observed = replace(
        evidence(nothing_sent(), known_to_send(), subject=replace(SUBJECT, kind="real")), sinkholed=True
    )

    assert verdict("c1.content", observed).verdict is INCONCLUSIVE


def test_sessions_that_were_not_needed_are_no_sessions() -> None:
    observed = evidence(nothing_sent(), known_to_send())
    idle = [replace(trial, status=TrialStatus.NOT_NEEDED, attested=()) for trial in observed.trials]
    more: tuple[Trial, ...] = (*observed.trials, *(replace(trial, id=f"x{trial.id}") for trial in idle))

    assert verdict("c1.content", replace(observed, trials=more)).trials == 2
    assert verdict("c1.content", replace(observed, trials=more)).verdict is CONSISTENT


def test_traffic_that_shrinks_depends_on_browsing_too() -> None:
    shrinking = replace(events_sent(), wins=0)

    assert (
        "in 60 of 60 pairs the traffic to t.vendor.example was smaller"
        in verdict("c1.dependence", evidence(shrinking)).why
    )


def test_a_dose_is_said_with_its_interval() -> None:
    judged = verdict(
        "c1.content", evidence(replace(addresses_sent(), per_planted_byte=Interval(1.38, 1.2, 1.5)))
    )

    assert "each random byte that we planted made 1.38 (95 %: 1.20 to 1.50) more bytes leave" in judged.why


def test_what_the_app_is_not_known_to_have_sent_is_not_held_against_it() -> None:
    about_the_app = CLAIMS.replace("source = [", 'scope = { products = ["Mint Browser"] }\nsource = [')
    observed = evidence(addresses_sent(), known_to_send())
    treated = next(trial for trial in observed.trials if trial.condition == INCOGNITO and trial.planted)
    by_app = contact(treated.id, Sender("Mint Browser", "project in the address"))
    by_nobody = contact(treated.id, Sender(None, "nothing names an app"))

    for sent_by, expected in ((by_app, CONTRADICTED), (by_nobody, INCONCLUSIVE)):
        (found,) = [
            row
            for row in told(parse_claims(about_the_app, "test"), replace(observed, contacts=(sent_by,)))
            if row.proposition == "c1.content" and row.condition.levels
        ]
        assert found.verdict is expected, found.why
    assert "that is what the phone sent" in found.why


def contact(trial: str, sender: Sender) -> Contact:
    return Contact(
        exchange="0:x",
        recipient=Recipient(HOST, "vendor.example", "Xiaomi", vendor_controlled=True),
        endpoint=f"{HOST}/sa",
        trial=trial,
        at_ns=1,
        scheme="https",
        offered_tls=(),
        records=0,
        read_bytes=0,
        opaque_bytes=5000,
        sender=sender,
        recorded_in=trial,
    )


def test_explanations_say_what_pairs_show_and_what_is_to_be_said_against_it() -> None:
    silent = verdict("c1.content", evidence(nothing_sent(), known_to_send())).explanation
    whole = verdict("c1.content", evidence(addresses_sent(), known_to_send())).explanation
    bare = verdict("c1.dependence", evidence(events_sent(), known_to_send())).explanation
    assert silent is not None
    assert whole is not None
    assert bare is not None

    assert "That does not make it true" in silent.plain
    assert "bytes that were not sent cannot have held it" in silent.proof
    assert "smallest that no session had room for is all addresses that we planted" in silent.answer
    assert "Session t" in whole.proof
    assert "Length is not content" in whole.objection
    assert "The coins of 60 pairs" in bare.proof
    assert "such as a refresh" in bare.objection


def test_the_pairs_can_be_looked_at_with_nothing_but_python(tmp_path: Path) -> None:
    row = verdict("c1.dependence", evidence(events_sent(), known_to_send()))
    case = tmp_path / "a case"
    case.mkdir()
    (case / "verdicts.json").write_text(json.dumps([verdict_row(row)]), "utf-8")
    told = StringIO()
    print_explanations([row], SUBJECT, case, Console(file=told, width=80))
    (step,) = [line for line in told.getvalue().splitlines() if "verdicts.json" in line]
    code = shlex.split(step)
    done = subprocess.run([sys.executable, "-I", "-S", *code[1:]], capture_output=True, text=True, check=True)

    assert code[0] == "python3"
    for effect in row.effects:
        assert f"{effect.endpoint} " in done.stdout
        assert f"{effect.wins} of {effect.untied} pairs: e-value" in done.stdout


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ('leak = "a lot"', "options.leak is 'a lot'; use one of 128 bytes, 32 bytes, address, everything"),
        (
            'leak = "address", rung = "none"',
            "option rung is 'none', which does not contradict absent; use content",
        ),
        (
            'leak = "address", rung = "occurrence"',
            "option rung is 'occurrence', which does not contradict absent; use content",
        ),
    ],
)
def test_an_option_that_makes_no_sense_is_an_error(option: str, told: str) -> None:
    with pytest.raises(ClaimError) as caught:
        parse_claims(CLAIMS.replace('leak = "everything"', option), "test")
    assert told in str(caught.value)
