import pytest

from hometruth.report.text import clip, escape_terminal, is_text, mask, printable


@pytest.mark.parametrize(
    ("captured", "shown"),
    [
        ("\x1b[31mred\x07", "\\u{1b}[31mred\\u{7}"),
        ("one\ntwo\ttabs\r", "one\\u{a}two\\u{9}tabs\\u{d}"),
        ("\x9b2J", "\\u{9b}2J"),
        ("user\u202egnp.exe", "user\\u{202e}gnp.exe"),
        ("\u2066isolated\u2069", "\\u{2066}isolated\\u{2069}"),
        ("zero\u200bwidth\ufeff", "zero\\u{200b}width\\u{feff}"),
        ("\ud800 alone", "\\u{d800} alone"),
        ("tag\U000e0041", "tag\\u{e0041}"),
    ],
)
def test_what_a_terminal_would_obey_is_written_out(captured: str, shown: str) -> None:
    assert escape_terminal(captured) == shown


def test_ordinary_text_of_any_script_is_left_alone() -> None:
    text = "Grüße, 搜索 поиск بحث 🎵 <b>&amp;</b> 'quoted' \\n"

    assert escape_terminal(text) == text


def test_bytes_that_are_not_text_stay_visible() -> None:
    assert printable(b"caf\xc3\xa9 \xff\x00") == "café \\xff\\u{0}"


def test_compressed_bytes_are_not_taken_for_text() -> None:
    assert not is_text(bytes(range(256)))
    assert is_text("{“naïve”: 1}\r\n".encode())
    assert is_text(b"")


def test_a_mask_tells_long_values_apart_and_short_ones_not_at_all() -> None:
    assert mask("anna@example.org") == "an•••••rg"
    assert mask("secret") == mask("hidden")


def test_the_middle_of_a_long_text_is_left_out_and_counted() -> None:
    shown = clip("a" * 1_000_000 + "end", 300)

    assert shown.endswith("end")
    assert "999,703 characters left out" in shown
    assert len(shown) < 400
