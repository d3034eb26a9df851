"""The desk page: what the person at the computer is to do now, in large words, and what was seen of it.

Its steps come from the driver; this holds them, and whatever is pressed. It runs no script: steps arrive as
one answer that does not end, each taking the place of the one before it by style alone.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from hometruth.errors import escape_terminal
from hometruth.handed_in import sentences

MOST_NOTES = 6
"""Latest remarks that are shown; the others are in the driver's log."""
MOST_ROWS = 60
"""Rows of a table; how many more there are is said."""
MOST_CHOICES = 200
"""Hosts that can be ticked at once; those beyond stay unticked, which is said."""
CLIP = 200
"""Characters of a text that came from outside."""
SHORT, GROUP = 10, 4
"""A word of more characters is shown in groups of so many."""


@dataclass(frozen=True, slots=True)
class DeskTally:
    """How far the run is."""

    done: int
    planned: int
    bound: str
    """What silence in all of them leaves possible, in words; empty where it shows nothing, as in pairs."""


@dataclass(frozen=True, slots=True)
class DeskChoice:
    """A row that can be ticked."""

    cells: tuple[str, ...]
    is_ticked: bool
    """As it is proposed."""


@dataclass(frozen=True, slots=True)
class DeskStep:
    """What is to be done now."""

    name: str
    """Of its sentences in the catalogue: ``NAME_title`` and ``NAME_text``."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """What is filled in."""
    first: str = ""
    """Name of a sentence that stands before its text, with what is to be copied."""
    typed: str = ""
    """What is to be typed on the device."""
    code: str = ""
    """What a camera of the device is to read."""
    copied: str = ""
    """What is to be copied into a terminal of this machine."""
    buttons: tuple[str, ...] = ()
    drain: tuple[float, float] | None = None
    """Seconds that the device is left alone, and how many of them have passed."""
    rows: tuple[tuple[str, ...], ...] = ()
    """A table, with its heads first."""
    choices: tuple[DeskChoice, ...] = ()
    """Rows below the heads that can be ticked."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button, and the number of the step it stood in."""

    number: int
    button: str
    ticked: frozenset[int] = frozenset()
    """Of the step's choices, by their place."""


class DeskBoard:
    """What the desk page shows, for any number of readers."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self._step = DeskStep("starting")
        self._number = self._version = 0
        self._notes: tuple[tuple[str, str], ...] = ()
        """Newest first."""
        self._tally: DeskTally | None = None
        self._pressed: Pressed | None = None
        self.is_over = False

    def show(self, step: DeskStep) -> int:
        """Say what is to be done now; returns its number, which it keeps while only its table grows."""
        with self._news:
            before, self._step = self._step, step
            if replace(step, drain=None, rows=()) != replace(before, drain=None, rows=()):
                self._number += 1
                if step.name != before.name:
                    self._notes = ()
                self._changed()
            elif step.rows != before.rows:
                self._changed()
            return self._number

    def note(self, name: str, look: str = "", /, **facts: str) -> None:
        """Remark on what was seen; the same twice in a row is said once."""
        told = (_filled(f"note_{name}", facts), look)
        with self._news:
            if told not in self._notes[:1]:
                self._notes = (told, *self._notes)[:MOST_NOTES]
                self._changed()

    def tell(self, tally: DeskTally) -> None:
        """How far the run is."""
        with self._news:
            self._tally = tally
            self._changed()

    def press(self, pressed: Pressed) -> None:
        """A button was pressed; of a step that is over, nothing happens."""
        with self._news:
            if pressed.number == self._number and pressed.button in self._step.buttons:
                self._pressed = pressed
                self._news.notify_all()

    def taken(self, number: int) -> str | None:
        """The button that was pressed in the step of this number, once."""
        told = self.pressed(number)
        return told.button if told else None

    def pressed(self, number: int) -> Pressed | None:
        """What was pressed in the step of this number, once."""
        with self._news:
            told, self._pressed = self._pressed, None
            return told if told and told.number == number else None

    def end(self) -> None:
        """Nothing follows."""
        with self._news:
            self.is_over = True
            self._changed()

    def after(self, version: int, wait_s: float) -> tuple[int, str]:
        """What is to be shown after *version*, and which version that is; empty if nothing came in time."""
        with self._news:
            self._news.wait_for(lambda: self._version > version or self.is_over, wait_s)
            return self._version, self._drawn() if self._version > version else ""

    def _changed(self) -> None:
        self._version += 1
        self._news.notify_all()

    def _drawn(self) -> str:
        step, say = self._step, sentences("desk")
        return (
            _templates()
            .get_template("step.html.j2")
            .render(
                number=self._number,
                step=step,
                title=_filled(f"{step.name}_title", step.facts),
                first=_filled(step.first, step.facts) if step.first else "",
                lines=_filled(f"{step.name}_text", step.facts).split("\n"),
                groups=_groups(step.typed),
                code=_drawn_code(step.code),
                rows=[[_clean(cell) for cell in row] for row in step.rows[: MOST_ROWS + 1]],
                n_more=len(step.rows) - MOST_ROWS - 1
                if not step.choices
                else len(step.choices) - MOST_CHOICES,
                choices=[
                    ([_clean(cell) for cell in one.cells], one.is_ticked)
                    for one in step.choices[:MOST_CHOICES]
                ],
                notes=self._notes,
                tally=self._tally,
                progress=_told(self._tally) if self._tally else "",
                say=say,
            )
        )


def page_around(*, is_whole: bool) -> tuple[str, str]:
    """What comes before the steps, and after them.

    Args:
        is_whole: The page ends here, and does not go on by itself.
    """
    page = _templates().get_template("desk.html.j2")
    text = page.render(is_whole=is_whole, say=sentences("desk"))
    head, _, tail = text.partition("<!-- steps -->")
    return head, tail


def _groups(typed: str) -> list[str]:
    """What is to be typed, in pieces that the eye keeps: of a long random word, a few characters each."""
    word, dot, rest = typed.partition(".")
    if len(word) <= SHORT:
        return [typed] if typed else []
    groups = [word[at : at + GROUP] for at in range(0, len(word), GROUP)]
    return [*groups, *([dot + rest] if dot else [])]


def _told(tally: DeskTally) -> str:
    left = tally.planned - tally.done
    facts = {"done": str(tally.done), "planned": str(tally.planned), "left": str(left), "bound": tally.bound}
    told = "progress_pairs" if not tally.bound else "progress" if left else "progress_done"
    return _filled(told, facts)


def _filled(name: str, facts: Mapping[str, str]) -> str:
    return sentences("desk")[name].format(**{key: _clean(value) for key, value in facts.items()})


def _clean(text: str) -> str:
    """What came from outside: clipped, with its controls written out; the templates escape it."""
    told = escape_terminal(text)
    return told if len(told) <= CLIP else f"{told[:CLIP]}…"


def _drawn_code(text: str) -> str:
    if not text:
        return ""
    import segno  # noqa: PLC0415 - only where a code is drawn

    drawn: str = segno.make(text, error="m").svg_inline(scale=6, border=4, dark="#000", light="#fff")
    return drawn


@cache
def _templates() -> Environment:
    """One, for it keeps the compiled pages: a step is drawn anew whenever it changes."""
    loader = PackageLoader("hometruth.experiment.drivers.by_hand")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
