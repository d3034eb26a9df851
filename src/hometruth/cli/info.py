"""`hometruth info`: what recordings hold, and what they cannot hold."""

import json
from pathlib import Path

import click

from hometruth.audit.info import describe
from hometruth.audit.scan import captures_of
from hometruth.cli import EXIT_OK, EXIT_UNABLE, print_error
from hometruth.cli.options import budget_option, keys_option, quiet_option
from hometruth.errors import CaptureError
from hometruth.model import Budget, Gap
from hometruth.report.info_text import print_info


@click.command("info")
@click.argument("captures", nargs=-1, required=True, type=click.Path(), metavar="CAPTURE...")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a recording, one a line.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Processes that look into it.")
@budget_option
@keys_option
@quiet_option
def command(
    captures: tuple[str, ...], as_json: bool, jobs: int | None, budget: Budget, keys: Path | None
) -> int:
    """Say what recordings hold: who made them, when, requests, hosts, bodies, names, and what is missing.

    Read it before you believe that something was not sent: a recorder that leaves out cookies, bodies or
    WebSockets says nothing by their absence. It exits with 0, or 2 if a recording cannot be read.
    """
    unreadable = 0
    for capture in captures_of(captures):
        if isinstance(capture, Gap):
            print_error(f"{capture.where}: {capture.detail}")
            continue
        try:
            info = describe(capture, keys=keys, budget=budget, jobs=jobs)
        except CaptureError as err:
            unreadable += 1
            print_error(err)
            continue
        if as_json:
            click.echo(json.dumps(info.as_json()))
        else:
            print_info(info)
    return EXIT_UNABLE if unreadable else EXIT_OK
