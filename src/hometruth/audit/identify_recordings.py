"""Reads labelled recordings, or a case, into the records that identifiers are found in."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from hometruth.audit.examine import examine
from hometruth.audit.identify import Identified, Traces, identify, session_in, sessions_of_trials
from hometruth.canaries import Search, compile_search, load_canaries
from hometruth.capture import read_capture, read_connections
from hometruth.case import check_intact, open_case
from hometruth.findings import session_of_value
from hometruth.identity.identifiers import Comparison, Session
from hometruth.identity.labels import label
from hometruth.model import Canary, Exchange, Gap, Sighting, Value
from hometruth.peel import Memo
from hometruth.peel.adapters import known_endpoints
from hometruth.recipients import load_organisations, recognise_sdk, resolve, sender_of

SessionOf = Callable[[Exchange, Sequence[Sighting], frozenset[str]], Callable[[Value], Session | None]]


def read_recordings(
    words: Sequence[str], canaries: Sequence[Canary], *, twins: bool = False, installations: bool = False
) -> Identified:
    """Identifiers in labelled recordings.

    Raises:
        HometruthError: A label makes no sense, or a recording cannot be read.
    """
    labelled, comparison = label(words, twins=twins, installations=installations)
    reader = _Reader(canaries)
    for item in labelled:
        gaps = read_connections(item.path)
        reader.read((*gaps, *read_capture(item.path)), item.app, _always(item.session))
    return identify(
        reader.traces,
        comparison,
        inputs=[canary.value for canary in canaries if not canary.personal],
        sessions=[item.session for item in labelled],
    )


def read_case(folder: Path, canaries: Sequence[Canary]) -> Identified:
    """Identifiers in what an experiment recorded; what it planted, and what it knew of the device, is known.

    Raises:
        HometruthError: The case is incomplete or was changed.
    """
    case = open_case(folder)
    check_intact(folder)
    everything = (*load_canaries(case.canaries).canaries, *canaries)
    sessions = sessions_of_trials(case.trials())
    reader = _Reader(everything)

    def session_of(
        exchange: Exchange, sightings: Sequence[Sighting], records: frozenset[str]
    ) -> Callable[[Value], Session | None]:
        return session_in(sessions, session_of_value(exchange, sightings, records))

    apps = {trial.id: trial.condition.get("app") or "" for trial in case.trials()}
    recording = () if case.traffic.stat().st_size == 0 else read_capture(case.traffic, name=case.traffic.name)
    reader.read((*read_connections(case.traffic), *recording), "", session_of, apps)
    return identify(
        reader.traces,
        Comparison.INSTALLATIONS,
        sessions=tuple(sessions.values()),
    )


def _always(session: Session) -> SessionOf:
    return lambda _exchange, _sightings, _records: lambda _value: session


class _Reader:
    """Peels recordings, one after the other, into traces."""

    def __init__(self, canaries: Iterable[Canary]) -> None:
        self.traces = Traces()
        self._search: Search = compile_search(tuple(canaries), ())
        self._memo = Memo()

    def read(
        self,
        recording: Iterable[Exchange | Gap],
        app: str,
        session_of: SessionOf,
        apps: dict[str, str] | None = None,
    ) -> None:
        """Add one recording.

        Args:
            app: What was used, where the label says so; else the request itself may.
            apps: The same by trial.
        """
        organisations, endpoints = load_organisations(), known_endpoints()
        for item in recording:
            if isinstance(item, Gap):
                self.traces.note(item)
                continue
            examined = examine(item, self._search, memo=self._memo)
            values = examined.peeled.values
            recognised = recognise_sdk(values)
            recipient = resolve(
                item, recognised, vendor=None, organisations=organisations, operator=endpoints.operator(item)
            )
            used = app or (apps or {}).get(item.trial or "") or sender_of(item, values).app or ""
            records = recognised.records if recognised else frozenset()
            self.traces.add(
                item,
                examined.peeled,
                examined.sightings,
                recipient=recipient,
                app=used,
                session_of=session_of(item, examined.sightings, records),
            )
