"""What a code is and how long it lives, as sentences that a layperson can read.

Terms: singled out, linkable, inference (Article 29 Working Party, Opinion 05/2014, WP216).
"""

from collections import Counter
from collections.abc import Callable, Sequence

from hometruth.model.identified import Code, OpenTie, Undecided, UndecidedReason
from hometruth.model.identifier import Basis, IdentifierKind, Lifetime, Phase

ACTIONS = {
    Phase.IDLE: "waiting",
    Phase.RESTART: "a restart",
    Phase.CLEAR_DATA: "clearing the app's data",
    Phase.REINSTALL: "reinstalling the app",
    Phase.REINSTALL_ALL: "reinstalling every app of the vendor",
    Phase.AD_ID_RESET: "resetting the advertising id",
    Phase.CLOCK: "the days of the schedule",
    Phase.CLOCK_GAP: "a long pause without a start",
    Phase.SIGN_IN: "signing in",
    Phase.SIGN_OUT: "signing out",
    Phase.FACTORY_RESET: "a factory reset",
}
_NAMES = {
    IdentifierKind.ADVERTISING: "the device, as an advertising id does",
    IdentifierKind.VENDOR: "the device, for this vendor's apps",
    IdentifierKind.INSTALLATION: "this installation",
    IdentifierKind.SESSION: "one session",
    IdentifierKind.DEVICE: "the device",
    IdentifierKind.ACCOUNT: "the account",
    IdentifierKind.UNKNOWN: "the device, the installation or the session: which, was not tried",
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
        verb = "by public documents names"
    else:
        verb = "looks like something that names"
    places = list(dict.fromkeys(f"{item.place.path} at {item.place.host}" for item in code.found))
    where = ", ".join(places[:SHOWN]) + (f" and at {len(places) - SHOWN} more" if len(places) > SHOWN else "")
    sender = f" from {listed(code.apps)}" if code.apps else ""
    examples = ", ".join(show(token) for token in sorted(code.tokens)[:2])
    yours = "".join(
        f" It is your {value.name}{'' if value.form == 'plain' else f', as {value.form}'}."
        for value in code.known[:SHOWN]
    )
    return (
        f"What {listed(code.receivers)} received{sender} in {where} ({examples}) {verb} "
        f"{_named(code)}.{yours}{_documented(code)}{_doubts(code)} {lives(code.lifetime, _n_sessions(code))}"
    )


def _named(code: Code) -> str:
    if code.kind is IdentifierKind.UNKNOWN and code.is_not_the_devices:
        return "the installation, the profile or the session: which, was not tried"
    return _NAMES[code.kind]


def _documented(code: Code) -> str:
    """What a document says of it, told apart from what was seen."""
    if not code.meaning:
        return ""
    says = f"Documented as {code.meaning.says} ({code.meaning.source})"
    if code.basis is Basis.DOCUMENTED:
        return f" {says}; not tried here."
    if code.meaning.names.value in {code.kind.value, *_MAY_BE.get(code.kind, ())}:
        return f" {says}, and seen so."
    return f" {says}, but seen otherwise."


_MAY_BE = {IdentifierKind.UNKNOWN: ("installation", "session"), IdentifierKind.DEVICE: ("installation",)}
"""What a document may say without being contradicted by what was seen."""


def _doubts(code: Code) -> str:
    """What was not seen of it."""
    once = " It was sent once: whether the same is sent again was not seen." if code.is_sent_once else ""
    not_device = (
        " It is not the device's: installations on one device sent different ones."
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
    survives = f" It outlives {listed(outlived)}." if outlived else ""
    match lifetime.ends_with:
        case "unknown":
            end = "How long it lives was not tried."
        case "session" if n_sessions == 1:
            end = "It was renewed within the session."
        case "session":
            end = "It is new in every session."
        case "forever":
            end = "Nothing that was tried changed it."
        case phase:
            end = f"{ACTIONS[Phase(phase)].capitalize()} ends it."
    private = lifetime.incognito
    between = lifetime.between_incognito
    windows = ""
    if private.asked:
        same = "the same" if not private.is_gone else "another one"
        windows += f" In a private window it is {same} as in the normal one before."
    if between.asked:
        windows += (
            f" Two private windows in a row send {'the same' if not between.is_gone else 'two different'}."
        )
    return f"{end}{survives}{windows}"


def listed(things: Sequence[str]) -> str:
    """*things* as people enumerate them."""
    return " and ".join(filter(None, (", ".join(things[:-1]), *things[-1:])))


def tell_open_tie(tie: OpenTie, show: Show) -> str:
    """What an undecided code joins, if it is an identifier."""
    places = list(dict.fromkeys(f"{item.place.path} at {item.place.host}" for item in tie.group))
    value = show(min(frozenset().union(*(item.tokens for item in tie.group))))
    windows = " from the normal and from the private window" if tie.is_in_both_windows else ""
    return (
        f"The same code was sent{windows} to {listed(tie.receivers)} ({listed(places[:SHOWN])}: {value})."
        " Whether it is an identifier is undecided; unless everybody sends this one, it joins"
        f" {_ends(tie)}."
    )


def _ends(tie: OpenTie) -> str:
    ends = ["the private window with the normal one"] if tie.is_in_both_windows else []
    if len(tie.receivers) > 1:
        ends.append(f"what {listed(tie.receivers)} received")
    return listed(ends)


_WHY = {
    UndecidedReason.ONE_INSTALLATION: (
        "looks random: it is an identifier, or is built into the software and the same for everybody. One"
        " installation cannot tell; record a second one, and name both."
    ),
    UndecidedReason.ONE_DEVICE: (
        "was the same in all installations on the only device: it names the device, or is the same"
        " everywhere. A second device of that model would tell."
    ),
    UndecidedReason.ONE_SENDER: (
        "was sent by one of the devices only: an identifier, or the same in every installation. Make the"
        " other one send it, too."
    ),
    UndecidedReason.SENT_ONCE: (
        "was another one on each device, and was sent once: an identifier, or the number of one record."
        " Record a second session of each."
    ),
    UndecidedReason.SHARED: "was the same on several devices, so it does not tell them apart",
}


def tell(group: Sequence[Undecided], show: Show) -> str:
    """One code, wherever it was sent; or all that one document explains, in one sentence."""
    first = group[0]
    places = list(dict.fromkeys(f"{item.place.path} at {item.place.host}" for item in group))
    where = ", ".join(places[:SHOWN]) + (f" and at {len(places) - SHOWN} more" if len(places) > SHOWN else "")
    tokens = sorted(frozenset().union(*(item.tokens for item in group)))
    examples = ", ".join(show(token) for token in tokens[:2]) + (", …" if len(tokens) > 2 else "")
    what = f"What {listed(sorted({item.receiver for item in group}))} received in {where} ({examples})"
    if first.meaning and not first.is_open:
        whose = {"software": "the software's", "record": "the number of one record"}[first.meaning.names]
        return f"{what} is {whose}, by public documents: {first.meaning.says} ({first.meaning.source})."
    told = f"{what} {_WHY[first.reason]}"
    if first.meaning:
        told += f", though documented as {first.meaning.says} ({first.meaning.source})."
    if first.hint:
        told += f" Its name is {first.hint.says} ({first.hint.source})."
    return told
