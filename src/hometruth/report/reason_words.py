"""Parts of reasons that take more than a template: lists, names of data, sizes, what may be missing."""

from collections.abc import Callable, Mapping, Sequence

from hometruth.model import Fact, Reason

Sentence = Callable[[Mapping[str, Fact]], str]
Tell = Callable[[Reason], str]

DATA_WORDS = {
    "page": "the page visited",
    "search": "the search typed",
    "song": "the song played",
    "screen": "the screen opened",
    "folder": "the folder opened",
    "item": "the item tapped",
    "download": "the file downloaded",
    "typed": "the text typed and never submitted",
    "prompt": "the question to the assistant",
    "page-text": "the text of the page read",
    "form-field": "the text typed into a form and never sent",
    "clipboard": "the text copied",
    "account": "the account name",
    "device-id": "a device identifier",
    "known": "a known value",
}
KNOWN_WORDS = {
    "android-id": "the Android ID",
    "advertising-id": "the advertising ID",
    "imei": "the IMEI",
    "serial": "the serial number",
}
"""Known values of a device by the id of their canary: what the tester can read in its settings."""
CONTROL_WORDS = {
    "readable-telemetry": "readable telemetry",
    "telemetry-read-whole": "telemetry that is read to the last byte",
    "identifier": "a recognised identifier",
}
TOLD_WORDS = {
    "whole": "{}",
    "part": "part of {}",
    "digest": "a digest of {}",
    "short-digest": "a digest of 32 bits of {}",
}
"""What of a value was told."""
LEAK_WORDS = {
    "everything": "all addresses that we planted (up to {size} a session)",
    "address": "one whole address (the shortest of its session, up to {size})",
    "128 bytes": "128 bytes",
    "32 bytes": "32 bytes",
}
"""Sizes of leak, as what did or did not fit."""


def data_named(facts: Mapping[str, Fact]) -> str:
    """What a sentence calls a planted or known value."""
    what, data = str(facts["what"]), str(facts["data"])
    named = KNOWN_WORDS.get(what) or DATA_WORDS.get(data, f"the {data} canary")
    return TOLD_WORDS[str(facts.get("tells", "whole"))].format(named)


def asked_for(facts: Mapping[str, Fact]) -> str:
    """What was asked for, as a list."""
    return ", ".join(_asked(what) for what in texts(facts["what"]))


def _asked(what: str) -> str:
    """A kind, a known value, readable telemetry, or what an action planted."""
    named = KNOWN_WORDS.get(what) or DATA_WORDS.get(what) or CONTROL_WORDS.get(what)
    # An action may share its name with a kind: what a search plants is the search typed.
    return named or f"what “{what}” planted"


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
    return f"with {', '.join(levels)}" if levels else "under any condition"


def either(names: Sequence[str], otherwise: str = "") -> str:
    """``a or b``."""
    return " or ".join(names) or otherwise


def content_sent(facts: Mapping[str, Fact]) -> str:
    """What was sent, to whom, through what."""
    host, sdk = facts["host"], facts["sdk"]
    through = f" through {sdk}" if sdk else ""
    return f"{data_named(facts)} was sent to {facts['organisation'] or host} ({host}){through}"


def content_tried(facts: Mapping[str, Fact]) -> str:
    """What was tried to send, and did not arrive as far as anybody saw."""
    host = facts["host"]
    happened = "it was stopped" if facts["delivered"] == "blocked" else "nothing answered"
    told = f"it was tried to send {data_named(facts)} to {facts['organisation'] or host} ({host})"
    return f"{told}, and {happened}"


def also_sent(facts: Mapping[str, Fact]) -> str:
    """What reached somebody else, in how many sessions, and by whose doing."""
    host = facts["host"]
    told = f", but {data_named(facts)} was sent to {facts['organisation'] or 'somebody unknown'} ({host})"
    told += f" in {facts['n']} of {facts['of']} sessions"
    if facts["initiator"] == "page":
        told += ", by a page"
    return f"{told}, which the statement excuses" if facts["excused"] else told


