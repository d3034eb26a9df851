"""One exchange, looked into: peel it, search every value, and replay what was found from the raw bytes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Protocol
from urllib.parse import urlsplit

from hometruth.canaries import Hit, Search, Trace, deepest, has_salt, reassemble
from hometruth.model import Canary, Exchange, Form, Gap, GapKind, Part, Sighting, Stage, Value
from hometruth.peel import (
    LAYERS,
    MAX_DISGUISES,
    Budget,
    Done,
    Layer,
    Memo,
    Peeled,
    Sifted,
    Worth,
    peel_answer,
    peel_exchange,
    replay,
    undisguise,
)

SMALLEST_SAID = 16
"""Bytes of what was looked for from which on it is taken out before the rest is called opaque."""
_PLAIN = b"what was looked for and found " * 300
BYTES_A_VALUE = 4
"""Bytes of a request for each value it may have: large ones, in gzip in base64, have one for every five."""
MOSTLY = 0.75
"""Share of a canary's bits from which on its pieces are not put together besides."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What one exchange holds of the canaries searched for, and how much of it was read."""

    exchange: Exchange
    sightings: tuple[Sighting, ...] = ()
    """Each replayed from raw bytes; ``evidence_bits`` are the form's until `weigh` knows all places."""
    gaps: tuple[Gap, ...] = ()
    searched_bytes: int = 0
    """Bytes of all values searched."""
    parts: tuple[Sighting, ...] = ()
    """Parts of canaries, to be put together with those of other exchanges (`Across`); no findings."""
    n_values: int = 0
    """Values that an exchange of its size may have: how many are opened depends on what was known of them."""
    characters: tuple[Value, ...] = ()
    """Values of one character, where it tells little else: with others it may tell a text (`Across`)."""
    read_bytes: int = 0
    opaque_bytes: int = 0
    """Bytes of the request that no layer opens."""
    dropped: int = 0
    """Bodies that the recorder did not keep."""
    answers: tuple[Sighting, ...] = ()
    """What the answer holds, where answers are looked into."""
    answer_bytes: int = 0
    """Bytes of all values of the answer searched."""
    noted: object = None
    """What a `Note` took down of its values, if one was asked for."""


Batch = list[Exchange | Gap]


class Note(Protocol):
    """Takes a note of what was peeled, where it was peeled: values of an exchange are too many to travel."""

    def __call__(self, examined: Examined, peeled: Peeled, /) -> object:
        """What is kept; it depends on this exchange alone, and not on its response."""


def examine(
    exchange: Exchange,
    search: Search,
    *,
    layers: Sequence[Layer] = LAYERS,
    budget: Budget | None = None,
    memo: Memo | None = None,
    worth: Sequence[Worth] | None = None,
    sifted: Mapping[Worth, Sifted] | None = None,
    note: Note | None = None,
) -> Examined:
    """Peel an exchange, search every value in it, and keep what can be replayed from the raw bytes.

    Args:
        worth: The parts that are peeled, where a `Sieve` has told; all are by default.
        sifted: Which values it has told need not be opened, or by which layers they may be.
        note: Taken of the peeled values, which are too many to keep.
    """
    peeled = peel_exchange(exchange, layers=layers, budget=budget, memo=memo, worth=worth, sifted=sifted)
    if worth is not None and has_salt(peeled):  # then what holds nothing by itself may be a digest with it
        peeled = peel_exchange(exchange, layers=layers, budget=budget)
    in_full = (
        sifted if worth is None else None
    )  # else it knows values of which not even what is opaque is told
    examined, peeled = _search_in(exchange, peeled, search, layers, budget, in_full)
    return replace(examined, noted=note(examined, peeled)) if note else examined


def with_answer(
    examined: Examined,
    search: Search,
    *,
    layers: Sequence[Layer] = LAYERS,
    budget: Budget | None = None,
    memo: Memo | None = None,
) -> Examined:
    """The same, with what came back looked into, too."""
    exchange = examined.exchange
    peeled = peel_answer(exchange, layers=layers, budget=budget, memo=memo)
    held, _ = _search_in(exchange, peeled, search, layers, budget)
    return replace(examined, answers=held.sightings, answer_bytes=held.searched_bytes)


