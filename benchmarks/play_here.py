"""Play the person of `hometruth audit --phone --here`: eyes (OCR), mouse and keys, and nothing else.

Needs Xvfb, openbox, xdotool, xclip, tesseract and the browser; not as root, since the line that the desk page
gives is started as it stands. Does wrong what people do wrong, and then what the desk says. Takes a picture
at every step, which is to be looked at.

    python -m benchmarks.play_here /tmp/pictures                  # Chromium
    python -m benchmarks.play_here /tmp/pictures --product Firefox
"""

import argparse
import csv
import io
import os
import pty
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from hometruth.experiment.drivers.desktop.x_display import HEIGHT, WIDTH, XDisplay

WAITS_S = 60.0
HALF = WIDTH // 2
LEAVES = {"Chromium": "ctrl+shift+w", "Firefox": "ctrl+q"}
PRIVATE_KEYS = {"Chromium": "ctrl+shift+n", "Firefox": "ctrl+shift+p"}
ZOOM = 2
PORT = 8080
Found = TypeVar("Found")


@dataclass
class Terminal:
    """A shell in which one command runs, as a person's: with a terminal of its own, and Ctrl-C."""

    command: list[str]
    env: dict[str, str]
    said: str = ""

    def __post_init__(self) -> None:
        self.pid, self._handle = pty.fork()
        if not self.pid:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.execvpe(self.command[0], self.command, self.env)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while True:
            try:
                told = os.read(self._handle, 1 << 16)
            except OSError:
                return
            self.said += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", told.decode(errors="replace"))

    def types(self, text: str) -> None:
        """Type it."""
        os.write(self._handle, text.encode())

    def ends(self) -> int:
        """Its exit code, once it has ended."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@dataclass
class Person:
    """Looks at windows, and does there what can be done by hand."""

    display: XDisplay
    pictures: Path
    n: int = 0
    known: set[str] = field(default_factory=set)

    def xdotool(self, *arguments: str) -> str:
        """One call of it; what it said."""
        done = subprocess.run(
            ["xdotool", *arguments], env=self.display.env, capture_output=True, text=True, check=False
        )
        return done.stdout

    def new_window(self, x: int) -> str:
        """The window that has just come, put in its half of the screen."""

        def come() -> str | None:
            shown = self.xdotool("search", "--onlyvisible", "--name", ".").split()
            return next((each for each in shown if each not in self.known and self.title(each)), None)

        window = waited(come, "a new window")
        self.known.add(window)
        time.sleep(2)
        self.xdotool(
            "windowsize", window, str(HALF - 10), str(HEIGHT - 20), "windowmove", window, str(x), "0"
        )
        time.sleep(1)
        return window

    def title(self, window: str) -> str:
        """What stands on top of a window."""
        return self.xdotool("getwindowname", window).strip()

    def front(self, window: str) -> None:
        """Bring a window to the front."""
        self.xdotool("windowactivate", "--sync", window)
        time.sleep(0.3)

    def keys(self, window: str, *keys: str) -> None:
        """Press keys in a window."""
        self.front(window)
        for key in keys:
            self.xdotool("key", "--clearmodifiers", key)
            time.sleep(0.4)

    def goes_to(self, window: str, address: str) -> None:
        """Type an address into the address bar."""
        self.keys(window, "ctrl+l")
        self.display.type(address, 40)
        self.keys(window, "Return")

    def words(self, x: int) -> list[tuple[str, int, int]]:
        """Words of one half of the screen, and where each one's middle is."""
        picture = self.display.picture(x, 0, HALF, HEIGHT, magnified=ZOOM)
        done = subprocess.run(
            ["tesseract", "stdin", "stdout", "--psm", "4", "tsv"],
            input=picture,
            capture_output=True,
            env={**self.display.env, "OMP_THREAD_LIMIT": "1"},
            check=True,
        )
        rows = csv.DictReader(io.StringIO(done.stdout.decode()), delimiter="\t", quoting=csv.QUOTE_NONE)
        return [
            (
                row["text"].strip(),
                x + (int(row["left"]) + int(row["width"]) // 2) // ZOOM,
                (int(row["top"]) + int(row["height"]) // 2) // ZOOM,
            )
            for row in rows
            if (row["text"] or "").strip()
        ]

    def spot(self, x: int, phrase: str) -> tuple[int, int] | None:
        """Where a phrase stands in one half of the screen."""
        words = self.words(x)
        texts, wanted = [plain(word) for word, _, _ in words], plain(phrase)
        for at, (_, *middle) in enumerate(words):
            if texts[at] and "".join(texts[at:]).startswith(wanted):
                return middle[0], middle[1]
        return None

    def sees(
        self, x: int, phrase: str, look: Callable[[], tuple[int, int] | None] | None = None
    ) -> tuple[int, int]:
        """Wait until a phrase can be read; where it stands."""
        return waited(look or (lambda: self.spot(x, phrase)), f"“{phrase}” to be read")

    def presses(self, window: str, x: int, phrase: str) -> None:
        """What stands there, scrolled for if it does not."""
        self.front(window)
        at = self.spot(x, phrase)
        for _ in range(6):
            if at:
                break
            self.xdotool("mousemove", str(x + HALF // 2), str(HEIGHT // 2), "click", "5", "click", "5")
            time.sleep(0.8)
            at = self.spot(x, phrase)
        if not at:
            self.shot("not-found")
            raise SystemExit(f"nowhere on the screen: {phrase}")
        self.xdotool("mousemove", str(at[0]), str(at[1]), "click", "1")
        time.sleep(1)

    def shot(self, name: str) -> None:
        """Take a picture of the screen."""
        self.n += 1
        (self.pictures / f"{self.n:02}-{name}.png").write_bytes(self.display.picture())


def plain(text: str) -> str:
    """Letters and digits alone: what else tesseract sees depends on frames and fonts."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


def waited(answer: Callable[[], Found | None], what: str) -> Found:
    """What *answer* says as soon as it says anything."""
    until = time.monotonic() + WAITS_S
    while not (found := answer()):
        if time.monotonic() > until:
            raise SystemExit(f"waited in vain for {what}")
        time.sleep(0.3)
    return found


@dataclass
class Play:
    """One run, from the command to the end of it."""

    person: Person
    product: str
    case: Path
    number: int = 1
    """Of the session that comes next."""

    def starts(self, *answers: str) -> None:
        """The command in a terminal, with an answer to each of its questions."""
        command = [str(Path(sys.executable).parent / "hometruth"), "audit", "--phone", "--here", "--offline"]
        times = ["--sessions", "1", "--drain", "6", "--preflight", "15", "--port", str(PORT)]
        self.terminal = Terminal([*command, *times, "--out", str(self.case)], self.person.display.env)
        for n, answer in enumerate(answers, 1):
            waited(lambda n=n: f"{n}. " in self.terminal.said, f"question {n}")  # type: ignore[misc]
            self.terminal.types(f"{answer}\n")
        waited(lambda: "The desk page" in self.terminal.said, "the desk page")

    def opens(self) -> str:
        """Copy the line from the desk page, and start what it says; the window that comes."""
        x, y = self.person.sees(0, "copied", self.line_at)
        self.person.front(self.desk)
        self.person.xdotool("mousemove", str(x), str(y), "click", "1")
        self.person.keys(self.desk, "ctrl+c")
        line = waited(self.person.display.pasted, "the copied line")
        print(f"copied: {line}")
        subprocess.Popen(
            ["bash", "-c", line],
            env=self.person.display.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        return self.person.new_window(HALF)

    def line_at(self) -> tuple[int, int] | None:
        """Where the line to copy stands."""
        return next(((x, y) for word, x, y in self.person.words(0) if "hometruth-browser" in word), None)

    def closes(self, *windows: str) -> None:
        """Close windows of the browser."""
        for window in windows:
            self.person.keys(window, LEAVES[self.product])
            self.person.known.discard(window)
        time.sleep(3)

    def plays(self) -> None:
        """All of it, with what goes wrong on the way."""
        person = self.person
        self.starts(self.product, "mine", "", "")
        self.desk = person.new_window(0)
        person.sees(0, "Copy this line")
        person.shot("connect")
        phone = self.opens()
        person.sees(HALF, "May this device")
        person.shot("consent")
        person.presses(phone, HALF, "do not agree")
        person.sees(0, "still change")
        person.shot("declined")
        person.presses(phone, HALF, "agree: record")
        if self.product == "Firefox":
            self.installs(phone)
        person.sees(0, "and open the first page")
        person.shot("first")
        person.goes_to(phone, "start.sites.example")
        person.sees(0, "Tap around")
        person.goes_to(phone, "www.debian.org")
        person.sees(0, "www.debian.org")
        person.shot("preflight")
        person.sees(0, "Read what")
        person.shot("readable")
        person.presses(self.desk, 0, "Done")
        phone = self.session(phone, "first", does_wrong=True)
        self.breaks_off()
        phone = self.session(phone, "second")
        person.sees(0, "The verdicts")
        person.shot("verdicts")
        person.presses(self.desk, 0, "Remove the certificate")
        self.removes(phone)
        person.sees(0, "Removal shown")
        person.shot("removed")
        print(f"exit code {self.terminal.ends()}")
        print(self.terminal.said[-800:])

    def asked(self) -> str:
        """The mode of the window that the desk asks for."""
        told = waited(
            lambda: next(
                (word for word, _, _ in self.person.words(0) if word in ("PRIVATE", "NORMAL")), None
            ),
            "a window to be asked for",
        )
        return told.lower()

    def session(self, phone: str, name: str, *, does_wrong: bool = False) -> str:
        """As the desk asks for it; the normal window that is open afterwards."""
        person, mode = self.person, self.asked()
        number = self.number
        self.number += 1
        person.shot(f"{name}-{mode}")
        if does_wrong:
            person.goes_to(phone, f"{number + 1}.sites.example")
            person.sees(HALF, "Another address")
            person.shot(f"{name}-wrong-order")
            self.stranger(f"{number}.sites.example")
        self.closes(phone)
        phone = self.opens()
        private = ""
        for wrong in (True, False) if does_wrong else (False,):
            window = phone
            if (mode == "private") != wrong:
                private = private or self.opens_private(phone)
                window = private
            person.goes_to(window, f"{number}.sites.example")
            if wrong:
                person.sees(HALF, "Not this window")
                person.shot(f"{name}-wrong-window")
                person.keys(self.desk, "F5")
                person.sees(0, "address")
                person.shot(f"{name}-reloaded")
        person.sees(HALF, "Which window")
        person.shot(f"{name}-which")
        if does_wrong:
            person.presses(window, HALF, f"A {'normal' if mode == 'private' else 'private'} window")
            person.sees(HALF, "Then it is")
            person.shot(f"{name}-said-otherwise")
            person.goes_to(window, f"{number}.sites.example")
            person.sees(HALF, "Which window")
        person.presses(window, HALF, f"A {mode} window")
        person.sees(0, "Leave the phone")
        person.shot(f"{name}-drain")
        person.sees(HALF, "Now look at")
        if private:
            self.closes(private)
        return phone

    def opens_private(self, phone: str) -> str:
        """A private window, by the browser's own keys."""
        self.person.keys(phone, PRIVATE_KEYS[self.product])
        return self.person.new_window(HALF)

    def stranger(self, host: str) -> None:
        """Another program on this machine, through the same proxy."""
        told = subprocess.run(
            ["curl", "-s", "-x", f"http://127.0.0.1:{PORT}", f"http://{host}/"],
            capture_output=True,
            text=True,
            check=True,
        )
        print(re.sub("<.*?>", " ", told.stdout)[-120:])
        self.person.shot("stranger")

    def breaks_off(self) -> None:
        """Ctrl-C between two sessions; then the same command again."""
        self.asked()
        self.terminal.types("\x03")
        print(f"Ctrl-C: exit code {self.terminal.ends()}")
        print(self.terminal.said[-600:])
        self.person.shot("broken-off")
        self.closes(self.desk)
        self.starts()
        self.desk = self.person.new_window(0)
        self.person.shot("gone-on")

    def installs(self, phone: str) -> None:
        """Firefox: the certificate, by its own dialog."""
        raise NotImplementedError

    def removes(self, phone: str) -> None:
        """Look whether it is gone before it is; then do as the desk says."""
        person = self.person
        person.shot("remove")
        person.goes_to(phone, "hometruth.test")
        person.sees(0, "still trusts")
        person.shot("still-trusted")
        self.closes(phone)
        self.opens()
        person.sees(HALF, "Remove the")


def main() -> None:
    """Play it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--product", choices=sorted(PRIVATE_KEYS), default="Chromium")
    asked = parser.parse_args()
    asked.pictures.mkdir(parents=True, exist_ok=True)
    with XDisplay(asked.pictures / "display") as display:
        display.env["HOME"] = str(asked.pictures / "home")
        play = Play(Person(display, asked.pictures), asked.product, asked.pictures / "case")
        try:
            play.plays()
        except SystemExit:
            play.person.shot("stuck")
            raise
        finally:
            with suppress(ProcessLookupError):
                os.kill(play.terminal.pid, signal.SIGTERM)


if __name__ == "__main__":
    main()
