"""`hometruth judge CASE`: judge a case again from its raw traffic."""

import json
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

import click
from rich.console import Console

from hometruth.audit.case_audit import rejudge
from hometruth.case import Verified, all_differences, has_manifest, open_case, verify
from hometruth.cli import EXIT_FOUND, EXIT_OK, EXIT_UNABLE, print_error
from hometruth.cli.options import all_option
from hometruth.cli.progress import working
from hometruth.errors import CaseError, ClaimError, escape_terminal
from hometruth.handed_in import read_handed_in
from hometruth.model import Audit, Verdict, VerdictKind
from hometruth.report import print_claims, print_explanations, print_first_screen, verdicts_text
from hometruth.report.verdicts_json import FORMAT

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
        print_explanations(_asked_for(result, explain), result.subject, held.folder, Console(quiet=quiet))
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
    is_same = _compare(held.verdicts, text)
    if (twin_of := held.facts().get("redacted_twin_of")) and not quiet:
        print_error(f"redacted twin of the case {twin_of}: made afterwards, and no evidence of its own")
    if not quiet:
        signed = f"by the key {verified.signer}" if verified.signer else "by nobody"
        how = (
            "is reproduced byte for byte"
            if is_same
            else "is of an older format, and says the same by claim, word, bound and kind of reason"
        )
        print_error(
            f"verdicts.json {how}; the other files are as their manifest lists them, which is signed {signed}"
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


def _compare(held: Path, text: str) -> bool:
    """True if the verdicts held are these byte for byte; false if an older format says the same.

    Raises:
        CaseError: They are missing, or others; it names those that changed.
    """
    if not held.is_file():
        raise CaseError(f"{held}: is missing, and the manifest does not list it: nothing to compare with")
    data = read_handed_in(held, CaseError, limit_bytes=MAX_VERDICTS_BYTES)
    if data == text.encode("utf-8"):
        return True
    problem = f"{held}: the raw traffic does not give these verdicts"
    try:
        before, now = _told_by(data), _told_by(text.encode("utf-8"))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as err:
        raise CaseError(f"{problem}: they are no list of verdicts; compare with `--json`") from err
    changed = [name for name in before.keys() | now.keys() if not _agree(before.get(name), now.get(name))]
    if changed:
        first = min(changed)
        then, since = (_in_words(each.get(first)) for each in (before, now))
        more = f", and {len(changed) - 1} others" if len(changed) > 1 else ""
        raise CaseError(f"{problem}: {first}: {then} held, {since} now{more}; compare with `--json`")
    if all(each.format < FORMAT for each in before.values()):
        return False
    raise CaseError(
        f"{held}: verdicts, bounds and kinds of reasons are those of the traffic, and the wording is not: "
        "another state of Hometruth wrote it, or somebody edited it; compare with `--json`"
    )


class _Told(NamedTuple):
    """What of a verdict outlasts its wording."""

    format: int
    verdict: str
    bound_percent: float | None
    reasons: tuple[str, ...] | None
    """Their kinds; None in a format that has none."""


def _told_by(data: bytes) -> dict[str, _Told]:
    told = {}
    for row in json.loads(data):
        condition = (
            ", ".join(f"{factor}={level}" for factor, level in row["condition"].items()) or "as a whole"
        )
        reasons = tuple(sorted(each["kind"] for each in row["reasons"])) if "reasons" in row else None
        told[f"{row['proposition']} ({row['reading']}, {condition})"] = _Told(
            int(row.get("format", 1)), str(row["verdict"]), row["bound_percent"], reasons
        )
    return told


def _agree(before: _Told | None, now: _Told | None) -> bool:
    if before is None or now is None:
        return False
    same = before.verdict == now.verdict and before.bound_percent == now.bound_percent
    return same and (before.reasons is None or before.reasons == now.reasons)


def _in_words(told: _Told | None) -> str:
    if told is None:
        return "nothing"
    bound = "" if told.bound_percent is None else f", at most {told.bound_percent} %"
    return f"{told.verdict}{bound} ({', '.join(told.reasons or ()) or 'no kinds of reasons'})"


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
