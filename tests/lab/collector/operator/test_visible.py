"""Nothing that comes in can hide in what is shown."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hometruth.lab.collector.operator.visible import MAX_CHARS, as_text, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain söng 歌", "plain söng 歌"),
        ("\x1b[31m\x00", "\\u{1b}[31m\\u{0}"),
        ("\u202eevil", "\\u{202e}evil"),
        ("a\u200bb\ufeff", "a\\u{200b}b\\u{feff}"),
        ("\ud800", "\\u{d800}"),
        ("\u3164\ufe0f", "\\u{3164}\\u{fe0f}"),
        ("line\nline", "line\\u{a}line"),
    ],
)
def test_what_draws_nothing_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text(st.characters(codec=None), max_size=50))
def test_no_control_is_left(text: str) -> None:
    assert not {unicodedata.category(char) for char in visible(text)} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_a_long_text_is_cut_and_says_so() -> None:
    assert visible("x" * (MAX_CHARS + 7)) == "x" * MAX_CHARS + " … and 7 characters"


def test_any_json_value_becomes_text() -> None:
    assert [as_text(value) for value in ("a", 1, None, ["ö", {}])] == ["a", "1", "null", '["ö", {}]']
