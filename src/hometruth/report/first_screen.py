"""What everybody sees first, on a terminal and on the page: as data, made from the audit alone.

The order is that of a reader who has ten seconds: what it did, under which settings, what had been said, one
proof, what could not be seen.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from hometruth.model import Audit, Proof, Reason, ReasonKind, Subject, TrialStatus, VerdictKind
from hometruth.report.condition_words import around, what_was_run
from hometruth.report.matrix import CellMark, Datum, Matrix, MatrixColumn, datum_of, matrix_of, sent_findings
from hometruth.report.sentences import SEEN_OTHERWISE, listed, plain_bound, say
from hometruth.report.summary import ReadingSummary, chain_text, summaries
from hometruth.report.tables import coverage_total, gap_groups
from hometruth.report.words import DATA_NAMES, GAP_MEANS, VERDICT_SIGN, count, percent, sessions_run

MOST_HEADLINES = 5
MOST_THINGS = 5
"""Things that were sent, named in the first sentence."""
MOST_OTHERS = 3
"""Recipients beside the vendor that are named in the first sentences."""
FULLY_READ_PERCENT = 99.95
"""Of the bytes recorded: printed as 100.0 %."""
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
    never_seen: str
    """What the set-up cannot show, whatever was seen; empty if the plan names nothing."""


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
        never_seen=say("by-set-up", told="; ".join(audit.subject.unseen)) if audit.subject.unseen else "",
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
    """What a picture says of itself, wherever it is taken: a simulation, or what was audited and when."""
    if audit.subject.kind == "simulated":
        return say("simulation-stamp")
    versions = sorted({trial.condition.get("version") or "" for trial in audit.trials} - {""})
    subject = audit.subject
    devices = {_plain(name): name for name in (subject.device, subject.name) if name}
    where = " ".join(name for key, name in devices.items() if key != _plain(subject.product))
    run = " ".join(filter(None, (subject.product, ", ".join(versions))))
    what = subject.name if _names_whole(subject) else " on ".join(filter(None, (run, where)))
    return say("real-stamp", subject=what, when=_when(audit) or say("when-unknown"))


def _names_whole(subject: Subject) -> bool:
    """True if the subject's name says product, version and more, as that of a browser does."""
    name, product = _plain(subject.name), _plain(subject.product)
    return subject.kind == "real" and bool(product) and name != product and name.startswith(product)


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
    return " to ".join(dict.fromkeys((days[0], days[-1]))) if days else ""


def _warnings(audit: Audit) -> Iterable[str]:
    kinds = {reason.kind for row in audit.verdicts for reason in row.reasons}
    if audit.phantoms_sighted:
        yield say("alarm", n=f"{audit.phantoms_sighted:,}", of=f"{audit.n_phantoms:,}")
    if kinds & {ReasonKind.ALTERED_CASE, ReasonKind.ALTERED}:
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
    if not any(column.run for column in matrix.columns):
        yield say("nothing-planted")
    else:
        yield _main_sentence(audit, matrix)
        yield from _of_the_unread(audit, matrix)
    if others := _other_recipients(audit):
        yield say("others", names=listed(others))


def _of_the_unread(audit: Audit, matrix: Matrix) -> Iterable[str]:
    """What must be said beside "not seen": how little could be read, and what the rest depends on."""
    read = coverage_total(audit.coverage).read_percent
    if read is not None and read < FULLY_READ_PERCENT and not any(one.has_sent for one in matrix.columns):
        yield say("half-read", percent=percent(read))
    judged = [row for row in audit.verdicts if not row.condition.levels and row.in_scope]
    follows = {
        row.claim
        for row in judged
        if row.effects and row.verdict is VerdictKind.CONTRADICTED and not row.proof
    }
    if follows:
        yield say("follows", n=count(len(follows), "statement"))


