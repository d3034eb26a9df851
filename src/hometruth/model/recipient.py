"""Who received it, who sent it, and whose doing that was."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Recipient:
    """The receiver of an exchange. Every statement beyond the host carries its source in ``sources``."""

    host: str
    domain: str
    """Registrable domain (public suffix list), or the host itself."""
    organisation: str | None = None
    country: str | None = None
    sdk: str | None = None
    """Analytics SDK recognised by its protocol, whatever the host is called."""
    sdk_maker: str | None = None
    vendor_controlled: bool = False
    """True if the organisation is the subject's vendor: first party to the subject."""
    sources: tuple[tuple[str, str], ...] = ()
    """Pairs (field, why we believe it)."""
    service: str | None = None
    """What it does with what it is told, where that matters: a language-model provider."""


@dataclass(frozen=True, slots=True)
class Sender:
    """The app or process a request came from; None where nothing tells."""

    app: str | None
    source: str


class InitiatorKind(StrEnum):
    """Whose doing a request is."""

    APP = "app"
    PAGE = "page"
    """What an opened page embeds, runs or links to could have caused it."""
    SYSTEM = "system"
    """The operating system's own service."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Initiator:
    """Whose doing a request is, and how that is known."""

    kind: InitiatorKind
    evidence: str

    @property
    def is_app(self) -> bool:
        """True if it is the app's, or nobody looked whose it is."""
        return self.kind is InitiatorKind.APP or self == NOBODY_LOOKED


NOBODY_LOOKED = Initiator(InitiatorKind.UNKNOWN, "nobody looked")


def is_within(host: str, domain: str) -> bool:
    """True for a domain and every host below it."""
    return bool(domain) and (host == domain or host.endswith(f".{domain}"))


SITES, SITE = "sites.example", "canary.example"
"""Domains of the canaries' own sites, the second for addresses of drawn lengths: reserved names (RFC 2606),
which the tester's machine answers itself."""


def is_own_site(host: str) -> bool:
    """True for the canaries' own sites: traffic to them is a visit, the first or another."""
    return is_within(host, SITES) or is_within(host, SITE)


@dataclass(frozen=True, slots=True)
class HostPattern:
    """A host, or with a leading ``*.`` all hosts below it; then perhaps the beginning of a path (``/sa``)."""

    text: str

    def fits(self, host: str, path: str = "") -> bool:
        """True for a request to *host*; a pattern with a path fits no connection whose path nobody saw."""
        wanted, slash, prefix = self.text.partition("/")
        below = wanted.removeprefix("*.")
        there = is_within(host, below) and host != below if below != wanted else host == wanted
        return there and (not slash or path.lstrip("/").startswith(prefix))

    @property
    def host(self) -> str:
        """The name in it, without what stands for hosts below and without a path."""
        return self.text.partition("/")[0].removeprefix("*.")
