"""The examples in Python, in the order of their page, with files that the page itself makes."""

import re
import subprocess
import sys
from pathlib import Path

from tests.docs.pages import DOCS, blocks

PAGE = DOCS / "how-to" / "use-in-python.md"
PLAN = "run_plan("
"""A whole experiment, from another page's plan: `test_the_worked_example_runs` runs that."""


def test_the_examples_run_in_order_and_print_what_the_page_shows(tmp_path: Path) -> None:
    here = [block for block in blocks("python", "text") if block.page == PAGE]
    (plan,) = (number for number, block in enumerate(here) if PLAN in block.text)
    code = "\n".join(block.text for block in here[:plan] if block.language == "python")
    shown = "".join(block.text for block in here[:plan] if block.language == "text").splitlines()
    (tmp_path / "examples.py").write_text(code, "utf-8")
    done = subprocess.run(
        [sys.executable, "examples.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr

    told = iter(done.stdout.splitlines())
    for line in shown:
        wanted = re.escape(line).replace("…", ".*")
        assert any(re.fullmatch(wanted, each) for each in told), f"not printed, or not in this order: {line}"
