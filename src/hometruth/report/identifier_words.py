"""What a code is and how long it lives, as sentences that a layperson can read.

Terms: singled out, linkable, inference (Article 29 Working Party, Opinion 05/2014, WP216).
"""

from collections import Counter
from collections.abc import Callable, Sequence

from hometruth.model.identified import Code, OpenTie, Undecided, UndecidedReason
from hometruth.model.identifier import Basis, IdentifierKind, Lifetime, Phase
from hometruth.report.catalogue import _
from hometruth.report.sentences import listed

ACTIONS = {
    Phase.IDLE: "waiting",
    Phase.RESTART: "a restart",
    Phase.CLEAR_DATA: _("clearing the app's data"),
    Phase.REINSTALL: _("reinstalling the app"),
    Phase.REINSTALL_ALL: _("reinstalling every app of the vendor"),
    Phase.AD_ID_RESET: _("resetting the advertising id"),
    Phase.CLOCK: _("the days of the schedule"),
    Phase.CLOCK_GAP: _("a long pause without a start"),
    Phase.SIGN_IN: _("signing in"),
    Phase.SIGN_OUT: _("signing out"),
    Phase.FACTORY_RESET: _("a factory reset"),
}
_NAMES = {
    IdentifierKind.ADVERTISING: _("the device, as an advertising id does"),
    IdentifierKind.VENDOR: _("the device, for this vendor's apps"),
    IdentifierKind.INSTALLATION: _("this installation"),
    IdentifierKind.SESSION: _("one session"),
    IdentifierKind.DEVICE: _("the device"),
    IdentifierKind.ACCOUNT: _("the account"),
    IdentifierKind.UNKNOWN: _("the device, the installation or the session: which, was not tried"),
}

SHOWN = 4
"""Places of one code that a sentence names."""

Show = Callable[[str], str]
"""How a value is shown: masked, as a rule."""


def describe(code: Code, show: Show) -> str:
    """One code in a sentence or two."""
    if code.is_certain:
        verb = "names"
    elif code.basis is Basis.DOCUMENTED:
        verb = _("by public documents names")
    else:
        verb = _("looks like something that names")
    places = list(
        dict.fromkeys(
            _("{path} at {host}", path=item.place.path, host=item.place.host) for item in code.found
        )
    )
    where = ", ".join(places[:SHOWN]) + (
        _(" and at {part} more", part=len(places) - SHOWN) if len(places) > SHOWN else ""
    )
    sender = _(" from {listed}", listed=listed(code.apps)) if code.apps else ""
    examples = ", ".join(show(token) for token in sorted(code.tokens)[:2])
    yours = "".join(
        _(
            " It is your {name}{part}.",
            name=value.name,
            part="" if value.form == "plain" else _(", as {form}", form=value.form),
        )
        for value in code.known[:SHOWN]
    )
    return _(
        "What {listed} received{sender} in {where} ({examples}) {verb} {named}.{yours}{documented}{doubts} "
        "{lives}",
        listed=listed(code.receivers),
        sender=sender,
        where=where,
        examples=examples,
        verb=verb,
        named=_named(code),
        yours=yours,
        documented=_documented(code),
        doubts=_doubts(code),
        lives=lives(code.lifetime, _n_sessions(code)),
    )


def _named(code: Code) -> str:
    if code.kind is IdentifierKind.UNKNOWN and code.is_not_the_devices:
        return _("the installation, the profile or the session: which, was not tried")
    return _NAMES[code.kind]


def _documented(code: Code) -> str:
    """What a document says of it, told apart from what was seen."""
    if not code.meaning:
        return ""
    says = _("Documented as {says} ({source})", says=code.meaning.says, source=code.meaning.source)
    if code.basis is Basis.DOCUMENTED:
        return _(" {says}; not tried here.", says=says)
    if code.meaning.names.value in {code.kind.value, *_MAY_BE.get(code.kind, ())}:
        return _(" {says}, and seen so.", says=says)
    return _(" {says}, but seen otherwise.", says=says)


_MAY_BE = {IdentifierKind.UNKNOWN: ("installation", "session"), IdentifierKind.DEVICE: ("installation",)}
"""What a document may say without being contradicted by what was seen."""


def _doubts(code: Code) -> str:
    """What was not seen of it."""
    once = _(" It was sent once: whether the same is sent again was not seen.") if code.is_sent_once else ""
    not_device = (
        _(" It is not the device's: installations on one device sent different ones.")
        if code.is_not_the_devices
        else ""
    )
    return once + not_device


def _n_sessions(code: Code) -> int:
    """Sessions in which the device that sent it most often did."""
    return max(Counter(session.device for session in code.found[0].sessions).values())


