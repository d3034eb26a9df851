"""What commands print for programs, as types: the code that prints is held to them by the type checker, and
the published JSON Schemas are made of them (`report/schemas.py`).

A field is here or it is not printed. Docstrings and descriptions go into the schemas. All types end in
``Json`` and are dictionaries at run time, so whoever prints them imports this for the type checker only.
"""

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from msgspec import Meta

from hometruth.model.canary import CanaryKind
from hometruth.model.claim import ReadingKind, VerdictKind
from hometruth.model.comparison import Direction, SignalKind
from hometruth.model.contacted import Party
from hometruth.model.coverage import GapKind
from hometruth.model.effect import Rung
from hometruth.model.exchange import Delivery, Part
from hometruth.model.gated import GateOutcome, ObstacleKind, Ruling
from hometruth.model.identified import LinkKind, UndecidedReason
from hometruth.model.identifier import Basis, ComparisonKind, IdentifierKind, Names, Phase
from hometruth.model.reidentification import Crowd, Sweep
from hometruth.model.unnamed import Clue, PersonalCategory, PersonalKind
from hometruth.model.value import Tells

Count = Annotated[int, Meta(ge=0)]
Times = Annotated[int, Meta(ge=1)]
Share = Annotated[float, Meta(ge=0, le=1)]
Percent = Annotated[float, Meta(ge=0, le=100)]
Number = Annotated[str, Meta(pattern="^[0-9]+$")]
"""A key that is a number."""
Digest32 = Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
Digest64 = Annotated[str, Meta(pattern="^([0-9a-f]{64})?$", description="SHA-256; empty if there is none.")]
ConditionJson = Annotated[dict[str, str], Meta(description="Factor to level.")]
Chain = Annotated[list[str], Meta(description="Layers around it, outermost first.")]
Entry = Annotated[int, Meta(ge=0, description="0-based position among the requests of the capture.")]
Utc = Annotated[str, Meta(description="ISO 8601, UTC.")]
AtNs = Annotated[int, Meta(description="UTC, nanoseconds since the epoch.")]


class GapJson(TypedDict):
    """Something that could not be looked into, and why."""

    kind: GapKind
    where: str
    host: str | None
    detail: str
    bytes: NotRequired[Annotated[int, Meta(ge=0, description="How many it is about, where that is known.")]]


class PlaceGapJson(TypedDict):
    """Something that could not be looked into, and why."""

    kind: GapKind
    where: str
    detail: str


class PieceJson(TypedDict):
    """Where one piece of a value stands."""

    exchange: str
    part: str
    path: str
    chain: Chain
    bytes: Annotated[
        list[int], Meta(min_length=2, max_length=2, description="Of the value: from, up to and without.")
    ]


class SightingJson(TypedDict):
    """One sighting of one canary."""

    capture: str
    entry: Entry
    canary: Annotated[str, Meta(description="Its id.")]
    part: str
    path: Annotated[str, Meta(description="Field.")]
    chain: Chain
    form: Annotated[str, Meta(description="Spelling or digest.")]
    expected: Annotated[bool, Meta(description="It is the action itself.")]
    evidence_bits: float
    chance: NotRequired[
        Annotated[float, Meta(description="Of meeting it in all that was searched, where that is known.")]
    ]
    pieces: NotRequired[Annotated[list[PieceJson], Meta(description="Of a value that stands in pieces.")]]


class FindingJson(SightingJson):
    """One sighting of one canary in a request."""

    recipient: str
    delivered: Delivery


class KnownToReceiverJson(SightingJson):
    """What an answer holds although no request carried it there: its sender knew."""

    sender: str


class OpaqueJson(TypedDict):
    """Bytes sent to one host that nobody could read."""

    host: str
    exchanges: Count
    bytes: Count


class ScanJson(TypedDict):
    """What `hometruth scan CAPTURE --canaries FILE --json` prints."""

    exchanges: Count
    findings: list[FindingJson]
    answers_searched: bool
    known_to_receiver: list[KnownToReceiverJson]
    phantoms_sighted: Annotated[
        int, Meta(ge=0, description="Values never planted that were found: above 0, trust no finding.")
    ]
    opaque: list[OpaqueJson]
    gaps: list[GapJson]


