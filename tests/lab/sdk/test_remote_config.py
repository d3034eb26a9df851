"""When the SDK asks for its configuration, how often, and what an answer does: against a real HTTP server."""

import json
import ssl
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from hometruth.lab.android.clock import Clock
from hometruth.lab.android.network import Network, NetworkError
from hometruth.lab.sdk.remote_config import Fetched, RemoteConfig, Settings
from tests.lab.http_server import BREAK_OFF, Server, serving
from tests.lab.sdk.test_encryption import KEYS

HOUR_MS = 3_600_000
KEY = {"pkv": 1, "public_key": KEYS[0].public_key}


class Bench:
    """One app's remote configuration, and the server it asks."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.clock = Clock(1_588_550_400_000)
        self.preferences: dict[str, Any] = {}
        self.changes: list[Settings] = []
        self.network = Network(server.url, ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        self.remote = self.start()

    def start(self, *, needs_key: bool = False, seed: int = 1) -> RemoteConfig:
        """What a new process of the app does."""
        self.remote = RemoteConfig(
            "http://sa.example/sa?project=p&r=IE",
            app_id="com.example.app",
            preferences=self.preferences,
            clock=self.clock,
            rng=Random(seed),
            needs_key=needs_key,
            fetch=self._fetch,
            changed=self.changes.append,
        )
        return self.remote

    def answer(self, status: int = 200, body: bytes = b"", **configs: Any) -> None:
        """The next answer of the server."""
        self.server.answers.append((status, {}))
        if status != BREAK_OFF:
            self.server.bodies.append(body or json.dumps({"v": "one", "configs": configs}).encode())

    def targets(self) -> list[str]:
        """What was asked for so far."""
        return [target for method, target, *_ in self.server.requests if method == "GET"]

    def _fetch(self, url: str) -> Fetched:
        try:
            reply = self.network.request("GET", url, [("Host", "sa.example")])
        except NetworkError:
            return Fetched(None)
        return Fetched(reply.status, reply.body)


@pytest.fixture
def bench() -> Iterator[Bench]:
    with serving() as server:
        bench = Bench(server)
        yield bench
        bench.network.close()


def test_the_first_start_asks_beside_the_address_of_the_events(bench: Bench) -> None:
    bench.answer()
    bench.remote.check()

    assert bench.targets() == ["http://sa.example/config/Android.conf?project=p&app_id=com.example.app"]


def test_the_version_in_effect_is_told(bench: Bench) -> None:
    bench.answer(nv="two")
    bench.remote.check()
    bench.clock.advance(48 * HOUR_MS)
    bench.answer(304)
    bench.start().check()

    query = "v=one&nv=two&project=p&app_id=com.example.app"
    assert bench.targets()[1] == f"http://sa.example/config/Android.conf?{query}"


@pytest.mark.parametrize("seed", range(8))
def test_it_is_asked_for_again_after_a_random_24_to_48_hours(bench: Bench, seed: int) -> None:
    hours = 0
    bench.answer()
    bench.start(seed=seed).check()
    while len(bench.targets()) == 1:
        hours += 1
        bench.clock.advance(HOUR_MS)
        bench.answer(304)
        bench.remote.check()

    assert 24 <= hours <= 48


def test_the_hours_differ_from_phone_to_phone() -> None:
    hours = set()
    for seed in range(60):
        preferences: dict[str, Any] = {}
        RemoteConfig(
            "http://sa.example/sa",
            app_id="a",
            preferences=preferences,
            clock=Clock(0),
            rng=Random(seed),
            needs_key=False,
            fetch=lambda _url: Fetched(304),
        ).check()
        hours.add(preferences["remote_config_hours"])

    assert hours <= set(range(24, 49))
    assert len(hours) > 10


@pytest.mark.parametrize("status", [BREAK_OFF, 205, 500, 503])
def test_three_tries_are_made_thirty_seconds_apart(bench: Bench, status: int) -> None:
    for _ in range(4):
        bench.answer(status, b"not ready")
    bench.remote.check()
    made = [len(bench.targets())]
    for _ in range(5):
        bench.clock.advance(29_999)
        made.append(len(bench.targets()))
        bench.clock.advance(1)
        made.append(len(bench.targets()))

    assert made == [1, 1, 2, 2, 3, 3, 3, 3, 3, 3, 3]
    assert bench.changes == []


@pytest.mark.parametrize("status", [304, 404])
def test_nothing_new_and_nothing_there_end_the_tries(bench: Bench, status: int) -> None:
    bench.answer(status)
    bench.remote.check()
    bench.clock.advance(10 * 60_000)

    assert len(bench.targets()) == 1


def test_a_later_try_that_succeeds_is_the_last(bench: Bench) -> None:
    bench.answer(205)
    bench.answer(event_blacklist=["dull"], effect_mode=1)
    bench.remote.check()
    bench.clock.advance(10 * 60_000)

    assert len(bench.targets()) == 2
    assert bench.remote.settings.drops("dull")


def test_an_answer_that_is_no_configuration_is_tried_again(bench: Bench) -> None:
    bench.answer(200, b"<html>")
    bench.answer(200, b"[]")
    bench.answer(effect_mode=1, disableSDK=True)
    bench.remote.check()
    bench.clock.advance(10 * 60_000)

    assert len(bench.targets()) == 3
    assert [settings.disable_sdk for settings in bench.changes] == [True]


def test_a_stopped_process_asks_no_more(bench: Bench) -> None:
    bench.answer(503)
    bench.remote.check()
    bench.remote.stop()
    bench.clock.advance(10 * 60_000)

    assert len(bench.targets()) == 1


@pytest.mark.parametrize(("effect_mode", "now"), [(0, False), (1, True)])
def test_settings_take_effect_at_once_or_at_the_next_start(bench: Bench, effect_mode: int, now: bool) -> None:
    bench.answer(disableSDK=True, effect_mode=effect_mode)
    bench.remote.check()

    assert bench.remote.settings.drops("anything") is now
    assert bench.start().settings.drops("anything")


def test_a_key_holds_at_once_and_survives_the_process(bench: Bench) -> None:
    bench.answer(key=KEY, supportTransportEncrypt=True)
    bench.start(needs_key=True).check()
    assert bench.remote.key == KEYS[0]

    assert bench.start(needs_key=True).key == KEYS[0]
    assert bench.remote.whole_uploads


def test_while_a_key_is_missing_every_start_asks_and_tells_no_version(bench: Bench) -> None:
    bench.answer()
    bench.start(needs_key=True).check()
    bench.answer(key=KEY)
    bench.start(needs_key=True).check()
    bench.start(needs_key=True).check()

    url = "http://sa.example/config/Android.conf?project=p&app_id=com.example.app"
    assert bench.targets() == [url, url]


def test_an_sdk_that_does_not_encrypt_keeps_no_key(bench: Bench) -> None:
    bench.answer(key=KEY)
    bench.remote.check()

    assert bench.remote.key is None


@pytest.mark.parametrize(
    ("configs", "dropped"),
    [
        ({}, set()),
        ({"autoTrackMode": -1}, set()),
        ({"autoTrackMode": 0}, {"$AppStart", "$AppEnd", "$AppClick", "$AppViewScreen"}),
        ({"autoTrackMode": 5}, {"$AppEnd", "$AppViewScreen"}),
        ({"autoTrackMode": 10}, {"$AppStart", "$AppClick"}),
        ({"autoTrackMode": "off"}, set()),
        ({"event_blacklist": ["search", "$SignUp"]}, {"search", "$SignUp"}),
        ({"event_blacklist": "search"}, set()),
        ({"disableSDK": True}, {"search", "$SignUp", "$AppStart", "$AppEnd", "$AppClick", "$AppViewScreen"}),
        ({"disableSDK": "yes"}, set()),
    ],
)
def test_what_a_configuration_drops(configs: dict[str, Any], dropped: set[str]) -> None:
    names = ("search", "$SignUp", "$AppStart", "$AppEnd", "$AppClick", "$AppViewScreen")
    settings = Settings.parse({"v": "one", "configs": configs})

    assert {name for name in names if settings.drops(name)} == dropped


def test_what_is_told_of_a_configuration_has_the_sdks_order_and_no_key() -> None:
    told = Settings.parse(
        {"v": "one", "configs": {"key": KEY, "effect_mode": 1, "nv": "two", "event_blacklist": []}}
    ).as_config()

    assert list(told) == ["v", "configs"]
    assert list(told["configs"].items()) == [
        *(("disableDebugMode", False), ("autoTrackMode", -1), ("disableSDK", False)),
        *(("event_blacklist", []), ("nv", "two"), ("effect_mode", 1)),
    ]
