"""The scorer: perfect is perfect, nothing is nothing, and a wrong finding costs precision."""

from pathlib import Path

import pytest
from benchmarks.corpus.generate import Size, make_corpus, write_corpus
from benchmarks.corpus.score import Row, algorithms, normal_chain, read_rows, score, summary, table


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    folder = tmp_path_factory.mktemp("corpus")
    write_corpus(make_corpus(1, Size(440, 1)), folder)
    return read_rows(folder / "truth.jsonl")


def test_a_perfect_result(truth: list[Row]) -> None:
    scores = score(truth, truth)

    assert summary(scores)["recall"] == summary(scores)["precision"] == summary(scores)["right chain"] == 1.0
    assert scores.false == ()
    assert "| plain | 1 | 100% |" in table({"perfect": scores})


def test_an_empty_result(truth: list[Row]) -> None:
    scores = score(truth, [])

    assert summary(scores)["recall"] == 0.0
    assert summary(scores)["precision"] == 1.0
    assert "| plain | 1 | - |" in table({"empty": scores})


def test_what_is_not_there_costs_precision_and_the_own_host_counts_for_nothing(truth: list[Row]) -> None:
    planted = [fact for fact in truth if not fact["expected"]]
    own = [fact for fact in truth if fact["expected"]]
    invented: list[Row] = [{"entry": 199, "canary": "nobody"}] * 3

    assert own
    assert score(truth, planted).precision == score(truth, truth).precision == 1.0
    assert score(truth, [planted[0], *invented]).precision == 0.5


def test_a_wrong_chain_or_form_is_found_but_not_explained() -> None:
    fact: Row = {
        **{"entry": 1, "canary": "c", "family": "f", "expected": False},
        **{"chain": ["json", "base64"], "form": "md5"},
    }
    rows: list[Row] = [
        {**fact, "chain": ["json"]},
        {**fact, "form": "plain"},
        {"entry": 1, "canary": "c"},
    ]
    for row in rows:
        assert score([fact], [row]).total().found == 1
        assert score([fact], [row]).total().right_chain == 0

    assert score([fact], [{**fact, "chain": ["form", "json", "base64url", "hex"]}]).total().right_chain == 1


def test_names_of_layers_and_forms_are_compared_by_what_they_mean() -> None:
    assert normal_chain(["query", "urldecode", "msgpack", "rot13"]) == ("percent", "messagepack", "rot")
    assert normal_chain(["grpc", "protobuf", "protobuf"]) == ("grpc", "protobuf")
    assert algorithms("sha256(md5)") == ["sha256", "md5"]
    assert algorithms("sha256(lower)") == algorithms("sha256") == ["sha256"]


def test_a_row_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"entry": 1}\n')

    with pytest.raises(ValueError, match="line 1"):
        read_rows(tmp_path / "rows.jsonl")
