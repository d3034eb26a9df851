"""Render an audit: terminal, JSON, and one HTML page that runs nothing and fetches nothing."""

from hometruth.report.comparison import print_comparison
from hometruth.report.explain import in_words, print_explanations
from hometruth.report.html_page import drawn_pictures, render_html
from hometruth.report.letter import TO as LETTERS_TO
from hometruth.report.letter import CaseFacts, letter_html, letter_text
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
