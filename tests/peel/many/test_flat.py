import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hometruth.peel.many.flat import flat_of, joined

STRINGS = st.lists(st.binary(min_size=1, max_size=20), min_size=1, max_size=8)


@given(STRINGS, st.data())
def test_some_of_the_strings(strings: list[bytes], data: st.DataObject) -> None:
    numbers = st.lists(st.integers(0, len(strings) - 1), min_size=1, unique=True)
    rows = np.asarray(sorted(data.draw(numbers)))
    some = flat_of(strings).only(rows)
    chosen = [strings[row] for row in rows.tolist()]

    for flat in (some, some.packed()):
        assert [flat.one(row) for row in range(len(chosen))] == chosen
        pairs = zip(flat.starts.tolist(), chosen, strict=True)
        places = [start + at for start, one in pairs for at in range(len(one))]
        held = [row for row, one in enumerate(chosen) for _ in one]
        everywhere = np.arange(len(flat.buffer))
        assert flat.holding(everywhere).tolist() == held
        assert flat.holders(np.asarray(places)).tolist() == held


@given(st.lists(STRINGS, min_size=1, max_size=4))
def test_joined_strings_are_those_of_all(lists: list[list[bytes]]) -> None:
    together = joined([flat_of(strings) for strings in lists])
    expected = [one for strings in lists for one in strings]

    assert [together.one(row) for row in range(len(expected))] == expected
    assert len(together.starts) == len(expected)
