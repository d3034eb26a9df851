"""One pass over a recording: what each exchange says is noted where it is peeled, and added up here."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from hometruth.audit.crew import examined
from hometruth.audit.examine import Examined
from hometruth.audit.identify import Traces, sessions_of_trials
from hometruth.audit.observer import Noted, Observer
from hometruth.audit.paired import Flow
from hometruth.audit.question import Question
from hometruth.audit.scanner import Scanner
from hometruth.canaries import Across
from hometruth.comparison import SignalBook
from hometruth.coverage import CoverageTable
from hometruth.findings import (
    MARK,
    NO_TRIAL,
    derived_texts,
)
from hometruth.identity import IdentifierRegister
from hometruth.model import (
    Canary,
    Condition,
    Contact,
    Exchange,
    ExpectedFlow,
    Gap,
    Recipient,
    Sender,
    Sighting,
    TrialStatus,
    is_own_site,
)
from hometruth.peel import decoded_answer
from hometruth.recipients import (
    AskedBook,
    Pages,
    receiver_of,
    registrable_domain,
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
    names: AskedBook = field(default_factory=AskedBook)
    """What was asked of resolvers."""
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
    across: Across = field(default_factory=Across)

    def searched_for(self, sighting: Sighting) -> int:
        """Bytes in which chance could have put it: those of its session, if it was met there, else all."""
        recorded_in = self.recorded_in.get(sighting.exchange.id)
        own = recorded_in is not None and recorded_in == sighting.canary.cell
        return self.searched_in[recorded_in] if recorded_in and own else self.searched_bytes


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
        answers_of=question.subject.held,
    )
    in_pairs = frozenset(trial.id for trial in question.trials if trial.arm is not None)
    ran = sessions_of_trials(question.trials)
    domains = tuple(_shared_domains(question.expected))
    observer = Observer(question.subject.held, ran, in_pairs, domains, with_signals=book is not None)
    conditions = {trial.id: trial.condition for trial in question.trials}
    seen = Seen(across=Across(receiver_of, scanner.wanted))
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
    seen.names.add(own)
    seen.sightings.extend(replace(sighting, exchange=own) for sighting in examined.sightings)
    if examined.sightings or seen.pages.may_matter(exchange):
        seen.pages.add(exchange, decoded_answer(exchange))
    seen.answers.extend(examined.answers)
    seen.answer_bytes += examined.answer_bytes
    seen.across.add((replace(part, exchange=own) for part in examined.parts), examined.n_values)
    seen.across.add_characters(examined.characters, own)
    seen.gaps.extend(examined.gaps)
    seen.searched_bytes += examined.searched_bytes
    if exchange.trial:
        seen.searched_in[exchange.trial] += examined.searched_bytes
        if examined.sightings:
            seen.recorded_in[exchange.id] = exchange.trial
    if noted.flow is not None:
        seen.flows.append(noted.flow)


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
