"""One or two random points, without sampling: every point and every pair is looked at."""

import numpy as np
from scipy import sparse

from hometruth.identity.population import Floats, Population

MAX_PAIRS = 2_000_000_000
"""Pairs of points of one person, over all people; above this two points are sampled too (minutes, else)."""
PAIRS_AT_ONCE = 20_000_000
"""Pairs of one block of items, before equal ones are joined: 12 bytes each, twice."""


def share_of_points(population: Population) -> Floats:
    """For each person with a point: the share of their points that nobody else has."""
    alone = (population.support == 1)[population.items]
    sums = np.concatenate([[0], np.cumsum(alone)])
    sizes = population.sizes
    share: Floats = (sums[population.starts[1:]] - sums[population.starts[:-1]])[sizes > 0] / sizes[sizes > 0]
    return share


def can_count_pairs(population: Population) -> bool:
    """Whether the pairs of this population are few enough to look at them all."""
    sizes = population.sizes
    return int((sizes * (sizes - 1) // 2).sum()) <= MAX_PAIRS


def share_of_pairs(population: Population) -> Floats:
    """For each person with two points: the share of their pairs of points that nobody else has.

    A pair's holders are an entry of the product of the matrix with itself. Where that is 1, the same product
    with people's numbers in place of ones is the number of the holder.
    """
    shape = (population.n_people, population.n_items)
    ones = sparse.csr_array(
        (np.ones(len(population.items), np.int32), population.items, population.starts), shape
    )
    numbers = np.repeat(np.arange(1, population.n_people + 1, dtype=np.int64), population.sizes)
    numbered = sparse.csr_array((numbers, population.items, population.starts), shape)
    by_item = ones.T.tocsr()
    # Every holder of an item brings a row of the other side: this is what a block costs.
    work = np.concatenate([[0], np.cumsum(by_item @ population.sizes)])
    alone = np.zeros(population.n_people, np.int64)
    begin = 0
    while begin < population.n_items:
        end = max(int(np.searchsorted(work, work[begin] + PAIRS_AT_ONCE, "right")) - 1, begin + 1)
        alone += _pairs_alone(by_item[begin:end], ones, numbered, begin)
        begin = end
    sizes = population.sizes
    two = sizes > 1
    share: Floats = alone[two] / (sizes[two] * (sizes[two] - 1) / 2)
    return share


def _pairs_alone(
    rows: sparse.csr_array, ones: sparse.csr_array, numbered: sparse.csr_array, begin: int
) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """How many pairs each person is alone with, the first of the pair being one of a block of items."""
    holders = (rows @ ones).tocoo()
    owner = (rows @ numbered).tocoo()
    assert np.array_equal(holders.col, owner.col)
    mine = (holders.data == 1) & (holders.row + begin < holders.col)
    return np.bincount(owner.data[mine] - 1, minlength=ones.shape[0])
