"""The pytest plugin, in runs of pytest of their own, with real clients on loopback."""

import shutil
import socket
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from hometruth.audit.gate import Gatekeeper
from hometruth.audit.testing.recorded import PlantedValue, ProxySetting, Recorded, SharedRecorder, Witness
from hometruth.model import Exchange, Sight
from hometruth.testing.plugin import NoControlWarning

pytest_plugins = ["pytester"]
OPTIONS = ("-p", "no:hometruth", "-p", "hometruth.testing.plugin", "-p", "no:cacheprovider", "-q")
"""The plugin by its module, whether or not this installation knows its entry point."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server on loopback that answers anything."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        do_POST = do_GET

        def log_message(self, *args: object) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    Thread(target=listening.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{listening.server_port}"
    listening.shutdown()
    listening.server_close()


INI = """[pytest]
hometruth_sinkhole = true
filterwarnings =
  error
  default::pytest.PytestWarning
"""
CLIENT = """
import base64, os, ssl, subprocess, sys
import httpx, pytest

def settings(recorded):
    trust = ssl.create_default_context(cafile=recorded.ca_file)
    return {"proxy": recorded.url, "verify": trust, "trust_env": False}

def post(recorded, url, **data):
    with httpx.Client(**settings(recorded)) as client:
        client.post(url, **data).raise_for_status()
"""
TESTS = (
    CLIENT
    + """
def test_kept(recorded, canary, assert_not_leaked, assert_sent):
    term = canary("search", "search term")
    post(recorded, "https://shop.example/find", data={"q": term})
    assert_sent(term, to="shop.example")
    assert_not_leaked(term, except_for="shop.example")
    assert_not_leaked(term, to=["*.metrics.example", "metrics.example"])

def test_leaks(recorded, canary, assert_not_leaked):
    term = canary("search", "search term")
    post(recorded, "https://shop.example/find", data={"q": term})
    wrapped = base64.b64encode(('{"t": "%s"}' % term).encode()).decode()
    post(recorded, "https://metrics.example/c", json={"d": wrapped})
    assert_not_leaked(term, except_for="shop.example")

def test_a_mail(recorded, known, assert_not_leaked):
    mail = known("anna@mail.example", "email")
    post(recorded, "https://metrics.example/c", json={"who": mail})
    assert_not_leaked(mail)

def test_saw_nothing(recorded, canary, assert_not_leaked):
    assert_not_leaked(canary())

def test_no_control(recorded, canary, assert_not_leaked):
    term = canary()
    post(recorded, "https://shop.example/")
    assert_not_leaked(term)

def test_late(recorded, canary, assert_not_leaked, assert_sent):
    before, after = canary("search", "before"), canary("search", "after")
    post(recorded, "https://shop.example/", data={"q": before})
    assert_not_leaked(after)
    assert_sent(before)
    for term in (before, after):
        post(recorded, "https://metrics.example/closed", data={"q": term})

def test_after_consent(recorded, canary, assert_not_leaked, assert_sent):
    term = canary()
    post(recorded, "https://shop.example/")
    assert_not_leaked(term)
    post(recorded, "https://metrics.example/", data={"q": term})
    assert_sent(term)

def test_not_sent(recorded, canary, assert_sent):
    post(recorded, "https://shop.example/")
    assert_sent(canary("account"), to="shop.example")

def test_opaque(recorded, canary, assert_not_leaked):
    term = canary()
    import random
    post(recorded, "https://shop.example/", content=random.Random(1).randbytes(4000))
    assert_not_leaked(term)

def test_twice(recorded, record):
    record({"shop.example": "http://127.0.0.1:9"})

def test_not_mine(recorded, assert_not_leaked):
    assert_not_leaked("never planted")

def test_nothing_recorded(canary, assert_not_leaked):
    assert_not_leaked(canary())

def test_curl(recorded, canary, assert_sent):
    term = canary("page")
    environment = {**os.environ, **recorded.environment}
    subprocess.run(["curl", "-sfo", "out", f"https://curl.example/{term}"], check=True, env=environment)
    assert_sent(term, to="curl.example")
