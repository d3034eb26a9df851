"""Lines of tables and fields in a TOML text."""

from hometruth.claims.lines import TableLines

TEXT = """# a comment
[[claim]]
id = "a"
[[claim.reading]]
kind = "ordinary"
[[claim.reading]]
kind = "strict"

[[claim]]
id = "b"
  [[ claim.reading ]]
  kind = "ordinary"
"""


def test_tables_are_counted_within_their_outer_table() -> None:
    lines = TableLines(TEXT)

    assert lines.find("claim", (0,)) == 2
    assert lines.find("claim.reading", (0, 1)) == 6
    assert lines.find("claim.reading", (1, 0)) == 11
    assert lines.find("claim.reading", (1, 1)) is None


def test_a_field_is_found_in_its_own_table_only() -> None:
    lines = TableLines(TEXT)

    assert lines.find("claim.reading", (0, 0), "kind") == 5
    assert lines.find("claim.reading", (1, 0), "kind") == 12
    assert lines.find("claim", (0,), "kind") == 2
