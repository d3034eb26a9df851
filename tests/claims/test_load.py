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
        ('id = "c1"', 'id = ""', "claim : field id must be a text"),
        ('kind = "silent"', 'kind = "silence"', "unknown kind 'silence' (have: absent"),
        ('options = { control = { mode = ["normal"] } }', "", "needs options control"),
        ('wording = "quoted"', 'wording = "roughly"', "wording is 'roughly'; use one of quoted"),
        ('source = ["https://example.org/"]', 'source = "x"', "field source must be a list of texts"),
        ('side = "vendor"', 'side = "vendor"\nsid = 1', "unknown field sid"),
        ("[[claim]]", "[[claims]]", "has no [[claim]] tables"),
        ("[[claim]]", "[[claim", "not valid TOML"),
        ('where = { mode = ["incognito"] }', 'where = { mode = "incognito" }', "where.mode must be a list"),
    ],
)
def test_errors_name_the_place(old: str, new: str, message: str) -> None:
    with pytest.raises(ClaimError, match=r"^my\.toml: ") as caught:
        parse_claims(GOOD.replace(old, new, 1), "my.toml")

    assert message in str(caught.value)


def test_the_bundled_claims_are_the_story_and_each_has_a_source() -> None:
    claims = {claim.id: claim for claim in bundled_claims()}

    assert {"x02", "x03", "x04", "x05", "x08", "x11", "x12", "x20"} <= claims.keys()
    assert all(claim.source for claim in claims.values())


def test_no_inferred_wording_is_a_headline() -> None:
    for claim in bundled_claims():
        for reading in claim.readings:
            assert not (reading.kind is ReadingKind.ORDINARY and reading.wording is Wording.INFERRED)
