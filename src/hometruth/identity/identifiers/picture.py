"""The graph of sessions, identifiers and receivers as a static SVG picture: no script, no font, no network."""

from collections.abc import Callable, Sequence
from html import escape

from hometruth.identity.identifiers.codes import Code
from hometruth.identity.identifiers.event import Session
from hometruth.identity.identifiers.find import Kind

MOST_CODES = 40
MOST_SESSIONS = 120
MOST_HOSTS = 40
"""More would be a grey square; what is left out is said in the picture."""
LONGEST_LABEL = 44
"""Characters."""
ROW, TOP, LEFT, MIDDLE, RIGHT, WIDTH = 26, 74, 250, 480, 820, 1120
"""Pixels: height of a row, of the head; where the columns stand."""
COLOURS = {
    Kind.ADVERTISING: "#b45309",
    Kind.VENDOR: "#7c3aed",
    Kind.INSTALLATION: "#0369a1",
    Kind.SESSION: "#6b7280",
    Kind.DEVICE: "#b91c1c",
    Kind.ACCOUNT: "#15803d",
    Kind.UNKNOWN: "#111827",
}


def picture(
    sessions: Sequence[Session], codes: Sequence[Code], show: Callable[[str], str], *, title: str
) -> str:
    """Who sent which code to whom, as SVG text.

    Args:
        sessions: All that ran, in the order in which they are to stand.
        show: How a value is shown: masked, as a rule, and safe to read.
        title: Said above, and to those who do not see.
    """
    drawn, left_out = codes[:MOST_CODES], []
    used = [session for session in sessions if any(session.id in code.sessions for code in drawn)]
    shown = used[:MOST_SESSIONS]
    hosts = sorted({host for code in drawn for host in code.hosts})[:MOST_HOSTS]
    for noun, n_all, n_drawn in (
        ("codes", len(codes), len(drawn)),
        ("sessions", len(used), len(shown)),
        ("hosts", len({host for code in drawn for host in code.hosts}), len(hosts)),
    ):
        if n_all > n_drawn:
            left_out.append(f"{n_all - n_drawn} more {noun} are not drawn")
    rows = max(len(shown), 2 * len(drawn), len(hosts), 1)
    height = TOP + rows * ROW + 54
    session_y = _spread(len(shown), rows)
    code_y = _spread(len(drawn), rows)
    host_y = _spread(len(hosts), rows)
    lines, marks = [], []
    for code, y in zip(drawn, code_y, strict=True):
        colour = COLOURS[code.kind]
        dash = "" if code.is_certain else ' stroke-dasharray="5 4"'
        for session, sy in zip(shown, session_y, strict=True):
            if session.id in code.sessions:
                lines.append(_line(LEFT, sy, MIDDLE - 8, y, colour, dash))
        for host, hy in zip(hosts, host_y, strict=True):
            if host in code.hosts:
                lines.append(_line(MIDDLE + 214, y, RIGHT, hy, colour, dash))
        marks.append(_code(code, y, colour, dash, show))
    for session, y in zip(shown, session_y, strict=True):
        marks.append(_text(LEFT - 8, y + 4, f"{session.device} · {_label(session)}", anchor="end"))
    for host, y in zip(hosts, host_y, strict=True):
        marks.append(_text(RIGHT + 8, y + 4, host))
    if not drawn:
        marks.append(_text(MIDDLE, TOP + 20, "no identifier was found"))
    foot = "; ".join(["dashed: only looks like an identifier", *left_out])
    head = (
        _text(20, 28, title, size=18)
        + _text(LEFT - 8, 58, "sessions", anchor="end", size=14)
        + _text(MIDDLE, 58, "identifiers", size=14)
        + _text(RIGHT + 8, 58, "receivers", size=14)
        + _text(20, height - 16, foot)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
        f' font-family="sans-serif" role="img"><title>{_safe(title)}</title>'
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>'
        f"{head}{''.join(lines)}{''.join(marks)}</svg>\n"
    )


def _spread(n: int, rows: int) -> list[float]:
    return [TOP + (number + 0.5) * rows * ROW / n for number in range(n)]


def _label(session: Session) -> str:
    return session.phase.value if session.day is None else f"{session.phase.value}, day {session.day:g}"


def _code(code: Code, y: float, colour: str, dash: str, show: Callable[[str], str]) -> str:
    values = sorted(code.tokens)
    value = show(values[0]) + (f" and {len(values) - 1} more" if len(values) > 1 else "")
    known = f"your {code.known[0].name}" if code.known else code.kind.value
    return (
        f'<rect x="{MIDDLE - 8}" y="{y - 20:.1f}" width="222" height="40" rx="6" fill="#ffffff" stroke="{colour}"'
        f' stroke-width="2"{dash}/>'
        + _text(MIDDLE, y - 4, known, colour=colour)
        + _text(MIDDLE, y + 13, value, size=12)
    )


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, dash: str) -> str:
    bend = (x2 - x1) / 2
    return (
        f'<path d="M{x1},{y1:.1f} C{x1 + bend},{y1:.1f} {x2 - bend},{y2:.1f} {x2},{y2:.1f}" fill="none"'
        f' stroke="{colour}" stroke-opacity="0.45" stroke-width="1.5"{dash}/>'
    )


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", size: int = 13, colour: str = "#111827"
) -> str:
    return (
        f'<text x="{x}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}">'
        f"{_safe(text)}</text>"
    )


def _safe(text: str) -> str:
    """What came from the network is hostile: cut, and without meaning to XML."""
    cut = text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 1]}…"
    return escape("".join(char if char.isprintable() else "\ufffd" for char in cut), quote=True)
