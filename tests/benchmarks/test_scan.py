"""`hometruth scan` on a small corpus: finds every family it is said to find, and invents nothing."""

import pytest
from benchmarks.corpus.families import FAMILIES
from benchmarks.corpus.generate import Size, make_corpus, write_corpus
from benchmarks.corpus.score import Scores, read_rows, score
from click.testing import CliRunner

from hometruth.cli.scan import command


@pytest.fixture(scope="module")
def scores(tmp_path_factory: pytest.TempPathFactory) -> Scores:
    folder = tmp_path_factory.mktemp("corpus")
    capture = write_corpus(make_corpus(1, Size(440, 1)), folder)
    canaries = str(folder / "canaries.json")
    done = CliRunner().invoke(command, [str(capture), "--canaries", canaries, "--jsonl", "--quiet"])
    rows = folder / "rows.jsonl"
    rows.write_text(done.stdout, "utf-8")
    return score(read_rows(folder / "truth.jsonl"), read_rows(rows))


@pytest.mark.parametrize("family", [family.name for family in FAMILIES])
def test_the_family_is_found(scores: Scores, family: str) -> None:
    assert scores.families[family].recall == 1.0


def test_nothing_is_invented(scores: Scores) -> None:
    assert scores.false == ()


def test_what_is_found_is_explained_rightly(scores: Scores) -> None:
    assert scores.total().right_share >= 0.97
