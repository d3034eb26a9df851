"""`hometruth judge CASE`: judge a case again from its raw traffic."""

from pathlib import Path

import click
from rich.console import Console

from hometruth.case import differences, has_manifest
from hometruth.cli import EXIT_UNABLE, print_error
from hometruth.cli.run_command import exit_code
from hometruth.errors import CaseError, ClaimError
from hometruth.model import Audit, Verdict
from hometruth.report import print_claims, print_explanations, verdicts_text
from hometruth.run import rejudge


@click.command("judge")
@click.argument("case", type=click.Path(path_type=Path))
@click.option("--explain", metavar="CLAIM", help="Explain the verdicts on one claim or proposition instead.")
@click.option("--altered", is_flag=True, help="Look at a case that was changed after its run; exits with 2.")
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def command(case: Path, explain: str | None, altered: bool, as_json: bool, quiet: bool) -> int:
    """Judge CASE again from its raw traffic and compare with the verdicts it holds, byte for byte.

    Exits with 1 if a claim is contradicted, with 2 if the verdicts are not reproduced or the recording is not
    the one that the run left behind.
    """
    result = rejudge(case, altered=altered)
    text = verdicts_text(result)
    if explain is not None:
        print_explanations(_asked_for(result, explain), case, Console(quiet=quiet))
    elif as_json:
        click.echo(text, nl=False)
    else:
        print_claims(result, Console(quiet=quiet))
    if altered and (told := differences(case)):
        print_error(f"{case}: not as its run left it: {'; '.join(told)}")
        return EXIT_UNABLE
    if not has_manifest(case):
        print_error(
            f"{case} has no MANIFEST.json (its run did not end, or the file was removed): "
            "whether its recording is whole cannot be told"
        )
    held = case / "verdicts.json"
    if not held.is_file():
        print_error(f"{case} holds no verdicts.json to compare with (its run did not end)")
    elif held.read_text("utf-8") != text:
        raise CaseError(f"{held}: the raw traffic does not give these verdicts; compare with `--json`")
    elif not quiet:
        print_error("the verdicts in the case are reproduced byte for byte")
    return exit_code(result)


def _asked_for(audit: Audit, name: str) -> list[Verdict]:
    """The verdicts on each whole proposition of a claim, or on every condition of one proposition."""
    claim = [row for row in audit.verdicts if row.claim == name and not row.condition.levels]
    rows = claim or [row for row in audit.verdicts if row.proposition == name]
    if not rows:
        known = ", ".join(dict.fromkeys(row.claim for row in audit.verdicts))
        raise ClaimError(
            f"--explain {name}: no claim or proposition of that name was judged (claims: {known})"
        )
    return rows
