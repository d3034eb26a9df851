"""The command line: one file per command, each of which parses, calls, renders and exits.

Commands are imported only when used, so that `scan` of a small file does not pay for the recorder.
"""

import errno
import os
import sys
from importlib import import_module
from io import TextIOWrapper

import click

from hometruth.errors import HometruthError

EXIT_OK = 0
EXIT_FOUND = 1
"""Something was found, or a claim is contradicted."""
EXIT_UNABLE = 2
"""It could not be done; standard error says why."""

ENVIRONMENT_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EMFILE})
"""Failures of the machine, not of ours: full or read-only disk, no permission, too many open files."""

COMMANDS = {
    "demo": "Audit a simulated phone end to end, and show the verdicts.",
    "scan": "Find canaries in recordings.",
    "peel": "Show the layers of one value.",
    "plant": "Mint canaries.",
    "record": "Record what your own device or browser sends.",
    "watch": "Watch what is done on a phone, and what leaves it.",
    "run": "Run an experiment plan.",
    "judge": "Judge a case again from its raw traffic.",
    "compare": "Show what changed between two cases, or two settings of one.",
    "claims": "Check files of claims.",
    "identify": "Find what names a device or person, and what it joins.",
    "unicity": "Measure how few points single a person out.",
    "relink": "Measure how often nameless traces can be put back.",
    "metadata": "Measure how alone attributes leave a person.",
    "digests": "Look for digests of your own values.",
    "lab": "Run the simulated system: phone, SDK, collector.",
}
"""Command name to one-line help; the module `hometruth.cli.NAME_command` holds ``command``."""


class _Commands(click.Group):
    """A click group that imports a command's module when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        command = import_module(f"hometruth.cli.{cmd_name}_command").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="hometruth", prog_name="hometruth")
def hometruth() -> None:
    """Find out what a phone, an app or a browser says when it phones home, and prove it.

    Exit codes: 0 nothing contradicted or found, 1 something is, 2 could not do it.
    """


def main() -> None:
    """Entry point: errors of ours become one clear message and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal that cannot show a character gets its escape, not a crash.
            stream.reconfigure(errors="backslashreplace")
    try:
        code = hometruth.main(standalone_mode=False)
    except HometruthError as err:
        click.echo(f"hometruth: {err}", err=True)
        sys.exit(EXIT_UNABLE)
    except click.ClickException as err:
        err.show()
        sys.exit(EXIT_UNABLE)
    except (click.Abort, KeyboardInterrupt):
        click.echo("hometruth: interrupted", err=True)
        sys.exit(EXIT_UNABLE)
    except BrokenPipeError:
        # The reader of a pipe went away (`hometruth scan ... | head`); nothing is wrong with us. Point stdout
        # elsewhere so that the interpreter's own flush at exit does not raise again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(EXIT_UNABLE)
    except OSError as err:
        if err.errno not in ENVIRONMENT_ERRORS:
            raise
        where = f"{err.filename}: " if err.filename else ""
        click.echo(f"hometruth: {where}{err.strerror}; what was recorded until then is kept", err=True)
        sys.exit(EXIT_UNABLE)
    sys.exit(code if isinstance(code, int) else EXIT_OK)
