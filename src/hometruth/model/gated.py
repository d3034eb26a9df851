"""What a gate tells: every transfer of a canary with what the policy says of it, and why it did not pass."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hometruth.model.contacted import Party
from hometruth.model.coverage import GapKind
from hometruth.model.exchange import Delivery
from hometruth.model.scanned import Standing
from hometruth.model.trial import Condition
from hometruth.model.unnamed import Clue, PersonalKind
from hometruth.model.value import Tells

if TYPE_CHECKING:
    from hometruth.model.outputs import (
        GateJson,
        GateRecipientJson,
        SentFieldJson,
        SightJson,
        TransferJson,
        UnnamedJson,
    )

GATE_SCHEMA: Final = "hometruth-gate-1"
"""Name and version of the document that ``hometruth gate --json`` prints."""


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
    UNNAMED = "unnamed"
    """It looks personal, and nobody named it."""


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
    """Fewer requests than the policy asks for; none, as a rule. Or none under one condition."""
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
    UNNAMED = "unnamed"
    """Something that looks personal, that nobody named, and that nothing allows was sent."""
    PHANTOM = "phantom"
    """A value that was never planted was found: no row can be trusted."""


NO_CONDITION = Condition(())
UNSEEN = frozenset(
    {
        *(ObstacleKind.EMPTY, ObstacleKind.UNREADABLE, ObstacleKind.OPAQUE, ObstacleKind.GAPS),
        *(ObstacleKind.NO_CONTROL, ObstacleKind.PHANTOM),
    }
)
"""Those for which silence says nothing."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One reason why a gate that found no leak does not pass; sentences are made of it in ``report/``."""

    kind: ObstacleKind
    about: str = ""
    """The recording, the condition, the kind of gap, the canary of the control, or the waiver's."""
    under: Condition = NO_CONDITION
    """Of a control: under which it did not arrive."""
    seen: float = 0.0
    limit: float = 0.0
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentField:
    """Something in one field sent to one recipient under one condition: what a policy decides about."""

    recipient: str
    """Host, with ``{canary}`` in place of a canary's value below the registrable domain."""
    host: str
    """The host itself, which a policy is asked about; no output shows it."""
    organisation: str | None
    part: str
    path: str
    """Field, without numbers in lists, and with ``{canary}`` in place of a canary's value."""
    condition: Condition
    ruling: Ruling
    fingerprint: str
    """32 hexadecimal digits that stay as long as what, recipient, field, condition and ``tells`` do."""
    chain: tuple[str, ...]
    """Layers around it, outermost first, in the first sighting with the most evidence."""
    delivered: Delivery
    times: int
    capture: str
    entry: int
    """0-based position of the first request among those of its capture."""
    line: int | None = None
    """Line of the capture on which that request begins, where it is a text."""
    more_telling: tuple[str, ...] = ()
    """Fingerprints that it would have if it told more: in a baseline they excuse it, too."""
    is_addressed: bool = True
    """False if only a ``Host`` header names the recipient: it was not seen to arrive there."""
    is_clear: bool = False
    """True if the first request went without TLS: whoever is on the way could read it."""
    why: str = ""
    """The reason written in the policy, the waiver's owner and end with it; empty if there is none."""

    @property
    def field(self) -> str:
        """Part and path as one."""
        return f"{self.part} {self.path}".strip()

    def as_json(self) -> "SentFieldJson":
        """What it has in common with all that was sent, as other programs read it."""
        return {
            "recipient": self.recipient,
            "organisation": self.organisation,
            "part": self.part,
            "path": self.path,
            "condition": self.condition.as_dict(),
            "ruling": self.ruling,
            "why": self.why,
            "fingerprint": self.fingerprint,
            "chain": list(self.chain),
            "delivered": self.delivered,
            "clear": self.is_clear,
            "times": self.times,
            "capture": self.capture,
            "entry": self.entry,
            "line": self.line,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(SentField):
    """One canary in one field sent to one recipient under one condition."""

    canary: str
    """Its name: the id in the file of canaries, or the kind of one that was minted without a name."""
    kind: str
    form: str
    tells: Tells
    """How much of the value arrived, at most: a digest that was known does not excuse the value itself."""
    evidence_bits: float

    @property
    def standing(self) -> Standing:
        """What was observed, whatever the policy makes of it: found, attempt or weak."""
        if self.ruling is Ruling.WEAK:  # also what a search that invents has found
            return Standing.WEAK
        return Standing.of(self.evidence_bits, self.delivered, expected=False)

    def as_json(self) -> "TransferJson":
        """The transfer as other programs read it."""
        return {
            "canary": self.canary,
            "kind": self.kind,
            "form": self.form,
            "tells": self.tells,
            "evidence_bits": round(self.evidence_bits, 1),
            **SentField.as_json(self),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Unnamed(SentField):
    """Personal data that nobody named, by its form or its field: no proof, as a planted value is."""

    kind: PersonalKind
    shown: str
    """The first value, masked."""
    values: int
    """Different ones."""
    clues: tuple[Clue, ...]
    """What speaks for it."""
    party: Party
    """Of the recipient."""

    def as_json(self) -> "UnnamedJson":
        """The same as other programs read it."""
        return {
            "kind": self.kind,
            "category": self.kind.category,
            "shown": self.shown,
            "values": self.values,
            "clues": list(self.clues),
            "party": self.party,
            **SentField.as_json(self),
        }


@dataclass(frozen=True, slots=True)
class GateRecipient:
    """A host that requests went to, whatever they held."""

    host: str
    """With ``{canary}`` in place of a canary's value below the registrable domain."""
    domain: str
    """Registrable."""
    organisation: str | None
    party: Party
    requests: int

    def as_json(self) -> "GateRecipientJson":
        """The recipient as other programs read it."""
        return {
            "host": self.host,
            "domain": self.domain,
            "organisation": self.organisation,
            "party": self.party,
            "requests": self.requests,
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
    missing: tuple[Condition, ...] = ()
    """Under which it had to arrive, and did not; of requests without a condition, all."""


@dataclass(frozen=True, slots=True)
class KnownLeak:
    """A leak as a baseline remembers it."""

    fingerprint: str
    canary: str
    recipient: str
    part: str
    path: str
    condition: Condition
    """Under which it was seen."""
    tells: Tells = Tells.WHOLE
    unnamed: PersonalKind | None = None
    """What it looks like, where it is no canary."""


@dataclass(frozen=True, slots=True)
class Sight:
    """How much a gate saw."""

    exchanges: int
    sent_bytes: int
    """Of all requests, and of connections that were let through unopened."""
    opaque_bytes: int
    """Of these, what nobody could read."""
    gaps: Mapping[GapKind, int]
    """How many of each kind."""
    media_bytes: int = 0
    """Of what was sent, images and the like, which nobody looks into."""
    unreadable: tuple[tuple[str, str], ...] = ()
    """Recordings that cannot be read, each with why."""
    phantoms: int = 0
    """Values that were never planted and found."""
    seen: Mapping[Condition, int] = field(default_factory=dict)
    """Requests under each condition under which captures were made, or the policy says that they are."""
    empty: tuple[str, ...] = ()
    """Captures that hold no request."""

    @property
    def opaque_share(self) -> float:
        """Share of what was sent, media apart, that nobody could read, in [0, 1]; 0 if nothing was."""
        sent = self.sent_bytes - self.media_bytes
        return min(1.0, self.opaque_bytes / sent) if sent > 0 else 0.0

    def as_json(self) -> "SightJson":
        """The sums as other programs read them."""
        return {
            "exchanges": self.exchanges,
            "sent_bytes": self.sent_bytes,
            "opaque_bytes": self.opaque_bytes,
            "media_bytes": self.media_bytes,
            "opaque_share": round(self.opaque_share, 4),
            "empty": list(self.empty),
            "gaps": {str(kind): number for kind, number in sorted(self.gaps.items())},
        }


@dataclass(frozen=True, slots=True)
class Gated:
    """Everything that a gate saw, decided, and could not see."""

    transfers: tuple[Transfer, ...]
    """Leaks first; then by canary, recipient and field."""
    controls: tuple[GateControl, ...]
    obstacles: tuple[Obstacle, ...]
    sight: Sight
    captures: tuple[str, ...]
    canaries: tuple[str, ...]
    """Names of all that was looked for."""
    baseline: tuple[KnownLeak, ...] = ()
    """Leaks known before."""
    policy: str = ""
    """Name of the policy's file; empty without one."""
    unnamed: tuple[Unnamed, ...] = ()
    """Personal data that nobody named: leaks first, then third parties; no canary is among it."""
    sought: frozenset[PersonalKind] = frozenset()
    """Kinds of it that were looked for."""
    recipients: tuple[GateRecipient, ...] = ()
    """All hosts, third parties first."""
    sessions: Mapping[str, Condition] = field(default_factory=dict)
    """Captures in which every control arrived, each with its condition: silence counts in these only."""
    inputs: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    """Files that were read, by what they are: by these it can be judged again."""

    @property
    def outcome(self) -> GateOutcome:
        """A leak is one whatever could not be seen besides."""
        if self.leaks or self.unnamed_leaks:
            return GateOutcome.LEAKED
        return GateOutcome.UNABLE if self.obstacles else GateOutcome.PASSED

    @property
    def passed(self) -> bool:
        """True if nothing speaks against shipping this."""
        return self.outcome is GateOutcome.PASSED

    @property
    def leaks(self) -> tuple[Transfer, ...]:
        """Canaries that make it fail."""
        return self.ruled(Ruling.LEAK)

    @property
    def unnamed_leaks(self) -> tuple[Unnamed, ...]:
        """What nobody named that makes it fail, by the policy."""
        return tuple(each for each in self.unnamed if each.ruling is Ruling.LEAK)

    @property
    def everything(self) -> tuple[SentField, ...]:
        """Transfers of canaries, and what nobody named."""
        return (*self.transfers, *self.unnamed)

    @property
    def never_seen(self) -> tuple[str, ...]:
        """Names of canaries that no request held: not planted, or sent by nothing."""
        seen = {each.canary for each in self.transfers}
        return tuple(each for each in self.canaries if each not in seen)

    @property
    def has_seen_enough(self) -> bool:
        """True if what was not found can be said not to have been there."""
        return not any(each.kind in UNSEEN for each in self.obstacles)

    @property
    def gone(self) -> tuple[KnownLeak, ...]:
        """Leaks of the baseline that are seen no more, where enough was seen under their condition."""
        if not self.has_seen_enough:
            return ()
        there = {each.fingerprint for each in self.everything}
        return tuple(
            each
            for each in self.baseline
            if each.fingerprint not in there
            and each.condition in self.sight.seen
            and (each.unnamed is None or each.unnamed in self.sought)
        )

    def ruled(self, *rulings: Ruling) -> tuple[Transfer, ...]:
        """Transfers of which the policy says one of these."""
        return tuple(each for each in self.transfers if each.ruling in rulings)

    def as_json(self) -> "GateJson":
        """The document that ``hometruth gate --json`` prints, of the schema that ``--schema`` prints."""
        return {
            "schema": GATE_SCHEMA,
            "outcome": self.outcome,
            "policy": self.policy,
            "captures": list(self.captures),
            "canaries": list(self.canaries),
            "counts": dict(Counter(str(each.ruling) for each in self.transfers)),
            "transfers": [each.as_json() for each in self.transfers],
            "unnamed": [each.as_json() for each in self.unnamed],
            "recipients": [each.as_json() for each in self.recipients],
            "controls": [
                {
                    "canary": each.canary,
                    "to": list(each.to),
                    "seen_at": list(each.seen_at),
                    "missing": [condition.as_dict() for condition in each.missing],
                }
                for each in self.controls
            ],
            "obstacles": [
                {
                    "kind": each.kind,
                    "about": each.about,
                    "under": each.under.as_dict(),
                    "seen": each.seen,
                    "limit": each.limit,
                    "detail": each.detail,
                }
                for each in self.obstacles
            ],
            "coverage": self.sight.as_json(),
            "baseline": {
                "known": len(self.baseline),
                "gone": [each.fingerprint for each in self.gone],
            },
        }