class TotalsJson(TypedDict):
    """Sums over all that was scanned."""

    exchanges: Count
    findings: Count
    phantoms_sighted: Count
    gaps: Count
    opaque: list[OpaqueJson]


class SummaryLineJson(TypedDict):
    """The last line of a scan."""

    summary: TotalsJson


class KnownFieldJson(TypedDict):
    """A value that a known endpoint was sent, and why it is believed to be of this kind."""

    capture: str
    entry: Entry
    adapter: str
    company: str
    kind: str
    part: str
    path: str
    value: Annotated[str, Meta(description="Masked, without --reveal.")]
    reason: str
    recipient: str


class ContactedJson(TypedDict):
    """One host that was sent something."""

    host: str
    organisation: str | None
    domain: str
    party: Party
    sdks: Annotated[list[str], Meta(description="Recognised by protocol.")]
    service: str | None
    requests: Count
    sent_bytes: Count
    read_bytes: Count
    opaque_bytes: Count
    dropped: Annotated[int, Meta(ge=0, description="Bodies that the recorder did not keep.")]
    refused: Annotated[int, Meta(ge=0, description="Connections that were not opened.")]
    kinds: Annotated[list[str], Meta(description="Of data that it was sent, where its endpoints are known.")]
    first_seen: Utc | None
    behind: Annotated[str | None, Meta(description="Domain that its name leads on to (CNAME).")]
    behind_organisation: str | None


class AskedJson(TypedDict):
    """A question to a resolver."""

    name: str
    kind: Annotated[str, Meta(description="Type of record asked for.")]
    resolver: str
    at_ns: AtNs | None
    aliases: Annotated[list[str], Meta(description="Names that the answer leads on to.")]
    answered: bool
    times: Times
    sent_by: Annotated[str | None, Meta(description="App, where it is known.")]
    trial: str | None


class ContactsJson(TypedDict):
    """What `hometruth scan CAPTURE --json` prints without canaries."""

    exchanges: Count
    exchanges_known: Annotated[int, Meta(ge=0, description="To endpoints whose fields are known.")]
    recipients: list[ContactedJson]
    fields: list[KnownFieldJson]
    names: list[AskedJson]
    gaps: list[GapJson]


class ContactedLineJson(TypedDict):
    """One host that was sent something, on a line."""

    contacted: ContactedJson


class AskedLineJson(TypedDict):
    """A question to a resolver, on a line."""

    asked: AskedJson


class BodiesJson(TypedDict):
    """Requests by what was recorded of their body."""

    present: Count
    empty: Count
    absent: Annotated[int, Meta(ge=0, description="Not kept by the recorder.")]
    undecodable: Annotated[int, Meta(ge=0, description="No layer opens them; a Content-Encoding is named.")]
    opaque: Annotated[int, Meta(ge=0, description="No layer opens them.")]


class MessagesJson(TypedDict):
    """Of WebSockets."""

    sent: Count
    received: Count


class InfoJson(TypedDict):
    """What `hometruth info CAPTURE… --json` prints of one recording, on a line."""

    file: str
    format: str
    recorder: Annotated[str | None, Meta(description="Program and version, as the recording says.")]
    first: Utc | None
    last: Utc | None
    exchanges: Count
    hosts: Count
    requests_by_host: dict[str, Count]
    protocols: dict[str, Count]
    bodies: BodiesJson
    websockets: Annotated[int, Meta(ge=0, description="Exchanges with WebSocket messages.")]
    messages: MessagesJson
    apps: Annotated[dict[str, Count], Meta(description="Requests by sender, where it is known.")]
    names: Annotated[
        dict[str, list[str]], Meta(description="Asked of resolvers, each with what it leads on to.")
    ]
    gaps: dict[str, Count]
    drops: Annotated[list[str], Meta(description="What its recorder is known to leave out.")]
    looked_into: Annotated[list[str], Meta(description="What its recorder was told to look into.")]


class WrittenTableJson(TypedDict):
    """What `hometruth export CAPTURE… --parquet FILE --json` prints."""

    table: str
    exchanges: Count
    gaps: Count
    unreadable: Annotated[int, Meta(ge=0, description="Recordings that could not be read.")]


class FleetJson(TypedDict):
    """What `hometruth fleet --json` prints."""

    inputs: Annotated[dict[str, Count], Meta(description="By what became of them.")]
    done_before: Count
    exchanges: Count
    searched_bytes: Count
    unread_bytes: Count
    phantoms_sighted: Count
    findings: Annotated[dict[str, Count], Meta(description="By what they prove.")]


