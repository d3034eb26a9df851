"""What was found, as sentences that a layperson can read and that say no more than was seen.

Terms: singled out, linkable, inference (Article 29 Working Party, Opinion 05/2014, WP216).
"""

from collections import Counter
from collections.abc import Callable, Sequence

from hometruth.identity.identifiers.codes import Code
from hometruth.identity.identifiers.event import RESETS, Comparison, Phase
from hometruth.identity.identifiers.found import Found
from hometruth.identity.identifiers.kind import Basis, Kind
from hometruth.identity.identifiers.lifetime import SESSION, UNKNOWN, Lifetime
from hometruth.identity.identifiers.links import Link, LinkKind
from hometruth.identity.identifiers.rotation import Rotation

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
    Kind.ADVERTISING: "the device, as an advertising id does",
    Kind.VENDOR: "the device, for this vendor's apps",
    Kind.INSTALLATION: "this installation",
    Kind.SESSION: "one session",
    Kind.DEVICE: "the device",
    Kind.ACCOUNT: "the account",
    Kind.UNKNOWN: "the device, the installation or the session: which, was not tried",
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
    if code.kind is Kind.UNKNOWN and code.is_not_the_devices:
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


_MAY_BE = {Kind.UNKNOWN: ("installation", "session"), Kind.DEVICE: ("installation",)}
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


def tell_resets(codes: Sequence[Code]) -> list[str]:
    """For each reset that was tried, how many codes it changed, and what the others go on joining."""
    told = []
    for phase in (*RESETS, Phase.CLOCK_GAP):
        asked = [code for code in codes if code.lifetime.kept(phase).asked and code.kind is not Kind.SESSION]
        kept = [code for code in asked if not code.lifetime.kept(phase).is_gone]
        if not asked:
            continue
        action = ACTIONS[phase]
        told.append(
            f"{action.capitalize()} changed {len(asked) - len(kept)} of {_codes(len(asked))}."
            + (
                f" {_others(len(kept), len(asked))} what was sent before with what was sent after"
                f" ({', '.join(sorted({receiver for code in kept for receiver in code.receivers}))})."
                if kept
                else ""
            )
        )
    return told


def tell_links(links: Sequence[Link]) -> list[str]:
    """What can be joined: one sentence for all things that the same places tie together."""
    groups: dict[tuple[object, ...], list[Link]] = {}
    for link in links:
        ends = link.between if link.kind in _PAIRS else link.between[:1]
        paths = tuple(sorted({item.place.path for item in link.via}))
        alone = (ends, paths) if link.kind is not LinkKind.ACCOUNT else ends
        key = (link.kind, link.receivers, link.is_certain, paths if link.kind in _ANY else alone)
        groups.setdefault(key, []).append(link)
    return [_tell(group) for group in groups.values()]


_ANY = frozenset({LinkKind.APPS, LinkKind.HOSTS})
_PAIRS = frozenset({LinkKind.INCOGNITO, LinkKind.TWO_INCOGNITO, LinkKind.RESET, LinkKind.DEVICES})


def _tell(group: Sequence[Link]) -> str:
    link = group[0]
    who = link.receivers
    can = f"{who[0]} can join" if len(who) == 1 else f"{listed(who)} could join, if they compared,"
    likely = "" if link.is_certain else "If what looks like an identifier is one: "
    same = listed(list(dict.fromkeys(item.place.path for item in link.via))[:SHOWN])
    n_devices = max(item.n_devices for item in group)
    on = f"on {n_devices} device{'s' * (n_devices != 1)}"
    things = listed(sorted({end for item in group for end in item.between}))
    match link.kind:
        case LinkKind.ACCOUNT:
            beside = listed(list(dict.fromkeys(item.between[1] for item in group))[:SHOWN])
            text = (
                f"{can} the account with what was sent without it: one record holds {link.between[0]} beside "
                f"{beside} (exchange {link.exchange}; {on})."
            )
        case LinkKind.DEVICES:
            text = f"{can} {link.between[0]} with {link.between[1]}: both sent the same ({same})."
        case LinkKind.APPS:
            text = f"{can} what {things} send: the same code is in all ({same}; {on})."
        case LinkKind.HOSTS:
            text = f"{can} what {things} received: the same code is in all ({same}; {on})."
        case _:
            text = f"{can} {link.between[0]} with {link.between[1]}: the same code is in both ({same}; {on})."
    return likely + text


