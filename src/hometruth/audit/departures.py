"""What one request said, for people who watch: records, planted values in it, and how it was wrapped."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial

from hometruth.audit.bench import Bench
from hometruth.audit.examine import Examined
from hometruth.audit.scanner import Scanner
from hometruth.canaries import is_first_party, left_out
from hometruth.findings import is_expected
from hometruth.model import ActionRecord, Canary, Exchange, ExpectedFlow, Part, Sighting, Value
from hometruth.model.departure import NAME, Departure, Record
from hometruth.peel import Peeled
from hometruth.recipients import load_organisations, recognise_sdk, resolve

LEAVES_SHOWN = 6
"""Fields shown of a request whose protocol is not known."""


class Decoder:
    """Decodes requests one by one."""

    def __init__(
        self, canaries: Sequence[Canary], salts: Sequence[str] = (), expected: Sequence[ExpectedFlow] = ()
    ) -> None:
        self.left_out = left_out(canaries)
        """What is not looked for of so many canaries."""
        note = partial(departure, expected=expected)
        self._bench = Bench(Scanner(tuple(canaries), tuple(salts), n_phantoms=0), note)

    def decode(self, exchange: Exchange) -> Departure:
        """Peel *exchange* and read it."""
        (examined,) = self._bench.examine([exchange])
        assert isinstance(examined, Examined)
        assert isinstance(examined.noted, Departure)
        return examined.noted


def departure(examined: Examined, peeled: Peeled, expected: Sequence[ExpectedFlow] = ()) -> Departure:
    """What one exchange said.

    Args:
        expected: Flows that are the action itself; whoever looks on does not know its moment yet, so that is
            not compared.
    """
    values = peeled.values
    recognised = recognise_sdk(values)
    inside = list(_fields(values, recognised.records)) if recognised else []
    shown = [item for item in examined.sightings if not item.canary.phantom]
    recipient = resolve(examined.exchange, recognised, vendor=(), organisations=load_organisations())
    chain = inside[0][2].chain if inside else shown[0].value.chain if shown else ()
    return Departure(
        exchange=examined.exchange,
        sdk=recognised.sdk if recognised else None,
        chain=chain,
        records=tuple(_records(inside)),
        leaves=() if recognised else tuple(_leaves(values)),
        sightings=tuple(shown),
        own=bool(shown) and recognised is None and all(_is_own(item, expected) for item in shown),
        opaque_bytes=peeled.opaque_bytes,
        organisation=recipient.organisation,
    )


def _is_own(sighting: Sighting, expected: Sequence[ExpectedFlow]) -> bool:
    at_ns = sighting.exchange.started_ns
    if is_first_party(sighting):
        return True
    return at_ns is not None and is_expected(
        sighting, expected, ActionRecord("", sighting.canary.id, at_ns, happened=True)
    )


def _fields(values: Sequence[Value], records: frozenset[str]) -> Iterator[tuple[str, str, Value]]:
    """Record, key and value of each field of the *records*, without containers and names."""
    for value in values:
        if value.part not in (Part.BODY, Part.QUERY) or value.is_name:
            continue
        if not value.steps or value.steps[-1].layer != "json":
            continue
        record = next((name for name in records if value.path.startswith(f"{name}.")), None)
        if record is not None and value.data[:1] not in (b"{", b"["):
            yield record, value.path.removeprefix(f"{record}."), value


def _records(fields: Sequence[tuple[str, str, Value]]) -> Iterator[Record]:
    grouped: dict[str, dict[str, str]] = defaultdict(dict)
    for record, key, value in fields:
        grouped[record].setdefault(key, value.data.decode("utf-8", "backslashreplace"))
    for one in grouped.values():
        yield Record(one.pop(NAME, one.get("type", "")), one)


def _leaves(values: Sequence[Value]) -> Iterator[tuple[str, str]]:
    """The first fields with a name in query and body, as they were written."""
    told = 0
    for value in values:
        named = bool(value.steps) and value.steps[-1].label and not value.is_name
        if not named or value.part not in (Part.BODY, Part.QUERY) or value.data[:1] in (b"{", b"[", b""):
            continue
        if told < LEAVES_SHOWN:
            told += 1
            yield value.path, value.data.decode("utf-8", "backslashreplace")
