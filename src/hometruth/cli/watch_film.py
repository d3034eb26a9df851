"""A video of the page of `watch`: Chromium on a display of its own, filmed."""

import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from hometruth.errors import DriverError, escape_terminal
from hometruth.experiment.drivers.desktop.programs import need
from hometruth.experiment.drivers.desktop.x_display import HEIGHT, WIDTH, XDisplay

OPENS_S = 60.0
"""Within which Chromium asks for the page; a loaded machine takes 10 s."""
DRAWN_S = 2.0
"""Until its first rows are drawn, and until whoever looks on has read the last ones."""
QUITS_S = 15.0


@contextmanager
def filming(url: str, file: Path, opened: threading.Event) -> Iterator[None]:
    """Film the page at *url* into *file* (WebM) as long as this lasts.

    Args:
        opened: Set once the page was asked for.

    Raises:
        DriverError: If a program is missing, *file* is there already or cannot be written, or nothing was
            filmed.
    """
    if file.suffix.lower() != ".webm":
        raise DriverError(f"{file}: the video is WebM; give it a name that ends in .webm")
    program = shutil.which("chromium-browser") or "chromium"
    need("Xvfb", "openbox", "xdotool", "ffmpeg", "tesseract", Path(program).name)
    try:
        file.touch(mode=0o600, exist_ok=False)
    except OSError as err:
        raise DriverError(f"{file}: the video cannot be written: {err.strerror}") from err
    with never_empty(file), ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        browser = stack.enter_context(ExitStack())  # ends after the film, or the film would show its end
        display = stack.enter_context(XDisplay(folder))
        process = subprocess.Popen(
            _command(program, folder / "profile", url),
            env={**display.env, "HOME": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C ends the film first
        )
        browser.callback(_end, process)
        if not opened.wait(OPENS_S):
            raise DriverError(f"Chromium did not open the page within {OPENS_S:.0f} s, so nothing was filmed")
        time.sleep(DRAWN_S)
        display.film(file, is_text=True)
        interrupted = False
        try:
            yield
            time.sleep(DRAWN_S)
            display.check()
        except KeyboardInterrupt:
            interrupted = True  # what was filmed until then is a video all the same
        if process.poll() is not None:
            raise DriverError(f"Chromium ended by itself, so {file} does not show everything")
    if not file.exists():
        raise DriverError(f"{file}: ffmpeg filmed nothing")
    click.echo(escape_terminal(f"The video is {file}"))
    if interrupted:
        raise KeyboardInterrupt


@contextmanager
def never_empty(file: Path) -> Iterator[None]:
    """Leave no file of a film that did not come about."""
    try:
        yield
    finally:
        if not file.stat().st_size:
            file.unlink()


def _command(program: str, profile: Path, url: str) -> list[str]:
    """Chromium on one page, without a word to anybody but this machine."""
    as_root = ["--no-sandbox", "--test-type"] if os.geteuid() == 0 else []
    return [
        *(
            program,
            f"--user-data-dir={profile}",
            f"--app={url}",
            "--kiosk",
            f"--window-size={WIDTH},{HEIGHT}",
        ),
        *("--window-position=0,0", "--no-first-run", "--no-default-browser-check", "--lang=en-US", *as_root),
        *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
        *("--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1", "--password-store=basic"),
        "--disable-dev-shm-usage",
    ]


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(QUITS_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
