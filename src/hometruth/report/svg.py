"""Static SVG, piece by piece: no script, style sheet, font or network; it travels alone or in the page.

Colours stand in attributes, so that a picture alone is drawn in them, and in classes, so that the page can
draw it dark. Text is only ever written through `text`, which takes from it all meaning to XML.
"""

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from hometruth.report.text import escape_terminal

COLOURS = {
    "ink": "#1c1b19",
    "soft": "#5b5750",
    "rule": "#d8d3c8",
    "paper": "#fbfaf7",
    "panel": "#f2efe8",
    "red": "#a4161a",
    "green": "#1d5c45",
    "amber": "#7a4b00",
    "link": "#1f4e79",
}
"""By what they are for; the page's style sheet has a rule for each class ``p-NAME``."""
FONT = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif"
CHARACTER = 0.56
BOLD_CHARACTER = 0.64
"""Mean width of a character of that font, in its size."""
LINE, MARGIN = 20, 12
"""Pixels: a line of text, room around everything."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, and the table that says the same in words."""

    name: str
    title: str
    svg: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def text(
    x: float,
    y: float,
    told: str,
    *,
    colour: str = "ink",
    size: int = 14,
    anchor: str = "start",
    bold: bool = False,
    room: float = 0,
) -> str:
    """One line of text at *x*, *y*, cut to *room* pixels if there is not more."""
    shown = fitted(told, room, size * (BOLD_CHARACTER if bold else CHARACTER)) if room else told
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}" class="p-{colour}"'
        f' fill="{COLOURS[colour]}"{weight}>{plain(shown)}</text>'
    )


def wrapped(told: str, room: float, size: int = 14, *, bold: bool = False) -> list[str]:
    """*told* on lines of *room* pixels."""
    character = size * (BOLD_CHARACTER if bold else CHARACTER)
    return textwrap.wrap(told, max(int(room / character), 1)) or [""]


def lines(told: str, room: float, size: int = 14, *, bold: bool = False) -> list[str]:
    """*told* on at most two lines of *room* pixels; what is longer is cut where it is drawn."""
    first, *more = wrapped(told, room, size, bold=bold)
    return [first, " ".join(more)] if more else [first]


def letter(number: int) -> str:
    """A to Z, then AA, AB and so on."""
    last = chr(ord("A") + number % 26)
    return last if number < 26 else letter(number // 26 - 1) + last


def plain(told: str) -> str:
    """*told* without meaning to XML or to whoever draws it; characters that XML forbids are written out."""
    return escape(escape_terminal(told), quote=True)


def fitted(told: str, room: float, character: float) -> str:
    """*told* in about *room* pixels of characters so wide, cut between words where there are any."""
    most = max(int(room / character), 1)
    if len(told) <= most:
        return told
    head = told[: most - 1]
    return (head.rsplit(" ", 1)[0] if " " in head.strip() else head).rstrip() + "…"


def rect(
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    fill: str = "",
    outline: str = "",
    dashed: bool = False,
) -> str:
    """A box, filled, outlined, or both."""
    drawn = _drawn(fill, outline, dashed)
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="3"{drawn}/>'


def circle(x: float, y: float, radius: float, *, fill: str = "", outline: str = "") -> str:
    """A dot or a ring."""
    return f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}"{_drawn(fill, outline, dashed=False)}/>'


def line(x1: float, y1: float, x2: float, y2: float, *, colour: str = "rule", width: float = 1) -> str:
    """A straight line."""
    return (
        f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" class="s-{colour}"'
        f' stroke="{COLOURS[colour]}" stroke-width="{width:g}"/>'
    )


def document(
    name: str,
    title: str,
    told: str,
    width: float,
    height: float,
    parts: Iterable[str],
    stamp: str,
    notes: Iterable[str] = (),
) -> str:
    """A whole picture, with *stamp* inside: what it is about, wherever somebody copies it to.

    Args:
        told: What the picture says, for those who do not see it.
        notes: What its signs and colours mean, and what is not drawn.
    """
    room = width - 2 * MARGIN
    heads = wrapped(title, room, 15, bold=True)
    top = LINE * len(heads) + 8
    head = "".join(text(MARGIN, LINE * (n + 1), told, size=15, bold=True) for n, told in enumerate(heads))
    feet = [line for note in (*notes, stamp) for line in wrapped(note, room, 13)]
    whole = top + height + LINE * len(feet) + MARGIN
    foot = "".join(
        text(MARGIN, top + height + LINE * (n + 1) - 4, told, colour="soft", size=13)
        for n, told in enumerate(feet)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {whole:g}" width="{width:g}"'
        f' height="{whole:g}" role="img" aria-labelledby="{name}-title {name}-desc" font-family="{FONT}">'
        f'<title id="{name}-title">{plain(title)}</title><desc id="{name}-desc">{plain(told)}</desc>'
        f"{rect(0, 0, width, whole, fill='paper')}{head}"
        f'<g transform="translate(0 {top:g})">{"".join(parts)}</g>{foot}</svg>'
    )


def _drawn(fill: str, outline: str, dashed: bool) -> str:
    classes = " ".join(filter(None, (f"p-{fill}" if fill else "p-none", f"s-{outline}" if outline else "")))
    dash = ' stroke-dasharray="4 3"' if dashed else ""
    stroke = f' stroke="{COLOURS[outline]}" stroke-width="1.5"' if outline else ""
    return f' class="{classes}" fill="{COLOURS[fill] if fill else "none"}"{stroke}{dash}'
