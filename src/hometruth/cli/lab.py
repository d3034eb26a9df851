"""`hometruth lab`: run the simulated system, or its collector alone."""

import json
import sys
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path

import click

from hometruth.cli import lab_fleet
from hometruth.lab import CHANNELS, PROFILES, read_events
from hometruth.lab.apps.mint_browser import VERSIONS
from hometruth.lab.collector.database import parse_db, shown
from hometruth.lab.collector.schemes import Scheme
from hometruth.report.text import escape_terminal

COLLECTOR_PORT = 8106
"""Port of a collector that runs alone: one has to be told to SDKs, so it stays the same."""
how_to_encrypt = click.option(
    "--encryption",
    type=click.Choice([scheme.value for scheme in Scheme]),
    default=Scheme.RSA_EVENT.value,
    show_default=True,
    help="What remote configuration tells SDKs that can encrypt: cipher of the key, and framing.",
)


@click.group()
def command() -> None:
    """Run the simulated system: phone, SDK, collector."""


@command.command()
@click.option(
    "--phone",
    "profiles",
    type=click.Choice(list(PROFILES)),
    multiple=True,
    default=["redmi-note-8"],
    show_default=True,
    help="A phone to switch on; give it several times for several phones.",
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
@how_to_encrypt
def up(
    profiles: tuple[str, ...], version: str, channels: str, port: int, out: Path | None, encryption: str
) -> None:
    """Start phones, recorder and collector, and act on a phone at a prompt or from piped lines."""
    from hometruth.cli.lab_bench import switched_on  # noqa: PLC0415 - mitmproxy is slow to import
    from hometruth.cli.lab_hand import Hand  # noqa: PLC0415
    from hometruth.cli.lab_prompt import do, talk  # noqa: PLC0415

    with ExitStack() as stack:
        folder = out or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hometruth-lab-")))
        first, *others = dict.fromkeys(profiles)
        parts = stack.enter_context(
            switched_on(folder, profile=first, more=others, port=port, encryption=encryption)
        )
        assert parts.collector is not None
        click.echo(
            "Phone and people are simulated and nothing leaves this machine: "
            f"collector {parts.collector.url}, recorder {parts.recorder.url} (answers every other host), "
            f"files in {escape_terminal(str(folder))}"
        )
        click.echo(f"What the operator of the collector sees: {parts.collector.operator_url}")
        hand = Hand(parts.phone, parts.collector.db, parts.phones)
        hand.skip_old()
        for name in reversed(tuple(parts.phones)):
            if others:
                do(hand, f"phone {name}")
            hand.phone.set_channels(channels)
            do(hand, f"version {version}")
        rest = "; the system's own analytics do not ask." if channels == CHANNELS[-1] else "."
        click.echo(f"`help` lists what you can do; no app records anything before `consent give`{rest}")
        talk(hand, sys.stdin)
    click.echo("Stopped." + (f" Kept in {escape_terminal(str(out))}" if out else ""))


@command.command()
@click.argument("words", nargs=-1, metavar="[LINE]...")
@click.option(
    "--phone", "profile", type=click.Choice(list(PROFILES)), default="redmi-note-8", show_default=True
)
@click.option("--collector", "collector_url", metavar="URL", help="A running collector; else one is started.")
@click.option(
    "--db",
    type=click.Path(),
    metavar="PATH-or-URL",
    help="Where that collector keeps its events, to show arrivals.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that keeps the phone; given again, the same phone goes on.",
)
def phone(
    words: tuple[str, ...], profile: str, collector_url: str | None, db: str | None, out: Path | None
) -> None:
    """Use one simulated phone by hand: each LINE is a word of the prompt with what belongs to it.

    Without lines, they are read from a prompt, or piped in. The first line that cannot be done ends a command
    that was given lines.

    \b
    hometruth lab phone 'consent give' 'search my secret illness' 'wait 15'
    hometruth lab phone help
    """
    from hometruth.cli.lab_bench import switched_on  # noqa: PLC0415 - mitmproxy is slow to import
    from hometruth.cli.lab_hand import Hand  # noqa: PLC0415
    from hometruth.cli.lab_prompt import do, talk  # noqa: PLC0415
    from hometruth.cli.lab_words import Quit  # noqa: PLC0415

    if db and not collector_url:
        raise click.UsageError("--db names the events of the collector given with --collector.")
    with ExitStack() as stack:
        folder = out or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hometruth-phone-")))
        parts = stack.enter_context(switched_on(folder, profile=profile, collector_url=collector_url))
        kept = parse_db(db) if db else parts.collector.db if parts.collector else None
        hand = Hand(parts.phone, kept)
        hand.skip_old()
        hand.bring(hand.app)
        if not words:
            click.echo(
                "Phone and people are simulated and nothing leaves this machine. `help` lists the words."
            )
            talk(hand, sys.stdin)
        with suppress(Quit):
            for line in words:
                click.echo(f"> {escape_terminal(line)}")
                if not do(hand, line):
                    raise click.exceptions.Exit(2)


@command.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Loopback only.")
@click.option("--port", type=click.IntRange(0, 65535), default=COLLECTOR_PORT, show_default=True)
@click.option(
    "--db",
    default="collector.sqlite",
    show_default=True,
    type=click.Path(),
    metavar="PATH-or-URL",
    help="SQLite file that keeps the events, or postgresql://USER@HOST/DATABASE.",
)
@click.option(
    "--no-keys", is_flag=True, help="Hand out no key by remote configuration, so that nothing is encrypted."
)
@how_to_encrypt
@click.option(
    "--remote-config",
    default="{}",
    metavar="JSON",
    help='What else remote configuration sets, for example \'{"disableSDK": true, "effect_mode": 1}\'.',
)
def collector(host: str, port: int, db: str, no_keys: bool, encryption: str, remote_config: str) -> None:
    """Run the collector alone, for the official SDKs or your own; Ctrl-C stops it."""
    from hometruth.lab.collector.offer import Offer, parse_settings  # noqa: PLC0415 - cryptography
    from hometruth.lab.collector.operator.page import PREFIX  # noqa: PLC0415 - likewise
    from hometruth.lab.collector.server import bind, serve, url_of  # noqa: PLC0415 - starlette is slow to import

    offer = Offer(None if no_keys else Scheme(encryption), parse_settings(remote_config))
    listener = bind(host, port)
    url, kept = url_of(listener), shown(parse_db(db))
    where = (
        f"Collector on {url}/sa?project=NAME, events in {escape_terminal(kept)}; Ctrl-C stops it.\n"
        f"What its operator sees: {url}{PREFIX}"
    )
    with suppress(KeyboardInterrupt):
        serve(parse_db(db), listener, offer=offer, on_ready=lambda _server: click.echo(where))
    click.echo("Stopped.")


@command.command()
@click.option(
    "--db",
    required=True,
    type=click.Path(),
    metavar="PATH-or-URL",
    help="SQLite file of a collector, or its postgresql:// URL.",
)
@click.option("--jsonl", is_flag=True, help="One JSON object a line, with all that was received.")
def events(db: str, jsonl: bool) -> None:
    """Print the events a collector keeps."""
    from hometruth.cli.lab_hand import summary_of  # noqa: PLC0415 - the prompt is not needed otherwise

    for event in read_events(parse_db(db)):
        click.echo(json.dumps(event) if jsonl else summary_of(event))


command.add_command(lab_fleet.command)
