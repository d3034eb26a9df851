"""The table of cells, and forcing one of them."""

import itertools

import pytest

from hometruth.errors import LabError
from hometruth.lab import Mutation, behaviour_sends
from hometruth.lab.apps.behaviour import AppState, sends_in
from hometruth.lab.apps.mint_browser import RULES

CELLS = [
    cell
    for version, switches in (("3.4.0", ["absent"]), ("3.4.3", ["on", "off"]))
    for cell in itertools.product(
        [version], ["normal", "incognito"], switches, ["none", "given", "withdrawn"]
    )
]


def test_with_consent_exactly_one_cell_is_silent() -> None:
    silent = [cell for cell in CELLS if cell[3] == "given" and not behaviour_sends(*cell)]

    assert silent == [("3.4.3", "incognito", "off", "given")]


def test_nothing_is_sent_before_consent_or_after_its_withdrawal() -> None:
    assert not any(behaviour_sends(*cell) for cell in CELLS if cell[3] != "given")


def test_every_rule_has_a_source() -> None:
    assert all(rule.source for rule in RULES)


@pytest.mark.parametrize(
    "cell",
    [
        ("3.4.0", "normal", "on", "given"),
        ("3.4.3", "normal", "absent", "given"),
        ("3.4.7", "normal", "on", "given"),
        ("3.4.3", "private", "on", "given"),
    ],
)
def test_a_cell_that_cannot_be_is_refused(cell: tuple[str, str, str, str]) -> None:
    with pytest.raises(LabError, match="Mint Browser"):
        behaviour_sends(*cell)


def test_a_mutation_changes_the_cells_it_matches_and_no_other() -> None:
    leak = Mutation({"mode": "incognito", "switch": "off"}, sends=True)
    changed = [
        cell for cell in CELLS if sends_in(AppState(*cell), RULES) != sends_in(AppState(*cell), RULES, [leak])
    ]

    assert changed == [cell for cell in CELLS if cell[1:3] == ("incognito", "off")]


def test_the_last_mutation_that_matches_wins() -> None:
    cell = AppState("3.4.0", "normal", "absent", "given")
    both = [Mutation({}, sends=False), Mutation({"version": "3.4.0"}, sends=True)]

    assert sends_in(cell, RULES, both)
    assert not sends_in(cell, RULES, both[::-1])


@pytest.mark.parametrize("where", [{"mode": "private"}, {"colour": "red"}])
def test_a_mutation_of_no_cell_is_refused(where: dict[str, str]) -> None:
    with pytest.raises(LabError, match="choose from version="):
        Mutation(where, sends=True)
