"""`hometruth audit --phone --wireguard`: a phone in a network of its own joins by the code on the page."""

import base64
import hashlib
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlencode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hometruth.audit.case_audit import rejudge
from hometruth.case import verify
from hometruth.model import TrialStatus
from tests.capture.proxy.namespaces import Net, missing, namespaces, run
from tests.cli import qr
from tests.cli.test_audit_phone import CHROMIUM, consent, do_a_session
from tests.experiment.drivers.person import DeskReader, until
from tests.report.devtools import DevTools, devtools

HERE = Path(__file__).parent
CLASSES = {
    "readable.example": "readable",
    "sealed.example": "own encryption",
    "distrusting.example": "only in browsers",
    "pinned.example": "pinned",
    "own.example": "own encryption",
    "quic.example": "QUIC only",
    "named-only.example": "never seen",
    "resolver.example": "resolves elsewhere",
}
"""What the desk is to say of the hosts of `preflight_clients`."""
DISTRUSTS = 60
"""What curl ends with that does not know who issued a certificate (curl(1))."""
CERTIFICATE = "http://hometruth.test/hometruth-recording-ca.crt"


class DeskThere(DeskReader):
    """The desk page, in the network that the computer is in."""

    def __init__(self, url: str, network: str) -> None:
        super().__init__(url)
        self._network = network

    def page(self) -> str:
        return run("curl", "-sS", f"{self.url}now", inside=self._network)

    def post(self, data: dict[str, str]) -> None:
        run("curl", "-sS", "-d", urlencode(data), f"{self.url}press", inside=self._network)


def there(folder: Path, network: str) -> str:
    """A Chromium in another network."""
    program = folder / f"chromium-{network}"
    program.write_text(f'#!/bin/sh\nexec ip netns exec {network} {shlex.quote(CHROMIUM)} "$@"\n')
    program.chmod(0o755)
    return str(program)


def pin_of(certificate: Path) -> str:
    public = x509.load_der_x509_certificate(certificate.read_bytes()).public_key()
    digest = hashlib.sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    return base64.b64encode(digest).decode()


@contextmanager
def audited(case: Path, net: Net) -> Iterator[tuple["subprocess.Popen[str]", DeskThere]]:
    command = [*("ip", "netns", "exec", net.internet, sys.executable, "-m", "hometruth", "audit", "--phone")]
    command += ["--out", str(case), "--product", "Chromium", "--whose", "agreed", "--sessions", "1"]
    command += ["--claim", "private-windows", "--offline", "--listen", "127.0.0.1", "--wireguard", "0"]
    command += ["--package", "com.android.chrome"]
    command += ["--port", "0", "--drain", "1", "--preflight", "600", "--no-open"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr
            line = next(line for line in process.stderr if "desk page" in line)
            yield process, DeskThere(line.split()[-1], net.internet)
        finally:
            process.kill()


def test_a_phone_joins_by_the_code_and_is_led_to_the_verdicts(tmp_path: Path) -> None:
    if reason := missing() or qr.missing() or ("" if CHROMIUM else "not on this machine: chromium"):
        pytest.skip(reason)
    case = tmp_path / "case"
    with ExitStack() as opened:
        net = opened.enter_context(namespaces(""))
        process, desk = opened.enter_context(audited(case, net))
        shown = opened.enter_context(devtools(there(tmp_path, net.internet), tmp_path / "desk"))
        desk.wait_for("connect_tunnel")
        configuration = read_code(shown, desk.url)
        assert "IncludedApplications = com.android.chrome\n" in configuration
        opened.enter_context(net.joined(configuration))
        certificate = tmp_path / "got.crt"
        run("curl", "-sS", "-o", str(certificate), CERTIFICATE, inside=net.device)
        trusts = f"--ignore-certificate-errors-spki-list={pin_of(certificate)}"
        phone = opened.enter_context(devtools(there(tmp_path, net.device), tmp_path / "phone", trusts))
        consent(desk, phone)
        desk.wait_for("preflight")
        pem = tmp_path / "got.pem"
        pem.write_bytes(x509.load_der_x509_certificate(certificate.read_bytes()).public_bytes(Encoding.PEM))
        run(sys.executable, str(HERE / "preflight_clients.py"), str(pem), inside=net.device)
        desk.press("done")
        desk.wait_for("readable")
        with suppress(AssertionError):  # a refusal is noted when it comes, which may be after what came later
            until(lambda: CLASSES.items() <= classes(desk).items())
        readable = classes(desk)
        desk.press("done")
        shown.ask("Page.navigate", url=desk.url)
        modes = {do_a_session(desk, phone) for _ in range(2)}
        until(lambda: "The verdicts" in shown.value("document.body.innerText"))
        n_steps = shown.value("document.querySelectorAll('section').length")
        desk.press("later")
        assert process.stderr
        told = process.stderr.read()
        process.wait(60)
        removal_shown = ended(re.search(r"hometruth (end .*?) removes it", told), net)
    result = rejudge(case)

    assert {host: readable[host] for host in readable if host.endswith(".example")} == CLASSES
    assert "10.0.0.53" not in readable, "the recorder's own resolver is nobody's host"
    assert removal_shown, "by the command that the desk names, as it stands"
    assert n_steps > 4, "the page of the desk went on by itself, in one answer"
    assert modes == {"normal", "private"}
    assert [trial.status for trial in result.trials] == [TrialStatus.DONE] * 2
    assert all(trial.is_attested() for trial in result.trials)
    assert all("on-device channels" in " ".join(result.subject.unseen) for _ in result.verdicts)
    assert not verify(case).broken


def ended(command: re.Match[str] | None, net: Net) -> bool:
    """Do as that command says, in a browser that has never trusted the certificate; true if that is shown."""
    assert command
    words = ["ip", "netns", "exec", net.internet, sys.executable, "-m", "hometruth", *shlex.split(command[1])]
    at_once = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=at_once) as process:
        try:
            assert process.stdout
            next(line for line in process.stdout if "3. Then" in line)
            # WireGuard greets a server that was started anew only once the old one has not answered for 15 s.
            page = until(lambda: got("http://hometruth.test/", net)[1])
            assert "It is over: nothing is kept any more." in page
            (picture,) = re.findall(r'src="(https://[^"]+)"', page)
            assert got(picture, net)[0] == DISTRUSTS
            return "Removal shown" in process.stdout.read()
        finally:
            process.kill()


def got(url: str, net: Net) -> tuple[int, str]:
    """The exit code of curl on the device, and what it got."""
    words = ["ip", "netns", "exec", net.device, "curl", "-sS", "-m", "10", url]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def read_code(shown: DevTools, url: str) -> str:
    """As a camera does: off a picture of the page."""
    shown.open(f"{url}now", 1000, 1500)
    picture = shown.ask("Page.captureScreenshot", format="png")["data"]
    (code,) = qr.codes_in(picture)
    return code


def classes(desk: DeskReader) -> dict[str, str]:
    """Host to what the desk says of it."""
    rows = re.findall(r"<tr><td>(.*?)</td><td[^>]*>(.*?)</td>", desk.page())
    return dict(rows)
