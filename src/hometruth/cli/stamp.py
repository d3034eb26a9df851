"""`hometruth stamp CASE`: ask a time-stamping authority, and keep what it answered beside the seal."""

from pathlib import Path

import click

from hometruth.case import attach_time_stamp, check_outside, time_stamp_request, verify
from hometruth.cli import EXIT_OK
from hometruth.cli.verify import when_told
from hometruth.errors import CaseError, escape_terminal
from hometruth.private_file import write_new


@click.command("stamp")
@click.argument("case", type=click.Path(path_type=Path))
@click.option("--request", type=click.Path(path_type=Path), metavar="FILE.tsq", help="Request file to make.")
@click.option("--token", type=click.Path(path_type=Path), metavar="FILE.tsr", help="Its answer, to be kept.")
def command(case: Path, request: Path | None, token: Path | None) -> int:
    """Have a time-stamping authority (RFC 3161) say that the signature of CASE exists; no network is used.

    With --request write what to send to one: a hash of the signature, and nothing of the case. With --token
    add what it answered. The sealed bag stays as it is, and no time stamp is ever overwritten.
    """
    if (request is None) is (token is None):
        raise click.UsageError("give either --request, to ask, or --token, to keep the answer")
    if broken := verify(case).broken:
        raise CaseError(f"{case}: {broken}; a broken case is not stamped")
    if request:
        check_outside(case, request)
        write_new(request, time_stamp_request(case))
        click.echo(escape_terminal(f"request {request}"))
    elif token:
        for line in when_told(attach_time_stamp(case, token)):
            click.echo(escape_terminal(line))
    return EXIT_OK
