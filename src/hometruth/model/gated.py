"""What a gate tells: every transfer of a canary with what the policy says of it, and why it did not pass."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from hometruth.model.exchange import Delivery
from hometruth.model.trial import Condition

GATE_SCHEMA = "hometruth-gate-1"
"""Name and version of the document that ``hometruth gate --json`` prints; its schema is beside the data."""


class Ruling(StrEnum):
    """What the policy says of a transfer."""

    LEAK = "leak"
    """Delivered, by evidence that decides, and nothing allows it: the gate fails."""
    IN_BASELINE = "in baseline"
    """A leak that was there when the baseline was written: counted down, no failure."""
    WAIVED = "waived"
    """A leak that somebody answers for, until a day."""
    ALLOWED = "allowed"
    OWN_HOST = "own host"
    """The file of canaries names the host as its owner's own (``first_party``): not examined."""
    ATTEMPT = "attempt"
    """It was tried to send it, and nothing shows that anybody received it."""
    WEAK = "weak"
    """Evidence that may be chance."""


class GateOutcome(StrEnum):
    """How a gate ends."""

    PASSED = "passed"
    LEAKED = "leaked"
    """Something was delivered that nothing allows."""
    UNABLE = "unable"
    """No leak was found, and it cannot be said that there is none."""


class ObstacleKind(StrEnum):
    """Why a gate that found no leak does not pass."""

    EMPTY = "empty"
    """Fewer requests than the policy asks for; none, as a rule."""
    UNREADABLE = "unreadable"
    """A recording cannot be read."""
    OPAQUE = "opaque"
    """Too large a share of what was sent could not be read."""
    GAPS = "gaps"
    """More gaps of one kind than the policy takes."""
    NO_CONTROL = "no control"
    """Nothing, or not what the policy names, was seen to arrive: nothing shows that a leak would be seen."""
    EXPIRED = "expired"
    """A waiver is over, and still in the policy."""
    ATTEMPT = "attempt"
    """It was tried to send something that nothing allows, and nobody saw whether it arrived."""
    WEAK = "weak"
    """Something that nothing allows was seen, by evidence that may be chance."""
    PHANTOM = "phantom"
    """A value that was never planted was found: no row can be trusted."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One reason why a gate that found no leak does not pass; sentences are made of it in ``report/``."""

    kind: ObstacleKind
    about: str = ""
    """The recording, the kind of gap, the canary of the control, or the waiver's."""
    seen: float = 0.0
    limit: float = 0.0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Transfer:
    """One canary in one field sent to one recipient under one condition: what a policy decides about."""

    canary: str
    """Its name: the id in the file of canaries, or the kind of one that was minted without a name."""
    kind: str
    recipient: str
    """Host, with ``{canary}`` in place of a canary's value."""
    organisation: str | None
    part: str
    path: str
    """Field, without numbers in lists, and with ``{canary}`` in place of a canary's value."""
    condition: Condition
    ruling: Ruling
    fingerprint: str
    """32 hexadecimal digits that stay as long as canary, recipient, field and condition do."""
    chain: tuple[str, ...]
    """Layers around it, outermost first, in the first sighting with the most evidence."""
    form: str
    delivered: Delivery
    evidence_bits: float
    times: int
    capture: str
    entry: int
    """0-based position of the first request among those of its capture."""
    line: int | None = None
    """Line of the capture on which that request begins, where it is a text."""
    why: str = ""
    """The reason written in the policy, the waiver's owner and end with it; empty if there is none."""

    @property
    def field(self) -> str:
        """Part and path as one."""
        return f"{self.part} {self.path}".strip()

    def as_json(self) -> dict[str, Any]:
        """The transfer as other programs read it."""
        return {
            "canary": self.canary,
            "kind": self.kind,
            "recipient": self.recipient,
            "organisation": self.organisation,
            "part": self.part,
            "path": self.path,
            "condition": self.condition.as_dict(),
            "ruling": str(self.ruling),
            "why": self.why,
            "fingerprint": self.fingerprint,
            "chain": list(self.chain),
            "form": self.form,
            "delivered": str(self.delivered),
            "evidence_bits": round(self.evidence_bits, 1),
            "times": self.times,
            "capture": self.capture,
            "entry": self.entry,
            "line": self.line,
        }


