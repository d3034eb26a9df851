"""The bench, which sifts before it peels, against peeling everything."""

from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hometruth.canaries import compile_search, mint
from hometruth.cli import bench
from hometruth.cli.bench import Bench
from hometruth.cli.outcome import Outcome
from hometruth.examine import examine
from hometruth.model import Canary, CanaryKind, Exchange, Gap
from tests.peel.exchanges import exchange
from tests.peel.wraps import WRAPS

CANARIES = (
    mint("page", rng=Random(3)),
    Canary("mail", CanaryKind.KNOWN, "Tundra.Plinth.938+kita@gmail.com", 80.0),
)
SEARCH = compile_search(CANARIES)


@pytest.fixture(autouse=True, scope="module")
def sift_everything() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bench, "WORTH_SIFTING", 0)
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
def test_findings_are_those_of_peeling_everything(seed: int, names: list[str], planted: bool) -> None:
    rng = Random(seed)
    data = CANARIES[seed % 2].value.encode() if planted else filler(rng)
    for name in names:
        data = WRAPS[name](data) or data
    target = "/p?a=" + filler(rng).hex() + "&b=2"
    one = exchange(target, body=data, headers=((b"Cookie", b"s=" + filler(rng).hex().encode()),))

    (outcome,) = Bench(SEARCH).examine([one])

    assert isinstance(outcome, Outcome)
    assert outcome.sightings == examine(one, SEARCH).sightings


def test_what_one_batch_held_changes_nothing_in_the_next() -> None:
    canary = CANARIES[0].value.encode()
    batches: list[list[Exchange | Gap]] = [
        [exchange(body=b'{"a": "%s"}' % canary)],
        [exchange(body=b'{"a": "x"}')],
    ]
    one = Bench(SEARCH)

    again = [list(one.examine(batch)) for batch in (*batches, *batches)]

    assert again[:2] == again[2:]
