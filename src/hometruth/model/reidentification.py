"""How alone people are: what singles one out, how often nameless traces are put back, what digests hide."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from hometruth.model import Gap


@dataclass(frozen=True, slots=True)
class SessionStart:
    """Sessions with at least so many different items, and how many of them single their person out."""

    value: float
    eligible: int
    """Sessions."""
    median_holders: float
    """People who share the beginning of the session in the middle."""


@dataclass(frozen=True, slots=True)
class RandomPoints:
    """Random points of a person's own."""

    value: float
    low: float
    high: float
    exact: bool
    """True if every choice of points was looked at instead of a sample of them."""
    all_people: float
    """The same over everybody, people with fewer points giving all they have."""


@dataclass(frozen=True, slots=True)
class Unicity:
    """How few points single a person out, among these people."""

    people: int
    items: int
    eligible: dict[int, int]
    random: dict[int, RandomPoints]
    session_start: dict[int, SessionStart] | None
    """None for tables without times."""
    rarest: dict[int, float]
    point_of_their_own: float
    """Share of people with a point that nobody else has."""
    sets_of_their_own: int
    """People whose whole set is nobody else's."""
    different_sets: int
    curve: dict[int, float]
    """Size of a random sub-population to the share that four random points single out in it."""
    n_draws: int


SplitName = Literal["halves", "coin"]


@dataclass(frozen=True, slots=True)
class Answered:
    """What a careful attacker gets, who stays silent when in doubt."""

    share: float
    """Probes answered, of all."""
    right: float | None
    """Answers that were right; None if nothing was answered."""


@dataclass(frozen=True, slots=True)
class Score:
    """How one way to compare traces did."""

    rank1: float
    """Share of probes whose best match is the right person; ties share."""
    right: float
    """The same as a number of probes."""
    low: float
    high: float
    rank5: float
    answered: Answered
    open_set: float | None
    """Found and right at 1 % false alarms, half of the people being strangers; None for too few people."""


@dataclass(frozen=True, slots=True)
class Scoreboard:
    """What came of one number of points, so many of them wrong."""

    points: int
    wrong: int
    people: int
    """Whose points were tried."""
    tried: int
    """Traces: of one person each, or several of each person where few have so many points."""
    rank1: float
    answered: float
    right_when_answered: float | None


@dataclass(frozen=True, slots=True)
class Relink:
    """How often nameless traces were put back, among these people."""

    people: int
    """Of whom something is known: the closed set."""
    probes: int
    split: SplitName | None
    """None for sets, which cannot be halved: see `scoreboard`."""
    scores: dict[str, Score]
    curve: dict[int, float]
    """Size of a random sub-population to the rank 1 of tfidf in it."""
    sessions: dict[str, tuple[float, int]] | None
    """Different items in one later session to the share put back, and the sessions; None without times."""
    few: dict[int, dict[str, float]] | None
    """A few random events of the other half to the share put back by each score; None with times."""
    scoreboard: tuple[Scoreboard, ...]

    @property
    def chance(self) -> float:
        """What guessing gives."""
        return 1 / self.people


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


@dataclass(frozen=True, slots=True)
class KnownDigest:
    """Which of the tester's values a digest is made of, and how; not the value itself."""

    kind: str
    spelling: str
    algorithm: str


@dataclass(frozen=True, slots=True)
class Space:
    """A kind of value, and how many there can be."""

    kind: str
    what: str
    guesses: float


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds for all guesses of a space; half of that on average."""

    space: Space
    algorithm: str
    here_s: float
    """On one core of this machine, in plain Python."""
    gpu_s: float


@dataclass(frozen=True, slots=True)
class Sweep:
    """What trying all serial numbers of one model gave."""

    algorithm: str
    found: bool
    tried_until_found: int
    tried: int
    seconds: float
    """For all of them."""


GPU_SOURCE = "hashcat on one RTX 3090, siseci/hashcat-benchmark-comparison, issue 3"
"""Of the rates behind `Cost.gpu_s`."""


@dataclass(frozen=True, slots=True)
class OwnDigests:
    """Where digests of the tester's own values stand, and what finding a value from one costs a stranger."""

    places: Mapping[tuple[KnownDigest, str], int]
    """Digest and host, or other place, to how often; most often first."""
    gaps: tuple[Gap, ...]
    """What was not looked into."""
    costs: tuple[Cost, ...]
    sweep: Sweep | None
    """None unless it was asked for."""
