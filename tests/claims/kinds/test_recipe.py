"""CONTRIBUTING's recipe for a kind of proposition, followed literally: all four verdicts."""

from pathlib import Path

import pytest

from hometruth.claims import kinds, parse_claims
from hometruth.claims.kinds import KINDS
from hometruth.errors import ClaimError
from hometruth.model import Claim, VerdictKind
from tests.claims.statements import judged
from tests.claims.world import World, condition
from tests.recipes import followed

INCOGNITO, NORMAL = condition(mode="incognito"), condition(mode="normal")
CLAIM = """
[[claim]]
id = "c1"
side = "vendor"
who = "somebody"
date = "2020-05-01"
statement = "Nothing goes to the old server."
source = ["https://example.org/"]
[[claim.reading]]
kind = "ordinary"
wording = "quoted"
[[claim.reading.proposition]]
id = "c1.old"
kind = "not-to"
says = "nothing goes to the old server"
where = { mode = ["incognito"] }
options = { endpoints = ["old.miui.com/sa"], control = { mode = ["normal"] } }
"""


@pytest.fixture(autouse=True)
def _followed(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Path(kinds.__file__)
    for name, kind in followed("Add a kind of proposition", table, "KINDS: Mapping[str, Kind] = {").items():
        monkeypatch.setitem(KINDS, name, kind)


def claim() -> Claim:
    (read,) = parse_claims(CLAIM, "c.toml")
    return read


def verdict(world: World) -> VerdictKind:
    return judged(claim(), world)[INCOGNITO].verdict


def test_sessions_that_send_there_contradict_it() -> None:
    world = World()
    world.session(INCOGNITO, sends=True, content=False, endpoint="old.miui.com/sa")

    assert verdict(world) is VerdictKind.CONTRADICTED


def test_silence_with_a_control_is_consistent_and_without_one_it_proves_nothing() -> None:
    world = World()
    world.cell(INCOGNITO, 30, sends=False)
    assert verdict(world) is VerdictKind.INCONCLUSIVE

    world.cell(NORMAL, 30, sends=True)
    assert verdict(world) is VerdictKind.CONSISTENT


def test_what_is_sent_elsewhere_does_not_contradict_it() -> None:
    world = World()
    world.cell(INCOGNITO, 30, sends=True)
    world.cell(NORMAL, 30, sends=True)

    assert verdict(world) is not VerdictKind.CONTRADICTED


def test_without_a_session_it_is_untested() -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True)

    assert {row.verdict for row in judged(claim(), world).values()} == {VerdictKind.UNTESTED}


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("endpoints = [1]", "line 17: .*options.endpoints must be a list of texts that are not empty, not"),
        ("endpoint = []", "kind not-to has no option endpoint "),
    ],
)
def test_its_own_option_is_checked(option: str, told: str) -> None:
    with pytest.raises(ClaimError, match=told):
        parse_claims(CLAIM.replace('endpoints = ["old.miui.com/sa"]', option), "c.toml")
