"""The person of a run by hand: looks at the desk page, and does on the device what it says."""

import ctypes
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import httpx

from hometruth.experiment.drivers.by_hand.desk import DeskBoard
from hometruth.experiment.drivers.by_hand.desk_server import serving_desk

WAITS_S = 60.0
UNVERIFIED = ssl._create_unverified_context()
ANDROID = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/131.0.0.0 Mobile Safari/537.36"


@dataclass
class DeskReader:
    """Reads the desk page as it stands, and presses its buttons."""

    url: str

    def page(self) -> str:
        with urlopen(f"{self.url}now", timeout=WAITS_S) as page:
            return str(page.read().decode())

    @property
    def step(self) -> str:
        found = re.search(r'data-step="(\w+)"', self.page())
        assert found
        return found[1]

    def wait_for(self, *steps: str) -> str:
        """The first of these steps that the desk comes to."""
        return str(until(lambda: (now := self.step) in steps and now))

    def typed(self) -> str:
        """What is to be typed."""
        found = re.search(r'<p class="typed"><code>(.*?)</code>', self.page())
        assert found
        return unescape(re.sub("<.*?>", "", found[1]))

    def press(self, button: str) -> None:
        number = re.search(r'name="step" value="(\d+)"', self.page())
        assert number
        self.post({"step": number[1], "button": button})

    def number(self) -> str:
        """Of the step, if it has buttons; else nothing."""
        return self.number_and_step()[0]

    def number_and_step(self) -> tuple[str, str]:
        """Both, of one look."""
        page = self.page()
        number, step = (re.search(p, page) for p in (r'name="step" value="(\d+)"', r'data-step="(\w+)"'))
        return number[1] if number else "", step[1] if step else ""

    def post(self, data: dict[str, str]) -> None:
        with urlopen(f"{self.url}press", urlencode(data).encode(), timeout=WAITS_S):
            pass

    def says(self, words: str) -> bool:
        return words in unescape(self.page())

    def wait_until_it_says(self, words: str) -> None:
        until(lambda: self.says(words))


def until(answer: Callable[[], Any], waits_s: float = WAITS_S) -> Any:
    """What *answer* says as soon as it says something."""
    end = time.monotonic() + waits_s
    while not (found := answer()):
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.03)
    return found


@dataclass
class PlainWindow:
    """A window of a plain client: cookies of its own, and forms that are sent."""

    proxy: str
    agent: str = ANDROID
    trusts: bool = True
    """False where it takes none but the system's certificates."""
    client: httpx.Client = field(init=False)
    page: httpx.Response = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(
            proxy=self.proxy,
            verify=UNVERIFIED if self.trusts else ssl.create_default_context(),
            headers={"User-Agent": self.agent},
            follow_redirects=True,
            timeout=30,
        )

    def open(self, url: str) -> str:
        self.page = self.client.get(url if "://" in url else f"http://{url}/")
        return self.page.text

    def send(self, path: str, **fields: str) -> str:
        """A form of the page that is open."""
        hidden = dict(re.findall(r"type=hidden name=(\w+) value=(\w+)", self.page.text))
        self.page = self.client.post(self.page.url.join(path), data={**hidden, **fields})
        return self.page.text


@contextmanager
def desk_of(board: DeskBoard) -> Iterator[DeskReader]:
    with serving_desk(board) as url:
        yield DeskReader(url)


@contextmanager
def in_background(work: Callable[[], Any]) -> Iterator[list[Any]]:
    """Runs beside; gives a list that holds what came of it in the end, an error too."""
    came: list[Any] = []

    def run() -> None:
        try:
            came.append(work())
        except BaseException as err:  # noqa: BLE001 - shown by whoever looks at what came
            came.append(err)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield came
    except BaseException:
        # One that went on would keep the recorder, of which a process has one: all later tests would fail.
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(thread.ident or 0), ctypes.py_object(KeyboardInterrupt)
        )
        thread.join(WAITS_S)
        raise
    thread.join(WAITS_S)
    assert not thread.is_alive(), "it did not end"
