"""Render an audit: terminal, JSON, and one HTML page that runs nothing and fetches nothing.

The names are imported when first used: a scan prints two tables, and does not pay for the page's templates.
"""

from typing import TYPE_CHECKING

from hometruth.late import late_names

if TYPE_CHECKING:
    from hometruth.report.comparison import comparison_json, print_comparison
    from hometruth.report.explain import in_words, print_explanations
    from hometruth.report.html_page import drawn_pictures, render_html
    from hometruth.report.letter import TO as LETTERS_TO
    from hometruth.report.letter import CaseFacts, letter_html, letter_text
    from hometruth.report.markdown import audit_markdown
    from hometruth.report.objections import Run
    from hometruth.report.pdf import write_pdf
    from hometruth.report.screen_text import print_first_screen
    from hometruth.report.summary import headline
    from hometruth.report.terminal import print_claims
    from hometruth.report.text import escape_terminal, mask, printable
    from hometruth.report.verdicts_json import verdict_rows, verdicts_text, write_verdicts

__all__ = [
    "LETTERS_TO",
    "CaseFacts",
    "Run",
    "audit_markdown",
    "comparison_json",
    "drawn_pictures",
    "escape_terminal",
    "headline",
    "in_words",
    "letter_html",
    "letter_text",
    "mask",
    "print_claims",
    "print_comparison",
    "print_explanations",
    "print_first_screen",
    "printable",
    "render_html",
    "verdict_rows",
    "verdicts_text",
    "write_pdf",
    "write_verdicts",
]

_HOMES = {
    "LETTERS_TO": "letter:TO",
    **dict.fromkeys(("CaseFacts", "letter_html", "letter_text"), "letter"),
    "Run": "objections",
    **dict.fromkeys(("drawn_pictures", "render_html"), "html_page"),
    **dict.fromkeys(("escape_terminal", "mask", "printable"), "text"),
    "headline": "summary",
    **dict.fromkeys(("in_words", "print_explanations"), "explain"),
    "audit_markdown": "markdown",
    "print_claims": "terminal",
    **dict.fromkeys(("comparison_json", "print_comparison"), "comparison"),
    "print_first_screen": "screen_text",
    **dict.fromkeys(("verdict_rows", "verdicts_text", "write_verdicts"), "verdicts_json"),
    "write_pdf": "pdf",
}
"""Name to the module it comes from, and its name there if that differs."""


__getattr__ = late_names(__name__, _HOMES)


def __dir__() -> list[str]:
    return __all__
