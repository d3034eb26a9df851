"""A screen with windows, hands and eyes: the keyboard is xdotool's, what is read tesseract's."""

import os
import secrets
import signal
import struct
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from hometruth.errors import DriverError
from hometruth.experiment.drivers.desktop.programs import need

WIDTH, HEIGHT = 1280, 800
COMMAND_S = 30.0
"""Far more than one look at the screen takes."""
POLL_S = 0.1
SETTLES_S = 0.3
"""How long a window takes to answer a shortcut."""
NO_DISPLAY = "there is no display to show it on (DISPLAY is not set); leave --show out"
MAGNIFIED = 3
"""Letters of a toolbar are too small for tesseract as they are."""
Answer = TypeVar("Answer")


class XDisplay:
    """A display of its own (Xvfb with openbox), or the one that the person is looking at.

    Args:
        folder: Where the display's key and its film are kept.
        shown: Use the display of this session instead of one of its own.
    """

    def __init__(self, folder: Path, *, shown: bool = False) -> None:
        self._folder = folder
        self._shown = shown
        self._stack = ExitStack()
        self._film: tuple[Path, subprocess.Popen[bytes]] | None = None
        self.env = dict(os.environ)

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        need("xdotool", "ffmpeg", "tesseract")
        if self._shown:
            if not self.env.get("DISPLAY"):
                raise DriverError(NO_DISPLAY)
            return self
        need("Xvfb", "openbox")
        with ExitStack() as undo:
            key = self._folder / "Xauthority"
            key.write_bytes(_display_key())
            number, told = os.pipe()
            command = ["Xvfb", "-displayfd", str(told), "-screen", "0", f"{WIDTH}x{HEIGHT}x24"]
            self._start([*command, "-nolisten", "tcp", "-auth", str(key)], undo, pass_fds=(told,))
            os.close(told)
            with os.fdopen(number) as answer:
                display = answer.readline().strip()
            if not display:
                raise DriverError("Xvfb did not start, so there is no screen for the browser")
            self.env |= {"DISPLAY": f":{display}", "XAUTHORITY": str(key)}
            for name in ("WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS"):
                self.env.pop(name, None)
            self._start(["openbox", "--sm-disable"], undo)
            self._stack = undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the film, and put the screen away."""
        self._stack.close()

    def check(self) -> None:
        """Raise `DriverError` if the film has ended by itself: what is done from then on is not in it."""
        if self._film is not None and self._film[1].poll() is not None:
            raise DriverError(f"{self._film[0]}: ffmpeg ended early, so the film does not show everything")

    def film(self, file: Path, *, is_text: bool = False) -> None:
        """Film the screen from now on into *file* (WebM, 5 pictures a second).

        Args:
            is_text: Small print has to be read: several times the bytes, and no mouse in the way.
        """
        size = ["-framerate", "5", "-video_size", f"{WIDTH}x{HEIGHT}"]
        grab = ["-f", "x11grab", *size, "-i", self.env["DISPLAY"]]
        coding = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "300k"]
        if is_text:
            grab[2:2] = ["-draw_mouse", "0"]
            coding[-2:] = ["-tune-content", "screen", "-crf", "18", "-b:v", "0"]
        command = ["ffmpeg", "-loglevel", "error", "-nostdin", "-y", *grab, *coding, str(file)]
        self._film = file, self._start(command, self._stack, ends_by=signal.SIGINT)

    def windows(self, process: int) -> list[str]:
        """Ids of a process's visible windows that have a title."""
        named = ("--all", "--onlyvisible", "--pid", str(process), "--name", ".")
        return sorted(self._xdotool("search", *named).split(), key=int)

    def title(self, window: str) -> str:
        """What a window calls itself."""
        return self._xdotool("getwindowname", window).strip()

    def focus(self, window: str) -> None:
        """Bring a window to the front, so that keys go to it."""
        self._xdotool("windowactivate", "--sync", window)

    def keys(self, *shortcuts: str) -> None:
        """Press shortcuts one after the other, each as xdotool names it (``ctrl+l``)."""
        for shortcut in shortcuts:
            self._xdotool("key", "--clearmodifiers", shortcut)
            time.sleep(SETTLES_S)

    def type(self, text: str, key_ms: int) -> None:
        """Type *text*, key by key, with so many milliseconds between them."""
        self._xdotool("type", "--clearmodifiers", "--delay", str(key_ms), "--", text)

    def copy(self, text: str) -> bool:
        """Put *text* on the clipboard, as another program would; true once it is what anybody would paste."""
        need("xclip")
        file = self._folder / "clipboard"
        file.write_text(text, "utf-8")
        clipboard = ["xclip", "-selection", "clipboard"]
        self._start([*clipboard, "-quiet", str(file)], self._stack)  # it holds the text until another copies
        return bool(waited_for(lambda: self.pasted() == text, SETTLES_S * 10))

    def pasted(self) -> str:
        """What anybody would paste from the clipboard; empty if that is no text."""
        told = _run(["xclip", "-selection", "clipboard", "-o"], self.env, checked=False)
        return told.decode("utf-8", "replace")

    def words(self, window: str, height: int) -> str:
        """What can be read in the uppermost *height* pixels of a window."""
        where = dict(
            line.split("=", 1)
            for line in self._xdotool("getwindowgeometry", "--shell", window).splitlines()
            if "=" in line
        )
        x, y = max(0, int(where["X"])), max(0, int(where["Y"]))
        picture = self.picture(x, y, min(int(where["WIDTH"]), WIDTH - x), height, magnified=MAGNIFIED)
        # With threads of its own tesseract takes three times as long for so small a picture.
        env = {**self.env, "OMP_THREAD_LIMIT": "1"}
        read = _run(["tesseract", "stdin", "stdout", "--psm", "11"], env, picture)
        return read.decode(errors="replace")

    def picture(
        self, x: int = 0, y: int = 0, width: int = WIDTH, height: int = HEIGHT, *, magnified: int = 1
    ) -> bytes:
        """Part of the screen as PNG."""
        grab = ["-f", "x11grab", "-video_size", f"{width}x{height}", "-i", f"{self.env['DISPLAY']}+{x},{y}"]
        scale = ["-vf", f"scale=iw*{magnified}:-1", "-frames:v", "1", "-f", "image2pipe", "-c:v", "png", "-"]
        return _run(["ffmpeg", "-loglevel", "error", "-nostdin", *grab, *scale], self.env)

    def _xdotool(self, *arguments: str) -> str:
        told = _run(["xdotool", *arguments], self.env, checked=arguments[0] != "search")
        return told.decode(errors="replace")

    def _start(
        self,
        command: Sequence[str],
        undo: ExitStack,
        *,
        pass_fds: tuple[int, ...] = (),
        ends_by: signal.Signals = signal.SIGTERM,
    ) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            command,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=pass_fds,
        )

        def end() -> None:
            process.send_signal(ends_by)
            try:
                process.wait(COMMAND_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

        undo.callback(end)
        return process


def waited_for(
    answer: Callable[[], Answer | None], timeout_s: float, *, every_s: float = POLL_S
) -> Answer | None:
    """What *answer* says as soon as it says anything; None if it says nothing in time."""
    until = time.monotonic() + timeout_s
    while not (found := answer()):
        if time.monotonic() > until:
            return None
        time.sleep(every_s)
    return found


def _run(command: Sequence[str], env: dict[str, str], given: bytes = b"", *, checked: bool = True) -> bytes:
    try:
        done = subprocess.run(
            command, env=env, input=given, capture_output=True, timeout=COMMAND_S, check=False
        )
    except subprocess.TimeoutExpired as err:
        raise DriverError(f"{command[0]} did not answer for {COMMAND_S:.0f} s") from err
    if checked and done.returncode:
        told = done.stderr.decode(errors="replace").strip().splitlines()
        raise DriverError(f"{' '.join(command[:2])}: {told[-1] if told else 'failed'}")
    return done.stdout


def _display_key() -> bytes:
    """An authority file (Xau(3)) for any display: whoever cannot read it cannot look at the screen."""
    fields = (b"", b"", b"MIT-MAGIC-COOKIE-1", secrets.token_bytes(16))
    any_family = 0xFFFF
    return struct.pack(">H", any_family) + b"".join(struct.pack(">H", len(each)) + each for each in fields)
