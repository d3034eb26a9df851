"""MiStat and the system's analytics under audit: found is what can be read, and what cannot is said."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from hometruth.canaries import load_canaries
from hometruth.experiment import Plan
from hometruth.lab import TELEMETRY_HOST, VENDOR_HOSTS, Mutation
from hometruth.lab.ledger import Ledger, SentRequest, read_ledger
from hometruth.model import Audit, Canary, Condition, VerdictKind
from tests.audit.runs import experiment, row, small_plan, told_by
from tests.audit.test_ledger import page_truth, strings, telemetry_found, telemetry_truth
from tests.audit.test_mutations import matrix_plan

TRACKING, MISTAT = "tracking.intl.miui.com", "data.mistat.intl.xiaomi.com"
SILENT = {"version": "3.4.3", "mode": "incognito", "switch": "off", "consent": "given", "channels": "apps"}
OTHERS = frozenset(VENDOR_HOSTS) - {TELEMETRY_HOST}


def with_channels(plan: Plan, channels: str) -> Plan:
    """The same plan on a phone with these channels."""

    def on(condition: Condition) -> Condition:
        return Condition.of({**condition.as_dict(), "channels": channels})

    return replace(
        plan,
        series=tuple(
            replace(
                series,
                cells=tuple(
                    replace(
                        cell,
                        conditions=tuple(map(on, cell.conditions)),
                        installation=(*cell.installation, "channels"),
                    )
                    for cell in series.cells
                ),
            )
            for series in plan.series
        ),
    )


def readable(request: SentRequest) -> list[tuple[str, str]]:
    """What stood readable in a request to MiStat or to the system's analytics, with its place."""
    if request.clear is not None:
        return list(request.clear.items())
    return list(strings((request.events or ({},))[0], "value"))


def other_truth(ledger: Ledger, canaries: tuple[Canary, ...]) -> Counter[tuple[str, str, str]]:
    """How often each canary could be read at which place of which other channel of the vendor."""
    return Counter(
        (canary.id, request.host, path)
        for request in ledger.requests
        if request.host in OTHERS
        for path, text in readable(request)
        for canary in canaries
        if canary.value in text
    )


def other_found(audit: Audit) -> Counter[tuple[str, str, str]]:
    return Counter(
        (finding.canary.id, finding.recipient.host, sighting.value.path)
        for finding in audit.findings
        if finding.recipient.host in OTHERS
        for sighting in finding.sightings
    )


@pytest.fixture(scope="module")
def everything(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Audit, Ledger, tuple[Canary, ...]]:
    """The demo's plan, once, on a phone with all channels."""
    folder = tmp_path_factory.mktemp("all") / "case"
    audit = experiment(folder, with_channels(small_plan(), "all"), seed=1)
    ledger = read_ledger(folder / "lab" / "ledger.jsonl")
    return audit, ledger, load_canaries(folder / "canaries.jsonl").canaries


def test_ledger_and_findings_agree_on_every_channel(
    everything: tuple[Audit, Ledger, tuple[Canary, ...]],
) -> None:
    audit, ledger, canaries = everything
    sites = {
        (finding.canary.id, finding.recipient.host)
        for finding in audit.findings
        if finding.recipient.host not in VENDOR_HOSTS
    }

    assert all(trial.is_attested() for trial in audit.trials)
    assert telemetry_found(audit) == telemetry_truth(ledger, canaries)
    assert other_found(audit) == other_truth(ledger, canaries)
    assert sites == page_truth(ledger, canaries)
    assert audit.phantoms_sighted == 0


def test_of_mistat_the_device_id_is_found_and_nothing_of_what_it_was_told(
    everything: tuple[Audit, Ledger, tuple[Canary, ...]],
) -> None:
    audit, ledger, canaries = everything
    told = [request for request in ledger.requests if request.host == MISTAT]
    planted = [canary for canary in canaries if not canary.personal and not canary.phantom]

    assert any(canary.value in json.dumps(request.events) for request in told for canary in planted)
    assert {(canary, path) for canary, host, path in other_found(audit) if host == MISTAT} == {
        ("android-id", "device_id")
    }


def test_mistat_stays_opaque_and_the_system_s_analytics_do_not(
    everything: tuple[Audit, Ledger, tuple[Canary, ...]],
) -> None:
    audit, _, _ = everything
    of = {host: [line for line in audit.coverage if line.host == host] for host in (MISTAT, TRACKING)}

    assert all(line.opaque_bytes > line.read_bytes for line in of[MISTAT] if line.exchanges)
    assert sum(line.opaque_bytes for line in of[TRACKING]) == 0
    assert of[TRACKING]


def test_everything_recorded_for_a_channel_was_sent_on_it(
    everything: tuple[Audit, Ledger, tuple[Canary, ...]],
) -> None:
    _, ledger, _ = everything
    recorded = Counter(json.dumps(event.event) for event in ledger.recorded if event.channel == "mistat")
    sent = Counter(
        json.dumps(event) for request in ledger.requests if request.clear for event in request.events or ()
    )

    assert recorded == sent
    assert recorded


def silence_plan() -> Plan:
    """Enough sessions for a bound in the silent cell, its control, and a cell that sends."""
    plan = with_channels(matrix_plan(), "apps")
    (matrix,) = plan.series
    cells = tuple(
        replace(cell, conditions=kept)
        for cell in matrix.cells
        if (kept := tuple(one for one in cell.conditions if one.get("version") == "3.4.3"))
    )
    return replace(plan, series=(replace(matrix, cells=cells),))


def test_without_mistat_s_obedience_silence_of_the_other_channel_proves_nothing(tmp_path: Path) -> None:
    """The one that can be read falls silent, the other does not: nobody can say what it held."""
    enciphered = {"mode": "incognito", "switch": "off", "channel": "mistat"}
    disobeys = experiment(tmp_path / "case", silence_plan(), mutations=[Mutation(enciphered, sends=True)])
    told = told_by(tmp_path / "case")
    silent = {trial.id for trial in told.question.trials if trial.condition == Condition.of(SILENT)}
    obeys = told.without(lambda sent: sent.trial in silent and sent.host == MISTAT).judged()
    before, after = row(obeys, "x03.content", **SILENT), row(disobeys, "x03.content", **SILENT)

    assert before.verdict is VerdictKind.CONSISTENT
    assert "nothing at all was sent to the vendor" in before.why
    assert after.verdict is VerdictKind.INCONCLUSIVE
    assert "of the bytes sent to the vendor could not be read" in after.why
    for audit in (obeys, disobeys):
        assert row(audit, "x03.content", **SILENT | {"switch": "on"}).verdict is VerdictKind.CONTRADICTED
