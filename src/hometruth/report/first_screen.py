"""What everybody sees first, on a terminal and on the page: as data, made from the audit alone.

The order is that of a reader who has ten seconds: what it did, under which settings, what had been said, one
proof, what could not be seen.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from hometruth.model import (
    Audit,
    Finding,
    Proof,
    Reason,
    ReasonKind,
    Sighting,
    Subject,
    Tells,
    TrialStatus,
    VerdictKind,
)
from hometruth.report.catalogue import _
from hometruth.report.condition_words import Setting, together, where_words
from hometruth.report.dependence import dependence_told
from hometruth.report.matrix import (
    UNREAD,
    CellMark,
    Datum,
    Matrix,
    MatrixCell,
    MatrixColumn,
    counts,
    datum_of,
    matrix_of,
    sent_findings,
)
from hometruth.report.reasons import sentence_of
from hometruth.report.sentences import SEEN_OTHERWISE, listed, plain_bound, say, servers
from hometruth.report.summary import ReadingSummary, chain_text, summaries
from hometruth.report.tables import coverage_total, gap_groups
from hometruth.report.words import (
    GAP_MEANS,
    TELLS_WORDS,
    VERDICT_SIGN,
    at_least,
    at_most,
    count,
    data_name,
    sessions_run,
)

MOST_HEADLINES = 5
MOST_THINGS = 5
"""Things that were sent, named in the first sentence."""
MOST_OTHERS = 3
"""Recipients beside the vendor that are named in the first sentences."""
SHOWN_FIRST = (
    VerdictKind.CONTRADICTED,
    VerdictKind.INCONCLUSIVE,
    VerdictKind.CONSISTENT,
)
"""Verdicts that make a headline, in this order; the others are counted."""


@dataclass(frozen=True, slots=True)
class Headline:
    """One statement with what was seen, on one line."""

    summary: ReadingSummary
    sign: str
    said: str
    """The short form of the statement, else the whole of it."""
    seen: str


@dataclass(frozen=True, slots=True)
class FirstScreen:
    """Sentences and the matrix, in the order in which they are read."""

    title: str
    head: str
    stamp: str
    """What this is about and what not; stands in every picture as well."""
    warnings: tuple[str, ...]
    lead: tuple[str, ...]
    matrix: Matrix
    headlines: tuple[Headline, ...]
    others: tuple[tuple[VerdictKind, int], ...]
    """Statements that are no headline here, counted by their verdict."""
    proof: Proof | None
    proof_told: str
    chain: str
    not_seen: tuple[str, ...]


LEFT_UNOPENED = (ReasonKind.OTHER_HOSTS, ReasonKind.UNASKED_HOSTS)
"""What every verdict says of hosts that were left unopened on purpose."""


def first_screen(audit: Audit) -> FirstScreen:
    """Everything on the first screen."""
    matrix = matrix_of(audit)
    everything = [item for item in summaries(audit) if item.is_headline]
    headlines = tuple(_headline(item) for item in _chosen(everything))
    proof = shortest_proof(audit, [item.summary for item in headlines])
    return FirstScreen(
        title=say("title", phrase=audit.subject.phrase),
        head=_head(audit),
        stamp=stamp(audit),
        warnings=tuple(_warnings(audit)),
        lead=tuple(_lead(audit, matrix)),
        matrix=matrix,
        headlines=headlines,
        others=_others(everything, headlines),
        proof=proof,
        proof_told=_proof_told(proof),
        chain=chain_text(proof.sighting) if proof else "",
        not_seen=tuple(_not_seen(audit, matrix)),
    )


def _head(audit: Audit) -> str:
    about = say("about-simulation") if audit.subject.kind == "simulated" else stamp(audit)
    if _names_whole(audit.subject):
        about = say("about-real")
    phrase = audit.subject.phrase
    return say(
        "head", phrase=phrase[:1].upper() + phrase[1:], sessions=sessions_run(audit.trials), about=about
    )


def stamp(audit: Audit) -> str:
    """What a picture says of itself, wherever it is taken: what was audited and when, or simulated."""
    versions = sorted({trial.condition.get("version") or "" for trial in audit.trials} - {""})
    subject = audit.subject
    devices = {_plain(name): name for name in (subject.device, subject.name) if name}
    where = " ".join(name for key, name in devices.items() if key != _plain(subject.product))
    run = " ".join(filter(None, (subject.product, ", ".join(versions))))
    what = subject.name if _names_whole(subject) else _(" on ").join(filter(None, (run, where)))
    kind = "simulation-stamp" if subject.kind == "simulated" else "real-stamp"
    return say(kind, subject=what, when=_when(audit) or say("when-unknown"))


def _names_whole(subject: Subject) -> bool:
    """True if the subject's name says product and version, as that of a browser does, or on what it runs."""
    name, product, device = _plain(subject.name), _plain(subject.product), _plain(subject.device)
    if subject.kind != "real" or not product or name == product:
        return False
    return name.startswith(product) or (bool(device) and device in name and product in name)


