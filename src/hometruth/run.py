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

from hometruth.audit.case_audit import audit_case, recording_of
from hometruth.audit.new_case import (
    label,
    read_labels,
    recordings_of,
)
from hometruth.audit.paired import StopRule
from hometruth.canaries import dump_canaries, load_canaries, mint, mint_address
from hometruth.capture import read_connections
from hometruth.capture.connections import LOOKED_INTO, read_scope, scope_in_words
from hometruth.capture.proxy import Listening, Recorder
from hometruth.capture.proxy.passing import CONNECTIVITY, Passing, RecordingPhase, looked_into
from hometruth.capture.proxy.recorder import HERE
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
    unfinished_case,
    write_manifest,
    write_tables,
)
from hometruth.claims import bundled_text, parse_claims, speaks_of_the_vendor
from hometruth.errors import PlanError
from hometruth.experiment import (
    DRIVERS,
    Design,
    Driver,
    Joins,
    LedByHand,
    Onlooker,
    Plan,
    PlannedSession,
    ReachedAt,
    design,
    design_again,
    run_session,
)
from hometruth.handed_in import read_text
from hometruth.model import SITE, Audit, Exchange, HostPattern, TrialStatus
from hometruth.report import render_html, write_verdicts

Progress = Callable[[int, int], None]
"""Called with sessions done and sessions planned."""
NOT_NEEDED = "the stop rule had ended its series"
CUT_OFF = "broke off: the run was ended from outside in it"


def run(  # noqa: PLR0913 - what is left out has a default
    plan: Plan,
    folder: Path,
    *,
    rng: Random | None = None,
    driver: Driver | None = None,
    begins: Callable[[], None] = lambda: None,
    progress: Progress = lambda _done, _planned: None,
    bag: bool = False,
    signer: Signer | None = None,
    authority: Path | None = None,
    goes_on: bool = False,
) -> Audit:
    """Carry out *plan*, leave a case in *folder*, and judge it.

    Args:
        rng: Order and canaries; the operating system's randomness unless a test injects its own.
        driver: The subject; made from the plan unless a test brings its own.
        begins: Told once the plan is resolved and sealed, and its subject there: it is recorded from now on.
        progress: Told after every session.
        bag: Put the case into a BagIt bag, sealed before the first session and after the last.
        signer: Whose key signs both seals; without one the bag is sealed, but not signed.
        authority: Folder of a certificate authority that the subject trusts already; by default one is made.
        goes_on: The case is there, of a run of this plan that was cut off: go on with it.

    Raises:
        CaseError: If *folder* is not empty; or, to be gone on with, holds no such case.
        CaptureError: If the recorder cannot listen or write.
        PlanError: If the plan names a driver or claims that are not there.
    """
    claims = _claims_text(plan)
    kind = DRIVERS.get(plan.driver)
    if kind is None:
        raise PlanError(f"plan {plan.id}: driver {plan.driver} runs nothing; `hometruth case new` judges it")
    rng = rng or SystemRandom()
    with closing(driver or kind.make(plan, folder / LAB)) as subject:
        case = unfinished_case(folder) if goes_on else create_case(folder, bag=bag)
        by_hand = subject if isinstance(subject, LedByHand) else None
        routes = subject.routes()
        planned = _planned_again(plan, case, rng) if goes_on else _planned(plan, rng)
        stop = _stop_rule(plan, planned, cut_off=case if goes_on else None)
        zones = () if plan.offline else kind.zones
        at = subject.reached_at() if isinstance(subject, LedByHand | Joins) else None
        with Recorder(
            case.traffic,
            listening=Listening(at.host, at.port, wireguard=at.wireguard, package=at.package) if at else HERE,
            sinkhole=Sinkhole(routes, alike=SITE, zones=zones),
            authority=authority,
            passing=_passing(plan, at, asks=by_hand is not None),
            senders=Senders(only_app=plan.only_app),
            devices=at.devices if at else (),
            goes_on=goes_on,
            on_exchange=_told_of(stop, subject),
            on_gap=stop.missed,
        ) as recorder:
            if plan.subject.kind == "real":
                recorder.phase = RecordingPhase.BEFORE_CONSENT
            recorder.open_only(_opened(plan, case))
            known = subject.connect(recorder.url, recorder.ca_file)
            if isinstance(subject, Joins) and (configuration := recorder.tunnel_config()):
                subject.joins(configuration)
            canaries = (*known, *planned.canaries)
            if not goes_on:
                case.seal(
                    plan=plan.text,
                    claims=claims,
                    canaries=dump_canaries(canaries),
                    planned=[session.trial for session in planned.sessions],
                    facts=_facts(routes.keys(), zones) | {"looked_into": _looked_into(plan, at)},
                    at=_now(),
                )
            if bag and not (case.folder / BEFORE.manifest).exists():
                seal_first(case.folder, BEFORE, ("case.toml", *SEALED), signer)
            begins()
            if by_hand:
                by_hand.lead_in(recorder, planned.sessions, _broken_off(case, by_hand.under_way()))
            recorder.phase = RecordingPhase.DECLARED  # only now is it certain what the plan declares
            by_id = {canary.id: canary for canary in canaries}
            ended = case.ended()
            for done, session in enumerate(planned.sessions, 1):
                if session.trial.id in ended:
                    continue
                if stop.needs(session.trial):
                    _between(by_hand, session, recorder)
                    recorder.mark(session.trial.id)
                    trial = run_session(subject, session, by_id)
                    if by_hand and (told := by_hand.remarks()):
                        trial = replace(trial, note="; ".join(filter(None, (trial.note, told))))
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


