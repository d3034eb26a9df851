"""Today's SDK: names that are bound, the switch with its farewell, and the networks it sends over."""

import ssl
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest

from hometruth.lab.android.clock import Clock
from hometruth.lab.android.network import Network
from hometruth.lab.sdk.analytics import Analytics, Options
from hometruth.lab.sdk.outbox import Access, ServerAnswer
from hometruth.lab.sdk.queue import EventQueue
from hometruth.lab.sdk.remote_config import Fetched
from hometruth.lab.sdk.variants import ERA, NETWORKS, NOW, VARIANTS
from tests.lab.http_server import Server, serving
from tests.lab.sdk.fact_sheet import decode_upload


class Bench:
    """Today's SDK in its app, and the server it reports to."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server = server
        self.clock = Clock(1_588_550_400_000)
        self.queue = EventQueue(folder / "queue.sqlite")
        self.network = Network(server.url, ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        self.connected_to = "WIFI"
        self.asked: list[str] = []
        self.preferences: dict[str, Any] = {}

    def start(self, variant: str = "now", *, disabled: bool = False) -> Analytics:
        """What a new process of the app does."""
        options = Options(
            "http://sa.example/sa?project=p",
            {"$app_version": "3.4.0"},
            VARIANTS[variant],
            android_id="a1b2c3d4e5f60718",
            disabled=disabled,
        )
        sdk = Analytics(
            options,
            queue=self.queue,
            preferences=self.preferences,
            clock=self.clock,
            rng=Random(1),
            access=Access(self._upload, self._fetch, lambda: self.connected_to),
            on_record=lambda _event: None,
        )
        sdk.identify("anonymous")
        sdk.session_begins()
        return sdk

    def events(self) -> list[dict[str, Any]]:
        """What came to the server."""
        return [event for *_, body in self.server.requests for event in decode_upload(body).events]

    def _upload(self, url: str, body: bytes, _events: Sequence[dict[str, Any]]) -> ServerAnswer:
        return ServerAnswer(
            self.network.request("POST", url, [("Content-Length", str(len(body)))], body).status
        )

    def _fetch(self, url: str) -> Fetched:
        self.asked.append(url)
        return Fetched(404)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with serving() as server:
        bench = Bench(server, tmp_path)
        yield bench
        bench.network.close()
        bench.queue.close()


def test_the_account_is_one_more_identity_and_the_last_key_before_the_time_of_sending(bench: Bench) -> None:
    sdk = bench.start()
    sdk.track("before", {})
    sdk.login("account")
    sdk.track("after", {})
    sdk.logout()
    sdk.track("later", {})
    sdk.flush()
    before, signup, after, later = bench.events()
    nobody = {"$identity_android_id": "a1b2c3d4e5f60718", "$identity_anonymous_id": "anonymous"}

    assert before["identities"] == later["identities"] == nobody
    assert signup["identities"] == after["identities"] == {**nobody, "$identity_login_id": "account"}
    assert "login_id" not in before
    assert list(after)[-2:] == ["login_id", "_flush_time"]
    assert (after["distinct_id"], after["anonymous_id"]) == ("account", "anonymous")
    assert (signup["original_id"], "$is_first_day" in signup["properties"]) == ("anonymous", False)


def test_binding_a_name_is_an_event_and_so_is_taking_it_off(bench: Bench) -> None:
    sdk = bench.start()
    sdk.bind("$identity_email", "a@b.example")
    sdk.track("between", {})
    sdk.unbind("$identity_email", "a@b.example")
    sdk.track("after", {})
    sdk.flush()
    bind, between, unbind, after = bench.events()

    assert (bind["type"], bind["event"]) == ("track_id_bind", "$BindID")
    assert bind["identities"]["$identity_email"] == between["identities"]["$identity_email"] == "a@b.example"
    assert (unbind["type"], unbind["event"]) == ("track_id_unbind", "$UnbindID")
    assert unbind["identities"] == {"$identity_email": "a@b.example"}
    assert "$identity_email" not in after["identities"]


def test_switching_off_says_so_and_sends_everything_that_waits(bench: Bench) -> None:
    sdk = bench.start()
    for number in range(60):
        sdk.track("seen", {"n": number})
    sdk.disable()
    sdk.disable()

    assert [event["event"] for event in bench.events()] == ["seen"] * 60 + ["$AppDataTrackingClose"]
    assert len(bench.server.requests) == 2


def test_a_farewell_that_gets_lost_waits_until_the_sdk_is_on_again(bench: Bench) -> None:
    sdk = bench.start()
    bench.server.answers.append((503, {}))
    sdk.disable()
    bench.clock.advance(3_600_000)
    sdk.flush()
    assert len(bench.server.requests) == 1

    sdk.enable()
    bench.clock.advance(15_000)
    assert [event["event"] for event in bench.events()] == ["$AppDataTrackingClose"] * 2


def test_started_disabled_it_is_silent_until_it_is_enabled(bench: Bench) -> None:
    sdk = bench.start(disabled=True)
    sdk.track("seen", {})
    sdk.flush()
    bench.clock.advance(3_600_000)
    assert (bench.asked, bench.server.requests, len(bench.queue)) == ([], [], 0)

    sdk.enable()
    sdk.track("seen", {})
    bench.clock.advance(15_000)
    assert len(bench.asked) == 1
    assert [event["event"] for event in bench.events()] == ["seen"]


def test_the_sdk_of_the_era_asks_for_no_configuration(bench: Bench) -> None:
    bench.start("era")
    bench.clock.advance(3 * 86_400_000)

    assert bench.asked == []


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("network", NETWORKS)
def test_over_other_networks_events_wait(bench: Bench, variant: str, network: str) -> None:
    bench.connected_to = network
    sdk = bench.start(variant)
    sdk.track("seen", {})
    bench.clock.advance(15_000)
    sent = [event["properties"]["$network_type"] for event in bench.events()]

    assert sent == ([network] if network in VARIANTS[variant].sends_over else [])
    bench.connected_to = "WIFI"
    bench.clock.advance(15_000)
    assert len(bench.events()) == 1


def test_only_todays_sdk_sends_over_2g() -> None:
    """LAB.md, batching: 3G, 4G, 5G and WiFi in the era; 2G as well now."""
    assert ERA.sends_over == {"3G", "4G", "5G", "WIFI"}
    assert NOW.sends_over == {"2G", "3G", "4G", "5G", "WIFI"}
