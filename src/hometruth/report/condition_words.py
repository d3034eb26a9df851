"""Conditions in words: ``Mint Browser 3.4.0, incognito, consent given`` instead of factors and levels.

A setting is a condition, or several that gave the same picture, so that a reader meets few of them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from hometruth.model import Condition, Subject
from hometruth.report.catalogue import _

PRIVATE_MODES = frozenset({"incognito", "private", "inprivate"})
"""Levels of the factor ``mode`` that a browser's maker calls a private window."""
LEVEL_WORDS: Mapping[tuple[str, str], str] = {
    ("mode", "normal"): _("normal window"),
    ("mode", "incognito"): "incognito",
    ("mode", "private"): _("private window"),
    ("mode", "inprivate"): _("InPrivate window"),
    ("switch", "on"): _("switch on"),
    ("switch", "off"): _("switch off"),
    ("switch", "absent"): _("no switch"),
    ("consent", "none"): _("before consent"),
    ("consent", "given"): _("consent given"),
    ("consent", "withdrawn"): _("consent withdrawn"),
    ("account", "signed-in"): _("signed in"),
    ("account", "none"): _("signed out"),
    ("telemetry", "as-found"): _("telemetry as found"),
    ("telemetry", "aggregate"): _("telemetry aggregated"),
    ("reset", "none"): _("no reset"),
    ("trial", "none"): _("outside every session"),
    ("channels", "all"): _("all its channels"),
    ("channels", "apps"): _("the apps' channels"),
    ("channels", "sensors"): _("Sensors Analytics alone"),
}
"""What a level is called; one that is not here is named with its factor."""
SET_WORDS: Mapping[tuple[str, frozenset[str | None]], str] = {
    ("consent", frozenset(("none", "withdrawn"))): _("without consent"),
}
"""What several levels together are called."""
WHAT_IS_RUN = ("device", "app", "version")
"""Factors that say what was run; they come first and make one phrase."""

ALWAYS_NAMED = ("mode", "consent")
"""Factors that a reader looks for, even where the others imply their level."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Conditions told together: for each factor, the levels they have; None where one has no such factor."""

    levels: tuple[tuple[str, frozenset[str | None]], ...]
    conditions: tuple[Condition, ...]

    def of(self, factor: str) -> frozenset[str | None]:
        """The levels of one factor."""
        return dict(self.levels).get(factor, frozenset((None,)))

    @property
    def is_private(self) -> bool:
        """True if all of it is private windows."""
        return self.of("mode") <= PRIVATE_MODES


def settings_of(pictures: Mapping[Condition, object], apart: Collection[Condition]) -> tuple[Setting, ...]:
    """Join conditions of the same picture that differ in one factor only, until none can be joined.

    Args:
        pictures: What is seen of each condition; only equal ones are joined.
        apart: Conditions in which a private window is never told together with another.
    """
    factors = tuple(dict.fromkeys(name for condition in pictures for name, _ in condition.levels))
    rows: list[tuple[object, Setting]] = [
        (
            (picture, condition in apart and condition.get("mode")),
            Setting(tuple((name, frozenset((condition.get(name),))) for name in factors), (condition,)),
        )
        for condition, picture in pictures.items()
    ]
    before = 0
    while before != len(rows):
        before = len(rows)
        for factor in reversed(factors):
            rows = _joined_over(factor, rows)
    return tuple(setting for _, setting in rows)


def _joined_over(factor: str, rows: Iterable[tuple[object, Setting]]) -> list[tuple[object, Setting]]:
    """Rows with those joined that differ in *factor* alone."""
    alike: dict[tuple[object, object], list[Setting]] = {}
    for picture, setting in rows:
        others = tuple(levels for name, levels in setting.levels if name != factor)
        alike.setdefault((picture, others), []).append(setting)
    return [(picture, _one_of(factor, settings)) for (picture, _), settings in alike.items()]


def _one_of(factor: str, settings: Sequence[Setting]) -> Setting:
    union = frozenset(level for setting in settings for level in setting.of(factor))
    levels = tuple((name, union if name == factor else mine) for name, mine in settings[0].levels)
    return Setting(levels, tuple(one for setting in settings for one in setting.conditions))


def what_was_run(setting: Setting, subject: Subject) -> str:
    """``Mint Browser 3.4.0``: device and app where they are factors, and the version."""
    version = setting.of("version") != frozenset((None,)) and setting.of("app") == frozenset((None,))
    return f"{subject.product if version else ''} {_run_words(setting, (), subject)}".strip()


