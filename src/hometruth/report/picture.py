"""What is joined, as a static SVG picture: no script, no font, no network.

A row is a session, a column is a code. The same letter is the same value; a bar joins the sessions that a
receiver can join by it, and ends where a reset really changed something. The first column is all codes
together: the components of the graph.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from hometruth.model.identified import Code, OpenTie
from hometruth.model.identifier import IdentifierKind, Session
from hometruth.report.catalogue import _
from hometruth.report.svg import letter, plain

MOST_CODES = 40
MOST_SESSIONS = 200
"""More would be a grey square; what is left out is said in the picture."""
LONGEST_HEAD = 28
LONGEST_LABEL = 150
"""Characters."""
ROW, COLUMN, LEFT, HEAD, SLANTED, LINE = 26, 46, 250, 210, 180, 20
"""Pixels: a row, a column, where they begin, room for the slanted heads, a line of the legend."""
KEY = (
    _("same letter: same value"),
    _("bar: sessions joined by it"),
    _("dashed: only looks like an identifier, or is undecided"),
)
COLOURS = {
    IdentifierKind.ADVERTISING: "#b45309",
    IdentifierKind.VENDOR: "#7c3aed",
    IdentifierKind.INSTALLATION: "#0369a1",
    IdentifierKind.SESSION: "#6b7280",
    IdentifierKind.DEVICE: "#b91c1c",
    IdentifierKind.ACCOUNT: "#15803d",
    IdentifierKind.UNKNOWN: "#111827",
}
GREY = "#9ca3af"


@dataclass(frozen=True, slots=True)
class _Column:
    head: str
    """Few words above it."""
    legend: str
    """What it is, where it was sent, and who got it."""
    colour: str
    is_certain: bool
    values: Mapping[str, tuple[str, ...]]
    """Session id to what was sent in it."""


def picture(
    sessions: Sequence[Session],
    codes: Sequence[Code],
    joined: Sequence[frozenset[Session]],
    show: Callable[[str], str],
    *,
    ties: Sequence[OpenTie] = (),
    title: str,
) -> str:
    """Which sessions which code joins, as SVG text.

    Args:
        sessions: All that ran, device by device, in order.
        joined: Sessions that belong together by all codes.
        ties: Undecided codes that would join sessions or receivers, drawn last.
        show: How a value is shown: masked, as a rule, and safe to read.
        title: Said above, and to those who do not see.
    """
    rows = sessions[:MOST_SESSIONS]
    columns = [_together(joined), *(_of_code(code, show) for code in codes[:MOST_CODES])] if codes else []
    drawn_ties = ties[: max(MOST_CODES - len(codes), 0)]
    columns += [_of_tie(tie, show) for tie in drawn_ties]
    width = max(LEFT + len(columns) * COLUMN + SLANTED, 1100)
    height = HEAD + len(rows) * ROW + 40 + (len(columns) + 3) * LINE
    y_of = {session.id: HEAD + number * ROW + ROW / 2 for number, session in enumerate(rows)}
    parts = [_text(20, 30, title, size=18)]
    for number, (device, group) in enumerate(groupby(rows, key=lambda session: session.device)):
        ids = [session.id for session in group]
        top, bottom = y_of[ids[0]] - ROW / 2, y_of[ids[-1]] + ROW / 2
        fill = "#f3f4f6" if number % 2 else "#ffffff"
        parts.append(f'<rect x="0" y="{top}" width="{width}" height="{bottom - top}" fill="{fill}"/>')
        parts.append(_text(20, top + ROW / 2 + 4, device, weight="bold"))
    parts += [_text(LEFT - 20, y_of[session.id] + 4, _label(session), anchor="end") for session in rows]
    for number, column in enumerate(columns):
        parts += _draw(number, column, LEFT + number * COLUMN + COLUMN / 2, rows, y_of)
    if not columns:
        parts.append(_text(LEFT, HEAD - 20, _("no identifier was found")))
    y = HEAD + len(rows) * ROW + 30
    for number, column in enumerate(columns):
        parts.append(_text(20, y + number * LINE, f"{number}  {column.legend}", colour=column.colour))
    more = [
        _("{n} more {noun} are not drawn", n=n, noun=noun)
        for noun, n in (
            ("codes", len(codes) - MOST_CODES),
            (_("undecided codes"), len(ties) - len(drawn_ties)),
            ("sessions", len(sessions) - len(rows)),
        )
        if n > 0
    ]
    parts.append(_text(20, y + (len(columns) + 1) * LINE, "; ".join((*KEY, *more))))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" font-family="sans-serif" role="img"><title>{_safe(title)}</title>'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>{"".join(parts)}</svg>\n'
    )


def _together(joined: Sequence[frozenset[Session]]) -> _Column:
    groups = {session.id: (str(number),) for number, group in enumerate(joined) for session in group}
    return _Column(
        _("all together"), _("all codes together: sessions that belong together"), GREY, True, groups
    )


def _of_code(code: Code, show: Callable[[str], str]) -> _Column:
    what = _("your {name}", name=code.known[0].name) if code.known else code.kind.value
    places = sorted({item.place.path for item in code.found})
    sender = _(" of {listed}", listed=", ".join(code.apps)) if code.apps else ""
    to = ", ".join(f"{name}" for name in dict.fromkeys((*code.receivers, *code.hosts)))
    sent: dict[str, set[str]] = {}
    for item in code.found:
        for session, tokens in item.sent.items():
            sent.setdefault(session, set()).update(tokens)
    return _Column(
        f"{what}{f' ({code.apps[0]})' if len(code.apps) == 1 else ''}"[:LONGEST_HEAD],
        _(
            "{what}{sender} to {to}: {listed} ({show})",
            what=what,
            sender=sender,
            to=to,
            listed=", ".join(places),
            show=show(min(code.tokens)),
        ),
        COLOURS[code.kind],
        code.is_certain,
        {session: tuple(sorted(tokens)) for session, tokens in sent.items()},
    )


def _of_tie(tie: OpenTie, show: Callable[[str], str]) -> _Column:
    sent: dict[str, set[str]] = {}
    for item in tie.group:
        for session, tokens in item.sent.items():
            sent.setdefault(session, set()).update(tokens)
    places = sorted({item.place.path for item in tie.group})
    value = show(min(frozenset().union(*sent.values())))
    return _Column(
        "undecided",
        _(
            "undecided, to {listed}: {listed2} ({value})",
            listed=", ".join(tie.receivers),
            listed2=", ".join(places),
            value=value,
        ),
        GREY,
        False,
        {session: tuple(sorted(tokens)) for session, tokens in sent.items()},
    )


def _draw(
    number: int, column: _Column, x: float, rows: Sequence[Session], y_of: Mapping[str, float]
) -> Iterator[str]:
    """A slanted head, bars between sessions with a value in common, a letter for each value."""
    yield _text(x, HEAD - 14, f"{number}  {column.head}", colour=column.colour, turn=-50)
    letters: dict[str, str] = {}
    dash = "" if column.is_certain else ' stroke-dasharray="3 3"'
    for _device, group in groupby(rows, key=lambda session: session.device):
        filled = [session for session in group if column.values.get(session.id)]
        for before, after in pairwise(filled):
            if set(column.values[before.id]) & set(column.values[after.id]):
                yield (
                    f'<line x1="{x}" x2="{x}" y1="{y_of[before.id]}" y2="{y_of[after.id]}"'
                    f' stroke="{column.colour}" stroke-width="8" stroke-opacity="0.55"{dash}/>'
                )
        for session in filled:
            values = column.values[session.id]
            sign = letters.setdefault(values[0], letter(len(letters)))
            more = "+" if len(values) > 1 else ""
            yield (
                f'<circle cx="{x}" cy="{y_of[session.id]}" r="9" fill="#ffffff" stroke="{column.colour}"'
                f' stroke-width="2"{dash}/>'
            )
            yield _text(x, y_of[session.id] + 4, sign + more, anchor="middle", size=11, colour=column.colour)


def _label(session: Session) -> str:
    return (
        session.phase.value
        if session.day is None
        else _("{value}, day {day:g}", value=session.phase.value, day=session.day)
    )


def _text(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "start",
    size: int = 13,
    colour: str = "#111827",
    weight: str = "normal",
    turn: int = 0,
) -> str:
    turned = f' transform="rotate({turn} {x} {y})"' if turn else ""
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" text-anchor="{anchor}" fill="{colour}"'
        f' font-weight="{weight}"{turned}>{_safe(text)}</text>'
    )


def _safe(text: str) -> str:
    """What came from the network is hostile: cut, and without meaning to XML."""
    cut = text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 1]}…"
    return plain(cut)
