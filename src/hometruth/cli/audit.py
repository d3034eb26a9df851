"""`hometruth audit`: put the browser on this machine to the test."""

from datetime import UTC, datetime
from pathlib import Path

import click

from hometruth.claims import upper_bound_percent
from hometruth.cli import EXIT_UNABLE, print_error, tell
from hometruth.cli.judge import exit_code
from hometruth.cli.options import all_option, key_option
from hometruth.cli.run import carry_out, show
from hometruth.experiment import Plan
from hometruth.experiment.browser_plan import browser_plan
from hometruth.experiment.drivers.browser_kind import BrowserOptions
from hometruth.model import TrialStatus

SESSION_S, ACTION_S = 15, 7
"""What a session, and each action in it, takes on a machine that has little else to do."""
FULL = 29
"""Sessions of each condition whose silence is enough to call a statement consistent."""


@click.command("audit")
@click.option("--browser", type=click.Choice(["chromium", "firefox"]), required=True, help="Which one.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Case folder to make.")
@click.option(
    "--sessions",
    type=click.IntRange(1, 1000),
    default=8,
    show_default=True,
    help="Sessions of each condition.",
)
@click.option("--plan", help="Another bundled plan: browser-suggest.  [default: NAME-private]")
@click.option("--program", type=click.Path(path_type=Path), help="Its executable, if it is not on PATH.")
@click.option("--offline", is_flag=True, help="Let nothing leave the machine: every server is played here.")
@click.option("--show", "shown", is_flag=True, help="On your own screen instead of one of its own.")
@click.option("--video", "film", is_flag=True, help="Film the screen into the case.")
@key_option
@all_option
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def command(  # noqa: PLR0913 - one for each option
    *,
    browser: str,
    out: Path,
    sessions: int,
    plan: str | None,
    program: Path | None,
    offline: bool,
    shown: bool,
    film: bool,
    key: Path | None,
    everything: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Put the browser on this machine to the test, in normal and private windows.

    It is started with new profiles and typed into, key by key. What it sends is recorded and searched, and
    what its maker says is judged. Your own profile is neither read nor changed.

    Exits with 1 if a claim is contradicted.
    """
    options = BrowserOptions(
        browser="firefox" if browser == "firefox" else "chromium",
        program=None if program is None else str(program.absolute()),
        shown=shown,
        film=film,
    )
    made = browser_plan(
        options.browser,
        name=plan,
        sessions=sessions,
        today=datetime.now(UTC).date(),
        options=options,
        offline=offline,
    )
    if not (quiet or as_json):
        tell(_what_it_takes(made, sessions))
    result = carry_out(made, out, key=key, quiet=quiet or as_json)
    show(result, out, as_json=as_json, quiet=quiet, everything=everything)
    if not any(trial.status is TrialStatus.DONE for trial in result.trials):
        print_error(f"no session ran to its end: {result.trials[0].note}")
        return EXIT_UNABLE
    return exit_code(result)


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
        f"condition still leaves room for {quiet:.0f} % of sessions (in {FULL}: {full:.0f} %)."
    )
