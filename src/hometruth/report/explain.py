"""A verdict in plain words, its shortest proof, the strongest objection with its answer, and how to check it.

Written for somebody who was not there and for somebody who wants it to be wrong. Personal values are named by
what they are and never spelt out, since verdicts are published; planted ones are nobody's.
"""

import shlex
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
from hometruth.report.catalogue import _
from hometruth.report.condition_words import condition_words
from hometruth.report.objections import Run, deciding, objection_and_answer
from hometruth.report.pair_objections import proof_of_pairs
from hometruth.report.reasons import told
from hometruth.report.text import escape_terminal
from hometruth.report.words import VERDICT_SIGN, VERDICT_STYLE, at_most, whole_bits

CASE = "CASE"
"""What explanations call the folder of the case."""
_OUTCOME = {
    VerdictKind.CONTRADICTED: _("It did otherwise: {why}."),
    VerdictKind.CONSISTENT: _("Nothing that was seen speaks against it: {why}. That does not make it true."),
    VerdictKind.INCONCLUSIVE: _("That does not let anybody say whether it holds: {why}."),
    VerdictKind.UNTESTED: _("It was not tested: {why}."),
    VerdictKind.OTHER_VERSION: _("What was seen is told without a verdict: {why}."),
}
_SHOWN = _("It was seen to be so: {why}.")


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
        proof=_proof(verdict, run),
        objection=objection,
        answer=answer,
        check=_check(claim, verdict, run),
    )


def _plain(claim: Claim, proposition: Proposition, verdict: Verdict, subject: Subject) -> str:
    phrase = subject.phrase
    said = _asked(claim, proposition) if claim.is_asked else _said(claim, proposition)
    where = (
        _("under one condition: {told}", told=condition_words(verdict.condition, subject))
        if verdict.condition.levels
        else _("under all conditions it speaks of")
    )
    done = _(
        "{upper}{phrase} was watched in {trials} sessions {where}.",
        upper=phrase[0].upper(),
        phrase=phrase[1:],
        trials=verdict.trials,
        where=where,
    )
    shown = verdict.verdict is VerdictKind.CONSISTENT and not verdict.bounds
    outcome = (_SHOWN if shown else _OUTCOME[verdict.verdict]).format(why=told(verdict.reasons))
    parts = [said, outcome] if verdict.verdict is VerdictKind.UNTESTED else [said, done, outcome]
    if subject.kind == "simulated":
        parts.append(_("All this is about a simulation and shows nothing of any real device."))
    return " ".join(parts)


def _said(claim: Claim, proposition: Proposition) -> str:
    quoted = _(" In the speaker's words: “{quote}”.", quote=claim.quote) if claim.quote else ""
    return _(
        "{who} ({date}) said, in our summary: {statement}{quoted} Here that is taken to say that {says}.",
        who=claim.who,
        date=claim.date,
        statement=claim.statement,
        quoted=quoted,
        says=proposition.says,
    )


def _asked(claim: Claim, proposition: Proposition) -> str:
    return _(
        "Nobody said it: the tester asked ({date}) whether it holds: {statement} Here that is taken to ask "
        "whether {says}.",
        date=claim.date,
        statement=claim.statement,
        says=proposition.says,
    )


def _proof(verdict: Verdict, run: Run) -> str:
    sighting = verdict.sighting
    if sighting is not None:
        source = sighting.exchange.source
        return _(
            "Entry {index} of {file} (counted from 0), to {host}: its {listed} holds {value}{part} "
            "({whole_bits} bits of evidence).",
            index=source.index,
            file=source.file,
            host=sighting.exchange.host,
            listed=" > ".join((sighting.value.part.value, *sighting.value.chain)),
            value=_value(sighting),
            part=_(" at {path}", path=sighting.value.path) if sighting.value.path else "",
            whole_bits=whole_bits(sighting.evidence_bits),
        )
    if verdict.proof is not None:
        name = _recording(verdict.proof, run) or _("the recording")
        return _(
            "Entry {number} of {name} (counted from 0): that it was sent is the proof.",
            number=_number(verdict.proof),
            name=name,
        )
    if verdict.effects:
        return proof_of_pairs(verdict)
    if verdict.bounds:
        bound = deciding(verdict)
        return _(
            "{n} {unit}, {missing} of them without a valid result, and no finding in the others: at "
            "{part:.4g} % confidence at most {at_most} do otherwise (Clopper-Pearson).",
            n=bound.n,
            unit=verdict.unit,
            missing=bound.missing,
            part=100 * bound.confidence,
            at_most=at_most(bound.percent),
        )
    if verdict.verdict is VerdictKind.UNTESTED:
        return _("None: nothing was tested.")
    return _(
        "No single request: the reason given is a count over sessions, in trials.jsonl and the recording."
    )


