"""The guided half of `hometruth audit`: any phone, in a person's hands."""

import shlex
import sys
import time
import webbrowser
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from msgspec import structs

from hometruth.audit.case_audit import plan_of
from hometruth.capture.proxy.kept_authority import KeptAuthority, keep_authority, kept_certificate, name_of
from hometruth.capture.proxy.listening import Listening, free_port, free_udp_port
from hometruth.capture.proxy.own_pages import HOST
from hometruth.capture.proxy.removal import Removal, watching_removal
from hometruth.case import LAB, unfinished_case
from hometruth.claims import upper_bound_percent
from hometruth.cli import tell
from hometruth.cli.record_words import is_loopback
from hometruth.cli.run import carry_out
from hometruth.experiment import Plan
from hometruth.experiment.drivers.by_hand.desk import DeskBoard, DeskStep
from hometruth.experiment.drivers.by_hand.desk_server import serving_desk
from hometruth.experiment.drivers.guided import GuidedDriver
from hometruth.experiment.drivers.guided_kind import GuidedOptions
from hometruth.experiment.guided_plan import (
    CLAIMS,
    DONE_IN_AN_APP,
    PRIVATE_WINDOWS,
    VENDORS,
    WHOSE,
    FourAnswers,
    coin_plan,
    fewest,
    guided_plan,
    switch_of,
    takes_s,
)
from hometruth.handed_in import sentences
from hometruth.model import Audit
from hometruth.report.summary import summaries
from hometruth.report.words import at_most

MARGIN = timedelta(days=1)
"""For which the certificate outlasts the plan's own estimate: a person pauses."""
POLL_S = 0.2
FULL = 29
"""Sessions of each condition whose silence is enough to call a statement consistent."""
REMOVE, LATER = "remove", "later"
ACTIONS = ("click-link",)
TYPING = ("click-link", "search", "type")
"""Where a statement is about what is typed."""


@dataclass(frozen=True, slots=True)
class FourOptions:
    """The four answers as options of the command give them; what is None is asked for."""

    product: str | None
    vendor: str | None
    whose: str | None
    claim: str | None
    switches: tuple[str, ...]
    is_here: bool = False
    """True where a browser of this machine plays the phone, with a profile made for it."""
    only: tuple[str, ...] = ()
    """Hosts that are looked into; empty if nothing is said of that."""
    app_hosts: bool = False
    """True to be asked at the desk which hosts are the app's, and to look into these."""
    all_traffic: bool = False
    coin: tuple[str, ...] = ()
    """Hosts of which it is asked whether bytes to them depend on what is done."""


def answered(asked: FourOptions) -> FourAnswers:
    """The four answers, asked of whoever sits at the terminal where options do not give them.

    Raises:
        UsageError: If something is missing, and there is nobody to ask.
        PlanError: If what was typed as a switch is none.
    """
    can_ask = sys.stdin.isatty()
    if not can_ask:
        missing = [name for name in ("product", "whose", "claim") if getattr(asked, name) is None]
        if missing:
            raise click.UsageError(f"nobody can be asked here: give --{', --'.join(missing)}")
    product = asked.product or click.prompt("1. Which product is tested (Chrome, Firefox, Safari ...)")
    vendor = asked.vendor or VENDORS.get(product) or _vendor(product, can_ask=can_ask)
    whose = asked.whose or click.prompt("2. Whose device is it", type=click.Choice(list(WHOSE)))
    claim = asked.claim or _claim(product)
    switches = asked.switches
    if asked.claim is None and not switches and can_ask:
        told = click.prompt("4. Which switches are compared (Name=on,off; ...; none: Enter)", default="")
        switches = tuple(each.strip() for each in told.split(";") if each.strip())
    return FourAnswers(
        product,
        vendor,
        whose,
        _claims_of(claim),
        tuple(map(switch_of, switches)),
        device="desktop" if asked.is_here else "phone",
        without_extensions=asked.is_here,
        only=asked.only,
        app_hosts=asked.app_hosts,
        all_traffic=asked.all_traffic,
    )


def _all_traffic() -> bool:
    """True if somebody says so at the terminal: else the app's hosts are, which are chosen at the desk."""
    if not sys.stdin.isatty():
        raise click.UsageError(
            "other apps' traffic comes, too: --only HOST names hosts that are looked into, --app-hosts asks "
            "at the desk which are the app's, --package NAME with --wireguard leads one app's traffic here, "
            "--all-traffic looks into all of it"
        )
    return click.confirm(
        "5. Other apps' traffic comes, too. Is all of it to be looked into (else the desk asks which hosts "
        "are the app's)"
    )


