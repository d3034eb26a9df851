"""`hometruth watch`: what was done, and beside it what left the phone, peeled."""

import io
import queue
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, cast

import click
import msgspec
from rich.console import Console

from hometruth.audit.departures import Decoder
from hometruth.canaries import load_canaries
from hometruth.capture import read_capture
from hometruth.capture.flow_reader import read_flows
from hometruth.capture.reader import CaptureFile
from hometruth.errors import CaptureError, escape_terminal
from hometruth.lab import PROFILES
from hometruth.model import Canary, Exchange, Gap, Trial
from hometruth.model.departure import Deed, Departure
from hometruth.report.watch import Display, JsonLines, TwoColumns

PACE_S = 1.5
"""Between two scenes on a terminal, so that a person can follow; none where it is piped."""
SIMULATED = "Phone and person are simulated, every value marked was planted, and nothing leaves this machine."


@click.command("watch")
@click.argument("recording", required=False, type=click.Path(path_type=Path), metavar="[FILE]")
@click.option("--follow", "-f", is_flag=True, help="FILE is still being recorded: go on until Ctrl-C.")
@click.option(
    "--canaries", type=click.Path(path_type=Path), help="Values to highlight in FILE: JSON or TOML."
)
@click.option(
    "--phone", "profile", type=click.Choice(list(PROFILES)), default="redmi-note-8", show_default=True
)
@click.option(
    "--pace", type=click.FloatRange(0, 60), metavar="SECONDS", help="Between two scenes of the story."
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder that keeps the story.")
@click.option("--jsonl", is_flag=True, help="Print one JSON object a line: everything done, everything sent.")
def command(
    recording: Path | None,
    follow: bool,
    canaries: Path | None,
    profile: str,
    pace: float | None,
    out: Path | None,
    jsonl: bool,
) -> None:
    """Watch what is done on a phone, and beside it what leaves it, peeled.

    Without FILE: a short story on the lab's simulated phone, recorded for real. With FILE: the requests of a
    recording, finished or (--follow) under way; of a case, its actions too.
    """
    if recording is None and (follow or canaries):
        raise click.UsageError("--follow and --canaries are about a FILE.")
    if recording is not None and (out or pace is not None):
        raise click.UsageError("--out and --pace are about the story, not about a FILE.")
    if recording is not None:
        _watch_file(recording, canaries, follow=follow, jsonl=jsonl)
        return
    wait_s = pace if pace is not None else PACE_S if sys.stdout.isatty() and not jsonl else 0.0
    with ExitStack() as stack:
        folder = out or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hometruth-watch-")))
        _watch_story(folder, profile, wait_s=wait_s, jsonl=jsonl)
    if out and not jsonl:
        click.echo(escape_terminal(f"Kept in {out}"))


def _watch_story(folder: Path, profile: str, *, wait_s: float, jsonl: bool) -> None:
    # Imported late: watching a HAR file does not pay for the recorder.
    from hometruth.cli.lab_bench import switched_on  # noqa: PLC0415
    from hometruth.cli.watch_story import plant_story, story  # noqa: PLC0415

    planted = plant_story()
    decoder = Decoder(planted.all)
    news: queue.SimpleQueue[Exchange] = queue.SimpleQueue()
    screen = _screen(planted.all, start_ns=time.time_ns(), jsonl=jsonl)
    screen.say(SIMULATED)
    if isinstance(screen, TwoColumns):
        screen.head()
    left: list[Departure] = []
    with switched_on(folder, profile=profile, on_exchange=news.put) as parts:
        for deed in story(parts.phone, planted):
            now = [decoder.decode(exchange) for exchange in _drained(news)]
            left += now
            screen.show(deed, now)
            time.sleep(wait_s)
    _sum_up(screen, planted.all, left)


def _watch_file(recording: Path, canaries: Path | None, *, follow: bool, jsonl: bool) -> None:
    beside = recording.with_name("canaries.jsonl")
    source = canaries or (beside if beside.exists() else None)
    loaded = load_canaries(source) if source else None
    planted: tuple[Canary, ...] = loaded.canaries if loaded else ()
    deeds = [] if follow else _deeds_beside(recording, {one.id: one for one in planted})
    decoder = Decoder(planted, loaded.salts if loaded else ())
    screen = _screen(planted, start_ns=None, jsonl=jsonl)
    exchanges = _followed(recording) if follow else read_capture(recording)
    if isinstance(screen, TwoColumns):
        screen.head()
    try:
        for item in exchanges:
            if isinstance(item, Gap):
                screen.gap(item)
                continue
            while deeds and item.started_ns is not None and deeds[0].at_ns <= item.started_ns:
                screen.show(deeds.pop(0), [])
            screen.show(None, [decoder.decode(item)])
    except KeyboardInterrupt:
        return
    for deed in deeds:
        screen.show(deed, [])


def _screen(planted: Sequence[Canary], *, start_ns: int | None, jsonl: bool) -> Display:
    return JsonLines() if jsonl else TwoColumns(Console(highlight=False), planted, start_ns=start_ns)


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


POLL_S = 0.2
"""How often a growing file is looked at."""


class Growing(io.RawIOBase):
    """A file that is still being written: its end is waited at."""

    def __init__(self, path: Path) -> None:
        self._stream = path.open("rb")

    def read(self, size: int = -1) -> bytes:
        """At least one byte."""
        while not (data := self._stream.read(size)):
            time.sleep(POLL_S)
        return data

    def close(self) -> None:
        """Close the file."""
        self._stream.close()
        super().close()


def _followed(path: Path) -> Iterator[Exchange | Gap]:
    """Exchanges of a flow file as they are written, without an end."""
    try:
        stream = Growing(path)
    except OSError as err:
        raise CaptureError(f"{path}: cannot be read: {err.strerror}") from err
    return read_flows(CaptureFile(str(path), lambda: cast(BinaryIO, stream)))


def _deeds_beside(path: Path, canaries: dict[str, Canary]) -> list[Deed]:
    """What a case notes of the actions in the recording *path*; none if it is no case's.

    Raises:
        CaptureError: If its ``trials.jsonl`` is damaged.
    """
    notes = path.with_name("trials.jsonl")
    if not notes.exists():
        return []
    try:
        trials = [msgspec.json.decode(line, type=Trial) for line in notes.read_bytes().splitlines()]
    except (OSError, msgspec.MsgspecError) as err:
        raise CaptureError(f"{notes}: is no list of sessions of a case ({err}); move it away") from err
    deeds = []
    for trial in trials:
        if trial.started_ns is not None:
            deeds.append(Deed(trial.started_ns, f"session {trial.id}: {trial.condition}"))
        for action in trial.actions:
            canary = canaries.get(action.canary or "")
            text = f"{action.action} {canary.value if canary else action.canary or ''}"
            deeds.append(Deed(action.at_ns, text, (canary,) if canary else ()))
    return sorted(deeds, key=lambda deed: deed.at_ns)
