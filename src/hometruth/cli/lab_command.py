"""`hometruth lab`: run the simulated system, or its collector alone."""

import json
import sys
import tempfile
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path

import click

from hometruth.lab import CHANNELS, PROFILES, VENDOR_HOSTS, read_events, start_collector, start_phone
from hometruth.lab.apps.mint_browser import VERSIONS
from hometruth.lab.collector.database import parse_db, shown

START = datetime(2020, 5, 5, 12, tzinfo=UTC)
"""The phone's clock when it is switched on: the day after 3.4.3 came out."""
COLLECTOR_PORT = 8106
"""Port of a collector that runs alone: one has to be told to SDKs, so it stays the same."""


@click.group()
def command() -> None:
    """Run the simulated system: phone, SDK, collector."""


@command.command()
@click.option(
    "--phone", "profile", type=click.Choice(list(PROFILES)), default="redmi-note-8", show_default=True
)
@click.option("--version", type=click.Choice(VERSIONS), default=VERSIONS[0], show_default=True)
@click.option(
    "--channels",
    type=click.Choice(CHANNELS),
    default=CHANNELS[-1],
    show_default=True,
    help="What reports: Sensors Analytics alone, MiStat in the apps too, or the system itself as well.",
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Port of the collector; 0: any free one."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that keeps phone, events and traffic; by default nothing is kept.",
)
def up(profile: str, version: str, channels: str, port: int, out: Path | None) -> None:
    """Start phone, recorder and collector, and act on the phone at a prompt or from piped lines."""
    from hometruth.capture.proxy import Recorder  # noqa: PLC0415 - mitmproxy is slow to import
    from hometruth.capture.sinkhole import Sinkhole  # noqa: PLC0415
    from hometruth.cli.lab_prompt import Bench, talk  # noqa: PLC0415

    with ExitStack() as stack:
        folder = out or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hometruth-lab-")))
        folder.mkdir(parents=True, exist_ok=True)
        ledger = folder / "ledger.jsonl"
        collector = stack.enter_context(
            start_collector(folder / "collector.sqlite", port=port, ledger=ledger)
        )
        sinkhole = Sinkhole(dict.fromkeys(VENDOR_HOSTS, collector.url))
        traffic = folder / f"traffic-{datetime.now(UTC):%Y%m%dT%H%M%S}.mitm"
        recorder = stack.enter_context(Recorder(traffic, sinkhole=sinkhole))
        phone = stack.enter_context(
            start_phone(
                profile,
                proxy=recorder.url,
                ca_file=recorder.ca_file,
                state_dir=folder / "phone",
                ledger=ledger,
                start_ms=int(START.timestamp() * 1000),
            )
        )
        click.echo(
            f"Phone and people are simulated and nothing leaves this machine: collector {collector.url}, "
            f"recorder {recorder.url} (answers every other host), files in {folder}"
        )
        click.echo(f"What the operator of the collector sees: {collector.operator_url}")
        bench = Bench(phone, collector.db)
        bench.skip_old()
        bench.phone.set_channels(channels)
        bench.do(f"version {version}")
        rest = "; the system's own analytics do not ask." if channels == CHANNELS[-1] else "."
        click.echo(f"`help` lists what you can do; no app records anything before `consent give`{rest}")
        talk(bench, sys.stdin)
    click.echo("Stopped." + (f" Kept in {out}" if out else ""))


@command.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Loopback only.")
@click.option("--port", type=click.IntRange(0, 65535), default=COLLECTOR_PORT, show_default=True)
@click.option(
    "--db",
    default="collector.sqlite",
    show_default=True,
    metavar="PATH-or-URL",
    help="SQLite file that keeps the events, or postgresql://USER@HOST/DATABASE.",
)
@click.option(
    "--no-keys", is_flag=True, help="Hand out no key by remote configuration, so that nothing is encrypted."
)
def collector(host: str, port: int, db: str, no_keys: bool) -> None:
    """Run the collector alone, for the official SDKs or your own; Ctrl-C stops it."""
    from hometruth.lab.collector.operator.page import PREFIX  # noqa: PLC0415 - likewise
    from hometruth.lab.collector.server import bind, serve, url_of  # noqa: PLC0415 - starlette is slow to import

    listener = bind(host, port)
    url, kept = url_of(listener), shown(parse_db(db))
    where = (
        f"Collector on {url}/sa?project=NAME, events in {kept}; Ctrl-C stops it.\n"
        f"What its operator sees: {url}{PREFIX}"
    )
    with suppress(KeyboardInterrupt):
        serve(parse_db(db), listener, serve_keys=not no_keys, on_ready=lambda _server: click.echo(where))
    click.echo("Stopped.")


@command.command()
@click.option(
    "--db", required=True, metavar="PATH-or-URL", help="SQLite file of a collector, or its postgresql:// URL."
)
@click.option("--jsonl", is_flag=True, help="One JSON object a line, with all that was received.")
def events(db: str, jsonl: bool) -> None:
    """Print the events a collector keeps."""
    from hometruth.cli.lab_prompt import summary_of  # noqa: PLC0415 - the prompt is not needed otherwise

    for event in read_events(parse_db(db)):
        click.echo(json.dumps(event) if jsonl else summary_of(event))