def _plain(name: str) -> str:
    return "".join(char for char in name.lower() if char.isalnum())


def shortest_proof(audit: Audit, headlines: Iterable[ReadingSummary] = ()) -> Proof | None:
    """The proof that takes fewest steps and bytes; one of the headlines' where they have any."""
    own = [item.proof for item in headlines if item.proof]
    own = [proof for proof in own if not proof.sighting.canary.personal] or own
    return min(own or audit.proofs, key=_length, default=None)


def _length(proof: Proof) -> tuple[int, int, str]:
    return len(proof.stages), sum(len(stage.data) for stage in proof.stages), proof.sighting.exchange.id


def _when(audit: Audit) -> str:
    times = [trial.started_ns for trial in audit.trials if trial.started_ns]
    days = sorted({datetime.fromtimestamp(ns / 1e9, UTC).date().isoformat() for ns in times})
    return _(" to ").join(dict.fromkeys((days[0], days[-1]))) if days else ""


def _warnings(audit: Audit) -> Iterable[str]:
    kinds = {doubt.kind for doubt in audit.doubts}
    if audit.phantoms_sighted:
        yield say("alarm", n=f"{audit.phantoms_sighted:,}", of=f"{audit.n_phantoms:,}")
    if ReasonKind.ALTERED in kinds:
        yield say("altered")
    if ReasonKind.UNFINISHED in kinds:
        yield say("unfinished")


def _lead(audit: Audit, matrix: Matrix) -> Iterable[str]:
    """The sentence to be repeated, and who else got something."""
    done = [trial for trial in audit.trials if trial.status is TrialStatus.DONE]
    if not done and not any(column.has_sent for column in matrix.columns):
        yield say("nothing-run")
        return
    if not any(trial.is_attested() for trial in audit.trials):
        yield say("nothing-attested", sessions=count(len(done), "session"))
        return
    if not any(column.run for column in matrix.columns) and not matrix.never_seen:
        yield say("nothing-done" if audit.n_canaries or audit.canaries else "nothing-planted")
        return
    main, named = _main_sentence(audit, matrix)
    follows = dependence_told(audit, listed(receivers(audit), "or"))
    if follows and not follows.leads and not any(item.key != UNREAD.key for item in matrix.data):
        follows = replace(follows, leads=True)
    leads = follows is not None and follows.leads and not any(one.has_sent for one in matrix.columns)
    if not leads:
        yield main
    if follows:
        yield follows.told
    yield from _of_the_unread(audit, matrix)
    if others := _other_recipients(audit, named):
        yield say("others", names=listed(others))


def _of_the_unread(audit: Audit, matrix: Matrix) -> Iterable[str]:
    """What must be said beside "not seen": how little could be read, and what the rest depends on."""
    read = coverage_total(audit.coverage).read_percent
    if read is not None and read < 100 and not any(one.has_sent for one in matrix.columns):
        yield say("half-read", percent=at_least(read))


