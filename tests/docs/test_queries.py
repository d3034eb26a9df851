"""The examples that ask tables and lines with programs of others, as the pages have them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hometruth.canaries import dump_canaries, mint
from hometruth.case import write_tables
from hometruth.report import write_verdicts
from tests.cli.forked import hometruth
from tests.cli.hars import har
from tests.docs.pages import DOCS, blocks
from tests.report.audits import build_audit

PAGES = ("reference/case.md", "reference/machine-outputs.md", "how-to/scan-a-crawl.md")
TOLD = dict(zip(PAGES, ("CONTRADICTED", "t.example", "done"), strict=True))
"""What the answers of a page hold."""
PROGRAMS = ("duckdb", "pandas", "polars")


def examples() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        code = [block.text for block in blocks("python") if block.page == DOCS / page]
        yield page, "\n".join(text for text in code if re.search("|".join(PROGRAMS), text))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With a case's tables, a crawl's, and what a scan printed, under the names that the pages use."""
    folder = tmp_path_factory.mktemp("queries")
    data = folder / "audit" / "data"
    data.mkdir(parents=True)
    write_tables(build_audit(), data)
    write_verdicts(build_audit(), data / "verdicts.json")
    canary = mint("page")
    (folder / "canaries.json").write_text(dump_canaries([canary]))
    phone = har(folder / "phone.har", f"https://t.example/?p={canary.value}")
    known = ("--canaries", folder / "canaries.json")
    assert hometruth("fleet", phone, *known, "--out", folder / "found").returncode == 1
    (folder / "findings.jsonl").write_text(hometruth("scan", phone, *known, "--jsonl").stdout)
    return folder


@pytest.mark.parametrize(("page", "code"), list(examples()))
def test_the_examples_run_and_find_something(
    page: str, code: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for program in PROGRAMS:
        pytest.importorskip(program)
    assert set(PROGRAMS) == {name for name in PROGRAMS if name in code}
    monkeypatch.chdir(folder)
    exec(code, {})

    assert TOLD[page] in capsys.readouterr().out
