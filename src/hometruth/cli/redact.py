"""`hometruth redact`: the public twin of a recording or a case."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hometruth.audit.redact.left_out import Left
from hometruth.audit.redact.prove import Searched
from hometruth.audit.redact.recording import KEEPABLE, Twin, write_twin
from hometruth.canaries import load_canaries
from hometruth.cli import EXIT_OK
from hometruth.cli.options import RecordingPath, quiet_option
from hometruth.errors import escape_terminal
from hometruth.report.words import count

if TYPE_CHECKING:
    from hometruth.audit.redact.case import CaseTwin
    from hometruth.model.outputs import TwinJson

SHOWN = 3
"""Places left out that are printed for each reason; --json has all."""


@click.command("redact")
@click.argument("source", type=RecordingPath(path_type=Path), metavar="RECORDING|CASE")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The file or folder to make.")
@click.option(
    "--canaries",
    type=click.Path(path_type=Path),
    help="Of a recording: your own values, to be replaced wherever they stand. A case has its own.",
)
@click.option(
    "--keep",
    multiple=True,
    type=click.Choice(KEEPABLE),
    help="Keep answers, or bodies that nothing can look inside; they are left out otherwise.",
)
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Processes that search the twin.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@quiet_option
def command(
    source: Path, out: Path, canaries: Path | None, keep: tuple[str, ...], jobs: int | None, as_json: bool
) -> int:
    """Make the public twin of RECORDING (HAR or mitmproxy flows) or CASE, and prove it.

    Personal values and secrets are replaced by random ones of the same shape, the same everywhere and inside
    every wrapping; no table of them is written. The twin is then searched, through every layer, for every
    form of every value removed: if one is left, nothing is written, and it exits with 2 and says where.

    The twin of a case is a case: `judge` judges it. It is made outside the sealed case, which stays as it is.
    """
    if source.is_dir():
        if canaries:
            raise click.UsageError("--canaries is for recordings: a case knows what was planted.")
        # Imported late: a recording needs nothing that judges.
        from hometruth.audit.redact.case import as_json as told_of  # noqa: PLC0415
        from hometruth.audit.redact.case import redact_case  # noqa: PLC0415

        made = redact_case(source, out, keep=keep, jobs=jobs)
        document: TwinJson = told_of(made)
        lines = [f"{out}: the redacted twin of {source} ({made.of})", *_lines(made, made.searched)]
        lines += _verdicts(made)
    else:
        loaded = load_canaries(canaries) if canaries else None
        twin = write_twin(source, out, loaded, keep=keep, jobs=jobs)
        document = _document(twin)
        lines = [f"{out}: the redacted twin of {source}", *_lines(twin, twin.proof)]
    lines.append("Look through it before you publish it: what nobody named and no rule knows is still there.")
    for line in [json.dumps(document, indent=1)] if as_json else map(escape_terminal, lines):
        click.echo(line)
    return EXIT_OK


def _lines(twin: "Twin | CaseTwin", searched: Searched) -> Iterator[str]:
    yield f"replaced: {count(len(twin.removed), 'value')}"
    yield (
        f"proven: none of {len(twin.sought):,} of them is left in any form, in "
        f"{count(searched.exchanges, 'exchange')} and {searched.searched_bytes:,} bytes searched"
    )
    if too_short := len(twin.removed) - len(twin.sought):
        yield f"not searched for: {too_short:,} replaced where they stood, too short to be told from chance"
    if searched.opaque_bytes:
        yield f"not looked into: {searched.opaque_bytes:,} bytes that no layer opens"
    yield from _left_out(twin.left_out)


def _verdicts(twin: "CaseTwin") -> Iterator[str]:
    """What the twin can still be judged for."""
    same = twin.verdicts - len(twin.changed)
    yield f"verdicts: {same:,} of {twin.verdicts:,} come out of the twin as of the case"
    kinds = Counter((each.in_case, each.in_twin) for each in twin.changed)
    for (was, now), times in kinds.most_common():
        yield f"verdicts: {times:,} that are {was} in the case are {now} in the twin, which holds less"


def _left_out(rows: Sequence[Left]) -> Iterator[str]:
    """A line for each reason, with some of the places."""
    by_why: dict[str, list[Left]] = {}
    for each in rows:
        by_why.setdefault(each.why, []).append(each)
    for why, those in by_why.items():
        places = "; ".join(each.where for each in those[:SHOWN])
        more = f"; {len(those) - SHOWN:,} more, all with --json" if len(those) > SHOWN else ""
        yield f"left out: {sum(each.size_bytes for each in those):,} bytes, {why}: {places}{more}"


def _document(twin: Twin) -> "TwinJson":
    return {
        "replaced": len(twin.removed),
        "sought": len(twin.sought),
        "exchanges": twin.proof.exchanges,
        "searched_bytes": twin.proof.searched_bytes,
        "opaque_bytes": twin.proof.opaque_bytes,
        "left_out": [
            {"where": each.where, "why": each.why, "size_bytes": each.size_bytes} for each in twin.left_out
        ],
    }