def _main_sentence(audit: Audit, matrix: Matrix) -> tuple[str, frozenset[str]]:
    """The sentence, and whom it names as having got all that it says was sent."""
    column = next((column for column in matrix.columns if column.has_sent), None)
    tried = [
        (cell, column, item)
        for column in matrix.columns
        for item, cell in zip(matrix.data, column.cells, strict=True)
        if cell.mark is CellMark.TRIED
    ]
    facts = {"phrase": audit.subject.phrase, "beyond": beyond(matrix)}
    if column is not None:
        sent = [cell for cell in column.cells if cell.is_sent]
        most = max(sent, key=lambda cell: (cell.sent / cell.run, cell.run))
        alike = [
            item
            for item, cell in zip(matrix.data, column.cells, strict=True)
            if cell.is_sent and (cell.sent_in, cell.run_in) == (most.sent_in, most.run_in)
        ]
        kind = "sent-some" if most.sent < most.run else "sent-one" if most.run == 1 else "sent-all"
        named = [_told(item, _how_much(audit, item, most), audit) for item in alike]
        whom, all_of_it = _whom(audit, alike, most)
        where = _where(audit, column.setting, column.uncounted, most.run)
        n, run, data = f"{most.sent:,}", f"{most.run:,}", listed(_first_of(named, MOST_THINGS))
        return say(kind, n=n, run=run, data=data, whom=whom, **where, **facts), all_of_it
    everybody = servers(audit.subject, listed(receivers(audit), "or"))
    if tried:
        cell, column, item = tried[0]
        where = _where(audit, column.setting, column.uncounted, cell.run)
        data = _told(item, Tells.WHOLE, audit)
        told = say("tried", n=cell.sent, run=cell.run, data=data, whom=everybody, **where, **facts)
        return told, frozenset()
    counted = {trial.id for trial in audit.trials if counts(trial)}
    ids = {name for column in matrix.columns for cell in column.cells for name in cell.run_in} or counted
    looked_for = [
        *(
            item
            for place, item in enumerate(matrix.data)
            if any(one.cells[place].run for one in matrix.columns)
        ),
        *matrix.never_seen,
    ]
    there = together(
        [column.setting for column in matrix.columns if not ids.isdisjoint(_ids_of(audit, column.setting))]
    )
    uncounted = sum(
        trial.status is not TrialStatus.NOT_NEEDED and trial.id not in ids for trial in audit.trials
    )
    where = _where(audit, there, uncounted, len(ids))
    data = listed([_told(item, Tells.WHOLE, audit) for item in looked_for], "or")
    return say("sent-none", n=f"{len(ids):,}", data=data, whom=everybody, **where, **facts), frozenset()


def _where(audit: Audit, setting: Setting, uncounted: int, run: int) -> dict[str, str]:
    counting = say("counting-one" if run == 1 else "counting") if uncounted else ""
    where = where_words(setting, {trial.condition for trial in audit.trials}, audit.subject)
    return {"counting": counting, **where}


def _ids_of(audit: Audit, setting: Setting) -> set[str]:
    return {trial.id for trial in audit.trials if trial.condition in setting.conditions and counts(trial)}


def beyond(matrix: Matrix) -> str:
    """What a sentence adds where the action itself tells the recipient something, which is not counted."""
    return say("beyond") if matrix.beside_action else ""


def receivers(audit: Audit) -> tuple[str, ...]:
    """Who got what was planted, of those that the statements are about; all of them if nobody did.

    Empty where they are about no one's: whoever gets it.
    """
    got = {_name_of(finding) for finding, _ in sent_findings(audit) if finding.recipient.vendor_controlled}
    return tuple(sorted(got)) or audit.subject.about


def whom_told(audit: Audit) -> str:
    """The same as a phrase: ``Acme or Acme Cloud``, ``anybody``."""
    return listed(receivers(audit), "or") or say("anybody")


def _name_of(finding: Finding) -> str:
    return finding.recipient.organisation or finding.recipient.host


def _whom(audit: Audit, items: Sequence[Datum], cell: MatrixCell) -> tuple[str, frozenset[str]]:
    """Who got all of it in each of these sessions; where nobody did, all that got some of it, with "or"."""
    got: dict[str, set[tuple[str, str]]] = {}
    for finding, ids in sent_findings(audit):
        item = datum_of(finding.canary)
        if finding.recipient.vendor_controlled and item in items and ids & cell.sent_in:
            got.setdefault(_name_of(finding), set()).update((item.key, name) for name in ids & cell.sent_in)
    every = len(items) * cell.sent
    whole = frozenset(name for name, pairs in got.items() if len(pairs) == every)
    return servers(audit.subject, listed(sorted(whole)) or listed(sorted(got), "or")), whole or frozenset(got)