def lives(lifetime: Lifetime, n_sessions: int) -> str:
    """How long it lives, and what it survives, as far as was tried.

    Args:
        n_sessions: Sessions of one device that sent it: of a single one only its end within it can be seen.
    """
    outlived = [ACTIONS[phase] for phase, kept in lifetime.survived if kept.kept and not kept.is_gone]
    survives = _(" It outlives {listed}.", listed=listed(outlived)) if outlived else ""
    match lifetime.ends_with:
        case "unknown":
            end = _("How long it lives was not tried.")
        case "session" if n_sessions == 1:
            end = _("It was renewed within the session.")
        case "session":
            end = _("It is new in every session.")
        case "forever":
            end = _("Nothing that was tried changed it.")
        case phase:
            end = _("{capitalize} ends it.", capitalize=ACTIONS[Phase(phase)].capitalize())
    private = lifetime.incognito
    between = lifetime.between_incognito
    windows = ""
    if private.asked:
        same = _("the same") if not private.is_gone else _("another one")
        windows += _(" In a private window it is {same} as in the normal one before.", same=same)
    if between.asked:
        windows += _(
            " Two private windows in a row send {part}.",
            part=_("the same") if not between.is_gone else _("two different"),
        )
    return f"{end}{survives}{windows}"


def tell_open_tie(tie: OpenTie, show: Show) -> str:
    """What an undecided code joins, if it is an identifier."""
    places = list(
        dict.fromkeys(_("{path} at {host}", path=item.place.path, host=item.place.host) for item in tie.group)
    )
    value = show(min(frozenset().union(*(item.tokens for item in tie.group))))
    windows = _(" from the normal and from the private window") if tie.is_in_both_windows else ""
    return _(
        "The same code was sent{windows} to {listed} ({listed2}: {value}). Whether it is an identifier is "
        "undecided; unless everybody sends this one, it joins {ends}.",
        windows=windows,
        listed=listed(tie.receivers),
        listed2=listed(places[:SHOWN]),
        value=value,
        ends=_ends(tie),
    )


def _ends(tie: OpenTie) -> str:
    ends = [_("the private window with the normal one")] if tie.is_in_both_windows else []
    if len(tie.receivers) > 1:
        ends.append(_("what {listed} received", listed=listed(tie.receivers)))
    return listed(ends)


_WHY = {
    UndecidedReason.ONE_INSTALLATION: _(
        "looks random: it is an identifier, or is built into the software and the same for everybody. One "
        "installation cannot tell; record a second one, and name both."
    ),
    UndecidedReason.ONE_DEVICE: _(
        "was the same in all installations on the only device: it names the device, or is the same "
        "everywhere. A second device of that model would tell."
    ),
    UndecidedReason.ONE_SENDER: _(
        "was sent by one of the devices only: an identifier, or the same in every installation. Make the "
        "other one send it, too."
    ),
    UndecidedReason.SENT_ONCE: _(
        "was another one on each device, and was sent once: an identifier, or the number of one record. "
        "Record a second session of each."
    ),
    UndecidedReason.SHARED: _("was the same on several devices, so it does not tell them apart"),
}


def tell(group: Sequence[Undecided], show: Show) -> str:
    """One code, wherever it was sent; or all that one document explains, in one sentence."""
    first = group[0]
    places = list(
        dict.fromkeys(_("{path} at {host}", path=item.place.path, host=item.place.host) for item in group)
    )
    where = ", ".join(places[:SHOWN]) + (
        _(" and at {part} more", part=len(places) - SHOWN) if len(places) > SHOWN else ""
    )
    tokens = sorted(frozenset().union(*(item.tokens for item in group)))
    examples = ", ".join(show(token) for token in tokens[:2]) + (", …" if len(tokens) > 2 else "")
    what = _(
        "What {listed} received in {where} ({examples})",
        listed=listed(sorted({item.receiver for item in group})),
        where=where,
        examples=examples,
    )
    if first.meaning and not first.is_open:
        whose = {"software": _("the software's"), "record": _("the number of one record")}[
            first.meaning.names
        ]
        return _(
            "{what} is {whose}, by public documents: {says} ({source}).",
            what=what,
            whose=whose,
            says=first.meaning.says,
            source=first.meaning.source,
        )
    told = f"{what} {_WHY[first.reason]}"
    if first.meaning:
        told += _(
            ", though documented as {says} ({source}).", says=first.meaning.says, source=first.meaning.source
        )
    if first.hint:
        told += _(" Its name is {says} ({source}).", says=first.hint.says, source=first.hint.source)
    return told
