"""Policies and baselines as people write them."""

from pathlib import Path

import pytest

from hometruth.errors import CanaryError, PolicyError
from hometruth.model import Canary, CanaryKind, Condition
from hometruth.policy import load_baseline, named, parse_policy
from hometruth.policy.load import goes_to, holds_under

NAMES = ["email", "search"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[alow]]\n", "policy.toml: unknown field alow"),
        ('[[allow]]\ncanary = "mail"\nto = ["a.test"]\nreason = "x"\n', "line 2: allow 1: canary is 'mail'"),
        ('[[allow]]\ncanary = "email"\nto = []\nreason = "x"\n', "line 3: allow 1: to must be a list"),
        (
            '[[allow]]\ncanary = "email"\nto = ["https://a.test"]\nreason = "x"\n',
            "line 3: allow 1: to holds 'https://a.test'; give host names",
        ),
        ('[[allow]]\ncanary = "email"\nto = ["a.test"]\n', "allow 1: reason must be a text"),
        (
            "[limits]\nopaque_share = 60\n",
            "line 2: [limits]: opaque_share must be a number from 0 to 1, not 60",
        ),
        ("[limits.gaps]\nbugdet = 1\n", "bugdet"),
        ('on_weak = "ignore"\n', "line 1: on_weak is 'ignore'; use one of leak, note, refuse"),
        (
            '[[waiver]]\ncanary = "email"\nto = ["a.test"]\nreason = "x"\nowner = "me"\nuntil = "soon"\n',
            "line 6: waiver 1: until must be a date such as 2027-01-31, without quotes, not 'soon'",
        ),
        ('[[control]]\ncanary = "e"\n', "control 1: canary is 'e', and no canary is called so (have: email"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, told: str) -> None:
    with pytest.raises(PolicyError) as caught:
        parse_policy(text, "policy.toml", NAMES)

    assert told in str(caught.value)


def test_conditions_of_recordings_and_of_permissions() -> None:
    policy = parse_policy(
        '[[captures]]\nfiles = ["*refused*.har", "no/*"]\nunder = {consent = "refused"}\n', "p", NAMES
    )

    refused = policy.condition_of("out/refused-2.har")
    assert refused == policy.condition_of("no/a.har") == Condition((("consent", "refused"),))
    assert policy.condition_of("out/given.har") == Condition(())
    numbered = parse_policy('[[captures]]\nfiles = ["run[1].har"]\nunder = {n = "1"}\n', "p", NAMES)
    assert numbered.condition_of("run[1].har").levels
    assert not numbered.condition_of("run1.har").levels
    assert holds_under({"consent": ("given", "refused")}, refused)
    assert not holds_under({"consent": "given"}, refused)
    assert not holds_under({"consent": "given"}, Condition(()))


def test_hosts() -> None:
    assert goes_to(["*"], "a.test")
    assert goes_to(["*.a.test"], "x.a.test")
    assert not goes_to(["*.a.test"], "a.test")
    assert not goes_to(["a.test"], "xa.test")
    assert goes_to(["a.test"], "a.test.")
    assert goes_to(["::1"], "::1")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "b.json: not valid JSON"),
        ('{"schema": "hometruth-baseline-2", "leaks": []}', "schema is 'hometruth-baseline-2'"),
        ('{"schema": "hometruth-baseline-1",\n "leaks": [{"fingerprint": "x"}]}', "line 2"),
        (
            '{"schema": "hometruth-baseline-1", "leaks": [\n'
            '{"fingerprint": "%s", "canary": "a", "recipient": "t.example"}]}' % ("0" * 32),
            "line 2: leaks 1: fingerprint is that of another leak than is named here",
        ),
    ],
)
def test_what_is_no_baseline(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text(text)
    with pytest.raises(PolicyError) as caught:
        load_baseline(tmp_path / "b.json")

    assert told in str(caught.value)


def test_names_stay_from_run_to_run_and_hold_no_value_of_a_person() -> None:
    mail = "anna@mail.example"
    nameless = [
        Canary(f"c-{value}", CanaryKind.SEARCH, f"{value}3mzn5vpd2q", 84.0)
        for value in ("qhxw7atk", "mmw3kz8r", "zt6cn4bs")
    ]
    canaries = [
        *nameless,
        Canary("search 2", CanaryKind.SEARCH, "bn4c6tz9yq7d1w8kx2", 84.0),
        Canary("email", CanaryKind.KNOWN, mail, 40.0, personal=True),
    ]

    assert [name for name, _ in named(canaries).values()] == [
        *("search", "search 3", "search 4", "search 2", "email")
    ]
    with pytest.raises(CanaryError, match="without a name"):
        named([Canary(mail, CanaryKind.KNOWN, mail, 40.0, personal=True)])
