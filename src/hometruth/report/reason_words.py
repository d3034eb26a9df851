"""Parts of reasons that take more than a template: lists, names of data, sizes, what may be missing."""

from collections.abc import Callable, Mapping, Sequence

from hometruth.model import CanaryKind, Fact, Reason, Tells
from hometruth.report.catalogue import _
from hometruth.report.words import KIND_NAMES, TELLS_WORDS, at_most, data_name, known_name, with_article

Sentence = Callable[[Mapping[str, Fact]], str]
Tell = Callable[[Reason], str]

CONTROL_WORDS = {
    "readable-telemetry": _("readable telemetry"),
    "telemetry-read-whole": _("telemetry that is read to the last byte"),
    "identifier": _("a recognised identifier"),
}
LEAK_WORDS = {
    "everything": _("all addresses that we planted (up to {size} a session)"),
    "address": _("one whole address (the shortest of its session, up to {size})"),
    "128 bytes": "128 bytes",
    "32 bytes": "32 bytes",
}
"""Sizes of leak, as what did or did not fit."""


MANY_WORDS = with_article(KIND_NAMES[CanaryKind.SEARCH])
"""What takes the plural."""


def data_named(facts: Mapping[str, Fact]) -> str:
    """What a sentence calls a planted or known value."""
    named = with_article(data_name(str(facts["what"]), str(facts["data"])))
    return TELLS_WORDS[Tells(str(facts.get("tells", "whole")))].format(named)


def data_was(facts: Mapping[str, Fact]) -> str:
    """The same with its verb: ``the page visited was``, ``the words searched were``."""
    named = data_named(facts)
    return f"{named} {'were' if named == MANY_WORDS else 'was'}"


def asked_for(facts: Mapping[str, Fact]) -> str:
    """What was asked for, as a list."""
    return ", ".join(_asked(what) for what in texts(facts["what"]))


def _asked(what: str) -> str:
    """A kind, a known value, readable telemetry, or what an action planted."""
    # An action may share its name with a kind: what a search plants are the words searched.
    if what in set(CanaryKind) or known_name(what):
        return with_article(data_name(what, what))
    return CONTROL_WORDS.get(what) or _("what “{what}” planted", what=what)


def shown_by_control(facts: Mapping[str, Fact]) -> str:
    """What a positive control shows, or should."""
    what = str(facts["what"])
    return CONTROL_WORDS.get(what, f"{what} canaries")


def texts(fact: Fact) -> tuple[str, ...]:
    """A fact that is a list of texts."""
    assert isinstance(fact, tuple)
    return tuple(map(str, fact))


def where(fact: Fact) -> str:
    """``with mode=incognito``; nothing if any condition would do."""
    levels = texts(fact)
    return _("with {listed}", listed=", ".join(levels)) if levels else _("under any condition")


def either(names: Sequence[str], otherwise: str = "") -> str:
    """``a or b``."""
    return _(" or ").join(names) or otherwise


def content_sent(facts: Mapping[str, Fact]) -> str:
    """What was sent, to whom, through what."""
    through = _(" through {sdk}", sdk=facts["sdk"]) if facts["sdk"] else ""
    return _(
        "{data_was} sent to {whom}{through}", data_was=data_was(facts), whom=_whom(facts), through=through
    )


def content_tried(facts: Mapping[str, Fact]) -> str:
    """What was tried to send, and did not arrive as far as anybody saw."""
    happened = _("it was stopped") if facts["delivered"] == "blocked" else _("nothing answered")
    return _(
        "it was tried to send {data_named} to {whom}, and {happened}",
        data_named=data_named(facts),
        whom=_whom(facts),
        happened=happened,
    )


def _whom(facts: Mapping[str, Fact]) -> str:
    """The organisation with its host, or the host alone where nobody knows whose it is."""
    if not facts["organisation"]:
        return f"{facts['host']}"
    host = facts["host"]
    if more := facts.get("more_hosts"):
        host = _("{host} and {n} more of its hosts", host=host, n=more)
    return f"{facts['organisation']} ({host})"


def stayed_opaque(facts: Mapping[str, Fact]) -> str:
    """How much that went to the vendor nobody could read; or that nothing did, or nothing of here."""
    if facts["percent"] is not None:
        return _("{percent} of the bytes sent to the vendor stayed opaque", percent=facts["percent"])
    if late := facts.get("late"):
        return _(
            "all that was sent to the vendor during these sessions told of others ({n} requests)", n=late
        )
    return _("nothing at all was sent to the vendor")


def also_sent(facts: Mapping[str, Fact]) -> str:
    """What reached somebody else, in how many sessions, and by whose doing."""
    host = facts["host"]
    told = _(
        ", but {data_was} sent to {part} ({host})",
        data_was=data_was(facts),
        part=facts["organisation"] or _("somebody unknown"),
        host=host,
    )
    told += _(" in {n} of {of} sessions", n=facts["n"], of=facts["of"])
    if facts["initiator"] == "page":
        told += _(", by a page")
    return _("{told}, which the statement excuses", told=told) if facts["excused"] else told


