"""Worlds for phones with any SDK, and what they sent as the decoder from the fact sheet reads it."""

import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_der_private_key

from hometruth.capture.proxy import Recorder
from hometruth.capture.proxy.sinkhole import Sinkhole
from hometruth.lab import TELEMETRY_HOST, CollectorHandle, Phone, start_collector
from hometruth.model import Exchange
from tests.lab.conftest import World
from tests.lab.sdk.fact_sheet import PrivateKeys, Upload, decode_upload

PAGE, QUERY, ACCOUNT = (
    "https://canary-host.example/canary-path?q=ä%20+",
    "canary query \u4e2d",
    "canary-account",
)


class Around:
    """Makes worlds whose collector tells SDKs what the test wants."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.stack = stack

    def world(self, encryption: str | None = None, **remote_config: Any) -> World:
        """A collector, a recorder, and room for a phone."""
        exchanges: list[Exchange] = []
        collector = self.stack.enter_context(
            start_collector(
                self.folder / "collector.sqlite", encryption=encryption, remote_config=remote_config
            )
        )
        recorder = Recorder(
            self.folder / "traffic.mitm",
            sinkhole=Sinkhole({TELEMETRY_HOST: collector.url}),
            on_exchange=exchanges.append,
        )
        return World(collector, self.stack.enter_context(recorder), self.folder, exchanges, 0)


def with_sdk(world: World, sdk: str, **options: Any) -> Phone:
    """A phone with that SDK and Mint Browser in it, which nobody opened yet."""
    phone = world.phone(**options)
    phone.set_sdk(sdk)
    phone.install("3.4.0")
    return phone


def uploads(world: World) -> list[Upload]:
    """What the phone sent, read by the decoder from the fact sheet."""
    keys = private_keys(world.collector)
    return [
        decode_upload(exchange.request_body or b"", keys)
        for exchange in world.exchanges
        if exchange.host == TELEMETRY_HOST and exchange.method == "POST"
    ]


def asked(world: World) -> list[str]:
    """Addresses of the requests for remote configuration."""
    return [exchange.url for exchange in world.exchanges if "/config/" in exchange.url]


def private_keys(collector: CollectorHandle) -> PrivateKeys:
    keys = {}
    with closing(sqlite3.connect(str(collector.db))) as database:
        for pkv, der in database.execute("SELECT pkv, private_key FROM keys"):
            key = load_der_private_key(der, None)
            assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
            keys[pkv] = key
    return keys


def names(events: list[dict[str, Any]]) -> list[str]:
    return [event["event"] for event in events]


def use(phone: Phone) -> None:
    """Do something of every sort, over two processes of the app."""
    phone.launch()
    phone.set_consent("given")
    phone.visit(PAGE)
    phone.sign_in(ACCOUNT)
    phone.search(QUERY)
    phone.kill()
    phone.launch()
    phone.visit(PAGE)
    phone.advance(20)
