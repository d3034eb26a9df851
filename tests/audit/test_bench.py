"""The bench, which sifts before it peels, against peeling everything."""

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hometruth.audit import bench
from hometruth.audit.bench import Bench
from hometruth.audit.examine import Examined, examine
from hometruth.audit.scanner import Scanner
from hometruth.canaries import characters_of, mint, search
from hometruth.capture import read_capture
from hometruth.errors import DEBUG
from hometruth.model import Canary, CanaryKind, Exchange, Gap
from hometruth.peel import Peeled, peel_exchange
from hometruth.peel.text_check import is_text
from tests.peel.exchanges import exchange
from tests.peel.sieve.both import built_core
from tests.peel.wraps import WRAPS

CANARIES = (
    mint("page", rng=Random(3)),
    Canary("mail", CanaryKind.KNOWN, "Tundra.Plinth.938+kita@gmail.com", 80.0),
)
SCANNER = Scanner(CANARIES, n_phantoms=0)
SEARCH = SCANNER.search()


@pytest.fixture(autouse=True, scope="module", params=["with the core", "with numpy"])
def sift_everything(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bench, "WORTH_SIFTING", 0)
        if request.param == "with numpy":
            patch.setattr(bench, "load_core", lambda: None)
        else:
            built_core()
        yield


def filler(rng: Random) -> bytes:
    kinds = (
        lambda: rng.randbytes(rng.randrange(40)).hex().encode(),
        lambda: b" ".join(rng.choice([b"tarimo", b"nekalusi", b"19"]) for _ in range(5)),
        lambda: b"https://www.tarimo.example/neka/lusi",
        lambda: rng.randbytes(rng.randrange(30)),
    )
    return rng.choice(kinds)()


@given(st.integers(0, 1 << 32), st.lists(st.sampled_from([*WRAPS]), min_size=1, max_size=3), st.booleans())
@settings(max_examples=50)  # with each sieve
def test_findings_are_those_of_peeling_everything(seed: int, names: list[str], planted: bool) -> None:
    rng = Random(seed)
    data = CANARIES[seed % 2].value.encode() if planted else filler(rng)
    for name in names:
        data = WRAPS[name](data) or data
    target = "/p?a=" + filler(rng).hex() + "&b=2"
    one = exchange(target, body=data, headers=((b"Cookie", b"s=" + filler(rng).hex().encode()),))

    (outcome,) = Bench(SCANNER).examine([one])

    assert isinstance(outcome, Examined)
    assert outcome.sightings == examine(one, SEARCH).sightings


WORDS = "mail.tundra-plinth.example"
IN_PIECES = Scanner(
    (
        Canary("words", CanaryKind.KNOWN, WORDS, 80.0),
        Canary("number", CanaryKind.ACCOUNT, "447700900123", 40.0),
    ),
    n_phantoms=0,
)


@pytest.mark.parametrize(
    "document",
    [
        {"host": "mail.tundra-plinth", "rest": ".example"},
        {"mail.tundra-plinth": ".example"},
        {"a": {"Mail.Tundra": 1, "-plinth.example": 2}},
        {"a": [WORDS[:13], "7", WORDS[13:]]},
        {"to": "see mail.tundra", "rest": "-plinth.example"},
        {"number": 447700900, "rest": "123"},
        {"number": [44770090, "0123"]},
        {"text": "mail.tundra-plinth is a house", "rest": ".example", "more": "mail.tundra-plinth"},
    ],
)
@pytest.mark.parametrize("wrap", [None, "base64", "percent", "gzip", "hex", "json-in-json"])
def test_pieces_are_those_of_peeling_everything(document: object, wrap: str | None) -> None:
    data = json.dumps(document).encode()
    wrapped = WRAPS[wrap](data) if wrap in WRAPS else json.dumps({"in": data.decode()}).encode()
    one = exchange(body=wrapped if wrap else data)
    in_full = examine(one, IN_PIECES.search())

    (outcome,) = Bench(IN_PIECES).examine([one])

    assert isinstance(outcome, Examined)
    assert outcome.sightings == in_full.sightings
    assert outcome.parts == in_full.parts
    assert in_full.sightings or in_full.parts


def test_a_word_in_a_longer_value_makes_no_pieces_of_others() -> None:
    sent = {"text": "mail.tundra-plinth is a house", "a": "mail.", "b": "tundr", "c": "a-pli"}
    rest = {"d": "nth.e", "e": "xampl", "f": "e"}
    one = exchange(body=json.dumps(sent | rest).encode())

    (outcome,) = Bench(IN_PIECES).examine([one])

    assert isinstance(outcome, Examined)
    assert (outcome.sightings, outcome.n_values) == ((), 0)
    assert examine(one, IN_PIECES.search()).sightings == ()


def test_single_characters_are_those_of_peeling_everything_though_little_is_opened() -> None:
    inside = base64.b64encode(json.dumps({"name": "e", "more": "nothing to see"}).encode())
    data = CANARIES[0].value.encode() + b" " + inside
    one = exchange(body=json.dumps({"a": data.decode(), "b": inside.decode()}).encode())

    in_full = tuple(characters_of(peel_exchange(one)))
    told = Bench(SCANNER)

    for _ in range(2):
        (outcome,) = told.examine([one])

        assert isinstance(outcome, Examined)
        assert outcome.characters == in_full
    assert b"e" in {value.data for value in in_full}