class SentFieldJson(TypedDict):
    """Something in one field sent to one recipient under one condition."""

    recipient: Annotated[str, Meta(description="Host; {canary} stands for a canary's value in it.")]
    organisation: str | None
    part: str
    path: Annotated[
        str,
        Meta(description="Field; [*] stands for numbers in lists, {canary} and {kind} for values in names."),
    ]
    condition: ConditionJson
    ruling: Ruling
    why: Annotated[str, Meta(description="The reason in the policy; a waiver's owner and end.")]
    fingerprint: Digest32
    chain: Chain
    delivered: Delivery
    clear: Annotated[bool, Meta(description="It went without TLS.")]
    times: Times
    capture: str
    entry: Entry
    line: Annotated[int, Meta(ge=1)] | None


class TransferJson(SentFieldJson):
    """One canary in one field sent to one recipient under one condition."""

    canary: str
    kind: str
    form: Annotated[str, Meta(description="Spelling or digest.")]
    tells: Annotated[Tells, Meta(description="How much of the value arrived, at most.")]
    evidence_bits: float


class UnnamedJson(SentFieldJson):
    """Personal data that nobody named, by its form or its field: no proof, as a planted value is."""

    kind: PersonalKind
    category: PersonalCategory
    shown: Annotated[str, Meta(description="The first value, masked; empty for a connection.")]
    values: Annotated[int, Meta(ge=0, description="Different ones.")]
    clues: Annotated[list[Clue], Meta(description="What speaks for it.")]
    party: Annotated[Party, Meta(description="Of the recipient.")]


class GateRecipientJson(TypedDict):
    """A host that requests went to, whatever they held."""

    host: Annotated[str, Meta(description="{canary} stands for a canary's value in it.")]
    domain: Annotated[str, Meta(description="Registrable.")]
    organisation: str | None
    party: Party
    requests: Times


class ControlJson(TypedDict):
    """A canary that has to arrive."""

    canary: str
    to: Annotated[list[str], Meta(min_length=1)]
    seen_at: Annotated[list[str], Meta(description="Hosts that got it.")]
    missing: Annotated[
        list[ConditionJson],
        Meta(description="Conditions under which it had to arrive, and did not: the control failed."),
    ]


class ObstacleJson(TypedDict):
    """Why a gate without leaks does not pass."""

    kind: ObstacleKind
    about: str
    under: ConditionJson
    seen: float
    limit: float
    detail: str


class SightJson(TypedDict):
    """What the gate could see."""

    exchanges: Count
    sent_bytes: Count
    opaque_bytes: Count
    media_bytes: Annotated[
        int, Meta(ge=0, description="Images and the like: not looked into, and no part of the share.")
    ]
    opaque_share: Share
    empty: Annotated[list[str], Meta(description="Captures that hold no request.")]
    gaps: dict[str, Times]


class BaselineJson(TypedDict):
    """Leaks that were there before."""

    known: Count
    gone: Annotated[list[Digest32], Meta(description="None where too little was seen to say so.")]


class GateJson(TypedDict):
    """What `hometruth gate --json` prints."""

    schema: Literal["hometruth-gate-1"]
    outcome: Annotated[
        GateOutcome,
        Meta(
            description="passed: exit code 0; leaked: 1; unable: 2, no leak was found and it cannot be said "
            "that there is none."
        ),
    ]
    policy: Annotated[str, Meta(description="Path of the policy; empty without one.")]
    captures: list[str]
    canaries: Annotated[list[str], Meta(description="Names of all that was looked for.")]
    counts: Annotated[dict[str, Times], Meta(description="How many transfers of each ruling.")]
    transfers: list[TransferJson]
    unnamed: Annotated[list[UnnamedJson], Meta(description="No canary is among it.")]
    recipients: list[GateRecipientJson]
    controls: list[ControlJson]
    obstacles: list[ObstacleJson]
    coverage: SightJson
    baseline: BaselineJson


class PlantedJson(TypedDict):
    """A planted value in what left."""

    id: str
    kind: CanaryKind
    form: str
    part: Part
    path: str
    chain: Chain


