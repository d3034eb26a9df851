"""Finds digests that were salted, or keyed, with a value sent beside them.

A digest of a canary and its salt looks like any other digest; but who is to compare it must know the salt,
and often it travels in the same request. So for each value that looks like a digest, the likeliest other
values of the request are tried as salt and as key: those that are called so, then the nearest. Where nothing
is called so, anything could be one, and each try costs a digest of every canary: then only few are made.
"""

import hashlib
import hmac
import re
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from math import log2
from typing import NamedTuple

from hometruth.canaries.evidence import digest_bits
from hometruth.canaries.haystack import Values
from hometruth.forms import Spelling, spellings_of
from hometruth.model import Canary, Form, Value

ALGORITHMS = {16: "md5", 20: "sha1", 32: "sha256", 64: "sha512"}
"""What is salted in practice, by the bytes of its digest."""
SHORTEST_SALT, LONGEST_SALT = 4, 64
"""Bytes of a value that may be a salt: a number is shorter, a text longer."""
SPELLINGS = frozenset(
    {"", "lower", "trimmed", "trimmed,lower", "digits", "email:google", "phone:e164", "phone:subscriber"}
)
"""Spellings of a value that are tried with every salt."""
JOINTS = (b":", b"|", b"-", b"_", b".")
"""What stands between a salt and the value, tried with values that are called salts."""
WAYS = 3
"""Salt before the value, after it, and as the key of an HMAC (RFC 2104)."""
MORE_WAYS = 2 * len(JOINTS)
UNNAMED_TRIES = 2_000
"""Digests computed for a request that names no salt; what is not tried then is no gap but a limit."""
MAX_TABLES = 256
"""Salts whose digests are remembered: they repeat from request to request."""
_HEX = re.compile(rb"(?:[0-9a-f]{2}){16,64}|(?:[0-9A-F]{2}){16,64}")
SALT_NAMES = frozenset({b"salt", b"nonce", b"pepper", b"hmac"})
"""Words in the name of a field by which a salt is known."""
_CALLED_SALT = re.compile("|".join(sorted(name.decode() for name in SALT_NAMES)), re.IGNORECASE)


_Key = tuple[str, bytes, bool]
"""Algorithm, salt, and whether it is called one."""
_Table = dict[bytes, tuple[Canary, Spelling, str]]
"""By digest: of which canary, in which spelling, and how the form is called."""


