"""Change one thing about the phone or the run, and exactly the right verdict moves."""

import json
import shutil
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import replace
from gzip import compress
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import pytest

from hometruth.audit.case_audit import rejudge
from hometruth.claims.kinds.controls import CONTROL_SESSIONS
from hometruth.experiment import Plan, PlannedSession
from hometruth.experiment.drivers.lab import LabDriver
from hometruth.lab import VENDOR_HOSTS, Mutation
from hometruth.model import (
    Attestation,
    Audit,
    Condition,
    Exchange,
    Headers,
    Scope,
    Source,
    Verdict,
    VerdictKind,
)
from tests.audit.runs import experiment, row, small_plan, told_by, whole_flows

CONTRADICTED, CONSISTENT = VerdictKind.CONTRADICTED, VerdictKind.CONSISTENT
INCONCLUSIVE, UNTESTED = VerdictKind.INCONCLUSIVE, VerdictKind.UNTESTED
SILENT = {"version": "3.4.3", "mode": "incognito", "switch": "off", "consent": "given"}
SLIPPED_IN = 4
"""Requests of their own audit each."""
LEAKY = {"version": "3.4.0", "mode": "incognito", "switch": "absent", "consent": "given"}


def may_be_silent(condition: Condition) -> bool:
    return condition.get("mode") == "incognito" and condition.get("switch") != "on"


def matrix_plan(blocks: int = 29) -> Plan:
    """The cells that x03 needs: sessions for bounds in those that may be silent, for a control in others."""
    plan = small_plan(blocks)
    matrix = plan.series[0]
    given = [
        (cell, [item for item in cell.conditions if item.get("consent") == "given"]) for cell in matrix.cells
    ]
    cells = tuple(
        replace(
            cell,
            conditions=tuple(item for item in conditions if may_be_silent(item) is silent),
            blocks=blocks if silent else min(blocks, CONTROL_SESSIONS),
        )
        for cell, conditions in given
        for silent in dict.fromkeys(map(may_be_silent, conditions))
    )
    return replace(plan, series=(replace(matrix, cells=cells),))


def cells(audit: Audit, proposition: str) -> dict[Condition, VerdictKind]:
    rows = (item for item in audit.verdicts if item.proposition == proposition)
    return {item.condition: item.observed or item.verdict for item in rows}


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("as-found") / "case"


@pytest.fixture(scope="module")
def as_found(case: Path) -> Audit:
    return experiment(case, matrix_plan())


def moved(
    audit: Audit, as_found: Audit, proposition: str
) -> dict[Condition, tuple[VerdictKind, VerdictKind]]:
    """Cells (not the whole) whose verdict differs: before and after."""
    before, after = cells(as_found, proposition), cells(audit, proposition)
    assert before.keys() == after.keys()
    return {
        where: (before[where], after[where])
        for where in before
        if where.levels and before[where] is not after[where]
    }


def test_as_found(as_found: Audit) -> None:
    assert row(as_found, "x03.content", **LEAKY).verdict is CONTRADICTED
    assert row(as_found, "x03.content", **SILENT).verdict is CONSISTENT
    assert row(as_found, "x03.content").verdict is CONTRADICTED
    assert row(as_found, "r19.matrix").verdict is CONSISTENT
    assert row(as_found, "x20.switch").verdict is CONSISTENT


def test_a_leak_in_the_silent_cell_and_honesty_in_a_leaking_one_move_these_cells_alone(
    tmp_path: Path, as_found: Audit
) -> None:
    """Two cells of two versions, changed in one run: each verdict moves its own way, and no other moves."""
    changed = [Mutation(SILENT, sends=True), Mutation(LEAKY, sends=False)]
    audit = experiment(tmp_path / "case", matrix_plan(), mutations=changed)

    assert moved(audit, as_found, "x03.content") == {
        Condition.of(SILENT): (CONSISTENT, CONTRADICTED),
        Condition.of(LEAKY): (CONTRADICTED, CONSISTENT),
    }
    assert moved(audit, as_found, "r19.matrix") == {Condition.of(SILENT): (CONSISTENT, CONTRADICTED)}
    assert row(audit, "x20.switch").verdict is CONTRADICTED


def test_without_a_positive_control_silence_is_no_all_clear(case: Path, as_found: Audit) -> None:
    """The normal window of the silent version has not sent anything to the vendor either."""
    told = told_by(case)
    normal = {
        trial.id
        for trial in told.question.trials
        if {"version": "3.4.3", "mode": "normal"}.items() <= trial.condition.as_dict().items()
    }
    audit = told.without(lambda sent: sent.trial in normal and sent.host in VENDOR_HOSTS).judged()

    assert moved(audit, as_found, "x03.content") == {Condition.of(SILENT): (CONSISTENT, INCONCLUSIVE)}


