"""The analysis: peel, search, attribute, judge. Stages meet only here and in `run.py`."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from hometruth.audit.examine import Examined, examine
from hometruth.audit.identify import Compared, Traces, compare_installations, session_in, sessions_of_trials
from hometruth.audit.paired import Flow, effects_of, is_own_site, sent_in, unopened, with_recorded_visits
from hometruth.canaries import (
    Across,
    bits_of,
    compile_search,
    weigh,
)
from hometruth.claims import Evidence, judge
from hometruth.comparison import SignalBook
from hometruth.coverage import CoverageTable
from hometruth.findings import NO_TRIAL, attribute, derived_texts, session_of_value, sessions_of
from hometruth.identity import IdentifierRegister
from hometruth.model import (
    Audit,
    Canary,
    Claim,
    Contact,
    Effect,
    Exchange,
    ExpectedFlow,
    Gap,
    Identifier,
    Pairing,
    Proof,
    Recipient,
    Sender,
    Sighting,
    Subject,
    Trial,
    TrialStatus,
    Verdict,
)
from hometruth.peel import (
    Budget,
    Memo,
    replay,
)
from hometruth.peel.adapters import known_endpoints
from hometruth.recipients import (
    Recognised,
    event_names,
    is_of,
    load_organisations,
    project_of,
    recognise_sdk,
    resolve,
    said_in,
    sender_of,
)
from hometruth.report import Run, in_words


@dataclass(frozen=True, slots=True)
class Question:
    """What an audit needs to know besides the traffic."""

    subject: Subject
    trials: tuple[Trial, ...]
    canaries: tuple[Canary, ...]
    claims: tuple[Claim, ...]
    expected: tuple[ExpectedFlow, ...] = ()
    salts: tuple[str, ...] = ()
    connections: tuple[Gap, ...] = ()
    """Connections that the recorder could not open."""
    routed: frozenset[str] = frozenset()
    """Hosts that a real server answered although nothing left the machine."""
    window: str = ""
    """How long each session was watched, as words."""
    pairings: tuple[Pairing, ...] = ()
    """Series whose sessions were run in pairs, to test what cannot be read."""
    altered: tuple[str, ...] = ()
    """How the recording differs from what the run left behind; anything forbids every verdict."""
    budget: Budget = field(default_factory=Budget)
    """Limits on examining one exchange."""


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
    searched_bytes: int = 0
    across: Across = field(default_factory=Across)


def audit(recording: Iterable[Exchange | Gap], question: Question) -> Audit:
    """Peel, search, attribute, judge: from a recording to verdicts, each stage in turn."""
    return conclude(observe(recording, question), question)


def conclude(seen: Seen, question: Question) -> Audit:
    """From what was seen to verdicts."""
    trials = with_recorded_visits(question.trials, question.canaries, seen.visited)
    sightings = weigh(seen.sightings, seen.searched_bytes)
    findings = attribute(
        [item for item in sightings if not item.canary.phantom],
        trials,
        question.expected,
        recipients=seen.recipients,
        senders=seen.senders,
    )
    phantoms = {item.canary.id for item in sightings if item.canary.phantom}
    compared = compare_installations(seen.traces)
    evidence = Evidence(
        subject=question.subject,
        trials=trials,
        findings=tuple(findings),
        contacts=tuple(seen.contacts),
        identifiers=_weighed(_identifiers(seen, compared)),
        lookalikes=_weighed(compared.lookalikes),
        coverage=seen.coverage.rows(),
        gaps=(*seen.gaps, *question.connections),
        phantoms_sighted=len(phantoms),
        sinkholed=_sinkholed(seen.contacts, question),
        window=question.window,
        effects=_effects(question, trials, seen),
        pairings=question.pairings,
        altered=question.altered,
    )
    run = Run(question.subject, question.window, evidence.phantoms_sighted)
    verdicts = in_words(judge(question.claims, evidence), question.claims, run)
    return Audit(
        subject=question.subject,
        claims=question.claims,
        verdicts=verdicts,
        findings=evidence.findings,
        proofs=tuple(_proofs(verdicts)),
        identifiers=evidence.identifiers,
        coverage=evidence.coverage,
        gaps=evidence.gaps,
        trials=trials,
        n_exchanges=len(seen.recipients),
        n_canaries=sum(_was_planted(question)),
        n_phantoms=sum(canary.phantom for canary in question.canaries),
        phantoms_sighted=len(phantoms),
        searched_bytes=seen.searched_bytes,
        effects=evidence.effects,
    )


def _weighed(identifiers: Iterable[Identifier]) -> tuple[Identifier, ...]:
    return tuple(replace(item, bits=bits_of(item.value)) for item in identifiers)


def _identifiers(seen: Seen, compared: Compared) -> Iterator[Identifier]:
    """Those in fields that are known to hold one, then those that nobody knew of."""
    named = seen.identifiers.identifiers()
    own = {_place_and_value(item) for item in compared.certain if item.is_own}
    for item in named:
        yield replace(item, is_own=_place_and_value(item) in own)
    known = {_place_and_value(item) for item in named}
    for item in compared.certain:
        if _place_and_value(item) not in known:
            yield item


def _place_and_value(item: Identifier) -> tuple[str, str, str]:
    return item.field, item.recipient, item.value.lower()


def _effects(question: Question, trials: Sequence[Trial], seen: Seen) -> tuple[Effect, ...]:
    """What each endpoint depends on, for every series that was run in pairs."""
    organisations = load_organisations()

    def is_vendor(host: str) -> bool:
        return is_of(host, question.subject.vendor, organisations)

    closed = [gap for gap in (*seen.gaps, *question.connections) if gap.exchange is None and gap.host]
    flows = [*seen.flows, *(Flow(unopened(gap), is_vendor(gap.host or "")) for gap in closed)]
    return tuple(
        effect
        for pairing in question.pairings
        for effect in effects_of(pairing, trials, question.canaries, flows, is_vendor=is_vendor)
    )


def observe(
    recording: Iterable[Exchange | Gap], question: Question, *, book: SignalBook | None = None
) -> Seen:
    """One pass over the recording. What stays in memory is what was found, and what the vendor was told.

    Args:
        book: Told of the signals of every exchange, for a comparison.
    """
    derived = derived_texts(question.canaries, question.expected)
    search = compile_search(_may_be_seen(question), question.salts, derived)
    organisations = load_organisations()
    endpoints = known_endpoints()
    memo = Memo()
    conditions = {trial.id: trial.condition for trial in question.trials}
    ran = sessions_of_trials(question.trials)
    in_pairs = {trial.id for trial in question.trials if trial.arm is not None}
    seen = Seen()
    for item in recording:
        if isinstance(item, Gap):
            seen.gaps.append(item)
            continue
        examined = examine(item, search, budget=question.budget, memo=memo)
        values = examined.peeled.values
        recognised = recognise_sdk(values)
        recipient = resolve(
            item,
            recognised,
            vendor=question.subject.vendor,
            organisations=organisations,
            operator=endpoints.operator(item),
        )
        sender = sender_of(item, values)
        seen.recipients[item.id] = recipient
        seen.senders[item.id] = sender
        records = recognised.records if recognised else frozenset()
        session_of = session_of_value(item, examined.sightings, records)
        seen.identifiers.add(values, recipient, session_of)
        if recipient.vendor_controlled or recipient.sdk:
            seen.traces.add(
                item,
                examined.peeled,
                examined.sightings,
                recipient=recipient,
                app=sender.app or "",
                session_of=session_in(ran, session_of),
            )
        if book is not None:
            opaque_bytes = examined.peeled.opaque_bytes
            book.add(
                item, recipient, values, records=records, opaque_bytes=opaque_bytes, session_of=session_of
            )
        sessions = sessions_of(item, examined.sightings)
        own = item if item.trial in sessions else replace(item, trial=_only(sessions))
        seen.coverage.add_exchange(
            item.host,
            conditions.get(own.trial or "", NO_TRIAL),
            read_bytes=examined.peeled.read_bytes,
            opaque_bytes=examined.peeled.opaque_bytes,
            dropped=examined.peeled.dropped,
        )
        seen.contacts.extend(
            _contact(item, session, recipient, sender, recognised, examined)
            for session in sessions or (None,)
        )
        seen.sightings.extend(replace(sighting, exchange=own) for sighting in examined.sightings)
        seen.across.add((replace(part, exchange=own) for part in examined.parts), len(values))
        seen.gaps.extend(examined.gaps)
        seen.searched_bytes += examined.searched_bytes
        if item.trial in in_pairs:
            if is_own_site(item.host):
                seen.visited[item.trial].add(item.host)
            else:
                seen.flows.append(Flow(sent_in(item, examined.peeled), recipient.vendor_controlled))
    seen.sightings.extend(seen.across.sightings())
    seen.gaps.extend(seen.across.gaps())
    for gap in question.connections:
        seen.coverage.add_never_seen(gap, conditions.get(gap.trial or "", NO_TRIAL))
    return seen


def _contact(
    exchange: Exchange,
    session: str | None,
    recipient: Recipient,
    sender: Sender,
    recognised: Recognised | None,
    examined: Examined,
) -> Contact:
    path = exchange.target.split(b"?", 1)[0].decode("utf-8", "backslashreplace")
    values = examined.peeled.values
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
        read_bytes=examined.peeled.read_bytes,
        opaque_bytes=examined.peeled.opaque_bytes,
        sender=sender,
        project=project_of(values),
        events=event_names(recognised, values),
        said=said_in(recognised, values),
    )


def _may_be_seen(question: Question) -> Iterator[Canary]:
    """The canaries without those of sessions that a stop rule made unnecessary: most of a paired plan's."""
    not_run = {trial.id for trial in question.trials if trial.status is TrialStatus.NOT_NEEDED}
    return (canary for canary in question.canaries if canary.cell not in not_run)


