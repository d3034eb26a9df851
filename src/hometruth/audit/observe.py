"""One pass over a recording: what each exchange says is noted where it is peeled, and added up here."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from hometruth.audit.crew import examined
from hometruth.audit.examine import Examined
from hometruth.audit.identify import Traces, session_in, sessions_of_trials
from hometruth.audit.paired import Flow, is_own_site, sent_in
from hometruth.audit.question import Question
from hometruth.audit.scanner import Scanner
from hometruth.canaries import Across
from hometruth.comparison import SignalBook
from hometruth.coverage import CoverageTable
from hometruth.findings import (
    MARK,
    NO_TRIAL,
    derived_texts,
    random_fields,
    session_of_value,
    sessions_of,
    shared_domain,
)
from hometruth.identity import IdentifierRegister
from hometruth.model import (
    Canary,
    Condition,
    Contact,
    Exchange,
    ExpectedFlow,
    Gap,
    RandomField,
    Recipient,
    Sender,
    Sighting,
    TrialStatus,
)
from hometruth.model.identifier import Session
from hometruth.peel import Peeled, decoded_answer
from hometruth.peel.adapters import known_endpoints
from hometruth.peel.leaves import leaves, surely_read
from hometruth.recipients import (
    Pages,
    Recognised,
    event_names,
    load_organisations,
    project_of,
    receiver_of,
    recognise_sdk,
    registrable_domain,
    resolve,
    said_in,
    sender_of,
)


@dataclass(slots=True)
class Seen:
    """What one pass over the recording collects."""

    sightings: list[Sighting] = field(default_factory=list)
    recipients: dict[str, Recipient] = field(default_factory=dict)
    senders: dict[str, Sender] = field(default_factory=dict)
    contacts: list[Contact] = field(default_factory=list)
    identifiers: IdentifierRegister = field(default_factory=IdentifierRegister)
    traces: Traces = field(default_factory=Traces)
    """Everything that the vendor, or an analytics SDK, was told: identifiers are found in it."""
    coverage: CoverageTable = field(default_factory=CoverageTable)
    gaps: list[Gap] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)
    """What was sent in paired series."""
    visited: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Canaries' own sites visited, by session."""
    pages: Pages = field(default_factory=Pages)
    """What opened pages could have caused."""
    answers: list[Sighting] = field(default_factory=list)
    """What the vendor's answers hold."""
    answer_bytes: int = 0
    searched_bytes: int = 0
    searched_in: Counter[str] = field(default_factory=Counter)
    """The same by the trial it was recorded in."""
    recorded_in: dict[str, str] = field(default_factory=dict)
    """The trial of each exchange in which something was sighted."""
    across: Across = field(default_factory=lambda: Across(receiver_of))

    def searched_for(self, sighting: Sighting) -> int:
        """Bytes in which chance could have put it: those of its session, if it was met there, else all."""
        recorded_in = self.recorded_in.get(sighting.exchange.id)
        own = recorded_in is not None and recorded_in == sighting.canary.cell
        return self.searched_in[recorded_in] if recorded_in and own else self.searched_bytes


@dataclass(frozen=True, slots=True)
class Noted:
    """What an audit keeps of the values of one exchange."""

    recipient: Recipient
    sender: Sender
    sessions: tuple[str, ...]
    """Sessions whose planted values it carries, else the one it was recorded in."""
    contacts: tuple[Contact, ...]
    identifiers: IdentifierRegister
    traces: Traces | None
    """None unless the vendor, or an analytics SDK, was told."""
    flow: Flow | None
    """None unless it was sent in a pair."""
    signals: SignalBook | None


@dataclass(frozen=True, slots=True)
class Observer:
    """Takes the notes; it is made of what it needs of the question, and so travels to other processes."""

    vendor: str
    ran: Mapping[str, Session]
    """Sessions by trial."""
    in_pairs: frozenset[str]
    """Trials that are halves of pairs."""
    domains: tuple[str, ...] = ()
    """Domains below which all pages visited lie."""
    with_signals: bool = False

    def __call__(self, examined: Examined, peeled: Peeled) -> Noted:
        """Whom the exchange told what, and in which session."""
        exchange, sightings, values = examined.exchange, examined.sightings, peeled.values
        recognised = recognise_sdk(values)
        recipient = resolve(
            exchange,
            recognised,
            vendor=self.vendor,
            organisations=load_organisations(),
            operator=known_endpoints().operator(exchange),
        )
        sender = sender_of(exchange, values)
        records = recognised.records if recognised else frozenset()
        session_of = session_of_value(exchange, sightings, records)
        sessions = sessions_of(exchange, sightings)
        identifiers = IdentifierRegister()
        identifiers.add(values, recipient, session_of)
        traces = signals = flow = None
        read = tuple(leaves(peeled)) if recipient.vendor_controlled or recipient.sdk else ()
        if recipient.vendor_controlled or recipient.sdk:
            traces = Traces()
            traces.add(
                exchange,
                peeled,
                read,
                sightings,
                recipient=recipient,
                app=sender.app or "",
                session_of=session_in(self.ran, session_of),
            )
        random: tuple[RandomField, ...] = ()
        domain = ""
        if recipient.vendor_controlled:
            found_in = {(item.value.part, item.value.path) for item in sightings}
            random = random_fields(read, found_in)
            domain = shared_domain(" ".join(text for _, text in read), self.domains)
        if self.with_signals:
            signals = SignalBook()
            signals.add(
                exchange,
                recipient,
                surely_read(peeled),
                records=records,
                opaque_bytes=peeled.opaque_bytes,
                session_of=session_of,
            )
        if exchange.trial in self.in_pairs and not is_own_site(exchange.host):
            flow = Flow(sent_in(exchange, peeled), recipient.vendor_controlled)
        contacts = tuple(
            replace(
                _contact(exchange, session, recipient, sender, recognised, peeled),
                random=random,
                domain=domain,
            )
            for session in sessions or (None,)
        )
        return Noted(recipient, sender, sessions, contacts, identifiers, traces, flow, signals)


