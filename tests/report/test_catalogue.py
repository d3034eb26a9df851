"""Every sentence comes from the catalogue: none stands elsewhere, and a translation reaches all of them."""

import re
import runpy
import subprocess
import sys
from pathlib import Path

import hometruth
from tests.docs.pages import ROOT
from tests.report.audits import build_audit

REPORT = Path(hometruth.__file__).parent / "report"
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "make_catalogue.py"))
MARKED = """
from hometruth.report import catalogue

class Marks(catalogue.gettext.NullTranslations):
    def gettext(self, message):
        return f"⟦{message}⟧"

    def ngettext(self, one, many, number):
        return f"⟦{one if number == 1 else many}⟧"

catalogue.TRANSLATION = Marks()

import io
from pathlib import Path
from rich.console import Console
from hometruth.report import CaseFacts, audit_markdown, letter_text, print_first_screen, render_html
from tests.report.audits import build_audit
from tests.report.test_letter import FACTS

audit = build_audit()
print(render_html(audit, generated="2026-11-30"))
print("\\x1c")
print(letter_text(audit, FACTS, to="authority"))
print("\\x1c")
print_first_screen(audit, Console(width=300), case=Path("case"), report=Path("report.html"))
"""


AUDIT = build_audit()
DATA = {
    word
    for claim in AUDIT.claims
    for text in (claim.statement, claim.quote, claim.who, AUDIT.subject.description, AUDIT.subject.phrase)
    for word in re.findall(r"\w+", text)
}
"""Words of claims and of the subject, which are nobody's to translate."""


def test_the_catalogue_is_that_of_the_code() -> None:
    text = (REPORT / "messages.pot").read_text("utf-8")
    messages = re.findall("^msgid (.*)$", text, re.MULTILINE)

    assert text == SCRIPT["catalogue_text"]()
    assert len(messages) == len(set(messages)), "or no program for translators takes it"


def test_no_sentence_stands_outside_the_catalogue() -> None:
    paths = set(REPORT.glob("*.py")) - {REPORT / "schemas.py"}  # which only programs read
    loose = [
        f"{path.name}:{line}: {text!r}" for path in paths for line, text in SCRIPT["loose_sentences"](path)
    ]

    assert not loose, "put it into _(…), from hometruth.report.catalogue, and run scripts/make_catalogue.py"


def test_a_translation_reaches_the_report_a_letter_and_the_first_screen() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", MARKED], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert not re.findall(r"""(?:[ "]content|font-family)="[^"]*⟦""", done.stdout)  # policies and fonts
    told = re.sub(r"<style>.*?</style>|<[^>]*>", "\n", done.stdout, flags=re.DOTALL)

    assert told.count("⟦") > 500
    assert not [run for run in outside(told) if not set(re.findall(r"\w+", run)) <= DATA]


def outside(text: str) -> list[str]:
    """Runs of three words and more that no message holds."""
    depth, kept = 0, []
    for sign in text:
        depth += {"⟦": 1, "⟧": -1}.get(sign, 0)
        kept.append("\n" if depth or sign == "⟧" else sign)
    return re.findall(r"[^\W\d]+(?: [^\W\d]+){2,}", "".join(kept))
