"""The sieve against the layers: what these find in a part, it must not hold back."""

from collections.abc import Sequence
from random import Random

import pytest

from hometruth.audit.examine import examine
from hometruth.canaries import Search, compile_search, mint
from hometruth.model import Canary, CanaryKind, Part
from hometruth.peel.sieve.sieve import Sieve
from hometruth.peel.walk import Root, Worth
from tests.peel.exchanges import exchange
from tests.peel.wraps import WRAPS

VALUES = {
    "minted": mint("page", rng=Random(1)).value,
    "url": "https://www.quarry-cinder-162.example/gravel/50857.html?id=159&ref=bramble",
    "email": "Tundra.Plinth.938+kita@gmail.com",
    "phone": "+44 7700 900682",
    "imei": "001011021599523",
    "words": "schilddrüse und kündigung",
    "chinese": "律师复查上海医院失眠离婚",
    "short": "plinth",
}
CANARIES = tuple(Canary(name, CanaryKind.KNOWN, value, 80.0) for name, value in VALUES.items())
SEARCH = compile_search(CANARIES, ["grain"])
SUSPECTS = SEARCH.prefilter()


def held_back(datas: Sequence[bytes]) -> list[bytes]:
    """Bodies that would not be peeled."""
    told = Sieve(SUSPECTS).worth_peeling([Root(Part.BODY, "", data) for data in datas])
    return [data for data, worth in zip(datas, told, strict=True) if not worth]


def found(data: bytes, search: Search = SEARCH) -> bool:
    """What peeling in earnest says: a finding, or a gap that a report must have."""
    examined = examine(exchange(body=data), search)
    return bool(examined.sightings or examined.gaps)


def check(datas: Sequence[bytes]) -> None:
    assert [data for data in held_back(datas) if found(data)] == []


@pytest.mark.parametrize("name", WRAPS)
def test_what_is_in_one_wrapping_is_not_held_back(name: str) -> None:
    wrapped = [WRAPS[name](value.encode()) for value in VALUES.values()]

    check([data for data in wrapped if data])


@pytest.mark.parametrize("inner", WRAPS)
def test_what_is_in_two_wrappings_is_not_held_back(inner: str) -> None:
    """Addresses are wrapped twice in `test_fast_and_slow`."""
    once = [WRAPS[inner](VALUES[value].encode()) for value in ("minted", "imei")]
    twice = [wrap(data) for data in once if data for wrap in WRAPS.values()]

    check([data for data in twice if data])


def test_what_a_mask_hides_is_not_held_back_where_it_looks_nearly_like_text() -> None:
    plain = b'{"v": "%s", "n": 44, "t": "click"}' % VALUES["url"].encode()
    masked = [
        bytes(byte ^ key[at % len(key)] for at, byte in enumerate(plain))
        for rng in map(Random, range(60))
        for key in [bytes(rng.randrange(1, 128) for _ in range(rng.randrange(2, 6)))]
    ]
    told = Sieve(SUSPECTS).worth_peeling([Root(Part.BODY, "", data) for data in masked])
    missed = [
        data
        for data, worth in zip(masked, told, strict=True)
        if worth is not Worth.SEARCH and examine(exchange(body=data), SEARCH).sightings
    ]

    assert missed == []
    assert sum(worth is Worth.SEARCH for worth in told) > 40
