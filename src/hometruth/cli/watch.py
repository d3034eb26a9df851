"""`hometruth watch`: what was done, and beside it what left the phone, peeled."""

import io
import queue
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import BinaryIO, cast

import click

from hometruth.audit.departures import Decoder
from hometruth.canaries import load_canaries
from hometruth.capture import read_capture
from hometruth.capture.flow_reader import read_flows
from hometruth.capture.reader import CaptureFile
from hometruth.cli.options import RecordingPath
from hometruth.cli.watch_notes import SessionNotes
from hometruth.cli.watch_screen import WatchView, screen_for
from hometruth.errors import CaptureError, escape_terminal
from hometruth.lab import PROFILES
from hometruth.model import Canary, Exchange, Gap
from hometruth.model.departure import Departure
from hometruth.report.watch import Display

PACE_S = 1.5
"""Between two scenes where a person looks on, so that they can follow; none where it is piped."""
SIMULATED = "Phone and person are simulated, every value marked was planted, and nothing leaves this machine."
STORY_TITLE = "What left a simulated phone"


@click.command("watch")
@click.argument("recording", required=False, type=RecordingPath(path_type=Path), metavar="[FILE]")
@click.option("--follow", "-f", is_flag=True, help="FILE is still being recorded: go on until Ctrl-C.")
@click.option(
    "--canaries", type=click.Path(path_type=Path), help="Values to highlight in FILE: JSON or TOML."
)
@click.option(
    "--phone", "profile", type=click.Choice(list(PROFILES)), default="redmi-note-8", show_default=True
)
@click.option("--pace", type=click.FloatRange(0, 60), metavar="SECONDS", help="Between two scenes.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder that keeps the story.")
@click.option("--page", is_flag=True, help="Show it in a browser of this machine; prints the address.")
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Of the page, instead of any that is free.", metavar="PORT"
)
@click.option(
    "--record", "film", type=click.Path(path_type=Path), metavar="FILE.webm", help="Make a video of the page."
)
@click.option("--jsonl", is_flag=True, help="Print one JSON object a line: everything done, everything sent.")
def command(  # noqa: PLR0913, PLR0917 - one argument an option
    recording: Path | None,
    follow: bool,
    canaries: Path | None,
    profile: str,
    pace: float | None,
    out: Path | None,
    page: bool,
    port: int | None,
    film: Path | None,
    jsonl: bool,
) -> None:
    """Watch what is done on a phone, and beside it what leaves it, peeled.

    Without FILE: a short story on the lab's simulated phone, recorded for real. With FILE: the requests of a
    recording, finished or (--follow) under way; of a case, its actions too.
    """
    shown = WatchView(jsonl=jsonl, page=page or film is not None, port=port or 0, film=film)
    if recording is None and (follow or canaries):
        raise click.UsageError("--follow and --canaries are about a FILE.")
    if recording is not None and out:
        raise click.UsageError("--out is about the story, not about a FILE.")
    if pace is not None and recording is not None and (follow or not shown.page):
        raise click.UsageError("--pace is about the story, or about a finished FILE with --page or --record.")
    if port and not shown.page:
        raise click.UsageError("--port is about --page.")
    if jsonl and shown.page:
        raise click.UsageError("--jsonl prints, and --page and --record do not: take one of them.")
    if recording is not None:
        wait_s = PACE_S if pace is None and film and not follow else pace or 0.0
        _watch_file(recording, canaries, shown, follow=follow, wait_s=wait_s)
        return
    looks_on = shown.page or (sys.stdout.isatty() and not jsonl)
    wait_s = pace if pace is not None else PACE_S if looks_on else 0.0
    with ExitStack() as stack:
        folder = out or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hometruth-watch-")))
        _watch_story(folder, profile, shown, wait_s=wait_s)
    if out and not jsonl:
        click.echo(escape_terminal(f"Kept in {out}"))