def _told(item: Datum, tells: Tells, audit: Audit) -> str:
    known = item.key.startswith("known:") and audit.subject.name
    return TELLS_WORDS[tells].format(
        f"{'its' if known else 'the'} {item.label}" if audit.subject.name else item.label
    )


def _how_much(audit: Audit, item: Datum, cell: MatrixCell) -> Tells:
    """How much of it was told in each of the sessions in which it was sent: the least of them."""
    most: dict[str, int] = {}
    order = list(Tells)
    for finding, ids in sent_findings(audit):
        if finding.recipient.vendor_controlled and datum_of(finding.canary) == item:
            tells = min((order.index(sighting.form.tells) for sighting in finding.sightings), default=0)
            for name in ids & cell.sent_in:
                most[name] = min(tells, most.get(name, tells))
    return order[max(most.values(), default=0)]


def _other_recipients(audit: Audit, named: frozenset[str]) -> list[str]:
    """Those that got something and are not *named*, with what; the rest is counted."""
    got: dict[str, set[str]] = {}
    for finding, _when in sent_findings(audit):
        if finding.is_visit:
            continue  # once more, and late
        name, service = _name_of(finding), finding.recipient.service
        if not (finding.recipient.vendor_controlled and name in named):
            called = f"{name}, a {service}" if service else name
            got.setdefault(called, set()).add(datum_of(finding.canary).label)
    told = [f"{name} ({', '.join(sorted(data))})" for name, data in sorted(got.items())]
    return _first_of(told, MOST_OTHERS)


def _first_of(names: list[str], most: int) -> list[str]:
    """The first names, and how many more there are; never "1 more" where there is room for it."""
    return names if len(names) <= most else [*names[: most - 1], f"{len(names) - most + 1} more"]


def _chosen(everything: Sequence[ReadingSummary]) -> list[ReadingSummary]:
    """Up to five headlines, worst first; the last place is kept for one that was not contradicted."""
    told = [
        item
        for kind in SHOWN_FIRST
        for item in sorted(everything, key=lambda item: item.claim.side != "vendor")
        if item.verdict.verdict is kind
    ]
    held = [item for item in told if item.verdict.verdict is VerdictKind.CONSISTENT]
    first = [item for item in told if item not in held]
    return [*first[: MOST_HEADLINES - bool(held)], *held][:MOST_HEADLINES]


def _headline(summary: ReadingSummary) -> Headline:
    claim = summary.claim
    said = claim.short or claim.statement
    return Headline(
        summary,
        VERDICT_SIGN[summary.verdict.verdict],
        say("asked", statement=said) if claim.is_asked else said,
        _seen(summary),
    )


def _seen(summary: ReadingSummary) -> str:
    """What was seen, in a few words."""
    verdict = summary.verdict
    reasons = (summary.worst or verdict).reasons
    first = reasons[0].as_dict() if reasons else {}
    if verdict.verdict is VerdictKind.INCONCLUSIVE:
        return say("inconclusive")
    if verdict.verdict is VerdictKind.CONSISTENT and verdict.bound_percent is not None:
        return say("consistent", n=first.get("n", verdict.trials))
    known = {"n", "of"} <= first.keys()
    if verdict.verdict is VerdictKind.CONSISTENT:
        return say("shown-in", **first) if known else say("shown")
    if reasons and (short := SEEN_OTHERWISE.get(reasons[0].kind)) and (known or "{" not in short):
        return short.format_map({**first, "data": _data_of(reasons[0])})
    if known:
        return say("otherwise-in", n=first["n"], of=first["of"], unit=first.get("unit", verdict.unit))
    return say("otherwise")


def _data_of(reason: Reason) -> str:
    facts = reason.as_dict()
    name = data_name(str(facts.get("what")), str(facts.get("data")))
    return TELLS_WORDS[Tells(str(facts.get("tells", Tells.WHOLE.value)))].format(name)


def _others(
    everything: Sequence[ReadingSummary], shown: Sequence[Headline]
) -> tuple[tuple[VerdictKind, int], ...]:
    ids = {item.summary.claim.id for item in shown}
    left = Counter(item.verdict.verdict for item in everything if item.claim.id not in ids)
    return tuple((kind, left[kind]) for kind in VerdictKind if left[kind])


