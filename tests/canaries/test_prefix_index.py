from hypothesis import given, settings
from hypothesis import strategies as st

from hometruth.canaries.prefix_index import MANY, PREFIX, PrefixIndex

PADDING = b"\x77" * PREFIX
KEYS = st.binary(min_size=PREFIX, max_size=PREFIX)


@settings(max_examples=20)
@given(st.lists(st.tuples(KEYS, st.integers(0, 5)), max_size=20), KEYS)
def test_each_prefix_has_its_owners_and_no_others(pairs: list[tuple[bytes, int]], other: bytes) -> None:
    keys, numbers = [key for key, _ in pairs], [number for _, number in pairs]
    few = PrefixIndex(keys, numbers)
    many = PrefixIndex(keys + MANY * [PADDING], numbers + MANY * [9])

    for key in {other, *keys} - {PADDING}:
        owners = {number for known, number in pairs if known == key}
        assert set(few.owners(key)) == set(many.owners(key)) == owners
        assert (key in few) is (key in many) is bool(owners)


def test_less_than_a_prefix_belongs_to_nobody() -> None:
    prefixes = PrefixIndex([bytes(8)], [1])

    assert bytes(8) in prefixes
    assert bytes(7) not in prefixes
    assert b"" not in prefixes
