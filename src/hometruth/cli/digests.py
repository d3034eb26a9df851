"""`hometruth digests`: whether hashing hides the tester's own values."""

from collections import Counter
from glob import has_magic
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hometruth.cli import EXIT_FOUND, EXIT_OK, print_error
from hometruth.cli.options import RecordingPath, quiet_option
from hometruth.errors import CanaryError
from hometruth.model.reidentification import KnownDigest, OwnDigests
from hometruth.report.own_digests import own_digests_json, own_digests_text

if TYPE_CHECKING:
    from hometruth.identity.digests import OwnDigestTable
    from hometruth.model import Gap

ALGORITHMS = ("md5", "sha1", "sha256")
RATE_S = 0.3
"""Seconds for which each algorithm is timed."""


@click.command("digests")
@click.argument("where", nargs=-1, type=RecordingPath(), metavar="[CAPTURE-or-DIGEST]...")
@click.option(
    "--own", type=click.Path(path_type=Path), help='Your own values, TOML: imei = "...", mac = "..."'
)
@click.option("--demonstrate", is_flag=True, help="Find your own IMEI again from its digest and its model.")
@click.option(
    "--algorithm", type=click.Choice(ALGORITHMS), default="md5", help="For --demonstrate.  [default: md5]"
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@quiet_option
def command(
    where: tuple[str, ...], own: Path | None, demonstrate: bool, algorithm: str, as_json: bool
) -> int:
    """Look for digests of your own values, and say what finding them costs a stranger.

    Your IMEI, MAC and e-mail addresses, phone number and Android ID are digested in their usual spellings and
    looked up in captures, or among digests given. Nothing is guessed, and values are never printed.
    --demonstrate tries the 10^6 serial numbers of your own phone's model; there is no way to have a digest of
    somebody else reversed.
    """
    from hometruth.identity.digests import (  # noqa: PLC0415
        OwnDigestTable,
        costs,
        load_own_values,
        measure_rate,
        sweep_serials,
    )

    if where and own is None:
        raise click.UsageError("--own FILE says whose digests to look for.")
    values = load_own_values(own) if own else ()
    places: Counter[tuple[KnownDigest, str]] = Counter()
    gaps: list[Gap] = []
    table = OwnDigestTable(values)
    for place in where:
        gaps += _look(place, table, places)
    sweep = sweep_serials(_imei(values), algorithm) if demonstrate else None
    stranger = costs({name: measure_rate(name, RATE_S) for name in ALGORITHMS})
    found = OwnDigests(dict(places.most_common()), tuple(gaps), stranger, sweep)
    if gaps and not as_json:
        print_error(f"not looked into: {len(gaps)} places; --json lists them")
    click.echo(own_digests_json(found) if as_json else own_digests_text(found, looked=bool(where)))
    return EXIT_FOUND if places else EXIT_OK


def _look(place: str, table: "OwnDigestTable", places: Counter[tuple[KnownDigest, str]]) -> list["Gap"]:
    """Count the digests at one place: captures if there are such files, else a digest as text."""
    if not Path(place).exists() and not has_magic(place):
        found = table.find(place.encode("utf-8", "surrogateescape"))
        places.update((known, "the digest given") for known in found)
        return []
    from hometruth.audit.own_digests import digests_in  # noqa: PLC0415
    from hometruth.audit.scan import captures_of  # noqa: PLC0415
    from hometruth.model import Gap  # noqa: PLC0415

    gaps = []
    for capture in captures_of([place]):
        for item in (capture,) if isinstance(capture, Gap) else digests_in(capture, table):
            if isinstance(item, Gap):
                gaps.append(item)
            else:
                places[item] += 1
    return gaps


def _imei(values: tuple[tuple[str, str], ...]) -> str:
    for kind, value in values:
        if kind == "imei":
            return value
    if values:
        raise CanaryError('--demonstrate needs your own IMEI: add imei = "..." to the file')
    text: str = click.prompt("Your own IMEI (*#06#; it is not shown and not kept)", hide_input=True, err=True)
    return text
