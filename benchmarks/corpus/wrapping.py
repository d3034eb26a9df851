"""What a family of wrapping is made of: spellings of the value, then steps, innermost first."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from benchmarks.corpus.canaries import Planted


class Wrapped(NamedTuple):
    """A value after its steps, and what must be undone to read it, outermost first."""

    data: bytes
    chain: tuple[str, ...]
    form: str = "plain"
    """What is found in the end: ``plain`` or a digest."""


@dataclass(frozen=True, slots=True)
class Step:
    """One encoder, and the names of what undoes it, outermost first."""

    layers: tuple[str, ...]
    encode: Callable[[bytes, Random], bytes]
    """It may draw the key of a disguise; raises `UnicodeError` for bytes that it cannot hold."""
    gives_bytes: bool = False
    """True if what comes out is not text."""
    disguise: bool = False
    """True if it may leave so much standing that the value is not hidden; it then does not apply."""


def step(
    layers: str, encode: Callable[[bytes], bytes], *, gives_bytes: bool = False, disguise: bool = False
) -> Step:
    """A step without a key; *layers* separated by spaces."""
    return Step(tuple(layers.split()), lambda data, _rng: encode(data), gives_bytes, disguise)


@dataclass(frozen=True, slots=True)
class Spelling:
    """Another spelling of a value, or a digest of it; None for a value that has none of its own."""

    form: str
    of: Callable[[str], bytes | None]


class Spelt(NamedTuple):
    """A value in one spelling."""

    form: str
    data: bytes


AS_IT_IS = Spelling("plain", str.encode)


@dataclass(frozen=True, slots=True)
class Family:
    """One way to hide a value."""

    name: str
    steps: tuple[Step, ...] = ()
    spelling: Spelling | None = None
    """None for the value itself."""
    spellings: tuple[Spelling, ...] = ()
    """Instead of one: several of a kind, of which one is drawn each time."""
    carrier: str = ""
    """Where in a request it is sent; any place that can hold it if empty."""
    depth: int = 0
    """Number of wrappings, drawn at random; 0 for the steps given."""
    canaries: str | tuple[str, ...] = ""
    """Prefix, or prefixes, of the ids of the canaries it is for."""
    beyond: bool = False
    """True if the published comparison of the peers did not have it."""

    def spelt(self, canary: Planted) -> tuple[Spelt, ...]:
        """The canary in each spelling that it has; none if the family does not apply to it."""
        if not canary.id.startswith(self.canaries):
            return ()
        spellings = self.spellings or ((self.spelling,) if self.spelling else (AS_IT_IS,))
        told = ((each.form, each.of(canary.value)) for each in spellings)
        return tuple(Spelt(form, data) for form, data in told if data is not None)

    def wrap(self, canary: Planted, rng: Random) -> Wrapped | None:
        """The canary so wrapped; None if the family does not apply to it."""
        spelt = self.spelt(canary)
        if not spelt:
            return None
        drawn = rng.choice(spelt) if self.spellings else spelt[0]
        wrapped = wrap(drawn.data, self.steps, rng)
        return wrapped and wrapped._replace(form=drawn.form)


def wrap(data: bytes, steps: tuple[Step, ...], rng: Random) -> Wrapped | None:
    """Every step in turn; None if one of them does not apply. What changes nothing is not in the chain."""
    chain: tuple[str, ...] = ()
    for each in steps:
        try:
            done = each.encode(data, rng)
        except UnicodeError:
            return None
        if each.disguise and _share_moved(data, done) < 0.6:
            return None
        if done != data:
            chain = (*each.layers, *chain)
        data = done
    return Wrapped(data, chain)


def _share_moved(before: bytes, after: bytes) -> float:
    return sum(old != new for old, new in zip(before, after, strict=True)) / len(before)
