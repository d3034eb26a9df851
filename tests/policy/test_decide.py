"""Rulings, and what keeps a gate from passing."""

from dataclasses import replace
from datetime import date

import pytest

from hometruth.model import (
    Condition,
    Delivery,
    GapKind,
    GateControl,
    ObstacleKind,
    Ruling,
    ScanRow,
    Sight,
    Tells,
    Transfer,
)
from hometruth.policy import (
    Fields,
    controls_of,
    decide,
    fingerprint,
    obstacles,
    parse_policy,
    stable_path,
)

TODAY = date(2026, 11, 29)
LEAK = Transfer(
    canary="email",
    kind="known",
    recipient="t.example",
    host="t.example",
    organisation=None,
    part="body",
    path="d[*].u",
    condition=Condition((("consent", "refused"),)),
    ruling=Ruling.LEAK,
    fingerprint="f" * 32,
    chain=(),
    form="plain",
    tells=Tells.WHOLE,
    delivered=Delivery.YES,
    evidence_bits=60.0,
    times=1,
    capture="a.har",
    entry=0,
)
SIGHT = Sight(exchanges=3, sent_bytes=1000, opaque_bytes=100, gaps={})


def ruled(policy: str, transfer: Transfer = LEAK, known: tuple[str, ...] = ()) -> Transfer:
    return decide(transfer, parse_policy(policy, "p", ["email"]), known, TODAY)


def allow(**more: str) -> str:
    fields = {"canary": '"email"', "to": '["*.example"]', "reason": '"why"', **more}
    return "[[allow]]\n" + "".join(f"{name} = {value}\n" for name, value in fields.items())


def waiver(until: str) -> str:
    return allow(owner='"anna"', until=until).replace("allow", "waiver")


def test_what_is_allowed_carries_its_reason() -> None:
    assert (ruled(allow()).ruling, ruled(allow()).why) == (Ruling.ALLOWED, "why")


@pytest.mark.parametrize(
    "more",
    [
        {"to": '["x.example"]'},
        {"field": '"d[*].other"'},
        {"part": '"query"'},
        {"kind": '"page"'},
        {"under": '{consent = "given"}'},
        {"tells": '"digest"'},
    ],
)
def test_a_permission_is_for_what_it_names_only(more: dict[str, str]) -> None:
    assert ruled(allow(**more)).ruling is Ruling.LEAK


def test_a_permission_that_names_all_of_it() -> None:
    policy = allow(field='"d[*].u"', part='"body"', kind='"known"', under='{consent = ["refused", "none"]}')

    assert ruled(policy).ruling is Ruling.ALLOWED


def test_brackets_in_the_pattern_of_a_field_are_those_in_its_name() -> None:
    path = '"d[*].*"'
    assert ruled(allow(field=path)).ruling is Ruling.ALLOWED
    deeper = replace(LEAK, path="d[*].private[*].u")
    assert ruled(allow(field='"d[*].u"'), deeper).ruling is Ruling.LEAK
    assert ruled(allow(field='"d[*].?"')).ruling is Ruling.ALLOWED
    assert ruled(allow(field='"d[du].u"'), replace(LEAK, path="dd.u")).ruling is Ruling.LEAK


def test_a_waiver_holds_through_its_last_day_and_then_says_whose_it_was() -> None:
    assert ruled(waiver("2026-11-29")).ruling is Ruling.WAIVED
    over = ruled(waiver("2026-11-28"))
    assert (over.ruling, over.why) == (Ruling.LEAK, "the waiver of anna ended on 2026-11-28")


def test_the_baseline_excuses_what_it_knows() -> None:
    assert ruled("", known=("f" * 32,)).ruling is Ruling.IN_BASELINE
    assert ruled("", known=("e" * 32,)).ruling is Ruling.LEAK
    assert ruled("", replace(LEAK, more_telling=("e" * 32,)), ("e" * 32,)).ruling is Ruling.IN_BASELINE


@pytest.mark.parametrize("ruling", [Ruling.ATTEMPT, Ruling.WEAK])
def test_what_is_not_certain_keeps_a_gate_from_passing_unless_the_policy_says_else(ruling: Ruling) -> None:
    uncertain = replace(LEAK, ruling=ruling)
    for word, left, kinds in (
        ("refuse", ruling, [str(ruling)]),
        ("note", ruling, []),
        ("leak", Ruling.LEAK, []),
    ):
        policy = parse_policy(f'on_{ruling} = "{word}"\n', "p", ["email"])
        decided = decide(uncertain, policy, (), TODAY)
        found = obstacles(policy, SIGHT, [decided], [], TODAY)

        assert decided.ruling is left
        assert [str(each.kind) for each in found] == kinds


@pytest.mark.parametrize(
    ("weak", "attempt", "left", "kinds"),
    [
        ("leak", "leak", Ruling.LEAK, []),
        ("leak", "refuse", Ruling.WEAK, ["weak"]),
        ("refuse", "leak", Ruling.WEAK, ["weak"]),
        ("note", "leak", Ruling.WEAK, []),
        ("leak", "note", Ruling.WEAK, []),
    ],
)
def test_a_weak_attempt_is_no_more_than_the_lesser_of_the_two(
    weak: str, attempt: str, left: Ruling, kinds: list[str]
) -> None:
    policy = parse_policy(f'on_weak = "{weak}"\non_attempt = "{attempt}"\n', "p", ["email"])
    decided = decide(replace(LEAK, ruling=Ruling.WEAK, delivered=Delivery.NO_ANSWER), policy, (), TODAY)

    assert decided.ruling is left
    assert [str(each.kind) for each in obstacles(policy, SIGHT, [decided], [], TODAY)] == kinds