def test_what_one_batch_held_changes_nothing_in_the_next() -> None:
    canary = CANARIES[0].value.encode()
    batches: list[list[Exchange | Gap]] = [
        [exchange(body=b'{"a": "%s"}' % canary)],
        [exchange(body=b'{"a": "x"}')],
    ]
    one = Bench(SCANNER)

    again = [list(one.examine(batch)) for batch in (*batches, *batches)]

    assert again[:2] == again[2:]


def test_where_sifting_fails_everything_is_peeled_and_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Bench, "_told", failing)
    one = exchange(body=base64.b64encode(CANARIES[0].value.encode()))
    with pytest.raises(ZeroDivisionError):
        list(Bench(SCANNER).examine([one]))
    monkeypatch.delenv(DEBUG)
    with pytest.warns(UserWarning, match="a defect of ours .ZeroDivisionError.*peeled in full instead"):
        (outcome,) = Bench(SCANNER).examine([one])

    assert isinstance(outcome, Examined)
    assert outcome.sightings == examine(one, SEARCH).sightings != ()


@pytest.mark.parametrize("in_header", [False, True])
def test_a_raw_digest_is_found_with_the_salt_beside_it(in_header: bool) -> None:
    salt = b"9f1c77-a"
    digest = base64.b64encode(hashlib.sha256(salt + CANARIES[1].value.encode()).digest())
    headers = ((b"X-Nonce", salt),) if in_header else ()
    fields = {"a": digest.decode()} | ({} if in_header else {"nonce": salt.decode()})
    one = exchange(body=json.dumps(fields).encode(), headers=headers)
    others = [exchange(body=b'{"b": "nothing"}') for _ in range(3)]

    outcome, *rest = Bench(SCANNER).examine([one, *others])

    assert isinstance(outcome, Examined)
    assert [sighting.form.name.partition(",")[0] for sighting in outcome.sightings] == ["sha256(salt+value)"]
    assert not any(isinstance(each, Examined) and each.sightings for each in rest)


@pytest.mark.parametrize("file", ["firefox-xvfb-upstream-normal", "chromium-xvfb-google-normal"])
def test_in_real_traffic_findings_are_those_of_peeling_everything(file: str, shared: Path) -> None:
    exchanges = [
        item
        for item in read_capture(shared / "captures" / "browsers" / file / "all.mitm")
        if isinstance(item, Exchange)
    ]
    values = sorted(
        {
            value.data.decode()
            for one in exchanges
            for value in peel_exchange(one).values
            if value.steps and 8 <= len(value.data) <= 80 and is_text(value.data)
        }
    )
    known = [
        Canary(f"known-{n}", CanaryKind.KNOWN, value, 80.0)
        for n, value in enumerate(Random(1).sample(values, 40))
    ]
    scanner = Scanner(tuple(known), n_phantoms=0)
    search = scanner.search()

    outcomes = Bench(scanner).examine(list(exchanges))

    for one, outcome in zip(exchanges, outcomes, strict=True):
        assert isinstance(outcome, Examined)
        alone = examine(one, search)
        assert set(outcome.sightings) == set(alone.sightings)
        assert set(outcome.parts) == set(alone.parts)


def test_of_very_many_canaries_the_same_is_found_by_every_road(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_IN_FULL", 1)
    mail = CANARIES[1].value.encode()
    bodies = [
        *(wrap(each.value.encode()) or b"" for each in CANARIES for wrap in WRAPS.values()),
        hashlib.sha256(mail.lower()).hexdigest().encode(),
        base64.b64encode(hashlib.md5(mail).digest()),
        json.dumps({"pieces": [mail[:9].decode(), mail[9:].decode()], "salt": "4711"}).encode(),
    ]
    sent: list[Exchange | Gap] = [exchange(f"/{n}", body=body) for n, body in enumerate(bodies)]
    of_many = SCANNER.search()
    whole = [examine(one, of_many).sightings for one in sent if isinstance(one, Exchange)]

    assert [each.sightings for each in Bench(SCANNER).examine(sent) if isinstance(each, Examined)] == whole
    assert sum(map(bool, whole)) > len(WRAPS)


def every_value(_: Examined, peeled: Peeled) -> tuple[object, ...]:
    return peeled.values, peeled.parents, peeled.spans, peeled.echoes, peeled.asides


def test_what_is_noted_is_every_value_that_any_layer_opens() -> None:
    rng = Random(11)
    bodies = [filler(rng) for _ in range(40)]
    bodies += [rng.randbytes(rng.randrange(200)) for _ in range(20)]
    bodies += [wrap(CANARIES[1].value.encode()) or b"" for wrap in WRAPS.values()]
    for body in rng.sample(bodies, 30):
        inner, outer = rng.choice([*WRAPS.values()]), rng.choice([*WRAPS.values()])
        bodies.append(outer(inner(body) or b"x") or b"")
    sent: list[Exchange | Gap] = [exchange(f"/{n}?q=a", body=body) for n, body in enumerate(bodies)]

    for outcome in Bench(SCANNER, every_value).examine(sent):
        assert isinstance(outcome, Examined)
        assert outcome == replace(
            examine(outcome.exchange, SEARCH, note=every_value), characters=outcome.characters
        )
