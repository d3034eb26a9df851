"""What the traffic to one endpoint turned out to depend on: the result of the test for opaque flows."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from hometruth.model.reason import Reason
from hometruth.model.trial import Condition


class Rung(StrEnum):
    """How much of what was done an endpoint was shown to depend on; each holds those before it."""

    NONE = "none"
    OCCURRENCE = "occurrence"
    """Its traffic differs between the halves of a pair: it depends on whether something was done."""
    CONTENT = "content"
    """Its traffic carries the length, or the randomness, of what was visited."""

    def reaches(self, needed: "Rung") -> bool:
        """True if this rung is *needed* or one above it."""
        order = list(Rung)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its 95 % confidence interval."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Room:
    """How often a leak of one size would have fitted into what was sent."""

    leak: str
    """``everything``, ``address``, ``128 bytes`` or ``32 bytes``."""
    size_bytes: float
    """Largest size over the trials; each trial is compared with its own."""
    trials_with_room: int
    bound_percent: float
    """With 95 % confidence at most this share of sessions can have sent it."""


@dataclass(frozen=True, slots=True)
class Effect:
    """The coin test, the barcode and the bounds at one endpoint under one condition."""

    endpoint: str
    """As the plan groups them."""
    condition: Condition
    rung: Rung
    pairs: int
    """Pairs run to their end."""
    planned_pairs: int
    wins: int
    """Pairs whose treated half sent more bytes."""
    untied: int
    e_value: float
    """Average over bytes, ciphertexts and largest ciphertext; infinite if it exceeds what a float holds."""
    threshold: float
    """What `e_value` has to reach: endpoints times conditions of the plan, over alpha."""
    barcode_p: float
    """Smallest over the trials, before Bonferroni; 1 if no trial could be tested."""
    barcode_level: float
    """What it has to reach: half of alpha over endpoints, conditions and planned pairs."""
    barcode_trial: str | None
    treated_bytes: int
    """Sent to the endpoint in all treated halves."""
    per_planted_byte: Interval | None
    """Bytes out per planted byte; None with too few pairs for an interval."""
    room: tuple[Room, ...]
    lost_treated: int
    lost_control: int
    content_pairs: int = 0
    """Pairs in which an address of random characters was set against one of as many repeated ones."""
    content_e_value: float = 1.0
    content_threshold: float = 0.0
    """What `content_e_value` has to reach: half of alpha is the barcode's."""
    content_follow_p: float = 1.0
    """How likely the differences in these pairs grow with what was planted as they do, by chance alone."""
    content_follow_level: float = 0.0
    """What it has to reach as well: an app busier at random addresses for another reason has no dose."""
    vendor: bool = False
    """True if the subject's vendor is behind the endpoint, or behind a host in the group."""
    vendor_room: tuple[Room, ...] = ()
    """`room` in what all endpoints of the vendor were sent together: a leak may be spread over them."""
    others: bool = False
    """True if hosts of others were contacted in the same group: the effect may be theirs."""
    sessions: int = 0
    """Treated halves that the bounds count, lost ones included."""
    loss: Reason | None = None
    """What is wrong with the trials that were lost, if anything: one of the objections."""
    objections: tuple[Reason, ...] = field(default=())
    """Why silence here proves nothing yet."""

    @property
    def by_barcode(self) -> bool:
        """True if one trial's ciphertexts repeat the lengths planted in it."""
        return self.barcode_p <= self.barcode_level

    @property
    def is_sound(self) -> bool:
        """True if a rung that was reached proves something: no other's traffic, no loss that could have
        made it.

        What one trial's barcode shows cannot come from the loss of other trials; the coin's wins can.
        """
        return not self.others and (self.by_barcode or not self.loss)

    @property
    def by_random_addresses(self) -> bool:
        """True if random addresses made more leave than repeated ones, and longer ones yet more."""
        return self.content_is_larger and self.content_follow_p <= self.content_follow_level

    @property
    def content_is_larger(self) -> bool:
        """True if random against repeated addresses went over the line, whatever the lengths."""
        return self.content_pairs > 0 and self.content_e_value >= self.content_threshold

    @property
    def by_coin(self) -> bool:
        """True if the coin's e-value is over the line."""
        return self.e_value >= self.threshold

    @property
    def leaning(self) -> int:
        """Pairs, of those untied, in which the treated half was what it mostly was: larger, or smaller."""
        return max(self.wins, self.untied - self.wins)

    @property
    def lean(self) -> str:
        """``larger in 18 of 18 pairs``, or ``smaller``: what the bytes of the treated halves mostly were."""
        word = "larger" if self.wins == self.leaning else "smaller"
        return f"{word} in {self.leaning} of {self.untied} pairs"


SUSPICIOUS_E = 20.0
"""An honest flow reaches it once in 20 audits at most (Ville's inequality)."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """How the pairs of a series are run and tested."""

    series: str
    """Id of the series in the plan."""
    pairs: int
    """Pairs for each condition; the stop rule may end them earlier."""
    visits: int
    """Addresses visited in each treated half."""
    content_pairs: int
    """Pairs of random against repeated addresses, run only where they are needed; 0: none."""
    alpha: float
    """Family-wise over groups of endpoints and conditions, for each rung."""
    endpoints: tuple[str, ...]
    """Groups of endpoints; whatever fits none is one group more."""
    target_percent: float
    """Largest bound that is called consistent."""
    shortest_path: int = 16
    """Characters: the least that an address visited has after its host."""

    @property
    def blocks(self) -> int:
        """Pairs of both kinds."""
        return self.pairs + self.content_pairs

    def scaled(self, blocks: int) -> "Pairing":
        """The same with at most *blocks* pairs of each kind."""
        return replace(self, pairs=min(self.pairs, blocks), content_pairs=min(self.content_pairs, blocks))
