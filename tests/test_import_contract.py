"""Dependencies between folders flow one way: the table of who may import whom, checked on every import."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import hometruth

SRC = Path(hometruth.__file__).parent
BASE = {"errors", "model", "forms", "coverage", "handed_in", "bounds", "late", "private_file", "zip_archive"}
STAGES = {
    *("capture", "peel", "canaries", "recipients", "findings", "identity", "opaque", "claims"),
    *("experiment", "case", "report", "comparison", "policy"),
}
MEETING = {"audit", "run"}
INNER = {f"audit/{name}" for name in ("new_case", "case_audit", "compare", "fleet", "redact", "testing")}
"""Rooms inside `audit/` for one task each: they import what stands there beside them, which imports none."""
EVERYTHING = BASE | STAGES | MEETING | INNER | {"cli", "lab", "data", "testing"}
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "data": set(),
    "model": {"errors"},
    "forms": {"model", "errors"},
    "coverage": {"model", "errors"},
    "bounds": set(),
    "late": set(),
    "private_file": set(),
    "zip_archive": set(),
    "handed_in": {"errors", "data"},
    **dict.fromkeys(STAGES, BASE | {"data"}),
    "lab": {"model", "errors", "handed_in"},
    "audit": BASE | STAGES - {"experiment"},
    "audit/new_case": BASE | STAGES,
    "audit/case_audit": BASE | STAGES | {"audit", "audit/new_case"},
    "audit/compare": BASE | STAGES | {"audit", "audit/case_audit"},
    "audit/fleet": BASE | STAGES | {"audit"},
    "audit/redact": BASE | STAGES | {"audit", "audit/case_audit"},
    "audit/testing": BASE | STAGES | {"audit"},
    "run": BASE | STAGES | {"audit", "audit/new_case", "audit/case_audit"},
    "testing": {"errors", "audit/testing"},
    "cli": {"errors", "model", "handed_in", "private_file", "report", "case", "lab"}
    | MEETING
    | INNER - {"audit/testing"},
    "__main__": {"cli"},
    "__init__": BASE | STAGES | {"audit", "audit/case_audit", "run"},
}
CALLED_BY_NAME = {
    "hometruth.canaries": {"load_canaries", "dump_canaries", "mint"},
    "hometruth.claims": {"load_claims", "upper_bound_percent"},
    "hometruth.experiment": {"Driver", "Plan", "bundled_plan", "load_plan"},
    "hometruth.policy": {"dump_baseline"},
    "hometruth.experiment.browser_plan": {"browser_plan"},
    "hometruth.experiment.drivers.adb_device": {"put_back"},
    "hometruth.experiment.drivers.adb_journal": {"changed_phones"},
    "hometruth.experiment.drivers.browser_kind": {"BrowserOptions"},
    "hometruth.experiment.drivers.by_hand.desk": {"DeskBoard", "DeskStep"},
    "hometruth.experiment.drivers.by_hand.desk_server": {"serving_desk"},
    "hometruth.experiment.drivers.guided": {"GuidedDriver"},
    "hometruth.experiment.drivers.guided_kind": {"ACTIONS", "GuidedOptions"},
    "hometruth.experiment.guided_plan": {
        *("CLAIMS", "DONE_IN_AN_APP", "PRIVATE_WINDOWS", "VENDORS", "WHOSE"),
        *("FourAnswers", "coin_plan", "fewest", "guided_plan", "switch_of", "takes_s"),
    },
    "hometruth.experiment.drivers.desktop.programs": {"need"},
    "hometruth.experiment.drivers.desktop.x_display": {"HEIGHT", "WIDTH", "XDisplay"},
    "hometruth.identity.digests": {
        *("OwnDigestTable", "costs", "load_own_values", "measure_rate", "sweep_serials"),
    },
    "hometruth.identity.reference": {"crowd", "measure_attributes", "read_reference"},
    "hometruth.identity.relink": {"measure_relink"},
    "hometruth.identity.events": {"EventTable"},
    "hometruth.identity.table": {"read_events"},
    "hometruth.identity.table_file": {"Columns"},
    "hometruth.identity.unicity": {"NUMBERS", "at_moments", "measure_unicity"},
}
"""What a command takes from a stage to read what it is given, write its result, or ask that stage alone."""
RECORDING = {
    "audit_phone.py",
    "end.py",
    "mark.py",
    "record.py",
    "record_words.py",
    "run.py",
    "lab_bench.py",
    "watch.py",
}
"""Commands that record, or follow a recording under way: `capture` is what they are about."""
ROOT = SRC.parents[1]
DESIGN = ROOT / "docs/explanation/design.md"
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


def room_of(file: Path) -> str:
    """The folder of the source that a file is in, or its own name; in `audit/`, the room there, if in one."""
    first, *rest = file.relative_to(SRC).with_suffix("").parts
    inner = "/".join([first, *rest[:1]])
    return inner if inner in INNER else first


def room_imported(name: str) -> str:
    """The room that a dotted name is from."""
    first, *rest = name.removeprefix("hometruth").lstrip(".").split(".")
    inner = "/".join([first, *rest[:1]])
    return inner if inner in INNER else first


def _is_for_commands(file: str, name: str, target: str) -> bool:
    """True for what the command in *file* may take from a stage."""
    module, _, what = name.rpartition(".")
    return what in CALLED_BY_NAME.get(module, ()) or (target == "capture" and file in RECORDING)


def folders_imported() -> dict[str, set[str]]:
    """For each room, the others that it imports, for checking types included."""
    graph: dict[str, set[str]] = defaultdict(set)
    for file in SRC.rglob("*.py"):
        folder = room_of(file)
        for name in imports_of(file):
            target = room_imported(name)
            if target != folder and target in EVERYTHING:
                graph[folder].add(target)
    return graph


def test_no_folder_imports_one_that_imports_it() -> None:
    assert tuple(TopologicalSorter(folders_imported()).static_order())


def test_stages_meet_in_audit_and_run_only() -> None:
    """Commands and the public names take from stages what the table allows them by name, and join nothing."""
    meeting = {folder for folder, others in folders_imported().items() if len(others & STAGES) > 1}

    assert meeting == MEETING | INNER | {"cli", "__init__"}
    assert {folder.partition("/")[0] for folder in meeting} == {"audit", "run", "cli", "__init__"}


def test_what_commands_are_excused_for_is_needed() -> None:
    used = {file.name: set(imports_of(file)) for file in (SRC / "cli").glob("*.py")}
    named = {f"{module}.{name}" for module, names in CALLED_BY_NAME.items() for name in names}

    assert named <= set().union(*used.values())
    assert {
        name for name, names in used.items() if any("hometruth.capture" in each for each in names)
    } == RECORDING


def test_every_import_is_in_the_table() -> None:
    offenders = []
    for file in SRC.rglob("*.py"):
        where = file.relative_to(SRC)
        folder = room_of(file)
        allowed = MAY_IMPORT[folder] | {folder}
        for name in imports_of(file):
            target = room_imported(name)
            if target in allowed or (target == "lab" and str(where) == LAB_DRIVER):
                continue
            if folder == "cli" and _is_for_commands(where.name, name, target):
                continue
            if target not in EVERYTHING:  # a name of the package root itself, such as __version__
                target = "__init__"
            offenders.append(f"{where} imports {target} ({name})")

    assert offenders == []


def test_the_lab_driver_uses_only_the_public_lab() -> None:
    names = {name for name in imports_of(SRC / LAB_DRIVER) if name.startswith("hometruth.lab")}

    assert all(name.count(".") == 2 for name in names), names
    assert not any("ledger" in name.lower() for name in names), names


def test_the_table_of_the_design_page_is_this_one() -> None:
    page = DESIGN.read_text("utf-8")
    table = page.split("| room | what it holds | imports |")[1].split("\n\n")[0]
    told: dict[str, set[str]] = {}
    for rooms, _, imports in re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \|$", table, re.MULTILINE):
        if rooms == "---":
            continue
        granted, _, denied = imports.split(";")[0].partition("except")
        names = set(re.findall(r"`([\w/]+)`", granted))
        names |= BASE if "the first nine" in granted else set()
        names |= STAGES - set(re.findall(r"`(\w+)`", denied)) if "the stages" in granted else set()
        told |= dict.fromkeys(
            STAGES if rooms == "every stage above" else re.findall(r"`([\w/]+)`", rooms), names
        )

    assert told == {room: MAY_IMPORT[room] for room in told}
    assert told.keys() == MAY_IMPORT.keys() - {"data", "__main__", "__init__"}


def test_what_the_design_page_names_is_where_it_says() -> None:
    page = DESIGN.read_text("utf-8")
    places = set(re.findall(r"`([\w./]+(?:/|\.(?:py|c|pot)))`", page))
    told = set(re.findall(r"`(\w+)` in `([\w/]+\.py)`", page))

    assert {place for place in places if not (SRC / place).exists() and not (ROOT / place).exists()} == set()
    assert len(told) >= 6
    for name, file in told:
        assert re.search(rf"^(class|def) {name}\b", (SRC / file).read_text("utf-8"), re.MULTILINE), (
            name,
            file,
        )
