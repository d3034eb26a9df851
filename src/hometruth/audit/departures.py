"""What one request said, for people who watch: records, planted values in it, and how it was wrapped."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hometruth.audit.bench import Bench
from hometruth.audit.examine import Examined
from hometruth.audit.scanner import Scanner
from hometruth.canaries import is_first_party
from hometruth.model import Canary, Exchange, Part, Sighting, Value
from hometruth.peel import Peeled
from hometruth.recipients import recognise_sdk

NUMBERING = frozenset({"_track_id", "_flush_time", "time", "type", "lib.$lib_detail"})
"""Keys of a record that number and time it: `--jsonl` has them, the columns do not."""
NAME = "event"
"""The key that names a record."""
LEAVES_SHOWN = 6
"""Fields shown of a request whose protocol is not known."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a known protocol, as it was sent."""

    name: str
    fields: Mapping[str, str]
    """Every other field by its path in the record."""


@dataclass(frozen=True, slots=True)
class Departure:
    """One request that left, decoded."""

    exchange: Exchange
    sdk: str | None
    chain: tuple[str, ...]
    """Layers around the records, or around the planted value, outermost first."""
    records: tuple[Record, ...]
    leaves: tuple[tuple[str, str], ...]
    """Path and value of readable fields, where no record was recognised."""
    sightings: tuple[Sighting, ...]
    own: bool
    """True if it is the action itself: the planted value went to the host it was meant for."""
    opaque_bytes: int

    @property
    def at_ns(self) -> int | None:
        """When it left."""
        return self.exchange.started_ns

    def as_json(self) -> dict[str, Any]:
        """Everything, for programs."""
        exchange = self.exchange
        return {
            "what": "left",
            "at_ns": self.at_ns,
            "method": exchange.method,
            "url": exchange.url,
            "host": exchange.host,
            "status": exchange.status,
            "error": exchange.error,
            "sdk": self.sdk,
            "chain": list(self.chain),
            "records": [{NAME: record.name, **record.fields} for record in self.records],
            "fields": [list(leaf) for leaf in self.leaves],
            "planted": [
                {
                    "id": item.canary.id,
                    "kind": item.canary.kind.value,
                    "form": item.form.name,
                    "part": item.value.part.value,
                    "path": item.value.path,
                    "chain": list(item.value.chain),
                }
                for item in self.sightings
            ],
            "is_the_action": self.own,
            "opaque_bytes": self.opaque_bytes,
        }


class Decoder:
    """Decodes requests one by one."""

    def __init__(self, canaries: Sequence[Canary], salts: Sequence[str] = ()) -> None:
        self._bench = Bench(Scanner(tuple(canaries), tuple(salts), n_phantoms=0), departure)

    def decode(self, exchange: Exchange) -> Departure:
        """Peel *exchange* and read it."""
        (examined,) = self._bench.examine([exchange])
        assert isinstance(examined, Examined)
        assert isinstance(examined.noted, Departure)
        return examined.noted


def departure(examined: Examined, peeled: Peeled) -> Departure:
    """What one exchange said."""
    values = peeled.values
    recognised = recognise_sdk(values)
    inside = list(_fields(values, recognised.records)) if recognised else []
    shown = [item for item in examined.sightings if not item.canary.phantom]
    chain = inside[0][2].chain if inside else shown[0].value.chain if shown else ()
    return Departure(
        exchange=examined.exchange,
        sdk=recognised.sdk if recognised else None,
        chain=chain,
        records=tuple(_records(inside)),
        leaves=() if recognised else tuple(_leaves(values)),
        sightings=tuple(shown),
        own=bool(shown) and recognised is None and all(is_first_party(item) for item in shown),
        opaque_bytes=peeled.opaque_bytes,
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


class News:
    """What of a request's records is new: a field that every record repeats is told once for each host.

    A field that holds one of *planted* is told each time.
    """

    def __init__(self, planted: Sequence[str] = ()) -> None:
        self._planted = planted
        self._known: dict[str, dict[str, str]] = defaultdict(dict)

    def of(self, departure: Departure) -> tuple[dict[str, str], list[Record]]:
        """Fields common to all records that were not known yet, and each record without what it repeats."""
        known = self._known[departure.exchange.host]
        records = [
            Record(one.name, {key: text for key, text in one.fields.items() if key not in NUMBERING})
            for one in departure.records
        ]
        first = records[0].fields if records else {}
        common = {
            key: text
            for key, text in first.items()
            if all(one.fields.get(key) == text for one in records)
            and (len(records) > 1 or known.get(key) == text)
        }
        news = {key: text for key, text in common.items() if known.get(key) != text}
        own = [
            Record(
                one.name,
                {
                    key: text
                    for key, text in one.fields.items()
                    if any(value in text for value in self._planted)
                    or (key not in common and (known.get(key) != text or len(records) > 1))
                },
            )
            for one in records
        ]
        for one in records:
            known.update(one.fields)
        return news, own
