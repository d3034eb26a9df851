"""The lengths of what was visited, found in ciphertexts, or not."""

from random import Random

import numpy as np
import pytest

from hometruth.opaque.barcode import Barcode, barcode_p, fit, tail_bound

LEVEL = 0.001 / (12 * 60)


def planted(rng: Random, n: int) -> Barcode:
    return Barcode(
        tuple(rng.randint(50, 150) for _ in range(n)), tuple(rng.randint(16, 3000) for _ in range(n))
    )


def ciphertexts(barcode: Barcode, rng: Random, *, leaks: bool) -> list[int]:
    """One event a visit, of deflated size in blocks of 16, among others."""
    sizes = []
    for fixed, drawn in zip(barcode.fixed, barcode.drawn, strict=True):
        content = 0.755 * (fixed + drawn) + rng.randint(-6, 6) if leaks else 0
        sizes.append((400 + round(content)) // 16 * 16 + 32)
        sizes += [rng.randrange(320, 900, 16) for _ in range(rng.randint(0, 3))]
    return sizes


def test_twenty_addresses_are_proved_in_one_session_among_twelve_endpoints() -> None:
    rng = Random(1)
    codes = [planted(rng, 20) for _ in range(20)]

    assert all(
        barcode_p(code, ciphertexts(code, rng, leaks=True), level=LEVEL, rng=rng) <= LEVEL for code in codes
    )


def test_the_barcode_of_another_session_proves_nothing() -> None:
    rng = Random(2)
    codes = [planted(rng, 20) for _ in range(8)]
    p = [
        barcode_p(planted(rng, 20), ciphertexts(code, rng, leaks=True), level=0.02, rng=rng) for code in codes
    ]

    assert min(p) > 0.02


def test_a_bare_event_for_each_action_holds_no_barcode() -> None:
    rng = Random(3)
    code = planted(rng, 20)

    assert barcode_p(code, ciphertexts(code, rng, leaks=False), level=LEVEL, rng=rng) == 1.0


@pytest.mark.parametrize("reached", [4, 5, 6, 7])
def test_the_bound_is_above_what_redrawn_barcodes_reach(reached: int) -> None:
    rng, generator = Random(4), np.random.default_rng(4)
    atoms = np.array([rng.randrange(300, 2600, 16) for _ in range(15)])
    drawn = generator.integers(16, 3000, size=(4000, 10), endpoint=True)
    share = float((fit(drawn, atoms) >= reached).mean())

    assert share <= tail_bound(reached, 10, 15)


def test_nothing_sent_or_nothing_planted_is_no_evidence() -> None:
    assert barcode_p(Barcode((), ()), [512], level=LEVEL, rng=Random(0)) == 1.0
    assert barcode_p(planted(Random(0), 3), [], level=LEVEL, rng=Random(0)) == 1.0


def test_the_common_subsequence_keeps_the_order() -> None:
    planted_sizes = np.array([[100, 200, 300]])
    straight = np.array([1_000 + 100, 1_000 + 200, 1_000 + 300])

    assert int(fit(planted_sizes, straight)[0]) == 3
    assert int(fit(planted_sizes, straight[::-1])[0]) == 1
