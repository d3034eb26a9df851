"""Examples in the documentation load, and the worked example runs."""

import ast
import importlib
import json
import tomllib
from pathlib import Path

import pytest

import hometruth
from hometruth.canaries import load_canaries
from hometruth.claims import load_claims, parse_claims
from hometruth.experiment import load_plan
from hometruth.experiment.plan import parse_plan
from hometruth.model import VerdictKind
from hometruth.peel.adapters import read_adapters
from hometruth.policy import parse_policy
from tests.docs.pages import DOCS, Block, blocks

TOML, JSON, PYTHON = list(blocks("toml")), list(blocks("json")), list(blocks("python"))


@pytest.mark.parametrize("block", TOML, ids=[block.place for block in TOML])
def test_toml_loads_as_what_it_is(block: Block, tmp_path: Path) -> None:
    table = tomllib.loads(block.text)

    if "plan" in table:
        plan = parse_plan(block.text, block.place)
        assert plan.series or plan.sessions
    elif "claim" in table:
        assert parse_claims(block.text, block.place)
    elif "canaries" in table:
        file = tmp_path / "canaries.toml"
        file.write_text(block.text, "utf-8")
        assert load_canaries(file).canaries
    elif "allow" in table:
        names = [each["canary"] for each in table["allow"] if "canary" in each]
        assert parse_policy(block.text, block.place, names).allow
    elif "series" in table:  # a part of a plan: complete it from the plan on the same page
        (whole,) = (other for other in TOML if other.page == block.page and "[plan]" in other.text)
        assert parse_plan(whole.text.partition("[[series]]")[0] + block.text, block.place).series
    else:
        assert block.page.name == "case.md", "what is this example?"


@pytest.mark.parametrize("block", JSON, ids=[block.place for block in JSON])
def test_json_loads_as_what_it_is(block: Block, tmp_path: Path) -> None:
    document = json.loads(block.text)
    file = tmp_path / "example.json"
    file.write_text(block.text, "utf-8")

    assert read_adapters([file]) if "adapters" in document else load_canaries(file).canaries


@pytest.mark.parametrize("block", PYTHON, ids=[block.place for block in PYTHON])
def test_python_imports_only_what_is_there(block: Block) -> None:
    for node in ast.walk(ast.parse(block.text)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("hometruth"):
            module = importlib.import_module(node.module or "")
            assert [alias.name for alias in node.names if not hasattr(module, alias.name)] == []


def test_every_public_name_is_documented() -> None:
    page = (DOCS / "how-to" / "use-in-python.md").read_text("utf-8")

    assert [name for name in hometruth.__all__ if f"`{name}`" not in page and f"`{name}(" not in page] == []


def test_the_worked_example_runs(tmp_path: Path) -> None:
    """The claim and the plan of the how-to pages, with one session per condition."""
    (claims,) = (block for block in TOML if block.page.name == "write-a-claim.md")
    (plan,) = (block for block in TOML if block.page.name == "write-a-plan.md" and "[plan]" in block.text)
    (tmp_path / "claims.toml").write_text(claims.text, "utf-8")
    (tmp_path / "plan.toml").write_text(plan.text, "utf-8")
    expected = {
        item.id
        for claim in load_claims(tmp_path / "claims.toml")
        for r in claim.readings
        for item in r.propositions
    }

    audit = hometruth.run_plan(load_plan(tmp_path / "plan.toml").scaled(1), tmp_path / "case")

    assert {verdict.proposition for verdict in audit.verdicts} == expected
    assert {verdict.verdict for verdict in audit.verdicts} == {VerdictKind.INCONCLUSIVE}, (
        "one session is too few"
    )
    _check_the_case_page(tmp_path / "case")


def _check_the_case_page(case: Path) -> None:
    """Every file of the case, every column and every key is described."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - heavy, and only used here

    page = (DOCS / "reference" / "case.md").read_text("utf-8")
    names = {path.name + ("/" if path.is_dir() else "") for path in case.iterdir()}
    factors = {"version", "mode", "switch", "consent"}
    for table in case.glob("*.parquet"):
        names |= set(pq.read_schema(table).names) - factors
    names |= json.loads((case / "verdicts.json").read_text("utf-8"))[0].keys()
    for lines in ("trials.jsonl", "planned.jsonl"):
        names |= json.loads((case / lines).read_text("utf-8").splitlines()[0]).keys()

    assert {name for name in names if f"`{name}`" not in page} == set()
