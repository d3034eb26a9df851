"""Small secrets in large company: random values forbid the strict reading, and the ordinary one if large."""

from dataclasses import replace

import pytest

from hometruth.model import Contact, RandomField, ReadingKind, VerdictKind
from tests.claims.test_judge import NORMAL, SILENT
from tests.claims.test_others import claim, judged
from tests.claims.world import World

CONSISTENT, INCONCLUSIVE = VerdictKind.CONSISTENT, VerdictKind.INCONCLUSIVE


def world(size: int, *, same: bool = False, specified: bool = False, fields: int = 1) -> World:
    """Honest telemetry everywhere, with random fields of *size* bytes: anew in each session, or the same."""
    made = World()
    made.cell(NORMAL, 30, sends=True)
    made.cell(SILENT, 30, sends=True, content=False)
    silent = {trial.id for trial in made.trials if trial.condition == SILENT}

    def with_random(contact: Contact) -> Contact:
        if contact.trial not in silent:
            return contact
        names = [f"body v{number}" for number in range(fields)]
        of = "constant" if same else contact.trial
        return replace(
            contact, random=tuple(RandomField(name, f"{name} {of}", size, specified) for name in names)
        )

    made.contacts[:] = map(with_random, made.contacts)
    return made


@pytest.mark.parametrize(("size", "expected"), [(16, CONSISTENT), (31, CONSISTENT), (32, INCONCLUSIVE)])
def test_a_nonce_is_a_caveat_and_a_ciphertext_a_doubt(size: int, expected: VerdictKind) -> None:
    row = judged(world(size))

    assert row.verdict is expected
    assert f"in 30 of 30 sessions random values of up to {size} bytes that nobody explains" in row.why


def test_the_strict_reading_allows_none() -> None:
    assert judged(world(0, fields=0), claim(ReadingKind.STRICT)).verdict is CONSISTENT
    assert judged(world(16), claim(ReadingKind.STRICT)).verdict is INCONCLUSIVE


@pytest.mark.parametrize(("fields", "expected"), [(1, CONSISTENT), (2, INCONCLUSIVE), (4, INCONCLUSIVE)])
def test_a_ciphertext_in_pieces_has_the_room_of_a_whole_one(fields: int, expected: VerdictKind) -> None:
    row = judged(world(8, fields=fields), claim(ReadingKind.STRICT))

    assert row.verdict is expected
    assert ("nobody explains" in judged(world(8, fields=fields)).why) is (fields > 1)


def test_what_is_the_same_everywhere_needs_no_explanation() -> None:
    row = judged(world(64, same=True))

    assert row.verdict is CONSISTENT
    assert "nobody explains" not in row.why


def test_what_a_specification_asks_for_is_listed_and_called_so() -> None:
    row = judged(world(64, specified=True))

    assert row.verdict is CONSISTENT
    assert "a form that a specification fixes" in row.why


def test_room_adds_up_over_a_session_and_at_most_three_fields_are_named() -> None:
    row = judged(world(16, fields=5))

    assert "up to 80 bytes" in row.why
    assert "body v0 at sa.api.intl.miui.com, " in row.why
    assert " and 2 more)" in row.why
