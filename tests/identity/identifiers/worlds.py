"""A few sessions and records, written down by hand."""

from collections.abc import Mapping, Sequence

from hometruth.identity.identifiers.occurrences import Event
from hometruth.model.identifier import Phase, Session


def sessions(device: str, *phases: Phase, days: Sequence[float] | None = None) -> list[Session]:
    """Sessions of one device, in order."""
    return [
        Session(f"{device}{order}", device, phase, order, None if days is None else days[order])
        for order, phase in enumerate(phases)
    ]


def event(session: Session, fields: Mapping[str, str], *, app: str = "app", host: str = "t.example") -> Event:
    """One record."""
    return Event(session, app, host, host, f"x-{session.id}", None, tuple(fields.items()))


def told(
    device: Sequence[Session], values: Sequence[str | None], *, app: str = "app", host: str = "t.example"
) -> list[Event]:
    """Two records a session, with the value of that session at one place; None sends nothing."""
    return [
        event(session, {"body id": value}, app=app, host=host)
        for session, value in zip(device, values, strict=True)
        if value is not None
        for _ in range(2)
    ]
