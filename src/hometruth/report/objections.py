"""The strongest objection to a verdict, and the answer: what a good lawyer or journalist would say."""

from dataclasses import dataclass

from hometruth.model import Bound, Proposition, Subject, Verdict, VerdictKind
from hometruth.report.pair_objections import to_pairs


@dataclass(frozen=True, slots=True)
class Run:
    """What every sentence about a run may need to name."""

    subject: Subject
    window: str
    """How long each session was watched, as words."""
    phantoms_sighted: int
    labelled_by: str = ""
    """Who said afterwards which session was what; empty if it was sealed before."""


def deciding(verdict: Verdict) -> Bound:
    """The bound in the unit that decides."""
    return next(bound for bound in verdict.bounds if bound.unit == verdict.unit)


def objection_and_answer(proposition: Proposition, verdict: Verdict, run: Run) -> tuple[str, str]:
    """What is to be said against the verdict, and what can be answered; that admits what it cannot say."""
    if verdict.verdict is VerdictKind.OTHER_VERSION:
        told = (
            "What was seen here was never spoken of, so it says nothing of the statement.",
            "It does not, and no verdict is given; it is told so that nobody takes it for one.",
        )
    elif verdict.effects and verdict.sighting is None and verdict.verdict is not VerdictKind.UNTESTED:
        told = to_pairs(verdict, run.window)
    elif verdict.verdict is VerdictKind.CONTRADICTED:
        told = _to_a_sighting(verdict, run) or _to_a_request(proposition, verdict)
    elif verdict.verdict is VerdictKind.CONSISTENT:
        told = _to_silence(verdict, run.window) if verdict.bounds else _to_presence(verdict)
    elif verdict.verdict is VerdictKind.INCONCLUSIVE:
        told = _to_doubt(verdict)
    else:
        told = (
            "Listing a statement that was not tested makes it look doubtful.",
            "It is listed so that nobody takes its absence for a verdict, and nothing is said against it.",
        )
    return told[0], f"{told[1]}{_simulated(run.subject, verdict.verdict)}"


def _simulated(subject: Subject, kind: VerdictKind) -> str:
    if subject.kind != "simulated" or kind not in (VerdictKind.CONTRADICTED, VerdictKind.CONSISTENT):
        return ""
    return " That a real device does the same is not shown by a simulation, and not said."


def _to_a_sighting(verdict: Verdict, run: Run) -> tuple[str, str] | None:
    sighting = verdict.sighting
    if sighting is None:
        return None
    bits = f"{sighting.evidence_bits:.0f} bits"
    if sighting.canary.personal:
        return (
            "A value of the device can turn up by chance, or be needed for something else than naming it.",
            f"Chance is priced at {bits}, and 40 are asked for; what it was sent for no recording shows, and "
            "the verdict does not say: only that it was sent, where the statement says that it is not.",
        )
    return (
        "The value could have come from elsewhere: from another session, another app, or a lucky decoding.",
        f"It was made at random for session {sighting.canary.cell}, {_entered(run)}; the wrappings were "
        "taken off again from the raw bytes; by chance that happens once in "
        f"2^{sighting.evidence_bits:.0f} searches, and {_phantoms(run.phantoms_sighted)}. Which app sent it, "
        "and how that is known, is part of the verdict. Only sessions count whose settings were confirmed.",
    )


def _entered(run: Run) -> str:
    if run.labelled_by:
        return f"and entered nowhere else, as {run.labelled_by} said afterwards: nothing was sealed before"
    return "sealed before the run and entered nowhere else"


def _phantoms(n: int) -> str:
    return (
        f"{n or 'none'} of the values that were made alike but never planted {'were' if n else 'was'} found"
    )


def _to_a_request(proposition: Proposition, verdict: Verdict) -> tuple[str, str]:
    if proposition.kind in ("contacted", "present", "matrix") and verdict.proof is None:
        return (
            "What was not seen may be sent more rarely, later, or in other circumstances.",
            "So it may; the bound says how rarely at most, and the control shows that it would have been "
            "noticed. Beyond the time watched nothing is said.",
        )
    if verdict.proof is None:
        return (
            "Two equal values may be a constant of the software and name nobody.",
            "A constant is worth next to no bits and was not counted; this value is too long and too random "
            "to be equal by chance. In which sessions it was the same is part of the verdict.",
        )
    return (
        "The request may have been something else than telemetry.",
        "It speaks the protocol of a known telemetry SDK or carries what was planted; the request is in the "
        "recording and can be opened with common tools.",
    )


def _to_silence(verdict: Verdict, window: str) -> tuple[str, str]:
    bound = deciding(verdict)
    return (
        "It may be sent later, elsewhere, rarely, or in a form that nobody can read.",
        f"Rarely: at most {bound.percent:.1f} % of {verdict.unit}, at 95 % confidence. Elsewhere: all the "
        "subject sent passed the recorder, and what could not be opened is in the table of gaps and too "
        "little to matter. Unread: the control shows that sending is noticed at this very endpoint. Later: "
        f"not answered; each session was watched {window} and no longer.",
    )


def _to_presence(verdict: Verdict) -> tuple[str, str]:
    return (
        "What was seen in some sessions need not be the rule.",
        f"The share of sessions in which it was seen is part of the verdict, over {verdict.trials} sessions, "
        "with its lower bound where it is a share.",
    )


def _to_doubt(verdict: Verdict) -> tuple[str, str]:
    if verdict.findings:
        return (
            "Something was found, so the statement is refuted.",
            "What was found is shown, but it carries no accusation: the reason is part of the verdict.",
        )
    return (
        "Nothing was found, so the statement holds.",
        "Silence counts only where sending would have been noticed, often enough to bound what was missed; "
        "what is lacking, and what would settle it, is part of the verdict.",
    )
