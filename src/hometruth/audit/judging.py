"""The analysis: observe the recording, attribute what was found, judge the claims."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import replace
from math import inf

from hometruth.audit.identify import Compared, compare_installations
from hometruth.audit.observe import Seen, observe
from hometruth.audit.paired import Flow, effects_of, unopened, with_recorded_visits
from hometruth.audit.question import Question
from hometruth.canaries import bits_of, weigh
from hometruth.claims import Evidence, doubts_at, doubts_of_the_run, judge
from hometruth.findings import attribute, receipts
from hometruth.model import (
    TESTERS_MARK,
    Audit,
    Contact,
    Effect,
    Exchange,
    Gap,
    GapKind,
    Identifier,
    Proof,
    Trial,
    Verdict,
    is_within,
)
from hometruth.peel import Layer, replay
from hometruth.recipients import is_of, load_organisations
from hometruth.report import Run, in_words


def audit(recording: Iterable[Exchange | Gap], question: Question, *, jobs: int | None = None) -> Audit:
    """Peel, search, attribute, judge: from a recording to verdicts, each stage in turn.

    Args:
        jobs: Processes that peel and search; as many as there are cores by default.
    """
    return conclude(observe(recording, question, jobs=jobs), question)


def conclude(seen: Seen, question: Question) -> Audit:
    """From what was seen to verdicts."""
    trials = with_recorded_visits(question.trials, question.canaries, seen.visited)
    sightings = weigh(
        seen.sightings,
        seen.searched_bytes,
        searched_for=seen.searched_for,
        n_canaries=sum(not canary.phantom for canary in question.canaries),
    )
    findings = attribute(
        [item for item in sightings if not item.canary.phantom],
        trials,
        question.expected,
        recipients=seen.recipients,
        senders=seen.senders,
        initiator_of=seen.pages.initiator_of,
    )
    known = receipts(
        [item for item in weigh(seen.answers, seen.answer_bytes) if not item.canary.phantom],
        seen.sightings,
        seen.recipients,
    )
    phantoms = {item.canary.id for item in sightings if item.canary.phantom}
    compared = compare_installations(seen.traces)
    closed = _left_closed((*seen.gaps, *question.connections), question)
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
        receipts=known,
        unfinished=question.unfinished,
        labelled_by=question.labelled_by,
        not_looked_into=closed,
        unasked=_unasked((*seen.gaps, *question.connections), closed, question),
    )
    run = Run(
        question.subject,
        question.window,
        evidence.phantoms_sighted,
        question.labelled_by,
        question.recordings,
    )
    verdicts = in_words(judge(question.claims, evidence), question.claims, run)
    return Audit(
        subject=question.subject,
        claims=question.claims,
        verdicts=verdicts,
        findings=evidence.findings,
        proofs=tuple(_proofs(verdicts, question.layers)),
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
        receipts=evidence.receipts,
        canaries=tuple(canary for canary in question.canaries if not canary.phantom),
        names=seen.names.names(),
        looked_into=question.looked_into,
        labelled_by=question.labelled_by,
        doubts=doubts_of_the_run(evidence),
        doubts_at=doubts_at(evidence),
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
        return is_of(host, question.subject.held, organisations)

    closed = [gap for gap in (*seen.gaps, *question.connections) if gap.exchange is None and gap.host]
    flows = [*seen.flows, *(Flow(unopened(gap), is_vendor(gap.host or "")) for gap in closed)]
    return tuple(
        effect
        for pairing in question.pairings
        for effect in effects_of(pairing, trials, question.canaries, flows, is_vendor=is_vendor)
    )


def _was_planted(question: Question) -> Iterator[bool]:
    """For each canary, whether anybody planted it: a phantom, a known value, a lost session's and a
    tester's mark were not."""
    acted = {
        action.canary
        for trial in question.trials
        for action in trial.actions
        if action.action != TESTERS_MARK
    }
    for canary in question.canaries:
        yield not canary.phantom and not canary.personal and (canary.cell is None or canary.id in acted)


def _left_closed(gaps: Iterable[Gap], question: Question) -> frozenset[str]:
    """Hosts that the plan did not open, but for the vendor's: of those, silence would prove nothing."""
    organisations = load_organisations()
    hosts = {gap.host for gap in gaps if gap.kind is GapKind.NOT_LOOKED_INTO and gap.host}
    return frozenset(host for host in hosts if not is_of(host, question.subject.held, organisations))


def _unasked(gaps: Iterable[Gap], closed: Set[str], question: Question) -> frozenset[str]:
    """Hosts left closed in sessions before anybody was asked about them, where somebody was to be."""
    asked = question.asked_about
    if asked is None:
        return frozenset()
    came = ((gap.host, gap.at_ns or 0) for gap in gaps if gap.trial and gap.host in closed)
    return frozenset(host for host, at_ns in came if host and at_ns < asked.get(host, inf))


def _sinkholed(contacts: Iterable[Contact], question: Question) -> bool:
    """True if a host of the vendor was answered by the recorder instead of a real server.

    The server that a route leads to is the simulated vendor's own; a real vendor's it can never be.
    """
    hosts = {contact.recipient.host for contact in contacts if contact.recipient.vendor_controlled}
    if question.labelled_by:  # who answered was not noted, and silence clears nobody there in any case
        return False
    if question.zones:
        answered = {host for host in hosts if any(is_within(host, zone) for zone in question.zones)}
        hosts = answered | (hosts & question.routed)
    own = question.routed if question.subject.kind == "simulated" else frozenset()
    return bool(hosts - own)


def _proofs(verdicts: Iterable[Verdict], layers: Sequence[Layer]) -> Iterator[Proof]:
    """The shortest proof of each contradicted proposition, once."""
    told: dict[tuple[str, str], list[Verdict]] = defaultdict(list)
    for row in verdicts:
        if row.sighting and not row.condition.levels:
            told[row.sighting.exchange.id, row.sighting.canary.id].append(row)
    for first, *others in told.values():
        assert first.finding is not None
        assert first.sighting is not None
        stages = replay(first.sighting.exchange, first.sighting.value, layers=layers)
        assert stages is not None, "every sighting was replayed when it was found"
        propositions = tuple(row.proposition for row in (first, *others))
        yield Proof(first.finding, first.sighting, stages, propositions)
