"""`hometruth fleet`: the same scan over a crawl."""

import json
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from hometruth.audit.crew import cores
from hometruth.audit.fleet import Fleet, Limits, LocalWorkers, RayWorkers, inputs_of, run_fleet
from hometruth.audit.scanner import Scanner
from hometruth.canaries import load_canaries
from hometruth.cli import EXIT_FOUND, EXIT_OK, EXIT_UNABLE, print_error
from hometruth.model import FleetTotals, Standing
from hometruth.report.fleet_text import print_fleet


@click.command("fleet")
@click.argument("inputs", nargs=-1, required=True, type=click.Path(), metavar="INPUT...")
@click.option("--canaries", required=True, type=click.Path(path_type=Path), help="Values to look for.")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="Folder of the tables; given again, what is done in it is skipped.",
)
@click.option("--sample", default=1.0, type=click.FloatRange(0, 1, min_open=True), help="Share of the files.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Workers; as many as cores by default.")
@click.option("--timeout", default=600.0, type=click.FloatRange(min=1), help="Seconds for one recording.")
@click.option(
    "--worker-memory", default=4096, type=click.IntRange(min=512), help="MiB of addresses for one worker."
)
@click.option("--ray", is_flag=True, help="Run on Ray Data (extra `fleet`).")
@click.option("--ray-address", default="", metavar="ADDRESS", help="A running Ray cluster; means --ray.")
@click.option("--json", "as_json", is_flag=True, help="Print what it comes to as one JSON document.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def command(  # noqa: PLR0913, PLR0917 - one argument an option
    inputs: tuple[str, ...],
    canaries: Path,
    out: Path,
    sample: float,
    jobs: int | None,
    timeout: float,
    worker_memory: int,
    ray: bool,
    ray_address: str,
    as_json: bool,
    quiet: bool,
) -> int:
    """Scan many recordings: files, folders, globs, or @LIST with a path a line. Resumable.

    Findings, gaps, coverage, and one row for every input go into Parquet tables in the folder --out, part by
    part. An input that is broken, or kills its worker twice, is a row with the reason. Exits with 1 if
    something unexpected was delivered, by evidence of 40 bits in all that was searched; with 2 if no input
    could be read.
    """
    loaded = load_canaries(canaries)
    scanner = Scanner(loaded.canaries, loaded.salts)
    n_jobs = jobs or cores()
    limits = Limits(timeout, worker_memory << 20)
    paths = list(inputs_of(inputs, sample=sample))
    console = Console(stderr=True, quiet=quiet)
    columns = (TextColumn("{task.completed} of {task.total} inputs"), BarColumn(), TimeElapsedColumn())
    is_silent = quiet or not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=is_silent) as bars:
        task = bars.add_task("inputs", total=len(paths))
        on_ray = ray or bool(ray_address)
        totals = run_fleet(
            paths,
            Fleet(
                scanner,
                out,
                lambda search: (
                    RayWorkers(search, n_jobs, limits, ray_address)
                    if on_ray
                    else LocalWorkers(search, n_jobs, limits)
                ),
                progress=lambda done: bars.update(task, completed=done),
            ),
        )
    if as_json:
        click.echo(json.dumps(totals.as_json(), indent=1))
    elif not quiet:
        print_fleet(totals, out)
    return _exit_code(totals)


def _exit_code(totals: FleetTotals) -> int:
    if totals.phantoms:
        print_error("values that were never planted were found: trust no row, and please report it")
        return EXIT_UNABLE
    if totals.inputs and not totals.exchanges:
        print_error("no input holds a request that could be read")
        return EXIT_UNABLE
    return EXIT_FOUND if totals.standings[Standing.FOUND] else EXIT_OK
