"""One identifier, all the places that it was sent to: people count codes, not fields."""

from collections.abc import Iterable
from dataclasses import dataclass

from hometruth.identity.identifiers.documented import Documented
from hometruth.identity.identifiers.event import KnownValue
from hometruth.identity.identifiers.found import Found
from hometruth.identity.identifiers.kind import Basis, Kind
from hometruth.identity.identifiers.lifetime import Lifetime
from hometruth.identity.identifiers.union import Union


@dataclass(frozen=True, slots=True, eq=False)
class Code:
    """Places that carry the same values."""

    found: tuple[Found, ...]
    """The place that tells most comes first, and speaks for the others."""

    @property
    def kind(self) -> Kind:
        """What it names."""
        return self.found[0].kind

    @property
    def basis(self) -> Basis:
        """How that is known."""
        return self.found[0].basis

    @property
    def meaning(self) -> Documented | None:
        """What documents say of it: of the place that speaks for it, else of any."""
        return next((item.meaning for item in self.found if item.meaning), None)

    @property
    def is_sent_once(self) -> bool:
        """True if none of its values was sent twice, anywhere."""
        return all(item.is_sent_once for item in self.found)

    @property
    def is_not_the_devices(self) -> bool:
        """True if installations on one device sent different ones."""
        return any(item.is_not_the_devices for item in self.found)

    @property
    def lifetime(self) -> Lifetime:
        """What it outlives."""
        return self.found[0].lifetime

    @property
    def is_certain(self) -> bool:
        """True if any place proves it."""
        return any(item.is_certain for item in self.found)

    @property
    def known(self) -> tuple[KnownValue, ...]:
        """The tester's own values that it is."""
        return tuple(dict.fromkeys(value for item in self.found for value in item.known))

    @property
    def receivers(self) -> tuple[str, ...]:
        """Who got it, sorted."""
        return tuple(sorted({item.receiver for item in self.found}))

    @property
    def hosts(self) -> tuple[str, ...]:
        """Where it was sent, sorted."""
        return tuple(sorted({item.place.host for item in self.found}))

    @property
    def apps(self) -> tuple[str, ...]:
        """What sent it, where that is known, sorted."""
        return tuple(sorted({item.place.app for item in self.found if item.place.app}))

    @property
    def tokens(self) -> frozenset[str]:
        """All its values."""
        return frozenset().union(*(item.tokens for item in self.found))

    @property
    def devices(self) -> tuple[str, ...]:
        """Devices that it names, sorted."""
        return tuple(sorted({device for item in self.found for device in item.devices}))

    @property
    def sessions(self) -> frozenset[str]:
        """Sessions in which it was sent."""
        return frozenset(session for item in self.found for session in item.sent)


def codes(found: Iterable[Found]) -> tuple[Code, ...]:
    """*found*, put together where a value is the same; what is certain first, then what is sent most."""
    union: Union[Found | str] = Union()
    for item in found:
        for token in item.tokens:
            union.join(item, token)
    groups = ([item for item in group if isinstance(item, Found)] for group in union.groups())
    ordered = (sorted(group, key=_weight) for group in groups)
    return tuple(
        sorted(
            (Code(tuple(group)) for group in ordered),
            key=lambda code: (not code.is_certain, _weight(code.found[0])),
        )
    )


def _weight(found: Found) -> tuple[int, int, int, int, str, str, str]:
    """What tells most comes first: most sessions, a lifetime that is known, a kind that is."""
    asked = sum(kept.asked for _, kept in found.lifetime.survived)
    return (
        -len(found.sessions),
        -asked,
        _BASES.index(found.basis),
        len(found.place.path),
        *_names(found),
    )


_BASES = (Basis.OWN, Basis.OBSERVED, Basis.DOCUMENTED, Basis.NONE)


def _names(found: Found) -> tuple[str, str, str]:
    return found.place.host, found.place.path, found.place.app