def _was_planted(question: Question) -> Iterator[bool]:
    """For each canary, whether anybody planted it: a phantom, a known value and a lost session's were not."""
    acted = {action.canary for trial in question.trials for action in trial.actions}
    for canary in question.canaries:
        yield not canary.phantom and not canary.personal and (canary.cell is None or canary.id in acted)


def _only(sessions: Sequence[str]) -> str | None:
    return sessions[0] if len(sessions) == 1 else None


def _sinkholed(contacts: Iterable[Contact], question: Question) -> bool:
    """True if a host of the vendor was answered by the recorder instead of a real server.

    The server that a route leads to is the simulated vendor's own; a real vendor's it can never be.
    """
    hosts = {contact.recipient.host for contact in contacts if contact.recipient.vendor_controlled}
    own = question.routed if question.subject.kind == "simulated" else frozenset()
    return bool(hosts - own)


def _proofs(verdicts: Iterable[Verdict]) -> Iterator[Proof]:
    """The shortest proof of each contradicted proposition, once."""
    told: dict[tuple[str, str], list[Verdict]] = defaultdict(list)
    for row in verdicts:
        if row.sighting and not row.condition.levels:
            told[row.sighting.exchange.id, row.sighting.canary.id].append(row)
    for first, *others in told.values():
        assert first.finding is not None
        assert first.sighting is not None
        stages = replay(first.sighting.exchange, first.sighting.value)
        assert stages is not None, "every sighting was replayed when it was found"
        propositions = tuple(row.proposition for row in (first, *others))
        yield Proof(first.finding, first.sighting, stages, propositions)
