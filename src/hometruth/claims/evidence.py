"""Everything a judge may look at, and nothing else: no ledger, no plan, no clock."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cached_property

from hometruth.claims.told_apart import CodeSenders, own_codes, senders
from hometruth.model import (
    DECIDING_BITS,
    Condition,
    Contact,
    CoverageRow,
    Effect,
    Finding,
    Gap,
    Identifier,
    InitiatorKind,
    Pairing,
    Reason,
    ReasonKind,
    Receipt,
    Subject,
    Trial,
    TrialStatus,
)


@dataclass(frozen=True)
class Evidence:
    """What was observed in one case."""

    subject: Subject
    trials: tuple[Trial, ...]
    """Every trial that was planned; lost ones too."""
    findings: tuple[Finding, ...]
    contacts: tuple[Contact, ...]
    identifiers: tuple[Identifier, ...]
    coverage: tuple[CoverageRow, ...]
    gaps: tuple[Gap, ...]
    phantoms_sighted: int
    sinkholed: bool
    """True if the subject's own servers were answered by the recorder."""
    window: str
    """How long each session was watched, as words for the verdict."""
    effects: tuple[Effect, ...] = ()
    """What the traffic to each endpoint depends on, for the conditions that were run in pairs."""
    pairings: tuple[Pairing, ...] = ()
    """The paired series of the run."""
    receipts: tuple[Receipt, ...] = ()
    """What the vendor's answers show that it knows, and no request that was read told it."""
    altered: tuple[str, ...] = ()
    """How the case differs from what its run left behind: who altered it could have made it say anything."""
    unfinished: bool = False
    """True if nobody can tell whether the recording is whole."""
    labelled_by: str = ""
    """Who said afterwards which session was what; empty if it was decided and sealed before."""
    not_looked_into: frozenset[str] = frozenset()
    """Hosts of others than the vendor that the plan did not open: their bytes were counted, and no more."""
    unasked: frozenset[str] = frozenset()
    """Those of them that came up in sessions before anybody was asked whether they are the app's."""
    lookalikes: tuple[Identifier, ...] = ()
    """Codes that all installations on the only device sent: the device's, or the same everywhere."""

    @cached_property
    def trial(self) -> dict[str, Trial]:
        """Trials by id."""
        return {trial.id: trial for trial in self.trials}

    @cached_property
    def cells(self) -> "tuple[Cell, ...]":
        """All trials by condition."""
        return cells_of(self.trials)

    @cached_property
    def attested(self) -> dict[str, Trial]:
        """Attested trials by id."""
        return {trial.id: trial for trial in self.trials if trial.is_attested()}

    @cached_property
    def product_used(self) -> dict[str | None, str]:
        """What was used in each attested trial whose condition names an app."""
        apps = {trial.id: trial.condition.get("app") for trial in self.attested.values()}
        return {trial: self.subject.product_of(app) for trial, app in apps.items() if app}

    @cached_property
    def sessions_with(self) -> Counter[str]:
        """Attested trials by the product used."""
        return Counter(self.product_used.values())

    @cached_property
    def attested_on(self) -> dict[tuple[str, str], tuple[Trial, ...]]:
        """Attested trials by device and installation."""
        found: dict[tuple[str, str], list[Trial]] = defaultdict(list)
        for trial in self.attested.values():
            found[trial.device, trial.installation].append(trial)
        return {place: tuple(trials) for place, trials in found.items()}

    @cached_property
    def senders(self) -> CodeSenders:
        """Who sent which identifier."""
        return senders(self.identifiers, self.attested)

    @cached_property
    def own_codes(self) -> tuple[Identifier, ...]:
        """Codes that an installation keeps and sent to the vendor, and whose name nobody had to know."""
        to_vendor = (item for item in self.identifiers if item.recipient in self.vendor_hosts)
        return own_codes(to_vendor, self.attested, self.senders)

    @cached_property
    def sent_in(self) -> dict[str, tuple[Identifier, ...]]:
        """Identifiers by the trial in which they were sent, in the order of all."""
        found: dict[str, list[Identifier]] = defaultdict(list)
        for item in self.identifiers:
            for trial in dict.fromkeys(item.trials):
                found[trial].append(item)
        return {trial: tuple(items) for trial, items in found.items()}

    @cached_property
    def vendor_hosts(self) -> frozenset[str]:
        """Hosts that the vendor is behind, of those that were contacted."""
        return frozenset(
            contact.recipient.host for contact in self.contacts if contact.recipient.vendor_controlled
        )

    @cached_property
    def telemetry(self) -> dict[str, tuple[Contact, ...]]:
        """Contacts that tell the vendor something, by trial id.

        They speak a telemetry protocol, or carry what was planted: a page in the query of a plain request is
        telemetry too, whatever it looks like.
        """
        found: dict[str, list[Contact]] = defaultdict(list)
        for contact in self.contacts:
            if contact.trial in self.trial and self.tells_vendor(contact):
                found[contact.trial].append(contact)
        return {trial: tuple(contacts) for trial, contacts in found.items()}

    @cached_property
    def retried(self) -> frozenset[str]:
        """Exchanges that repeat what another session's had said: they show nothing of their own."""
        first: dict[str, str | None] = {}
        ordered = sorted(self.contacts, key=lambda contact: contact.at_ns or 0)
        return frozenset(
            contact.exchange
            for contact in ordered
            if contact.digest and first.setdefault(contact.digest, contact.recorded_in) != contact.recorded_in
        )

    def tells_vendor(self, contact: Contact) -> bool:
        """True for telemetry to the vendor, recognised by its protocol or by what it carries."""
        return contact.recipient.vendor_controlled and (
            contact.recipient.sdk is not None or contact.exchange in self.carriers
        )

    @cached_property
    def carriers(self) -> frozenset[str]:
        """Exchanges that certainly carry a planted or known value to the vendor, unexpectedly."""
        return frozenset(
            sighting.exchange.id
            for finding in self.findings
            if _tells(finding)
            for sighting in finding.sightings
            if sighting.evidence_bits >= DECIDING_BITS
        )

    @cached_property
    def sdk_makers(self) -> frozenset[str]:
        """Who makes the analytics SDKs that were seen here: they may work for the vendor."""
        return frozenset(
            contact.recipient.sdk_maker for contact in self.contacts if contact.recipient.sdk_maker
        )

    @cached_property
    def contacts_of(self) -> dict[str, tuple[Contact, ...]]:
        """Contacts by exchange: one for each session that the exchange speaks of."""
        found: dict[str, list[Contact]] = defaultdict(list)
        for contact in self.contacts:
            found[contact.exchange].append(contact)
        return {exchange: tuple(contacts) for exchange, contacts in found.items()}

    @cached_property
    def sessions_of_stream(self) -> dict[str, frozenset[str | None]]:
        """Sessions that each stream of requests speaks of or was recorded in."""
        found: dict[str, set[str | None]] = defaultdict(set)
        for contact in self.contacts:
            found[contact.stream] |= {contact.trial, contact.recorded_in}
        return {stream: frozenset(sessions) for stream, sessions in found.items()}

    @cached_property
    def vendor_findings(self) -> dict[str, tuple[Finding, ...]]:
        """Unexpected findings at the vendor's hosts that arrived, and not from a page, by trial id."""
        found: dict[str, list[Finding]] = defaultdict(list)
        for finding in self.findings:
            if _tells(finding) and not finding.delivered.is_attempt:
                for trial in finding.trials:
                    found[trial].append(finding)
        return {trial: tuple(findings) for trial, findings in found.items()}


