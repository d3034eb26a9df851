"""What an identifier names, and how that is known."""

from collections.abc import Sequence
from enum import StrEnum

from hometruth.identity.identifiers.documented import Documented, Names
from hometruth.identity.identifiers.event import KnownValue, Phase
from hometruth.identity.identifiers.lifetime import SESSION, Lifetime


class Kind(StrEnum):
    """What an identifier names, told from what it outlives."""

    ADVERTISING = "advertising"
    VENDOR = "vendor-scoped"
    INSTALLATION = "installation"
    SESSION = "session"
    DEVICE = "device"
    ACCOUNT = "account"
    UNKNOWN = "unknown"


class Basis(StrEnum):
    """How the kind is known."""

    OWN = "own value"
    """It is a value whose meaning the tester told."""
    OBSERVED = "observed"
    """From what ended it and what did not, in these recordings."""
    DOCUMENTED = "documented"
    """A public document says so, and these recordings do not speak against it."""
    NONE = "none"
    """It is not known."""


def kind_of(
    lives: Lifetime,
    known: Sequence[KnownValue],
    meaning: Documented | None,
    *,
    is_account: bool,
) -> tuple[Kind, Basis]:
    """What is seen comes before what is documented."""
    if kind := _known(known):
        return kind, Basis.OWN
    if is_account:
        return Kind.ACCOUNT, Basis.OBSERVED
    if (kind := _observed(lives)) is not Kind.UNKNOWN:
        return kind, Basis.OBSERVED
    if meaning and meaning.names.is_sender:
        return _DOCUMENTED[meaning.names], Basis.DOCUMENTED
    return Kind.UNKNOWN, Basis.NONE


_DOCUMENTED = {Names.INSTALLATION: Kind.INSTALLATION, Names.SESSION: Kind.SESSION}


def _known(known: Sequence[KnownValue]) -> Kind | None:
    if not known:
        return None
    value = known[0]
    if value.kind == "account":
        return Kind.ACCOUNT
    if "adver" in value.name.lower():
        return Kind.ADVERTISING
    return Kind.DEVICE if value.kind == "device-id" else None


def _observed(lives: Lifetime) -> Kind:
    """What a value names, by what ends it."""
    cleared = lives.kept(Phase.CLEAR_DATA)
    reinstalled = lives.kept(Phase.REINSTALL)
    if lives.ends_with == SESSION:
        return Kind.SESSION
    if lives.kept(Phase.AD_ID_RESET).is_gone and not cleared.is_gone:
        return Kind.ADVERTISING
    if cleared.is_gone or reinstalled.is_gone or lives.ends_with == Phase.CLEAR_DATA:
        return Kind.INSTALLATION
    if lives.kept(Phase.REINSTALL_ALL).is_gone:
        return Kind.VENDOR
    return Kind.DEVICE if cleared.asked or reinstalled.asked else Kind.UNKNOWN
