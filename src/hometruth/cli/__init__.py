"""The command line: one file per command, each of which parses, calls, renders and exits.

Commands are imported only when used, so that `scan` of a small file does not pay for the recorder.
"""

import atexit
import errno
import os
import signal
import sys
import traceback
from contextlib import suppress
from difflib import get_close_matches
from functools import partial
from importlib import import_module
from io import StringIO, TextIOWrapper
from typing import NoReturn

import click

from hometruth.errors import DEBUG, EXTRA_OF, HometruthError, escape_terminal, not_installed

EXIT_OK = 0
EXIT_FOUND = 1
"""Something was found, or a claim is contradicted."""
EXIT_UNABLE = 2
"""It could not be done; standard error says why."""

ENVIRONMENT_ERRORS = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EMFILE, errno.EFBIG}
)
"""Failures of the machine, not of ours: full or read-only disk, no permission, a limit reached."""

MAX_ERROR_CHARS = 4_000
"""What is shown of one error: it may quote a key of a megabyte."""

COMPLETION = "_HOMETRUTH_COMPLETE"
"""Set by a shell that asks click how to go on."""

GROUPS = {
    "Start here": {
        "demo": "Audit a simulated phone end to end, and show the verdicts.",
        "audit": "Put the browser on this machine to the test.",
        "watch": "Watch what is done on a phone, and what leaves it.",
        "lab": "Run the simulated system: phone, SDK, collector.",
    },
    "Your recordings": {
        "record": "Record what your own device or browser sends.",
        "mark": "Note in a recording under way what begins now.",
        "end": "Put back what was changed on a device, and show that it is.",
        "info": "Say what recordings hold, and what they lack.",
        "scan": "Find canaries in recordings.",
        "fleet": "Scan a crawl: many recordings, resumable, into tables.",
        "identify": "Find what names a device or person, and what it joins.",
        "plant": "Mint canaries.",
        "peel": "Show the layers of one value.",
        "gate": "Hold recordings against a policy: a leak never ships.",
        "export": "Write recordings into one Parquet table.",
    },
    "Experiments": {
        "run": "Run an experiment plan.",
        "case": "Make a case of recordings that are there already.",
        "judge": "Judge a case again from its raw traffic.",
        "compare": "Show what changed between two cases, or two settings of one.",
        "claims": "Check files of claims.",
    },
    "How anonymous is a table": {
        "unicity": "Measure how few points single a person out.",
        "relink": "Measure how often nameless traces can be put back.",
        "metadata": "Measure how alone attributes leave a person.",
        "digests": "Look for digests of your own values.",
    },
    "Proof": {
        "verify": "Check a case's files, seals and signature.",
        "stamp": "Add the token of a time-stamping authority to a case.",
        "annex": "Add a reply or a retest to a case, beside its seal.",
        "report": "Write the report of a case again, outside it.",
        "letter": "Fill in a letter about a case.",
        "redact": "Make the public twin of a recording or a case, and prove it.",
    },
}
"""Jobs, each with its commands: name to one-line help; the module `hometruth.cli.NAME` holds ``command``."""
COMMANDS = {name: told for commands in GROUPS.values() for name, told in commands.items()}


EXTRA_NEEDED = {
    **dict.fromkeys(("demo", "audit", "run", "judge", "compare", "case", "lab", "watch"), "lab"),
    **dict.fromkeys(("verify", "annex", "report", "letter"), "lab"),
    "stamp": "timestamp",
    **dict.fromkeys(("export", "fleet"), "tables"),
    **dict.fromkeys(("record", "end", "mark"), "flows"),
    **dict.fromkeys(("unicity", "relink", "metadata", "digests"), "identity"),
}
"""Command to the extra that brings all it needs; the others need none."""


