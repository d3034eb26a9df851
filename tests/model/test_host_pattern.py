import pytest

from hometruth.model import HostPattern, is_within


@pytest.mark.parametrize(
    ("pattern", "host", "path", "fits"),
    [
        ("a.example", "a.example", "", True),
        ("a.example", "b.a.example", "", False),
        ("*.a.example", "b.a.example", "", True),
        ("*.a.example", "c.b.a.example", "", True),
        ("*.a.example", "a.example", "", False),
        ("*.a.example", "xa.example", "", False),
        ("a.example/sa", "a.example", "/sa/1", True),
        ("a.example/sa", "a.example", "/other", False),
        ("a.example/sa", "a.example", "", False),
        ("*.a.example/sa", "b.a.example", "sa", True),
    ],
)
def test_a_pattern_is_a_host_or_all_below_one_and_perhaps_a_path(
    pattern: str, host: str, path: str, fits: bool
) -> None:
    assert HostPattern(pattern).fits(host, path) is fits
    assert HostPattern(pattern).host == "a.example"


def test_a_domain_holds_itself_and_what_is_below() -> None:
    assert is_within("a.example", "a.example")
    assert is_within("b.a.example", "a.example")
    assert not is_within("ba.example", "a.example")
    assert not is_within("a.example", "")
