"""What is installed without any extra, and what each lacking part says."""

import ast
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from hometruth.cli import COMMANDS, EXTRA_NEEDED
from hometruth.errors import EXTRA_OF, CaptureError, needs
from tests.cli.test_scan import entry, har

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
DISTRIBUTION = {
    **{
        "fsspec": "fsspec[http]",
        "mitmproxy_rs": "mitmproxy",
        "ray": "ray[data]",
        "psycopg": "psycopg[binary]",
    },
    "rfc3161_client": "rfc3161-client",
    "vl_convert": "vl-convert-python",
}
"""What brings a module, where it is not called the same."""
TOKEN = "qhxw7atk3mzn5vpd2q"


def names(requirements: list[str]) -> set[str]:
    return {each.split(">")[0].split("=")[0] for each in requirements}


def test_every_module_that_may_be_missing_is_in_its_extra_and_not_in_the_base() -> None:
    extras = {name: names(each) for name, each in PROJECT["optional-dependencies"].items()}
    wrong = {m: e for m, e in EXTRA_OF.items() if DISTRIBUTION.get(m, m) not in extras[e]}

    assert wrong == {}
    assert names(PROJECT["dependencies"]) & EXTRA_OF.keys() == set()
    assert EXTRA_NEEDED.keys() <= COMMANDS.keys()
    assert set(EXTRA_NEEDED.values()) <= extras.keys()


def test_every_module_imported_anywhere_is_in_the_base_or_an_extra() -> None:
    modules = {
        name.partition(".")[0]
        for file in (ROOT / "src").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        for name in _imported(node)
    }
    base = {name.replace("-", "_") for name in names(PROJECT["dependencies"])}
    base |= {"markupsafe", "markdown_it"}  # of jinja2, and of markdown-it-py
    theirs = {"pytest", "polars"}  # of whoever uses the plugin, or wants its data frames

    assert modules - set(sys.stdlib_module_names) - base - EXTRA_OF.keys() - theirs == {"hometruth"}


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [each.name for each in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module else []


def test_everything_is_in_all() -> None:
    (everything,) = PROJECT["optional-dependencies"]["all"]
    apart = {"all", "charts", "fleet", "postgres", "urls"}

    assert set(everything.removeprefix("hometruth[").rstrip("]").split(",")) == (
        PROJECT["optional-dependencies"].keys() - apart
    )


def run(folder: Path, code: str) -> "subprocess.CompletedProcess[str]":
    """Run *code* where none of the modules that extras bring can be imported."""
    block = f"import sys\nfor name in {sorted(EXTRA_OF)}: sys.modules[name] = None\n"
    return subprocess.run(
        [sys.executable, "-c", block + code], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bare")
    noise = "".join(f"filler {number} " for number in range(9000))  # enough to be sifted, were there numpy
    har(folder / "a.har", entry(f"https://t.example/?q={TOKEN}"), entry("https://t.example/", noise))
    (folder / "flow.mitm").write_bytes(b"17:7:version;2:20#}")
    (folder / "canaries.json").write_text(json.dumps({"token": TOKEN}))
    return folder


def test_recordings_of_browsers_are_read_and_judged_by_a_gate_without_any_extra(folder: Path) -> None:
    done = run(
        folder,
        """
import json, hometruth
gated = hometruth.gate("a.har", canaries="canaries.json")
scanned = hometruth.scan("a.har", canaries="canaries.json")
found = hometruth.identify("a.har")
told = []
for ask in (lambda: list(hometruth.read_capture(open("flow.mitm", "rb"))), lambda: hometruth.to_arrow(gated)):
    try:
        ask()
    except hometruth.HometruthError as err:
        told.append(str(err))
print(json.dumps([str(gated.outcome), gated.sight.sent_bytes, len(scanned.rows), found.n_records, told]))
""",
    )
    assert done.returncode == 0, done.stderr
    outcome, sent_bytes, n_rows, n_records, told = json.loads(done.stdout)

    assert (outcome, n_rows) == ("leaked", 1)
    assert sent_bytes > 90_000
    assert n_records > 0
    assert told == [
        'the capture: a flow file needs mitmproxy, which is not installed: pip install "hometruth[flows]"',
        'a table needs pyarrow, which is not installed: pip install "hometruth[tables]"',
    ]


LACKING = {
    "record": ("mitmproxy_rs", "flows"),
    "judge nothing": ("numpy", "lab"),
    "unicity a.har": ("numpy", "identity"),
    "scan flow.mitm": ("mitmproxy", "flows"),
}
"""Commands, each with the module that it lacks and the extra that brings it."""


def test_a_command_that_lacks_a_part_says_what_to_install(folder: Path) -> None:
    code = f"""
import os
from hometruth.cli import main
for words in {[each.split() for each in LACKING]!r}:
    if not (pid := os.fork()):
        sys.argv = ["hometruth", *words]
        main()
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""
    done = run(folder, code)
    told = done.stderr.splitlines()

    assert done.stdout.split() == ["2"] * len(LACKING)
    assert len(told) == len(LACKING)
    for line, (module, extra) in zip(told, LACKING.values(), strict=True):
        assert f'needs {module}, which is not installed: pip install "hometruth[{extra}]"' in line


BY_MITMPROXY = {"cryptography", "pylsqpack"}
"""Modules that it brings without our asking."""


def brought_by(extra: str) -> set[str]:
    """Distributions that come with an extra, and with those that it names."""
    named = PROJECT["optional-dependencies"][extra]
    brought = names(named)
    for each in (each for each in named if each.startswith("hometruth[")):
        for other in each.removeprefix("hometruth[").rstrip("]").split(","):
            brought |= brought_by(other)
    return brought | (BY_MITMPROXY if "mitmproxy" in brought else set())


def test_a_command_needs_no_more_than_the_extra_that_it_names_brings(folder: Path) -> None:
    lacking = {
        name: sorted(m for m in EXTRA_OF if DISTRIBUTION.get(m, m) not in brought_by(extra))
        for name, extra in EXTRA_NEEDED.items()
    }
    code = f"""
import os, sys
from hometruth.cli import main
for name, modules in {lacking!r}.items():
    if not (pid := os.fork()):
        sys.modules.update(dict.fromkeys(modules))
        sys.argv = ["hometruth", name, "--help"]
        main()
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, name
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_what_is_missing_for_another_reason_is_no_matter_of_extras() -> None:
    with pytest.raises(ModuleNotFoundError), needs("flows", "this", CaptureError):
        import no_such_module  # type: ignore[import-not-found]  # noqa: F401, PLC0415
