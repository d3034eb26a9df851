"""`hometruth redact`: the public twin of a recording or a case."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from hometruth.canaries import load_canaries
from hometruth.cli import EXIT_OK
from hometruth.errors import escape_terminal
from hometruth.redact.left_out import Left
from hometruth.redact.recording import KEEPABLE, Twin, write_twin
from hometruth.report.words import count

SHOWN = 3
"""Places left out that are printed for each reason; --json has all."""


@click.command("redact")
@click.argument("source", type=click.Path(path_type=Path), metavar="RECORDING")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The file to write.")
@click.option(
    "--canaries", type=click.Path(path_type=Path), help="Your own values, to be replaced wherever they stand."
)
@click.option(
    "--keep",
    multiple=True,
    type=click.Choice(KEEPABLE),
    help="Keep answers, or bodies that nothing can look inside; they are left out otherwise.",
)
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Processes that search the twin.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
def command(
    source: Path, out: Path, canaries: Path | None, keep: tuple[str, ...], jobs: int | None, as_json: bool
) -> int:
    """Write the public twin of RECORDING (HAR or mitmproxy flows), and prove it.

    Personal values and secrets are replaced by random ones of the same shape, the same everywhere and inside
    every wrapping; no table of them is written. The twin is then searched, through every layer, for every
    form of every value removed: if one is left, nothing is written, and it exits with 2 and says where.
    """
    loaded = load_canaries(canaries) if canaries else None
    twin = write_twin(source, out, loaded, keep=keep, jobs=jobs)
    click.echo(json.dumps(_document(twin), indent=1)) if as_json else _print(twin, source, out)
    return EXIT_OK


def _print(twin: Twin, source: Path, out: Path) -> None:
    proof = twin.proof
    too_short = len(twin.removed) - len(twin.sought)
    lines = [
        f"{out}: the redacted twin of {source}",
        f"replaced: {count(len(twin.removed), 'value')}",
        f"proven: none of {len(twin.sought):,} of them is left in any form, in "
        f"{count(proof.exchanges, 'exchange')} and {proof.searched_bytes:,} bytes searched",
    ]
    if too_short:
        lines.append(
            f"not searched for: {too_short:,} replaced where they stood, too short to be told from chance"
        )
    if proof.opaque_bytes:
        lines.append(f"not looked into: {proof.opaque_bytes:,} bytes that no layer opens")
    lines += _left_out(twin.left_out)
    lines.append("Look through it before you publish it: what nobody named and no rule knows is still there.")
    for line in lines:
        click.echo(escape_terminal(line))


def _left_out(rows: Sequence[Left]) -> Iterator[str]:
    """A line for each reason, with some of the places."""
    by_why: dict[str, list[Left]] = {}
    for each in rows:
        by_why.setdefault(each.why, []).append(each)
    for why, those in by_why.items():
        places = "; ".join(each.where for each in those[:SHOWN])
        more = f"; {len(those) - SHOWN:,} more, all with --json" if len(those) > SHOWN else ""
        yield f"left out: {sum(each.size_bytes for each in those):,} bytes, {why}: {places}{more}"


def _document(twin: Twin) -> dict[str, object]:
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