def _vendor(product: str, *, can_ask: bool) -> str:
    if not can_ask:
        raise click.UsageError(f"who makes {product} is not known here: give --vendor")
    told: str = click.prompt(f"   Who makes {product}")
    return told


def _claim(product: str) -> str:
    own = CLAIMS.get(product)
    choices = [PRIVATE_WINDOWS, *([own] if own else [])]
    told: str = click.prompt(f"3. Which claim ({', '.join(choices)}, or a file)", default=PRIVATE_WINDOWS)
    return told


def _claims_of(claim: str) -> str:
    """As a plan names them: a file if there is one of that name, else those that come with Hometruth."""
    file = Path(claim)
    return str(file.absolute()) if file.is_file() else f"bundled:{claim.removeprefix('bundled:')}"


def new_plan(
    asked: FourOptions, options: GuidedOptions, *, sessions: int, actions: Sequence[str], offline: bool
) -> Plan:
    """The plan of a new run; ports that may be any are chosen now, for all of it and for when it is over."""
    tunnel = options.wireguard
    options = structs.replace(
        options,
        port=options.port or free_port(options.listen),
        wireguard=free_udp_port() if tunnel == 0 else tunnel,
    )
    if asked.coin:
        told = answered(replace(asked, claim=DONE_IN_AN_APP))
        return coin_plan(told, asked.coin, at=datetime.now(UTC), options=options)
    told = answered(asked)
    if options.brings_others and not (asked.only or asked.app_hosts or asked.all_traffic):
        everything = _all_traffic()
        told = replace(told, all_traffic=everything, app_hosts=not everything)
    typed = told.claims != f"bundled:{PRIVATE_WINDOWS}"
    return guided_plan(
        told,
        sessions=sessions,
        actions=actions or (TYPING if typed else ACTIONS),
        at=datetime.now(UTC),
        options=options,
        offline=offline,
    )


def is_cut_off(folder: Path) -> bool:
    """True for the case of a run that began and has not ended."""
    data = folder / "data"
    return (data / "case.toml").is_file() and not (data / "MANIFEST.json").is_file()


def plan_cut_off(folder: Path) -> Plan:
    """The plan of a run that was cut off, as it was sealed."""
    return plan_of(unfinished_case(folder))


def what_it_takes(plan: Plan) -> str:
    """What one knows before the first session: how long it takes, and what silence will be worth."""
    ((series, cell),) = ((series, cell) for series in plan.series for cell in series.cells)
    minutes = max(1, round(takes_s(plan) / 60))
    if pairing := series.pairing:
        n = fewest(pairing)
        return (
            f"{pairing.pairs} pairs of sessions, about {minutes} min; where the coin is shown, as few as "
            f"{n} ({max(1, minutes * n // pairing.pairs)} min). It shows whether bytes depend on what "
            "is done, never what is in them; that it is not shown proves nothing."
        )
    each = len(cell.days)
    quiet, full = upper_bound_percent(0, each), upper_bound_percent(0, FULL)
    return (
        f"{each * len(cell.conditions)} sessions, about {minutes} min. One session is enough to show a leak; "
        f"silence in {each} of each condition still leaves room for {at_most(quiet)} of sessions "
        f"(in {FULL}: {at_most(full)})."
    )


def led(plan: Plan, folder: Path, *, key: Path | None, quiet: bool, opens: bool) -> Audit:
    """Carry it out with the desk page, show the verdicts on it, and have the certificate removed.

    Args:
        folder: Of the case, new or cut off.
        opens: Open the desk page in this machine's browser.
    """
    goes_on = is_cut_off(folder)
    if goes_on:
        plan = plan_cut_off(folder)  # as it was sealed, whatever a file of that name says by now
    options = plan.options
    assert isinstance(options, GuidedOptions)
    kept = _certificate(plan, folder, goes_on=goes_on)
    board = DeskBoard()
    with serving_desk(board, options.desk_port) as url:
        tell(f"The desk page, which says what to do: {url}")
        if opens:
            webbrowser.open(url)
        driver = GuidedDriver(options, folder / LAB, board, product=plan.subject.product)
        try:
            result = carry_out(
                plan, folder, key=key, quiet=quiet, authority=kept.folder, driver=driver, goes_on=goes_on
            )
        except BaseException:  # whoever looks at the page is told as well, Ctrl-C or not
            _last(board, DeskStep("broken_off"))
            tell("The run was broken off: the same command, with the same --out, goes on.")
            raise
        if options.certificate:
            where = Listening(options.listen, driver.proxy_port, None, options.wireguard)
            devices, line = driver.reached_at().devices, driver.line_without_trust
            watched = watching_removal(kept, where, forwards=not plan.offline, devices=devices)
            if _end(board, result, folder, kept, watched, _ends_with(kept.name, where), line):
                driver.forget()
        else:
            kept.remove()
            report = {"report": str(folder / "data" / "report.html")}
            _pressed(board, DeskStep("verdicts", report, rows=_verdict_rows(result), buttons=("done",)))
    return result


