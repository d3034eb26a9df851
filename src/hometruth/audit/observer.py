"""What an audit notes of one exchange, where it was peeled: whom it told what, and in which session."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from hometruth.audit.examine import Examined
from hometruth.audit.identify import Traces, session_in
from hometruth.audit.paired import Flow, sent_in
from hometruth.comparison import SignalBook
from hometruth.findings import random_fields, session_of_value, sessions_of, shared_domain
from hometruth.identity import IdentifierRegister
from hometruth.model import Contact, Exchange, Recipient, Sender, Sighting, Value, is_own_site
from hometruth.model.identifier import Session
from hometruth.peel import Peeled
from hometruth.peel.adapters import known_endpoints
from hometruth.peel.leaves import leaves, surely_read
from hometruth.recipients import (
    Recognised,
    digest_of,
    event_names,
    load_organisations,
    project_of,
    recognise_sdk,
    resolve,
    said_in,
    sender_of,
)

SessionOf = Callable[[Value], str | None]
"""The session that a value speaks of; None where nobody can say."""


@dataclass(frozen=True, slots=True)
class Noted:
    """What an audit keeps of the values of one exchange."""

    recipient: Recipient
    sender: Sender
    sessions: tuple[str, ...]
    """Sessions whose planted values it carries, else the one it was recorded in."""
    contacts: tuple[Contact, ...]
    identifiers: IdentifierRegister
    traces: Traces | None
    """None unless the vendor, or an analytics SDK, was told."""
    flow: Flow | None
    """None unless it was sent in a pair."""
    signals: SignalBook | None


@dataclass(frozen=True, slots=True)
class Observer:
    """Takes the notes; it is made of what it needs of the question, and so travels to other processes."""

    vendor: frozenset[str]
    """Organisations whose receipt is held against the statements."""
    ran: Mapping[str, Session]
    """Sessions by trial."""
    in_pairs: frozenset[str]
    """Trials that are halves of pairs."""
    domains: tuple[str, ...] = ()
    """Domains below which all pages visited lie."""
    with_signals: bool = False

    def __call__(self, examined: Examined, peeled: Peeled) -> Noted:
        """Whom the exchange told what, and in which session."""
        exchange, sightings, values = examined.exchange, examined.sightings, peeled.values
        recognised = recognise_sdk(values)
        recipient = resolve(
            exchange,
            recognised,
            vendor=self.vendor,
            organisations=load_organisations(),
            operator=known_endpoints().operator(exchange),
            values=values,
        )
        sender = sender_of(exchange, values)
        records = recognised.records if recognised else frozenset()
        session_of = session_of_value(exchange, sightings, records)
        sessions = sessions_of(exchange, sightings)
        identifiers = IdentifierRegister()
        identifiers.add(values, recipient, session_of)
        is_told = recipient.vendor_controlled or bool(recipient.sdk)
        read = tuple(leaves(peeled)) if is_told else ()
        contact = _contact(exchange, recipient, sender, recognised, peeled)
        if recipient.vendor_controlled:
            contact = self._with_unexplained(contact, sightings, read)
        return Noted(
            recipient,
            sender,
            sessions,
            contacts=tuple(replace(contact, trial=session) for session in sessions or (None,)),
            identifiers=identifiers,
            traces=self._traces(examined, peeled, read, recipient, sender, session_of) if is_told else None,
            flow=self._flow(exchange, peeled, recipient),
            signals=self._signals(exchange, peeled, recipient, records, session_of),
        )

    def _with_unexplained(
        self, contact: Contact, sightings: Collection[Sighting], read: Collection[tuple[Value, str]]
    ) -> Contact:
        """Random fields that no sighting explains, and the domain of all pages where that was told."""
        found_in = {(item.value.part, item.value.path) for item in sightings}
        text = " ".join(text for _, text in read)
        return replace(
            contact, random=random_fields(read, found_in), domain=shared_domain(text, self.domains)
        )

    def _traces(
        self,
        examined: Examined,
        peeled: Peeled,
        read: Sequence[tuple[Value, str]],
        recipient: Recipient,
        sender: Sender,
        session_of: SessionOf,
    ) -> Traces:
        traces = Traces()
        traces.add(
            examined.exchange,
            peeled,
            read,
            examined.sightings,
            recipient=recipient,
            app=sender.app or "",
            session_of=session_in(self.ran, session_of),
        )
        return traces

    def _signals(
        self,
        exchange: Exchange,
        peeled: Peeled,
        recipient: Recipient,
        records: frozenset[str],
        session_of: SessionOf,
    ) -> SignalBook | None:
        if not self.with_signals:
            return None
        signals = SignalBook()
        signals.add(
            exchange,
            recipient,
            surely_read(peeled),
            records=records,
            opaque_bytes=peeled.opaque_bytes,
            session_of=session_of,
        )
        return signals

    def _flow(self, exchange: Exchange, peeled: Peeled, recipient: Recipient) -> Flow | None:
        if exchange.trial not in self.in_pairs or is_own_site(exchange.host):
            return None
        return Flow(sent_in(exchange, peeled), recipient.vendor_controlled)


def _contact(
    exchange: Exchange,
    recipient: Recipient,
    sender: Sender,
    recognised: Recognised | None,
    peeled: Peeled,
) -> Contact:
    """The exchange as a contact, of no session yet."""
    path = exchange.target.split(b"?", 1)[0].decode("utf-8", "backslashreplace")
    values = peeled.values
    return Contact(
        exchange=exchange.id,
        recipient=recipient,
        endpoint=f"{exchange.host}{path}",
        trial=None,
        recorded_in=exchange.trial,
        at_ns=exchange.started_ns,
        scheme=exchange.scheme,
        offered_tls=exchange.tls.offered if exchange.tls else (),
        records=len(recognised.records) if recognised else 0,
        read_bytes=peeled.read_bytes,
        opaque_bytes=peeled.opaque_bytes,
        sender=sender,
        project=project_of(values),
        events=event_names(recognised, values),
        delivered=exchange.delivered,
        said=said_in(recognised, values),
        digest=digest_of(recognised, values),
    )
