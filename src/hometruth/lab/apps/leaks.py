"""Ways in which a browser can be made to tell of a visit; what they are is data (``data/lab_leaks.toml``)."""

import base64
import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any
from urllib.parse import urlsplit

from hometruth.errors import LabError
from hometruth.handed_in import Table, bundled
from hometruth.lab.oem.cipher import seal

LOG_LINE = "battery ok, screen on, wifi; "
"""What stands beside a small field."""
JSON = ("Content-Type", "application/json")


@dataclass(frozen=True, slots=True)
class Leak:
    """Tell of every visit, in the way of that name, in cells that match *where*."""

    name: str
    where: Mapping[str, str]

    def __post_init__(self) -> None:
        if self.name not in known_leaks():
            raise LabError(f"no leak {self.name!r}; choose from {', '.join(known_leaks())}")


@dataclass(frozen=True, slots=True)
class Visit:
    """What can be told of a visit."""

    address: str
    handed_out: Callable[[], str]
    """A code that a server hands out to everybody, and changes from time to time."""
    rng: Random

    def takes(self, what: str) -> str:
        """The text of that name."""
        match what:
            case "address":
                return self.address
            case "value":
                return (urlsplit(self.address).hostname or "").partition(".")[0]
            case "domain":
                return (urlsplit(self.address).hostname or "").partition(".")[2]
            case "handed-out":
                return self.handed_out()
        raise LabError(f"nothing called {what!r} can be told of a visit")


@dataclass(frozen=True, slots=True)
class Told:
    """One request that tells of a visit."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None


class Way(Table, frozen=True):
    """One row of the table."""

    name: str
    host: str
    path: str
    source: str
    takes: str = "address"
    cut: str = ":"
    spelt: str = "plain"
    at: str = "json"
    beside: int = 0
    """Characters of readable text beside it."""

    def tell(self, visit: Visit) -> Told:
        """The request that tells of a visit."""
        start, _, end = self.cut.partition(":")
        text = visit.takes(self.takes)[int(start or 0) : int(end) if end else None]
        spelt = SPELLINGS[self.spelt](text, visit.rng)
        url = f"https://{self.host}{self.path}"
        match self.at:
            case "json":
                fields: dict[str, Any] = {"event": "page", "v": spelt}
                if self.beside:
                    fields["log"] = (LOG_LINE * (self.beside // len(LOG_LINE) + 1))[: self.beside]
                return _posted(url, (), json.dumps(fields).encode())
            case "header-name":
                return _posted(url, ((f"X-{spelt}", "1"),), b"{}")
            case "method":
                return Told(str(spelt).upper(), url, (), None)
            case "referer":
                page = (("Sec-Fetch-Dest", "font"), ("Sec-Fetch-Site", "cross-site"), ("Referer", str(spelt)))
                return Told("GET", url, page, None)
        raise LabError(f"leak {self.name}: no place {self.at!r} in a request")


def _posted(url: str, headers: tuple[tuple[str, str], ...], body: bytes) -> Told:
    return Told("POST", url, (JSON, ("Content-Length", str(len(body))), *headers), body)


def _java_hash(text: str, _rng: Random) -> int:
    value, units = 0, text.encode("utf-16-be")
    for at in range(0, len(units), 2):
        value = (31 * value + int.from_bytes(units[at : at + 2])) & 0xFFFFFFFF
    return value - (1 << 32) if value >> 31 else value


def _masked(text: str, _rng: Random) -> str:
    middle = len(text) // 2
    return f"{text[:middle]}*{text[middle + 1 :]}"


def _salted(text: str, nonce: str) -> dict[str, str]:
    return {"nonce": nonce, "md5": hashlib.md5(f"{nonce}{text}".encode(), usedforsecurity=False).hexdigest()}


SPELLINGS: Mapping[str, Callable[[str, Random], Any]] = {
    "plain": lambda text, _rng: text,
    "masked": _masked,
    "letters": lambda text, _rng: list(text),
    "crc32": lambda text, _rng: f"{zlib.crc32(text.encode()):08x}",
    "java-hash": _java_hash,
    "salted": lambda text, rng: _salted(text, f"{rng.getrandbits(64):016x}"),
    "sealed": lambda text, rng: base64.b64encode(seal(text.encode(), rng)).decode(),
}
"""How a text is written."""


class _Leaks(Table, frozen=True):
    leak: tuple[Way, ...]


@cache
def known_leaks() -> Mapping[str, tuple[Way, ...]]:
    """The bundled table, by name, each with the requests it makes."""
    ways = bundled("lab_leaks.toml", _Leaks).leak
    return {way.name: tuple(each for each in ways if each.name == way.name) for way in ways}


def told_of(visit: Visit, names: Iterable[str]) -> list[Told]:
    """The requests that leaks of these names make of a visit."""
    return [way.tell(visit) for name in names for way in known_leaks()[name]]
