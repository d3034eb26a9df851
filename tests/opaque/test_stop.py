"""When a rung has seen enough pairs."""

from hometruth.opaque import Barcode, Half, Pair, may_stop

EMPTY = Barcode((), ())


def pairs(n: int, *, content: bool = False) -> list[Pair]:
    kind = "c" if content else "o"
    return [Pair(f"t{kind}{i}", f"s{kind}{i}", True, True, EMPTY, (8.0 * i,), content) for i in range(n)]


def larger_when_treated(run: list[Pair]) -> dict[str, Half]:
    treated = {
        item.treated: Half(9000 + round(item.planted_bits[0]), (9000 + round(item.planted_bits[0]),))
        for item in run
    }
    return treated | {item.control: Half(100) for item in run}


def test_thirteen_straight_wins_stop_a_single_test_and_not_twelve() -> None:
    run = pairs(14)
    sent = [larger_when_treated(run)]

    assert may_stop(run, sent, tests=1, alpha=0.001)
    assert not may_stop(run[:12], sent, tests=1, alpha=0.001)
    assert not may_stop(run, sent, tests=12, alpha=0.001)
    assert may_stop(pairs(18), [larger_when_treated(pairs(18))], tests=12, alpha=0.001)


def test_content_pairs_have_a_line_of_their_own() -> None:
    run = [*pairs(14), *pairs(13, content=True)]
    sent = [larger_when_treated(run)]

    assert may_stop(run, sent, tests=1, alpha=0.001)
    assert not may_stop(run, sent, tests=1, alpha=0.001, content=True)
    longer = [*run[:14], *pairs(14, content=True)]
    assert may_stop(longer, [larger_when_treated(longer)], tests=1, alpha=0.001, content=True)


def test_content_pairs_go_on_while_what_leaves_does_not_grow_with_the_lengths() -> None:
    run = pairs(60, content=True)
    busier = {item.treated: Half(9000, (9000,)) for item in run} | {item.control: Half(100) for item in run}

    assert may_stop(run, [larger_when_treated(run)], tests=1, alpha=0.001, content=True)
    assert not may_stop(run, [busier], tests=1, alpha=0.001, content=True)


def test_silence_never_stops() -> None:
    assert not may_stop(pairs(60), [{}], tests=1, alpha=0.001)
