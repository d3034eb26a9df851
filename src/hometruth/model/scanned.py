"""What a scan tells: one row a sighting, and totals that add up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from hometruth.model.coverage import Gap
from hometruth.model.exchange import Delivery
from hometruth.model.value import DECIDING_BITS, Tells

if TYPE_CHECKING:
    from hometruth.model.outputs import (
        FindingJson,
        GapJson,
        KnownToReceiverJson,
        OpaqueJson,
        ScanJson,
        TotalsJson,
    )


class Standing(StrEnum):
    """What a finding proves."""

    FOUND = "found"
    """Delivered where it was not expected, by evidence that decides."""
    ATTEMPT = "attempt"
    """It was tried to send it, and nothing shows that anybody received it."""
    WEAK = "weak"
    """Evidence that may be chance."""
    EXPECTED = "expected"

    @classmethod
    def of(cls, evidence_bits: float, delivered: Delivery, *, expected: bool) -> "Standing":
        """What a finding with this evidence proves."""
        if expected:
            return cls.EXPECTED
        if evidence_bits < DECIDING_BITS:
            return cls.WEAK
        return cls.ATTEMPT if delivered.is_attempt else cls.FOUND


@dataclass(frozen=True, slots=True)
class ScanPiece:
    """Where one piece of a value stands, and which bytes of the value it holds."""

    exchange: str
    part: str
    path: str
    chain: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ScanRow:
    """One sighting of one canary, flat: where it was seen, in which wrapping, and what it is worth."""

    capture: str
    entry: int
    """0-based position among the requests of the capture."""
    canary: str
    """Its id."""
    part: str
    path: str
    chain: tuple[str, ...]
    """Layers around it, outermost first."""
    form: str
    recipient: str
    """Host."""
    expected: bool
    """True if the canary's ``first_party`` names the host: not examined, which is not clean."""
    delivered: Delivery
    evidence_bits: float
    """What is left of ``matched_bits`` in everything that was searched."""
    matched_bits: float
    """Bits matched, less those of keys: before the places where chance could have hit are taken off."""
    chance: float | None = None
    """Probability, at most, that a digest of 32 bits is met by chance; None for every other form."""
    pieces: tuple[ScanPiece, ...] = ()
    """Where its pieces stand, if it was sent in several."""
    is_secret: bool = False
    """True if the id is a person's own value itself, which is masked where people look."""
    tells: Tells = Tells.WHOLE
    """How much of the value its form tells."""

    @property
    def standing(self) -> Standing:
        """What it proves."""
        return Standing.of(self.evidence_bits, self.delivered, expected=self.expected)

    def as_json(self) -> "FindingJson":
        """The row as other programs read it."""
        row: FindingJson = {
            "capture": self.capture,
            "entry": self.entry,
            "canary": self.canary,
            "part": self.part,
            "path": self.path,
            "chain": list(self.chain),
            "form": self.form,
            "recipient": self.recipient,
            "expected": self.expected,
            "delivered": self.delivered,
            "evidence_bits": round(self.evidence_bits, 1),
        }
        if self.chance is not None:
            row["chance"] = float(f"{self.chance:.2g}")
        if self.pieces:
            row["pieces"] = [
                {
                    "exchange": piece.exchange,
                    "part": piece.part,
                    "path": piece.path,
                    "chain": list(piece.chain),
                    "bytes": [piece.start, piece.end],
                }
                for piece in self.pieces
            ]
        return row


@dataclass(frozen=True, slots=True)
class ScanKnown:
    """What an answer holds although no request carried it there: its sender knew."""

    row: ScanRow
    """The first sighting; its recipient is who sent the answer."""
    times: int
    """Sightings in answers of the same organisation."""

    def as_json(self) -> "KnownToReceiverJson":
        """The same as other programs read it."""
        found = self.row.as_json()
        row: KnownToReceiverJson = {
            "capture": found["capture"],
            "entry": found["entry"],
            "canary": found["canary"],
            "part": found["part"],
            "path": found["path"],
            "chain": found["chain"],
            "form": found["form"],
            "expected": found["expected"],
            "evidence_bits": found["evidence_bits"],
            "sender": found["recipient"],
        }
        if "chance" in found:
            row["chance"] = found["chance"]
        if "pieces" in found:
            row["pieces"] = found["pieces"]
        return row


@dataclass(frozen=True, slots=True)
class OpaqueBytes:
    """Bytes sent to one host that nobody could read."""

    exchanges: int = 0
    opaque_bytes: int = 0

    def __add__(self, other: "OpaqueBytes") -> "OpaqueBytes":
        return OpaqueBytes(
            self.exchanges + other.exchanges,
            self.opaque_bytes + other.opaque_bytes,
        )


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over exchanges; those of two recordings add up to those of both."""

    exchanges: int = 0
    sightings: int = 0
    phantoms_sighted: int = 0
    gaps: int = 0
    searched_bytes: int = 0
    opaque: Mapping[str, OpaqueBytes] = field(default_factory=dict)
    """By host."""

    @property
    def opaque_bytes(self) -> int:
        """Bytes that nobody could read."""
        return sum(each.opaque_bytes for each in self.opaque.values())

    def opaque_as_json(self) -> "list[OpaqueJson]":
        """Bytes that nobody could read, by host, most first."""
        ranked = sorted(self.opaque.items(), key=lambda item: (-item[1].opaque_bytes, item[0]))
        return [
            {"host": host, "exchanges": each.exchanges, "bytes": each.opaque_bytes} for host, each in ranked
        ]

    def as_json(self) -> "TotalsJson":
        """The sums as the last line of ``hometruth scan --jsonl``."""
        return {
            "exchanges": self.exchanges,
            "findings": self.sightings,
            "phantoms_sighted": self.phantoms_sighted,
            "gaps": self.gaps,
            "opaque": self.opaque_as_json(),
        }

    def __add__(self, other: "Totals") -> "Totals":
        opaque = dict(self.opaque)
        for host, more in other.opaque.items():
            opaque[host] = opaque.get(host, OpaqueBytes()) + more
        return Totals(
            self.exchanges + other.exchanges,
            self.sightings + other.sightings,
            self.phantoms_sighted + other.phantoms_sighted,
            self.gaps + other.gaps,
            self.searched_bytes + other.searched_bytes,
            opaque,
        )


@dataclass(frozen=True, slots=True)
class Scanned:
    """Everything that a scan found, and what it could not look into."""

    rows: tuple[ScanRow, ...]
    phantoms: tuple[ScanRow, ...]
    """Sightings of what was never planted: if there is any, trust no row."""
    gaps: tuple[Gap, ...]
    totals: Totals
    answers_searched: bool = False
    known: tuple[ScanKnown, ...] = ()
    """What answers hold that no request had carried there."""

    def as_json(self) -> "ScanJson":
        """The document that ``hometruth scan --json`` prints."""
        return {
            "exchanges": self.totals.exchanges,
            "findings": [row.as_json() for row in self.rows],
            "answers_searched": self.answers_searched,
            "known_to_receiver": [each.as_json() for each in self.known],
            "phantoms_sighted": len(self.phantoms),
            "opaque": self.totals.opaque_as_json(),
            "gaps": [gap_as_json(gap) for gap in self.gaps],
        }


def gap_as_json(gap: Gap) -> "GapJson":
    """A gap as other programs read it; how many bytes it is about where that is known."""
    row: GapJson = {"kind": gap.kind, "where": gap.where, "host": gap.host, "detail": gap.detail}
    if gap.size_bytes is not None:
        row["bytes"] = gap.size_bytes
    return row
