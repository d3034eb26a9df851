"""A gate and what nobody named: noted by default, by the policy a leak; masked in every output."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import hometruth
from hometruth.audit.unnamed import UnnamedBook
from hometruth.errors import PolicyError
from hometruth.model import GateOutcome, ObstacleKind, Party, PersonalKind, Ruling
from hometruth.policy import NO_POLICY, parse_policy
from tests.cli.test_gate import LOGIN, MAIL, POLICY, gate, shop
from tests.cli.test_scan import entry, har
from tests.published import fits

__all__ = ["shop"]  # a fixture
IBAN, OTHER = "DE89370400440532013000", "someone.else@mail.example"
PAGE = entry("https://shop.example/")
PAGE["request"]["headers"] = [{"name": "Sec-Fetch-Dest", "value": "document"}]
PAID = entry("https://pay.example/p", json.dumps({"iban": IBAN, "to": [OTHER]}))
KEPT = entry("https://api.shop.example/p", json.dumps({"iban": IBAN}))


@pytest.fixture
def paid(shop: Path) -> Path:
    """A recording in which an account number and an address that nobody named go to others."""
    har(shop / "paid.har", PAGE, LOGIN, PAID, KEPT)
    return shop


def with_policy(folder: Path, head: str, tail: str = "") -> None:
    (folder / "policy.toml").write_text(head + POLICY + tail)


def test_it_is_told_and_fails_nothing_unless_the_policy_says_so(paid: Path) -> None:
    done = gate("paid.har")

    assert done.return_value == 0
    assert "UNNAMED      looks like an IBAN (DE•••••00) → pay.example, body iban (json), " in done.output
    assert "PASSED but for 2 that nobody named: " in done.output
    assert "Named by nobody, and personal by its looks: 2 fields at others, 1 at own hosts." in done.output
    assert "Contacted: 3 hosts, 1 third parties; one's own: shop.example." in done.output


@pytest.mark.parametrize(
    ("head", "code", "told"),
    [
        (
            'on_unnamed = "leak"\n',
            1,
            "2 transfers of what looks personal and nobody named that nothing allows",
        ),
        ('on_unnamed = "refuse"\n', 2, "2 transfers of what looks personal and nobody named"),
        ('unnamed = {iban = "leak"}\n', 1, "LEAK         looks like an IBAN"),
        ('unnamed = {financial = "leak", iban = "note"}\n', 0, "PASSED but for 2 that nobody named"),
        ('on_unnamed = "off"\n', 0, "that nobody named was not looked for"),
        (
            'unnamed = {connection = "leak"}\n',
            1,
            "contacted: address and browser of who sends it → pay.example",
        ),
        ('first_party = ["*.example"]\non_unnamed = "leak"\n', 0, "0 fields at others, 3 at own hosts"),
        ('organisations = {"pay.example" = "Pay Ltd"}\n', 0, "→ pay.example (Pay Ltd), body iban"),
        ('first_party = ["shop.example"]\non_unnamed = "leak"\n', 1, "→ api.shop.example"),
    ],
)
def test_a_policy_says_what_it_is(paid: Path, head: str, code: int, told: str) -> None:
    with_policy(paid, head)

    done = gate("paid.har")
    assert done.return_value == code, done.output
    assert told in done.output


def test_it_is_allowed_waived_and_known_like_a_canary(paid: Path) -> None:
    where = 'to = ["pay.example"]\nreason = "r"\n'
    with_policy(paid, 'on_unnamed = "leak"\n', f'[[allow]]\nunnamed = "financial"\n{where}')
    assert gate("paid.har", "--write-baseline", "b.json").return_value == 1
    assert gate("paid.har", "--baseline", "b.json").return_value == 0
    assert "someone" not in (paid / "b.json").read_text()

    tail = f'[[waiver]]\nunnamed = "*"\nowner = "anna"\nuntil = %s\n{where}'
    with_policy(paid, 'on_unnamed = "leak"\n', tail % "2126-01-01")
    assert gate("paid.har").return_value == 0
    with_policy(paid, 'on_unnamed = "leak"\n', tail % "2020-01-01")
    over = gate("paid.har")
    assert over.return_value == 1
    assert "the waiver of anna ended on 2020-01-01" in over.output


def test_every_output_carries_it_masked(paid: Path) -> None:
    with_policy(paid, 'unnamed = {iban = "leak"}\n')
    names = ("gate.sarif", "gate.xml", "gate.md")
    done = gate(
        "paid.har",
        *(f"--{each}={name}" for each, name in zip(("sarif", "junit", "markdown"), names, strict=True)),
        "--json",
    )

    document = fits("gate", done.stdout)
    assert [(each["kind"], each["ruling"], each["party"]) for each in document["unnamed"]] == [
        ("iban", "leak", "third"),
        ("email", "unnamed", "third"),
        ("iban", "own host", "own"),
    ]
    assert document["transfers"][0]["canary"] == "email"
    assert {each["host"]: each["party"] for each in document["recipients"]}["pay.example"] == "third"
    results = json.loads((paid / "gate.sarif").read_text())["runs"][0]["results"]
    assert [(each["ruleId"], each["level"]) for each in results] == [
        ("unnamed-sent", "error"),
        ("unnamed-sent", "warning"),
    ]
    suite = ET.parse(paid / "gate.xml").getroot()
    assert suite.get("failures") == "1"
    assert "| **pay.example** | third | ⚠ unnamed | ✗ leak |" in (paid / "gate.md").read_text().replace(
        "\\", ""
    )
    for text in (done.output, *((paid / name).read_text() for name in names)):
        assert IBAN not in text
        assert OTHER not in text


def test_no_canary_is_named_a_second_time_as_what_nobody_named(shop: Path) -> None:
    har(shop / "a.har", PAGE, LOGIN, entry(f"https://t.example/?m={MAIL.upper()}&n={MAIL}x"))
    gated = hometruth.gate("a.har", canaries="canaries.json", policy="policy.toml", jobs=1)

    assert [each.recipient for each in gated.leaks] == ["t.example"] * len(gated.leaks) != []
    assert gated.unnamed == ()


def test_one_that_was_only_tried_is_no_more_than_an_attempt(shop: Path) -> None:
    tried = entry("https://pay.example/p", json.dumps({"iban": IBAN}))
    tried["response"]["status"] = 0
    har(shop / "a.har", PAGE, LOGIN, tried)
    with_policy(shop, 'on_unnamed = "leak"\n')
    gated = hometruth.gate("a.har", canaries="canaries.json", policy="policy.toml", jobs=1)

    assert gated.outcome is GateOutcome.UNABLE
    assert [each.kind for each in gated.obstacles] == [ObstacleKind.UNNAMED]
    assert gated.unnamed[0].ruling is Ruling.UNNAMED


def test_without_a_page_or_a_word_of_the_policy_nobody_knows_whose_a_host_is(shop: Path) -> None:
    har(shop / "a.har", LOGIN, PAID)
    gated = hometruth.gate("a.har", canaries="canaries.json", policy="policy.toml", jobs=1)

    assert {each.party for each in gated.recipients} == {Party.UNKNOWN}
    assert len(gated.unnamed) == 2
    assert UnnamedBook(NO_POLICY, ()).recipients() == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('unnamed = {ibam = "leak"}', r"'ibam'; did you mean iban\? "),
        ('unnamed = {iban = "leek"}', "use one of leak, note, off, refuse"),
        ("[limits.gaps]\nnot-recordet = 2", r"unknown field not-recordet; did you mean not-recorded\? "),
        ('on_unamed = "leak"', r"unknown field on_unamed; did you mean on_unnamed\? "),
        ('first_party = ["https://shop.example"]', "first_party holds"),
        ('[[allow]]\nto = ["*"]\nreason = "r"', "needs canary, or unnamed"),
        ('[[allow]]\ncanary = "email"\nunnamed = "iban"\nto = ["*"]\nreason = "r"', "and not both"),
        (
            '[[allow]]\nunnamed = "iban"\ntells = "part"\nto = ["*"]\nreason = "r"',
            "tells is said of canaries",
        ),
    ],
)
def test_a_policy_that_is_subtly_wrong_is_refused_with_what_was_meant(text: str, told: str) -> None:
    with pytest.raises(PolicyError, match=told):
        parse_policy(text, "p.toml", ["email"])


def test_contacts_count_only_where_the_policy_names_them() -> None:
    policy = parse_policy('on_unnamed = "leak"\nunnamed = {online = "leak"}', "p.toml", [])

    assert policy.sought() == frozenset(PersonalKind) - {PersonalKind.CONNECTION}
