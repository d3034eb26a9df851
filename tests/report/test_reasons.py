"""The catalogue of reasons: every kind has a sentence, and numbers come out of it as they went in."""

import re

import pytest

from hometruth.model import Reason, ReasonKind
from hometruth.report import reasons
from hometruth.report.reasons import sentence_of, told
from hometruth.report.verdicts_json import _reason


def test_every_kind_of_reason_has_exactly_one_sentence() -> None:
    templates, sentences = reasons._TEMPLATES.keys(), reasons._SENTENCES.keys()

    assert templates | sentences == set(ReasonKind)
    assert not templates & sentences


@pytest.mark.parametrize("kind", sorted(reasons._TEMPLATES))
def test_a_template_says_every_fact_that_it_is_given_and_needs_no_other(kind: ReasonKind) -> None:
    template = reasons._TEMPLATES[kind]
    names = sorted(set(re.findall(r"{(\w+)[:!}]", template)))
    numbers = {name: 1000 + place for place, name in enumerate(names)}
    text = template.format(**numbers)

    assert all(str(number) in text.replace(",", "") for number in numbers.values())


def test_additions_go_on_with_the_sentence_before_and_others_follow_a_semicolon() -> None:
    seen = Reason.of(ReasonKind.TELEMETRY_SENT, endpoint="a.example/x", n=3, of=5, unit="sessions")
    weak = Reason.of(ReasonKind.WEAK, bits=12.4, needed=40.0)
    by = Reason.of(ReasonKind.SENT_BY, app="Mint")
    worst = Reason.of(ReasonKind.WORST_OF, conditions=2, condition=(("mode", "normal"),))

    assert told((seen, weak, by, worst)) == (
        "in 3 of 5 sessions telemetry was sent to a.example/x, but the evidence is 12 bits and 40 are needed"
        "; more independent sessions would settle it; sent by Mint (worst of 2 conditions: normal window)"
    )


def test_reasons_within_reasons_are_told_and_written() -> None:
    outside = Reason.of(ReasonKind.OTHER_LEVEL, factor="version", level=None, spoken_of=("1", "2"))
    reason = Reason.of(ReasonKind.OUT_OF_SCOPE, outside=(outside,))

    assert "version not known, and the statement is about 1, 2)" in sentence_of(reason)
    assert _reason(reason) == {
        "kind": "out-of-scope",
        "outside": [{"kind": "other-level", "factor": "version", "level": None, "spoken_of": ["1", "2"]}],
    }


def test_numbers_are_written_in_six_digits() -> None:
    assert _reason(Reason.of(ReasonKind.OPAQUE_BYTES, percent=100 / 3)) == {
        "kind": "opaque-bytes",
        "percent": 33.3333,
    }


def test_what_was_sent_agrees_with_its_verb() -> None:
    facts = {"host": "t.example", "organisation": "Acme", "sdk": None}
    told = [
        sentence_of(Reason.of(ReasonKind.CONTENT_SENT, what=kind, data=kind, tells=tells, **facts))
        for kind, tells in (("search", "whole"), ("search", "part"), ("page", "whole"))
    ]

    assert told == [
        "the words searched were sent to Acme (t.example)",
        "part of the words searched was sent to Acme (t.example)",
        "the page visited was sent to Acme (t.example)",
    ]
