"""Verdicts see identifiers in fields that nobody declared: a vendor's own code in a made-up protocol."""

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from hometruth.audit.judging import audit
from hometruth.audit.question import Question
from hometruth.claims import parse_claims
from hometruth.model import Attestation, Audit, Condition, Exchange, Subject, Trial, VerdictKind
from tests.peel.exchanges import exchange

HOST = "data.mistat.xiaomi.com"
NORMAL, INCOGNITO = Condition.of({"mode": "normal"}), Condition.of({"mode": "incognito"})
CLAIM = """
[[claim]]
id = "t01"
side = "vendor"
who = "a vendor"
date = "2020-05-04"
statement = "Nothing ties incognito to normal."
source = ["made up"]
source_tier = "primary"

[[claim.reading]]
kind = "ordinary"
wording = "quoted"

[[claim.reading.proposition]]
id = "t01.not-linked"
kind = "not-linked-to"
says = "no identifier of normal mode is sent in incognito"
where = { mode = ["incognito"] }
series = ["matrix"]
options = { with = { mode = ["normal"] }, control = { mode = ["normal"] } }

[[claim.reading.proposition]]
id = "t01.nobody"
kind = "no-identifier"
says = "nothing names anybody"
series = ["matrix"]
options = { kinds = ["account", "device-id"], others = true, control = { mode = ["normal"] } }

[[claim.reading.proposition]]
id = "t01.rotates"
kind = "rotates-within"
says = "codes are replaced within 90 days"
series = ["matrix"]
options = { fields = ["distinct_id"], others = true, days = 90 }
"""
SESSIONS = ((NORMAL, 0.0), (INCOGNITO, 0.0), (NORMAL, 91.0))


def trial(name: str, condition: Condition, installation: str, day: float) -> Trial:
    return Trial(
        id=name,
        series="matrix",
        condition=condition,
        block=1,
        installation=installation,
        device="phone",
        attested=(Attestation("mode", condition.get("mode") or "", "test"),),
        started_ns=int(name[1:]),
        subject_day=day,
    )


def sent(trial_id: str, fields: dict[str, str], number: int) -> Exchange:
    body = json.dumps({**fields, "build": "V11.0.8.0", "n": number}).encode()
    made = exchange(body=body)
    return replace(made, id=f"{trial_id}-{number}", host=HOST, trial=trial_id)


def judged(tokens: Mapping[str, tuple[str, ...]]) -> Audit:
    """Installations in turns that sent a token in normal mode, in incognito, and 91 days later."""
    trials: list[Trial] = []
    exchanges: list[Exchange] = []
    for turn, (condition, day) in enumerate(SESSIONS):
        for installation, sent_by_it in tokens.items():
            for token in sent_by_it[turn : turn + 1]:
                name = f"t{len(trials) + 1:04}"
                trials.append(trial(name, condition, installation, day))
                exchanges += [sent(name, {"zz": token}, number) for number in range(2)]
    question = Question(
        subject=Subject("real", "phone", "Xiaomi", "Browser", "phone"),
        trials=tuple(trials),
        canaries=(),
        claims=parse_claims(CLAIM, "test"),
    )
    return audit(exchanges, question)


A, B, C, D = (f"{digit}a1b2c3d4e5f6071{digit}" for digit in "5678")


def contradicted(result: Audit) -> set[str]:
    return {item.proposition for item in result.verdicts if item.verdict is VerdictKind.CONTRADICTED}


def test_the_same_code_in_both_modes_contradicts() -> None:
    result = judged({"i1": (A, A), "i2": (B, B)})

    assert {(item.field, item.recipient, item.kind) for item in result.identifiers} == {
        ("body zz", HOST, "installation")
    }
    assert contradicted(result) == {"t01.not-linked", "t01.nobody"}


def test_a_code_that_nobody_named_and_that_outlives_the_promised_time_contradicts() -> None:
    assert "t01.rotates" in contradicted(judged({"i1": (A, A, A), "i2": (B, B, B)}))
    assert "t01.rotates" not in contradicted(judged({"i1": (A, A, C), "i2": (B, B, D)}))


@pytest.mark.parametrize(
    "tokens",
    [
        {"i1": (A, C), "i2": (B, D)},
        {"i1": (A, A, A), "i2": (A, A, A)},
    ],
    ids=["another code in each mode", "the same for everybody"],
)
def test_what_ties_nothing_or_names_nobody_does_not(tokens: dict[str, tuple[str, str]]) -> None:
    result = judged(tokens)

    assert result.identifiers == ()
    assert contradicted(result) == set()


def test_what_the_only_device_sent_from_every_installation_leaves_a_doubt() -> None:
    result = judged({"i1": (A, A), "i2": (A, A)})

    (whole,) = [
        row for row in result.verdicts if row.proposition == "t01.nobody" and not row.condition.levels
    ]
    assert "body zz, sent to data.mistat.xiaomi.com, was the same in all installations" in whole.why
