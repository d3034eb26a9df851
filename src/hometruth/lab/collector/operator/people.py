"""Who is behind the events: every identifier that came with another one belongs to the same person.

That is all the linking there is, and all that is needed: a login event holds the account and the random id,
every later event holds the random id as ``uuid`` and the hardware's id as ``$device_id``. MiStat and the
system's own analytics send that id too.
"""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from hometruth.lab.collector.database import Db
from hometruth.lab.collector.mistat_decoder import TYPE as MISTAT
from hometruth.lab.collector.spock_decoder import TYPE as SPOCK
from hometruth.lab.collector.store import read_events

Id = tuple[str, str]
"""Kind and value of an identifier."""
PERSON, DEVICE, ACCOUNT = "id", "device", "account"
IN_EVENT = {"distinct_id": PERSON, "original_id": PERSON, "anonymous_id": PERSON, "login_id": ACCOUNT}
IN_PROPERTIES = {"uuid": PERSON, "$device_id": DEVICE}
IN_IDENTITIES = {
    "$identity_login_id": ACCOUNT,
    "$identity_android_id": DEVICE,
    "$identity_anonymous_id": PERSON,
    "$identity_android_uuid": PERSON,
    "$identity_cookie_id": PERSON,
}
IN_FORM = {"device_id": DEVICE}
IN_HEADER = {"g": DEVICE, "a": DEVICE, "b": DEVICE}
IN_RECORD = {"account": ACCOUNT, "serial": DEVICE}
"""Of MiStat, and of the system's own analytics: header and record."""
SENDS_AS = {MISTAT: ("form", "device_id"), SPOCK: ("header", "b")}
EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
CHUNK = 5_000
"""Events read at once, so that a long history does not fill the memory."""


@dataclass
class KnownPerson:
    """What the identifiers that came together say."""

    ids: set[Id] = field(default_factory=set)
    events: list[int] = field(default_factory=list)
    """Their ids in the store, in no order."""
    projects: set[str] = field(default_factory=set)
    models: set[str] = field(default_factory=set)
    first: datetime = LATEST
    last: datetime = EARLIEST

    @property
    def number(self) -> int:
        """Stays the same as long as nobody turns out to be somebody seen before."""
        return min(self.events)

    @property
    def is_tied(self) -> bool:
        """False for an event alone with an id that never came again: nobody can be seen behind it."""
        return len(self.events) > 1 or any(kind != PERSON for kind, _ in self.ids)

    @property
    def account(self) -> str | None:
        """The account that names the person, if one was ever used."""
        return next((value for kind, value in sorted(self.ids) if kind == ACCOUNT), None)

    @property
    def name(self) -> str:
        """What every page calls the person."""
        return self.account or f"Person {self.number}, no account yet"

    def others(self, kind: str) -> list[str]:
        """Identifiers of a kind that are not the account."""
        accounts = {value for of, value in self.ids if of == ACCOUNT}
        return sorted(value for of, value in self.ids if of == kind and value not in accounts)

    def absorb(self, other: "KnownPerson") -> None:
        """They turned out to be one."""
        self.ids |= other.ids
        self.events += other.events
        self.projects |= other.projects
        self.models |= other.models
        self.first, self.last = min(self.first, other.first), max(self.last, other.last)


class People:
    """All persons of a store; each look reads only what is new."""

    def __init__(self, db: Db) -> None:
        self._db = db
        self._last = 0
        self._lock = threading.Lock()
        self._person_of: dict[Id, KnownPerson] = {}

    def found(self) -> list[KnownPerson]:
        """Everybody, the one with the latest event first.

        Raises:
            LabError: If the store cannot be read.
        """
        with self._lock:
            while events := read_events(self._db, after=self._last, limit=CHUNK):
                for event in events:
                    self._fold(event)
                    self._last = event["_server"]["id"]
            people = {id(person): person for person in self._person_of.values()}
            return sorted(people.values(), key=lambda person: (person.last, person.number), reverse=True)

    def _fold(self, event: Mapping[str, Any]) -> None:
        ids = set(identifiers(event))
        if not ids:
            return
        known = {id(self._person_of[one]): self._person_of[one] for one in ids if one in self._person_of}
        several = sorted(known.values(), key=lambda person: len(person.events), reverse=True)
        person = several[0] if several else KnownPerson()
        at = time_of(event)
        person.absorb(
            KnownPerson(ids, [event["_server"]["id"]], {event["_server"]["project"]}, _models(event), at, at)
        )
        for other in several[1:]:
            person.absorb(other)
            self._person_of.update(dict.fromkeys(other.ids, person))
        self._person_of.update(dict.fromkeys(ids, person))


def identifiers(event: Mapping[str, Any]) -> Iterator[Id]:
    """Everything in an event that names its sender."""
    for holder, kinds in (
        (event, IN_EVENT),
        (mapping_in(event, "properties"), IN_PROPERTIES),
        (mapping_in(event, "identities"), IN_IDENTITIES),
        *_other_channels(event),
    ):
        for key, kind in kinds.items():
            value = holder.get(key)
            if isinstance(value, str | int) and value not in {"", 0}:
                yield kind, str(value)
    if is_sign_in(event):
        yield ACCOUNT, str(event.get("distinct_id"))


def sender_of(event: Mapping[str, Any]) -> Any:
    """Under which name an event was sent."""
    if event.get("type") in SENDS_AS:
        holder, key = SENDS_AS[event["type"]]
        return mapping_in(event, holder).get(key, "")
    return event.get("distinct_id", "")


def _other_channels(event: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, str]]]:
    """Where MiStat and the system's analytics have their identifiers; no SDK's event is of their type."""
    if event.get("type") == MISTAT:
        yield mapping_in(event, "form"), IN_FORM
    elif event.get("type") == SPOCK:
        yield mapping_in(event, "header"), IN_HEADER
        yield mapping_in(event, "properties"), IN_RECORD


def mapping_in(event: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The object under *key*; an empty one if there is none, or something else."""
    value = event.get(key)
    return value if isinstance(value, Mapping) else {}


def is_sign_in(event: Mapping[str, Any]) -> bool:
    """True for the event that ties an account to a random id."""
    return event.get("type") == "track_signup"


def time_of(event: Mapping[str, Any]) -> datetime:
    """The sender's clock, or the server's if it says nothing sensible."""
    at = event.get("time")
    try:
        if isinstance(at, int):
            return datetime.fromtimestamp(at / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        pass
    return datetime.fromtimestamp(event["_server"]["received_ns"] / 1e9, UTC)


def _models(event: Mapping[str, Any]) -> set[str]:
    model = mapping_in(event, "properties").get("$model")
    return {model} if isinstance(model, str) else set()
