"""A verdict in plain words, its shortest proof, the strongest objection with its answer, and how to check it.

Written for somebody who was not there and for somebody who wants it to be wrong. Personal values are named by
what they are and never spelt out, since verdicts are published; planted ones are nobody's.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.text import Text

from hometruth.model import (
    Bound,
    Claim,
    Explanation,
    Part,
    Proposition,
    Sighting,
    Subject,
    Verdict,
    VerdictKind,
)
from hometruth.report.objections import Run, deciding, objection_and_answer
from hometruth.report.pair_objections import proof_of_pairs
from hometruth.report.reasons import told
from hometruth.report.text import escape_terminal
from hometruth.report.words import VERDICT_SIGN, VERDICT_STYLE

_OUTCOME = {
    VerdictKind.CONTRADICTED: "It did otherwise: {why}.",
    VerdictKind.CONSISTENT: "Nothing that was seen speaks against it: {why}. That does not make it true.",
    VerdictKind.INCONCLUSIVE: "That does not let anybody say whether it holds: {why}.",
    VerdictKind.UNTESTED: "It was not tested: {why}.",
    VerdictKind.OTHER_VERSION: "What was seen is told without a verdict: {why}.",
}
_SHOWN = "It was seen to be so: {why}."


def in_words(verdicts: Iterable[Verdict], claims: Iterable[Claim], run: Run) -> tuple[Verdict, ...]:
    """The verdicts with their reasons as a sentence, and each explained."""
    asked = {
        (claim.id, reading.kind, proposition.id): (claim, proposition)
        for claim in claims
        for reading in claim.readings
        for proposition in reading.propositions
    }
    return tuple(
        replace(
            verdict,
            why=f"{run.subject.phrase}: {told(verdict.reasons)}",
            explanation=_explain(*asked[verdict.claim, verdict.reading, verdict.proposition], verdict, run),
        )
        for verdict in verdicts
    )


def _explain(claim: Claim, proposition: Proposition, verdict: Verdict, run: Run) -> Explanation:
    objection, answer = objection_and_answer(proposition, verdict, run)
    return Explanation(
        plain=_plain(claim, proposition, verdict, run.subject),
        proof=_proof(verdict),
        objection=objection,
        answer=answer,
        check=_check(claim, verdict),
    )


def _plain(claim: Claim, proposition: Proposition, verdict: Verdict, subject: Subject) -> str:
    phrase = subject.phrase
    quoted = f" In the speaker's words: “{claim.quote}”." if claim.quote else ""
    said = (
        f"{claim.who} ({claim.date}) said, in our summary: {claim.statement}{quoted} Here that is taken to "
        f"say that {proposition.says}."
    )
    where = f"under {verdict.condition}" if verdict.condition.levels else "under all conditions it speaks of"
    done = f"{phrase[0].upper()}{phrase[1:]} was watched in {verdict.trials} sessions {where}."
    shown = verdict.verdict is VerdictKind.CONSISTENT and not verdict.bounds
    outcome = (_SHOWN if shown else _OUTCOME[verdict.verdict]).format(why=told(verdict.reasons))
    parts = [said, outcome] if verdict.verdict is VerdictKind.UNTESTED else [said, done, outcome]
    if subject.kind == "simulated":
        parts.append("All this is about a simulation and shows nothing of any real device.")
    return " ".join(parts)


def _proof(verdict: Verdict) -> str:
    sighting = verdict.sighting
    if sighting is not None:
        source = sighting.exchange.source
        return (
            f"Entry {source.index} of {source.file} (counted from 0), to {sighting.exchange.host}: its "
            f"{' > '.join((sighting.value.part.value, *sighting.value.chain))} holds {_value(sighting)}"
            f"{f' at {sighting.value.path}' if sighting.value.path else ''} "
            f"({sighting.evidence_bits:.0f} bits of evidence)."
        )
    if verdict.proof is not None:
        number = _number(verdict.proof)
        return f"Entry {number} of the recording (counted from 0): that it was sent is the proof."
    if verdict.effects:
        return proof_of_pairs(verdict)
    if verdict.bounds:
        bound = deciding(verdict)
        return (
            f"{bound.n} {verdict.unit}, {bound.missing} of them without a valid result, and no finding in "
            f"the others: at {100 * bound.confidence:.4g} % confidence at most {bound.percent:.1f} % do "
            "otherwise (Clopper-Pearson)."
        )
    if verdict.verdict is VerdictKind.UNTESTED:
        return "None: nothing was tested."
    return "No single request: the reason given is a count over sessions, in trials.jsonl and the recording."


def _value(sighting: Sighting) -> str:
    canary = sighting.canary
    spelt = "" if sighting.form.is_plain else f", as its {sighting.form.name}"
    if canary.personal:
        return f"the known value “{canary.id}”{spelt}"
    return f"{canary.value}{spelt}, which was planted in session {canary.cell} only"


def _number(exchange: str) -> int:
    """Exchanges are named by their place in the recording, counted from 0."""
    return int(exchange.split(":", 1)[0].lstrip("e"))


def _check(claim: Claim, verdict: Verdict) -> tuple[str, ...]:
    sighting = verdict.sighting
    steps = []
    if sighting is not None:
        index = sighting.exchange.source.index
        steps += [
            "hometruth scan CASE/traffic.mitm --canaries CASE/canaries.jsonl --jsonl "
            f'| grep \'"entry": {index}, "canary": "{sighting.canary.id}"\'',
            *_peel(index, sighting),
        ]
    elif verdict.proof is not None:
        steps.append(
            f"mitmweb -r CASE/traffic.mitm, and go to entry {_number(verdict.proof)}, counted from 0"
        )
    if verdict.bounds:
        bound = deciding(verdict)
        steps.append(_arithmetic(bound))
    if verdict.effects:
        steps.append("duckdb -c \"SELECT * FROM 'CASE/effects.parquet'\"")
    if verdict.verdict is VerdictKind.UNTESTED and not verdict.trials:
        return ("nothing to check: no session was judged",)
    return (*steps, f"hometruth judge CASE --explain {claim.id}")


def _arithmetic(bound: Bound) -> str:
    """The upper end of the interval, with nothing but Python: where so few hits are that rare."""
    k, n, rest = bound.missing, bound.n, f"{1 - bound.confidence:.8g}"
    if not k:
        return f'python3 -c "print(100 * (1 - {rest} ** (1 / {n})))"'
    return (
        'python3 -c "from math import comb; from functools import reduce; '
        f"few = lambda p: sum(comb({n}, i) * p**i * (1 - p) ** ({n} - i) for i in range({k} + 1)); "
        f"print(100 * reduce(lambda a, _: (sum(a) / 2, a[1]) if few(sum(a) / 2) > {rest} else "
        '(a[0], sum(a) / 2), range(60), (0, 1))[0])"'
    )


def _peel(index: int, sighting: Sighting) -> tuple[str, ...]:
    """Take the wrappings off the part of the request in which it stands, if that is a body."""
    if sighting.value.part is not Part.BODY:
        return (f"mitmweb -r CASE/traffic.mitm, and go to entry {index}, counted from 0",)
    return (f"hometruth peel --from CASE/traffic.mitm --entry {index}",)


CASE = "CASE"
"""What explanations call the folder of the case."""


def print_explanations(verdicts: Iterable[Verdict], case: Path, console: Console) -> None:
    """Print every verdict with its explanation; commands name *case* and are never wrapped."""
    for verdict in verdicts:
        kind = verdict.verdict
        console.print(
            Text.assemble(
                (escape_terminal(f"{verdict.proposition} ({verdict.reading.value} reading) "), "bold cyan"),
                (f"{VERDICT_SIGN[kind]} {kind.value}", VERDICT_STYLE[kind]),
            )
        )
        if verdict.condition.levels:
            console.print(Text(escape_terminal(str(verdict.condition)), "dim"))
        for heading, text in _parts(verdict):
            console.print(Text.assemble((f"{heading} ", "bold"), escape_terminal(text)))
        if verdict.explanation:
            console.print(Text("Check it by hand", "bold"))
            for step in verdict.explanation.check:
                told = escape_terminal(step.replace(CASE, str(case)))
                console.print(Text(f"  {told}"), soft_wrap=True)
        console.print()


def _parts(verdict: Verdict) -> Iterator[tuple[str, str]]:
    told = verdict.explanation
    if told is None:
        return
    yield "In plain words.", told.plain
    yield "Shortest proof.", told.proof
    yield "Strongest objection.", told.objection
    yield "Answer.", told.answer
