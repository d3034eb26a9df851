"""Examines a batch of exchanges: all are sifted together, and only what may hold a canary is peeled."""

from collections.abc import Iterator

from hometruth.audit import examine
from hometruth.canaries import Search
from hometruth.cli.outcome import Batch, Outcome
from hometruth.model import Exchange, Gap
from hometruth.peel import Budget, Memo, roots_of, unreadable_at_once
from hometruth.peel.sieve import Sieve

SEARCHED_PER_BYTE = 4
"""Bytes that count as searched for each byte of a request, with everything that may be encoded in it. Peeled
in earnest, ordinary traffic comes to 3.3 times its bytes; what was sifted depends on what came before."""


class Bench:
    """What examining needs besides the exchanges, and what it remembers of them."""

    def __init__(self, search: Search, budget: Budget = Budget()) -> None:  # noqa: B008  # frozen
        self._search = search
        self._budget = budget
        self._sieve = Sieve(search.suspects())
        self._memo = Memo()

    def examine(self, batch: Batch) -> Iterator[Outcome | Gap]:
        """One outcome for each exchange, and the gaps as they are.

        An outcome depends on its exchange alone, not on others in the batch or on batches before it.
        """
        exchanges = [item for item in batch if isinstance(item, Exchange)]
        roots = [tuple(roots_of(exchange)) for exchange in exchanges]
        worth = iter(self._sieve.worth_peeling([root for of_one in roots for root in of_one]))
        told = iter([[next(worth) for _ in of_one] for of_one in roots])
        sizes = iter([sum(len(root.data) for root in of_one) for of_one in roots])
        for item in batch:
            if isinstance(item, Gap):
                yield item
            else:
                yield self._examine(item, next(told), next(sizes))

    def _examine(self, exchange: Exchange, worth: list[bool], size_bytes: int) -> Outcome:
        if not any(worth):
            return Outcome((), unreadable_at_once(exchange), SEARCHED_PER_BYTE * size_bytes)
        examined = examine(
            exchange,
            self._search,
            budget=self._budget,
            memo=self._memo,
            worth=worth,
            dull=self._sieve.dull,
        )
        return Outcome(
            examined.sightings,
            examined.gaps,
            SEARCHED_PER_BYTE * size_bytes,
            examined.parts,
            len(examined.peeled.values),
        )