def only_with_app(facts: Mapping[str, Fact]) -> str:
    """That a stream never occurred without the app."""
    apps = texts(facts["apps"])
    who, pronoun = (apps[0], "it") if len(apps) == 1 else (f"one of {', '.join(apps)}", "them")
    without = f"{facts['n']} sessions on the same phone without {pronoun}"
    return f"sent by {who}: the same stream was never seen in {without}"


def unknown_sender(facts: Mapping[str, Fact]) -> str:
    """That nobody knows which app it was."""
    return (
        ", but that is what the phone sent: neither the user agent nor the event names an app, and no "
        f"control run of {facts['needed']} sessions without {either(texts(facts['apps']))} shows that the "
        "stream is its own, so nothing is said of the app"
    )


def bound(facts: Mapping[str, Fact]) -> str:
    """All bounds, the deciding one first, each with its unit."""
    unit = str(facts["unit"])
    words = [f"at most {facts[unit]:.1f} % of {unit}"]
    for other in ("installations", "sessions", "actions"):
        if other != unit and other in facts:
            by_itself = " if each were decided by itself" if other == "actions" else ""
            words.append(f"{facts[other]:.1f} % of {other}{by_itself}")
    told = f"{words[0]} ({', '.join(words[1:])})"
    return f"at 95 % confidence {told} do otherwise in a way that can be read"


def unexplained(facts: Mapping[str, Fact]) -> str:
    """Random fields that nobody explains, and how much fits into them."""
    more = f" and {facts['more']} more" if facts["more"] else ""
    fixed = ", a form that a specification fixes" if facts["only_specified"] else ""
    return (
        f"in {facts['sessions']} of {facts['of']} sessions random values of up to {facts['most_bytes']} "
        f"bytes that nobody explains were sent ({', '.join(texts(facts['fields']))}{more}{fixed}): a nonce "
        "looks like that, and so does what was planted, enciphered"
    )


def requests_went(facts: Mapping[str, Fact]) -> str:
    """In how many sessions a request went somewhere, and what was done in them."""
    done = ""
    if (actions := facts["actions"]) is not None:
        done = (
            f" with {', '.join(texts(actions))} and nothing else" if actions else " in which nothing was done"
        )
    return (
        f"in {facts['n']} of {facts['of']} sessions{done} a request went to "
        f"{either(texts(facts['hosts']), 'the vendor')} (at 95 % confidence, in more than "
        f"{facts['more_than_percent']:.1f} % of such sessions); for example to {facts['endpoint']}"
    )


def presence_missing(facts: Mapping[str, Fact]) -> str:
    """What was said to be there and was not."""
    joint = " in one request" if facts["together"] else ""
    where = either(texts(facts["hosts"]), "the vendor")
    if was_said(facts):
        return f"{asked_for(facts)}: said to be sent{joint}, but not seen at {where}"
    return f"{asked_for(facts)}: not seen{joint} at {where}"


def no_request_went(facts: Mapping[str, Fact]) -> str:
    """That no request went where one was said to go."""
    where = either(texts(facts["hosts"]), "the vendor")
    return (
        f"requests were said to go to {where}, but none did"
        if was_said(facts)
        else f"no request went to {where}"
    )


def was_said(facts: Mapping[str, Fact]) -> bool:
    """True unless nobody spoke of the condition in which something is missing."""
    return facts.get("said", True) is True


def presence_shown(facts: Mapping[str, Fact], tell: Tell) -> str:
    """In how many sessions it was there."""
    each = "" if len(texts(facts["what"])) == 1 else f", each of {asked_for(facts)}"
    joint = " in one request" if facts["together"] else ""
    example = facts["example"]
    assert isinstance(example, Reason)
    return (
        f"{_at_least(facts['n'], facts['of'])} sessions{each}{joint} (at 95 % confidence, in more than "
        f"{facts['more_than_percent']:.1f} % of such sessions); for example {tell(example)}"
    )


def _at_least(n: Fact, of: Fact) -> str:
    """``in all 30``, or ``in at least 29 of 30``."""
    return f"in all {of}" if n == of else f"in at least {n} of {of}"


