"""The first screen for a terminal: 80 columns, at most 24 lines with the prompt; everything else is `--all`.

Where there is more to say than fits, settings go first, then statements; whatever is left out is counted.
What was not seen is never left out for want of room.
"""

import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from textwrap import wrap

from rich.console import Console
from rich.text import Text

from hometruth.model import Audit, VerdictKind
from hometruth.report.catalogue import _
from hometruth.report.first_screen import (
    FirstScreen,
    Headline,
    bound_told,
    first_screen,
    matrix_head,
    other_hosts,
)
from hometruth.report.matrix import CellMark, Matrix, MatrixCell, MatrixColumn
from hometruth.report.personal import Masker, masker_for
from hometruth.report.sentences import STATEMENTS, say
from hometruth.report.text import clip, escape_terminal
from hometruth.report.words import VERDICT_SIGN, VERDICT_STYLE, count

Safe = Callable[[str], str]
"""Masks and escapes."""
SCREEN_LINES = 23
"""Of 24: the prompt has one."""
MOST_CHARS = 600
"""Of one sentence; captured text may have megabytes."""
MOST_COLUMNS = 100
"""Longer lines are hard to read."""
SIZES = ((6, 5), (6, 4), (5, 4), (5, 3), (4, 3), (3, 3), (3, 2), (2, 2), (2, 1), (1, 1), (1, 0))
"""Settings and statements shown, from most to fewest; the first that fits is taken."""
BOUND, NO_BOUND = "*", "†"
"""Signs beside silence: what it is worth, and that it proves nothing yet."""
MANY = 1000
"""Lines: no limit."""
CELL_COLUMNS = 10
MOST_DATA, MOST_HEAD = 4, 14
SEEN_COLUMNS = 33
MARKS = {
    CellMark.SENT: "●",
    CellMark.SOME: "◐",
    CellMark.TRIED: "○",
    CellMark.FOLLOWS: "▲",
    CellMark.SILENT: "·",
    CellMark.UNTESTED: "–",
}
MARK_STYLES = {
    CellMark.SENT: "bold red",
    CellMark.SOME: "bold red",
    CellMark.TRIED: "yellow",
    CellMark.FOLLOWS: "bold red",
}
MARK_WORDS = {
    CellMark.SENT: "● sent",
    CellMark.SOME: _("◐ sent in some"),
    CellMark.TRIED: _("○ only tried"),
    CellMark.FOLLOWS: _("▲ follows (pairs)"),
    CellMark.SILENT: _("· not seen"),
    CellMark.UNTESTED: _("– not tested"),
}


