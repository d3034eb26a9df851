"""Claims as data: errors name the claim and the field."""

import pytest

from hometruth.claims import bundled_claims, parse_claims
from hometruth.errors import ClaimError
from hometruth.model import ReadingKind, Wording

GOOD = """
[[claim]]
id = "c1"
side = "vendor"
who = "somebody"
date = "2020-05-01"
statement = "Nothing is sent."
source = ["https://example.org/"]
[[claim.reading]]
kind = "ordinary"
wording = "quoted"
[[claim.reading.proposition]]
id = "c1.silent"
kind = "silent"
says = "nothing is sent"
where = { mode = ["incognito"] }
options = { control = { mode = ["normal"] } }
"""


def test_a_claim_is_read() -> None:
    (claim,) = parse_claims(GOOD, "test")

    assert claim.id == "c1"
    assert claim.archived == "not archived"
    assert claim.readings[0].propositions[0].where == {"mode": ("incognito",)}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('id = "c1"', 'id = ""', "line 3: claim 1: id must be a text that is not empty"),
        (
            'kind = "silent"',
            'kind = "silence"',
            "line 14: claim c1: reading ordinary: proposition c1.silent: unknown kind 'silence'",
        ),
        ('options = { control = { mode = ["normal"] } }', "", "needs options control"),
        (
            'wording = "quoted"',
            'wording = "roughly"',
            "line 11: claim c1: reading ordinary: wording is 'roughly'; use one of quoted",
        ),
        (
            'source = ["https://example.org/"]',
            'source = "x"',
            "line 8: claim c1: source must be",
        ),
        ('side = "vendor"', 'side = "vendor"\nsid = 1', "line 5: claim c1: unknown field sid"),
        ("[[claim]]", "[[claims]]", "unknown field claims; did you mean claim? (have: claim)"),
        ("[[claim]]", "[[claim", "not valid TOML"),
        ('where = { mode = ["incognito"] }', 'where = { mode = "incognito" }', "where.mode must be a list"),
    ],
)
def test_errors_name_the_place(old: str, new: str, message: str) -> None:
    with pytest.raises(ClaimError, match=r"^my\.toml: ") as caught:
        parse_claims(GOOD.replace(old, new, 1), "my.toml")

    assert message in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "claim = 1",
        "claim = [1]",
        GOOD.replace('side = "vendor"', 'side = ["vendor"]'),
        GOOD.replace('date = "2020-05-01"', "date = 2020-05-01"),
        GOOD.replace('who = "somebody"', 'who = "somebody"\nscope = "x"'),
        GOOD.replace('who = "somebody"', 'who = "somebody"\nscope = { versions = [1] }'),
        GOOD.replace("options = {", "options = { kinds = ['page'],"),
        GOOD.replace('options = { control = { mode = ["normal"] } }', "options = 1"),
        GOOD.replace('kind = "silent"', 'kind = "absent"').replace(
            "options = {", "options = { kinds = ['p'],"
        ),
        GOOD.replace('kind = "silent"', 'kind = "rotates-within"').replace(
            "options = {", "options = { fields = [], days = true }\n#"
        ),
        GOOD + GOOD,
    ],
)
def test_whatever_is_wrong_is_a_claim_error(text: str) -> None:
    with pytest.raises(ClaimError, match=r"^my\.toml: "):
        parse_claims(text, "my.toml")


def test_the_bundled_claims_are_the_story_and_each_has_a_source() -> None:
    claims = {claim.id: claim for claim in bundled_claims()}

    assert {"x02", "x03", "x04", "x05", "x08", "x11", "x12", "x20"} <= claims.keys()
    assert all(claim.source for claim in claims.values())


def test_no_inferred_wording_is_a_headline() -> None:
    for claim in bundled_claims():
        for reading in claim.readings:
            assert not (reading.kind is ReadingKind.ORDINARY and reading.wording is Wording.INFERRED)