@dataclass(frozen=True, slots=True)
class GateControl:
    """A canary that must be seen to arrive, and where it was seen."""

    canary: str
    """Name, or a pattern of names."""
    to: tuple[str, ...]
    """Patterns of hosts; ``*`` for any."""
    seen_at: tuple[str, ...]
    """Hosts that got it."""


@dataclass(frozen=True, slots=True)
class KnownLeak:
    """A leak as a baseline remembers it."""

    fingerprint: str
    canary: str
    recipient: str
    part: str
    path: str


@dataclass(frozen=True, slots=True)
class Gated:
    """Everything that a gate saw, decided, and could not see."""

    transfers: tuple[Transfer, ...]
    """Leaks first; then by canary, recipient and field."""
    controls: tuple[GateControl, ...]
    obstacles: tuple[Obstacle, ...]
    captures: tuple[str, ...]
    exchanges: int
    sent_bytes: int
    """Of all requests, and of connections that were let through unopened."""
    opaque_bytes: int
    """Of these, what nobody could read."""
    gaps: Mapping[str, int]
    """How many of each kind."""
    canaries: tuple[str, ...]
    """Names of all that was looked for."""
    baseline: tuple[KnownLeak, ...] = ()
    """Leaks known before."""
    policy: str = ""
    """Name of the policy's file; empty without one."""
    sessions: tuple[str, ...] = ()
    """Captures in each of which every control arrived: silence counts in these only."""
    conditions: tuple[Condition, ...] = ()
    """Under which the captures were made, each once."""
    gone: tuple[KnownLeak, ...] = field(default=(), init=False)
    """Leaks of the baseline that are seen no more."""

    def __post_init__(self) -> None:
        seen = {each.fingerprint for each in self.transfers}
        object.__setattr__(
            self, "gone", tuple(each for each in self.baseline if each.fingerprint not in seen)
        )

    @property
    def outcome(self) -> GateOutcome:
        """A leak is one whatever could not be seen besides, unless the search invents."""
        if self.leaks and not any(each.kind is ObstacleKind.PHANTOM for each in self.obstacles):
            return GateOutcome.LEAKED
        return GateOutcome.UNABLE if self.obstacles else GateOutcome.PASSED

    @property
    def passed(self) -> bool:
        """True if nothing speaks against shipping this."""
        return self.outcome is GateOutcome.PASSED

    @property
    def leaks(self) -> tuple[Transfer, ...]:
        """What makes it fail."""
        return self.ruled(Ruling.LEAK)

    @property
    def opaque_share(self) -> float:
        """Share of what was sent that nobody could read, in [0, 1]; 0 where nothing was sent."""
        return self.opaque_bytes / self.sent_bytes if self.sent_bytes else 0.0

    def ruled(self, *rulings: Ruling) -> tuple[Transfer, ...]:
        """Transfers of which the policy says one of these."""
        return tuple(each for each in self.transfers if each.ruling in rulings)

    def as_json(self) -> dict[str, Any]:
        """The document that ``hometruth gate --json`` prints, of the schema that ``--schema`` prints."""
        return {
            "schema": GATE_SCHEMA,
            "outcome": str(self.outcome),
            "policy": self.policy,
            "captures": list(self.captures),
            "canaries": list(self.canaries),
            "counts": dict(Counter(str(each.ruling) for each in self.transfers)),
            "transfers": [each.as_json() for each in self.transfers],
            "controls": [
                {"canary": each.canary, "to": list(each.to), "seen_at": list(each.seen_at)}
                for each in self.controls
            ],
            "obstacles": [
                {
                    "kind": str(each.kind),
                    "about": each.about,
                    "seen": each.seen,
                    "limit": each.limit,
                    "detail": each.detail,
                }
                for each in self.obstacles
            ],
            "coverage": {
                "exchanges": self.exchanges,
                "sent_bytes": self.sent_bytes,
                "opaque_bytes": self.opaque_bytes,
                "opaque_share": round(self.opaque_share, 4),
                "gaps": dict(self.gaps),
            },
            "baseline": {
                "known": len(self.baseline),
                "gone": [each.fingerprint for each in self.gone],
            },
        }