def only_with_app(facts: Mapping[str, Fact]) -> str:
    """That a stream never occurred without the app."""
    apps = texts(facts["apps"])
    who, pronoun = (
        (apps[0], "it") if len(apps) == 1 else (_("one of {listed}", listed=", ".join(apps)), "them")
    )
    without = _("{n} sessions on the same phone without {pronoun}", n=facts["n"], pronoun=pronoun)
    return _("sent by {who}: the same stream was never seen in {without}", who=who, without=without)


def unknown_sender(facts: Mapping[str, Fact]) -> str:
    """That nobody knows which app it was."""
    return _(
        ", but that is what the phone sent: neither the user agent nor the event names an app, and no "
        "control run of {needed} sessions without {either} shows that the stream is its own, so nothing is "
        "said of the app",
        needed=facts["needed"],
        either=either(texts(facts["apps"])),
    )


def bound(facts: Mapping[str, Fact]) -> str:
    """All bounds, the deciding one first, each with its unit."""
    unit = str(facts["unit"])
    words = [_("at most {bound} of {unit}", bound=_bound(facts[unit]), unit=unit)]
    for other in ("installations", "sessions", "actions"):
        if other != unit and other in facts:
            by_itself = _(" if each were decided by itself") if other == "actions" else ""
            words.append(
                _(
                    "{bound} of {other}{by_itself}",
                    bound=_bound(facts[other]),
                    other=other,
                    by_itself=by_itself,
                )
            )
    told = f"{words[0]} ({', '.join(words[1:])})"
    return _("at 95 % confidence {told} do otherwise in a way that can be read", told=told)


def unexplained(facts: Mapping[str, Fact]) -> str:
    """Random fields that nobody explains, and how much fits into them."""
    more = _(" and {more} more", more=facts["more"]) if facts["more"] else ""
    fixed = _(", a form that a specification fixes") if facts["only_specified"] else ""
    return _(
        "in {sessions} of {of} sessions random values of up to {most_bytes} bytes that nobody explains were "
        "sent ({listed}{more}{fixed}): a nonce looks like that, and so does what was planted, enciphered",
        sessions=facts["sessions"],
        of=facts["of"],
        most_bytes=facts["most_bytes"],
        listed=", ".join(texts(facts["fields"])),
        more=more,
        fixed=fixed,
    )


def requests_went(facts: Mapping[str, Fact]) -> str:
    """In how many sessions a request went somewhere, and what was done in them."""
    done = ""
    if (actions := facts["actions"]) is not None:
        done = (
            _(" with {listed} and nothing else", listed=", ".join(texts(actions)))
            if actions
            else _(" in which nothing was done")
        )
    return _(
        "in {n} of {of} sessions{done} a request went to {either} (at 95 % confidence, in more than "
        "{more_than_percent} of such sessions); for example to {endpoint}",
        n=facts["n"],
        of=facts["of"],
        done=done,
        either=either(texts(facts["hosts"]), _("the vendor")),
        more_than_percent=facts["more_than_percent"],
        endpoint=facts["endpoint"],
    )


def presence_missing(facts: Mapping[str, Fact]) -> str:
    """What was said to be there and was not."""
    joint = _(" in one request") if facts["together"] else ""
    where = either(texts(facts["hosts"]), _("the vendor"))
    if was_said(facts):
        return _(
            "{asked_for}: said to be sent{joint}, but not seen at {where}",
            asked_for=asked_for(facts),
            joint=joint,
            where=where,
        )
    return _("{asked_for}: not seen{joint} at {where}", asked_for=asked_for(facts), joint=joint, where=where)


def no_request_went(facts: Mapping[str, Fact]) -> str:
    """That no request went where one was said to go."""
    where = either(texts(facts["hosts"]), _("the vendor"))
    return (
        _("requests were said to go to {where}, but none did", where=where)
        if was_said(facts)
        else _("no request went to {where}", where=where)
    )


def was_said(facts: Mapping[str, Fact]) -> bool:
    """True unless nobody spoke of the condition in which something is missing."""
    return facts.get("said", True) is True


def presence_shown(facts: Mapping[str, Fact], tell: Tell) -> str:
    """In how many sessions it was there."""
    each = "" if len(texts(facts["what"])) == 1 else _(", each of {asked_for}", asked_for=asked_for(facts))
    joint = _(" in one request") if facts["together"] else ""
    example = facts["example"]
    assert isinstance(example, Reason)
    return _(
        "{at_least} sessions{each}{joint} (at 95 % confidence, in more than {more_than_percent} of such "
        "sessions); for example {tell}",
        at_least=_at_least(facts["n"], facts["of"]),
        each=each,
        joint=joint,
        more_than_percent=facts["more_than_percent"],
        tell=tell(example),
    )


def _at_least(n: Fact, of: Fact) -> str:
    """``in all 30``, or ``in at least 29 of 30``."""
    return _("in all {of}", of=of) if n == of else _("in at least {n} of {of}", n=n, of=of)


