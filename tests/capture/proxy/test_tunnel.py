"""A device in a network of its own, behind a real WireGuard client: all it does comes out as what it is."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hometruth.capture import read_capture, read_connections
from hometruth.capture.proxy.passing import NOT_AGREED, READABLE
from hometruth.model import Delivery, Exchange, Gap, GapKind
from hometruth.recipients import asked_names
from tests.capture.proxy.namespaces import CLOSED, REAL, REAL_6, missing, namespaces, run

HERE = Path(__file__).parent
ONLY = [word for host in ("*.sites.example", "real.test", REAL_6) for word in ("--only", host)]


@dataclass
class Device:
    """What the device saw, and what was recorded of it."""

    said: dict[str, str]
    exchanges: list[Exchange]
    gaps: list[Gap]
    summary: str
    configuration: str
    stranger: str

    def of(self, scheme: str) -> list[Exchange]:
        return [each for each in self.exchanges if each.scheme == scheme]


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Device]:
    if reason := missing():
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("tunnel")
    out = folder / "device.mitm"
    with namespaces(f"{REAL} real.test\n{CLOSED} closed.test\n") as net:
        inside = ["ip", "netns", "exec", net.internet, sys.executable]
        command = [*inside, "-m", "hometruth", "record", "--out", str(out), "--port", "0"]
        with (
            subprocess.Popen(
                [*inside, str(HERE / "internet.py"), REAL, REAL_6, CLOSED],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            ) as servers,
            subprocess.Popen(
                [*command, "--wireguard", "--wireguard-port", "0", *ONLY], stdout=subprocess.PIPE, text=True
            ) as recorder,
        ):
            try:
                assert servers.stdout
                assert recorder.stdout
                servers.stdout.readline()
                for line in recorder.stdout:
                    if "Ctrl-C ends" in line:
                        break
                configuration = Path(f"{out}.wireguard.conf").read_text()
                certificate = f"{out}.ca.pem"
                with net.joined(configuration):
                    said = run(
                        *(sys.executable, str(HERE / "device.py"), certificate, REAL, REAL_6),
                        inside=net.device,
                    )
                stolen = re.sub(
                    "PrivateKey = .*", f"PrivateKey = {run('wg', 'genkey').strip()}", configuration
                )
                with net.joined(stolen):
                    probe = "import socket; socket.getaddrinfo('real.test', 80)"
                    refused = subprocess.run(
                        ["ip", "netns", "exec", net.device, sys.executable, "-c", probe],
                        env={"RES_OPTIONS": "timeout:1 attempts:1"},
                        capture_output=True,
                        text=True,
                        check=False,
                    )
                recorder.send_signal(signal.SIGINT)
                summary = recorder.stdout.read()
            finally:
                recorder.kill()
                servers.kill()
    lines = [line.partition(" ") for line in said.splitlines()]
    items = list(read_capture(out))
    yield Device(
        said={name: rest for name, _, rest in lines},
        exchanges=[item for item in items if isinstance(item, Exchange)],
        gaps=[*(item for item in items if isinstance(item, Gap)), *read_connections(out)],
        summary=summary,
        configuration=configuration,
        stranger=refused.stderr,
    )


def test_the_canary_zone_is_answered_here_and_another_host_is_forwarded(device: Device) -> None:
    assert device.said["https"] == "200"
    assert device.said["forwarded"] == "real"
    by_url = {each.url: each for each in (*device.of("https"), *device.of("http"))}
    assert by_url["https://canary.sites.example/story"].server_address is None
    assert by_url["http://real.test/in"].server_address == (REAL, 80)


def test_a_client_that_distrusts_is_a_refusal_and_one_that_connects_ahead_is_none(device: Device) -> None:
    assert "CERTIFICATE_VERIFY_FAILED" in device.said["distrusting"]
    told = [(gap.kind, gap.host) for gap in device.gaps]
    assert (GapKind.REFUSED_TLS, "pinned.sites.example") in told
    assert [kind for kind, host in told if host == "ahead.sites.example"] == [GapKind.UNUSED]


def test_ipv6_is_recorded_or_shown_to_be_absent(device: Device) -> None:
    seen = [each for each in device.of("http") if each.target == b"/six"]
    if device.said["ipv6"] == "real":
        assert [each.host for each in seen] == [REAL_6]
    else:
        assert seen == []


def test_what_is_no_http_is_recorded_as_what_it_is(device: Device) -> None:
    assert device.said["tcp"] == "\x01tcp-canary"
    assert device.said["udp"] == "udp-canary"
    raw = {
        (each.scheme, each.host, each.port): [message.data for message in each.messages if message.sent]
        for each in (*device.of("tcp"), *device.of("udp"))
    }
    # To numbers, of which the device had asked the names; the last address is nobody's.
    assert raw["tcp", "real.test", 5222] == [b"\x01tcp-canary\n"]
    assert raw["udp", "real.test", 9999] == [b"udp-canary"]
    assert raw["tcp", "chat.sites.example", 5222] == [b"\x02chat\n"]


def test_quic_is_read(device: Device) -> None:
    assert device.said["http3"] == "200"
    (quic,) = [each for each in device.of("https") if each.target == b"/quic"]
    assert (quic.host, quic.http_version) == ("quic.sites.example", "HTTP/3")


def test_names_asked_for_are_a_table_and_no_gap(device: Device) -> None:
    names = [name for each in device.of("dns") for name in asked_names(each)]
    asked = {(name.name, name.kind): name for name in names}
    assert asked["canary.sites.example", "A"].resolver == "10.0.0.53"
    assert asked["canary.sites.example", "A"].answered
    assert asked["real.test", "A"].answered
    assert not asked["nowhere.test", "A"].answered
    assert not asked["mask.icloud.com", "A"].answered  # refused, so that the device asks on in the tunnel
    assert all(
        gap.detail.startswith((NOT_AGREED, READABLE)) for gap in device.gaps if gap.host == "10.0.0.53"
    )
    assert all(each.delivered is not Delivery.BLOCKED for each in device.of("dns"))


def test_resolvers_of_the_devices_own_are_hung_up_on_and_that_is_noted(device: Device) -> None:
    assert "failed" in device.said["dot"]
    assert "failed" in device.said["doh"]
    changed = [(gap.host, gap.detail) for gap in device.gaps if gap.kind is GapKind.CHANGED]
    assert "failed" in device.said["doh-by-address"]
    assert [host for host, _ in changed] == ["private-dns.test", "dns.google", "1.1.1.1", "mask.icloud.com"]
    assert all("so that the device asks the tunnel's" in detail for _, detail in changed)


def test_a_second_device_is_not_served(device: Device) -> None:
    assert "gaierror" in device.stranger


def test_the_configuration_leads_everything_into_the_tunnel(device: Device) -> None:
    assert "AllowedIPs = 0.0.0.0/0, ::/0" in device.configuration
    assert re.search(r"^DNS = 10\.0\.0\.53", device.configuration, re.MULTILINE)


def test_nothing_is_kept_before_the_owner_has_agreed_on_the_device_and_trust_is_shown(device: Device) -> None:
    assert device.said["before"] == "real"
    assert device.said["agree"] == "200"
    assert not any(b"/before" in each.target for each in device.exchanges)
    assert any(gap.host == "real.test" and gap.detail.startswith(NOT_AGREED) for gap in device.gaps)


def test_the_page_of_the_recorder_is_there_before_any_trust(device: Device) -> None:
    assert device.said["page"] == "200"


def test_other_hosts_are_passed_on_with_their_bytes_counted_and_nothing_kept(device: Device) -> None:
    assert device.said["closed"] == "real"
    closed = [gap for gap in device.gaps if gap.host == "closed.test"]
    assert [gap.kind for gap in closed] == [GapKind.NOT_LOOKED_INTO] * 2  # plain HTTP, and QUIC
    assert all((gap.size_bytes or 0) > 50 for gap in closed)
    assert not any(b"secret-path" in each.target for each in device.exchanges)
