"""The reference pages name everything there is."""

import re
from dataclasses import fields

import pytest

from hometruth.claims import parse_claims
from hometruth.claims.kinds import KINDS
from hometruth.errors import ClaimError, PlanError
from hometruth.experiment.drivers import DRIVERS
from hometruth.experiment.plan import parse_plan
from hometruth.forms.digests import DIGESTS
from hometruth.identity.register import IDENTIFIER_FIELDS
from hometruth.lab import CHANNELS, TELEMETRY_HOST
from hometruth.lab.apps.behaviour import FACTORS
from hometruth.lab.apps.mint_browser import PAGE_FINISH, PAGE_START, RULES, SEARCH, SUPER_PROPERTIES
from hometruth.lab.sdk.variants import VARIANTS
from hometruth.model import Canary, CanaryKind, GapKind, Part
from hometruth.peel import LAYERS, Budget
from hometruth.peel.layers import SPLITS
from hometruth.policy.load import NO_LIMIT
from tests.docs.pages import DOCS, blocks, section

REFERENCE = DOCS / "reference"
PLAN_HEAD = '[plan]\nid="a"\ntitle="a"\nwindow="a"\n'
SUBJECT = '[subject]\ndriver="lab"\nkind="simulated"\nname="a"\nvendor="a"\nproduct="a"\ndevice="a"\n'


def _missing(names: object, text: str) -> list[str]:
    assert isinstance(names, list | set | tuple | frozenset | dict)
    return sorted(str(name) for name in names if f"`{name}`" not in text)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_proposition_is_described_with_its_options(kind: str) -> None:
    text = section(REFERENCE / "claims.md", f"### `{kind}`")

    assert text, f"no section on {kind}"
    assert _missing(KINDS[kind].needs, text) == []


def test_no_kind_is_described_that_is_not_there() -> None:
    described = re.findall(r"^### `(.+)`$", (REFERENCE / "claims.md").read_text("utf-8"), re.MULTILINE)

    assert sorted(described) == sorted(KINDS)


def test_every_option_and_identifier_field_is_described() -> None:
    text = section(REFERENCE / "claims.md", "## Options")

    assert _missing({option for kind in KINDS.values() for option in kind.needs}, text) == []
    assert _missing([field.name for field in IDENTIFIER_FIELDS], text) == []


def test_every_layer_and_split_is_described() -> None:
    text = (REFERENCE / "layers-and-forms.md").read_text("utf-8")
    names = re.findall(
        r"^\| `([a-z0-9-]+)` \|", section(REFERENCE / "layers-and-forms.md", "## Layers"), re.MULTILINE
    )

    assert names == [*(layer.name for layer in LAYERS), *SPLITS], "in this order"
    assert _missing(list(DIGESTS), text) == []


def test_every_limit_is_described_with_its_default() -> None:
    text = section(REFERENCE / "layers-and-forms.md", "## Limits")

    for field in fields(Budget):
        assert f"| `{field.name}` | {field.default:,} |" in text, field.name


def test_every_kind_of_gap_is_described() -> None:
    assert _missing(list(GapKind), (DOCS / "explanation" / "limits.md").read_text("utf-8")) == []


def test_every_field_and_kind_of_canary_is_described() -> None:
    text = section(REFERENCE / "canary-files.md", "## Fields of a canary")

    assert _missing([field.name for field in fields(Canary)], text) == []
    assert _missing(list(CanaryKind), text) == []


@pytest.mark.parametrize(
    ("heading", "plan"),
    [
        ("## [plan]", "[plan]\nx=1\n" + SUBJECT),
        ("## [subject]", PLAN_HEAD + SUBJECT + "x=1"),
        ("## [[expected]]", PLAN_HEAD + SUBJECT + "[[expected]]\nx=1"),
        ("## [[series]]", PLAN_HEAD + SUBJECT + '[[series]]\nid="a"\nx=1'),
        ("## [[series.cell]]", PLAN_HEAD + SUBJECT + '[[series]]\nid="a"\n[[series.cell]]\nx=1'),
    ],
)
def test_every_field_of_a_plan_is_described(heading: str, plan: str) -> None:
    """The loader itself says which fields it knows."""
    with pytest.raises(PlanError, match="unknown field x") as error:
        parse_plan(plan, "plan")

    assert _missing(_known(error.value), section(REFERENCE / "plan.md", heading)) == []


def test_everything_a_plan_can_ask_for_is_described() -> None:
    text = (REFERENCE / "plan.md").read_text("utf-8")

    factors = {name: levels for name, levels in FACTORS.items() if name != "channel"}  # of mutations only
    actions = [action for kind in DRIVERS.values() for action in kind.actions]
    assert _missing([*actions, *DRIVERS, *Part, *factors], text) == []
    assert _missing({level for levels in factors.values() for level in levels}, text) == []
    assert _missing(["channels", *CHANNELS], text) == []
    assert _missing(["sdk", *VARIANTS], text) == []


@pytest.mark.parametrize(
    ("heading", "before"),
    [
        ("## [[claim]]", "[[claim]]"),
        ("## [[claim.reading]]", "[[claim.reading]]"),
        ("## [[claim.reading.proposition]]", "[[claim.reading.proposition]]"),
    ],
)
def test_every_field_of_a_claim_is_described(heading: str, before: str) -> None:
    (example,) = (block.text for block in blocks("toml") if "[[claim]]" in block.text)
    with pytest.raises(ClaimError, match="unknown field x") as error:
        parse_claims(example.replace(f"{before}\n", f"{before}\nx = 1\n", 1), "claims")

    assert _missing(_known(error.value), section(REFERENCE / "claims.md", heading)) == []


def test_the_lab_page_names_what_the_phone_sends_and_what_is_invented() -> None:
    text = (DOCS / "explanation" / "lab.md").read_text("utf-8")

    events = (PAGE_START, PAGE_FINISH, SEARCH)
    assert _missing([TELEMETRY_HOST, *(event.name for event in events)], text) == []
    assert _missing({*SEARCH.parameters, *SUPER_PROPERTIES.parameters}, text) == []
    invented = section(DOCS / "explanation" / "lab.md", "## What is invented")
    assert sum(rule.source.startswith("invented") for rule in RULES) == 2, "a rule more must be on the page"
    assert "consent screen" in invented
    assert "withdrawal" in invented


def test_the_lab_page_speaks_of_every_finding_once() -> None:
    text = section(DOCS / "explanation" / "lab.md", "## Which findings the lab shows")
    rows = [line.split("|")[1].partition(":")[0] for line in text.splitlines() if line.startswith("| r")]

    assert sorted(name for row in rows for name in re.findall(r"r\d\d", row)) == [
        f"r{number:02}" for number in range(1, 27)
    ]


def _known(error: Exception) -> list[str]:
    """Fields that a message lists as known."""
    return str(error).partition("(have: ")[2].rstrip(")").split(", ")


def test_the_page_on_policies_names_the_gaps_that_have_no_limit() -> None:
    text = (REFERENCE / "policy.md").read_text("utf-8")
    (row,) = (line for line in text.splitlines() if line.startswith("| `gaps` |"))

    assert set(re.findall(r"`([a-z-]+)`", row)) - {"gaps"} == {str(kind) for kind in NO_LIMIT}
