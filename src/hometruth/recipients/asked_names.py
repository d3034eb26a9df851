"""Names that were asked of a resolver, read from recorded DNS messages (RFC 1035, RFC 9460)."""

from collections.abc import Iterator
from dataclasses import replace

from hometruth.model import AskedName, Exchange

SCHEME = "dns"
KINDS = {
    **{1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA", 33: "SRV"},
    **{43: "DS", 48: "DNSKEY", 64: "SVCB", 65: "HTTPS", 255: "ANY", 257: "CAA"},
}
HEADER_BYTES = 12
LONGEST_NAME = 255
CNAME = 5
_POINTER = 0xC0
_FIXED_BYTES = 10
"""Of a record: type, class, time to live, length."""


def asked_names(exchange: Exchange) -> Iterator[AskedName]:
    """Questions of a DNS conversation; damaged messages give none, and stay searched as bytes."""
    if exchange.scheme != SCHEME:
        return
    answers: dict[int, bytes] = {}
    for message in exchange.messages:
        if not message.sent and len(message.data) >= HEADER_BYTES:
            answers.setdefault(_number(message.data, 0), message.data)
    for message in exchange.messages:
        if not message.sent or len(message.data) < HEADER_BYTES:
            continue
        answer = answers.get(_number(message.data, 0), b"")
        for name, kind in _questions(message.data):
            aliases, kinds = _answer(answer)
            yield AskedName(
                name=name,
                kind=KINDS.get(kind, f"TYPE{kind}"),
                resolver=exchange.host,
                at_ns=message.time_ns or exchange.started_ns,
                aliases=aliases,
                answered=kind in kinds,
                trial=exchange.trial,
                sender=exchange.sent_by,
            )


class AskedBook:
    """Questions added up while exchanges go by: one of each name, kind, resolver, session and sender."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str, str, str | None, str | None], AskedName] = {}

    def add(self, exchange: Exchange) -> None:
        """Take in what one exchange asks."""
        for asked in asked_names(exchange):
            app = asked.sender.app if asked.sender else None
            key = asked.name, asked.kind, asked.resolver, asked.trial, app
            first = self._first.setdefault(key, replace(asked, times=0))
            self._first[key] = replace(
                first,
                times=first.times + 1,
                answered=first.answered or asked.answered,
                aliases=tuple(dict.fromkeys((*first.aliases, *asked.aliases))),
            )

    def names(self) -> tuple[AskedName, ...]:
        """All, in the order in which they came first."""
        return tuple(self._first.values())


def _questions(data: bytes) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    at = HEADER_BYTES
    try:
        for _ in range(_number(data, 4)):
            name, at = _name(data, at)
            found.append((name, _number(data, at)))
            at += 4
    except IndexError:
        pass  # what came before the damage was asked
    return found


def _answer(data: bytes) -> tuple[tuple[str, ...], frozenset[int]]:
    """Aliases, and the types of records, in an answer."""
    aliases: list[str] = []
    kinds: set[int] = set()
    try:
        at = HEADER_BYTES
        for _ in range(_number(data, 4)):
            at = _name(data, at)[1] + 4
        for _ in range(_number(data, 6)):
            _, at = _name(data, at)
            kind, size = _number(data, at), _number(data, at + 8)
            at += _FIXED_BYTES
            kinds.add(kind)
            if kind == CNAME:
                aliases.append(_name(data, at)[0])
            at += size
    except IndexError:
        pass  # none, or cut off: what stands before that is told
    return tuple(aliases), frozenset(kinds)


def _number(data: bytes, at: int) -> int:
    return data[at] << 8 | data[at + 1]


def _name(data: bytes, at: int) -> tuple[str, int]:
    """A name and where it ends; IndexError if it is damaged. Pointers lead backwards only."""
    labels: list[str] = []
    end = -1
    size = 0
    while length := data[at]:
        if length >= _POINTER:
            target = _number(data, at) & 0x3FFF
            if target >= at:
                raise IndexError(target)
            end = at + 2 if end < 0 else end
            at = target
            continue
        label = data[at + 1 : at + 1 + length]
        size += length + 1
        if len(label) < length or size > LONGEST_NAME:
            raise IndexError(at)
        labels.append(label.decode("utf-8", "backslashreplace").lower())
        at += 1 + length
    return ".".join(labels), at + 1 if end < 0 else end
