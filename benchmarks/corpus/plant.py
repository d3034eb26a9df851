"""Plants canaries and decoys: requests, with the truth about each."""

import base64
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from urllib.parse import quote, urlsplit

from benchmarks.corpus.canaries import Planted, imei
from benchmarks.corpus.carriers import BYTES_CARRIERS, TEXT_CARRIERS, carrier_for, document
from benchmarks.corpus.families import FAMILIES, JSON, draw_steps
from benchmarks.corpus.sent import Answer, Sent
from benchmarks.corpus.wrapping import Family, Wrapped, wrap

OWNERS = ("adlytics", "metrixa", "tagburst", "beaconly")
RECIPIENTS = tuple(
    f"{name}.{owner}.example" for owner in OWNERS for name in ("collect", "t", "eu1", "sdk-api")
)
TOLD_IN_PART = ("url", "link", "bare-link", "router", "place", "openudid")
"""Ids of canaries of which a part says something that a tool may report."""
TRIES = 200
"""Draws until the steps of a family can hold one of the canaries that have its spelling."""


@dataclass(frozen=True, slots=True)
class Truth:
    """One canary in one request."""

    canary: str
    family: str
    chain: tuple[str, ...]
    part: str
    form: str
    recipient: str
    expected: bool
    """True for the canary's own host: seeing it there is neither counted for nor against a tool."""


@dataclass(frozen=True, slots=True)
class Decoy:
    """Something that looks like a canary and is none."""

    kind: str
    canary: str
    """The canary that it resembles."""


@dataclass(frozen=True, slots=True)
class Plant:
    """A request and what is known about it."""

    sent: Sent
    truth: Truth | None = None
    decoy: Decoy | None = None


def plant_families(
    canaries: Sequence[Planted], each: int, rng: Random, families: Sequence[Family] = FAMILIES
) -> Iterator[Plant]:
    """Every family, *each* times, over the canaries it applies to."""
    for family in families:
        suitable = [canary for canary in canaries if family.spelt(canary)]
        for _ in range(each):
            yield _planted(family, suitable, rng)


def _planted(family: Family, canaries: Sequence[Planted], rng: Random) -> Plant:
    for _ in range(TRIES):
        canary = rng.choice(canaries)
        wrapped, carrier = _wrapped(family, canary, rng)
        if wrapped is None:
            continue
        carried = carrier_for(wrapped.data, carrier, rng)(wrapped.data, rng.choice(RECIPIENTS), rng)
        chain = (*carried.layers, *wrapped.chain)
        truth = Truth(
            canary.id, family.name, chain, carried.part, wrapped.form, carried.sent.host, expected=False
        )
        return Plant(carried.sent, truth)
    raise AssertionError(f"family {family.name} applies to no canary")


def _wrapped(family: Family, canary: Planted, rng: Random) -> tuple[Wrapped | None, str]:
    """The wrapped canary and the name of its carrier."""
    if not family.depth:
        return family.wrap(canary, rng), family.carrier
    done = wrap(canary.value.encode(), draw_steps(family.depth - 1, rng), rng)
    return (done if done and len(done.chain) == family.depth - 1 else None), "document"


def plant_own_visits(canaries: Sequence[Planted], each: int, rng: Random) -> Iterator[Plant]:
    """Visits to the hosts that the pages and the domain among the canaries belong to."""
    own = [canary for canary in canaries if canary.first_party]
    for _ in range(each):
        canary = rng.choice(own)
        host = canary.first_party[0]
        truth = Truth(canary.id, "own-host", (), "header", "plain", host, expected=True)
        url = canary.value if "://" in canary.value else f"https://{host}/"
        parts = urlsplit(url)
        yield Plant(Sent(host, f"{parts.path}?{parts.query}" if parts.query else parts.path), truth)
        yield Plant(Sent(host, f"/static/{rng.randrange(99)}.css", headers=(("Referer", url),)), truth)


def plant_decoys(canaries: Sequence[Planted], each: int, rng: Random) -> Iterator[Plant]:
    """Every kind of decoy, *each* times."""
    for kind, decoy_of in DECOYS.items():
        for _ in range(each):
            canary = rng.choice(canaries)
            data = decoy_of(canary.value, rng)
            carrier = rng.choice(TEXT_CARRIERS if data.isascii() else BYTES_CARRIERS)
            sent = carrier(data, rng.choice(RECIPIENTS), rng).sent
            truth = None
            if canary.id.startswith(TOLD_IN_PART) and kind.startswith(("prefix", "near miss")):
                # Not the value, but a host, a coordinate, most of a code: true, and not asked for.
                truth = Truth(canary.id, "part", (), "body", "plain", sent.host, expected=True)
            yield Plant(sent, truth, Decoy(kind, canary.id))
    for _ in range(each):
        canary = rng.choice(canaries)
        asked = document(b"ping", rng.choice(RECIPIENTS), rng).sent
        answer = Answer(body=JSON.encode(canary.value.encode(), rng))
        yield Plant(
            Sent(asked.host, "/v1/profile", answer=answer), decoy=Decoy("only in the response", canary.id)
        )


def _prefix(value: str, _rng: Random) -> bytes:
    return value[: max(3, len(value) * 2 // 3)].encode()


def _near_miss(value: str, rng: Random) -> bytes:
    """One letter or digit, not at an edge, is another one; not in what ad platforms cut off an address."""
    telling = value.partition("+")[0] if "@" in value else value[:-1]
    places = [at for at, character in enumerate(telling) if at and character.isalnum()]
    at = rng.choice(places)
    others = "abcdefhkmnprstuvwxyz" if value[at].isalpha() else "0123456789"
    other = rng.choice([character for character in others if character != value[at].lower()])
    return (value[:at] + other + value[at + 1 :]).encode()


def _same_shape(value: str, rng: Random) -> bytes:
    """Every letter and digit drawn anew."""
    if len(value) == 15 and value.isdigit():
        return imei(rng).encode()
    pools = {
        "digit": "0123456789",
        "upper": "ABCDEFGHKLMNPRSTUVWXYZ",
        "lower": "abcdefghklmnprstuvwxyz",
    }
    if all(character in "0123456789abcdefABCDEF-:" for character in value):
        pools |= {"upper": "ABCDEF", "lower": "abcdef"}
    return "".join(_drawn_anew(character, pools, rng) for character in value).encode()


def _drawn_anew(character: str, pools: dict[str, str], rng: Random) -> str:
    if character.isdigit():
        return rng.choice(pools["digit"])
    if not character.isalpha():
        return character
    return rng.choice(pools["upper" if character.isupper() else "lower"])


def _digest_of_another(value: str, rng: Random) -> bytes:
    name = rng.choice(("md5", "sha1", "sha256"))
    return hashlib.new(name, _same_shape(value, rng)).hexdigest().encode()


def _percent_of_near_miss(value: str, rng: Random) -> bytes:
    return quote(_near_miss(value, rng), safe="").encode()


DECOYS: dict[str, Callable[[str, Random], bytes]] = {
    "prefix": _prefix,
    "near miss": _near_miss,
    "near miss, wrapped": lambda value, rng: base64.b64encode(_near_miss(value, rng)),
    "near miss, escaped": _percent_of_near_miss,
    "same shape": _same_shape,
    "same shape, wrapped": lambda value, rng: base64.b64encode(_same_shape(value, rng)),
    "digest of something else": _digest_of_another,
}
