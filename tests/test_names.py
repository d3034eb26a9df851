"""One name, one thing: a class name means the same wherever it is read."""

import re
from collections import Counter
from pathlib import Path

import hometruth

SRC = Path(hometruth.__file__).parent
CLASS = re.compile(r"^class (\w+)", re.MULTILINE)
MAY_MEAN_TWO: dict[str, str] = {}
"""Names that two files may share, each with the reason; private ones count, for a reader meets them too."""


def test_no_class_name_means_two_things() -> None:
    names = Counter(name for file in SRC.rglob("*.py") for name in CLASS.findall(file.read_text("utf-8")))
    homonyms = {name for name, times in names.items() if times > 1}

    assert homonyms == MAY_MEAN_TWO.keys(), "rename one of them to the word of its field"
    assert len(MAY_MEAN_TWO) < 10, "too many to remember"
