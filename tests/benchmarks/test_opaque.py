"""The simulated client of the opaque benchmarks is what it says, and its bets are Hometruth's own."""

from random import Random

import numpy as np
from benchmarks.opaque.behaviours import leak, visits
from benchmarks.opaque.bets import wealth
from benchmarks.opaque.client import ENDPOINTS, Client, Endpoint
from benchmarks.opaque.reading import half_of

from hometruth.opaque import Half
from hometruth.opaque.evidence import mean_e_value, score


def leaking_half(framing: str) -> Half:
    client = Client(Endpoint("quiet", 0.0, framing), Random(2))
    return half_of(client.trial(leak("full URL", visits(Random(1), 20), Random(3))))


def test_peeling_sees_one_ciphertext_an_event_or_one_a_flush() -> None:
    by_event, by_flush = leaking_half("event"), leaking_half("batch")

    assert len(by_event.atoms) >= 20
    assert by_event.largest < by_flush.largest
    assert len(by_flush.atoms) < len(by_event.atoms) / 2


def test_the_same_seed_sends_the_same_bytes() -> None:
    first, second = (Client(ENDPOINTS[0], Random(5)).trial() for _ in range(2))

    assert first == second
    assert first


def test_wealth_is_the_e_value_after_every_pair() -> None:
    differences = np.random.default_rng(4).integers(-2, 4, size=(3, 25, 3))
    for experiment in range(3):
        for pairs in (1, 7, 25):
            scores = [score(differences[experiment, :pairs, feature].tolist()) for feature in range(3)]

            assert np.isclose(wealth(differences)[experiment, pairs - 1], mean_e_value(scores))
