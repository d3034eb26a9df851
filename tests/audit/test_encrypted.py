"""A phone whose telemetry is encrypted: what it depends on is shown without any key."""

import pytest

from hometruth.model import Audit, Effect, Rung, TrialStatus, Verdict, VerdictKind
from tests.audit.paired_runs import (
    HONEST,
    OLD_INCOGNITO,
    PAIRS,
    SILENT,
    levels,
)
from tests.audit.runs import row
from tests.recorded import Recorded


@pytest.fixture(scope="module")
def audit(encrypted: Recorded) -> Audit:
    return encrypted.audit


def verdict(audit: Audit, proposition: str, cell: dict[str, str]) -> Verdict:
    return row(audit, proposition, **levels(cell))


def effect(audit: Audit, cell: dict[str, str]) -> Effect:
    (found,) = [
        item
        for item in audit.effects
        if item.condition.as_dict() == levels(cell) and item.endpoint != "elsewhere"
    ]
    return found


def test_nothing_could_be_read(audit: Audit) -> None:
    assert not [item for item in audit.findings if not item.expected]
    assert [item for item in audit.findings if item.expected]
    assert audit.phantoms_sighted == 0


def test_as_found_incognito_is_contradicted_through_encryption(audit: Audit) -> None:
    found = effect(audit, OLD_INCOGNITO)
    judged = verdict(audit, "x03.content", OLD_INCOGNITO)

    assert found.rung is Rung.CONTENT
    assert found.by_barcode
    assert found.by_coin
    assert found.wins == found.untied == found.pairs < PAIRS
    assert found.per_planted_byte is not None
    assert found.per_planted_byte.low > 1
    assert judged.verdict is VerdictKind.CONTRADICTED
    assert (
        f"in {found.wins} of {found.untied} pairs the traffic to sa.api.intl.miui.com was larger"
        in judged.why
    )
    assert "repeats the random lengths of the addresses visited" in judged.why
    assert judged.effects == (found,)
    assert verdict(audit, "x03.no-dependence", OLD_INCOGNITO).verdict is VerdictKind.CONTRADICTED
    assert row(audit, "x03.content").verdict is VerdictKind.CONTRADICTED


@pytest.mark.parametrize("cell", [SILENT, HONEST], ids=["silent", "honest"])
def test_the_silent_and_the_honest_variant_are_consistent_with_a_bound(
    audit: Audit, cell: dict[str, str]
) -> None:
    found, judged = effect(audit, cell), verdict(audit, "x03.content", cell)

    assert found.rung is Rung.NONE
    assert found.pairs == PAIRS
    assert judged.verdict is VerdictKind.CONSISTENT, judged.why
    if judged.in_scope:
        assert judged.bound_percent == pytest.approx(9.5, abs=0.1)
    else:  # no statement speaks of this version, so no bound is one on a statement
        assert judged.bound_percent is None
    assert f"in none of {PAIRS} sessions did sa.api.intl.miui.com have room" in judged.why
    assert "later uploads not tested" in judged.why


def test_room_for_little_is_said_and_forbids_the_strict_all_clear(audit: Audit) -> None:
    assert (
        "that visits are counted, or parts of them sent, is not excluded"
        in verdict(audit, "x03.content", HONEST).why
    )
    strict = verdict(audit, "x03.no-dependence", HONEST)

    assert strict.verdict is VerdictKind.INCONCLUSIVE
    assert "had room for 32 bytes" in strict.why


def test_the_stop_rule_ended_what_had_shown_enough(audit: Audit) -> None:
    def run(cell: dict[str, str]) -> int:
        mine = [trial for trial in audit.trials if trial.condition.as_dict() == levels(cell)]
        assert {trial.status for trial in mine} <= {TrialStatus.DONE, TrialStatus.NOT_NEEDED}
        return sum(trial.status is TrialStatus.DONE for trial in mine)

    assert run(OLD_INCOGNITO) == 2 * effect(audit, OLD_INCOGNITO).pairs < 2 * PAIRS
    assert run(SILENT) == run(HONEST) == 2 * PAIRS


def test_what_the_traffic_depends_on_is_in_the_report(encrypted: Recorded) -> None:
    assert "What the traffic depends on" in (encrypted.case / "report.html").read_text("utf-8")
