"""The strongest objection to a verdict, and the answer: what a good lawyer or journalist would say."""

from dataclasses import dataclass

from hometruth.model import Bound, Proposition, Subject, Verdict, VerdictKind
from hometruth.report.catalogue import _
from hometruth.report.pair_objections import to_pairs
from hometruth.report.words import at_most, whole_bits


@dataclass(frozen=True, slots=True)
class Run:
    """What every sentence about a run may need to name."""

    subject: Subject
    window: str
    """How long each session was watched, as words."""
    phantoms_sighted: int
    labelled_by: str = ""
    """Who said afterwards which session was what; empty if it was sealed before."""
    recordings: tuple[str, ...] = ()
    """Names of the recordings that were labelled, in the order in which their exchanges are numbered."""


def deciding(verdict: Verdict) -> Bound:
    """The bound in the unit that decides."""
    return next(bound for bound in verdict.bounds if bound.unit == verdict.unit)


def objection_and_answer(proposition: Proposition, verdict: Verdict, run: Run) -> tuple[str, str]:
    """What is to be said against the verdict, and what can be answered; that admits what it cannot say."""
    if verdict.verdict is VerdictKind.OTHER_VERSION:
        told = (
            _("What was seen here was never spoken of, so it says nothing of the statement."),
            _("It does not, and no verdict is given; it is told so that nobody takes it for one."),
        )
    elif verdict.effects and verdict.sighting is None and verdict.verdict is not VerdictKind.UNTESTED:
        told = to_pairs(verdict, run.window)
    elif verdict.verdict is VerdictKind.CONTRADICTED:
        told = _to_a_sighting(verdict, run) or _to_a_request(proposition, verdict)
    elif verdict.verdict is VerdictKind.CONSISTENT:
        told = _to_silence(verdict, run) if verdict.bounds else _to_presence(verdict)
    elif verdict.verdict is VerdictKind.INCONCLUSIVE:
        told = _to_doubt(verdict)
    else:
        told = (
            _("Listing a statement that was not tested makes it look doubtful."),
            _("It is listed so that nobody takes its absence for a verdict, and nothing is said against it."),
        )
    return told[0], f"{told[1]}{_simulated(run.subject, verdict.verdict)}"


def _simulated(subject: Subject, kind: VerdictKind) -> str:
    if subject.kind != "simulated" or kind not in (VerdictKind.CONTRADICTED, VerdictKind.CONSISTENT):
        return ""
    return _(" That a real device does the same is not shown by a simulation, and not said.")


def _to_a_sighting(verdict: Verdict, run: Run) -> tuple[str, str] | None:
    sighting = verdict.sighting
    if sighting is None:
        return None
    bits = f"{whole_bits(sighting.evidence_bits)} bits"
    if sighting.canary.personal:
        return (
            _("A value of the device can turn up by chance, or be needed for something else than naming it."),
            _(
                "Chance is priced at {bits}, and 40 are asked for; what it was sent for no recording shows, "
                "and the verdict does not say: only that it was sent, where the statement says that it is "
                "not.",
                bits=bits,
            ),
        )
    return (
        _(
            "The value could have come from elsewhere: from another session, another app, or a lucky "
            "decoding."
        ),
        _(
            "It was made at random for session {cell}, {entered}; the wrappings were taken off again from "
            "the raw bytes; by chance that happens once in 2^{whole_bits} searches, and {phantoms}. Which "
            "app sent it, and how that is known, is part of the verdict. Only sessions count whose settings "
            "were confirmed.",
            cell=sighting.canary.cell,
            entered=_entered(run),
            whole_bits=whole_bits(sighting.evidence_bits),
            phantoms=_phantoms(run.phantoms_sighted),
        ),
    )


def _entered(run: Run) -> str:
    if run.labelled_by:
        return _(
            "and entered nowhere else, as {labelled_by} said afterwards: nothing was sealed before",
            labelled_by=run.labelled_by,
        )
    return _("sealed before the run and entered nowhere else")


def _phantoms(n: int) -> str:
    return _(
        "{part} of the values that were made alike but never planted {part2} found",
        part=n or "none",
        part2="were" if n else "was",
    )


def _to_a_request(proposition: Proposition, verdict: Verdict) -> tuple[str, str]:
    if proposition.kind in ("contacted", "present", "matrix") and verdict.proof is None:
        return (
            _("What was not seen may be sent more rarely, later, or in other circumstances."),
            _(
                "So it may; the bound says how rarely at most, and the control shows that it would have "
                "been noticed. Beyond the time watched nothing is said."
            ),
        )
    if verdict.proof is None:
        return (
            _("Two equal values may be a constant of the software and name nobody."),
            _(
                "A constant is worth next to no bits and was not counted; this value is too long and too "
                "random to be equal by chance. In which sessions it was the same is part of the verdict."
            ),
        )
    return (
        _("The request may have been something else than telemetry."),
        _(
            "It speaks the protocol of a known telemetry SDK or carries what was planted; the request is in "
            "the recording and can be opened with common tools."
        ),
    )


def _to_silence(verdict: Verdict, run: Run) -> tuple[str, str]:
    bound = deciding(verdict)
    never = (
        _(", and what such a run never sees: {listed}", listed="; ".join(run.subject.unseen))
        if run.subject.unseen
        else ""
    )
    return (
        _("It may be sent later, elsewhere, rarely, or in a form that nobody can read."),
        _(
            "Rarely: at most {at_most} of {unit}, at 95 % confidence. Unread: what passed the recorder and "
            "could not be opened is in the table of gaps, and too little to matter; where the statement "
            "needs a control, it shows that sending is noticed. Elsewhere: not answered for what goes round "
            "the recorder{never}. Later: not answered; each session was watched {window} and no longer.",
            at_most=at_most(bound.percent),
            unit=verdict.unit,
            never=never,
            window=run.window,
        ),
    )


def _to_presence(verdict: Verdict) -> tuple[str, str]:
    return (
        _("What was seen in some sessions need not be the rule."),
        _(
            "The share of sessions in which it was seen is part of the verdict, over {trials} sessions, "
            "with its lower bound where it is a share.",
            trials=verdict.trials,
        ),
    )


def _to_doubt(verdict: Verdict) -> tuple[str, str]:
    if verdict.findings:
        return (
            _("Something was found, so the statement is refuted."),
            _("What was found is shown, but it carries no accusation: the reason is part of the verdict."),
        )
    return (
        _("Nothing was found, so the statement holds."),
        _(
            "Silence counts only where sending would have been noticed, often enough to bound what was "
            "missed; what is lacking, and what would settle it, is part of the verdict."
        ),
    )
