"""Dependencies between folders flow one way: the table of who may import whom, checked on every import."""

import ast
from collections.abc import Iterator
from pathlib import Path

import hometruth

SRC = Path(hometruth.__file__).parent
BASE = {"errors", "model", "forms", "coverage", "handed_in"}
STAGES = {
    *("capture", "peel", "canaries", "recipients", "findings", "identity", "opaque", "claims"),
    *("experiment", "case", "report", "comparison"),
}
EVERYTHING = BASE | STAGES | {"audit", "run", "compare", "fleet", "cli", "lab", "data"}
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "data": set(),
    "model": {"errors"},
    "forms": {"model", "errors"},
    "coverage": {"model", "errors"},
    "handed_in": {"errors"},
    **dict.fromkeys(STAGES, BASE | {"data"}),
    "lab": {"model", "errors"},
    "audit": BASE | STAGES - {"experiment"},
    "run": BASE | STAGES | {"audit"},
    "compare": BASE | STAGES | {"audit", "run"},
    "fleet": EVERYTHING,
    "cli": EVERYTHING,
    "__main__": {"cli"},
    "__init__": BASE | STAGES | {"audit", "run"},
}
LAB_DRIVER = "experiment/drivers/lab.py"
"""The one file of the investigation that may import the lab, and only its public way to start a phone."""


def imports_of(file: Path) -> Iterator[str]:
    """Dotted names of our own modules imported anywhere in *file*, functions included."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("hometruth"))
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            if (node.module or "").startswith("hometruth"):
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_every_import_is_in_the_table() -> None:
    offenders = []
    for file in SRC.rglob("*.py"):
        where = file.relative_to(SRC)
        folder = where.parts[0].removesuffix(".py")
        allowed = MAY_IMPORT[folder] | {folder}
        for name in imports_of(file):
            target = name.removeprefix("hometruth").lstrip(".").split(".")[0]
            if target in allowed or (target == "lab" and str(where) == LAB_DRIVER):
                continue
            if target not in EVERYTHING:  # a name of the package root itself, such as __version__
                target = "__init__"
            offenders.append(f"{where} imports {target} ({name})")

    assert offenders == []


def test_the_lab_driver_uses_only_the_public_lab() -> None:
    names = {name for name in imports_of(SRC / LAB_DRIVER) if name.startswith("hometruth.lab")}

    assert all(name.count(".") == 2 for name in names), names
    assert not any("ledger" in name.lower() for name in names), names
