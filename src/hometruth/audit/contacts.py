"""Who was contacted: a fold over examined exchanges that searches for nothing and peels everything."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from hometruth.audit.examine import Examined
from hometruth.model import (
    LET_THROUGH,
    Contacted,
    Contacts,
    Gap,
    GapKind,
    HostPattern,
    KnownField,
    Party,
    Recipient,
)
from hometruth.peel import Peeled
from hometruth.peel.adapters import explain, known_endpoints
from hometruth.recipients import AskedBook, is_visit, load_organisations, recognise_sdk, resolve
from hometruth.recipients.organisations import registrable_domain

UNOPENED = frozenset(
    {
        *LET_THROUGH,
        *(GapKind.REFUSED_TLS, GapKind.NOT_HTTP, GapKind.OPAQUE, GapKind.NOT_RECORDED),
    }
)
"""Gaps that are connections, where no exchange is named: of a packet capture those without keys too, and
contacts of which nothing but the host was written down."""


@dataclass(frozen=True, slots=True)
class ContactNote:
    """What is kept of one exchange."""

    recipient: Recipient
    fields: tuple[KnownField, ...]
    is_known: bool
    """True if it went to a known endpoint."""


def note_contact(examined: Examined, peeled: Peeled) -> ContactNote:
    """Who received an exchange, and what is known of its fields."""
    exchange = examined.exchange
    recipient = resolve(
        exchange,
        recognise_sdk(peeled.values),
        vendor=(),
        organisations=load_organisations(),
        operator=known_endpoints().operator(exchange),
        values=peeled.values,
    )
    explained = explain(exchange, peeled.values)
    if explained is None:
        return ContactNote(recipient, (), is_known=False)
    adapter, known = explained
    path = exchange.target.partition(b"?")[0].decode("utf-8", "backslashreplace")
    fields = tuple(
        KnownField(
            capture=exchange.source.file,
            entry=exchange.source.index,
            adapter=adapter.slug,
            company=adapter.company,
            kind=each.field.kind,
            part=str(each.value.part),
            path=each.path,
            value=each.text,
            reason=each.field.reason,
            recipient=exchange.host,
            endpoint=f"{exchange.host}{path}",
        )
        for each in known
    )
    return ContactNote(recipient, fields, is_known=True)


@dataclass(slots=True)
class _ContactSums:
    recipient: Recipient
    requests: int = 0
    sent_bytes: int = 0
    read_bytes: int = 0
    opaque_bytes: int = 0
    dropped: int = 0
    refused: int = 0
    sdks: dict[str, None] = field(default_factory=dict)
    kinds: dict[str, None] = field(default_factory=dict)
    service: str | None = None
    first_ns: int | None = None


class ContactBook:
    """Recipients by host, while exchanges go by.

    Args:
        own: Hosts that the person calls their own.
    """

    def __init__(self, own: Collection[HostPattern] = ()) -> None:
        self.exchanges = self.exchanges_known = 0
        self.gaps: list[Gap] = []
        self._own = own
        self._sums: dict[str, _ContactSums] = {}
        self._names = AskedBook()
        self._visited: set[str] = set()
        """Domains of pages that were opened."""

    def take(self, item: Examined | Gap) -> tuple[KnownField, ...]:
        """Count one exchange, or a gap; return the fields that are known."""
        if isinstance(item, Gap):
            self._miss([item])
            return ()
        noted, exchange = item.noted, item.exchange
        assert isinstance(noted, ContactNote)
        self.exchanges += 1
        self.exchanges_known += noted.is_known
        self._names.add(exchange)
        self._miss(item.gaps)
        sums = self._sums.setdefault(exchange.host, _ContactSums(noted.recipient))
        sums.recipient = sums.recipient if sums.recipient.organisation else noted.recipient
        sums.requests += 1
        sums.sent_bytes += item.read_bytes + item.opaque_bytes
        sums.read_bytes += item.read_bytes
        sums.opaque_bytes += item.opaque_bytes
        sums.dropped += item.dropped
        sums.service = sums.service or noted.recipient.service
        if noted.recipient.sdk:
            sums.sdks[noted.recipient.sdk] = None
        sums.kinds |= dict.fromkeys(each.kind for each in noted.fields)
        if exchange.started_ns is not None:
            sums.first_ns = min(exchange.started_ns, sums.first_ns or exchange.started_ns)
        if is_visit(exchange):
            self._visited.add(noted.recipient.domain)
        return noted.fields

    def contacts(self, fields: Iterable[KnownField] = ()) -> Contacts:
        """All recipients; *fields* as `take` gave them, if they were kept."""
        domains = self._visited
        owners = {
            sums.recipient.organisation
            for sums in self._sums.values()
            if sums.recipient.organisation
            and (sums.recipient.domain in domains or self._is_called_own(sums.recipient.host))
        }
        rows = [self._row(sums, domains, owners) for sums in self._sums.values()]
        rows.sort(key=lambda row: (row.party is Party.OWN, row.group.casefold(), row.host))
        return Contacts(
            tuple(rows),
            tuple(fields),
            self.exchanges,
            self.exchanges_known,
            tuple(self.gaps),
            self._names.names(),
        )

    def _row(self, sums: _ContactSums, domains: Collection[str], owners: Collection[str]) -> Contacted:
        recipient = sums.recipient
        if (
            self._is_called_own(recipient.host)
            or recipient.domain in domains
            or recipient.organisation in owners
        ):
            party = Party.OWN
        else:
            party = Party.THIRD if domains or self._own else Party.UNKNOWN
        behind = self._behind(recipient)
        return Contacted(
            host=recipient.host,
            organisation=recipient.organisation,
            domain=recipient.domain,
            party=party,
            sdks=tuple(sums.sdks),
            service=sums.service,
            requests=sums.requests,
            sent_bytes=sums.sent_bytes,
            read_bytes=sums.read_bytes,
            opaque_bytes=sums.opaque_bytes,
            dropped=sums.dropped,
            refused=sums.refused,
            kinds=tuple(sums.kinds),
            first_ns=sums.first_ns,
            behind=behind.host if behind else None,
            behind_organisation=behind.organisation if behind else None,
        )

    def _behind(self, recipient: Recipient) -> Recipient | None:
        """Who answers for a host whose name leads on to another's: the first that is known, else the last."""
        aliases = dict.fromkeys(
            alias for asked in self._names.names() if asked.name == recipient.host for alias in asked.aliases
        )
        others = [other for alias in aliases if (other := _unopened(alias)).domain != recipient.domain]
        strangers = [
            other
            for other in others
            if other.organisation != recipient.organisation or not other.organisation
        ]
        return next(
            (other for other in strangers if other.organisation), strangers[-1] if strangers else None
        )

    def _is_called_own(self, host: str) -> bool:
        return any(pattern.fits(host) for pattern in self._own)

    def _miss(self, gaps: Iterable[Gap]) -> None:
        for gap in gaps:
            self.gaps.append(gap)
            if gap.kind in UNOPENED and gap.exchange is None and gap.host:
                sums = self._sums.setdefault(gap.host, _ContactSums(_unopened(gap.host)))
                sums.refused += 1
                if gap.at_ns is not None:
                    sums.first_ns = min(gap.at_ns, sums.first_ns or gap.at_ns)
                sums.sent_bytes += gap.size_bytes or 0
                sums.opaque_bytes += gap.size_bytes or 0


def _unopened(host: str) -> Recipient:
    domain = registrable_domain(host)
    owner = load_organisations().get(domain)
    return Recipient(host, domain, owner.name if owner else None, owner.country if owner else None)
