"""What sessions in pairs showed of traffic that cannot be read, as the sentence that is repeated."""

from dataclasses import dataclass

from hometruth.model import TESTERS_MARK, Audit, Condition, Effect, ReasonKind, Rung, Verdict, VerdictKind
from hometruth.report.condition_words import Setting, setting_of, together, where_words
from hometruth.report.effects import effects_asked, most_telling, shown_first
from hometruth.report.sentences import say, servers


@dataclass(frozen=True, slots=True)
class Dependence:
    """One sentence on all pairs of the run."""

    told: str
    leads: bool
    """True if it contradicts a statement: then it is what was found."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """What shows most under one condition."""

    condition: Condition
    effect: Effect
    row: Verdict | None
    """The verdict that it contradicts, if any."""

    @property
    def weight(self) -> tuple[bool, bool, int, bool, float]:
        """A contradiction, a private window, more than occurrence, a count of pairs: in this order."""
        private, rung = setting_of(self.condition).is_private, list(Rung).index(self.effect.rung)
        return self.row is not None, private, rung, self.effect.by_coin, self.effect.e_value


def dependence_told(audit: Audit, vendor: str) -> Dependence | None:
    """The sentence; None if nothing was run in pairs.

    Args:
        vendor: Names of those whose receipt the statements are about.
    """
    asked = effects_asked(audit)
    against = {row.condition: row for row in audit.verdicts if _contradicts_unread(row)}
    shown = [
        _Shown(condition, effect, row)
        for condition, effects in asked.items()
        for row in (against.get(condition),)
        if (effect := most_telling(_proving(row)) if row else shown_first(effects))
    ]
    if shown:
        best = max(shown, key=lambda each: each.weight)
        return Dependence(_told(audit, best, vendor), leads=best.row is not None)
    run = sum(max((effect.pairs for effect in effects), default=0) for effects in asked.values())
    if not run:
        return None
    where = _where(audit, together([setting_of(condition) for condition in asked]))
    return Dependence(say("follows-none", run=f"{run:,}", **where), leads=False)


def _contradicts_unread(row: Verdict) -> bool:
    """True of one condition, in scope, that no single request proves."""
    contradicted = row.verdict is VerdictKind.CONTRADICTED and row.in_scope and not row.proof
    return contradicted and bool(row.effects) and bool(row.condition.levels)


def _proving(row: Verdict) -> list[Effect]:
    """The effects that the verdict rests on."""
    kinds = (ReasonKind.DEPENDS, ReasonKind.LENGTHS_REPEATED, ReasonKind.LARGER_IF_RANDOM)
    named = {reason.as_dict().get("endpoint") for reason in row.reasons if reason.kind in kinds}
    return [effect for effect in row.effects if effect.endpoint in named]


def _told(audit: Audit, shown: _Shown, vendor: str) -> str:
    effect, phrase = shown.effect, audit.subject.phrase
    whom = servers(audit.subject, vendor) if effect.vendor and vendor else effect.endpoint
    facts = {"phrase": phrase, "whom": whom, **_where(audit, setting_of(shown.condition))}
    if not effect.by_coin:
        pairs = effect.pairs if effect.by_barcode else effect.content_pairs
        return say("repeats" if effect.by_barcode else "random", run=f"{pairs:,}", **facts)
    trials = [trial for trial in audit.trials if trial.condition == shown.condition]
    is_marked = any(record.action == TESTERS_MARK for trial in trials for record in trial.actions)
    return say(
        "follows" if shown.row else "follows-somebody",
        n=f"{effect.leaning:,}",
        run=f"{effect.untied:,}",
        more=say("sent-more" if effect.wins == effect.leaning else "sent-less"),
        done=say("done-something" if is_marked else "done-visits"),
        **facts,
    )


def _where(audit: Audit, setting: Setting) -> dict[str, str]:
    return where_words(setting, {trial.condition for trial in audit.trials}, audit.subject)
