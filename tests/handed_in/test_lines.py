"""Lines of tables and fields in TOML, and of values in JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hometruth.handed_in import LineOf, json_lines, line_by_line, toml_lines

TOML = '''# a comment
[[claim]]
id = "a"
says = """
[[claim]]
id = "no table"
""" # """ and no string
[[claim.reading]]
kind = "ordinary"
[[claim.reading]]
kind = "strict"

[[claim]]
id = "b"
  [[ claim . "reading" ]]
  kind = "ordinary"
  [claim.reading.where]
  "a mode" = [
    "x",
  ]
[plan]
a.b = 1
'''


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (("claim", 0), 2),
        (("claim", 0, "id"), 3),
        (("claim", 0, "reading", 1), 10),
        (("claim", 0, "reading", 0, "kind"), 9),
        (("claim", 1), 13),
        (("claim", 1, "reading", 0, "kind"), 16),
        (("claim", 1, "reading", 0, "where"), 17),
        (("claim", 1, "reading", 0, "where", "a mode", 0), 18),
        (("claim", 1, "reading", 0, "absent"), 15),
        (("claim", 1, "reading", 3), 13),
        (("plan", "a", "b"), 22),
        (("nothing",), None),
        ((), None),
    ],
)
def test_a_table_or_a_field_of_toml_is_found_within_what_holds_it(
    keys: tuple[str | int, ...], line: int | None
) -> None:
    assert toml_lines(TOML)(keys) == line


VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@given(VALUES, st.sampled_from([None, 1]))
def test_every_value_of_json_is_found(value: object, indent: int | None) -> None:
    """Each value is looked up in a text where it alone stands on a line of its own."""
    text = json.dumps(value, indent=indent)
    line_of = json_lines(text)

    check(value, (), line_of, text.split("\n"), is_indented=indent is not None)


def check(
    value: object, keys: tuple[str | int, ...], line_of: LineOf, lines: list[str], *, is_indented: bool
) -> None:
    line = line_of(keys)
    assert line is not None
    start = json.dumps(value)[:1] if isinstance(value, dict | list) else json.dumps(value)
    assert start in lines[line - 1]
    if is_indented:
        assert lines[line - 1].startswith(" " * len(keys))
        assert not lines[line - 1].startswith(" " * (len(keys) + 1))
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        check(each, (*keys, key), line_of, lines, is_indented=is_indented)


def test_json_lines_are_counted_with_the_blank_ones() -> None:
    line_of = line_by_line('{"a": 1}\n\n  \n{"a": 2}\n')

    assert [line_of((0,)), line_of((1, "a")), line_of(())] == [1, 4, None]
