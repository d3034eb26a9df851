import re
import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from hometruth.peel.layers.json_text import unescape
from hometruth.peel.layers.substitute import LONG_BYTES, substitute

ESCAPE = re.compile(rb"%([0-9])")


def doubled(match: re.Match[bytes]) -> bytes:
    return match[1] * 2


@given(st.lists(st.sampled_from([b"%1", b"%", b"abc", b"7", b""])))
def test_long_text_becomes_what_re_makes_of_it(parts: list[bytes]) -> None:
    data = b"".join(parts) + b"-" * LONG_BYTES + b"".join(parts)

    assert substitute(ESCAPE, doubled, data) == ESCAPE.sub(doubled, data)


def test_a_long_string_of_escapes_takes_no_more_memory_than_a_few_of_its_size() -> None:
    raw = rb"a\n" * 700_000
    tracemalloc.start()
    text = unescape(raw)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert text == b"a\n" * 700_000
    assert peak < 3 * len(raw)
