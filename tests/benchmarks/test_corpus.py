"""The corpus: the same for the same seed, and true: what it says is there can be decoded by other means."""

import json
from pathlib import Path
from random import Random
from urllib.parse import parse_qs, urlsplit

import pytest
from benchmarks.corpus.canaries import make_canaries
from benchmarks.corpus.digest_families import HEXED
from benchmarks.corpus.encoders import bases, lz_string
from benchmarks.corpus.encoders.digests import murmur3
from benchmarks.corpus.encoders.disguises import ALPHABET, LETTER_MAP
from benchmarks.corpus.families import FAMILIES
from benchmarks.corpus.generate import NAMES, Size, make_corpus, write_corpus
from benchmarks.corpus.wrapping import Family

from tests.benchmarks.decoders import undo

SIZE = Size(440, 1)


@pytest.mark.parametrize("form", NAMES)
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path, form: str) -> None:
    files = {}
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        write_corpus(make_corpus(seed, SIZE), tmp_path / name, form)
        files[name] = [file.read_bytes() for file in sorted((tmp_path / name).iterdir())]

    assert files["a"] == files["b"]
    assert all(one != other for one, other in zip(files["a"], files["c"], strict=True))


def test_47_canaries_of_which_none_contains_another() -> None:
    values = [canary.value.lower() for canary in make_canaries(1)]

    assert len(values) == 47
    assert not [(a, b) for a in values for b in values if a is not b and a in b]


def test_the_published_families_and_those_beyond_each_by_one_name() -> None:
    names = [family.name for family in FAMILIES]

    assert len(set(names)) == len(names)
    assert sum(not family.beyond for family in FAMILIES) >= 87


@pytest.mark.parametrize("family", [f for f in FAMILIES if not f.depth], ids=lambda family: family.name)
def test_the_chain_undone_by_other_means_gives_the_form(family: Family) -> None:
    checked = 0
    for canary in make_canaries(3):
        wrapped = family.wrap(canary, Random(5))
        if wrapped is None:
            continue
        undone = [wrapped.data]
        for layer in wrapped.chain:
            undone = [each for data in undone for each in undo(layer, data)]
        expected = {spelt.data for spelt in family.spelt(canary)}
        if HEXED in family.steps:
            told = {text for data in undone for text in (data.decode("latin-1").lower(), data.hex())}
            assert {data.hex() for data in expected} & told
        else:
            assert expected & set(undone) or "decimal" in family.name
        checked += 1

    assert checked


def test_every_truth_is_in_its_entry_and_decoys_are_in_no_truth(tmp_path: Path) -> None:
    capture = write_corpus(make_corpus(2, SIZE), tmp_path)
    entries = json.loads(capture.read_text("utf-8"))["log"]["entries"]
    canaries = {
        item["id"]: item["value"]
        for item in json.loads((tmp_path / "canaries.json").read_text("utf-8"))["canaries"]
    }
    truth = [json.loads(line) for line in (tmp_path / "truth.jsonl").read_text("utf-8").splitlines()]
    decoys = [json.loads(line) for line in (tmp_path / "decoys.jsonl").read_text("utf-8").splitlines()]

    assert len(entries) == SIZE.requests
    planted = {fact["entry"] for fact in truth if fact["family"] != "part"}
    assert planted.isdisjoint(decoy["entry"] for decoy in decoys)
    for fact in truth:
        entry = entries[fact["entry"]]
        assert urlsplit(entry["request"]["url"]).hostname == fact["recipient"].lower()
        if fact["part"] == "query" and fact["family"] in ("plain", "upper-case", "lower-case"):
            fields = parse_qs(urlsplit(entry["request"]["url"]).query)
            assert canaries[fact["canary"]].lower() in fields["dl"][0].lower()
    for decoy in decoys:
        request = json.dumps(entries[decoy["entry"]]["request"], ensure_ascii=False)
        assert canaries[decoy["canary"]] not in request
        if decoy["kind"] == "only in the response":
            response = entries[decoy["entry"]]["response"]["content"]["text"]
            assert canaries[decoy["canary"]] in json.loads(response)["ctx"]["v"]


def test_a_corpus_without_plants_is_the_traffic_alone(tmp_path: Path) -> None:
    write_corpus(make_corpus(2, SIZE, planted=False), tmp_path)

    assert (tmp_path / "truth.jsonl").read_text() == ""
    assert (tmp_path / "decoys.jsonl").read_text() == ""


def test_too_small_a_corpus_is_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        make_corpus(1, Size(10, 1))


def test_encoders_against_published_examples() -> None:
    assert bases.base45(b"Hello!!") == b"%69 VD92EX0"  # RFC 9285, 4.3
    assert bases.base58(b"Hello World!") == b"2NEpo7TZRRrLZSi2U"  # draft-msporny-base58
    assert lz_string.to_base64(b"hello world") == b"BYUwNmD2AEDukCcwBMg="
    assert murmur3(b"test") == 0xBA6BD213
    assert murmur3(b"Hello, world!") == 0xC0363E43
    assert sorted(LETTER_MAP) == sorted(ALPHABET)
