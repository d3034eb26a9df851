"""`hometruth letter CASE`: a letter about a case, to be edited and sent."""

from pathlib import Path

import click

from hometruth.case import TimeStamp, check_outside, open_case, verify
from hometruth.case.bag import TAG_MANIFEST
from hometruth.case.manifest import NAME, sha256_of
from hometruth.cli import EXIT_OK
from hometruth.cli.options import reveal_option
from hometruth.cli.report import intact_audit
from hometruth.errors import HometruthError
from hometruth.private_file import write_new
from hometruth.report import LETTERS_TO, CaseFacts, letter_html, letter_text, write_pdf


@click.command("letter")
@click.argument("case", type=click.Path(path_type=Path))
@click.option("--to", "to", required=True, type=click.Choice(LETTERS_TO), help="Whom it is for.")
@click.option("--out", type=click.Path(path_type=Path), help="Markdown file to make. [default: print it]")
@click.option("--pdf", is_flag=True, help="Print it as well, beside the file (needs Chromium).")
@reveal_option
def command(case: Path, to: str, out: Path | None, pdf: bool, reveal: bool) -> int:
    """Judge CASE again and fill in a letter about it: what was tested, found, how, and what that leaves open.

    It states facts and draws no legal conclusion; what stands in [brackets] is yours to fill in. It is
    written outside the sealed case.

    Exits with 2 if the case was changed, or something would be overwritten.
    """
    if pdf and out is None:
        raise HometruthError("--pdf: say with --out where the letter goes; the PDF goes beside it")
    printed = out.with_suffix(".pdf") if out and pdf else None
    check_outside(case, out, printed)
    text = letter_text(intact_audit(case), case_facts(case), to=to, reveal=reveal)
    if out is None:
        click.echo(text, nl=False)
        return EXIT_OK
    write_new(out, text.encode())
    click.echo(f"letter  {click.format_filename(out)}")
    if printed:
        write_pdf(letter_html(text, title=f"Letter: {to}"), printed)
        click.echo(f"paper   {click.format_filename(printed)}")
    return EXIT_OK


def case_facts(case: Path) -> CaseFacts:
    """What a letter says of the case as a thing."""
    held = open_case(case)
    sealed_at, sealed_sha256 = held.sealed()
    closed = held.is_bag and (held.root / TAG_MANIFEST).is_file()
    manifest = held.root / TAG_MANIFEST if closed else held.folder / NAME
    facts = held.facts()
    found = verify(case) if closed else None
    return CaseFacts(
        name=held.root.resolve().name,
        sealed_at=sealed_at,
        sealed_sha256=sealed_sha256,
        manifest=manifest.name,
        manifest_sha256=sha256_of(manifest) if manifest.is_file() else "",
        signer=found.signer if found else "",
        stamp=_stamp_told(found.stamp) if found and found.stamp else "",
        tools=tuple((name, facts[name]) for name in ("hometruth", "mitmproxy", "python") if name in facts),
        labelled=held.recordings.is_dir(),
    )


def _stamp_told(stamp: TimeStamp) -> str:
    """Nobody has named an authority yet: whoever gets the letter can."""
    who = f"{stamp.at}, by the certificate with SHA-256 {stamp.authority}" if stamp.at else "not looked at"
    return f"{who}; hometruth verify CASE --tsa-cert FILE tells whether it is by an authority that you know"
