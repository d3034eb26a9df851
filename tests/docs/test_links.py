"""Links between pages lead somewhere."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, PAGES, ROOT, anchors, prose

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FILE = re.compile(r"`((?:tests|benchmarks|fuzz|src|scripts|examples)/[\w./-]+)`")
"""Of the repository."""


def _links(page: Path) -> list[str]:
    return [link for link in _LINK.findall(prose(page)) if "://" not in link]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links_and_anchors_resolve(page: Path) -> None:
    broken = []
    for link in _links(page):
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)

    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_are_named_are_there(page: Path) -> None:
    assert [name for name in _FILE.findall(page.read_text("utf-8")) if not (ROOT / name).exists()] == []


def test_the_index_links_to_every_page() -> None:
    linked = {(DOCS / link.partition("#")[0]).resolve() for link in _links(DOCS / "index.md")}
    pages = {page for page in PAGES if DOCS in page.parents} - {DOCS / "index.md"}

    assert pages - linked == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_fences_are_closed_and_say_their_language(page: Path) -> None:
    fences = re.findall(r"^```(.*)$", page.read_text("utf-8"), re.MULTILINE)

    assert len(fences) % 2 == 0
    assert all(fences[0::2]), "a block does not say what it is"
    assert not any(fences[1::2])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_path_of_somebodys_machine(page: Path) -> None:
    found = re.findall(r"(?:^|[\s`\"'])(/(?:home|root|tmp|work|Users)/\S*)", page.read_text("utf-8"))

    assert found == []
