"""Tests mirror the source: those of a folder reach every file of it, or a reason says where it is tested."""

import ast
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import hometruth
from hometruth.cli import COMMANDS

SRC = Path(hometruth.__file__).parent
TESTS = Path(__file__).parent
ELSEWHERE = {
    "nouns, tested with what makes them": ("model/*",),
    "texts of commands, read in tests/cli": ("report/*",),
    "folded by commands, tested in tests/cli": ("audit/*", "identity/labels.py", "case/tables.py"),
    "an experiment is judged as it ends: tests/audit runs and compares them": (
        "run.py",
        "case_audit.py",
        "compare.py",
    ),
    "raised everywhere": ("errors.py",),
    "the recorder's notes, tested with the case made of them": ("capture/marks.py",),
    "a certificate kept from `record` to `end`: tests/cli/test_end.py": ("capture/proxy/kept_authority.py",),
    "values in pieces: tests/audit/test_in_pieces.py": ("canaries/across.py", "canaries/reassemble.py"),
    "a table, tested with the search that undoes it": ("forms/letter_maps.py",),
    "a process of its own, started by the tests of the lab": (
        "lab/collector/server.py",
        "lab/other_sites.py",
    ),
}
"""Files that the tests of their own folder need not reach, by the reason."""


@cache
def names_of(module: str) -> dict[str, str]:
    """Names that a module of ours imports from others of ours, each with the module that it is from."""
    names: dict[str, str] = {}
    for node in ast.walk(ast.parse(file_of(module).read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("hometruth"):
            names |= {alias.asname or alias.name: f"{node.module}:{alias.name}" for alias in node.names}
    return names


def file_of(module: str) -> Path:
    folder = SRC.joinpath(*module.split(".")[1:])
    return folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")


def defined_in(imported: str) -> str:
    """The module that ``module:name`` is from, through every `__init__` that only passes it on."""
    module, _, name = imported.partition(":")
    if file_of(f"{module}.{name}").exists():
        return f"{module}.{name}"
    if file_of(module).name == "__init__.py" and name in names_of(module):
        return defined_in(names_of(module)[name])
    return module


def imported_by(file: Path) -> Iterator[str]:
    """Modules of ours whose names a file of tests uses."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("hometruth"):
            yield from (defined_in(f"{node.module}:{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("hometruth."))


def reached_in(room: str) -> set[Path]:
    """Files of a folder of the source that its own tests use, and what these files use of it in turn."""
    tests = [*(TESTS / room).rglob("*.py"), TESTS / f"test_{room}.py"]
    left = [module for file in tests if file.exists() for module in imported_by(file)]
    left += [f"hometruth.cli.{name}" for name in COMMANDS if room == "cli"]  # imported when asked for
    reached: set[Path] = set()
    while left:
        module = left.pop()
        file = file_of(module)
        if file not in reached and module.split(".")[1:2] == [room]:
            reached.add(file)
            left += imported_by(file)
    return reached


def own_test(file: Path) -> Path:
    """Where a file of the source is tested if it has a test of its own name."""
    where = file.relative_to(SRC)
    return TESTS / where.parent / f"test_{where.name}"


def test_every_file_is_tested_in_the_folder_of_its_name_or_is_excused() -> None:
    rooms = sorted({file.relative_to(SRC).parts[0].removesuffix(".py") for file in SRC.rglob("*.py")})
    reached = {file for room in rooms for file in reached_in(room)}
    excused = [pattern for patterns in ELSEWHERE.values() for pattern in patterns]
    untested = [
        name
        for file in SRC.rglob("*.py")
        if not file.name.startswith("__") and file not in reached and not own_test(file).exists()
        if not any(fnmatch(name := str(file.relative_to(SRC)), pattern) for pattern in excused)
    ]

    assert untested == []
    assert [pattern for pattern in excused if not list(SRC.glob(pattern))] == []


def test_a_file_that_no_test_reaches_is_seen() -> None:
    """The canaries' search reaches their salts, and no test of canaries reaches the recorder."""
    reached = reached_in("canaries")

    assert SRC / "canaries" / "salts.py" in reached
    assert not [file for file in reached if file.parent.name == "proxy"]
