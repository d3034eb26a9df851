"""A proxy that others can reach serves one device: the one that somebody at the desk said it is."""

import socket
from contextlib import closing
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest

from hometruth.capture import Listening, Recorder, Sinkhole
from hometruth.capture.proxy.admitted import MORE_REFUSED, MOST_NOTED, Admitted
from hometruth.capture.proxy.listening import reachable_at
from hometruth.model import GapKind

ELSEWHERE = "192.0.2.7"
"""Nobody's (RFC 5737)."""


@pytest.fixture
def own_address() -> str:
    """This machine as another on its network is: not by loopback."""
    with closing(socket.socket(type=socket.SOCK_DGRAM)) as probe:
        try:
            probe.connect((ELSEWHERE, 9))  # nothing is sent
        except OSError:
            pytest.skip("this machine is on no network")
        return str(probe.getsockname()[0])


def status(recorder: Recorder, host: str) -> int | None:
    """What a client at this address gets; None if it is not served."""
    try:
        with httpx.Client(proxy=f"http://{host}:{recorder.port}") as client:
            return client.get("http://site.example/").status_code
    except httpx.TransportError:
        return None


def test_the_first_device_waits_until_it_is_admitted_and_a_second_is_refused(
    flow_file: Path, own_address: str
) -> None:
    with Recorder(flow_file, listening=Listening("0.0.0.0"), sinkhole=Sinkhole()) as recorder:
        assert status(recorder, "127.0.0.1") == 200  # this machine itself
        assert not recorder.waiting
        assert status(recorder, own_address) is None
        assert status(recorder, own_address) is None
        assert recorder.waiting == own_address
        recorder.admit(own_address)
        assert status(recorder, own_address) == 200
        assert not recorder.waiting
        (gap,) = recorder.gaps()

    assert gap.kind is GapKind.NOT_RECORDED
    assert "nobody had said yet" in gap.detail
    assert recorder.n_exchanges == 2


@pytest.mark.parametrize("everywhere", ["0.0.0.0", "::"])
def test_every_address_that_is_named_for_devices_leads_to_the_proxy(flow_file: Path, everywhere: str) -> None:
    with Recorder(flow_file, listening=Listening(everywhere), sinkhole=Sinkhole()) as recorder:
        found = reachable_at(everywhere)
        for address in found:
            with closing(socket.create_connection((address, recorder.port), timeout=10)):
                pass

    assert found == [everywhere] or not any(ip_address(each).is_loopback for each in found)


def test_after_one_that_is_not_the_device_another_can_wait(
    flow_file: Path, own_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Recorder(flow_file, listening=Listening("0.0.0.0"), sinkhole=Sinkhole()) as recorder:
        monkeypatch.setattr(recorder._admitted, "waiting", ELSEWHERE)
        recorder.dismiss()
        assert status(recorder, own_address) is None
        assert recorder.waiting == own_address
        recorder.dismiss()
        assert status(recorder, own_address) is None
        assert not recorder.waiting

    assert [gap.detail.partition(": ")[2] for gap in recorder.gaps()] == [
        "nobody had said yet which device is to be recorded",
        "it is not the device that is recorded",
    ]


def test_no_other_device_than_the_one_named_is_served_and_that_is_noted_once(
    flow_file: Path, own_address: str
) -> None:
    at = Listening("0.0.0.0")
    with Recorder(flow_file, listening=at, sinkhole=Sinkhole(), devices=[f"::ffff:{ELSEWHERE}"]) as recorder:
        assert [status(recorder, own_address) for _ in range(3)] == [None] * 3
        (gap,) = recorder.gaps()

    assert gap.detail == f"{own_address} was not served: it is not the device that is recorded"
    assert recorder.waiting is None
    assert recorder.n_exchanges == 0


def test_refusals_beyond_those_noted_one_by_one_are_told_once() -> None:
    admitted = Admitted([ELSEWHERE])
    refusals = [f"refusal {number}" for number in range(MOST_NOTED + 3)]
    told = [admitted.news(refusal) for refusal in (*refusals, refusals[0])]

    assert told == [*refusals[:MOST_NOTED], MORE_REFUSED, None, None, None]


def test_while_nobody_has_said_which_is_the_device_no_address_is_said_not_to_be_it(
    flow_file: Path, own_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Recorder(flow_file, listening=Listening("0.0.0.0"), sinkhole=Sinkhole()) as recorder:
        monkeypatch.setattr(recorder._admitted, "waiting", ELSEWHERE)
        assert status(recorder, own_address) is None
        (gap,) = recorder.gaps()

    assert gap.detail == f"{own_address} was not served: nobody had said yet which device is to be recorded"
