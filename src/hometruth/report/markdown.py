"""The first screen as Markdown, for an issue or a mail: its sentences, the matrix and the statements."""

from collections.abc import Callable, Iterator

from hometruth.model import Audit
from hometruth.report.first_screen import FirstScreen, bound_told, first_screen, matrix_head
from hometruth.report.gate_markdown import escaped, table_row
from hometruth.report.personal import masker_for
from hometruth.report.screen_text import (
    BOUND,
    MARK_WORDS,
    MOST_CHARS,
    NO_BOUND,
    cell_told,
    left_out,
    unbounded_told,
)
from hometruth.report.sentences import say
from hometruth.report.text import clip

Safe = Callable[[str], str]
"""Masks, clips and escapes."""
MOST_SETTINGS = 60
"""Rows of the matrix; the report has all."""


def audit_markdown(audit: Audit, *, reveal: bool = False) -> str:
    """Markdown as GitHub reads it, tables included; nothing that was captured means anything in it.

    Args:
        reveal: Show personal values instead of masking them.
    """
    screen, masker = first_screen(audit), masker_for(audit, reveal=reveal)

    def safe(text: str) -> str:
        return escaped(clip(" ".join(masker.text(text).split()), MOST_CHARS))

    columns = screen.matrix.columns[:MOST_SETTINGS]
    bound, unbounded = bound_told(columns, screen.headlines), unbounded_told(screen.matrix, columns)
    blocks = [
        [f"# {safe(screen.title)}"],
        *([safe(line)] for line in (screen.head, *screen.warnings, *screen.lead)),
        list(_matrix(audit, screen, safe)),
        list(_statements(screen, safe)),
        [safe(left_out(screen, columns, screen.headlines))],
        [safe(f"{BOUND} {bound}.") if bound else ""],
        [safe(f"{NO_BOUND} {unbounded}.") if unbounded else ""],
        [safe(screen.proof_told), safe(screen.chain)],
        *([safe(line)] for line in screen.not_seen),
        [safe(say("by-set-up", told="; ".join(audit.subject.unseen))) if audit.subject.unseen else ""],
    ]
    told = ["\n".join(filter(None, lines)) for lines in blocks]
    return "\n\n".join(filter(None, told)) + "\n"


def _matrix(audit: Audit, screen: FirstScreen, safe: Safe) -> Iterator[str]:
    matrix = screen.matrix
    if not matrix.data or not matrix.columns:
        return
    marks = {cell.mark for column in matrix.columns for cell in column.cells}
    legend = ", ".join(word for mark, word in MARK_WORDS.items() if mark in marks)
    beyond = say("beyond-short") if matrix.beside_action else ""
    # Not every reader of Markdown takes a table for one that follows a line of text.
    yield safe(f"{matrix_head(audit)} ({beyond}{legend})") + "\n"
    yield table_row(["", *(safe(datum.label) for datum in matrix.data)])
    yield table_row(["---"] * (len(matrix.data) + 1))
    for column in matrix.columns[:MOST_SETTINGS]:
        yield table_row([safe(column.label), *(safe(cell_told(cell)) for cell in column.cells)])


def _statements(screen: FirstScreen, safe: Safe) -> Iterator[str]:
    if not screen.headlines:
        return
    yield table_row(["", say("said"), say("seen")])
    yield table_row(["---"] * 3)
    for item in screen.headlines:
        verdict = item.summary.verdict.verdict.value
        yield table_row([f"{item.sign} {verdict}", safe(item.said), safe(item.seen)])
