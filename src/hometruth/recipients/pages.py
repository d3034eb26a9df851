"""Whose doing a request is: the app's, or that of a page it shows. Decided by pages, never by headers alone.

A page can only tell what it knows. So the visits that gave a canary to a page are followed to what these
pages hold, and to what was loaded because they name it. If nothing there has script or names the recipient,
no page caused the request, whatever its headers say; where a page could have, none of them clears the app
either, so nobody is charged.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from hometruth.model import Canary, Exchange, Initiator, InitiatorKind
from hometruth.recipients.page_content import PageContent, Power, content_of

INERT = "every page that had it embeds nothing, has no script and leads nowhere"
TYPED = "no page was given it"
OF_ITSELF = b"none"
"""Value of ``Sec-Fetch-Site`` that a browser sets on what no page asked for."""


@dataclass(frozen=True, slots=True)
class _Page:
    """An answer that a page could be, or could have loaded."""

    exchange: str
    host: str
    trial: str | None
    at_ns: int
    content: PageContent


@dataclass(slots=True)
class Pages:
    """Answers to requests that carried a canary, and what was loaded because they name it."""

    _pages: dict[str, _Page] = field(default_factory=dict)
    _active: dict[str | None, list[_Page]] = field(default_factory=lambda: defaultdict(list))
    """By session, those that can do anything."""
    _named: dict[str | None, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By session, hosts that these name."""

    _unopened: set[str] = field(default_factory=set)
    """Hosts of connections that were not opened."""

    def add_unopened(self, host: str) -> None:
        """Note a connection that was not opened: perhaps a visit to a page that nobody can read."""
        self._unopened.add(host.lower())

    def may_matter(self, exchange: Exchange) -> bool:
        """True if a page opened before could have loaded what *exchange* answers."""
        return exchange.host in self._named[exchange.trial]

    def add(self, exchange: Exchange, body: bytes | None) -> None:
        """Note the answer of an exchange that carried a canary, or that may matter.

        Args:
            body: Its body with the content coding off; None if it cannot be read.
        """
        content = content_of(exchange, body)
        page = _Page(exchange.id, exchange.host, exchange.trial, exchange.started_ns or 0, content)
        self._pages[exchange.id] = page
        if content.power:
            self._active[exchange.trial].append(page)
            self._named[exchange.trial] |= content.names

    def initiator_of(self, canary: Canary, exchange: Exchange, visits: Collection[str]) -> Initiator:
        """Whose doing it is that *exchange* carries *canary*.

        Args:
            visits: Ids of the exchanges by which the action itself gave the canary to a page.
        """
        if exchange.id in visits:
            return Initiator(InitiatorKind.APP, "the action itself")
        before = [self._pages[visit] for visit in visits if visit in self._pages]
        before = [page for page in before if page.at_ns <= (exchange.started_ns or page.at_ns)]
        if not before and canary.personal:
            return self._of_what_any_page_may_know(exchange)
        if not before and (unopened := self._unopened_visit(canary)):
            told = f"the connection to {unopened} was not opened, so what its page holds is not known"
            return Initiator(InitiatorKind.UNKNOWN, told + _told_by(exchange))
        active = tuple(self._reached([page for page in before if page.content.power]))
        if not active:
            return Initiator(InitiatorKind.APP, (INERT if before else TYPED) + _told_by(exchange))
        if naming := next((page for page in active if exchange.host in page.content.names), None):
            told = (
                f"a page of {naming.host} was given it, or loaded by one that was, and names {exchange.host}"
            )
            return Initiator(InitiatorKind.PAGE, told + _told_by(exchange))
        strongest = max(active, key=lambda page: page.content.power)
        match strongest.content.power:
            case Power.SCRIPT:
                told = f"a page of {strongest.host} with script was given it and may have sent it"
                return Initiator(InitiatorKind.UNKNOWN, told + _told_by(exchange))
            case Power.UNRECORDED:
                told = f"a page of {strongest.host} was given it, and what that page holds was not recorded"
                return Initiator(InitiatorKind.UNKNOWN, told + _told_by(exchange))
        told = f"no page that had it has script, or names {exchange.host}"
        return Initiator(InitiatorKind.APP, told + _told_by(exchange))

    def _unopened_visit(self, canary: Canary) -> str | None:
        return next((host for host in sorted(self._unopened) if canary.value.lower() in host), None)

    def _of_what_any_page_may_know(self, exchange: Exchange) -> Initiator:
        """A known value of a person stands in pages that nobody planted it in."""
        scripted = [page for page in self._active[exchange.trial] if page.content.power >= Power.UNRECORDED]
        if scripted:
            told = f"a page of {scripted[0].host} was open that may know it"
            return Initiator(InitiatorKind.UNKNOWN, told + _told_by(exchange))
        return Initiator(InitiatorKind.APP, TYPED + _told_by(exchange))

    def _reached(self, pages: list[_Page]) -> Iterator[_Page]:
        """These, and those that they may have loaded, in turn."""
        waiting, done = list(pages), set[str]()
        while waiting:
            page = waiting.pop(0)
            if page.exchange in done:
                continue
            done.add(page.exchange)
            yield page
            waiting += [
                other
                for other in self._active[page.trial]
                if other.host in page.content.names and other.at_ns >= page.at_ns
            ]


def _told_by(exchange: Exchange) -> str:
    """What the request's own headers say to it, which decides nothing."""
    if exchange.request_header("sec-fetch-site") == OF_ITSELF:
        return "; its Sec-Fetch-Site: none speaks for the app, too"
    if view := exchange.request_header("x-requested-with"):
        return f"; its X-Requested-With names a web view of {view.decode('utf-8', 'backslashreplace')}"
    return ""


def is_visit(exchange: Exchange) -> bool:
    """True if an exchange opens a page, as browsers say it; a frame in one is none."""
    destination = exchange.request_header("sec-fetch-dest")
    if destination is not None:
        return destination == b"document"
    return exchange.request_header("upgrade-insecure-requests") is not None and not exchange.request_header(
        "referer"
    )