"""
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """How each of `TESTS` ended, with all that was said of it: one run, in a worker of xdist."""
    import subprocess  # noqa: PLC0415 - one run in a process of its own

    folder = tmp_path_factory.mktemp("project")
    (folder / "test_shop.py").write_text(TESTS)
    (folder / "pytest.ini").write_text(INI)
    command = [
        sys.executable,
        "-m",
        "pytest",
        *OPTIONS,
        *("-n", "1"),
        "-rA",
        "--tb=short",
        "-p",
        "no:randomly",
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    parts = {"all": done.stdout}
    for name in ("kept", "leaks", "a_mail", "saw_nothing", "no_control", "not_sent", "opaque", "curl"):
        (outcome,) = (
            line.split()[0]
            for line in done.stdout.splitlines()
            if f"::test_{name}" in line and line[:4].isupper()
        )
        _, _, rest = done.stdout.partition(f"__ test_{name} __")
        parts[name] = f"{outcome}\n{rest.partition('____ ')[0]}"
    return parts


def test_what_was_kept_passes(told: dict[str, str]) -> None:
    assert told["kept"].startswith("PASSED")


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl on this machine")
def test_curl_is_recorded(told: dict[str, str]) -> None:
    assert told["curl"].startswith("PASSED")


def test_a_leak_is_told_with_recipient_field_and_every_layer_and_its_exchange(told: dict[str, str]) -> None:
    text = told["leaks"]

    assert text.startswith("FAILED")
    message = [line for line in text.splitlines() if line.startswith("E ")]
    assert 6 <= len(message) <= 10
    assert "'search term' was sent to metrics.example, and nothing allows it" in message[0]
    assert "POST https://metrics.example/c (yes)" in message[1]
    assert "field     body d" in message[2]
    assert "base64" in text
    assert "hometruth: the exchange" in text
    assert "Content-Type: application/json" in text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a_mail", "'email' may have been sent to metrics.example"),
        ("saw_nothing", "nobody can say that 'page' was not sent: 0 requests recorded"),
        ("opaque", "of what was sent could not be read, more than 25.0%"),
        (
            "not_sent",
            "'account' was not seen to arrive at shop.example; recorded: 1 requests, to shop.example",
        ),
    ],
)
def test_what_else_fails_says_why(told: dict[str, str], name: str, words: str) -> None:
    assert told[name].startswith("FAILED")
    assert words in " ".join(told[name].split())


def test_misuse_is_told(told: dict[str, str]) -> None:
    assert "this test records already" in told["all"]
    assert "'never planted' is no value of this test" in told["all"]
    assert "nothing is recorded: let the test use the fixture recorded" in told["all"]


def test_silence_without_a_control_warns_and_only_there(told: dict[str, str]) -> None:
    assert told["no_control"].startswith("PASSED")
    warned = [line for line in told["all"].splitlines() if "has no positive control" in line]

    assert issubclass(NoControlWarning, pytest.PytestWarning)
    assert NoControlWarning.__name__ in told["all"]
    assert any("test_no_control" in line for line in warned)
    assert not any("test_kept" in line for line in warned)


def test_what_is_sent_after_the_last_assertion_warns(told: dict[str, str]) -> None:
    warned = [line for line in told["all"].splitlines() if "after the last assertion" in line]

    assert all("test_late: 'after' was sent to metrics.example" in line for line in warned)
    assert warned


def test_routes_reach_a_server_of_the_tests_own_and_async_tests_work(
    pytester: pytest.Pytester, server: str
) -> None:
    pytester.makepyfile(
        CLIENT
        + f"""
@pytest.fixture
def anyio_backend():
    return "asyncio"

@pytest.mark.anyio
async def test_async(record, canary, assert_sent, assert_not_leaked):
    recorded = record({{"shop.example": "{server}"}}, sinkhole=True)
    term = canary("search")
    async with httpx.AsyncClient(**settings(recorded)) as client:
        assert (await client.get(f"https://shop.example/find?q={{term}}")).text == "ok"
        assert "ok" != (await client.get("https://other.example/")).text
    assert_sent(term, to="shop.example")
    assert_not_leaked(term, except_for="shop.example")
    assert [each.host for each in recorded.exchanges] == ["shop.example", "other.example"]
"""
    )

    pytester.runpytest_inprocess(*OPTIONS, "-p", "anyio").assert_outcomes(passed=1)


def test_a_policy_holds_in_tests_too(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nhometruth_sinkhole = true\nhometruth_policy = policy.toml\n")
    pytester.path.joinpath("policy.toml").write_text(
        '[[allow]]\ncanary = "search*"\nto = ["shop.example"]\nreason = "its own"\n'
    )
    pytester.makepyfile(
        CLIENT
        + """
def test_it(recorded, canary, assert_not_leaked, assert_sent):
    term = canary("search")
    post(recorded, "http://shop.example/", data={"q": term})
    assert_sent(term)
    assert_not_leaked(term)
"""
    )

    pytester.runpytest_inprocess(*OPTIONS).assert_outcomes(passed=1)


def test_loading_the_plugin_loads_nothing_else(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
import sys
def test_it():
    ours = sorted(name for name in sys.modules if name.startswith(("hometruth", "mitmproxy", "numpy")))
    assert ours == ["hometruth", "hometruth.late", "hometruth.testing", "hometruth.testing.plugin"]
"""
    )

    pytester.runpytest_subprocess(*OPTIONS).assert_outcomes(passed=1)


def test_a_value_is_a_text_that_knows_whose_it_is() -> None:
    from hometruth.canaries import mint  # noqa: PLC0415

    canary = mint("search")
    value = PlantedValue.of(canary)

    assert value == canary.value
    assert f"?q={value}" == f"?q={canary.value}"
    assert value.canary is canary


def test_a_value_that_chance_would_find_is_refused() -> None:
    from hometruth.errors import CanaryError  # noqa: PLC0415

    witness = Witness("a test", None, lambda _title, _text: None)
    with pytest.raises(CanaryError, match="take a longer value"):
        witness.know("ab", "initials")
    witness.know("anna@mail.example", "email")
    with pytest.raises(CanaryError, match="another value of this test is called 'email'"):
        witness.know("boris@mail.example", "email")
    with pytest.raises(CanaryError, match="is no kind of canary"):
        witness.mint("dog")


