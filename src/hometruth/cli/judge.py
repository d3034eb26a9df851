"""`hometruth judge CASE`: judge a case again from its raw traffic."""

from contextlib import nullcontext
from pathlib import Path

import click
from rich.console import Console

from hometruth.case import Verified, all_differences, has_manifest, open_case, verify
from hometruth.case_audit import rejudge
from hometruth.cli import EXIT_FOUND, EXIT_OK, EXIT_UNABLE, print_error
from hometruth.cli.options import all_option
from hometruth.cli.progress import working
from hometruth.errors import CaseError, ClaimError, escape_terminal
from hometruth.handed_in import read_handed_in
from hometruth.model import Audit, Verdict, VerdictKind
from hometruth.report import print_claims, print_explanations, print_first_screen, verdicts_text

MAX_VERDICTS_BYTES = 1 << 30
"""Of verdicts.json: the demo's has 2 MB."""


@click.command("judge")
@click.argument("case", type=click.Path(path_type=Path))
@click.option("--explain", metavar="CLAIM", help="Explain the verdicts on one claim or proposition instead.")
@all_option
@click.option("--altered", is_flag=True, help="Look at a case that was changed after its run; exits with 2.")
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def command(
    case: Path, explain: str | None, everything: bool, altered: bool, as_json: bool, quiet: bool
) -> int:
    """Judge CASE again from its raw traffic and compare with the verdicts it holds, byte for byte.

    Exits with 1 if a claim is contradicted; with 2 if the verdicts are not reproduced, if anything in the
    case is not as its run left it, or if that cannot be told since its run did not end.
    """
    with nullcontext() if quiet else working(f"judging {case} again"):
        result = rejudge(case, altered=altered)
    text = verdicts_text(result)
    held = open_case(case)
    if explain is not None:
        print_explanations(_asked_for(result, explain), held.folder, Console(quiet=quiet))
    elif as_json:
        click.echo(text.encode("utf-8"), nl=False)  # JSON is UTF-8 (RFC 8259) whatever the terminal reads
    else:
        show_audit(result, case, held.report, everything=everything, quiet=quiet)
    if not has_manifest(held.folder):
        print_error(
            f"{case}: incomplete: it has no MANIFEST.json (its run did not end, or the file was removed). "
            "Whether its recording is whole cannot be told, and nothing was compared"
        )
        return EXIT_UNABLE
    if told := all_differences(held.folder).values():
        print_error(f"{case}: not as its run left it: {'; '.join(told)}")
        return EXIT_UNABLE
    verified = verify(case) if held.is_bag else Verified("")
    if verified.broken:
        print_error(f"{case}: not as its run left it: {verified.broken}")
        return EXIT_UNABLE
    _compare(held.verdicts, text)
    if (twin_of := held.facts().get("redacted_twin_of")) and not quiet:
        print_error(f"redacted twin of the case {twin_of}: made afterwards, and no evidence of its own")
    if not quiet:
        signed = f"by the key {verified.signer}" if verified.signer else "by nobody"
        print_error(
            "verdicts.json is reproduced byte for byte; the other files are as their manifest lists them, "
            f"which is signed {signed}"
        )
    return exit_code(result)


def exit_code(audit: Audit) -> int:
    """1 if any verdict is CONTRADICTED, else 0."""
    contradicted = any(verdict.verdict is VerdictKind.CONTRADICTED for verdict in audit.verdicts)
    return EXIT_FOUND if contradicted else EXIT_OK


def show_audit(audit: Audit, folder: Path, report: Path, *, everything: bool, quiet: bool) -> None:
    """One screen, or every verdict, and where everything is."""
    console = Console(quiet=quiet)
    if not everything:
        print_first_screen(audit, console, case=folder, report=report)
        return
    print_claims(audit, console)
    for told in (f"case    {folder}", f"report  {report}"):
        console.print(escape_terminal(told), soft_wrap=True, highlight=False, markup=False)


def _compare(held: Path, text: str) -> None:
    if not held.is_file():
        raise CaseError(f"{held}: is missing, and the manifest does not list it: nothing to compare with")
    if read_handed_in(held, CaseError, limit_bytes=MAX_VERDICTS_BYTES) != text.encode("utf-8"):
        raise CaseError(f"{held}: the raw traffic does not give these verdicts; compare with `--json`")


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