def print_first_screen(audit: Audit, console: Console, *, case: Path, report: Path) -> None:
    """Print one screen, whose last lines say where the rest is: the *report*, and commands on the *case*."""
    screen, masker = first_screen(audit), masker_for(audit)
    width = min(console.width, MOST_COLUMNS)
    where = _where_the_rest_is(screen, case, report, width)
    room = SCREEN_LINES - sum(-(-len(escape_terminal(told)) // console.width) for told in where)
    for n_settings, n_statements in SIZES:
        above, below = _lines(audit, screen, masker, width, n_settings, n_statements)
        if sum(bool(line.plain) for line in above) + len(below) <= room:
            break
    for line in (*_in_room(above, room - len(below)), *below):
        line.rstrip()
        console.print(line, soft_wrap=True)
    for told in where:
        console.print(Text(escape_terminal(told)), soft_wrap=True)


def _in_room(lines: Sequence[Text], room: int) -> Sequence[Text]:
    """The first *lines*; where not all of them fit, the last says how many are missing."""
    if len(lines) <= room:
        return lines
    told = [line for line in lines if line.plain]
    if len(told) <= room:
        return told
    kept = told[: max(room - 1, 0)]
    return [*kept, Text(say("more-lines", n=count(len(told) - len(kept), "line")), "dim")]


def _where_the_rest_is(screen: FirstScreen, case: Path, report: Path, width: int) -> list[str]:
    """Paths and commands, never cut."""
    told = [say("where-report", path=report), say("where-all", case=shlex.quote(str(case)))]
    shown = [item for item in screen.headlines if item.summary.proof is screen.proof]
    proved = [*shown, *(item for item in screen.headlines if item.summary.proof), *screen.headlines]
    if proved:
        explain = say("where-explain", claim=proved[0].summary.claim.id)
        told[-1] += explain if len(escape_terminal(told[-1] + explain)) <= width else ""
    return told


def _lines(
    audit: Audit, screen: FirstScreen, masker: Masker, width: int, n_settings: int, n_statements: int
) -> tuple[list[Text], list[Text]]:
    """What may be shortened for want of room, and what may not."""

    def safe(text: str) -> str:
        return escape_terminal(clip(masker.text(text), MOST_CHARS))

    columns, headlines = columns_shown(screen.matrix, n_settings), _shown(screen.headlines, n_statements)
    above = _wrapped(safe(screen.head), width, "bold", most=2)
    for warning in screen.warnings:
        above += _wrapped(safe(warning), width, "bold red", most=2)
    for sentence in screen.lead:
        above += _wrapped(safe(sentence), width, most=4)
    above.append(Text())
    if screen.matrix.data and columns:
        above += _matrix_lines(audit, screen.matrix, columns, safe, width)
    above += _statement_lines(headlines, safe, width)
    below = _wrapped(left_out(screen, columns, headlines), width, "dim", most=2)
    if bound := bound_told(columns, headlines):
        below += _wrapped(f"{BOUND} {bound}.", width, "dim")
    if told := unbounded_told(screen.matrix, columns):
        below += _wrapped(safe(f"{NO_BOUND} {told}."), width, "dim", most=2)
    below += _wrapped(safe(screen.proof_told), width, most=2)
    if screen.chain:
        below += _wrapped(safe(_("  in {chain}", chain=screen.chain)), width, "dim", most=1)
    below += _wrapped(safe(screen.not_seen[0]), width, most=MANY)
    if told := other_hosts(audit):
        below += _wrapped(safe(told), width, most=2)
    if audit.subject.unseen:
        below += _enumerated("by-set-up", audit.subject.unseen, safe, width)
    return above, below


def _enumerated(what: str, items: Sequence[str], safe: Safe, width: int) -> list[Text]:
    """A sentence with as many *items* as fit into three lines, and how many more there are."""
    for n in range(len(items), -1, -1):
        more = [_("{part} more (in the report)", part=len(items) - n)] if n < len(items) else []
        lines = _wrapped(say(what, told="; ".join([*map(safe, items[:n]), *more])), width, most=MANY)
        if len(lines) <= 3:
            return lines
    return lines


def left_out(screen: FirstScreen, columns: Sequence[MatrixColumn], shown: Sequence[Headline]) -> str:
    """What there is no room for, counted; empty if that is nothing."""
    left = Counter(dict(screen.others))
    left.update(item.summary.verdict.verdict for item in screen.headlines if item not in shown)
    told = [say("more-statements", told=", ".join(statements_told(left)))] if left.total() else []
    if hidden := len(screen.matrix.data) - len(data_shown(screen.matrix, columns)):
        told.insert(0, say("more-data", n=count(hidden, "kind")))
    if more := len(screen.matrix.columns) - len(columns):
        told.insert(0, count(more, "setting"))
    if not screen.headlines and not screen.others:
        return say("not-said")
    return say("more", told="; ".join(told)) if told else ""


def statements_told(counted: Mapping[VerdictKind, int]) -> list[str]:
    """``4 contradicted`` and so on: how many statements have each verdict."""
    return [STATEMENTS[kind.value].format(n=counted[kind]) for kind in VerdictKind if counted.get(kind)]


def _matrix_lines(
    audit: Audit, matrix: Matrix, columns: Sequence[MatrixColumn], safe: Safe, width: int
) -> Iterable[Text]:
    shown = data_shown(matrix, columns)
    heads = [_head_lines(safe(matrix.data[place].label)) for place in shown]
    widths = [max(CELL_COLUMNS, *(len(word) + 1 for word in head)) for head in heads]
    room = width - sum(widths)
    marks = {column.cells[place].mark for column in columns for place in shown}
    lefts = (
        safe(matrix_head(audit)),
        f"  {say('beyond-short') if matrix.beside_action else ''}"
        + ", ".join(word for mark, word in MARK_WORDS.items() if mark in marks),
    )
    for line, left in enumerate(lefts):
        words = (f"{head[line]:<{size}}" for head, size in zip(heads, widths, strict=True))
        yield Text(f"{_cut(left, room - 1):<{room}}{''.join(words)}", "dim")
    for column in columns:
        *above, label = _wrapped(safe(column.label), room - 5, most=2)
        yield from (Text(f"  {line.plain}") for line in above)
        told = Text(f"{'    ' if above else '  '}{label.plain}".ljust(room))
        for place, size in zip(shown, widths, strict=True):
            cell = column.cells[place]
            told.append(f"{cell_told(cell):<{size}}", MARK_STYLES.get(cell.mark, ""))
        yield told


def _head_lines(label: str) -> list[str]:
    """The words above a column, on two lines."""
    first, *more = wrap(label, CELL_COLUMNS - 1, break_long_words=False) or [""]
    words = [first, more[0] + "…" * (len(more) > 1)] if more else ["", first]
    return [_cut(word, MOST_HEAD) for word in words]


def data_shown(matrix: Matrix, columns: Sequence[MatrixColumn]) -> list[int]:
    """The data for which there is room, in their own order: those tested here, and seen most, first."""

    def weight(place: int) -> tuple[int, int]:
        cells = [column.cells[place] for column in columns]
        return sum(cell.mark is not CellMark.UNTESTED for cell in cells), sum(cell.sent for cell in cells)

    tested = [place for place in range(len(matrix.data)) if weight(place)[0]]
    return sorted(sorted(tested, key=weight, reverse=True)[:MOST_DATA])


def columns_shown(matrix: Matrix, room: int) -> list[MatrixColumn]:
    """Settings in which something was sent, and as many where nothing was: a reader must know of both."""
    sent = [column for column in matrix.columns if column.tells]
    silent = [column for column in matrix.columns if not column.tells]
    private = next((column for column in silent if column.setting.is_private), None)
    silent.sort(key=lambda column: column is not private)
    n_silent = min(len(silent), max(room // 2, room - len(sent)))
    return [*sent[: room - n_silent], *silent[:n_silent]]


def cell_told(cell: MatrixCell) -> str:
    """``● 9/9``, with the sign of what silence is worth."""
    mark = MARKS[cell.mark]
    if cell.mark is CellMark.FOLLOWS and not cell.pairs:
        return mark
    return mark if cell.mark is CellMark.UNTESTED else f"{mark} {cell.sent}/{cell.run}{silence_sign(cell)}"


def silence_sign(cell: MatrixCell) -> str:
    """The sign that leads from a silent cell to what its silence is worth."""
    if cell.mark is not CellMark.SILENT:
        return ""
    return NO_BOUND if cell.bound_percent is None else BOUND


def unbounded_told(matrix: Matrix, columns: Iterable[MatrixColumn]) -> str:
    """Why silence without a bound has none, if it has none anywhere or in a cell shown; empty otherwise."""
    if matrix.doubt:
        return say("no-bound", doubt=matrix.doubt)
    columns = tuple(columns)
    shown = [column.cells[place] for column in columns for place in data_shown(matrix, columns)]
    first, *more = dict.fromkeys(cell.doubt for cell in shown if silence_sign(cell) == NO_BOUND) or [None]
    if first is None:
        return ""
    told = say("no-bound", doubt=first) if first else say("no-bound-here")
    return (
        _(
            "{told}; elsewhere {count}, told in the report",
            told=told,
            count=count(len(more), "other reason"),
        )
        if more
        else told
    )


def _statement_lines(shown: Sequence[Headline], safe: Safe, width: int) -> Iterable[Text]:
    if not shown:
        return
    room = width - SEEN_COLUMNS
    kinds = dict.fromkeys(item.summary.verdict.verdict for item in shown)
    signs = ", ".join(f"{VERDICT_SIGN[kind]} {kind.value}" for kind in kinds)
    yield Text(_cut(f"{say('said')} ({signs})", room - 1).ljust(room) + say("seen"), "dim")
    for item in shown:
        said = _wrapped(safe(item.said), room - 4, most=min(len(shown), 2))
        line = Text(item.sign, VERDICT_STYLE[item.summary.verdict.verdict])
        line.append(f" {said[0].plain}".ljust(room - 1), "default")
        line.append(_cut(safe(item.seen), SEEN_COLUMNS), "default")
        yield line
        yield from (Text(f"  {more.plain}") for more in said[1:])


def _shown(headlines: Sequence[Headline], most: int) -> list[Headline]:
    """The first, but the last place for one that was not contradicted."""
    held = [item for item in headlines if item.summary.verdict.verdict is VerdictKind.CONSISTENT]
    rest = [item for item in headlines if item not in held]
    kept = held[: max(most - len(rest), 1 if most > 1 else 0)]
    return [*rest[: most - len(kept)], *kept]


def _wrapped(text: str, width: int, style: str = "", *, most: int = 3) -> list[Text]:
    """Lines of *text*; three dots where it takes more than *most*."""
    indent = " " * (len(text) - len(text.lstrip(" ")))
    lines = wrap(text, width, subsequent_indent=indent, break_on_hyphens=False)
    if len(lines) > most:
        lines = [*lines[: most - 1], _cut(" ".join([lines[most - 1], "…" * width]), width)]
    return [Text(line, style) for line in lines]


def _cut(text: str, room: int) -> str:
    """*text* in *room* characters, cut between words where there are any."""
    if len(text) <= room:
        return text
    short = text[: room - 1]
    return (short.rsplit(" ", 1)[0] if " " in short.strip() else short).rstrip() + "…"
