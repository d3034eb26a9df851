"""Reads labelled recordings, or a case, into the records that identifiers are found in."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from glob import has_magic
from itertools import chain
from pathlib import Path

from hometruth.audit.crew import examined
from hometruth.audit.examine import Examined
from hometruth.audit.identify import PROMISED_DAYS, Traces, identify, session_in, sessions_of_trials
from hometruth.audit.scan import captures_of
from hometruth.audit.scanner import Scanner
from hometruth.canaries import load_canaries
from hometruth.capture import read_capture, read_connections
from hometruth.errors import CaseError
from hometruth.findings import session_of_value
from hometruth.identity.labels import label
from hometruth.model import Canary, Exchange, Gap, Value
from hometruth.model.identified import Identified
from hometruth.model.identifier import ComparisonKind, Session
from hometruth.peel import Peeled
from hometruth.peel.adapters import known_endpoints
from hometruth.peel.leaves import leaves
from hometruth.recipients import load_organisations, recognise_sdk, resolve, sender_of


def identifiers(
    *recordings: str | Path,
    canaries: Iterable[Canary] = (),
    twins: bool = False,
    installations: bool = False,
    promised_days: float = PROMISED_DAYS,
) -> Identified:
    """Find what names a device or a person, without being told its name: ``hometruth identify``.

    Args:
        recordings: ``DEVICE:PHASE=FILE``, ``DEVICE:PHASE@DAY=FILE``, a file alone, a ``.toml`` that lists
            them, a folder of recordings, or one case folder.
        canaries: What was planted or is the tester's own: named, and left out of what is found.
        twins: The devices are two that did the same.
        installations: They are installations on one device.
        promised_days: A lifetime that was promised.

    Raises:
        HometruthError: A label makes no sense, or a recording or case cannot be read.
    """
    words, known = [str(each) for each in recordings], tuple(canaries)
    if len(words) == 1 and is_case(Path(words[0])):
        return read_case(Path(words[0]), known, promised_days=promised_days)
    return read_recordings(
        words, known, twins=twins, installations=installations, promised_days=promised_days
    )


def read_recordings(
    words: Sequence[str],
    canaries: Sequence[Canary],
    *,
    twins: bool = False,
    installations: bool = False,
    promised_days: float = PROMISED_DAYS,
    keys: Path | None = None,
) -> Identified:
    """Identifiers in labelled recordings.

    Args:
        keys: A TLS key log, for packet captures.

    Raises:
        HometruthError: A label makes no sense, or a recording cannot be read.
    """
    given = list(chain.from_iterable(map(_files, words)))
    files = [each for each in given if isinstance(each, str)]
    labelled, comparison = label(files, twins=twins, installations=installations)
    scanner = Scanner(tuple(canaries), n_phantoms=0)
    traces = Traces()
    for passed in given:
        if isinstance(passed, Gap):
            traces.note(passed)
    for item in labelled:
        _read(
            item.path,
            read_capture(item.path, keys=keys),
            scanner,
            Tracer(item.app, session=item.session),
            traces,
        )
    return identify(
        traces,
        comparison,
        inputs=[canary.value for canary in canaries if not canary.personal],
        sessions=[item.session for item in labelled],
        promised_days=promised_days,
    )


def _files(word: str) -> Iterator[str | Gap]:
    """The word itself, or the files that it names as a pattern or folder; what of these is passed over."""
    path = Path(word)
    if path.is_dir() or (has_magic(word) and "=" not in word and not path.exists()):
        yield from (each if isinstance(each, Gap) else str(each) for each in captures_of([word]))
    else:
        yield word


def is_case(folder: Path) -> bool:
    """True for the folder of a case, in a bag or without one; false for one of recordings."""
    return any((folder / name).is_file() for name in ("case.toml", "data/case.toml"))


def read_case(
    folder: Path, canaries: Sequence[Canary], *, promised_days: float = PROMISED_DAYS
) -> Identified:
    """Identifiers in what an experiment recorded; what it planted, and what it knew of the device, is known.

    Raises:
        HometruthError: The case is incomplete or was changed.
    """
    from hometruth.case import check_intact, open_case  # noqa: PLC0415 - recordings need no cryptography

    case = open_case(folder)
    check_intact(case.folder)
    if case.recordings.is_dir():
        raise CaseError(
            f"{folder}: made of recordings that were labelled afterwards, which does not say what was "
            f"compared; name them, each with its device and phase: they are in {case.recordings}"
        )
    scanner = Scanner((*load_canaries(case.canaries).canaries, *canaries), n_phantoms=0)
    sessions = sessions_of_trials(case.trials())
    apps = {trial.id: trial.condition.get("app") or "" for trial in case.trials()}
    # A subject that sent nothing at all leaves an empty file, which is no capture.
    recording = read_capture(case.traffic, name=case.traffic.name) if case.traffic.stat().st_size else ()
    traces = Traces()
    _read(case.traffic, recording, scanner, Tracer(apps=apps, ran=sessions), traces)
    return identify(
        traces, ComparisonKind.INSTALLATIONS, sessions=tuple(sessions.values()), promised_days=promised_days
    )


@dataclass(frozen=True, slots=True)
class Tracer:
    """Takes down the fields of an exchange, with the session that each speaks of."""

    app: str = ""
    """What was used, where somebody says so; else the request itself may."""
    session: Session | None = None
    """The one that everything speaks of."""
    ran: Mapping[str, Session] = field(default_factory=dict)
    """Sessions by trial, where a planted value may belong to another one than it was recorded in."""
    apps: Mapping[str, str] = field(default_factory=dict)
    """What was used, by trial."""

    def __call__(self, examined: Examined, peeled: Peeled) -> Traces:
        """Everything that the exchange says."""
        exchange, values = examined.exchange, peeled.values
        recognised = recognise_sdk(values)
        recipient = resolve(
            exchange,
            recognised,
            vendor=(),
            organisations=load_organisations(),
            operator=known_endpoints().operator(exchange),
        )
        records = recognised.records if recognised else frozenset()
        traces = Traces()
        traces.add(
            exchange,
            peeled,
            leaves(peeled),
            examined.sightings,
            recipient=recipient,
            app=self.app or self.apps.get(exchange.trial or "") or sender_of(exchange, values).app or "",
            session_of=self._session_of(examined, records),
        )
        traces.add_known_fields(exchange, peeled)
        return traces

    def _session_of(self, examined: Examined, records: frozenset[str]) -> Callable[[Value], Session | None]:
        if self.session is not None:
            return lambda _value: self.session
        return session_in(self.ran, session_of_value(examined.exchange, examined.sightings, records))


def _read(
    path: Path, recording: Iterable[Exchange | Gap], scanner: Scanner, tracer: Tracer, traces: Traces
) -> None:
    """Add one recording."""
    for item in examined(chain(read_connections(path), recording), scanner, note=tracer):
        if isinstance(item, Gap):
            traces.note(item)
        else:
            assert isinstance(item.noted, Traces)
            traces.update(item.noted)
