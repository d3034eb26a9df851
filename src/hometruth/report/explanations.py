"""Explanations of verdicts for a terminal: for somebody who doubts one, and wants to see for himself."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from rich.console import Console
from rich.text import Text

from hometruth.model import Verdict
from hometruth.report.text import escape_terminal
from hometruth.report.words import VERDICT_SIGN, VERDICT_STYLE

CASE = "CASE"
"""What explanations call the folder of the case."""


def print_explanations(verdicts: Iterable[Verdict], case: Path, console: Console) -> None:
    """Print every verdict with its explanation; commands name *case* and are never wrapped."""
    for verdict in verdicts:
        kind = verdict.verdict
        console.print(
            Text.assemble(
                (escape_terminal(f"{verdict.proposition} ({verdict.reading.value} reading) "), "bold cyan"),
                (f"{VERDICT_SIGN[kind]} {kind.value}", VERDICT_STYLE[kind]),
            )
        )
        if verdict.condition.levels:
            console.print(Text(escape_terminal(str(verdict.condition)), "dim"))
        for heading, text in _parts(verdict):
            console.print(Text.assemble((f"{heading} ", "bold"), escape_terminal(text)))
        if verdict.explanation:
            console.print(Text("Check it by hand", "bold"))
            for step in verdict.explanation.check:
                told = escape_terminal(step.replace(CASE, str(case)))
                console.print(Text(f"  {told}"), soft_wrap=True)
        console.print()


def _parts(verdict: Verdict) -> Iterator[tuple[str, str]]:
    told = verdict.explanation
    if told is None:
        return
    yield "In plain words.", told.plain
    yield "Shortest proof.", told.proof
    yield "Strongest objection.", told.objection
    yield "Answer.", told.answer
