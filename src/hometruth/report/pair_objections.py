"""The strongest objection to a verdict that rests on pairs of sessions, its answer, and what is the proof."""

from hometruth.model import Effect, Rung, Verdict, VerdictKind
from hometruth.report.catalogue import _
from hometruth.report.reason_words import LEAK_WORDS


def to_pairs(verdict: Verdict, window: str) -> tuple[str, str]:
    """What is to be said against the verdict, and what can be answered."""
    if verdict.verdict is VerdictKind.CONTRADICTED:
        return _to_content() if _highest(verdict) is Rung.CONTENT else _to_occurrence()
    if verdict.verdict is VerdictKind.CONSISTENT:
        return _to_silence(verdict, window)
    return (
        _("Nothing could be read, so nothing is known."),
        _(
            "What the traffic depends on can be shown without reading it, and so can that it had no room; "
            "which of the two is lacking here, and what would settle it, is part of the verdict."
        ),
    )


def proof_of_pairs(verdict: Verdict) -> str:
    """What shows it, most shortly: one session's lengths, the coins of all pairs, or all sessions' room."""
    effect = max(verdict.effects, key=lambda item: (list(Rung).index(item.rung), item.e_value))
    if verdict.verdict is VerdictKind.CONSISTENT:
        return _(
            "The sizes of what {sessions} sessions sent, against what was planted in each: bytes that were "
            "not sent cannot have held it.",
            sessions=effect.sessions,
        )
    if effect.by_barcode:
        return _(
            "Session {barcode_trial} alone: the sizes of its ciphertexts, in the order of sending, against "
            "the lengths of the addresses visited in it, which were sealed before the run.",
            barcode_trial=effect.barcode_trial,
        )
    if effect.rung is not Rung.NONE:
        return _(
            "The coins of {pairs} pairs, sealed before the run, against which half sent more.",
            pairs=effect.pairs,
        )
    return _("None: the pairs show nothing yet.")


def _highest(verdict: Verdict) -> Rung:
    return max((effect.rung for effect in verdict.effects), key=list(Rung).index)


def _to_content() -> tuple[str, str]:
    return (
        _("Length is not content: nobody has read an address in it."),
        _(
            "Nobody has, and the verdict does not say so. The lengths were drawn at random for each address "
            "and told to nobody; a digest or a category has no length to carry. What has the lengths of all "
            "of them, in their order, was made from the addresses."
        ),
    )


def _to_occurrence() -> tuple[str, str]:
    return (
        _("Any action may set something off that has nothing to do with what is visited, such as a refresh."),
        _(
            "So it may, and no more is said: that the traffic depends on whether something is visited. The "
            "other half of each pair made the same taps at equally random moments, and a coin that the app "
            "cannot know decided which half it was."
        ),
    )


def _to_silence(verdict: Verdict, window: str) -> tuple[str, str]:
    effect = verdict.effects[0]
    return (
        _("Less than that may be sent, later, or inside traffic of constant size."),
        _(
            "Less: the bounds for less stand beside it{smallest}. Constant size: what was not sent cannot "
            "have held it, whatever it looks like. Later: not answered; each session was watched {window} "
            "and no longer. That a leak would have been noticed is shown where sending is admitted, at the "
            "same endpoint.",
            smallest=_smallest(effect),
            window=window,
        ),
    )


def _smallest(effect: Effect) -> str:
    without = [room for room in effect.room if not room.trials_with_room]
    if not without:
        return ""
    name = LEAK_WORDS[without[-1].leak].split(" (")[0]
    return _(", and the smallest that no session had room for is {name}", name=name)