def setting_of(condition: Condition) -> Setting:
    """One condition alone."""
    return Setting(
        tuple((name, frozenset[str | None]((level,))) for name, level in condition.levels), (condition,)
    )


def where_words(setting: Setting, everything: Collection[Condition], subject: Subject) -> dict[str, str]:
    """How a sentence names a setting: private or not, of what, and the rest in brackets."""
    run_there, rest = what_was_run(setting, subject), around(setting, everything)
    return {
        "private": _("private ") if setting.is_private else "",
        "of": _(" of {run_there}", run_there=run_there) if run_there else "",
        "around": f" ({rest})" if rest else "",
    }


def setting_words(setting: Setting, everything: Iterable[Condition], subject: Subject) -> str:
    """The setting as a phrase, without what goes without saying.

    Args:
        everything: Every condition that was run: a factor of which the setting has all levels is left out,
            and so is one that the others imply.
    """
    everything = tuple(everything)
    same = frozenset(name for name, _ in setting.levels if len({one.get(name) for one in everything}) == 1)
    parts = [_run_words(setting, same, subject)]
    needed = _needed(setting, everything)
    parts += [_levels_words(name, setting.of(name)) for name in needed]
    # Where others have a level of it and this one has none, that is all there is to say.
    parts = [part for part in parts if part] or [_("{name} not set", name=name) for name in needed]
    return ", ".join(parts) or _("all sessions")


def together(settings: Sequence[Setting]) -> Setting:
    """Settings told as one: every level that any of them has."""
    names = tuple(dict.fromkeys(name for setting in settings for name, _ in setting.levels))
    levels = ((name, frozenset[str | None]().union(*(one.of(name) for one in settings))) for name in names)
    return Setting(tuple(levels), tuple(one for setting in settings for one in setting.conditions))


def around(setting: Setting, everything: Iterable[Condition]) -> str:
    """The setting without what was run, and without the word "private": ``consent given, signed in``."""
    private = setting.is_private
    names = (name for name in _needed(setting, tuple(everything)) if name != "mode" or not private)
    return ", ".join(filter(None, (_levels_words(name, setting.of(name)) for name in names)))


def condition_words(condition: Condition, subject: Subject) -> str:
    """One condition as a phrase, with every level it has."""
    setting = setting_of(condition)
    rest = [_levels_words(name, levels) for name, levels in setting.levels if name not in WHAT_IS_RUN]
    return ", ".join(filter(None, (what_was_run(setting, subject), *rest))) or _("all sessions")


def levels_words(levels: Iterable[Sequence[str]]) -> str:
    """Levels as a phrase, where no subject is at hand: ``version 3.4.0, incognito``.

    Args:
        levels: A factor each, and one level or several; apps and devices by their names.
    """
    told = ((name, names, _(" or ").join(names)) for name, *names in levels)
    return ", ".join(
        called if name in ("device", "app") else _levels_words(name, frozenset(names))
        for name, names, called in told
    )


def _needed(setting: Setting, everything: Sequence[Condition]) -> list[str]:
    """Factors to be named, beside what was run."""
    seen = {name: {one.get(name) for one in everything} for name, _ in setting.levels}
    named = [name for name, levels in setting.levels if levels != seen[name]]
    mine = frozenset(setting.conditions)
    for name in [name for name in named if name not in (*WHAT_IS_RUN, *ALWAYS_NAMED)]:
        rest = [other for other in named if other != name]
        if mine == {one for one in everything if all(one.get(each) in setting.of(each) for each in rest)}:
            named = rest
    return [name for name in named if name not in WHAT_IS_RUN]


def _run_words(setting: Setting, unsaid: Collection[str], subject: Subject) -> str:
    told = []
    for name in WHAT_IS_RUN:
        levels = [level for level in setting.of(name) if level is not None]
        words = _(" or ").join(sorted(subject.product_of(word) if name == "app" else word for word in levels))
        if name not in unsaid or name == "version":
            told.append(words)
    return " ".join(filter(None, told))


def _levels_words(factor: str, levels: frozenset[str | None]) -> str:
    if (factor, levels) in SET_WORDS:
        return SET_WORDS[factor, levels]
    named = sorted(level for level in levels if level is not None)
    if all((factor, level) in LEVEL_WORDS for level in named):
        words = _(" or ").join(LEVEL_WORDS[factor, level] for level in named)
    else:
        words = f"{factor} {_(' or ').join(named)}"
    return words if None not in levels or not named else _("{words} or not set", words=words)