class Salted(NamedTuple):
    """A digest of a canary with a salt found beside it."""

    canary: Canary
    form: Form
    index: int  # type: ignore[assignment]  # a tuple has a method of that name, which nobody needs here


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one exchange."""

    found: tuple[Salted, ...] = ()
    left_salts: int = 0
    """Salts that were not tried, for want of budget."""


class Salts:
    """Canaries of a search, to be digested with whatever stands beside a digest."""

    def __init__(self, canaries: Iterable[Canary]) -> None:
        # A phantom's chance of being met is the same as its plain form's: nothing, 64 bits away.
        self._texts = [
            (canary, spelling, text.encode("utf-8", "surrogatepass"))
            for canary in canaries
            if not canary.phantom
            for text, spelling in spellings_of(canary.value).items()
            if spelling.name in SPELLINGS
        ]
        self._tables: OrderedDict[_Key, _Table] = OrderedDict()

    def find(self, peeled: Values, explained: Collection[int], n_salts: int, max_tries: int) -> Tried:
        """Digests salted with a value of the same exchange.

        Args:
            explained: Indexes of values in which something was found already.
            n_salts: Values that are tried for each digest.
            max_tries: Digests that may be computed.
        """
        if not self._texts:
            return Tried()
        found: list[Salted] = []
        tries = left = 0
        allowed: set[_Key] = set()
        candidates: _Candidates | None = None
        for index, digest in _digests(peeled, explained):
            algorithm = ALGORITHMS[len(digest)]
            candidates = candidates or _Candidates(peeled)
            room = max_tries if candidates.are_called else min(max_tries, UNNAMED_TRIES)
            for place in candidates.likeliest(index, n_salts):
                is_called = candidates.is_called(place)
                key = (algorithm, peeled.values[place].data, is_called)
                if key not in allowed:
                    cost = (WAYS + MORE_WAYS * is_called) * len(self._texts)
                    if tries + cost > room:
                        left += candidates.are_called
                        continue
                    allowed.add(key)
                    tries += cost
                if known := self._table(*key).get(digest):
                    found.append(_salted(*known, peeled, index, place))
        cost_bits = log2(max(2, tries))  # each try was a chance to be wrong
        kept = (item._replace(form=_cheaper(item.form, cost_bits)) for item in found)
        return Tried(tuple(kept), left)

    def _table(self, algorithm: str, salt: bytes, is_called: bool) -> _Table:  # a key
        """Digests of all canaries with one salt."""
        table = self._tables.get((algorithm, salt, is_called))
        if table is None:
            table = {}
            for canary, spelling, text in self._texts:
                name = spelling.name or "value"
                ways = (_ways, _joined_ways) if is_called else (_ways,)
                for digest, form in chain.from_iterable(way(algorithm, salt, text, name) for way in ways):
                    table.setdefault(digest, (canary, spelling, form))
            self._tables[algorithm, salt, is_called] = table
            if len(self._tables) > MAX_TABLES:
                self._tables.popitem(last=False)
        return table


def _ways(algorithm: str, salt: bytes, text: bytes, name: str) -> Iterator[tuple[bytes, str]]:
    digest = getattr(hashlib, algorithm)
    yield digest(salt + text).digest(), f"{algorithm}(salt+{name})"
    yield digest(text + salt).digest(), f"{algorithm}({name}+salt)"
    yield hmac.digest(salt, text, algorithm), f"hmac-{algorithm}({name})"


def _joined_ways(algorithm: str, salt: bytes, text: bytes, name: str) -> Iterator[tuple[bytes, str]]:
    digest = getattr(hashlib, algorithm)
    for joint in JOINTS:
        sign = joint.decode()
        yield digest(joint.join((salt, text))).digest(), f"{algorithm}(salt{sign}{name})"
        yield digest(joint.join((text, salt))).digest(), f"{algorithm}({name}{sign}salt)"


def _digests(peeled: Values, explained: Collection[int]) -> Iterator[tuple[int, bytes]]:
    """Values that are as long as a digest, in hexadecimal or raw."""
    for index, value in enumerate(peeled.values):
        data = value.data
        if index in explained or index in peeled.echoes:
            continue
        if len(data) // 2 in ALGORITHMS and _HEX.fullmatch(data):
            yield index, bytes.fromhex(data.decode("ascii"))
        elif len(data) in ALGORITHMS and not data.isascii():
            yield index, data


@lru_cache(maxsize=1024)
def is_called_salt(name: str) -> bool:
    """True for names of fields in which a salt or a key stands."""
    return bool(_CALLED_SALT.search(name))


def has_salt(peeled: Values) -> bool:
    """True if a value is called a salt, or a key."""
    return any(_may_be_salt(value) and is_called_salt(_name_of(value)) for value in peeled.values)


def _may_be_salt(value: Value) -> bool:
    """True for what is as long as a salt, and no name of a field."""
    return SHORTEST_SALT <= len(value.data) <= LONGEST_SALT and not (value.steps and value.steps[-1].is_name)


def _name_of(value: Value) -> str:
    return value.steps[-1].label if value.steps else value.name


class _Candidates:
    """Every value that may be a salt, but no names of fields: those that are called so, and the others."""

    def __init__(self, peeled: Values) -> None:
        self._called: list[tuple[int, bytes]] = []
        self._others: list[tuple[int, bytes]] = []
        for index, value in enumerate(peeled.values):
            if _may_be_salt(value):
                group = self._called if is_called_salt(_name_of(value)) else self._others
                group.append((index, value.data))
        self._called_indexes = frozenset(index for index, _ in self._called)

    @property
    def are_called(self) -> bool:
        """True if at least one is called a salt."""
        return bool(self._called)

    def is_called(self, index: int) -> bool:
        """True if the value of that index is called a salt."""
        return index in self._called_indexes

    def likeliest(self, index: int, n_salts: int) -> Iterator[int]:
        """Indexes of the values to be tried as the salt of one digest, each text once."""
        most = 4 * n_salts
        ranked = [*_nearest(self._called, index, most), *_nearest(self._others, index, most)][:most]
        texts: set[bytes] = set()
        for place, data in ranked:
            if place != index and data not in texts and len(texts) < n_salts:
                texts.add(data)
                yield place


def _nearest(values: Sequence[tuple[int, bytes]], index: int, n: int) -> list[tuple[int, bytes]]:
    """The *n* values nearest to an index, of values in the order of theirs."""
    middle = bisect_left(values, (index, b""))
    around = values[max(0, middle - n) : middle + n]
    return sorted(around, key=lambda item: (abs(item[0] - index), item[0]))[:n]


def _salted(canary: Canary, spelling: Spelling, name: str, peeled: Values, index: int, place: int) -> Salted:
    data, salt = peeled.values[index].data, peeled.values[place]
    raw = len(data) in ALGORITHMS and not data.isascii()
    n_bits = 8.0 * (len(data) if raw else len(data) // 2)
    bits = digest_bits(canary, spelling, n_bits, is_whole=True, n_tried=1)
    where = f"{salt.part} {salt.path}".strip()
    return Salted(
        canary, Form(f"{name}, salt in {where}", data, bits, caseless=not raw, is_digest=True), index
    )


def _cheaper(form: Form, cost_bits: float) -> Form:
    return replace(form, bits=form.bits - cost_bits)