@pytest.mark.parametrize("kept", [0.5, 0.97])
def test_a_recording_that_is_cut_is_no_all_clear(
    case: Path, tmp_path: Path, as_found: Audit, kept: float
) -> None:
    cut = tmp_path / "case"
    shutil.copytree(case, cut, ignore=shutil.ignore_patterns("lab", "MANIFEST.json"))
    traffic = (cut / "traffic.mitm").read_bytes()
    (cut / "traffic.mitm").write_bytes(whole_flows(traffic, round(kept * len(traffic))))

    assert moved(rejudge(cut), as_found, "x03.content") == {Condition.of(SILENT): (CONSISTENT, INCONCLUSIVE)}


HOSTS = (
    *("sa.api.intl.miui.com", "www.google-analytics.com", "nobody.example", "sdkdebug.sensorsdata.cn"),
    *("203.0.113.7", "mi-logs.s3.amazonaws.com"),
)
SPELT: dict[str, Callable[[str], str]] = {
    "plain": str,
    "cut": lambda value: value[:16],
    "base64": lambda value: b64encode(f"u={value}&n=1".encode()).decode(),
    "hex": lambda value: value.encode().hex(),
    "sha256": lambda value: sha256(value.encode()).hexdigest(),
    "letters": ",".join,
}


def slipped_in(exchange: Exchange, value: str, rng: Random) -> Exchange:
    """A request like *exchange* that tells a value to somebody, in some spelling, at some place."""
    host = rng.choice(HOSTS)
    text = rng.choice([*SPELT.values()])(value)
    headers: Headers = ((b"Host", host.encode()), (b"User-Agent", b"XiaoMi/Mint Browser/3.4.3"))
    places: tuple[dict[str, Any], ...] = (
        {"target": f"/x?v={text}".encode()},
        {"request_headers": (*headers, (b"X-V", text.encode()))},
        {"request_headers": (*headers, (b"Cookie", f"v={text}".encode()))},
        {"request_body": compress(json.dumps({"v": text}).encode())},
    )
    plain = {"target": b"/x", "method": "POST", "request_headers": headers, "request_body": b""}
    source = Source(exchange.source.file, 10**6)
    return replace(exchange, **{**plain, **rng.choice(places)}, id="slipped-in", host=host, source=source)


def test_a_single_request_more_never_leaves_an_all_clear_as_it_was(case: Path, as_found: Audit) -> None:
    wanted = (Condition.of(SILENT), Condition.of({**SILENT, "mode": "normal"}))
    found = told_by(case, *wanted)
    claims = tuple(replace(claim, scope=Scope()) for claim in found.question.claims if claim.id == "x03")
    found = replace(found, question=replace(found.question, claims=claims))
    canaries = found.question.canaries
    silent = [trial for trial in found.question.trials if trial.condition == wanted[0]]

    def told(more: Sequence[Exchange] = ()) -> tuple[VerdictKind, str]:
        judged = replace(found, recording=(*found.recording, *more)).judged()
        said = row(judged, "x03.content", **SILENT)
        return said.verdict, said.why

    before = told()
    assert before[0] is CONSISTENT
    rng = Random(7)
    like = next(item for item in found.recording if isinstance(item, Exchange))
    for _ in range(SLIPPED_IN):
        trial = rng.choice(silent)
        value = next(item.value for item in canaries if item.cell == trial.id)
        sent = slipped_in(replace(like, trial=trial.id, started_ns=trial.ended_ns), value, rng)
        assert told([sent]) != before, sent


class WrongWindow(LabDriver):
    """Drives the trials of one cell in the normal window: the classic mistake."""

    def prepare(self, session: PlannedSession) -> tuple[Attestation, ...]:
        if session.trial.condition == Condition.of(SILENT):
            levels = SILENT | {"mode": "normal"}
            session = replace(session, trial=replace(session.trial, condition=Condition.of(levels)))
        return super().prepare(session)


def test_trials_driven_in_the_wrong_window_give_no_verdict(tmp_path: Path) -> None:
    """What was sent in them accuses nothing of the window that was meant, in however few sessions."""
    audit = experiment(tmp_path / "case", matrix_plan(3), driver=WrongWindow)

    assert row(audit, "x03.content", **SILENT).verdict is UNTESTED
    assert row(audit, "x03.content", **LEAKY).verdict is CONTRADICTED
    assert row(audit, "x03.content", **SILENT | {"switch": "on"}).verdict is CONTRADICTED
    assert row(audit, "x20.switch").verdict is not CONTRADICTED


def test_whole_verdicts_follow_the_worst_cell(as_found: Audit) -> None:
    worst = {CONTRADICTED: 3, INCONCLUSIVE: 2, UNTESTED: 1, CONSISTENT: 0}
    by_proposition: dict[str, list[Verdict]] = {}
    for verdict in as_found.verdicts:
        by_proposition.setdefault(verdict.proposition, []).append(verdict)
    for verdicts in by_proposition.values():
        (whole,) = [item for item in verdicts if not item.condition.levels]
        rows = [item for item in verdicts if item.condition.levels and item.in_scope]
        assert whole.in_scope or not rows
        if rows:
            assert worst[whole.verdict] == max(worst[item.verdict] for item in rows)