class DonePlantedJson(TypedDict):
    """A value that was planted by what was done."""

    id: str
    kind: CanaryKind
    value: str


Record = Annotated[
    dict[str, str],
    Meta(description="One record of a known protocol: its name, and every field by its path."),
]


class LeftJson(TypedDict):
    """A request that left."""

    what: Literal["left"]
    at_ns: AtNs | None
    method: str
    url: str
    host: str
    organisation: str | None
    status: int | None
    error: str | None
    sdk: str | None
    chain: Chain
    records: list[Record]
    fields: Annotated[
        list[Annotated[list[str], Meta(min_length=2, max_length=2)]],
        Meta(description="Path and value, where no record was recognised."),
    ]
    planted: list[PlantedJson]
    is_the_action: bool
    opaque_bytes: Count


class DoneJson(TypedDict):
    """Something that was done."""

    what: Literal["done"]
    at_ns: AtNs
    text: str
    condition: ConditionJson | None
    planted: list[DonePlantedJson]


class WatchGapJson(TypedDict):
    """Something of the recording that could not be read."""

    what: Literal["gap"]
    kind: GapKind
    where: str
    detail: str


class StampJson(TypedDict):
    """What a token of a time-stamping authority says, and who vouches for it."""

    at: Annotated[str, Meta(description="UTC, by the authority's clock; empty if it was not looked at.")]
    authority: Annotated[str, Meta(description="SHA-256 of the certificate that signed it.")]
    named: Annotated[bool, Meta(description="It was held against certificates given.")]
    agreed: Annotated[list[str], Meta(description="Programs that found it good.")]
    others: Annotated[dict[str, str], Meta(description="Program to why it did not, or could not be asked.")]


class CheckedJson(TypedDict):
    """What `hometruth claims check` says of one file."""

    file: str
    claims: Annotated[int, Meta(ge=0)]
    propositions: Annotated[int, Meta(ge=0)]
    error: Annotated[str, Meta(description="What is wrong with it; empty if nothing is.")]


class VerifiedJson(TypedDict):
    """What `hometruth verify CASE --json` prints."""

    unbroken: bool
    broken: Annotated[str, Meta(description="The first broken thing; empty if there is none.")]
    signer: Digest64
    sealed_before: Annotated[bool, Meta(description="False if it was labelled afterwards, or is broken.")]
    key_named: Annotated[bool, Meta(description="--key said whose signature it must be.")]
    unchecked: Annotated[list[str], Meta(description="Folders in it that no seal covers.")]
    annexes: Annotated[dict[str, Digest64], Meta(description="Name to the key that signed it.")]
    erased: Annotated[dict[str, Digest64], Meta(description="Path in the bag to what was there.")]
    stamp: StampJson | None


class LeftOutJson(TypedDict):
    """Something that the twin does not hold."""

    where: str
    why: str
    size_bytes: Count


class ChangedJson(TypedDict):
    """A verdict that the twin no longer carries as the case does."""

    claim: str
    proposition: str
    condition: str
    in_case: str
    in_twin: str


class TwinJson(TypedDict):
    """What `hometruth redact RECORDING --json` prints; no removed value is in it."""

    replaced: Annotated[int, Meta(ge=0, description="Values.")]
    sought: Annotated[int, Meta(ge=0, description="Of them, searched for in every form afterwards.")]
    exchanges: Count
    searched_bytes: Count
    opaque_bytes: Count
    left_out: list[LeftOutJson]


class CaseTwinJson(TwinJson):
    """What `hometruth redact CASE --json` prints, and `redaction.json` of the twin holds."""

    redacted_twin_of: Annotated[str, Meta(description="Digest of the case.")]
    says: str
    verdicts: Count
    verdicts_changed: list[ChangedJson]


class ValueJson(TypedDict):
    """One value: text if it is UTF-8, else hexadecimal digits."""

    parent: Annotated[int, Meta(ge=-1, description="Position of the value around it; -1: none.")]
    path: str
    chain: Chain
    size_bytes: Count
    text: NotRequired[str]
    hex: NotRequired[str]


class PeeledJson(TypedDict):
    """What `hometruth peel --json` prints."""

    values: Annotated[list[ValueJson], Meta(description="What is around others first.")]
    opaque_bytes: Count
    gaps: list[PlaceGapJson]