def _watch_story(folder: Path, profile: str, shown: WatchView, *, wait_s: float) -> None:
    # Imported late: watching a HAR file does not pay for the recorder.
    from hometruth.cli.lab_bench import switched_on  # noqa: PLC0415
    from hometruth.cli.watch_story import plant_story, story  # noqa: PLC0415

    planted = plant_story()
    decoder = Decoder(planted.all)
    news: queue.SimpleQueue[Exchange] = queue.SimpleQueue()
    left: list[Departure] = []
    with screen_for(planted.all, shown, title=STORY_TITLE, start_ns=time.time_ns()) as screen:
        screen.say(SIMULATED)
        screen.head()
        with switched_on(folder, profile=profile, on_exchange=news.put) as parts:
            for deed in story(parts.phone, planted):
                now = [decoder.decode(exchange) for exchange in _drained(news)]
                left += now
                screen.show(deed, now)
                time.sleep(wait_s)
        _sum_up(screen, planted.all, left)


def _watch_file(
    recording: Path, canaries: Path | None, shown: WatchView, *, follow: bool, wait_s: float
) -> None:
    beside = recording.with_name("canaries.jsonl")
    source = canaries or (beside if beside.exists() else None)
    loaded = load_canaries(source) if source else None
    planted: tuple[Canary, ...] = loaded.canaries if loaded else ()
    notes = SessionNotes(recording, planted)
    decoder = Decoder(planted, loaded.salts if loaded else (), notes.expected())
    title = f"What left, by {recording.name}"
    with (
        suppress(KeyboardInterrupt),
        screen_for(planted, shown, title=title, conditions=notes.conditions()) as screen,
    ):

        def show_deeds(until_ns: int | None) -> None:
            for deed in notes.until(until_ns):
                screen.show(deed, [])
                time.sleep(wait_s)

        exchanges = (
            _followed(recording, lambda: show_deeds(None)) if follow else iter(read_capture(recording))
        )
        screen.head()
        if decoder.left_out:
            screen.gap(decoder.left_out)
        for item in exchanges:
            if isinstance(item, Gap):
                screen.gap(item)
                continue
            if item.started_ns is not None:
                show_deeds(item.started_ns)
            screen.show(None, [decoder.decode(item)])
            time.sleep(wait_s)
        show_deeds(None)


def _drained(news: "queue.SimpleQueue[Exchange]") -> Iterator[Exchange]:
    while not news.empty():
        yield news.get()


def _sum_up(screen: Display, planted: Sequence[Canary], left: Sequence[Departure]) -> None:
    """Who got each planted value, beside the host it was meant for."""
    screen.say("")
    screen.say(f"{len(left)} requests left the phone. Of the planted values:", "bold")
    for canary in planted:
        hosts = sorted(
            {
                one.exchange.host
                for one in left
                if not one.own and any(item.canary.id == canary.id for item in one.sightings)
            }
        )
        where = f"told to {', '.join(hosts)}" if hosts else "told to nobody it was not meant for"
        screen.say(f"  {canary.kind:<7} {canary.value}  {where}", "red" if hosts else "")


def _followed(path: Path, idle: Callable[[], None]) -> Iterator[Exchange | Gap]:
    """Exchanges of a flow file as they are written, without an end; *idle* is called while there are none."""
    try:
        stream = Growing(path, idle)
    except OSError as err:
        raise CaptureError(f"{path}: cannot be read: {err.strerror}") from err
    return read_flows(CaptureFile(str(path), lambda: cast(BinaryIO, stream)))


POLL_S = 0.2
"""How often a growing file is looked at."""


class Growing(io.RawIOBase):
    """A file that is still being written: its end is waited at."""

    def __init__(self, path: Path, idle: Callable[[], None]) -> None:
        self._stream = path.open("rb")
        self._idle = idle

    def read(self, size: int = -1) -> bytes:
        """At least one byte."""
        while not (data := self._stream.read(size)):
            self._idle()
            time.sleep(POLL_S)
        return data

    def close(self) -> None:
        """Close the file."""
        self._stream.close()
        super().close()