def _search_in(
    exchange: Exchange,
    peeled: Peeled,
    search: Search,
    layers: Sequence[Layer],
    budget: Budget | None,
    sifted: Mapping[Worth, Sifted] | None = None,
) -> tuple[Examined, Peeled]:
    """What the values hold, and the values with disguises undone."""
    disguises = tuple(dict.fromkeys(search.disguises(peeled)))
    limits: tuple[Gap, ...] = ()
    if disguises:
        limits = _left_disguised(exchange, len(disguises) - MAX_DISGUISES)
        peeled = undisguise(peeled, disguises, layers=layers, budget=budget)
    found = search.find(peeled)
    peeled = _but_for_what_is_known(exchange, peeled, found, layers, budget, sifted)
    hits = [hit for hit in found if not _is_own_name(hit, exchange, peeled)]
    limit = budget or Budget()
    salted = search.salted(peeled, {hit.index for hit in hits}, limit.salts, limit.salt_tries)
    hits += (Hit(canary, form, index, 0) for canary, form, index in salted.found)
    done: Done = {}
    sightings, unexplained = _replayed(deepest(hits, peeled), exchange, peeled, layers, done)
    seen = search.pieces(peeled, without=set(_mostly(sightings)))
    pieces = reassemble(
        seen,
        exchange,
        peeled,
        lambda value: _data(replay(exchange, value, layers=layers, done=done)),
    )
    traces = _unexplained_traces(search.traces(peeled), sightings, exchange, peeled)
    examined = Examined(
        exchange,
        sightings=(*_without_parts(sightings, pieces.sightings), *pieces.sightings),
        gaps=(
            *(_placed(gap, exchange) for gap in peeled.gaps),
            *limits,
            *_untried(exchange, salted.left_salts),
            *_left_apart(exchange, seen.left_out),
            *unexplained,
            *traces,
        ),
        searched_bytes=sum(len(value.data) for value in peeled.values),
        parts=pieces.parts,
        n_values=sum(len(value.data) for value in peeled.values if not value.steps) // BYTES_A_VALUE,
        read_bytes=peeled.read_bytes,
        opaque_bytes=peeled.opaque_bytes,
        dropped=peeled.dropped,
    )
    return examined, peeled


def _but_for_what_is_known(
    exchange: Exchange,
    peeled: Peeled,
    found: Sequence[Hit],
    layers: Sequence[Layer],
    budget: Budget | None,
    sifted: Mapping[Worth, Sifted] | None,
) -> Peeled:
    """The same, with what was looked for, and stands there as it is, counted as read, however random it is.

    A long address that was planted looks like dice, and would be told as bytes that nobody can read.
    """
    raw = [hit for hit in found if not peeled.values[hit.index].steps] if peeled.opaque_bytes else []
    said = {
        *(peeled.values[hit.index].data[hit.offset : hit.offset + len(hit.form.needle)] for hit in raw),
        *(part for canary in {hit.canary for hit in raw} for part in _parts_of_address(canary)),
    }
    known = sorted((each for each in said if len(each) >= SMALLEST_SAID), key=len, reverse=True)
    if not known:
        return peeled
    rest = peel_exchange(_with_letters_for(known, exchange), layers=layers, budget=budget, sifted=sifted)
    unread = {GapKind.OPAQUE, GapKind.MEDIA}
    gaps = (
        *(gap for gap in peeled.gaps if gap.kind not in unread),
        *(replace(gap, host=exchange.host) for gap in rest.gaps if gap.kind in unread),
    )
    return replace(
        peeled,
        gaps=gaps,
        read_bytes=rest.read_bytes,
        opaque_bytes=rest.opaque_bytes,
        media_bytes=rest.media_bytes,
    )


def _parts_of_address(canary: Canary) -> Iterator[bytes]:
    """Host and target of the address by which a minted value was planted: more of them is random than it."""
    if canary.address:
        url = urlsplit(canary.address)
        yield url.netloc.encode()
        yield canary.address.partition(url.netloc)[2].encode()