def tell_rotation(found: Found, seen: Rotation) -> str:
    """What the schedule of days showed."""
    days = ", ".join(f"{day:g}" for day in seen.days)
    if seen.outlives:
        text = (
            f"{found.place.path} was the same for {seen.oldest_days:g} days (starts on days {days}):"
            f" longer than the promised {seen.promised_days:g}."
        )
        if seen.renewed_after_gap:
            text += " After a pause longer than that it was new: it is renewed only where nobody uses it."
        return text
    if not seen.is_asked:
        return (
            f"{found.place.path} was not watched for more than {seen.promised_days:g} days with shorter gaps"
            f" (starts on days {days}): whether it is renewed in time is open."
        )
    limit = f"{seen.promised_days:g} days"
    return f"{found.place.path} was not seen for longer than {limit} (starts on days {days})."


def judged_by(comparison: Comparison) -> str:
    """How sure the answers are, and why."""
    match comparison:
        case Comparison.TWINS:
            return "Twins were compared: a code stays within one device and differs from the other's."
        case Comparison.INSTALLATIONS:
            return (
                "Installations on one device were compared: a code stays within one and differs between them."
                " What they share may be the device's, or the same everywhere: that is left open."
            )
        case Comparison.MIXED:
            return (
                "Different devices were compared, so what differs may be the model's or the version's: only"
                " the shape of a value tells, and it looks like a code."
            )
    return (
        "One device was recorded. What never changes on it may be built into the software, the same for"
        " everybody: that is left open, unless a document tells. Record a twin, another installation, or the"
        " same device after a factory reset, to know."
    )


def summary(codes: Sequence[Code], n_open: int, links: Sequence[Link], n_records: int) -> list[str]:
    """The three questions of WP216.

    Args:
        n_open: Codes of which it cannot be told.
    """
    certain = [code for code in codes if code.is_certain]
    lasting = [code for code in certain if code.lifetime.ends_with not in {SESSION, UNKNOWN}]
    by_document = [code for code in codes if not code.is_certain and code.basis is Basis.DOCUMENTED]
    n_looks = len(codes) - len(certain) - len(by_document)
    told = []
    if certain:
        told.append(f"yes: {_codes(len(certain))}, {len(lasting)} of which were seen to outlast a session")
    if by_document:
        told.append(f"by public documents: {_codes(len(by_document))}")
    if n_looks:
        told.append(f"perhaps: {_codes(n_looks)} by their looks")
    if not told:
        told.append(f"no identifier was found in {n_records:,} records")
    if n_open:
        told.append(f"{_codes(n_open)} undecided")
    singled = "; ".join(told)
    proven = [link for link in links if link.is_certain]
    linkable = (
        f"yes: {len(proven)} kinds of records can be joined" if proven else "nothing was seen to be joined"
    )
    return [f"singled out: {singled}", f"linkable: {linkable}", "inference: not tested"]


def _codes(number: int) -> str:
    return f"{number} code{'s' * (number != 1)}"


def _others(kept: int, asked: int) -> str:
    if kept == asked:
        return "It still joins" if kept == 1 else f"All {kept} still join"
    return "The other still joins" if kept == 1 else f"The other {kept} still join"


def listed(things: Sequence[str]) -> str:
    """*things* as people enumerate them."""
    return " and ".join(filter(None, (", ".join(things[:-1]), *things[-1:])))
