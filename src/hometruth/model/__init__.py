"""The nouns: frozen data types, no input or output. One word, one meaning: see docs/glossary.md."""

from hometruth.model.audit import Audit, Proof, Stage, Subject
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
from hometruth.model.contact import Contact, RandomField
from hometruth.model.coverage import CoverageRow, Gap, GapKind
from hometruth.model.effect import SUSPICIOUS_E, Effect, Interval, Room, Rung
from hometruth.model.exchange import Delivery, Exchange, Headers, Message, Part, Source, Tls
from hometruth.model.finding import Finding, Identifier, Receipt
from hometruth.model.pairing import Pairing
from hometruth.model.reason import Fact, Reason, ReasonKind
from hometruth.model.recipient import Initiator, InitiatorKind, Recipient, Sender
from hometruth.model.said import Said
from hometruth.model.trial import ActionRecord, Arm, Attestation, Condition, Trial, TrialStatus
from hometruth.model.value import DECIDING_BITS, Form, Fragment, Sighting, Step, Value

__all__ = [
    "DECIDING_BITS",
    "SUSPICIOUS_E",
    "ActionRecord",
    "Arm",
    "Attestation",
    "Audit",
    "Bound",
    "Canary",
    "CanaryKind",
    "Change",
    "Claim",
    "Comparison",
    "Condition",
    "Contact",
    "CoverageRow",
    "Delivery",
    "Direction",
    "Effect",
    "Exchange",
    "ExpectedFlow",
    "Explanation",
    "Fact",
    "Finding",
    "Form",
    "Fragment",
    "Gap",
    "GapKind",
    "Headers",
    "Identifier",
    "Initiator",
    "InitiatorKind",
    "Interval",
    "Message",
    "Pairing",
    "Part",
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
    "Scope",
    "Sender",
    "Side",
    "Sighting",
    "Signal",
    "SignalKind",
    "Source",
    "Stage",
    "Step",
    "Subject",
    "Tls",
    "Trial",
    "TrialStatus",
    "Value",
    "Verdict",
    "VerdictKind",
    "Wording",
]