class CanaryJson(TypedDict):
    """What `hometruth plant --json` prints on each line: one record of a file of canaries."""

    id: str
    kind: CanaryKind
    value: str
    bits: float
    cell: Annotated[str | None, Meta(description="Session that it is for.")]
    phantom: bool
    first_party: list[str]
    personal: bool
    address: str
    path_length: Count
    address_bits: float
    mode: NotRequired[str]
    note: NotRequired[str]
    planted_at: NotRequired[Utc]


class FoundDigestJson(TypedDict):
    """A digest of one of the tester's own values."""

    kind: str
    spelling: str
    algorithm: str
    where: str
    times: Times


class CostJson(TypedDict):
    """What finding a value from its digest costs a stranger: seconds for all guesses."""

    kind: str
    what: str
    guesses: float
    algorithm: str
    here_s: float
    gpu_s: float


class DigestsJson(TypedDict):
    """What `hometruth digests --json` prints."""

    found: list[FoundDigestJson]
    gaps: list[PlaceGapJson]
    stranger: list[CostJson]
    demonstration: Sweep | None


class RandomPointsJson(TypedDict):
    """Whom points drawn at random single out."""

    value: Share
    low: Share
    high: Share
    exact: Annotated[bool, Meta(description="Every choice was looked at.")]
    all_people: Share


class StartJson(TypedDict):
    """Whom the first points of a session single out."""

    value: Share
    eligible: Count
    median_holders: Annotated[float, Meta(ge=0)]


class RarestJson(TypedDict):
    """Whom the rarest points single out."""

    value: Share


class UnicityJson(TypedDict):
    """What `hometruth unicity --json` prints: shares are 0 to 1, keys are numbers of points."""

    people: Count
    items: Count
    eligible: Annotated[dict[Number, Count], Meta(description="People who have so many points.")]
    random: dict[Number, RandomPointsJson]
    session_start: Annotated[
        dict[Number, StartJson] | None, Meta(description="null: the table has no times.")
    ]
    rarest: dict[Number, RarestJson]
    point_of_their_own: Share
    sets_of_their_own: Count
    different_sets: Count
    population_curve_4: Annotated[dict[Number, Share], Meta(description="By number of people.")]
    draws: Annotated[int, Meta(ge=0, description="A person.")]


class ScoreJson(TypedDict):
    """How often one way of scoring puts the two halves of a person together."""

    rank1: Share
    right: Count
    low: Share
    high: Share
    rank5: Share
    answered_at_95: Share
    right_when_answered: Share | None
    open_set: Share | None


class OneSessionJson(TypedDict):
    """How often one single session is put back."""

    rank1: Share
    sessions: Count


class BoardJson(TypedDict):
    """How often a few points, some of them wrong, are put to the right person."""

    points: Count
    wrong: Count
    people_tried: Count
    traces_tried: Count
    rank1: Share
    answered: Share
    right_when_answered: Share | None


class RelinkJson(TypedDict):
    """What `hometruth relink --json` prints: rates only, 0 to 1."""

    people: Count
    probes: Count
    chance: Annotated[float, Meta(ge=0, le=1, description="What guessing gives.")]
    split: Literal["halves", "coin"] | None
    scores: dict[str, ScoreJson]
    population_curve: dict[Number, Share]
    one_session: dict[str, OneSessionJson] | None
    few_events: dict[Number, dict[str, Share]] | None
    scoreboard: list[BoardJson]


class MetadataJson(TypedDict):
    """What `hometruth metadata --json` prints."""

    columns: list[str]
    people: Count
    groups: Annotated[int, Meta(ge=0, description="Different values.")]
    bits: float
    unique: Annotated[float, Meta(ge=0, le=1, description="People alone with their value.")]
    in_small_groups: Annotated[
        float, Meta(ge=0, le=1, description="People with fewer than four others alike.")
    ]
    median_k: float
    expected_k: float
    bits_added_up: float
    unique_if_independent: Share
    among: Annotated[int, Meta(ge=0, description="People to speak of.")]
    own: Annotated[Crowd | None, Meta(description="Among how many the tester's own values leave them.")]


class SessionJson(TypedDict):
    """One session that was compared."""

    id: str
    device: str
    phase: Phase
    day: float | None


class KnownValueJson(TypedDict):
    """One of the tester's own values, and in which form."""

    name: str
    form: str