def bound_told(columns: Iterable[MatrixColumn], headlines: Iterable[Headline]) -> str:
    """What the weakest bound among what is shown means, with its number; empty if there is none."""
    bounds = [
        (cell.bound_percent, "sessions")
        for column in columns
        for cell in column.cells
        if cell.bound_percent is not None
    ]
    bounds += [
        (item.summary.verdict.bound_percent, item.summary.verdict.unit)
        for item in headlines
        if item.summary.verdict.bound_percent is not None
    ]
    if not bounds:
        return ""
    worst, unit = max(bounds)
    number = say("bound-number", percent=at_most(worst), unit=unit)
    return f"{plain_bound(worst, unit)} ({number})"


NOT_SHOWN_TO_BE_ITS = frozenset(
    {
        *(ReasonKind.OTHER_SENDER, ReasonKind.UNKNOWN_SENDER),
        *(ReasonKind.UNKNOWN_INITIATOR, ReasonKind.EXTENSIONS_UNKNOWN),
    }
)
"""Reasons why what was sent is not held against the product that was tested."""


def matrix_head(audit: Audit) -> str:
    """``Sent to Acme by Acme Browser``, without the product where it may have been others."""
    apps = {trial.condition.get("app") for trial in audit.trials}
    vendor = whom_told(audit)
    reasons = (reason.kind for item in audit.verdicts for reason in item.reasons)
    if len(apps) > 1 or not audit.subject.product or not NOT_SHOWN_TO_BE_ITS.isdisjoint(reasons):
        return say("matrix-of-several", vendor=vendor)
    product = audit.subject.product_of(next(iter(apps), None))
    return say("matrix", vendor=vendor, product=product)


def _proof_told(proof: Proof | None) -> str:
    if proof is None:
        return say("no-proof")
    sighting = proof.sighting
    return say(
        "proof",
        number=str(sighting.exchange.source.index),
        host=proof.finding.recipient.host,
        data=sighted(sighting),
    )


def sighted(sighting: Sighting) -> str:
    """What of which value was seen there: ``the words searched``, ``a digest of its Android ID``."""
    return TELLS_WORDS[sighting.form.tells].format(_("the {label}", label=datum_of(sighting.canary).label))


def _not_seen(audit: Audit, matrix: Matrix) -> Iterable[str]:
    total = coverage_total(audit.coverage).read_percent
    read = say("read-nothing") if total is None else say("read", percent=at_least(total))
    groups = gap_groups(audit.gaps)
    gaps = count(len(audit.gaps), "gap")
    if groups:
        largest = groups[0]
        gaps += _(
            " (of them {n:,} × {partition})",
            n=largest.n,
            partition=GAP_MEANS[largest.kind].partition(" (")[0],
        )
    lost = missing(audit)
    told = say("not-counted", n=count(lost, "session")) if lost else ""
    yield say("not-seen", gaps=gaps, read=read, missing=told)
    if other := other_hosts(audit):
        yield other
    if lost:
        yield say("missing", n=count(lost, "session"))
    if matrix.never_seen:
        yield say("never-seen", data=", ".join(item.label for item in matrix.never_seen))
    if audit.n_phantoms:
        yield say("phantoms", n=f"{audit.phantoms_sighted or 'none'}", of=f"{audit.n_phantoms:,}")


def other_hosts(audit: Audit) -> str:
    """Which hosts were left unopened on purpose, as every verdict says it; empty if none were."""
    reasons = (reason for verdict in audit.verdicts for reason in verdict.reasons)
    told = {reason.kind: sentence_of(reason) for reason in reasons if reason.kind in LEFT_UNOPENED}
    whole = "; ".join(told[kind] for kind in LEFT_UNOPENED if kind in told)
    return f"{whole[:1].upper()}{whole[1:]}." if whole else ""


def missing(audit: Audit) -> int:
    """Sessions that were planned and do not count: lost, or their settings not confirmed."""
    return sum(trial.status is not TrialStatus.NOT_NEEDED and not counts(trial) for trial in audit.trials)
