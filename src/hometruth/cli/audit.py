"""`hometruth audit`: put a browser to the test, on this machine or on a phone in a person's hands."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import click
from click.core import ParameterSource

from hometruth.claims import upper_bound_percent
from hometruth.cli import EXIT_UNABLE, print_error, tell
from hometruth.cli.audit_phone import FourOptions, is_cut_off, led, new_plan, plan_cut_off, what_it_takes
from hometruth.cli.judge import exit_code
from hometruth.cli.options import all_option, key_option
from hometruth.cli.run import carry_out, show
from hometruth.experiment import Plan
from hometruth.experiment.browser_plan import browser_plan
from hometruth.experiment.drivers.browser_kind import BrowserOptions
from hometruth.experiment.drivers.guided_kind import ACTIONS, GuidedOptions
from hometruth.experiment.guided_plan import WHOSE
from hometruth.model import TrialStatus
from hometruth.report.words import at_most

SESSION_S, ACTION_S = 15, 7
"""What a session, and each action in it, takes on a machine that has little else to do."""
FULL = 29
"""Sessions of each condition whose silence is enough to call a statement consistent."""


ONLY_WITH = {
    "browser": ("plan", "program", "shown", "film"),
    "phone": (
        *(
            "product",
            "vendor",
            "whose",
            "claim",
            "switches",
            "actions",
            "here",
            "listen",
            "port",
            "wireguard",
        ),
        *(
            "package",
            "only",
            "app_hosts",
            "all_traffic",
            "desk_port",
            "drain_s",
            "preflight_s",
            "coin",
            "no_open",
        ),
    ),
    "wireguard": ("package",),
    "coin": ("doing", "does_s"),
}
"""Options that change nothing without the one before them."""
NOT_WITH = {
    "here": ("listen",),
    "coin": (
        *("claim", "switches", "actions", "sessions", "preflight_s", "offline"),
        *("only", "app_hosts", "all_traffic"),
    ),
}
"""Options that change nothing beside the one before them: a coin opens nothing, and has its own claim."""


@click.command("audit")
@click.option("--browser", type=click.Choice(["chromium", "firefox"]), help="Test this one of this machine.")
@click.option("--phone", is_flag=True, help="Test a browser on any phone, in your hands.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Case folder to make.")
@click.option(
    "--sessions",
    type=click.IntRange(1, 1000),
    default=8,
    show_default=True,
    help="Sessions of each condition.",
)
@click.option("--offline", is_flag=True, help="Let nothing leave the machine: every server is played here.")
@click.option("--plan", help="With --browser: another plan: browser-suggest.  [default: NAME-private]")
@click.option(
    "--program",
    type=click.Path(path_type=Path),
    help="With --browser: its executable, if it is not on PATH.",
)
@click.option("--show", "shown", is_flag=True, help="With --browser: on your own screen.")
@click.option("--video", "film", is_flag=True, help="With --browser: film the screen into the case.")
@click.option("--product", help="With --phone: what is tested: Chrome, Firefox, Safari.  [asked]")
@click.option("--vendor", help="With --phone: who makes it.  [known of the usual ones, else asked]")
@click.option("--whose", type=click.Choice(list(WHOSE)), help="With --phone: whose device it is.  [asked]")
@click.option("--claim", help="With --phone: private-windows, another that comes along, or a file.  [asked]")
@click.option(
    "--switch", "switches", multiple=True, metavar="NAME=on,off", help="With --phone: a switch to compare."
)
@click.option(
    "--do",
    "actions",
    multiple=True,
    type=click.Choice(list(ACTIONS)),
    help="With --phone: what is done in each session.  [default: as the claim needs it]",
)
@click.option("--here", is_flag=True, help="With --phone: a browser of this machine plays the phone.")
@click.option(
    "--listen",
    default="0.0.0.0",  # noqa: S104 - only the device that is named at the desk is served
    show_default=True,
    help="With --phone: address that the phone reaches.",
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="With --phone: its proxy."
)
@click.option(
    "--wireguard",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="With --phone: a tunnel, joined by a QR code, in place of the proxy.",
)
@click.option("--package", help="With --wireguard, on Android: the tunnel takes the app of this name only.")
@click.option("--only", multiple=True, metavar="HOST", help="With --phone: look into this host only.")
@click.option(
    "--app-hosts",
    is_flag=True,
    help="With --phone: look into hosts of the app, too, which you choose at the desk once they are seen.",
)
@click.option(
    "--all-traffic", is_flag=True, help="With --phone: look into all that it sends, by whichever app."
)
@click.option(
    "--desk-port", type=click.IntRange(0, 65535), default=0, help="With --phone: of the desk page; 0: any."
)
@click.option(
    "--drain",
    "drain_s",
    type=click.FloatRange(1, 3600),
    default=30,
    show_default=True,
    help="With --phone: seconds that it is left alone after each visit.",
)
@click.option(
    "--preflight",
    "preflight_s",
    type=click.FloatRange(0, 3600),
    default=120,
    show_default=True,
    help="With --phone: seconds of tapping around beforehand.",
)
@click.option(
    "--coin",
    multiple=True,
    metavar="HOST",
    help="With --phone: ask whether bytes to it depend on what is done, by a secret coin; open nothing.",
)
@click.option(
    "--doing", metavar="TEXT", help="With --coin: what the coin decides about, as the desk page says it."
)
@click.option(
    "--done-within",
    "does_s",
    type=click.FloatRange(1, 3600),
    default=30,
    show_default=True,
    metavar="SECONDS",
    help="With --coin: the time for doing it, and as long for doing nothing.",
)
@click.option("--no-open", is_flag=True, help="With --phone: only print where the desk page is.")
@key_option
@all_option
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors, and where the desk page is.")
def command(
    *,
    browser: Literal["chromium", "firefox"] | None,
    phone: bool,
    out: Path,
    sessions: int,
    key: Path | None,
    everything: bool,
    as_json: bool,
    quiet: bool,
    **more: Any,
) -> int:
    """Put a browser to the test, in normal and private windows: one of this machine, or any phone's.

    --browser: it is started with new profiles and typed into, key by key. Your own profile is neither read
    nor changed. --phone: a page on this machine (the desk page) says what to do, step by step, from the
    certificate to its removal; it asks four questions first, unless options answer them. A run by hand that
    was cut off goes on with the same --out. What is sent is recorded and searched, and what its maker says
    is judged.

    Exits with 1 if a claim is contradicted.
    """
    if (browser is None) is not phone:
        raise click.UsageError("give either --browser with its name, or --phone")
    _check_given(click.get_current_context())
    silent = quiet or as_json
    if phone:
        made = _phone_plan(out, sessions, more)
        if not silent:
            tell(what_it_takes(made))
        result = led(made, out, key=key, quiet=silent, opens=not more["no_open"])
    else:
        assert browser is not None
        made = _browser_plan(browser, sessions, more)
        if not silent:
            tell(_what_it_takes(made, sessions))
        result = carry_out(made, out, key=key, quiet=silent)
    ran = any(trial.status is TrialStatus.DONE for trial in result.trials)
    if ran or as_json:
        show(result, out, as_json=as_json, quiet=quiet, everything=everything)
    if not ran:
        print_error(f"no session ran to its end: {result.trials[0].note}")
        return EXIT_UNABLE
    return exit_code(result)


def _check_given(context: click.Context) -> None:
    """Refuse options that would change nothing: whoever gives them believes that they do.

    Raises:
        UsageError: If there is one.
    """
    given = {
        each.name: each.opts[0]
        for each in context.command.params
        if each.name and context.get_parameter_source(each.name) is ParameterSource.COMMANDLINE
    }
    idle = [
        *(
            f"{given[one]} changes nothing without --{name}"
            for name in ONLY_WITH.keys() - given
            for one in ONLY_WITH[name]
            if one in given
        ),
        *(
            f"{given[one]} changes nothing beside --{name}"
            for name in NOT_WITH.keys() & given
            for one in NOT_WITH[name]
            if one in given
        ),
    ]
    if idle:
        raise click.UsageError(min(idle))


def _browser_plan(browser: Literal["chromium", "firefox"], sessions: int, more: Mapping[str, Any]) -> Plan:
    program: Path | None = more["program"]
    return browser_plan(
        browser,
        name=more["plan"],
        sessions=sessions,
        today=datetime.now(UTC).date(),
        options=BrowserOptions(
            browser=browser,
            program=None if program is None else str(program.absolute()),
            shown=more["shown"],
            film=more["film"],
        ),
        offline=more["offline"],
    )


def _phone_plan(out: Path, sessions: int, more: Mapping[str, Any]) -> Plan:
    """The plan of the four answers; of a run that was cut off, its own."""
    if is_cut_off(out):
        return plan_cut_off(out)
    options = GuidedOptions(
        listen="127.0.0.1" if more["here"] else more["listen"],
        port=more["port"],
        wireguard=more["wireguard"],
        package=more["package"],
        desk_port=more["desk_port"],
        drain_s=more["drain_s"],
        preflight_s=0 if more["coin"] else more["preflight_s"],
        certificate=not more["coin"],
        does_s=more["does_s"],
        **({"does": more["doing"]} if more["doing"] else {}),
    )
    told = (
        "product",
        "vendor",
        "whose",
        "claim",
        "switches",
        "here",
        "only",
        "app_hosts",
        "all_traffic",
        "coin",
    )
    asked = FourOptions(*(more[name] for name in told))
    return new_plan(asked, options, sessions=sessions, actions=more["actions"], offline=more["offline"])


def _what_it_takes(plan: Plan, each: int) -> str:
    """What one knows before the first session: how long it takes, and what silence will be worth."""
    cells = [cell for series in plan.series for cell in series.cells]
    n = sum(len(cell.conditions) * cell.blocks for cell in cells)
    takes_s = sum(
        len(cell.conditions) * cell.blocks * (SESSION_S + ACTION_S * len(cell.actions)) for cell in cells
    )
    minutes = max(1, round(takes_s / 60))
    quiet, full = upper_bound_percent(0, each), upper_bound_percent(0, FULL)
    return (
        f"{n} sessions, about {minutes} min. One session is enough to show a leak; silence in {each} of each "
        f"condition still leaves room for {at_most(quiet)} of sessions (in {FULL}: {at_most(full)})."
    )