class DocumentedJson(TypedDict):
    """What a document says of a code."""

    names: Names
    says: str
    source: str


class HintJson(TypedDict):
    """What the name of a field usually stands for."""

    says: str
    source: str


class KeptJson(TypedDict):
    """How often it was kept, of how often that was asked."""

    kept: Count
    asked: Count


class LifetimeJson(TypedDict):
    """What it outlived."""

    ends_with: str | None
    survived: dict[Phase, KeptJson]
    incognito: KeptJson
    between_incognito: KeptJson


class PlaceJson(TypedDict):
    """One field in which an identifier stands."""

    app: str
    host: str
    path: str
    kind: IdentifierKind
    kind_known_from: Basis
    lifetime: LifetimeJson
    sessions: list[str]
    evidence: Annotated[list[str], Meta(description="Exchanges that carried it.")]


class RotationJson(TypedDict):
    """Whether it is renewed as was promised."""

    promised_days: float
    days: list[float]
    longest_gap_days: float
    oldest_days: float
    asked: bool
    outlives: bool
    renewed_after_gap: Annotated[bool | None, Meta(description="null: nobody tried.")]


class CodeJson(TypedDict):
    """One identifier."""

    kind: IdentifierKind
    certain: bool
    known: list[KnownValueJson]
    kind_known_from: Basis
    documented: DocumentedJson | None
    not_the_devices: bool
    sent_once: bool
    receivers: list[str]
    hosts: list[str]
    apps: list[str]
    values: Annotated[list[str], Meta(description="Masked, without --reveal.")]
    devices: list[str]
    places: list[PlaceJson]
    lifetime: LifetimeJson
    rotation: RotationJson | None
    text: str


class UndecidedPlaceJson(TypedDict):
    """One field in which a code stands."""

    app: str
    host: str
    path: str
    sessions: list[str]
    evidence: list[str]


class UndecidedJson(TypedDict):
    """A code of which it cannot be told whether it is an identifier."""

    reason: UndecidedReason
    open: bool
    documented: DocumentedJson | None
    hint: HintJson | None
    receivers: list[str]
    hosts: list[str]
    values: list[str]
    places: list[UndecidedPlaceJson]
    text: str


class OpenTieJson(TypedDict):
    """An undecided code that would join much if it is an identifier."""

    in_both_windows: bool
    receivers: list[str]
    text: str


class LinkJson(TypedDict):
    """Two things that a receiver can join."""

    kind: LinkKind
    between: Annotated[list[str], Meta(min_length=2, max_length=2)]
    receivers: list[str]
    devices: Count
    certain: bool
    exchange: str | None
    text: str


class UnreadJson(TypedDict):
    """What the answer leaves out, by host."""

    opaque_bytes: dict[str, Count]
    dropped_bodies: dict[str, Count]
    never_seen: dict[str, Count]
    long_values: Count
    other_gaps: Count


class IdentifiedJson(TypedDict):
    """What `hometruth identify --json` prints."""

    comparison: ComparisonKind
    records: Count
    sessions: list[SessionJson]
    identifiers: list[CodeJson]
    undecided: list[UndecidedJson]
    open_ties: list[OpenTieJson]
    sent_once: Count
    links: list[LinkJson]
    joined: Annotated[list[list[str]], Meta(description="Sessions that a receiver can join.")]
    unread: UnreadJson
    limits: list[str]


ReasonJson = Annotated[
    dict[str, Any],
    Meta(
        description="A kind with its facts: numbers, texts, lists, or further reasons.",
        extra_json_schema={
            "additionalProperties": True,
            "required": ["kind"],
            "properties": {"kind": {"type": "string", "pattern": "^[a-z-]+$"}},
        },
    ),
]


class BoundJson(TypedDict):
    """What silence leaves possible."""

    unit: Annotated[str, Meta(extra_json_schema={"enum": ["actions", "sessions", "installations"]})]
    n: Annotated[int, Meta(ge=0, description="Watched.")]
    missing: Annotated[
        int, Meta(ge=0, description="Without a valid result; each counts as one that does otherwise.")
    ]
    percent: Percent


class ExplanationJson(TypedDict):
    """A verdict explained."""

    plain: str
    proof: str
    objection: str
    answer: str
    check: list[str]


