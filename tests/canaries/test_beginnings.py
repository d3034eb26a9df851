from random import Random

from hypothesis import given
from hypothesis import strategies as st

from hometruth.canaries.beginnings import BEGINNING, Beginnings

# Few letters, so that beginnings are shared, and patterns overlap and are the beginning of others.
few = st.binary(max_size=3 * BEGINNING).map(lambda data: bytes(byte % 2 for byte in data))
patterns = st.lists(few.filter(bool), unique=True, max_size=40)


@given(patterns, st.lists(few, max_size=4), st.randoms(use_true_random=False))
def test_every_pattern_is_found_at_every_place(
    patterns: list[bytes], between: list[bytes], random: Random
) -> None:
    text = b"".join(data + random.choice([b"", *patterns]) for data in between)
    expected = {
        (number, start, start + len(pattern))
        for number, pattern in enumerate(patterns)
        for start in range(len(text))
        if text.startswith(pattern, start)
    }
    for fast in (False, True):
        found = list(Beginnings(patterns, fast=fast).find(text))

        assert len(found) == len(set(found))
        assert set(found) == expected


def test_a_text_with_the_beginning_of_a_pattern_alone_holds_nothing() -> None:
    whole = bytes(range(2 * BEGINNING))
    beginnings = Beginnings([whole])

    assert list(beginnings.find(whole[:-1])) == []
    assert list(beginnings.find(b"x" + whole)) == [(0, 1, 1 + len(whole))]
