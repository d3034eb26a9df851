"""`hometruth report CASE`: make the report of a case again, outside it."""

from datetime import UTC, datetime
from pathlib import Path

import click

from hometruth.audit.case_audit import rejudge
from hometruth.case import check_outside, open_case, verify
from hometruth.case.bag import TAG_MANIFEST
from hometruth.cli import EXIT_OK
from hometruth.cli.options import reveal_option
from hometruth.errors import CaseError
from hometruth.model import Audit
from hometruth.private_file import write_new
from hometruth.report import audit_markdown, drawn_pictures, render_html, write_pdf


@click.command("report")
@click.argument("case", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="HTML file to make.")
@click.option("--pictures", type=click.Path(path_type=Path), help="Folder to make, with every picture (SVG).")
@click.option(
    "--markdown", type=click.Path(path_type=Path), help="File to make, with the first screen in Markdown."
)
@click.option("--pdf", is_flag=True, help="Print what is open in it as well, beside it (needs Chromium).")
@reveal_option
def command(
    case: Path, out: Path, pictures: Path | None, markdown: Path | None, pdf: bool, reveal: bool
) -> int:
    """Judge CASE again and write its report outside it; the sealed case stays as it is.

    Exits with 2 if the case was changed, or something would be overwritten.
    """
    printed = out.with_suffix(".pdf") if pdf else None
    check_outside(case, out, pictures, markdown, printed)
    audit = intact_audit(case)
    html = render_html(audit, reveal=reveal, generated=datetime.now(UTC).isoformat(timespec="seconds"))
    write_new(out, html.encode())
    click.echo(f"report  {click.format_filename(out)}")
    if markdown:
        write_new(markdown, audit_markdown(audit, reveal=reveal).encode())
        click.echo(f"summary  {click.format_filename(markdown)}")
    if pictures:
        pictures.mkdir(mode=0o700)
        for picture in drawn_pictures(audit, reveal=reveal):
            write_new(pictures / f"{picture.name}.svg", picture.svg.encode())
        click.echo(f"pictures  {click.format_filename(pictures)}")
    if printed:
        write_pdf(html, printed)
        click.echo(f"paper   {click.format_filename(printed)}")
    return EXIT_OK


def intact_audit(case: Path) -> Audit:
    """The audit of a case that nobody changed.

    Raises:
        CaseError: If something is broken; the first broken thing is named.
    """
    held = open_case(case)
    if held.is_bag and (held.root / TAG_MANIFEST).exists() and (broken := verify(case).broken):
        raise CaseError(f"{case}: not as its run left it: {broken}")
    return rejudge(case)