def _main_sentence(audit: Audit, matrix: Matrix) -> str:
    facts = {"phrase": audit.subject.phrase, "whom": _servers(audit)}
    column = next((column for column in matrix.columns if column.has_sent), None)
    if column is not None:
        sent = [cell for cell in column.cells if cell.is_sent]
        most = max(sent, key=lambda cell: (cell.sent / cell.run, cell.run))
        alike = [
            item
            for item, cell in zip(matrix.data, column.cells, strict=True)
            if (cell.sent, cell.run) == (most.sent, most.run) and cell.is_sent
        ]
        kind = "sent-some" if most.sent < most.run else "sent-one" if most.run == 1 else "sent-all"
        data = listed(_first_of([_the(item, audit) for item in alike], MOST_THINGS))
        return say(kind, n=f"{most.sent:,}", run=f"{most.run:,}", data=data, **_where(column, audit), **facts)
    tried = [
        (cell, column, item)
        for column in matrix.columns
        for item, cell in zip(matrix.data, column.cells, strict=True)
        if cell.mark is CellMark.TRIED
    ]
    if tried:
        cell, column, item = tried[0]
        return say(
            "tried", n=cell.sent, run=cell.run, data=_the(item, audit), **_where(column, audit), **facts
        )
    run = sum(column.run for column in matrix.columns)
    tested = [
        _the(item, audit)
        for place, item in enumerate(matrix.data)
        if any(column.cells[place].run for column in matrix.columns)
    ]
    return say("sent-none", n=f"{run:,}", data=listed(tested, "or"), **facts)


def _servers(audit: Audit) -> str:
    kind = "servers-simulated" if audit.subject.kind == "simulated" else "servers"
    return say(kind, vendor=audit.told)


def _where(column: MatrixColumn, audit: Audit) -> dict[str, str]:
    """How a sentence names a setting: private or not, of what, and the rest in brackets."""
    everything = {trial.condition for trial in audit.trials}
    run, rest = what_was_run(column.setting, audit.subject), around(column.setting, everything)
    return {
        "private": "private " if column.setting.is_private else "",
        "of": f" of {run}" if run else "",
        "around": f" ({rest})" if rest else "",
    }


def _the(item: Datum, audit: Audit) -> str:
    known = item.key.startswith("known:")
    return f"{'its' if known else 'the'} {item.label}" if audit.subject.name else item.label


def _other_recipients(audit: Audit) -> list[str]:
    """Those beside the vendor that got something, with what; the rest is counted."""
    got: dict[str, set[str]] = {}
    for finding, _ in sent_findings(audit):
        recipient = finding.recipient
        if not recipient.vendor_controlled and not finding.delivered.is_attempt:
            got.setdefault(recipient.organisation or recipient.host, set()).add(
                datum_of(finding.canary).label
            )
    named = [f"{name} ({', '.join(sorted(data))})" for name, data in sorted(got.items())]
    return _first_of(named, MOST_OTHERS)


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
    return Headline(
        summary, VERDICT_SIGN[summary.verdict.verdict], claim.short or claim.statement, _seen(summary)
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
    known = next((name for key, name in DATA_NAMES.items() if str(facts.get("what")).endswith(key)), None)
    return known or DATA_NAMES.get(str(facts.get("data")), "")


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
    number = say("bound-number", percent=percent(worst), unit=unit)
    return f"{plain_bound(worst, unit)} ({number})"


def matrix_head(audit: Audit) -> str:
    """``Sent to Acme by Acme Browser``, without the product where several were run."""
    apps = {trial.condition.get("app") for trial in audit.trials}
    vendor = audit.told
    if len(apps) > 1 or not audit.subject.product:
        return say("matrix-of-several", vendor=vendor)
    product = audit.subject.product_of(next(iter(apps), None))
    return say("matrix", vendor=vendor, product=product)


def _proof_told(proof: Proof | None) -> str:
    if proof is None:
        return say("no-proof")
    sighting = proof.sighting
    data = DATA_NAMES.get(sighting.canary.kind.value, sighting.canary.kind.value)
    return say(
        "proof",
        number=str(sighting.exchange.source.index),
        host=proof.finding.recipient.host,
        data=f"the {data}",
    )


def _not_seen(audit: Audit, matrix: Matrix) -> Iterable[str]:
    total = coverage_total(audit.coverage).read_percent
    read = say("read-nothing") if total is None else say("read", percent=percent(total))
    groups = gap_groups(audit.gaps)
    gaps = count(len(audit.gaps), "gap")
    if groups:
        largest = groups[0]
        gaps += f" (of them {largest.n:,} × {GAP_MEANS[largest.kind].partition(' (')[0]})"
    yield say("not-seen", gaps=gaps, read=read)
    yield say("later")
    if missing := _missing(audit):
        yield say("missing", n=count(missing, "session"))
    if matrix.never_seen:
        yield say("never-seen", data=", ".join(item.label for item in matrix.never_seen))
    if audit.n_phantoms:
        yield say("phantoms", n=f"{audit.phantoms_sighted or 'none'}", of=f"{audit.n_phantoms:,}")


def _missing(audit: Audit) -> int:
    planned = [trial for trial in audit.trials if trial.status is not TrialStatus.NOT_NEEDED]
    return sum(trial.status is not TrialStatus.DONE or not trial.is_attested() for trial in planned)