def _certificate(plan: Plan, folder: Path, *, goes_on: bool) -> KeptAuthority:
    """Valid to the end of the plan and a day; one that is over before what is left of it is renewed."""
    case = unfinished_case(folder) if goes_on else None
    left = 1 - len(case.ended()) / len(case.planned()) if case else 1.0
    end = datetime.now(UTC) + timedelta(seconds=takes_s(plan) * left)
    before = kept_certificate(plan.id)
    kept = keep_authority(plan.id, end + MARGIN, needed_until=end)
    if before is not None and before != kept.ca_file.read_bytes():
        tell(
            f"The certificate that the phone has expires before the run ends, and its key has been deleted: "
            f"remove it there. The desk page leads it to another, “{name_of(kept.ca_file)}”."
        )
    return kept


def _end(
    board: DeskBoard,
    result: Audit,
    folder: Path,
    kept: KeptAuthority,
    watched: AbstractContextManager[Removal],
    command: str,
    line: str,
) -> bool:
    """Verdicts, while the device is still connected, and then the removal; False if that is to come later.

    Args:
        command: That does the same later.
        line: By which a browser here is started without trust; empty where there is something to remove.
    """
    called, page = name_of(kept.ca_file), f"http://{HOST}/"
    report = folder / "data" / "report.html"
    how = "remove_here" if line else "remove_phone"
    facts = {"certificate": called, "page": page}
    with watched as removal:
        verdicts = DeskStep(
            "verdicts",
            {"report": str(report)},
            rows=_verdict_rows(result),
            buttons=(REMOVE, LATER),
        )
        if _pressed(board, verdicts) == LATER:
            _last(
                board,
                DeskStep("later_here" if line else "later", {"command": command}, copied=line or command),
            )
            tell(f"The certificate “{called}” is still on the device: {command} removes it.")
            return False
        step = DeskStep("remove", facts, first=how, copied=line, buttons=(LATER,))
        trusted_before = removal.recorder.trusted_ns
        number = board.show(step)
        while not removal.is_shown and board.taken(number) != LATER:
            removal.recorder.wait(POLL_S)
            if removal.recorder.trusted_ns != trusted_before:
                number = board.show(replace(step, name="still_trusted"))
        shown = removal.is_shown
    kept.remove()
    tell("Removal shown: the device refuses the certificate." if shown else "Removal not shown.")
    _last(board, DeskStep("removed" if shown else "not_removed", facts))
    return True


def _ends_with(name: str, where: Listening) -> str:
    """The command that has the certificate removed, where the device is connected to."""
    words = ["hometruth", "end", name]
    if not is_loopback(where.host):
        words += ["--listen", where.host]
    if where.port != GuidedOptions().port:
        words += ["--port", str(where.port)]
    if where.wireguard is not None:
        words += ["--wireguard", "--wireguard-port", str(where.wireguard)]
    return shlex.join(words)


def _last(board: DeskBoard, step: DeskStep) -> None:
    board.show(step)
    time.sleep(POLL_S)  # for the last page to reach its readers


def _pressed(board: DeskBoard, step: DeskStep) -> str:
    number = board.show(step)
    while (button := board.taken(number)) is None:
        time.sleep(POLL_S)
    return button


def _verdict_rows(result: Audit) -> tuple[tuple[str, ...], ...]:
    say: Mapping[str, str] = sentences("desk")
    return ((say["verdict_head"], say["claim_head"]), *_verdicts(result))


def _verdicts(result: Audit) -> Iterable[tuple[str, str]]:
    for item in summaries(result):
        bound = item.verdict.bound_percent
        told = item.verdict.verdict.value + (f" (at most {at_most(bound)})" if bound is not None else "")
        yield told, item.claim.statement
