"""Tests mirror the source: each file that decides something has tests of its own, or a list says where."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import hometruth
from hometruth.cli import COMMANDS

SRC = Path(hometruth.__file__).parent
TESTS = Path(__file__).parent
ELSEWHERE = {
    "audit/fleet/test_run.py": ("report/fleet_text.py",),
    "audit/redact/test_recording.py": (
        *("cli/redact.py", "audit/redact/sensitive.py", "audit/redact/stand_in.py"),
    ),
    "audit/test_export.py": ("cli/export.py",),
    "audit/test_in_pieces.py": ("canaries/across.py", "canaries/pieces.py", "canaries/reassemble.py"),
    "audit/test_leaks.py": ("lab/other_sites.py",),
    "audit/test_ledger.py": ("run.py", "experiment/drivers/lab.py", "case/tables.py"),
    "audit/test_new_case.py": ("capture/marks.py",),
    "audit/test_scan.py": ("report/arrow.py",),
    "capture/exports/test_exports.py": ("capture/raw_http.py",),
    "capture/pcap/test_streams.py": ("capture/pcap/ciphers.py",),
    "claims/test_explain.py": ("report/explain.py", "report/objections.py", "report/pair_objections.py"),
    "claims/test_judge.py": ("claims/kinds/switch.py", "claims/kinds/tokens.py"),
    "cli/test_compare.py": ("report/comparison.py",),
    "cli/test_contacts.py": ("audit/contacts.py", "model/contacted.py", "report/contacts_text.py"),
    "cli/test_end.py": ("capture/proxy/kept_authority.py", "capture/proxy/removal.py"),
    "cli/test_gate.py": (
        *("audit/gate.py", "report/gate_junit.py", "report/gate_markdown.py", "report/gate_sarif.py"),
        "report/gate_text.py",
    ),
    "cli/test_identify.py": (
        *("identity/labels.py", "report/identified.py", "report/identified_json.py"),
        "report/identifier_words.py",
    ),
    "cli/test_info.py": ("audit/info.py", "model/capture_info.py", "report/info_text.py"),
    "cli/test_peel.py": ("audit/one_value.py", "report/value_tree.py"),
    "cli/test_run.py": ("audit/case_audit.py",),
    "cli/test_table_commands.py": (
        *("audit/own_digests.py", "report/attributes.py", "report/bars.py", "report/own_digests.py"),
        *("report/relink.py", "report/unicity.py"),
    ),
    "cli/test_watch.py": ("audit/departures.py", "cli/watch_film.py", "cli/watch_screen.py"),
    "docs/test_schemas.py": ("report/schemas.py",),
    "lab/collector/test_handle.py": ("lab/collector/server.py",),
    "lab/oem/test_system_analytics.py": ("lab/oem/front.py", "lab/phones/watching.py"),
    "lab/phones/test_aggregate.py": ("lab/phones/report_upload.py",),
    "lab/phones/test_remote.py": (
        *("lab/apps/telemetry.py", "lab/phones/below_apps.py", "lab/phones/installed.py"),
    ),
    "peel/layers/test_layers.py": (
        *("peel/layers/archive.py", "peel/layers/code_points.py", "peel/layers/coded_words.py"),
        *("peel/layers/drawn_text.py", "peel/layers/escapes.py", "peel/layers/framing.py"),
        *("peel/layers/lz_ends.py", "peel/layers/lz_string.py", "peel/layers/markup.py"),
        *("peel/layers/names.py", "peel/layers/tokens.py", "peel/layers/uuencode.py"),
        "peel/layers/veiled.py",
    ),
    "testing/test_recorded.py": ("audit/testing/recorded.py", "audit/testing/told.py"),
}
"""Files of the source that decide something and are tested in a file of another name, by that file of tests:
what a command prints or a process of the lab does is asked of the command or phone, a layer of `LAYERS`."""
DECIDES = (ast.If, ast.IfExp, ast.For, ast.While, ast.Try, ast.Match, ast.BoolOp, ast.comprehension)
"""A file whose functions have none of these is a table, nouns, or says one thing after the other."""


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


def own_test(file: Path) -> Path:
    """Where a file of the source is tested if it has a test of its own name."""
    where = file.relative_to(SRC)
    return TESTS / where.parent / f"test_{where.name}"


def room_of(file: Path) -> str:
    """The folder of the source a file is in, or its own name."""
    return file.relative_to(SRC).parts[0].removesuffix(".py")


def decides(file: Path) -> bool:
    """Whether a function of it can go more than one way."""
    functions = (
        node
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return any(isinstance(node, DECIDES) for function in functions for node in ast.walk(function))


@cache
def named_in_tests() -> frozenset[Path]:
    """Files whose names the tests of their room use; nouns and errors, of any; commands, by name."""
    named = set()
    for test in TESTS.rglob("*.py"):
        room = test.relative_to(TESTS).parts[0].removeprefix("test_").removesuffix(".py")
        files = {file_of(module) for module in imported_by(test)}
        named |= {file for file in files if room_of(file) in (room, "model", "errors")}
        if room == "cli" and test.name.startswith("test_"):
            words = set(re.findall(r'"([a-z]+)"', test.read_text("utf-8")))
            named |= {SRC / "cli" / f"{command}.py" for command in COMMANDS if command in words}
    return frozenset(named)


def is_tested(file: Path) -> bool:
    """By a test of its own name or in one that uses its names."""
    return own_test(file).exists() or file in named_in_tests()


@cache
def untested() -> frozenset[str]:
    """Files that decide something, and that neither a test uses nor a tested file of their own room.

    A part that shows only through the file that uses it is tested there.
    """
    files = [file for file in SRC.rglob("*.py") if not file.name.startswith("__")]
    tested = {file for file in files if is_tested(file)}
    parts = {
        part
        for file in tested
        for part in map(file_of, imported_by(file))
        if part.is_relative_to(SRC) and room_of(part) == room_of(file)
    }
    return frozenset(str(file.relative_to(SRC)) for file in {*files} - tested - parts if decides(file))


def test_every_file_that_decides_something_has_tests_of_its_own_or_is_listed_with_them() -> None:
    listed = {file for files in ELSEWHERE.values() for file in files}

    assert untested() - listed == set(), (
        "test them in a file of their name, or list in ELSEWHERE (here) which file of tests runs them"
    )
    assert [file for file in listed if not (SRC / file).is_file()] == []
    assert [name for name in ELSEWHERE if not (TESTS / name).is_file()] == []


def test_a_file_that_no_test_uses_is_seen() -> None:
    """The evidence of a sighting has tests, the values across requests are tested with the audit."""
    assert is_tested(SRC / "canaries" / "evidence.py")
    assert not is_tested(SRC / "canaries" / "across.py")
    assert "canaries/across.py" in untested()
    assert not decides(SRC / "forms" / "letter_maps.py")