class _Commands(click.Group):
    """A click group that imports a command's module when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        command = import_module(f"hometruth.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            meant = get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean {meant[0]!r}?" if meant else ""
            ctx.fail(f"No such command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        for job, commands in GROUPS.items():
            with formatter.section(job):
                formatter.write_dl(list(commands.items()), col_max=12)


_VERSION_HELP = "Show the version, and what scans: the compiled core, or Python."


def _print_version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if not value or ctx.resilient_parsing:
        return
    from importlib.metadata import version  # noqa: PLC0415  # only asked for here

    from hometruth.audit.crew import sifted_by  # noqa: PLC0415

    click.echo(f"hometruth, version {version('hometruth')}, scans {sifted_by()}")
    ctx.exit()


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help=_VERSION_HELP
)
@click.option("--debug", is_flag=True, help="Show where an error came from.")
@click.pass_context
def hometruth(ctx: click.Context, debug: bool) -> None:
    """Find out what a phone, an app or a browser says when it phones home, and prove it.

    Exit codes: 0 nothing contradicted or found, 1 something is, 2 could not do it.
    """
    ctx.ensure_object(dict)["debug"] = debug
    if debug:
        os.environ[DEBUG] = "1"


def print_error(problem: object) -> None:
    """One line on standard error, whatever *problem* quotes: no error is printed in any other way.

    Where standard error is full or closed nobody can be told; the exit code says it then.
    """
    told = escape_terminal(str(problem))
    if len(told) > MAX_ERROR_CHARS:
        told = f"{told[:MAX_ERROR_CHARS]} … ({len(told) - MAX_ERROR_CHARS:,} more characters)"
    with suppress(OSError, ValueError):
        click.echo(f"hometruth: {told}", err=True)


def tell(text: str) -> None:
    """Lines on standard error that are neither an error nor a result: how long it takes, what is asked."""
    click.echo("\n".join(map(escape_terminal, text.splitlines())), err=True)


def main() -> NoReturn:
    """Entry point: whatever goes wrong becomes one sentence on standard error, and exit code 2.

    Exit code 1 accuses, so nothing but a command that found something may give it.
    """
    if COMPLETION in os.environ:
        hometruth.main()
    os.umask(0o077)  # recordings and cases hold passwords: what is written here is its writer's alone
    options: dict[str, bool] = {}
    sys.unraisablehook = partial(_told_if_asked, options)
    code = EXIT_UNABLE
    try:
        if _open_streams():
            code = _run(options)
            sys.stdout.flush()  # here, where a full disk can still be told
        else:
            print_error("standard output is closed, and what was found has to go somewhere (try >/dev/null)")
    except BaseException as err:  # noqa: BLE001 - the one place where anything at all is caught, to be told
        code = EXIT_UNABLE
        _tell(err)
        if options.get("debug"):
            _tell_lines("".join(traceback.format_exception(err)))
    _leave(code)


def _told_if_asked(options: dict[str, bool], what: object) -> None:
    """What a library drops while it is interrupted is no message to the user; --debug tells it."""
    if options.get("debug"):
        print_error(f"ignored: {getattr(what, 'exc_value', what)!r}")


def _run(options: dict[str, bool]) -> int:
    """The command's exit code; click's own `main` would leave with 1 where the reader of a pipe went away."""
    try:
        with hometruth.make_context("hometruth", sys.argv[1:], obj=options) as ctx:
            returned = hometruth.invoke(ctx)
    except click.exceptions.Exit as stop:  # such as --help
        return stop.exit_code
    return returned if isinstance(returned, int) else EXIT_OK


def _open_streams() -> bool:
    """Make standard streams that were closed harmless; False if there is no standard output.

    A file of ours must not get the number of a closed stream: the next message would go into it.
    """
    has_output = sys.stdout is not None
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            setattr(sys, name, open(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal that cannot show a character gets its escape, not a crash.
            stream.reconfigure(errors="backslashreplace")
    return has_output


def _tell(err: BaseException) -> None:
    """Say what went wrong, each kind in its way."""
    match err:
        case HometruthError():
            print_error(err)
        case click.ClickException():
            _tell_misuse(err)
        case KeyboardInterrupt() | click.Abort():
            print_error("interrupted")
        case _ if type(err).__name__ == "PanicException" and KeyboardInterrupt.__name__ in str(err):
            print_error("interrupted")  # while a library written in Rust began
        case BrokenPipeError() | SystemExit():  # rich makes the second of the first
            pass  # nothing is wrong with us, and nobody reads on
        case ModuleNotFoundError() if lack := _lack_of(err):
            print_error(lack)
        case OSError():
            where = f"{err.filename}: " if err.filename else ""
            kept = "; what was recorded until then is kept" if err.errno in ENVIRONMENT_ERRORS else ""
            print_error(f"{where}{err.strerror or err}{kept}")
        case _:
            print_error(
                f"a defect of ours, and no result: {type(err).__name__}: {err}. Please report it; "
                "`hometruth --debug COMMAND …` shows where it happened"
            )


def _lack_of(err: ModuleNotFoundError) -> str:
    """What to install for this command; empty if the module is none that an extra brings."""
    module = (err.name or "").partition(".")[0]
    if module not in EXTRA_OF:
        return ""
    name = next((word for word in sys.argv[1:] if word in COMMANDS), "")
    return not_installed(module, f"`hometruth {name}`", EXTRA_NEEDED.get(name, ""))


def _tell_misuse(err: click.ClickException) -> None:
    """Usage, hint and message as click words them."""
    told = StringIO()
    err.show(told)
    _tell_lines(told.getvalue())


def _tell_lines(text: str) -> None:
    with suppress(OSError, ValueError):
        click.echo("\n".join(map(escape_terminal, text.splitlines())), err=True)


def _leave(code: int) -> NoReturn:
    """Exit with *code*; the interpreter's last flush must not change it where nothing can be written."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # from here on Ctrl-C ends at once, and silently
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            code = EXIT_UNABLE
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    atexit._run_exitfuncs()
    # Not sys.exit: libraries' own threads, pyarrow's for one, now and then abort the process while the
    # interpreter is taken apart, and the exit code of what was done would be lost.
    os._exit(code)
