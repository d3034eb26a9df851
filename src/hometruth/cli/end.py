"""`hometruth end`: remove the certificate of a case from the device, show that it is gone, delete its key."""

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from hometruth.capture import Listening, Recorder, Sinkhole
from hometruth.capture.proxy.kept_authority import KeptAuthority, kept_authority, name_of
from hometruth.capture.proxy.own_pages import HOST, PROBE
from hometruth.cli import EXIT_OK, EXIT_UNABLE
from hometruth.cli.options import key_option
from hometruth.cli.record import POLL_S, WIREGUARD_PORT, until_stopped
from hometruth.cli.record_words import Speaker, reachable_at, url_at
from hometruth.errors import escape_terminal, needs
from hometruth.model import Exchange, Gap, GapKind


@click.command("end")
@click.argument("name", required=False)
@click.option(
    "--erase-raw",
    "case",
    type=click.Path(path_type=Path),
    metavar="CASE",
    help="Instead of NAME: take the raw traffic out of this sealed case, and keep its redacted twin.",
)
@key_option
@click.option(
    "--now", is_flag=True, help="Delete the key without looking whether the device still trusts it."
)
@click.option("--listen", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="As it was for `record`."
)
@click.option("--wireguard", is_flag=True, help="The device is connected by its tunnel.")
def command(
    *,
    name: str | None,
    case: Path | None,
    key: Path | None,
    now: bool,
    listen: str,
    port: int,
    wireguard: bool,
) -> int:
    """End what was recorded with `record --certificate NAME`: the device trusts nobody's recorder any more.

    Says what to do on the device, and waits until it shows that it refuses the certificate. The key is
    deleted in any case. Exits with 2 if the removal was not shown.

    With --erase-raw: findings, verdicts, hashes and the redacted twin stay, the recording goes for good. The
    key that sealed the case signs that it did, and `verify` says so. Only the twin can be judged again then.
    """
    if (name is None) is (case is None):
        raise click.UsageError("give either NAME, of a certificate, or --erase-raw with a case")
    if case:
        return _erase(case, key)
    assert name is not None
    kept = kept_authority(name)
    say = Speaker(Console(highlight=False))
    called = name_of(kept.ca_file)
    try:
        shown = now or _is_removed(kept, Listening(listen, port, None, _tunnel(wireguard)), say)
    finally:
        kept.remove()
    say(f"The key of “{called}” has been deleted: nobody can use that certificate from now on.")
    if now:
        return EXIT_OK
    say(
        "Removal shown: the device refuses the certificate."
        if shown
        else "Removal not shown: look on the device whether the certificate is gone."
    )
    return EXIT_OK if shown else EXIT_UNABLE


def _erase(case: Path, key: Path | None) -> int:
    with needs("lab", "making the redacted twin of a case"):
        from hometruth.case import load_or_make_key  # noqa: PLC0415 - certificates need none of it
        from hometruth.redact.erase import erase_raw  # noqa: PLC0415
    done = erase_raw(case, load_or_make_key(key), at=datetime.now(UTC).isoformat(timespec="seconds"))
    for file in sorted(done.files):
        click.echo(escape_terminal(f"erased  {file}"))
    click.echo(escape_terminal(f"twin    {case / 'annex' / done.annex / 'twin'}"))
    return EXIT_OK


def _tunnel(wireguard: bool) -> int | None:
    return WIREGUARD_PORT if wireguard else None


@dataclass
class _Device:
    """What it showed so far."""

    has_opened_page: bool = False
    trusted_ns: int | None = None
    """When it last loaded the picture over HTTPS."""

    def saw(self, exchange: Exchange) -> None:
        """Take note of one exchange."""
        self.has_opened_page = self.has_opened_page or exchange.host == HOST
        if exchange.host == PROBE and exchange.scheme == "https":
            self.trusted_ns = exchange.started_ns

    def refuses(self, gaps: Iterable[Gap]) -> bool:
        """True if it opened the page, and last refused the picture in it because of who issued it."""
        refused = [gap.at_ns or 0 for gap in gaps if gap.kind is GapKind.REFUSED_TLS and gap.host == PROBE]
        return self.has_opened_page and bool(refused) and max(refused) > (self.trusted_ns or 0)


def _is_removed(kept: KeptAuthority, listening: Listening, say: Speaker) -> bool:
    device = _Device()
    with (
        tempfile.TemporaryDirectory(prefix="hometruth-end-") as folder,
        until_stopped() as stop,
        Recorder(
            Path(folder) / "end.mitm",
            listening=listening,
            sinkhole=Sinkhole(),
            authority=kept.folder,
            on_exchange=device.saw,
        ) as recorder,
    ):
        say(f"  proxy        {url_at(reachable_at(recorder.host)[0], recorder.port)}")
        say(f"1. On the device, remove “{name_of(kept.ca_file)}” from its certificates.")
        say(f"2. On the device, still connected as before, open http://{HOST}/")
        say("3. Then set its proxy, or its tunnel, off. Ctrl-C ends without waiting.")
        told: int | None = None
        while not stop.is_set():
            recorder.wait(POLL_S)
            if device.refuses(recorder.gaps()):
                return True
            if device.trusted_ns != told:
                told = device.trusted_ns
                say("It still trusts the certificate: remove it, and open the page again.", "yellow")
    return False
