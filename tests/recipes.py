"""Recipes of CONTRIBUTING: their blocks of code, followed literally."""

import re
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).parents[1]


def code_blocks(title: str) -> list[str]:
    """Blocks of code in a section, without their indent."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    section = text.partition(f"## {title}\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"^ {3}```(?:python)?\n(.*?)^ {3}```$", section, re.DOTALL | re.MULTILINE)
    return [re.sub(r"^ {3}", "", block, flags=re.MULTILINE) for block in blocks]


def followed(title: str, table: Path, opening: str) -> dict[str, object]:
    """What the recipe adds to a table: its file run as it is written, and its line read as one of the table.

    Args:
        table: The file that the line goes into.
        opening: The line of the table after which it goes.
    """
    file, line = code_blocks(title)
    assert f"\n{opening}\n" in table.read_text("utf-8")
    made: dict[str, object] = {"__name__": "recipe"}
    exec(compile(file, "CONTRIBUTING.md", "exec"), made)
    added = eval(f"{{{dedent(line)}}}", made)
    assert isinstance(added, dict)
    return added
