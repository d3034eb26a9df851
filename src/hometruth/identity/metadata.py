"""How alone a phone's or a person's attributes leave them, in a reference population.

Never from the audited devices themselves: of ten phones the entropy of "model" reads 3.2 bits where the truth
is 8 (small samples cannot show how many others are alike).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hometruth.identity.population import Ints

SMALL_GROUP = 5


@dataclass(frozen=True, slots=True)
class Attributes:
    """How a population falls into groups that are alike in some attributes."""

    people: int
    groups: int
    bits: float
    """Shannon entropy of the joint value."""
    unique: float
    """Share of people alone with their value."""
    in_small_groups: float
    """Share of people with fewer than four others alike."""
    median_k: float
    """Half of the people are among so many alike, or fewer; themselves counted."""
    expected_k: float
    """Group size of a person drawn at random: sum of squares of the groups, divided by people."""
    bits_added_up: float
    """Sum of the bits of the single attributes: too much wherever attributes go together."""
    unique_if_independent: float
    """Share of people alone if the attributes had nothing to do with each other: at most, as a rule."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """Among how many people a value leaves one, where the joint distribution is not known."""

    low: float
    """People alike if the attributes are independent. More, wherever they go together."""
    high: float
    """People with the rarest single attribute: alike in all there can be no more."""
    bits_low: float
    bits_high: float


def measure_attributes(columns: Sequence[Ints]) -> Attributes:
    """Group people by *columns*, each of which has a number for each person's value.

    The joint value is counted; nothing is estimated. Uniqueness under independence is printed beside it.
    """
    people = len(columns[0])
    joint = np.zeros(people, np.int64)
    for column in columns:
        # Renumbered after each column: the product of all numbers of values may not fit into 64 bits.
        joint = np.unique(joint * (int(column.max()) + 1) + column, return_inverse=True)[1].astype(np.int64)
    sizes = np.bincount(joint)
    sizes = sizes[sizes > 0]
    k = np.bincount(joint)[joint]
    shares = [np.bincount(column)[column] / people for column in columns]
    independent = np.prod(shares, axis=0)
    return Attributes(
        people=people,
        groups=len(sizes),
        bits=_entropy(sizes),
        unique=float((k == 1).mean()),
        in_small_groups=float((k < SMALL_GROUP).mean()),
        median_k=float(np.median(k)),
        expected_k=float((sizes.astype(np.float64) ** 2).sum() / people),
        bits_added_up=sum(_entropy(np.bincount(column)) for column in columns),
        unique_if_independent=float(((1 - independent) ** (people - 1)).mean()),
    )


def crowd(shares: Sequence[float], population: float) -> Crowd:
    """Bracket how many of *population* people are alike, from the share of each attribute in a reference.

    Args:
        shares: For each attribute, the share of the reference population with the same value; above 0.
    """
    independent, rarest = math.prod(shares), min(shares)
    return Crowd(independent * population, rarest * population, -math.log2(rarest), -math.log2(independent))


def alone_probability(share: float, population: int) -> float:
    """Chance that nobody else of *population* people has a value that a *share* of people has."""
    return float((1 - share) ** (population - 1))


def _entropy(sizes: Ints) -> float:
    p = sizes[sizes > 0] / sizes.sum()
    return float(-(p * np.log2(p)).sum())