def test_a_route_that_is_none_is_refused() -> None:
    from hometruth.errors import CaptureError  # noqa: PLC0415

    with pytest.raises(CaptureError, match="is not HOST = URL"):
        ProxySetting.of(["shop.example"], sinkhole=True)
    with pytest.raises(CaptureError, match="in lower case"):
        ProxySetting.of(["Shop.example = http://127.0.0.1:9"], sinkhole=False)


@pytest.mark.parametrize(
    "hosts",
    [
        *({"to": each} for each in ("https://t.example", "T.example", "t.example:443", "t.example/c", "t.*")),
        *({"to": each} for each in ("*t.example", "*.*.example", "", " t.example", "münchen.example")),
        *({"to": "t.example."}, {"to": "[::1]"}, {"to": []}),
        *({"except_for": "*"}, {"except_for": ["shop.example", "http://t.example"]}),
    ],
)
def test_an_assertion_that_could_not_fail_is_refused(hosts: dict[str, Any]) -> None:
    from hometruth.errors import PolicyError  # noqa: PLC0415

    witness = Witness("a test", None, lambda _title, _text: None)
    with pytest.raises(PolicyError):
        witness.assert_not_leaked(witness.mint(), **hosts)


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[tuple[Witness, Recorded]]:
    """A test that records in a sinkhole."""

    shared = SharedRecorder(tmp_path, ProxySetting.of([], sinkhole=True))
    witness = Witness("a test", None, lambda _title, _text: None)
    yield witness, witness.watch(shared, shared.usual)
    shared.close()


def post(recorded: Recorded, url: str, data: str) -> None:
    proxy = ProxyHandler({"http": recorded.url})
    with build_opener(proxy).open(Request(url, data.encode()), timeout=20) as answer:
        answer.read()


def test_what_ends_after_it_was_looked_at_is_not_said_to_be_silent(
    watched: tuple[Witness, Recorded], monkeypatch: pytest.MonkeyPatch
) -> None:
    witness, recorded = watched
    term, other = witness.mint("search"), witness.mint("page")
    post(recorded, "http://shop.example/", other)
    with socket.create_connection(("127.0.0.1", int(recorded.url.rpartition(":")[2]))) as slow:
        head = "POST http://t.example/ HTTP/1.1\r\nHost: t.example\r\n"
        slow.sendall(f"{head}Content-Length: {len(term)}\r\n\r\n".encode())

        class Later(Gatekeeper):
            def take(self, items: Iterable[Any]) -> None:
                slow.sendall(term.encode())
                slow.recv(100)
                super().take(items)

        monkeypatch.setattr("hometruth.audit.testing.recorded.Gatekeeper", Later)
        monkeypatch.setattr("hometruth.audit.testing.recorded.SETTLE_S", 0.3)
        with pytest.raises(AssertionError, match="1 exchanges were still under way"):
            witness.assert_not_leaked(term)


def test_an_exchange_is_under_way_until_it_was_told(tmp_path: Path) -> None:
    under_way: list[int] = []

    def on_exchange(_exchange: Exchange) -> None:
        under_way.append(recorder.n_under_way)

    setting = ProxySetting.of([], sinkhole=True)
    with (
        setting.recorder(tmp_path / "a.mitm", on_exchange) as recorder,
        build_opener(ProxyHandler({"http": recorder.url})).open("http://t.example/") as answer,
    ):
        answer.read()

    assert under_way == [1]


def test_values_that_were_never_planted_accuse_nobody(
    watched: tuple[Witness, Recorded], monkeypatch: pytest.MonkeyPatch
) -> None:
    witness, recorded = watched
    term = witness.mint("search")
    post(recorded, "http://t.example/", term)

    class Inventing(Gatekeeper):
        def _sight(self) -> Sight:
            return replace(super()._sight(), phantoms=1)

    monkeypatch.setattr("hometruth.audit.testing.recorded.Gatekeeper", Inventing)
    for assertion in (witness.assert_not_leaked, witness.assert_sent):
        with pytest.raises(AssertionError, match="1 values that were never planted were found"):
            assertion(term)


def test_weak_evidence_is_no_control_even_where_it_was_expected(watched: tuple[Witness, Recorded]) -> None:
    witness, recorded = watched
    mail = witness.know("anna@mail.example", "email")
    post(recorded, "http://shop.example/", mail)

    with pytest.raises(AssertionError, match=r"what may be it has .* bits of evidence, and 40 decide"):
        witness.assert_sent(mail, to="shop.example")
    assert witness.n_controls == 0


def test_hosts_are_told_apart_though_a_value_is_part_of_one(watched: tuple[Witness, Recorded]) -> None:
    witness, recorded = watched
    term = witness.mint("search")
    post(recorded, f"http://{term}.t.example/", "nothing")

    with pytest.raises(AssertionError, match=r"was sent to \{canary\}.t.example"):
        witness.assert_not_leaked(term, to=f"{term}.t.example")
    witness.assert_not_leaked(term, except_for=f"{term}.t.example")
