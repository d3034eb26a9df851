"""A real collector, a real recorder between it and the phone, and phones that are separate processes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hometruth.capture.proxy import Recorder
from hometruth.capture.proxy.sinkhole import Sinkhole
from hometruth.lab import (
    VENDOR_HOSTS,
    CollectorHandle,
    Defect,
    Mutation,
    Phone,
    read_events,
    start_collector,
    start_phone,
)
from hometruth.lab.ledger import Ledger, read_ledger
from hometruth.model import Exchange

Servers = tuple[CollectorHandle, Recorder, list[Exchange]]
STORY_MS = 1_588_550_400_000
"""2020-05-04, when 3.4.3 came out."""


@dataclass(frozen=True)
class World:
    """Everything around one phone; its files are its own."""

    collector: CollectorHandle
    recorder: Recorder
    folder: Path
    exchanges: list[Exchange]
    """What the recorder saw in this test."""
    already: int
    """Events that came before this test."""

    def phone(
        self,
        *,
        profile: str = "redmi-note-8",
        seed: int | None = None,
        start_ms: int = STORY_MS,
        mutations: Sequence[Mutation | Defect] = (),
    ) -> Phone:
        """The phone of this test; started again, it has kept its state."""
        return start_phone(
            profile,
            proxy=self.recorder.url,
            ca_file=self.recorder.ca_file,
            state_dir=self.folder / "phone",
            ledger=self.folder / "ledger.jsonl",
            seed=seed,
            start_ms=start_ms,
            mutations=mutations,
        )

    def arrived(self) -> list[dict[str, Any]]:
        """What came to the collector in this test, as the phone sent it."""
        stored = read_events(self.collector.db, after=self.already)
        return [{key: value for key, value in event.items() if key != "_server"} for event in stored]

    def arrived_at(self, path: str) -> list[dict[str, Any]]:
        """What came to one of the collector's endpoints, as it is stored."""
        stored = read_events(self.collector.db, after=self.already)
        return [event for event in stored if event["_server"]["path"] == path]

    def ledger(self) -> Ledger:
        """What the phone says it did."""
        return read_ledger(self.folder / "ledger.jsonl")


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """A collector, and a recorder that hands telemetry to it."""
    exchanges: list[Exchange] = []
    folder = tmp_path_factory.mktemp("servers")
    with start_collector(folder / "collector.sqlite") as collector:
        sinkhole = Sinkhole(dict.fromkeys(VENDOR_HOSTS, collector.url))
        with Recorder(folder / "traffic.mitm", sinkhole=sinkhole, on_exchange=exchanges.append) as recorder:
            yield collector, recorder, exchanges


@pytest.fixture
def world(servers: Servers, tmp_path: Path) -> World:
    """A fresh place for one phone."""
    collector, recorder, exchanges = servers
    exchanges.clear()
    already = max((event["_server"]["id"] for event in read_events(collector.db)), default=0)
    return World(collector, recorder, tmp_path, exchanges, already)


MakePhone = Callable[..., Phone]


@pytest.fixture
def ready_phone(world: World) -> Iterator[MakePhone]:
    """Makes a phone with the app installed and running, and consent answered; turned off after the test."""
    phones: list[Phone] = []

    def make(version: str = "3.4.0", consent: str = "given", **options: Any) -> Phone:
        phone = world.phone(**options)
        phones.append(phone)
        phone.install(version)
        phone.launch()
        phone.set_consent(consent)
        return phone

    yield make
    for phone in phones:
        phone.close()


Start = Callable[..., Phone]


@pytest.fixture
def start(world: World) -> Iterator[Start]:
    """Makes a phone with an app running, and consent answered; turned off after the test."""
    phones: list[Phone] = []

    def make(
        channels: str = "all",
        version: str = "3.4.3",
        app: str = "mint-browser",
        consent: str = "given",
        **options: Any,
    ) -> Phone:
        phone = world.phone(**options)
        phones.append(phone)
        phone.set_channels(channels)
        phone.install(version, app)
        phone.launch()
        phone.set_consent(consent)
        return phone

    yield make
    for phone in phones:
        phone.close()
