"""Patterns match what they say, in whichever spelling a path has."""

import pytest

from hometruth.peel.adapters.paths import build, segments


@pytest.mark.parametrize(
    ("pattern", "path", "taken"),
    [
        ("device.id", "device.id", 2),
        ("device.id", "device.id.more", 2),
        ("device.id", "device.idfa", None),
        ("device.id", "device", None),
        ('["carrier-name"]', "carrier-name", 1),
        ("a.b", 'a["b"]', 2),
        ("a.b", "a[b]", 2),
        ("a.b", "a?b", 2),
        ("a.b", "a.b~", None),
        ("eid_pubcid.org", "eid_pubcid.org", 2),
        ("a[*].id", "a[3].id", 3),
        ("a[*].id", "a.member.id", 3),
        ("a[*].id", "a[3][4].id", None),
        ("a[0].id", "a[1].id", None),
        ("a[**].id", "a.id", 2),
        ("a[**].id", "a.b[2].c.id", 5),
        (r"[/^promo\d+id$/]", "promo12id", 1),
        (r"[/^promo\d+id$/]", "promo12", None),
        ("[/^eid_.*_2$/]", "eid_a.org_2", 2),
        ("[/^a/].b[/c$/]", "ax.b.xc", 3),
        ("", "anything", 0),
    ],
)
def test_a_pattern_is_the_beginning_of_a_path(pattern: str, path: str, taken: int | None) -> None:
    matches = list(build([(7, pattern)]).match(segments(path)))

    assert matches == ([] if taken is None else [(7, taken)])


def test_all_patterns_are_compared_at_once() -> None:
    root = build([(0, "a.b"), (1, "a[*]"), (2, "a"), (3, "c")])

    assert sorted(root.match(segments("a.b"))) == [(0, 2), (1, 2), (2, 1)]
