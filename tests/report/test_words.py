import pytest

from hometruth.model import CanaryKind, Condition, GapKind, Trial, TrialStatus, VerdictKind
from hometruth.report import words


@pytest.mark.parametrize(
    ("size_bytes", "shown"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1_000, "1.0 kB"),
        (99_949, "99.9 kB"),
        (99_960, "100 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (3_482_113, "3.5 MB"),
        (2 * 10**12, "2.0 TB"),
    ],
)
def test_sizes_read_easily(size_bytes: int, shown: str) -> None:
    assert words.size(size_bytes) == shown


def test_counts_have_the_right_number() -> None:
    assert [words.count(n, "session") for n in (0, 1, 1_024)] == ["0 sessions", "1 session", "1,024 sessions"]
    assert words.count(2, "body", "bodies") == "2 bodies"


def test_a_bound_is_shown_with_one_decimal() -> None:
    assert (words.at_most(9.81), words.at_least(90.59), words.whole_bits(71.9)) == ("9.9 %", "90.5 %", "71")
    assert (words.at_most(9.6), words.at_least(9.6), words.at_least(99.99)) == ("9.6 %", "9.6 %", "99.9 %")


def test_a_sentence_starts_and_ends_like_one() -> None:
    assert words.sentence("nothing was sent ") == "Nothing was sent."
    assert words.sentence("Really?") == "Really?"
    assert words.sentence("") == ""


def test_everything_that_can_be_shown_has_words() -> None:
    assert set(words.VERDICT_SIGN) == set(words.VERDICT_MEANS) == set(VerdictKind)
    assert set(words.GAP_MEANS) == set(GapKind)
    assert set(words.KIND_NAMES) == set(CanaryKind)
    assert words.layer_means("rot13") == "rot13 removed"


def test_sessions_that_were_planned_and_not_run_are_not_called_sessions() -> None:
    done = Trial("t1", "matrix", Condition(()), 1, "i1", "phone")
    lost = Trial("t2", "matrix", Condition(()), 1, "i1", "phone", status=TrialStatus.LOST)

    assert words.sessions_run([done]) == "1 session"
    assert words.sessions_run([done, lost]) == "1 of 2 planned sessions"