def _tells(finding: Finding) -> bool:
    """True if it is at the vendor, unexpectedly, and no page's doing."""
    return (
        finding.recipient.vendor_controlled
        and not finding.expected
        and finding.initiator.kind is not InitiatorKind.PAGE
    )


@dataclass(frozen=True, slots=True)
class Cell:
    """The trials of one condition, sorted by what they are worth."""

    condition: Condition
    planned: tuple[Trial, ...]
    valid: tuple[Trial, ...]
    """Run to the end, every level attested, every action observed to happen."""
    attested: tuple[Trial, ...]
    """Every level attested; a violation seen here counts even if the session broke off later."""
    missing: tuple[Reason, ...] = field(default=())
    """Why each other trial is not valid."""

    def sending(self, item: Identifier) -> list[Trial]:
        """Attested trials in which *item* was sent."""
        trials = set(item.trials)
        return [trial for trial in self.attested if trial.id in trials]


def cells_of(trials: tuple[Trial, ...]) -> tuple[Cell, ...]:
    """Group *trials* by condition, in the order of the conditions' first appearance when sorted."""
    groups: dict[Condition, list[Trial]] = defaultdict(list)
    for trial in trials:
        if trial.status is not TrialStatus.NOT_NEEDED:
            groups[trial.condition].append(trial)
    return tuple(_cell(condition, tuple(groups[condition])) for condition in sorted(groups))


def _cell(condition: Condition, planned: tuple[Trial, ...]) -> Cell:
    valid, attested, missing = [], [], []
    for trial in planned:
        if trial.is_attested():
            attested.append(trial)
        if problem := _problem(trial):
            missing.append(problem)
        else:
            valid.append(trial)
    return Cell(condition, planned, tuple(valid), tuple(attested), tuple(missing))


def _problem(trial: Trial) -> Reason | None:
    if trial.status is not TrialStatus.DONE:
        return Reason.of(ReasonKind.SESSION_LOST, session=trial.id, note=trial.note)
    if not trial.is_attested():
        return Reason.of(ReasonKind.SESSION_NOT_AS_PLANNED, session=trial.id)
    if failed := tuple(action.action for action in trial.actions if not action.happened):
        return Reason.of(ReasonKind.ACTIONS_NOT_SEEN, session=trial.id, actions=failed)
    return None
