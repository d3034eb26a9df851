"""The experiment: plan, drive, record, seal, and then the audit of what was recorded."""

import platform
import sys
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from random import Random, SystemRandom

from hometruth.audit.paired import StopRule
from hometruth.canaries import SITE, dump_canaries, mint, mint_address
from hometruth.capture.proxy import Recorder
from hometruth.capture.proxy.passing import Passing
from hometruth.capture.proxy.recording import Senders
from hometruth.capture.proxy.sinkhole import Sinkhole
from hometruth.case import (
    BEFORE,
    LAB,
    LABELLED,
    SEALED,
    Case,
    Signer,
    close_bag,
    create_case,
    seal_first,
    write_manifest,
    write_tables,
)
from hometruth.case_audit import audit_case
from hometruth.claims import bundled_text, parse_claims
from hometruth.errors import PlanError
from hometruth.experiment import DRIVERS, Driver, Onlooker, Plan, design, run_session
from hometruth.handed_in import read_text
from hometruth.model import Audit, Exchange, HostPattern, TrialStatus
from hometruth.new_case import (
    label,
    read_labels,
)
from hometruth.report import render_html, write_verdicts

Progress = Callable[[int, int], None]
"""Called with sessions done and sessions planned."""
NOT_NEEDED = "the stop rule had ended its series"


def run(
    plan: Plan,
    folder: Path,
    *,
    rng: Random | None = None,
    driver: Driver | None = None,
    progress: Progress = lambda _done, _planned: None,
    bag: bool = False,
    signer: Signer | None = None,
) -> Audit:
    """Carry out *plan*, leave a case in *folder*, and judge it.

    Args:
        rng: Order and canaries; the operating system's randomness unless a test injects its own.
        driver: The subject; made from the plan unless a test brings its own.
        progress: Told after every session.
        bag: Put the case into a BagIt bag, sealed before the first session and after the last.
        signer: Whose key signs both seals; without one the bag is sealed, but not signed.

    Raises:
        CaseError: If *folder* is not empty.
        CaptureError: If the recorder cannot listen or write.
        PlanError: If the plan names a driver or claims that are not there.
    """
    claims = _claims_text(plan)
    kind = DRIVERS.get(plan.driver)
    if kind is None:
        raise PlanError(f"plan {plan.id}: driver {plan.driver} runs nothing; `hometruth case new` judges it")
    rng = rng or SystemRandom()
    with closing(driver or kind.make(plan, folder / LAB)) as subject:
        case = create_case(folder, bag=bag)
        routes = subject.routes()
        planned = design(plan, mint=mint, mint_address=mint_address, rng=rng)
        stop = StopRule(plan.pairings, [session.trial for session in planned.sessions], planned.canaries)
        zones = () if plan.offline else kind.zones
        sinkhole = Sinkhole(routes, alike=SITE, zones=zones)
        with Recorder(
            case.traffic,
            sinkhole=sinkhole,
            passing=Passing(frozenset(plan.pinned), learn=plan.pass_pinned),
            senders=Senders(only_app=plan.only_app),
            on_exchange=_told_of(stop, subject),
            on_gap=stop.missed,
        ) as recorder:
            if plan.opened:
                recorder.open_only(HostPattern(host.lower()) for host in plan.opened)
            known = subject.connect(recorder.url, recorder.ca_file)
            canaries = (*known, *planned.canaries)
            case.seal(
                plan=plan.text,
                claims=claims,
                canaries=dump_canaries(canaries),
                planned=[session.trial for session in planned.sessions],
                facts=_facts(routes.keys(), zones),
                at=_now(),
            )
            if bag:
                seal_first(case.folder, BEFORE, ("case.toml", *SEALED), signer)
            by_id = {canary.id: canary for canary in canaries}
            for done, session in enumerate(planned.sessions, 1):
                if stop.needs(session.trial):
                    recorder.mark(session.trial.id)
                    trial = run_session(subject, session, by_id)
                    stop.ended(trial)
                else:
                    trial = replace(session.trial, status=TrialStatus.NOT_NEEDED, note=NOT_NEEDED)
                case.append_trial(trial)
                progress(done, len(planned.sessions))
            recorder.mark(None)
    result = conclude(case)
    if bag:
        close_bag(case.root, _bag_info(plan), signer)
    return result


def _told_of(stop: StopRule, driver: Driver) -> Callable[[Exchange], None]:
    """Whoever wants to know of exchanges as they are recorded."""
    if not isinstance(driver, Onlooker):
        return stop.saw
    saw = driver.saw

    def tell(exchange: Exchange) -> None:
        stop.saw(exchange)
        saw(exchange)

    return tell


def conclude(case: Case) -> Audit:
    """Audit a recorded case and write verdicts, tables, report and manifest into it."""
    result = audit_case(case)
    write_verdicts(result, case.verdicts)
    write_tables(result, case.folder)
    case.report.write_text(render_html(result, generated=_now()), "utf-8")
    write_manifest(case.folder)
    return result


def judge_recordings(
    labels: Path, canaries: Path, folder: Path, *, bag: bool = False, signer: Signer | None = None
) -> Audit:
    """Make a case in *folder* of the recordings that the plan *labels* names, and judge it.

    Args:
        canaries: What was planted, as `plant --json` wrote it.
        bag: Put the case into a BagIt bag, sealed when it is labelled and when it is judged; never before.
        signer: Whose key signs both seals; without one the bag is sealed, but not signed.

    Raises:
        PlanError: If the labels are malformed, or do not fit the recordings or the canaries.
        CaptureError: If a recording cannot be read.
        CaseError: If *folder* is not empty.
    """
    plan = read_labels(labels)
    case = label(plan, _claims_text(plan), canaries, folder, facts=_facts(()), at=_now(), bag=bag)
    if bag:
        seal_first(case.folder, LABELLED, ("case.toml", *SEALED, "trials.jsonl", *case.handed_in()), signer)
    result = conclude(case)
    if bag:
        close_bag(case.root, _bag_info(plan), signer)
    return result


def _claims_text(plan: Plan) -> str:
    """The claims as text, to be sealed: checked now rather than after an hour's run."""
    bundled, colon, name = plan.claims.partition(":")
    if bundled == "bundled":
        return bundled_text(name if colon else "")
    path = (plan.folder or Path()) / plan.claims
    text = read_text(path, PlanError)
    parse_claims(text, str(path))
    return text


def _facts(routed: Iterable[str], zones: Iterable[str] = ()) -> dict[str, str]:
    """Versions and host facts that a reader of the case needs."""
    return {
        "hometruth": version("hometruth"),
        "mitmproxy": version("mitmproxy"),
        "python": sys.version.split()[0],
        "system": platform.platform(),
        "routed": " ".join(routed),
        "zones": " ".join(zones),
    }


def _bag_info(plan: Plan) -> dict[str, str]:
    """What an archive shows of a bag; no page of a case says more of its clock than this."""
    simulated = " (simulation: says nothing about a real phone)" if plan.subject.kind == "simulated" else ""
    labelled = f" (labelled afterwards by {plan.labelled_by})" if plan.labelled_by else ""
    return {
        "External-Description": f"Hometruth case: {plan.title}{simulated}{labelled}",
        "Bagging-Date": _now()[:10],
        "Bag-Software-Agent": f"hometruth {version('hometruth')}",
        "Sealed-By-Clock": "the examiner's own; no time-stamping authority was asked",
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
