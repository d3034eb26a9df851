"""`hometruth identify`: what names the device or the person, and what it joins."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hometruth.audit.identify import PROMISED_DAYS
from hometruth.cli import EXIT_FOUND, EXIT_OK
from hometruth.cli.options import RecordingPath, keep_what_is_read, keys_option, quiet_option, write_picture
from hometruth.cli.progress import working
from hometruth.report.words import count

if TYPE_CHECKING:
    from hometruth.model import Canary
    from hometruth.model.identified import Identified


@click.command("identify")
@click.argument(
    "recordings",
    nargs=-1,
    required=True,
    type=RecordingPath(),
    metavar="[DEVICE:PHASE=]CAPTURE|LABELS.toml|CASE...",
)
@click.option("--twins", is_flag=True, help="The devices are clean ones of the same image, used alike.")
@click.option(
    "--installations", is_flag=True, help="They are installations, or profiles, on one device, used alike."
)
@click.option(
    "--own", type=click.Path(path_type=Path), help="Your own identifiers, to be recognised: a canary file."
)
@click.option(
    "--planted", type=click.Path(path_type=Path), help="What you typed or planted: never an identifier."
)
@click.option(
    "--promised-days",
    type=click.FloatRange(min=0, min_open=True),
    default=PROMISED_DAYS,
    metavar="N",
    help="Lifetime to hold recordings with days against.  [default: 90]",
)
@click.option(
    "--svg", type=click.Path(path_type=Path, dir_okay=False), help="Draw what is joined, as a picture."
)
@keys_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--reveal", is_flag=True, help="Show values instead of masking them.")
@quiet_option
def command(  # noqa: PLR0913, PLR0917 - one argument an option
    recordings: tuple[str, ...],
    twins: bool,
    installations: bool,
    own: Path | None,
    planted: Path | None,
    promised_days: float,
    svg: Path | None,
    keys: Path | None,
    as_json: bool,
    reveal: bool,
) -> int:
    """Find identifiers without being told their names, how long they live, and what they join.

    Say of each recording which device it is of and what was done before it, in the order of doing:
    a:base=FILE a:restart=FILE b:base=FILE ... A recording with a day of the device's clock: a:clock@30=FILE.
    Phases: base, idle, restart, incognito, clear-data, reinstall, reinstall-all, ad-id-reset, clock,
    clock-gap, sign-in, sign-out, factory-reset. Or list them in a TOML file, or name a case folder.
    Recordings without a label, those of a folder too, are of one device.

    Two twins tell for sure. One recording alone cannot tell an identifier from what is built into the
    software: such codes are listed as undecided, unless a public document tells. Exits with 1 if any is found
    or undecided, 0 if none, 2 if it could not be done.
    """
    from hometruth.audit.identify_recordings import is_case, read_case, read_recordings  # noqa: PLC0415
    from hometruth.report.identified import identified_text, shown  # noqa: PLC0415
    from hometruth.report.identified_json import identified_json  # noqa: PLC0415
    from hometruth.report.picture import picture  # noqa: PLC0415

    if twins and installations:
        raise click.UsageError("--twins and --installations exclude each other.")
    keep_what_is_read([svg], [*recordings, own, planted, keys])
    canaries = [*_load(own, personal=True), *_load(planted, personal=False)]
    if len(recordings) == 1 and is_case(Path(recordings[0])):
        if twins or installations:
            raise click.UsageError(
                "--twins and --installations are for labelled recordings: a case says what was compared."
            )
        with working(f"looking for identifiers in {recordings[0]}"):
            found = read_case(Path(recordings[0]), canaries, promised_days=promised_days)
    else:
        with working(f"looking for identifiers in {count(len(recordings), 'recording')}"):
            found = read_recordings(
                recordings,
                canaries,
                twins=twins,
                installations=installations,
                promised_days=promised_days,
                keys=keys,
            )
    show = shown(reveal=reveal)
    if svg:
        drawing = picture(
            found.sessions,
            found.codes,
            found.joined,
            show,
            ties=found.open_ties,
            title="What the receivers can join",
        )
        write_picture(svg, drawing)
    click.echo(identified_json(found, show) if as_json else identified_text(found, show))
    return _exit_code(found)


def _load(path: Path | None, *, personal: bool) -> "Iterable[Canary]":
    if path is None:
        return ()
    from hometruth.canaries import load_canaries  # noqa: PLC0415

    return [replace(canary, personal=personal) for canary in load_canaries(path).canaries]


def _exit_code(found: "Identified") -> int:
    is_open = any(group[0].is_open for group in found.undecided)
    return EXIT_FOUND if found.codes or is_open else EXIT_OK
