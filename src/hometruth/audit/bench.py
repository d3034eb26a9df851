"""Examines a batch of exchanges: all are sifted together, and only what may hold a canary is peeled.

Where somebody takes notes of what was peeled, every part is; so it is with neither the compiled core nor
numpy, one of which sifting needs: the same is found, and it takes longer.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import islice, repeat
from typing import TYPE_CHECKING
from warnings import warn

from hometruth.audit.examine import Batch, Examined, Note, examine, with_answer
from hometruth.audit.scanner import Scanner
from hometruth.canaries import (
    Words,
    characters_of,
    compile_search,
    is_called_salt,
    may_hold_pieces,
    may_tell_a_character,
)
from hometruth.errors import as_gap, is_installed
from hometruth.model import Exchange, Gap, Part
from hometruth.peel import Memo, Sifted, Worth, peel_exchange, roots_of, unreadable_at_once
from hometruth.peel.sieve.core import CompiledSieve, Core, Fitting, load_core, understands
from hometruth.peel.walk import Root

WORTH_SIFTING = 64 << 10
"""Bytes of a batch from which on it is sifted; peeling less takes no longer than getting the sieve ready."""
MOST_CHARACTERS = 8
"""Values of one character kept of a request: one that tells more of them is not there for one."""
SEARCHED_PER_BYTE = 4
"""Bytes that count as searched for each byte of a request, with everything that may be encoded in it. Peeled
in earnest, ordinary traffic comes to 3.3 times its bytes; what was sifted depends on what came before."""


if TYPE_CHECKING:
    from hometruth.peel.sieve.sieve import Sieve


class Bench:
    """What examining needs besides the exchanges, and what it remembers of them."""

    def __init__(self, scanner: Scanner, note: Note | None = None) -> None:
        self._scanner = scanner
        self._search = scanner.search()
        self._note = note
        self._sieve: Sieve | None = None
        self._core: CompiledSieve | None = None
        self._may_use_core = True
        self._memo = Memo()

    def examine(self, batch: Batch, common: Words = frozenset()) -> Iterator[Examined | Gap]:
        """Each exchange examined, and the gaps as they are.

        What is told of an exchange depends on it alone, not on others in the batch or on batches before it.

        Args:
            common: Words of canaries that stand in many requests of the recording.
        """
        if common != self._search.common:
            self._search.common, self._sieve = common, None
        if self._note is not None:
            found: Iterator[Examined | Gap] = (
                item if isinstance(item, Gap) else self._in_full(item) for item in batch
            )
        else:
            found = self._sifted(batch)
        for item in found:
            yield item if isinstance(item, Gap) else self._with_characters(self._with_answer(item))

    def _with_characters(self, examined: Examined) -> Examined:
        """With what it may tell together with other requests, which sifting takes for nothing."""
        if not may_tell_a_character(examined.exchange):
            return examined
        bare = replace(examined.exchange, request_headers=())
        # What the memo knows was sifted, and values in which nothing was are not opened there.
        memo = self._memo if self._note else None
        scanner, sifted = self._scanner, self._fitting
        peeled = peel_exchange(bare, layers=scanner.layers, budget=scanner.budget, memo=memo, sifted=sifted)
        characters = tuple(islice(characters_of(peeled), MOST_CHARACTERS + 1))
        return (
            replace(examined, characters=characters) if 0 < len(characters) <= MOST_CHARACTERS else examined
        )

    def _with_answer(self, examined: Examined) -> Examined:
        scanner = self._scanner
        if not scanner.looks_into_answer(examined.exchange):
            return examined
        return with_answer(
            examined, self._search, layers=scanner.layers, budget=scanner.budget, memo=self._memo
        )

    def _in_full(self, exchange: Exchange) -> Examined:
        scanner = self._scanner
        return examine(
            exchange,
            self._search,
            layers=scanner.layers,
            budget=scanner.budget,
            memo=self._memo,
            sifted=self._fitting,
            note=self._note,
        )

    def _sifted(self, batch: Batch) -> Iterator[Examined | Gap]:
        exchanges = [item for item in batch if isinstance(item, Exchange)]
        roots = [tuple(roots_of(exchange)) for exchange in exchanges]
        sizes = [sum(len(root.data) for root in of_one) for of_one in roots]
        told: Iterator[list[Worth] | None] = repeat(None)
        sifted: Mapping[Worth, Sifted] | None = None
        if sum(sizes) >= WORTH_SIFTING:
            try:
                told, sifted = self._sift(roots)
            except Exception as err:  # noqa: BLE001 (whatever it is: peeled in full, the same is found)
                warn(f"sifting: {as_gap(err)}. These requests are peeled in full instead", stacklevel=1)
        counted = (sum(len(root.data) for root in of_one if root.counts) for of_one in roots)
        size = iter(zip(sizes, counted, strict=True))
        for item in batch:
            if isinstance(item, Gap):
                yield item
            else:
                yield self._in_part(item, next(told), sifted, *next(size))

    def _sift(
        self, roots: Sequence[Sequence[Root]]
    ) -> tuple[Iterator[list[Worth] | None], Mapping[Worth, Sifted] | None]:
        """For each exchange, what its parts are worth; and what is known of the values in them."""
        sieve = self._ready_core() or self._ready_sieve()
        if sieve is None:
            return repeat(None), None
        worth = iter(sieve.worth_peeling([root for of_one in roots for root in of_one]))
        words = iter(sieve.words)
        told = [
            self._told(of_one, [*islice(worth, len(of_one))], [*islice(words, len(of_one))])
            for of_one in roots
        ]
        return iter(told), sieve.sifted

    def _ready_core(self) -> CompiledSieve | None:
        """The compiled core, where it is built and understands what is asked."""
        if self._core is None and self._may_use_core:
            library = load_core()
            sought, layers = self._search.sought() if library else None, self._scanner.layers
            if library and sought and understands(sought, layers):
                self._core = CompiledSieve(library, sought, layers)
            self._may_use_core = self._core is not None
        return self._core

    @cached_property
    def _fitting(self) -> Mapping[Worth, Sifted] | None:
        """Which layers may open a value, where the compiled core is there and knows all of them."""
        library = load_core()
        nothing, layers = compile_search(()).sought(), self._scanner.layers
        if library is None or not understands(nothing, layers):
            return None
        return {Worth.SEARCH: Fitting(Core(library, nothing, layers), layers)}

    def _ready_sieve(self) -> "Sieve | None":
        if self._sieve is None and is_installed("numpy"):
            from hometruth.peel.sieve.sieve import Sieve  # noqa: PLC0415  # numpy

            self._sieve = Sieve(self._search.prefilter(), self._scanner.layers)
        return self._sieve

    def _in_part(
        self,
        exchange: Exchange,
        worth: list[Worth] | None,
        sifted: Mapping[Worth, Sifted] | None,
        size_bytes: int,
        counted_bytes: int,
    ) -> Examined:
        searched_bytes = SEARCHED_PER_BYTE * size_bytes
        if worth is not None and not any(worth):
            gaps = unreadable_at_once(exchange)
            return Examined(
                exchange,
                gaps=gaps,
                searched_bytes=searched_bytes,
                read_bytes=counted_bytes,
                dropped=exchange.request_body is None,
            )
        scanner, memo = self._scanner, self._memo
        if worth is not None and max(worth) is Worth.OPAQUE:
            peeled = peel_exchange(
                exchange, layers=scanner.layers, budget=scanner.budget, memo=memo, worth=worth, sifted=sifted
            )
            return Examined(
                exchange,
                gaps=peeled.gaps,
                searched_bytes=searched_bytes,
                read_bytes=peeled.read_bytes,
                opaque_bytes=peeled.opaque_bytes,
                dropped=peeled.dropped,
            )
        examined = examine(
            exchange,
            self._search,
            layers=scanner.layers,
            budget=scanner.budget,
            memo=memo,
            worth=worth,
            sifted=sifted,
        )
        return replace(examined, searched_bytes=searched_bytes)

    def _told(
        self, roots: Sequence[Root], worth: list[Worth], words: Sequence[frozenset[bytes]]
    ) -> list[Worth]:
        """Which parts are peeled: also those with words that may be of a canary in pieces; all if a header is
        called a salt, for any value may be a digest with it.
        """
        if any(is_called_salt(root.name) for root in roots):
            return [Worth.SEARCH] * len(worth)
        found: dict[tuple[Part, str], frozenset[bytes]] = defaultdict(frozenset)
        for root, held in zip(roots, words, strict=True):
            if held and may_hold_pieces(root.part):
                found[root.part, root.name] |= held
        # Of a part that is searched anyway not all words are told.
        searched = {
            (root.part, root.name) for root, each in zip(roots, worth, strict=True) if each is Worth.SEARCH
        }
        pieces = {
            where for where, held in found.items() if where in searched or self._search.may_be_pieces(held)
        }
        return [
            Worth.SEARCH if (root.part, root.name) in pieces else each
            for root, each in zip(roots, worth, strict=True)
        ]
