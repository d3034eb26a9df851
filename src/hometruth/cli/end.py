"""`hometruth end`: what recordings and runs have changed on devices is put back, and shown to be.

The certificate of a case is removed, and its key deleted; settings of phones are put back over adb.
"""

from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from hometruth.capture import Listening
from hometruth.capture.proxy.kept_authority import KeptAuthority, kept_authority, name_of
from hometruth.capture.proxy.listening import reachable_at
from hometruth.capture.proxy.own_pages import HOST
from hometruth.capture.proxy.removal import watching_removal
from hometruth.cli import EXIT_FOUND, EXIT_OK, EXIT_UNABLE, print_error
from hometruth.cli.options import key_option
from hometruth.cli.record import (
    POLL_S,
    allow_option,
    listen_option,
    listening,
    until_stopped,
    wireguard_port_option,
)
from hometruth.cli.record_words import Speaker, is_loopback, url_at
from hometruth.errors import DriverError, escape_terminal, needs
from hometruth.experiment.drivers.adb_device import put_back
from hometruth.experiment.drivers.adb_journal import changed_phones


@click.command("end")
@click.argument("name", required=False)
@click.option(
    "--erase-raw",
    "case",
    type=click.Path(path_type=Path),
    metavar="CASE",
    help="Instead of NAME: take the raw traffic out of this sealed case, and keep its redacted twin.",
)
@click.option(
    "--phones", is_flag=True, help="Instead of NAME: put back what runs over adb have left changed on phones."
)
@click.option("--status", is_flag=True, help="With --phones: only say what is still changed; touch nothing.")
@key_option
@click.option(
    "--now", is_flag=True, help="Delete the key without looking whether the device still trusts it."
)
@listen_option
@allow_option("With --listen: the device; else the first that comes is taken for it, and named.")
@click.option(
    "--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="As it was for `record`."
)
@click.option("--wireguard", is_flag=True, help="The device is connected by its tunnel.")
@wireguard_port_option
def command(  # noqa: PLR0913 - one for each option
    *,
    name: str | None,
    case: Path | None,
    phones: bool,
    status: bool,
    key: Path | None,
    now: bool,
    listen: str | None,
    devices: tuple[str, ...],
    port: int,
    wireguard: bool,
    wireguard_port: int,
) -> int:
    """End what was recorded with `record --certificate NAME`: the device trusts nobody's recorder any more.

    Says what to do on the device, and waits until it shows that it refuses the certificate. The key is
    deleted in any case. Exits with 2 if the removal was not shown.

    With --erase-raw: findings, verdicts, hashes and the redacted twin stay, the recording goes for good. The
    key that sealed the case signs that it did, and `verify` says so. Only the twin can be judged again then.

    With --phones: what a run over adb was killed with, or could not put back since the phone was away. With
    --status it exits with 1 if anything is still changed.
    """
    if [name is not None, case is not None, phones].count(True) != 1 or (status and not phones):
        raise click.UsageError("give either NAME, of a certificate, or --erase-raw with a case, or --phones")
    if phones:
        return _say_changed() if status else _put_back()
    if case:
        return _erase(case, key)
    assert name is not None
    kept = kept_authority(name)
    say = Speaker(Console(highlight=False))
    called = name_of(kept.ca_file)
    is_expired = kept.is_expired
    try:
        shown = now or (
            not is_expired
            and _is_removed(
                kept, listening(listen, port, wireguard_port if wireguard else None), devices, say
            )
        )
    finally:
        kept.remove()
    say(f"The key of “{called}” has been deleted: nobody can use that certificate from now on.")
    if now:
        return EXIT_OK
    if is_expired:
        say("It has expired: every device refuses it, removed or not, so that a refusal would show nothing.")
    say(
        "Removal shown: the device refuses the certificate."
        if shown
        else "Removal not shown: look on the device whether the certificate is gone."
    )
    return EXIT_OK if shown else EXIT_UNABLE


def _erase(case: Path, key: Path | None) -> int:
    with needs("lab", "making the redacted twin of a case"):
        from hometruth.audit.redact.erase import erase_raw  # noqa: PLC0415
        from hometruth.case import load_or_make_key  # noqa: PLC0415 - certificates need none of it
    done = erase_raw(case, load_or_make_key(key), at=datetime.now(UTC).isoformat(timespec="seconds"))
    for file in sorted(done.files):
        click.echo(escape_terminal(f"erased  {file}"))
    click.echo(escape_terminal(f"twin    {case / 'annex' / done.annex / 'twin'}"))
    return EXIT_OK


def _say_changed() -> int:
    changed = changed_phones()
    for serial, changes in changed.items():
        for change in changes:
            click.echo(escape_terminal(f"{serial}  {change}"))
    if not changed:
        click.echo("Nothing is changed on any phone.")
    return EXIT_FOUND if changed else EXIT_OK


def _put_back() -> int:
    """Each phone that is changed; those that cannot be reached stay named."""
    code = EXIT_OK
    for serial in changed_phones():
        try:
            for told in put_back(serial):
                click.echo(escape_terminal(f"{serial}  {told}"))
        except DriverError as err:
            print_error(err)
            code = EXIT_UNABLE
    if code == EXIT_OK:
        click.echo("Nothing is changed on any phone.")
    return code


def _is_removed(kept: KeptAuthority, where: Listening, devices: tuple[str, ...], say: Speaker) -> bool:
    # A device of this machine may be one that nothing is to leave; a phone has other things to do meanwhile.
    forwards = where.wireguard is not None or not is_loopback(where.host)
    with (
        until_stopped() as stop,
        watching_removal(kept, where, forwards=forwards, devices=devices) as removal,
    ):
        recorder = removal.recorder
        say(f"  proxy        {url_at(reachable_at(recorder.host)[0], recorder.port)}")
        say(f"1. On the device, remove “{name_of(kept.ca_file)}” from its certificates.")
        say(f"2. On the device, still connected as before, open http://{HOST}/")
        say("3. Then set its proxy, or its tunnel, off. Ctrl-C ends without waiting.")
        told: int | None = None
        while not stop.is_set():
            recorder.wait(POLL_S)
            if recorder.waiting:
                say(f"{recorder.waiting} came first and is taken for the device: open the page on it again.")
                recorder.admit(recorder.waiting)
            if removal.is_shown:
                return True
            if removal.recorder.trusted_ns != told:
                told = removal.recorder.trusted_ns
                say("It still trusts the certificate: remove it, and open the page again.", "yellow")
    return False
