"""Nothing that Hometruth reads lacks a family in the corpus, and every spelling of a family is found.

What is compared are bytes: those that Hometruth's tables look for, and those that the corpus's own encoders
write. So a new layer, spelling, charset, digest, alphabet or mask fails here until the corpus has it.
"""

import base64
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from random import Random

import pytest
from benchmarks.corpus.canaries import Planted, make_canaries
from benchmarks.corpus.digest_families import SALT
from benchmarks.corpus.families import FAMILIES
from benchmarks.corpus.generate import Corpus, Size, write_corpus
from benchmarks.corpus.plant import plant_families
from benchmarks.corpus.score import SAME, Scores, read_rows, score
from benchmarks.corpus.wrapping import Family
from click.testing import CliRunner

from hometruth.cli.scan import command
from hometruth.forms import digests_of, short_digests_of
from hometruth.forms.charsets import CHARSETS
from hometruth.forms.letter_maps import LETTER_MAPS
from hometruth.forms.short_digests import SHORT_DIGESTS
from hometruth.forms.spellings import sought_spellings
from hometruth.peel import LAYERS
from hometruth.peel.keyed import KEYED
from hometruth.peel.layers.base64_variants import ALPHABETS, STANDARD

CANARIES = make_canaries(1)
CUT = frozenset({"form", "multipart", "records", "delimited", "graphql", "labels"})
"""Layers that only cut what the places of the corpus are made of: the truth does not name them."""

BY_ANOTHER_NAME = frozenset({"phone:international"})
"""Digested spellings whose text has an earlier name: of a telephone these are its digits."""


@pytest.fixture(scope="module")
def written() -> dict[str, set[bytes]]:
    """By id of a canary, all that the families' encoders write for it before any wrapping, in lower case."""
    return {
        canary.id: {spelt.data.lower() for family in FAMILIES for spelt in family.spelt(canary)}
        for canary in CANARIES
    }


def _wrapped(text: bytes) -> set[bytes]:
    """A text after the only step of each family that can hold it, with many keys."""
    done = set()
    for family in FAMILIES:
        for seed in range(24) if len(family.steps) == 1 else ():
            with suppress(UnicodeError):
                done.add(family.steps[0].encode(text, Random(seed)))
    return done


MOST_AROUND = 12
"""Characters beside what is looked for: a scheme, a port, a prefix."""


def _is_written(data: bytes, written: set[bytes]) -> bool:
    return data.lower() in written or any(
        data.lower() in each for each in written if len(each) <= len(data) + MOST_AROUND
    )


def test_every_layer_is_in_a_family() -> None:
    named = {SAME.get(name, name) for family in FAMILIES for each in family.steps for name in each.layers}
    layers = {SAME.get(layer.name, layer.name) for layer in LAYERS}

    assert layers - named == CUT


def test_every_disguise_is_in_a_family() -> None:
    named = {SAME.get(name, name) for family in FAMILIES for each in family.steps for name in each.layers}

    assert {SAME.get(name, name) for name in KEYED} <= named


def test_every_map_of_letters_is_in_a_family() -> None:
    text = b"The quick brown fox jumps over 13 lazy dogs"
    wrapped = _wrapped(text)

    assert [name for name, each in LETTER_MAPS.items() if each.write(text) not in wrapped] == []


def test_every_alphabet_of_base64_is_in_a_family() -> None:
    text = b" " + bytes(range(32, 127))  # all characters of base64, and no padding
    usual = base64.b64encode(text)
    wrapped = _wrapped(text)

    assert [
        name
        for name, alphabet in ALPHABETS.items()
        if usual.translate(bytes.maketrans(STANDARD, alphabet)) not in wrapped
    ] == []


def test_every_spelling_is_in_a_family(written: dict[str, set[bytes]]) -> None:
    known: set[str] = set()
    missing: set[str] = set()
    for canary, name, data in _sought(CANARIES):
        (known if _is_written(data, written[canary.id]) else missing).add(name)

    assert sorted(missing - known) == []


def test_every_charset_is_in_a_family(written: dict[str, set[bytes]]) -> None:
    known = {
        charset
        for charset in CHARSETS
        for canary in CANARIES
        if not canary.value.isascii() and _in(canary.value, charset).lower() in written[canary.id]
    }

    assert sorted(set(CHARSETS) - known) == []


def test_every_digest_is_in_a_family(written: dict[str, set[bytes]]) -> None:
    """By every algorithm of the value as it is, and of every digested spelling by one of them."""
    known: set[str] = set()
    missing: set[str] = set()
    spelt: set[str] = set()
    unspelt: set[str] = set()
    for canary in CANARIES:
        for each in digests_of(canary.value, [SALT]):
            is_known = each.raw.lower() in written[canary.id]
            (spelt if is_known else unspelt).add(each.spelling.name)
            if not each.spelling.name:
                (known if is_known else missing).add(each.name)

    assert sorted(missing - known) == []
    assert unspelt - spelt <= BY_ANOTHER_NAME


def test_every_digest_of_32_bits_is_in_a_family(written: dict[str, set[bytes]]) -> None:
    known = {
        name
        for canary in CANARIES
        for name, number in short_digests_of(canary.value)
        if written[canary.id] & {b"%d" % number, number.to_bytes(4).lower()}
    }

    assert set(SHORT_DIGESTS) <= known


def _sought(canaries: tuple[Planted, ...]) -> Iterator[tuple[Planted, str, bytes]]:
    for canary in canaries:
        for spelling in sought_spellings(canary.value):
            data = spelling.text if isinstance(spelling.text, bytes) else spelling.text.encode()
            if len(data) >= 4:
                yield canary, spelling.name, data


def _in(text: str, charset: str) -> bytes:
    try:
        return text.encode(charset)
    except UnicodeEncodeError:
        return b""


def _each_apart() -> Iterator[Family]:
    """Each spelling of each family as a family of its own."""
    for family in FAMILIES:
        for n, spelling in enumerate(family.spellings):
            yield replace(family, name=f"{family.name}/{n}", spellings=(), spelling=spelling)


@pytest.fixture(scope="module")
def scores(tmp_path_factory: pytest.TempPathFactory) -> Scores:
    """Of a scan of all spellings, each once."""
    folder = tmp_path_factory.mktemp("spellings")
    families = [family for family in _each_apart() if any(family.spelt(canary) for canary in CANARIES)]
    plants = list(plant_families(CANARIES, 1, Random("spellings"), families))
    corpus = Corpus(1, Size(len(plants), 1), CANARIES, dict(enumerate(plants)))
    capture = write_corpus(corpus, folder)
    canaries = str(folder / "canaries.json")
    done = CliRunner().invoke(command, [str(capture), "--canaries", canaries, "--jsonl", "--quiet"])
    rows = folder / "rows.jsonl"
    rows.write_text(done.stdout, "utf-8")
    return score(read_rows(folder / "truth.jsonl"), read_rows(rows))


def test_every_spelling_of_a_family_is_found(scores: Scores) -> None:
    assert sorted(name for name, each in scores.families.items() if not each.found) == []


def test_and_explained_rightly(scores: Scores) -> None:
    assert scores.total().right_share >= 0.97
    assert scores.false == ()