def sent_by_others(facts: Mapping[str, Fact]) -> str:
    """What the products compared with sent as well."""
    sessions = facts["sessions"]
    assert isinstance(sessions, tuple)
    told = ", ".join(f"the {kind} canary in {n} of {facts['of']}" for kind, n in sessions)  # type: ignore[misc, str-unpack]
    return f"what is sent here was sent by the products compared with, too: {told} sessions"


def too_few(facts: Mapping[str, Fact], tell: Tell) -> str:
    """How many sessions there were, and how many would do."""
    n, unit, missing, worth, example = (facts[key] for key in ("n", "unit", "missing", "worth", "example"))
    assert isinstance(n, int)
    assert isinstance(worth, int)
    lost = ""
    if missing and isinstance(example, Reason):
        lost = f", {missing} of them without a valid result ({tell(example)})"
    if 0 < worth < n:
        lost += f", worth {worth} since the control missed some"
    return (
        f"nothing violates it in {n} {unit}{lost}, which is too few for a bound of "
        f"{facts['target_percent']:.0f} %: {facts['needed']} complete {unit} would settle it"
    )


def amounts(facts: Mapping[str, Fact]) -> str:
    """What one session sent, against what most did."""
    return f"{facts['session']}: {_amount(facts['records_and_bytes'])}, others: {_amount(facts['others'])}"


def _amount(fact: Fact) -> str:
    assert isinstance(fact, tuple)
    records, size_bytes = fact
    return f"{records} {'record' if records == 1 else 'records'} in {size_bytes:,} bytes"


def sessions(facts: Mapping[str, Fact]) -> str:
    """Two sessions, and what differed there."""
    there = f", there {facts['there']}" if facts.get("there") else ""
    return " and ".join(texts(facts["sessions"])) + there


def token_old(facts: Mapping[str, Fact]) -> str:
    """On which days a token was the same."""
    days = facts["days"]
    assert isinstance(days, tuple)
    called = f"another code, {facts['field']}," if facts["unnamed"] else facts["field"]
    return f"{called} was the same on days {', '.join(f'{day:g}' for day in days)}"


def lean(facts: Mapping[str, Fact]) -> str:
    """In how many pairs the treated half sent more, or less."""
    larger, pairs = facts["larger"], facts["pairs"]
    assert isinstance(larger, int)
    assert isinstance(pairs, int)
    n, how = (pairs - larger, "smaller") if pairs - larger > larger else (larger, "larger")
    where = f"the traffic to {facts['endpoint']} was {how} in the half where we browsed"
    return f"in {n} of {pairs} pairs {where}"


def leak(facts: Mapping[str, Fact]) -> str:
    """A size of leak."""
    size = facts["size_bytes"]
    assert isinstance(size, int | float)
    told = f"{size / 1000:.1f} kB" if size >= 1000 else f"{size:.0f} bytes"
    return LEAK_WORDS[str(facts["leak"])].format(size=told)


def no_room(facts: Mapping[str, Fact]) -> str:
    """Which leak did not fit, in how many sessions, and what is not excluded."""
    n, of, endpoint = facts["n"], facts["of"], facts["endpoint"]
    told = f"in none of {of} sessions did {endpoint} have room for {leak(facts)}"
    if n:
        told = f"in {n} of {of} sessions {endpoint} had room for {leak(facts)}"
    told += f": at most {facts['percent']:.1f} % of sessions can have sent that (95 % confidence)"
    smaller = facts["smaller"]
    assert isinstance(smaller, tuple)
    rest = [item.as_dict() for item in smaller if isinstance(item, Reason)]
    if rest:
        listed = ", ".join(f"for {leak(item)} in {item['n']} of {of}" for item in rest)
        told += f"; there was room {listed}: that visits are counted, or parts of them sent, is not excluded"
    return told


def odds(probability: Fact) -> str:
    """How rarely something happens by chance, as one of so many."""
    assert isinstance(probability, int | float)
    return f"{1 / probability:,.0f}" if probability > 1e-15 else "10^15"


def e_value(number: Fact) -> str:
    """An e-value for people."""
    assert isinstance(number, int | float)
    return f"{number:,.0f}" if number < 1e15 else "over 10^15"
