"""More disguised values than are undone in one exchange are told as a gap, not passed over."""

from dataclasses import replace

from hometruth.audit.examine import examine
from hometruth.canaries import compile_search
from hometruth.model import Canary, CanaryKind, Exchange, GapKind, Source
from hometruth.peel import MAX_DISGUISES, Budget

CANARY = Canary("c1", CanaryKind.SEARCH, "kzwhatwasplantedhere", 80.0)


def exchange(n: int) -> Exchange:
    """One body with *n* values, each the canary under another word, turned round."""
    values = [f"{place:04}{CANARY.value}"[::-1] for place in range(n)]
    body = ("[" + ",".join(f'"{value}"' for value in values) + "]").encode()
    return Exchange("e1", Source("x", 0), "POST", "https", "host.example", 443, b"/", (), body)


def budget_gaps(n: int) -> list[str]:
    examined = examine(exchange(n), compile_search([CANARY]))
    return [gap.detail for gap in examined.gaps if gap.kind is GapKind.BUDGET]


def test_a_few_are_all_undone() -> None:
    assert len(examine(exchange(5), compile_search([CANARY])).sightings) == 5
    assert budget_gaps(5) == []


def test_what_is_left_is_counted() -> None:
    (gap,) = budget_gaps(MAX_DISGUISES + 10)

    assert "look disguised" in gap


def test_a_limit_below_a_disguise_is_told_with_its_exchange() -> None:
    inside = '{"word": "' + CANARY.value + '", "rest": [' + ", ".join(['"filler"'] * 100) + "]}"
    turned = replace(exchange(1), request_body=inside[::-1].encode())
    examined = examine(turned, compile_search([CANARY]), budget=Budget(pieces=50))
    told = [gap for gap in examined.gaps if gap.kind is GapKind.BUDGET]

    assert told
    assert {gap.exchange for gap in told} == {"e1"}
