from hypothesis import given
from hypothesis import strategies as st

from hometruth.canaries.prefix_index import PREFIX, PrefixIndex

KEYS = st.binary(min_size=PREFIX, max_size=PREFIX)


@given(st.lists(st.tuples(KEYS, st.integers(0, 5)), max_size=20), KEYS)
def test_each_prefix_has_its_owners_and_no_others(pairs: list[tuple[bytes, int]], other: bytes) -> None:
    prefixes = PrefixIndex(pairs)

    for key in {other, *(key for key, _ in pairs)}:
        owners = {number for known, number in pairs if known == key}
        assert set(prefixes.owners(key)) == owners
        assert (key in prefixes) is bool(owners)


def test_less_than_a_prefix_belongs_to_nobody() -> None:
    prefixes = PrefixIndex([(bytes(8), 1)])

    assert bytes(8) in prefixes
    assert bytes(7) not in prefixes
    assert b"" not in prefixes