def _with_letters_for(known: Sequence[bytes], exchange: Exchange) -> Exchange:
    """The exchange with what is *known* replaced by as many letters of plain words."""

    def without(data: bytes) -> bytes:
        for each in known:
            data = data.replace(each, _PLAIN[: len(each)])
        return data

    return replace(
        exchange,
        host=without(exchange.host.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape"),
        target=without(exchange.target),
        authority=without(exchange.authority),
        request_headers=tuple((name, without(value)) for name, value in exchange.request_headers),
        request_body=None if exchange.request_body is None else without(exchange.request_body),
        messages=tuple(replace(message, data=without(message.data)) for message in exchange.messages),
        extras=tuple(replace(extra, data=without(extra.data)) for extra in exchange.extras),
    )


def _mostly(sightings: Sequence[Sighting]) -> Iterator[str]:
    """Canaries that are found whole, or nearly so: their pieces are not put together besides."""
    for item in sightings:
        if not item.form.is_part or item.form.bits >= MOSTLY * item.canary.bits:
            yield item.canary.id


def _is_own_name(hit: Hit, exchange: Exchange, peeled: Peeled) -> bool:
    """True for a part of an address in a request to its own host, which has to say name, path and query."""
    host = exchange.host.lower().removeprefix("www.")
    if not hit.form.is_part or not host or host not in hit.canary.value.lower():
        return False
    part = peeled.values[hit.index].part
    return part in {Part.PATH, Part.QUERY} or hit.form.needle.endswith(host.encode())


def _without_parts(sightings: Sequence[Sighting], splits: Sequence[Sighting]) -> list[Sighting]:
    """The sightings without parts of canaries of which the exchange tells more: whole, or in pieces."""
    most = {split.canary.id: split.form.bits for split in splits}
    most |= {item.canary.id: inf for item in sightings if not item.form.is_part}
    return [
        item for item in sightings if not item.form.is_part or item.form.bits > most.get(item.canary.id, -inf)
    ]


def _data(stages: Sequence[Stage] | None) -> bytes | None:
    """What a chain led to."""
    return stages[-1].data if stages else None


def _replayed(
    hits: Sequence[Hit], exchange: Exchange, peeled: Peeled, layers: Sequence[Layer], done: Done
) -> tuple[tuple[Sighting, ...], tuple[Gap, ...]]:
    """Sightings whose chain reproduces the form, and a gap for each that does not."""
    sightings = []
    gaps = []
    for hit in hits:
        value = peeled.values[hit.index]
        stages = replay(exchange, value, layers=layers, done=done)
        end = hit.offset + len(hit.form.needle)
        if stages is not None and _is(hit.form, stages[-1].data[hit.offset : end]):
            sightings.append(Sighting(hit.canary, hit.form, value, exchange, hit.offset, hit.form.bits))
        else:
            gaps.append(
                _unexplained(exchange, value, f"{hit.canary.id} was seen but its chain does not replay")
            )
    return tuple(sightings), tuple(gaps)


def _is(form: Form, data: bytes) -> bool:
    return data.lower() == form.needle.lower() if form.caseless else data == form.needle


def _unexplained_traces(
    traces: Sequence[Trace], sightings: Sequence[Sighting], exchange: Exchange, peeled: Peeled
) -> tuple[Gap, ...]:
    """A gap for each canary and part whose encoded image was seen where no sighting explains it."""
    explained = {(item.canary.id, *_raw_part(item.value)) for item in sightings}
    gaps = {}
    for trace in traces:
        value = peeled.values[trace.index]
        place = (trace.canary.id, *_raw_part(value))
        if place not in explained and place not in gaps:
            detail = f"{trace.canary.id} seems to be there in {trace.encoding}, but no layers reproduce it"
            gaps[place] = _unexplained(exchange, value, detail)
    return tuple(gaps.values())


def _placed(gap: Gap, exchange: Exchange) -> Gap:
    """The gap with the exchange it is in, which a value peeled on its own does not know."""
    if gap.exchange is not None:
        return gap
    return replace(gap, exchange=exchange.id, host=exchange.host, trial=exchange.trial)


def _left_disguised(exchange: Exchange, n: int) -> tuple[Gap, ...]:
    """A gap if *n* disguises, more than zero, were left as they are."""
    if n <= 0:
        return ()
    detail = f"{n} more values look disguised than the {MAX_DISGUISES} that are undone in one exchange"
    return (_limit(exchange, detail),)


def _untried(exchange: Exchange, n: int) -> tuple[Gap, ...]:
    """A gap if *n* salts, more than zero, were not tried."""
    return (_limit(exchange, f"{n} values beside digests were not tried as their salts"),) if n else ()


def _left_apart(exchange: Exchange, left_out: Mapping[str, int]) -> Iterator[Gap]:
    """A gap for each canary of which more pieces were seen than are put together."""
    for canary, n in left_out.items():
        detail = f"{n} pieces of {canary} were left out: more were seen than are put together"
        yield _limit(exchange, detail)


def _limit(exchange: Exchange, detail: str) -> Gap:
    where, host, trial = exchange.id, exchange.host, exchange.trial
    return Gap(GapKind.BUDGET, where, detail, exchange=exchange.id, host=host, trial=trial)


def _raw_part(value: Value) -> tuple[Part, str]:
    """Where a value stands; a query is the end of the path as it was sent."""
    return (Part.PATH if value.part is Part.QUERY else value.part), value.name


def _unexplained(exchange: Exchange, value: Value, detail: str) -> Gap:
    where = " ".join(filter(None, (exchange.id, str(value.part), value.path)))
    return Gap(
        GapKind.UNEXPLAINED, where, detail, exchange=exchange.id, host=exchange.host, trial=exchange.trial
    )
