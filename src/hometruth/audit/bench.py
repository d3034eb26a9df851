"""Examines a batch of exchanges: all are sifted together, and only what may hold a canary is peeled."""

from collections.abc import Container, Iterator, Sequence
from itertools import repeat
from typing import TYPE_CHECKING

from hometruth.audit.examine import examine
from hometruth.audit.outcome import Batch, Outcome
from hometruth.canaries import Search, is_called_salt
from hometruth.model import Exchange, Gap
from hometruth.peel import Budget, Memo, roots_of, unreadable_at_once
from hometruth.peel.walk import Root

if TYPE_CHECKING:
    from hometruth.peel.sieve import Sieve

WORTH_SIFTING = 64 << 10
"""Bytes of a batch from which on it is sifted; peeling less takes no longer than getting the sieve ready."""
SEARCHED_PER_BYTE = 4
"""Bytes that count as searched for each byte of a request, with everything that may be encoded in it. Peeled
in earnest, ordinary traffic comes to 3.3 times its bytes; what was sifted depends on what came before."""


class Bench:
    """What examining needs besides the exchanges, and what it remembers of them."""

    def __init__(self, search: Search, budget: Budget = Budget()) -> None:  # noqa: B008  # frozen
        self._search = search
        self._budget = budget
        self._sieve: Sieve | None = None
        self._memo = Memo()

    def examine(self, batch: Batch) -> Iterator[Outcome | Gap]:
        """One outcome for each exchange, and the gaps as they are.

        An outcome depends on its exchange alone, not on others in the batch or on batches before it.
        """
        exchanges = [item for item in batch if isinstance(item, Exchange)]
        roots = [tuple(roots_of(exchange)) for exchange in exchanges]
        sizes = [sum(len(root.data) for root in of_one) for of_one in roots]
        told: Iterator[list[bool] | None] = repeat(None)
        dull: Container[bytes] | None = None
        if sum(sizes) >= WORTH_SIFTING:
            sieve = self._ready_sieve()
            worth = iter(sieve.worth_peeling([root for of_one in roots for root in of_one]))
            told = iter([_told(of_one, [next(worth) for _ in of_one]) for of_one in roots])
            dull = sieve.dull
        size = iter(sizes)
        for item in batch:
            if isinstance(item, Gap):
                yield item
            else:
                yield self._examine(item, next(told), dull, next(size))

    def _ready_sieve(self) -> "Sieve":
        if self._sieve is None:
            from hometruth.peel.sieve import Sieve  # noqa: PLC0415  # numpy

            self._sieve = Sieve(self._search.prefilter())
        return self._sieve

    def _examine(
        self,
        exchange: Exchange,
        worth: list[bool] | None,
        dull: Container[bytes] | None,
        size_bytes: int,
    ) -> Outcome:
        if worth is not None and not any(worth):
            return Outcome((), unreadable_at_once(exchange), SEARCHED_PER_BYTE * size_bytes)
        examined = examine(
            exchange,
            self._search,
            budget=self._budget,
            memo=self._memo,
            worth=worth,
            dull=dull,
        )
        return Outcome(
            examined.sightings,
            examined.gaps,
            SEARCHED_PER_BYTE * size_bytes,
            examined.parts,
            len(examined.peeled.values),
        )


def _told(roots: Sequence[Root], worth: list[bool]) -> list[bool]:
    """Which parts are peeled: all if a header is called a salt, for any value may be a digest with it."""
    return [True] * len(worth) if any(is_called_salt(root.name) for root in roots) else worth