def _value(sighting: Sighting) -> str:
    canary = sighting.canary
    spelt = "" if sighting.form.is_plain else _(", as its {name}", name=sighting.form.name)
    if canary.personal:
        return _("the known value “{id}”{spelt}", id=canary.id, spelt=spelt)
    return _(
        "{value}{spelt}, which was planted in session {cell} only",
        value=canary.value,
        spelt=spelt,
        cell=canary.cell,
    )


def _number(exchange: str) -> int:
    """Exchanges are named by their place in the recording, counted from 0."""
    return int(exchange.partition(":")[0].rpartition(".")[2].lstrip("e"))


def _recording(exchange: str, run: Run) -> str:
    """Name of the one that it is in, of several; empty where there is but one."""
    return run.recordings[int(exchange.partition(".")[0])] if run.recordings else ""


def _check(claim: Claim, verdict: Verdict, run: Run) -> tuple[str, ...]:
    sighting = verdict.sighting
    proof = sighting.exchange.id if sighting else verdict.proof
    steps = []
    if proof is not None:
        name = _recording(proof, run)
        file = f"{CASE}/recordings/{shlex.quote(name)}" if name else f"{CASE}/traffic.mitm"
        number = sighting.exchange.source.index if sighting else _number(proof)
        if sighting is not None:
            steps.append(
                f"hometruth scan {file} --canaries {CASE}/canaries.jsonl --jsonl "
                f'| grep \'"entry": {number}, "canary": "{sighting.canary.id}"\''
            )
        # The wrappings are taken off the part of the request in which it stands, if that is a body.
        if sighting is not None and sighting.value.part is Part.BODY:
            steps.append(f"hometruth peel --from {file} --entry {number}")
        else:
            opened = f"mitmweb -r {file}, and" if file.endswith(".mitm") else _("open {file}, and", file=file)
            steps.append(_("{opened} go to entry {number}, counted from 0", opened=opened, number=number))
    if verdict.bounds:
        bound = deciding(verdict)
        steps.append(_arithmetic(bound))
    if verdict.effects:
        steps.append(_pairs(verdict))
    if verdict.verdict is VerdictKind.UNTESTED and not verdict.trials:
        return (_("nothing to check: no session was judged"),)
    return (*steps, f"hometruth judge CASE --explain {claim.id}")


def _pairs(verdict: Verdict) -> str:
    """What `verdicts.json` holds of each endpoint's pairs, with nothing but Python."""
    return (
        'python3 -c "import json, sys; '
        "[print(e['endpoint'], v['condition'], e['wins'], 'of', e['untied'], 'pairs: e-value', e['e_value'], "
        "'where', e['threshold'], 'decides') for v in json.load(open(sys.argv[1], encoding='utf-8')) "
        f"if v['proposition'] == '{verdict.proposition}' for e in v['effects']]\" {CASE}/verdicts.json"
    )


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


def print_explanations(verdicts: Iterable[Verdict], subject: Subject, case: Path, console: Console) -> None:
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
            console.print(Text(escape_terminal(condition_words(verdict.condition, subject)), "dim"))
        for heading, text in _parts(verdict):
            console.print(Text.assemble((f"{heading} ", "bold"), escape_terminal(text)))
        if verdict.explanation:
            console.print(Text(_("Check it by hand"), "bold"))
            for step in verdict.explanation.check:
                told = escape_terminal(step.replace(CASE, shlex.quote(str(case))))
                console.print(Text(f"  {told}"), soft_wrap=True)
        console.print()


def _parts(verdict: Verdict) -> Iterator[tuple[str, str]]:
    told = verdict.explanation
    if told is None:
        return
    yield _("In plain words."), told.plain
    yield _("Shortest proof."), told.proof
    yield _("Strongest objection."), told.objection
    yield "Answer.", told.answer
