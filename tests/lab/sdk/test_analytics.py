"""When the SDK sends, and what it keeps or deletes: against a real HTTP server that answers chosen codes."""

import ssl
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest

from hometruth.lab.android.clock import Clock
from hometruth.lab.android.network import Network, NetworkError
from hometruth.lab.sdk.analytics import Analytics, Options
from hometruth.lab.sdk.outbox import Access, ServerAnswer, Undelivered
from hometruth.lab.sdk.queue import EventQueue
from hometruth.lab.sdk.remote_config import Fetched
from tests.lab.http_server import BREAK_OFF, Server, serving
from tests.lab.sdk.test_wire import decode


class Bench:
    """An SDK in its app, and the server it reports to."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server = server
        self.clock = Clock(1_588_550_400_000)
        self.preferences: dict[str, Any] = {}
        self.queue = EventQueue(folder / "queue.sqlite")
        self.network = Network(server.url, ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        self.sdk = self.start()

    def start(self) -> Analytics:
        """What a new process of the app does."""
        presets = {"$app_version": "3.4.0", "$device_id": "a1b2c3d4e5f60718"}
        sdk = Analytics(
            Options("http://sa.example/sa?project=p", presets),
            queue=self.queue,
            preferences=self.preferences,
            clock=self.clock,
            rng=Random(1),
            access=Access(self._upload, lambda _url: Fetched(None), lambda: "WIFI"),
            on_record=lambda _event: None,
        )
        sdk.identify("anonymous")
        return sdk

    def _upload(self, url: str, body: bytes, _events: Sequence[dict[str, Any]]) -> ServerAnswer:
        try:
            reply = self.network.request("POST", url, [("Content-Length", str(len(body)))], body)
        except NetworkError as err:
            raise Undelivered from err
        return ServerAnswer(reply.status, reply.location)

    def track(self, *numbers: int) -> None:
        """Record one event for each number."""
        for number in numbers:
            self.sdk.track("seen", {"n": number})

    def batches(self) -> list[list[int]]:
        """What each request to the server carried."""
        return [[event["properties"]["n"] for event in decode(body)[1]] for *_, body in self.server.requests]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with serving() as server:
        bench = Bench(server, tmp_path)
        yield bench
        bench.network.close()
        bench.queue.close()


def test_an_event_is_sent_fifteen_seconds_later_and_not_before(bench: Bench) -> None:
    bench.track(1)
    bench.clock.advance(14_999)
    assert bench.batches() == []

    bench.clock.advance(1)
    assert bench.batches() == [[1]]
    assert len(bench.queue) == 0


def test_the_timer_runs_from_the_first_event_that_waits(bench: Bench) -> None:
    bench.track(1)
    bench.clock.advance(10_000)
    bench.track(2)
    bench.clock.advance(5_000)

    assert bench.batches() == [[1, 2]]


def test_the_hundred_and_first_row_sends_everything_fifty_at_a_time(bench: Bench) -> None:
    bench.track(*range(100))
    assert bench.batches() == []

    bench.track(100)
    assert bench.batches() == [list(range(50)), list(range(50, 100)), [100]]


def test_signing_in_is_sent_at_once_and_names_both_ids(bench: Bench) -> None:
    bench.sdk.login("account")
    [event] = decode(bench.server.requests[0][3])[1]

    assert (event["type"], event["event"]) == ("track_signup", "$SignUp")
    assert (event["distinct_id"], event["original_id"]) == ("account", "anonymous")


def test_signing_in_again_as_the_same_person_sends_nothing(bench: Bench) -> None:
    bench.sdk.login("account")
    bench.sdk.login("account")
    bench.start().login("account")

    assert len(bench.server.requests) == 1


def test_after_signing_out_the_anonymous_id_is_back(bench: Bench) -> None:
    bench.sdk.login("account")
    bench.sdk.logout()

    assert bench.sdk.distinct_id == "anonymous"


@pytest.mark.parametrize("status", [BREAK_OFF, 403, 404, 500, 503, 599])
def test_rows_are_kept_and_sent_again_when_the_server_is_only_unwell(bench: Bench, status: int) -> None:
    bench.server.answers.append((status, {}))
    bench.track(1)
    bench.clock.advance(15_000)
    assert len(bench.queue) == 1

    bench.clock.advance(15_000)
    assert bench.batches() == [[1], [1]]
    assert len(bench.queue) == 0


@pytest.mark.parametrize("status", [400, 401, 405, 413, 418, 600])
def test_rows_are_deleted_on_any_other_failure(bench: Bench, status: int) -> None:
    bench.server.answers.append((status, {}))
    bench.track(1)
    bench.clock.advance(60_000)

    assert bench.batches() == [[1]]
    assert len(bench.queue) == 0


def test_a_deleted_batch_does_not_stop_the_next_one_but_a_kept_one_does(bench: Bench) -> None:
    bench.server.answers += [(400, {}), (503, {})]
    bench.track(*range(101))

    assert bench.batches() == [list(range(50)), list(range(50, 100))]
    assert len(bench.queue) == 51


@pytest.mark.parametrize("status", [301, 302, 307])
def test_one_redirect_is_followed_with_the_whole_body(bench: Bench, status: int) -> None:
    bench.server.answers.append((status, {"Location": "http://elsewhere.example/new?project=q"}))
    bench.track(1)
    bench.clock.advance(15_000)

    targets = [target for _, target, _, _ in bench.server.requests]
    assert targets == ["http://sa.example/sa?project=p", "http://elsewhere.example/new?project=q"]
    assert bench.batches() == [[1], [1]]
    assert len(bench.queue) == 0


def test_a_second_redirect_is_a_failure(bench: Bench) -> None:
    bench.server.answers += [(302, {"Location": "/a"}), (302, {"Location": "/b"})]
    bench.track(1)
    bench.clock.advance(60_000)

    assert len(bench.server.requests) == 2
    assert len(bench.queue) == 0


def test_a_new_process_sends_what_the_last_one_left(bench: Bench) -> None:
    bench.track(1)
    bench.sdk.stop()
    bench.clock.advance(60_000)
    assert bench.batches() == []

    bench.start()
    bench.clock.advance(15_000)
    assert bench.batches() == [[1]]


def test_discarded_events_are_never_sent(bench: Bench) -> None:
    bench.track(1)
    bench.sdk.discard()
    bench.clock.advance(60_000)

    assert bench.batches() == []
    assert len(bench.queue) == 0


def test_the_flush_time_is_the_last_key_and_the_time_of_sending(bench: Bench) -> None:
    bench.track(1)
    bench.clock.advance(15_000)
    [event] = decode(bench.server.requests[0][3])[1]

    assert list(event)[-1] == "_flush_time"
    assert event["_flush_time"] - event["time"] == 15_000


def test_long_text_is_cut_and_marked(bench: Bench) -> None:
    bench.sdk.track("seen", {"n": 1, "long": "x" * 9000, "fits": "y" * 8191})
    bench.clock.advance(15_000)
    [event] = decode(bench.server.requests[0][3])[1]

    assert event["properties"]["long"] == "x" * 8191 + "$"
    assert event["properties"]["fits"] == "y" * 8191


def test_the_first_day_ends_at_midnight(bench: Bench) -> None:
    bench.track(1)
    bench.clock.jump(bench.clock.now_ms + 86_400_000)
    bench.track(2)
    bench.clock.advance(15_000)

    events = decode(bench.server.requests[0][3])[1]
    assert [event["properties"]["$is_first_day"] for event in events] == [True, False]


def test_super_properties_come_first_and_the_call_wins(bench: Bench) -> None:
    bench.sdk.register_super_properties({"uuid": "u", "n": 0})
    bench.track(5)
    bench.clock.advance(15_000)
    [event] = decode(bench.server.requests[0][3])[1]

    assert list(event["properties"])[:2] == ["uuid", "n"]
    assert event["properties"]["n"] == 5
