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
