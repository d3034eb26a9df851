"""`hometruth digests`: whether hashing hides the tester's own values."""

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hometruth.cli import EXIT_FOUND, EXIT_OK, print_error
from hometruth.errors import CanaryError

if TYPE_CHECKING:
    from hometruth.identity.digests import Cost, DigestTable, KnownDigest, Sweep
    from hometruth.model import Gap

ALGORITHMS = ("md5", "sha1", "sha256")
RATE_S = 0.3
"""Seconds for which each algorithm is timed."""
NEVER_S = 4e17
"""Seconds: the age of the universe."""
Place = tuple["KnownDigest", str]


@click.command("digests")
@click.argument("where", nargs=-1, metavar="[CAPTURE-or-DIGEST]...")
@click.option(
    "--own", type=click.Path(path_type=Path), help='Your own values, TOML: imei = "...", mac = "..."'
)
@click.option("--demonstrate", is_flag=True, help="Find your own IMEI again from its digest and its model.")
@click.option(
    "--algorithm", type=click.Choice(ALGORITHMS), default="md5", help="For --demonstrate.  [default: md5]"
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
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
        DigestTable,
        costs,
        load_own_values,
        measure_rate,
        sweep_serials,
    )

    if where and own is None:
        raise click.UsageError("--own FILE says whose digests to look for.")
    values = load_own_values(own) if own else ()
    places: Counter[Place] = Counter()
    gaps: list[Gap] = []
    table = DigestTable(values)
    for place in where:
        gaps += _look(place, table, places)
    sweep = sweep_serials(_imei(values), algorithm) if demonstrate else None
    stranger = costs({name: measure_rate(name, RATE_S) for name in ALGORITHMS})
    if as_json:
        click.echo(json.dumps(_document(places, gaps, stranger, sweep), indent=1))
    else:
        _print(places, gaps, stranger, sweep, looked=bool(where))
    return EXIT_FOUND if places else EXIT_OK


def _look(place: str, table: "DigestTable", places: Counter[Place]) -> list["Gap"]:
    """Count the digests at one place: a capture if there is such a file, else a digest as text."""
    if not Path(place).exists():
        found = table.find(place.encode("utf-8", "surrogateescape"))
        places.update((known, "the digest given") for known in found)
        return []
    from hometruth.audit.own_digests import digests_in  # noqa: PLC0415
    from hometruth.model import Gap  # noqa: PLC0415

    gaps = []
    for item in digests_in(Path(place), table):
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
    text: str = click.prompt("Your own IMEI (*#06#; it is not shown and not kept)", hide_input=True)
    return text


def _document(
    places: Counter[Place], gaps: list["Gap"], stranger: tuple["Cost", ...], sweep: "Sweep | None"
) -> dict[str, object]:
    return {
        "found": [
            {**asdict(known), "where": where, "times": n} for (known, where), n in places.most_common()
        ],
        "gaps": [{"kind": str(gap.kind), "where": gap.where, "detail": gap.detail} for gap in gaps],
        "stranger": [
            {
                "kind": cost.space.kind,
                "what": cost.space.what,
                "guesses": cost.space.guesses,
                "algorithm": cost.algorithm,
                "here_s": cost.here_s,
                "gpu_s": cost.gpu_s,
            }
            for cost in stranger
        ],
        "demonstration": asdict(sweep) if sweep else None,
    }


def _print(
    places: Counter[Place],
    gaps: list["Gap"],
    stranger: tuple["Cost", ...],
    sweep: "Sweep | None",
    *,
    looked: bool,
) -> None:
    from hometruth.identity.digests.cost import GPU_SOURCE  # noqa: PLC0415
    from hometruth.report.text import escape_terminal  # noqa: PLC0415

    for (known, where), times in places.most_common():
        click.echo(
            f"{escape_terminal(where)}: this is your {known.kind}, {known.algorithm} of it "
            f"({known.spelling}), {times} x"
        )
    if looked and not places:
        click.echo(
            "No digest of your values was found. Other spellings, and secret salts, would not be seen."
        )
    if gaps:
        print_error(f"not looked into: {len(gaps)} places; --json lists them")
    if sweep:
        click.echo(
            f"Demonstration: your IMEI was found again from its {sweep.algorithm} and the 8 public digits "
            "of your phone's "
            f"model, after {sweep.tried_until_found:,} of {sweep.tried:,} guesses; all of them took "
            f"{sweep.seconds:.1f} s on one core."
        )
    click.echo(
        "What finding a value from its digest costs a stranger (all guesses; half of that on average):"
    )
    click.echo(f"  {'value':<56} {'digest':<7} {'one core here':>16} {'one graphics card':>18}")
    for cost in stranger:
        click.echo(
            f"  {cost.space.what:<56} {cost.algorithm:<7} {duration(cost.here_s):>16} "
            f"{duration(cost.gpu_s):>18}"
        )
    click.echo(
        "  e-mail addresses are a list, not a space: those that leaked elsewhere are tried, a million a "
        "second"
    )
    click.echo(
        f"  Graphics card: {GPU_SOURCE}. A salt shipped in the app stops nobody; a secret one not its owner."
    )
    click.echo(
        "  A digest that is never reversed is still one number per person (WP216: pseudonymous, not "
        "anonymous)."
    )


def duration(seconds: float) -> str:
    """Seconds in the unit a person would use."""
    units = (
        ("years", 31_557_600.0),
        ("days", 86_400.0),
        ("h", 3_600.0),
        ("min", 60.0),
        ("s", 1.0),
        ("ms", 1e-3),
    )
    if seconds > NEVER_S:
        return "never"
    for name, size in units:
        if seconds >= size:
            amount = seconds / size
            return f"{amount:,.0f} {name}" if amount >= 10 else f"{amount:.1f} {name}"
    return f"{seconds * 1e6:.1f} µs"