def _between(by_hand: LedByHand | None, session: PlannedSession, recorder: Recorder) -> None:
    """What a person is asked before a session belongs to none: how long they take says nothing of it."""
    if by_hand:
        recorder.mark(None)
        for choice in by_hand.between(session):
            recorder.choose(choice)


def _planned(plan: Plan, rng: Random) -> Design:
    return design(plan, mint=mint, mint_address=mint_address, rng=rng)


def _planned_again(plan: Plan, case: Case, rng: Random) -> Design:
    canaries = load_canaries(case.canaries).canaries
    return design_again(plan, case.planned(), [canary for canary in canaries if canary.cell], rng)


def _stop_rule(plan: Plan, planned: Design, cut_off: Case | None) -> StopRule:
    """The rule of a run; of one that was cut off, told of all that was recorded and run before."""
    rule = StopRule(plan.pairings, [session.trial for session in planned.sessions], planned.canaries)
    if cut_off is None or not plan.pairings:
        return rule
    for item in (*recording_of(cut_off), *read_connections(cut_off.traffic)):
        if isinstance(item, Exchange):
            rule.saw(item)
        else:
            rule.missed(item)
    ended = cut_off.ended()
    for trial in cut_off.trials():
        if trial.id in ended and trial.status is not TrialStatus.NOT_NEEDED:
            rule.ended(trial)
    return rule


def _broken_off(case: Case, under_way: str | None) -> int:
    """Note that a session which was under way when the run was cut off is lost; returns how many are over.

    It is not begun anew: its canary may have been planted, and nobody saw what came of it.
    """
    if under_way is not None and under_way not in case.ended():
        trial = next(trial for trial in case.planned() if trial.id == under_way)
        case.append_trial(replace(trial, note=CUT_OFF))
    return len(case.ended())


def _passing(plan: Plan, at: ReachedAt | None, *, asks: bool) -> Passing:
    """What is let through; *asks*: the owner of the device is asked first."""
    moves_to = RecordingPhase.PREFLIGHT if asks else None
    closed = CONNECTIVITY if at and at.is_open_to_others else frozenset()
    app = plan.subject.product if plan.app_hosts else None
    return Passing(frozenset(plan.pinned), learn=plan.pass_pinned, closed=closed, moves_to=moves_to, app=app)


def _looked_into(plan: Plan, at: ReachedAt | None) -> str:
    """What of the device's traffic is opened, once its owner has agreed."""
    told = looked_into(
        plan.opened,
        package=at.package if at else None,
        only_app=plan.only_app,
        app=plan.subject.product if plan.app_hosts else None,
        all_traffic=plan.all_traffic,
    )
    return told or "all of the subject's traffic"


def _opened(plan: Plan, case: Case) -> tuple[HostPattern, ...] | None:
    """Hosts that are looked into: the plan's, and those chosen before the run was cut off; None for any."""
    if not plan.opened:
        return None
    chosen = (fact.host for fact in read_scope(case.traffic) if fact.kind == LOOKED_INTO)
    return tuple(HostPattern(host.lower()) for host in (*plan.opened, *filter(None, chosen)))


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
    facts = _facts(()) | _scopes(plan)
    case = label(plan, _claims_text(plan), canaries, folder, facts=facts, at=_now(), bag=bag)
    if bag:
        seal_first(case.folder, LABELLED, ("case.toml", *SEALED, "trials.jsonl", *case.handed_in()), signer)
    result = conclude(case)
    if bag:
        close_bag(case.root, _bag_info(plan), signer)
    return result


def _claims_text(plan: Plan) -> str:
    """The claims as text, to be sealed: checked now rather than after an hour's run."""
    bundled, colon, name = plan.claims.partition(":")
    path = (plan.folder or Path()) / plan.claims
    is_bundled = bundled == "bundled"
    text = bundled_text(name if colon else "") if is_bundled else read_text(path, PlanError)
    claims = parse_claims(text, plan.claims if is_bundled else str(path))
    if not plan.subject.about and (named := speaks_of_the_vendor(claims)):
        raise PlanError(
            f"{plan.id}: no vendor is named, and {named} is about what its servers are sent: say "
            'vendor = "who made it" in [subject]'
        )
    return text


def _scopes(plan: Plan) -> dict[str, str]:
    """What the recorders of recordings were told to look into, where they were told and noted it."""
    told = {name: scope_in_words((plan.folder or Path()) / name) for name in recordings_of(plan)}
    said = "; ".join(f"{name}: {', '.join(scope)}" for name, scope in told.items() if scope)
    return {"looked_into": said} if said else {}


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