def observe(
    recording: Iterable[Exchange | Gap],
    question: Question,
    *,
    book: SignalBook | None = None,
    jobs: int | None = None,
) -> Seen:
    """One pass over the recording. What stays in memory is what was found, and what the vendor was told.

    Args:
        book: Told of the signals of every exchange, for a comparison.
        jobs: Processes; as many as there are cores by default.
    """
    scanner = Scanner(
        tuple(_may_be_seen(question)),
        question.salts,
        n_phantoms=0,  # the canaries hold those that were sealed
        derived=derived_texts(question.canaries, question.expected),
        layers=question.layers,
        budget=question.budget,
        answers_of=question.subject.vendor,
    )
    in_pairs = frozenset(trial.id for trial in question.trials if trial.arm is not None)
    ran = sessions_of_trials(question.trials)
    domains = tuple(_shared_domains(question.expected))
    observer = Observer(question.subject.vendor, ran, in_pairs, domains, with_signals=book is not None)
    conditions = {trial.id: trial.condition for trial in question.trials}
    seen = Seen()
    for item in examined(recording, scanner, note=observer, jobs=jobs):
        if isinstance(item, Gap):
            seen.gaps.append(item)
            seen.pages.add_unopened(item.host or "")
            continue
        noted = item.noted
        assert isinstance(noted, Noted)
        _add(seen, item, noted, conditions)
        if book is not None and noted.signals is not None:
            book.update(noted.signals)
        if item.exchange.trial in in_pairs and is_own_site(item.exchange.host):
            seen.visited[item.exchange.trial or ""].add(item.exchange.host)
    seen.sightings.extend(seen.across.sightings())
    seen.gaps.extend(seen.across.gaps())
    for gap in question.connections:
        seen.pages.add_unopened(gap.host or "")
        seen.coverage.add_never_seen(gap, conditions.get(gap.trial or "", NO_TRIAL))
    return seen


def _add(seen: Seen, examined: Examined, noted: Noted, conditions: Mapping[str, Condition]) -> None:
    exchange = examined.exchange
    only = noted.sessions[0] if len(noted.sessions) == 1 else None
    own = exchange if exchange.trial in noted.sessions else replace(exchange, trial=only)
    seen.recipients[exchange.id] = noted.recipient
    seen.senders[exchange.id] = noted.sender
    seen.identifiers.update(noted.identifiers)
    if noted.traces is not None:
        seen.traces.update(noted.traces)
    seen.coverage.add_exchange(
        exchange.host,
        conditions.get(own.trial or "", NO_TRIAL),
        read_bytes=examined.read_bytes,
        opaque_bytes=examined.opaque_bytes,
        dropped=examined.dropped,
    )
    seen.contacts.extend(noted.contacts)
    seen.sightings.extend(replace(sighting, exchange=own) for sighting in examined.sightings)
    if examined.sightings or seen.pages.may_matter(exchange):
        seen.pages.add(exchange, decoded_answer(exchange))
    seen.answers.extend(examined.answers)
    seen.answer_bytes += examined.answer_bytes
    seen.across.add((replace(part, exchange=own) for part in examined.parts), examined.n_values)
    seen.gaps.extend(examined.gaps)
    seen.searched_bytes += examined.searched_bytes
    if exchange.trial:
        seen.searched_in[exchange.trial] += examined.searched_bytes
        if examined.sightings:
            seen.recorded_in[exchange.id] = exchange.trial
    if noted.flow is not None:
        seen.flows.append(noted.flow)


def _contact(
    exchange: Exchange,
    session: str | None,
    recipient: Recipient,
    sender: Sender,
    recognised: Recognised | None,
    peeled: Peeled,
) -> Contact:
    path = exchange.target.split(b"?", 1)[0].decode("utf-8", "backslashreplace")
    values = peeled.values
    return Contact(
        exchange=exchange.id,
        recipient=recipient,
        endpoint=f"{exchange.host}{path}",
        trial=session,
        recorded_in=exchange.trial,
        at_ns=exchange.started_ns,
        scheme=exchange.scheme,
        offered_tls=exchange.tls.offered if exchange.tls else (),
        records=len(recognised.records) if recognised else 0,
        read_bytes=peeled.read_bytes,
        opaque_bytes=peeled.opaque_bytes,
        sender=sender,
        project=project_of(values),
        events=event_names(recognised, values),
        delivered=exchange.delivered,
        said=said_in(recognised, values),
    )


def _shared_domains(flows: Iterable[ExpectedFlow]) -> Iterator[str]:
    """What is registered of the hosts visited, where that is the same for all pages."""
    for flow in flows:
        domain = registrable_domain(flow.host.replace(MARK, "page"))
        if flow.host.startswith(f"{MARK}.") and flow.host.endswith(f".{domain}"):
            yield domain


def _may_be_seen(question: Question) -> Iterator[Canary]:
    """The canaries without those of sessions that a stop rule made unnecessary: most of a paired plan's."""
    not_run = {trial.id for trial in question.trials if trial.status is TrialStatus.NOT_NEEDED}
    return (canary for canary in question.canaries if canary.cell not in not_run)