def sent_by_others(facts: Mapping[str, Fact]) -> str:
    """What the products compared with sent as well."""
    sessions = facts["sessions"]
    assert isinstance(sessions, tuple)
    told = ", ".join(
        _("the {kind} canary in {n} of {of}", kind=kind, n=n, of=facts["of"])  # type: ignore[misc, str-unpack]
        for kind, n in sessions
    )
    return _("what is sent here was sent by the products compared with, too: {told} sessions", told=told)


def _bound(fact: Fact) -> str:
    assert isinstance(fact, int | float)
    return at_most(fact)


def too_few(facts: Mapping[str, Fact], tell: Tell) -> str:
    """How many sessions there were, and how many would do."""
    n, unit, missing, worth, example = (facts[key] for key in ("n", "unit", "missing", "worth", "example"))
    assert isinstance(n, int)
    assert isinstance(worth, int)
    lost = ""
    if missing and isinstance(example, Reason):
        lost = _(", {missing} of them without a valid result ({tell})", missing=missing, tell=tell(example))
    if 0 < worth < n:
        lost += _(", worth {worth} since the control missed some", worth=worth)
    return _(
        "nothing violates it in {n} {unit}{lost}, which is too few for a bound of {target_percent:.0f} %: "
        "{needed} complete {unit} would settle it",
        n=n,
        unit=unit,
        lost=lost,
        target_percent=facts["target_percent"],
        needed=facts["needed"],
    )


def amounts(facts: Mapping[str, Fact]) -> str:
    """What one session sent, against what most did."""
    return _(
        "{session}: {amount}, others: {amount2}",
        session=facts["session"],
        amount=_amount(facts["records_and_bytes"]),
        amount2=_amount(facts["others"]),
    )


def _amount(fact: Fact) -> str:
    assert isinstance(fact, tuple)
    records, size_bytes = fact
    return _(
        "{records} {part} in {size_bytes:,} bytes",
        records=records,
        part="record" if records == 1 else "records",
        size_bytes=size_bytes,
    )


def sessions(facts: Mapping[str, Fact]) -> str:
    """Two sessions, and what differed there."""
    there = _(", there {there}", there=facts["there"]) if facts.get("there") else ""
    return _(" and ").join(texts(facts["sessions"])) + there


def token_old(facts: Mapping[str, Fact]) -> str:
    """On which days a token was the same."""
    days = facts["days"]
    assert isinstance(days, tuple)
    called = _("another code, {field},", field=facts["field"]) if facts["unnamed"] else facts["field"]
    return _(
        "{called} was the same on days {listed}", called=called, listed=", ".join(f"{day:g}" for day in days)
    )


def lean(facts: Mapping[str, Fact]) -> str:
    """In how many pairs the treated half sent more, or less."""
    larger, pairs = facts["larger"], facts["pairs"]
    assert isinstance(larger, int)
    assert isinstance(pairs, int)
    n, how = (pairs - larger, "smaller") if pairs - larger > larger else (larger, "larger")
    where = _(
        "the traffic to {endpoint} was {how} in the half where something was done",
        endpoint=facts["endpoint"],
        how=how,
    )
    return _("in {n} of {pairs} pairs {where}", n=n, pairs=pairs, where=where)


def leak(facts: Mapping[str, Fact]) -> str:
    """A size of leak."""
    size = facts["size_bytes"]
    assert isinstance(size, int | float)
    told = f"{size / 1000:.1f} kB" if size >= 1000 else f"{size:.0f} bytes"
    return LEAK_WORDS[str(facts["leak"])].format(size=told)


def no_room(facts: Mapping[str, Fact]) -> str:
    """Which leak did not fit, in how many sessions, and what is not excluded."""
    n, of, endpoint = facts["n"], facts["of"], facts["endpoint"]
    told = _(
        "in none of {of} sessions did {endpoint} have room for {leak}",
        of=of,
        endpoint=endpoint,
        leak=leak(facts),
    )
    if n:
        told = _(
            "in {n} of {of} sessions {endpoint} had room for {leak}",
            n=n,
            of=of,
            endpoint=endpoint,
            leak=leak(facts),
        )
    told += _(
        ": at most {percent} of sessions can have sent that (95 % confidence)", percent=facts["percent"]
    )
    smaller = facts["smaller"]
    assert isinstance(smaller, tuple)
    rest = [item.as_dict() for item in smaller if isinstance(item, Reason)]
    if rest:
        listed = ", ".join(
            _("for {leak} in {n} of {of}", leak=leak(item), n=item["n"], of=of) for item in rest
        )
        told += _(
            "; there was room {listed}: that visits are counted, or parts of them sent, is not excluded",
            listed=listed,
        )
    return told


def odds(probability: Fact) -> str:
    """How rarely something happens by chance, as one of so many."""
    assert isinstance(probability, int | float)
    return f"{1 / probability:,.0f}" if probability > 1e-15 else "10^15"


def e_value(number: Fact) -> str:
    """An e-value for people."""
    assert isinstance(number, int | float)
    return f"{number:,.0f}" if number < 1e15 else _("over 10^15")
