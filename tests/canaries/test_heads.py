from hypothesis import given
from hypothesis import strategies as st

from hometruth.canaries.heads import HEAD, MANY, Heads

PADDING = b"\x77" * HEAD
KEYS = st.binary(min_size=HEAD, max_size=HEAD)


@given(st.lists(st.tuples(KEYS, st.integers(0, 5)), max_size=20), KEYS)
def test_each_head_has_its_owners_and_no_others(pairs: list[tuple[bytes, int]], other: bytes) -> None:
    with_few = Heads([key for key, _ in pairs], [number for _, number in pairs])
    with_many = Heads(
        [key for key, _ in pairs] + MANY * [PADDING], [number for _, number in pairs] + MANY * [9]
    )

    for key in {other, *(key for key, _ in pairs)} - {PADDING}:
        owners = {number for known, number in pairs if known == key}
        assert set(with_few.owners(key)) == set(with_many.owners(key)) == owners
        assert (key in with_few) is bool(owners)


def test_less_than_a_head_belongs_to_nobody() -> None:
    heads = Heads([bytes(8)], [1])

    assert bytes(8) in heads
    assert bytes(7) not in heads
    assert b"" not in heads
