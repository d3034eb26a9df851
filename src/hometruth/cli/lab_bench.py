"""A simulated phone with all that it needs, switched on for a command: recorder, collector, storage."""

import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from hometruth.capture.proxy import Recorder
from hometruth.capture.proxy.sinkhole import Sinkhole
from hometruth.errors import LabError
from hometruth.lab import VENDOR_HOSTS, CollectorHandle, Phone, last_clock_ms, start_collector, start_phone
from hometruth.model import Exchange

START = datetime(2020, 5, 5, 12, tzinfo=UTC)
"""The phone's clock when it is switched on: the day after 3.4.3 came out."""
KNOCK_S = 5.0
"""How long a collector on loopback may take to answer the door."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What was started."""

    phone: Phone
    """The first of `phones`."""
    phones: Mapping[str, Phone]
    """By model."""
    recorder: Recorder
    collector: CollectorHandle | None
    """None if somebody else's collector was given."""


@contextmanager
def switched_on(
    folder: Path,
    *,
    profile: str,
    more: Sequence[str] = (),
    collector_url: str | None = None,
    port: int = 0,
    encryption: str = "rsa-event",
    on_exchange: Callable[[Exchange], None] | None = None,
) -> Iterator[Parts]:
    """A phone that keeps what it has in *folder*, and goes on where it was if it was there before.

    Args:
        folder: Gets ``phone/``, ``ledger.jsonl``, the recording, and a collector's file if one is started.
        profile: Which model.
        more: Models of further phones behind the same recorder and collector, each with a folder of its own.
        collector_url: A collector that runs already; None starts one.
        port: Port of the one that is started.
        encryption: How it tells SDKs to encrypt.
        on_exchange: Told of every exchange recorded, in the recorder's thread.

    Raises:
        LabError: If no collector answers at *collector_url*, or something cannot start.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ledger = folder / "ledger.jsonl"
    with ExitStack() as stack:
        collector = None
        if collector_url is None:
            collector = stack.enter_context(
                start_collector(folder / "collector.sqlite", port=port, encryption=encryption, ledger=ledger)
            )
            collector_url = collector.url
        sinkhole = Sinkhole(dict.fromkeys(VENDOR_HOSTS, collector_url))
        _knock(collector_url)
        traffic = folder / f"traffic-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.mitm"
        recorder = stack.enter_context(Recorder(traffic, sinkhole=sinkhole, on_exchange=on_exchange))

        def switch_on(model: str, state: Path, its_ledger: Path) -> Phone:
            return stack.enter_context(
                start_phone(
                    model,
                    proxy=recorder.url,
                    ca_file=recorder.ca_file,
                    state_dir=state,
                    ledger=its_ledger,
                    start_ms=last_clock_ms(state) or int(START.timestamp() * 1000),
                )
            )

        phones = {profile: switch_on(profile, folder / "phone", ledger)}
        for other in more:
            phones[other] = switch_on(other, folder / f"phone-{other}", folder / f"ledger-{other}.jsonl")
        yield Parts(phones[profile], phones, recorder, collector)


def _knock(url: str) -> None:
    where = urlsplit(url)
    try:
        socket.create_connection((where.hostname or "", where.port or 80), KNOCK_S).close()
    except OSError as err:
        raise LabError(
            f"{url}: no collector answers there ({err.strerror or err}); `hometruth lab collector` starts one"
        ) from err
