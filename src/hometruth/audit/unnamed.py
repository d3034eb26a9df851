"""Personal data that nobody named: noted where an exchange is peeled, added up by field and recipient."""

from collections import Counter
from collections.abc import Collection, Container, Iterable, Iterator
from dataclasses import dataclass, field, replace

from hometruth.audit.examine import Examined
from hometruth.identity.unnamed import plain, resemblances
from hometruth.model import (
    Canary,
    Clue,
    Condition,
    Exchange,
    GateRecipient,
    Part,
    Party,
    PersonalKind,
    Resemblance,
    Ruling,
    Unnamed,
)
from hometruth.peel import Peeled
from hometruth.peel.leaves import surely_read_with_ends
from hometruth.policy import Fields, Policy, fingerprint_of_unnamed, stable_fields
from hometruth.policy.load import goes_to
from hometruth.recipients import is_visit, load_organisations, registrable_domain
from hometruth.report.text import mask

PARTIES_FIRST = (Party.THIRD, Party.UNKNOWN, Party.OWN)


@dataclass(frozen=True, slots=True)
class UnnamedNote:
    """Notes what looks personal in the values of an exchange, and is no canary."""

    kinds: frozenset[PersonalKind]
    named: tuple[str, ...]

    @classmethod
    def of(cls, kinds: frozenset[PersonalKind], canaries: Iterable[Canary]) -> "UnnamedNote":
        """A note of these kinds, but for the values of *canaries*."""
        return cls(kinds, tuple(filter(None, (plain(each.value) for each in canaries if not each.phantom))))

    def __call__(self, examined: Examined, peeled: Peeled) -> tuple[Resemblance, ...]:
        """What looks personal, where no canary is found at the same place."""
        places = {(each.value.part, each.value.path) for each in examined.sightings}
        read = (
            (value, ends)
            for value, ends in surely_read_with_ends(peeled)
            if (value.part, value.path) not in places
        )
        return resemblances(read, self.kinds, named=self.named, masked=mask)


@dataclass(slots=True)
class _Sum:
    """What is known of one kind in one field at one recipient."""

    first: Resemblance
    exchange: Exchange
    """The first that arrived, else the first."""
    times: int = 0
    digests: set[bytes] = field(default_factory=set)


class UnnamedBook:
    """Adds up what looks personal, and who was contacted."""

    def __init__(self, policy: Policy, values: Collection[str]) -> None:
        self._policy, self._values = policy, values
        self._kinds = policy.sought()
        self._sums: dict[tuple[PersonalKind, str, Fields, Condition], _Sum] = {}
        self._requests: Counter[str] = Counter()
        self._visited: dict[str, str] = {}
        """Domain of the first page opened, by recording."""

    def take(self, examined: Examined, condition: Condition) -> None:
        """Count one exchange."""
        exchange = examined.exchange
        host = exchange.host.removesuffix(".")
        self._requests[host] += 1
        if exchange.source.file not in self._visited and is_visit(exchange):
            self._visited[exchange.source.file] = registrable_domain(host)
        found = examined.noted if isinstance(examined.noted, tuple) else ()
        if PersonalKind.CONNECTION in self._kinds:
            found = (*found, CONNECTED)
        for each in found:
            fields = stable_fields(host, [(each.part, each.path)], self._values, registrable_domain(host))
            key = each.kind, host, fields, condition
            total = self._sums.get(key)
            if total is None or (total.exchange.delivered.is_attempt and not exchange.delivered.is_attempt):
                total = self._sums[key] = _Sum(each, exchange)
            if total.exchange.delivered.is_attempt or not exchange.delivered.is_attempt:
                total.times += each.times
                total.digests |= each.digests

    def recipients(self, telling: Container[str] = ()) -> tuple[GateRecipient, ...]:
        """Everybody who was contacted, third parties first.

        Args:
            telling: Hosts whose names tell a canary, which are not shown.
        """
        rows = []
        for host, requests in self._requests.items():
            domain = registrable_domain(host)
            pieces = [(str(Part.HOST), "")] if host in telling else []
            shown = stable_fields(host, pieces, self._values, domain).recipient
            rows.append(
                GateRecipient(
                    *(shown, domain, organisation_of(host, self._policy), self._party(host), requests)
                )
            )
        return tuple(sorted(_joined(rows), key=lambda each: (PARTIES_FIRST.index(each.party), each.host)))

    def unnamed(self, telling: Container[str] = ()) -> Iterator[Unnamed]:
        """Everything that looks personal; no policy has been asked of it yet. *telling* as above."""
        for (kind, host, fields, condition), total in self._sums.items():
            party = self._party(host)
            if kind is PersonalKind.CONNECTION and party is Party.OWN:
                continue
            exchange, shown = total.exchange, fields.recipient
            if host in telling:
                pieces = [(str(Part.HOST), "")]
                shown = stable_fields(host, pieces, self._values, registrable_domain(host)).recipient
            yield Unnamed(
                kind=kind,
                shown=total.first.shown,
                values=len(total.digests),
                clues=total.first.clues,
                party=party,
                recipient=shown,
                host=host,
                organisation=organisation_of(host, self._policy),
                part=fields.part,
                path=fields.path,
                condition=condition,
                ruling=Ruling.UNNAMED,
                fingerprint=fingerprint_of_unnamed(kind, fields, condition),
                chain=total.first.chain,
                delivered=exchange.delivered,
                times=total.times,
                capture=exchange.source.file,
                entry=exchange.source.index,
                is_clear=is_clear(exchange),
            )

    def _party(self, host: str) -> Party:
        """Whose host it is: by the policy, else by the first page that was opened in each recording."""
        if self._policy.first_party:
            return Party.OWN if goes_to(self._policy.first_party, host) else Party.THIRD
        if not self._visited:
            return Party.UNKNOWN
        return Party.OWN if registrable_domain(host) in self._visited.values() else Party.THIRD


def _joined(rows: Iterable[GateRecipient]) -> Iterator[GateRecipient]:
    """Hosts that are shown alike, as one."""
    alike: dict[GateRecipient, int] = {}
    for row in rows:
        alike[replace(row, requests=0)] = alike.get(replace(row, requests=0), 0) + row.requests
    return (replace(row, requests=requests) for row, requests in alike.items())


CONNECTED = Resemblance(PersonalKind.CONNECTION, "", "", (), "", frozenset(), 1, (Clue.RECIPIENT,))
"""That a request was made at all."""


def organisation_of(host: str, policy: Policy) -> str | None:
    """Who is behind a host: by the policy, else by the bundled table; None if neither says it."""
    domain = registrable_domain(host)
    owner = load_organisations().get(domain)
    return (
        policy.organisations.get(host) or policy.organisations.get(domain) or (owner.name if owner else None)
    )


def is_clear(exchange: Exchange) -> bool:
    """True if it went without TLS."""
    return exchange.scheme in ("http", "ws")
