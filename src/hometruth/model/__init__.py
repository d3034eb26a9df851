"""The nouns: frozen data types, no input or output. One word, one meaning: see docs/glossary.md."""

from hometruth.model.asked_name import AskedName
from hometruth.model.audit import Audit, Proof, Stage, Subject
from hometruth.model.budget import Budget
from hometruth.model.canary import Canary, CanaryKind, ExpectedFlow
from hometruth.model.claim import (
    Bound,
    Claim,
    Explanation,
    Proposition,
    Reading,
    ReadingKind,
    Scope,
    Verdict,
    VerdictKind,
    Wording,
)
from hometruth.model.comparison import Change, Comparison, Direction, Side, Signal, SignalKind
from hometruth.model.contact import Contact, RandomField, Said
from hometruth.model.contacted import Contacted, Contacts, KnownField, Party
from hometruth.model.coverage import CoverageRow, Gap, GapKind
from hometruth.model.effect import SUSPICIOUS_E, Effect, Interval, Pairing, Room, Rung
from hometruth.model.exchange import Delivery, Exchange, Extra, Headers, Message, Part, Source, Tls
from hometruth.model.finding import Finding, Identifier, Receipt
from hometruth.model.fleet_totals import FleetTotals
from hometruth.model.reason import Fact, Reason, ReasonKind
from hometruth.model.recipient import HostPattern, Initiator, InitiatorKind, Recipient, Sender, is_within
from hometruth.model.scanned import OpaqueBytes, ScanKnown, Scanned, ScanPiece, ScanRow, Standing, Totals
from hometruth.model.trial import ActionRecord, Arm, Attestation, Condition, Trial, TrialStatus
from hometruth.model.value import DECIDING_BITS, Form, Fragment, Sighting, Step, Tells, Value

__all__ = [
    "DECIDING_BITS",
    "SUSPICIOUS_E",
    "ActionRecord",
    "Arm",
    "AskedName",
    "Attestation",
    "Audit",
    "Bound",
    "Budget",
    "Canary",
    "CanaryKind",
    "Change",
    "Claim",
    "Comparison",
    "Condition",
    "Contact",
    "Contacted",
    "Contacts",
    "CoverageRow",
    "Delivery",
    "Direction",
    "Effect",
    "Exchange",
    "ExpectedFlow",
    "Explanation",
    "Extra",
    "Fact",
    "Finding",
    "FleetTotals",
    "Form",
    "Fragment",
    "Gap",
    "GapKind",
    "Headers",
    "HostPattern",
    "Identifier",
    "Initiator",
    "InitiatorKind",
    "Interval",
    "KnownField",
    "Message",
    "OpaqueBytes",
    "Pairing",
    "Part",
    "Party",
    "Proof",
    "Proposition",
    "RandomField",
    "Reading",
    "ReadingKind",
    "Reason",
    "ReasonKind",
    "Receipt",
    "Recipient",
    "Room",
    "Rung",
    "Said",
    "ScanKnown",
    "ScanPiece",
    "ScanRow",
    "Scanned",
    "Scope",
    "Sender",
    "Side",
    "Sighting",
    "Signal",
    "SignalKind",
    "Source",
    "Stage",
    "Standing",
    "Step",
    "Subject",
    "Tells",
    "Tls",
    "Totals",
    "Trial",
    "TrialStatus",
    "Value",
    "Verdict",
    "VerdictKind",
    "Wording",
    "is_within",
]
