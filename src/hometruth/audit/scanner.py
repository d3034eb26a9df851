"""What is looked for, in which layers, within which limits: what examining needs besides the exchanges."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from secrets import randbits

from hometruth.canaries import Search, compile_search, mint
from hometruth.findings import usual_addresses
from hometruth.model import Canary, Exchange
from hometruth.peel import LAYERS, Budget, Layer

N_PHANTOMS = 1000
"""Canaries never planted, searched along: one that is sighted shows that the search invents."""
SEED_BITS = 64
EVERYBODY = frozenset({"*"})


def _any_seed() -> int:
    return randbits(SEED_BITS)


@dataclass(frozen=True, slots=True)
class Scanner:
    """A search by its inputs: it travels to another process as they are, and is compiled there once.

    The same seed gives the same phantoms; by default nobody can know them before.
    """

    canaries: tuple[Canary, ...] = ()
    salts: tuple[str, ...] = ()
    """Digests with these are looked for, too."""
    seed: int = field(default_factory=_any_seed)
    """What the phantoms are drawn from."""
    n_phantoms: int = N_PHANTOMS
    """Canaries never planted that are searched along; none where the canaries hold their own."""
    derived: Mapping[str, tuple[tuple[str, str], ...]] | None = None
    """By id of a canary, texts that hold it, whose digests are looked for: the host visited. By default those
    under which pages are usually visited."""
    layers: tuple[Layer, ...] = LAYERS
    """Formats that are tried, in order."""
    budget: Budget = field(default_factory=Budget)
    """Limits on examining one exchange."""
    answers_of: frozenset[str] = frozenset()
    """Organisations whose answers are looked into, too; `EVERYBODY` for all, empty for none."""

    def looks_into_answer(self, exchange: Exchange) -> bool:
        """True if what came back is searched."""
        if not self.answers_of or not (
            exchange.response_headers or exchange.response_body or exchange.messages
        ):
            return False
        if self.answers_of == EVERYBODY:
            return True
        # Imported late: a scan of requests does not pay for the table of organisations.
        from hometruth.recipients import is_of, load_organisations  # noqa: PLC0415

        return is_of(exchange.host, self.answers_of, load_organisations())

    def phantoms(self) -> tuple[Canary, ...]:
        """The canaries never planted; none if nothing is searched for."""
        rng = Random(self.seed)  # noqa: S311  # a seed that is kept makes a scan repeatable
        n = self.n_phantoms if self.canaries else 0
        return tuple(mint("page", phantom=True, rng=rng) for _ in range(n))

    def wanted(self) -> tuple[Canary, ...]:
        """All that is looked for."""
        return (*self.canaries, *self.phantoms())

    def search(self) -> Search:
        """The search, compiled."""
        derived = usual_addresses(self.canaries) if self.derived is None else self.derived
        return compile_search(self.wanted(), self.salts, derived)
