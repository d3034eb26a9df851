"""Why a verdict is what it is, as data: a kind and its facts. Sentences are made of them in `report` only."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Union

Fact = Union[str, int, float, bool, None, "Reason", tuple["Fact", ...]]
"""A number, a name that was observed or declared, or another reason; never a sentence."""


class ReasonKind(StrEnum):
    """Every reason and doubt there is; what each says is in `report.reasons`, with the facts it needs."""

    # Of the whole run
    ALTERED = "altered"
    ALTERED_CASE = "altered-case"
    UNFINISHED = "unfinished"
    LABELLED = "labelled"
    OTHER_HOSTS = "other-hosts"
    UNASKED_HOSTS = "unasked-hosts"
    DAMAGED_ENTRIES = "damaged-entries"
    PHANTOMS_SIGHTED = "phantoms-sighted"
    SEARCH_INVENTS = "search-invents"
    SINKHOLED = "sinkholed"
    UNREAD_OUTSIDE = "unread-outside"
    NEVER_RECORDED = "never-recorded"

    # Of a cell: what was not read, not seen, or not run
    BODIES_NOT_RECORDED = "bodies-not-recorded"
    CONNECTIONS_UNOPENED = "connections-unopened"
    HALF_READ = "half-read"
    OPAQUE_BYTES = "opaque-bytes"
    OPAQUE_ROOM = "opaque-room"
    RECEIVER_KNOWS = "receiver-knows"
    NOT_ATTESTED = "not-attested"
    SESSION_LOST = "session-lost"
    SESSION_NOT_AS_PLANNED = "session-not-as-planned"
    ACTIONS_NOT_SEEN = "actions-not-seen"
    TOO_FEW = "too-few"
    WEAK = "weak"
    NO_SESSION = "no-session"
    NOT_TESTABLE = "not-testable"
    NO_PARTNER = "no-partner"
    ONE_INSTALLATION = "one-installation"
    NOT_DAYS_APART = "not-days-apart"
    NEVER_TWICE = "never-twice"
    ONE_POSITION = "one-position"
    NO_OTHER_PRODUCT = "no-other-product"

    # Scope, and several conditions together
    OUT_OF_SCOPE = "out-of-scope"
    SEEN_ELSEWHERE = "seen-elsewhere"
    CONTRARY_ELSEWHERE = "contrary-elsewhere"
    OTHER_LEVEL = "other-level"
    UNDATED = "undated"
    LATER = "later"
    EARLIER = "earlier"
    WORST_OF = "worst-of"
    TOGETHER = "together"

    # Who sent it
    SENT_BY_APP = "sent-by-app"
    SENT_BY = "sent-by"
    SENT_BY_PHONE = "sent-by-phone"
    ONLY_WITH_APP = "only-with-app"
    OTHER_SENDER = "other-sender"
    UNKNOWN_SENDER = "unknown-sender"
    UNKNOWN_INITIATOR = "unknown-initiator"
    EXTENSIONS_UNKNOWN = "extensions-unknown"

    # What silence is worth
    BOUND = "bound"
    WATCHED = "watched"
    STAYED_OPAQUE = "stayed-opaque"
    UNEXPLAINED = "unexplained"
    CONTROL_MISSING = "control-missing"
    CONTROL_FAILED = "control-failed"
    CONTROL_SHORT = "control-short"
    CONTROL_SENT_NOTHING = "control-sent-nothing"
    UNTRIED_ENDPOINT = "untried-endpoint"

    # Contact
    TELEMETRY_SENT = "telemetry-sent"
    SENT_IN_THE_CLEAR = "sent-in-the-clear"
    SENT_READABLE = "sent-readable"
    OFFER_UNKNOWN = "offer-unknown"
    LATE_UPLOADS = "late-uploads"
    TELEMETRY_OUTSIDE = "telemetry-outside"
    UNKNOWN_PROTOCOL = "unknown-protocol"
    UNKNOWN_OWNER = "unknown-owner"
    REQUEST_WENT = "request-went"
    REQUESTS_WENT = "requests-went"
    NO_REQUEST_WENT = "no-request-went"
    SENDING_SHOWN = "sending-shown"
    NOTHING_SENT = "nothing-sent"
    SWITCH_NOT_SEEN = "switch-not-seen"

    # Content
    ALSO_SENT = "also-sent"
    MORE_SENT_TO = "more-sent-to"
    CONTENT_TRIED = "content-tried"
    TELEMETRY_TRIED = "telemetry-tried"
    CONTENT_SENT = "content-sent"
    CONTENT_STRAYED = "content-strayed"
    DOMAIN_SENT = "domain-sent"
    DEPENDENCE_NOT_TESTED = "dependence-not-tested"
    CATEGORIES_NOT_READ = "categories-not-read"
    RECORDS_MAY_COUNT = "records-may-count"
    READABLE_TELEMETRY = "readable-telemetry"
    PRESENCE_SHOWN = "presence-shown"
    SHOWN_IN_SOME = "shown-in-some"
    PRESENCE_MISSING = "presence-missing"
    SENT_BY_OTHERS = "sent-by-others"
    OTHERS_TOO_SHORT = "others-too-short"
    TELEMETRY_ELSEWHERE = "telemetry-elsewhere"
    CANARY_ELSEWHERE = "canary-elsewhere"
    UNKNOWN_OWNERS = "unknown-owners"

    # Records as they were declared
    EVENT_UNDECLARED = "event-undeclared"
    FIELD_UNDECLARED = "field-undeclared"
    VALUE_UNDECLARED = "value-undeclared"
    MAY_SAY_ANYTHING = "may-say-anything"
    RECORDS_UNREAD = "records-unread"
    AMOUNT_VARIES = "amount-varies"
    AMOUNTS = "amounts"
    ALIKE_USE = "alike-use"
    ANSWERS_REPEATED = "answers-repeated"
    FEW_REPORTS = "few-reports"

    # Identifiers
    CODE_KEPT = "code-kept"
    CODES_NOT_COMPARABLE = "codes-not-comparable"
    CODE_OF_ACCOUNT = "code-of-account"
    CODE_LOOKALIKE = "code-lookalike"
    TOKEN_SHARED = "token-shared"  # noqa: S105 - no password
    TOKEN_COMMON = "token-common"  # noqa: S105
    TOKEN_NOT_OWN = "token-not-own"  # noqa: S105
    TOKEN_DERIVED = "token-derived"  # noqa: S105
    TOKEN_OLD = "token-old"  # noqa: S105
    TOKEN_NOT_SEEN = "token-not-seen"  # noqa: S105
    TOKEN_CHANGED = "token-changed"  # noqa: S105
    TOKEN_KEPT = "token-kept"  # noqa: S105
    TOKEN_WATCH_SHORT = "token-watch-short"  # noqa: S105
    INSTALLATIONS_WATCH_SHORT = "installations-watch-short"
    SESSIONS = "sessions"

    # Pairs of sessions
    DEPENDS = "depends"
    LENGTHS_REPEATED = "lengths-repeated"
    LARGER_IF_RANDOM = "larger-if-random"
    DOSE = "dose"
    NO_ROOM = "no-room"
    TOO_MUCH_ROOM = "too-much-room"
    ROOM_FOR = "room-for"
    DEPENDS_ONLY = "depends-only"
    LARGER_WITHOUT_DOSE = "larger-without-dose"
    PAIRED_CONTROL_MISSING = "paired-control-missing"
    NO_VENDOR_ENDPOINT = "no-vendor-endpoint"
    SPREAD = "spread"
    OTHERS_IN_GROUP = "others-in-group"
    AT_ENDPOINT = "at-endpoint"
    TRIALS_LOST = "trials-lost"
    TRIALS_LOST_UNEVENLY = "trials-lost-unevenly"
    PAIRS_NOT_RUN = "pairs-not-run"
    PAIRS_SUSPICIOUS = "pairs-suspicious"
    SPIKE_MISSED = "spike-missed"

    # Silence, one for each kind of proposition
    NONE_SENT = "none-sent"
    NONE_AT_ALL = "none-at-all"
    NO_IDENTIFIER = "no-identifier"
    ONLY_DECLARED_VALUES = "only-declared-values"
    ONLY_DECLARED = "only-declared"
    STEADY = "steady"
    STEADY_AND_DECLARED = "steady-and-declared"
    NOTHING_BEFORE_CONSENT = "nothing-before-consent"
    NOTHING_AFTER_WITHDRAWAL = "nothing-after-withdrawal"
    NO_TELEMETRY = "no-telemetry"
    ALL_PROTECTED = "all-protected"
    NONE_READABLE = "none-readable"
    NONE_WENT = "none-went"
    ALL_TO_NAMED = "all-to-named"
    NO_REPEATED_ANSWERS = "no-repeated-answers"
    ALL_KEPT = "all-kept"
    NOT_SEEN = "not-seen"
    NONE_UNLIKE_OTHERS = "none-unlike-others"
    ONE_POSITION_SILENT = "one-position-silent"
    NONE_SHARED = "none-shared"
    ALL_DIFFERENT = "all-different"
    NONE_TOO_OLD = "none-too-old"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason or doubt. Equal reasons are the same observation."""

    kind: ReasonKind
    facts: tuple[tuple[str, Fact], ...] = ()
    """Names and values, in the order given."""

    @classmethod
    def of(cls, kind: ReasonKind, **facts: Fact) -> "Reason":
        """Build from keywords."""
        return cls(kind, tuple(facts.items()))

    def plus(self, **facts: Fact) -> "Reason":
        """The same with more facts."""
        return Reason(self.kind, (*self.facts, *facts.items()))

    def as_dict(self) -> dict[str, Fact]:
        """The facts as a plain mapping."""
        return dict(self.facts)