class RoomJson(TypedDict):
    """Whether what could not be read had room for a message."""

    leak: str
    size_bytes: float | None
    sessions_with_room: Count
    bound_percent: Percent


class EffectJson(TypedDict):
    """What the traffic to one endpoint depends on; null stands for what no number holds."""

    endpoint: str
    vendor: bool
    condition: ConditionJson
    rung: Rung
    pairs: Count
    planned_pairs: Count
    wins: Count
    untied: Count
    e_value: float | None
    threshold: float | None
    barcode_p: float | None
    barcode_level: float | None
    barcode_trial: str | None
    content_pairs: Count
    content_e_value: float | None
    content_threshold: float | None
    content_follow_p: float | None
    content_follow_level: float | None
    treated_bytes: Count
    per_planted_byte: Annotated[list[float | None], Meta(min_length=3, max_length=3)] | None
    sessions: Count
    room: list[RoomJson]
    lost_treated: Count
    lost_control: Count
    objections: list[str]


class VerdictJson(TypedDict):
    """One verdict: on one proposition under one condition."""

    format: Literal[2]
    claim: str
    proposition: str
    reading: ReadingKind
    condition: Annotated[dict[str, str], Meta(description="Empty: the proposition as a whole.")]
    verdict: VerdictKind
    bound_percent: Annotated[
        Percent | None,
        Meta(
            description="With 95 % confidence at most this share does otherwise, rounded up; null where "
            "nothing bounds it."
        ),
    ]
    findings: Count
    trials: Annotated[int, Meta(ge=0, description="Sessions that speak to it.")]
    subject_kind: Annotated[str, Meta(extra_json_schema={"enum": ["simulated", "real"]})]
    in_scope: Annotated[
        bool, Meta(description="False: another version or product than the statement is about.")
    ]
    why: Annotated[str, Meta(description="The reasons as one sentence.")]
    reasons: list[ReasonJson]
    effects: list[EffectJson]
    bounds: list[BoundJson]
    explanation: ExplanationJson | None


class SignalJson(TypedDict):
    """One thing that a session sends or does not send."""

    kind: SignalKind
    recipient: str
    what: str


class ChangeJson(TypedDict):
    """How one signal differs under one condition that both sides share."""

    signal: SignalJson
    direction: Direction
    series: str
    condition: ConditionJson
    seen_a: Count
    n_a: Annotated[int, Meta(ge=0, description="Installations; sessions, where each has its own.")]
    seen_b: Count
    n_b: Count
    p_value: Annotated[float, Meta(ge=0, le=1, description="Fisher's exact test, two-sided.")]
    settled: bool


class SideJson(TypedDict):
    """One of the two sides."""

    name: str
    subject: str
    where: Annotated[dict[str, str], Meta(description="Levels it was narrowed to.")]
    sessions: Count
    lost: Annotated[int, Meta(ge=0, description="Planned, without a valid result.")]
    read_bytes: Count
    opaque_bytes: Count


class VerdictChangeJson(TypedDict):
    """A proposition as a whole that is judged otherwise."""

    a: VerdictJson
    b: VerdictJson


class ComparisonJson(TypedDict):
    """What `hometruth compare A B --json` prints."""

    a: SideJson
    b: SideJson
    same_run: bool
    alpha: Annotated[float, Meta(description="Chance of calling anything settled if nothing differs.")]
    n_tests: Count
    changes: Annotated[list[ChangeJson], Meta(description="All that was tested, settled ones first.")]
    only_a: Annotated[list[str], Meta(description="Conditions without a counterpart.")]
    only_b: list[str]
    bare: Annotated[bool, Meta(description="A side is a recording of which nobody said what it is.")]
    labelled_by: str
    verdicts: list[VerdictChangeJson]


ReceivedEvent = Annotated[
    dict[str, Any],
    Meta(
        extra_json_schema={
            "additionalProperties": True,
            "required": ["_server"],
            "properties": {
                "_server": {
                    "type": "object",
                    "description": "What the collector added.",
                    "required": ["id", "received_ns", "project", "path"],
                    "additionalProperties": False,
                    "properties": {
                        "id": {"type": "integer", "minimum": 1},
                        "received_ns": {"type": "integer"},
                        "project": {"type": "string"},
                        "path": {"type": "string"},
                    },
                }
            },
        },
    ),
]
"""An event as its SDK sent it, and what the collector added."""
