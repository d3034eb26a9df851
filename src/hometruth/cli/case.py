"""`hometruth case`: cases of what was recorded already."""

from pathlib import Path

import click

from hometruth.cli.case_questions import ask_labels
from hometruth.cli.judge import exit_code
from hometruth.cli.options import all_option, key_option
from hometruth.cli.run import show, signer_of
from hometruth.run import judge_recordings


@click.group("case")
def command() -> None:
    """Make cases of recordings that are there already."""


@command.command("new")
@click.argument("labels", type=click.Path(path_type=Path), required=False)
@click.option(
    "--recording",
    "recordings",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Instead of LABELS: ask about this recording, and write labels.toml beside it.",
)
@click.option(
    "--canaries", required=True, type=click.Path(path_type=Path), help="What was planted (`plant --json`)."
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Case folder to make.")
@key_option
@all_option
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def new(
    *,
    labels: Path | None,
    recordings: tuple[Path, ...],
    canaries: Path,
    out: Path,
    key: Path | None,
    everything: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Judge claims on the recordings that LABELS (TOML) describes, and leave a case behind.

    LABELS says which recording, or which part of one, was which session. Silence in such recordings clears
    nobody, since nothing was sealed before; what was sent contradicts as ever.

    Exits with 1 if a claim is contradicted.
    """
    if (labels is None) is not bool(recordings):
        raise click.UsageError("give either LABELS or one --recording or more, about which you are asked")
    try:
        labels = labels or ask_labels(recordings, canaries)
    except click.Abort as err:
        raise click.UsageError("the questions were not answered to the end; nothing was made") from err
    result = judge_recordings(labels, canaries, out, bag=True, signer=signer_of(key))
    show(result, out, everything=everything, as_json=as_json, quiet=quiet)
    return exit_code(result)