def test_a_policy_is_about_the_host_itself_whatever_it_is_called_in_reports() -> None:
    hidden = replace(LEAK, recipient="{canary}.t.example", host="anna.t.example")

    assert ruled(allow(to='["anna.t.example"]'), hidden).ruling is Ruling.ALLOWED
    assert control("anna.t.example", hidden).seen_at


def control(to: str = "*.example", transfer: Transfer = LEAK, more: str = "") -> GateControl:
    policy = parse_policy(f'[[control]]\ncanary = "email"\nto = ["{to}"]\n{more}', "p", ["email"])
    (made,) = controls_of(policy, [transfer], [LEAK.condition])
    return made


def test_nothing_that_was_not_delivered_is_a_control() -> None:
    assert (control().seen_at, control().missing) == (("t.example",), ())
    for failed in (
        control(transfer=replace(LEAK, delivered=Delivery.NO_ANSWER)),
        control(transfer=replace(LEAK, ruling=Ruling.WEAK)),
        control(transfer=replace(LEAK, is_addressed=False)),
        control("x.example"),
    ):
        assert (failed.seen_at, failed.missing) == ((), (LEAK.condition,))


def test_each_condition_needs_its_control() -> None:
    given = Condition((("consent", "given"),))
    both = [LEAK.condition, given]
    everywhere = '[[control]]\ncanary = "email"\n'
    for text, missing in (
        ("", [("*", (given,))]),
        (everywhere, [("email", (given,))]),
        (everywhere + 'under = {consent = "refused"}\n', [("email", ()), ("*", (given,))]),
        (everywhere + 'under = {consent = ["refused", "given"]}\n', [("email", (given,))]),
        (everywhere + 'under = {consent = "none"}\n', [("*", (given,))]),
    ):
        policy = parse_policy(text, "p", ["email"])
        made = list(controls_of(policy, [LEAK], both))
        found = obstacles(policy, SIGHT, [], made, TODAY)

        assert [(each.canary, each.missing) for each in made] == missing
        assert [each.under for each in found] == [one for _, under in missing for one in under]


@pytest.mark.parametrize(
    ("policy", "sight", "kind"),
    [
        ("", replace(SIGHT, exchanges=0), ObstacleKind.EMPTY),
        ("[limits]\nexchanges = 4\n", SIGHT, ObstacleKind.EMPTY),
        ("", replace(SIGHT, opaque_bytes=600), ObstacleKind.OPAQUE),
        ("[limits]\nopaque_share = 0.05\n", SIGHT, ObstacleKind.OPAQUE),
        ("", replace(SIGHT, gaps={GapKind.REFUSED_TLS: 1}), ObstacleKind.GAPS),
        ("[limits.gaps]\nmedia = 2\n", replace(SIGHT, gaps={GapKind.MEDIA: 3}), ObstacleKind.GAPS),
        ("", replace(SIGHT, unreadable=(("a.har", "is empty"),)), ObstacleKind.UNREADABLE),
        ("", replace(SIGHT, phantoms=1), ObstacleKind.PHANTOM),
        (waiver("2026-11-28"), SIGHT, ObstacleKind.EXPIRED),
    ],
)
def test_a_gate_that_did_not_see_enough_does_not_pass(policy: str, sight: Sight, kind: ObstacleKind) -> None:
    found = obstacles(parse_policy(policy, "p", ["email"]), sight, [], [], TODAY)

    assert [each.kind for each in found] == [kind]


def test_what_a_policy_tolerates() -> None:
    policy = "[limits]\nopaque_share = 0.6\n[limits.gaps]\nrefused-tls = 1\n"
    sight = replace(SIGHT, opaque_bytes=600, gaps={GapKind.REFUSED_TLS: 1, GapKind.MEDIA: 9})

    assert obstacles(parse_policy(policy, "p", []), sight, [], [], TODAY) == []


def row(path: str, recipient: str = "t.example") -> ScanRow:
    return ScanRow("a.har", 0, "c", "body", path, (), "plain", recipient, False, Delivery.YES, 60.0, 90.0)


def test_fields_are_called_the_same_whatever_values_numbers_and_times_they_hold() -> None:
    values = ["Secret-1"]

    def stable(path: str, host: str = "t.example", domain: str = "t.example") -> Fields:
        return stable_path(row(path, host), values, domain)

    assert stable("d[3].u") == stable("d[14].u")
    assert stable("e1764413042.x").path == "e*.x"
    assert stable("a.secret-1~", "SECRET-1.t.example") == Fields("{canary}.t.example", "body", "a.{canary}~")
    assert stable("d.u1") != stable("d.u2")
    assert stable("u", "x.secret-1.example", "secret-1.example").recipient == "x.secret-1.example"


def test_a_fingerprint_tells_canary_recipient_field_and_condition_apart() -> None:
    fields, nothing = Fields("t.example", "body", "u"), Condition(())
    others = {
        fingerprint("a", fields, nothing),
        fingerprint("b", fields, nothing),
        fingerprint("a", replace(fields, recipient="x.example"), nothing),
        fingerprint("a", replace(fields, path="v"), nothing),
        fingerprint("a", fields, LEAK.condition),
        fingerprint("a", fields, nothing, Tells.DIGEST),
    }

    assert len(others) == 6
    assert fingerprint("a", fields, nothing) in others
