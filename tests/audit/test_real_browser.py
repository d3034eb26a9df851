"""A real Chromium on pages that embed its vendor's things: their doings are listed, and it is not charged."""

import base64
import hashlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hometruth.audit.judging import audit
from hometruth.audit.question import Question
from hometruth.canaries import mint
from hometruth.capture import Recorder, Sinkhole, read_capture, read_connections
from hometruth.claims import parse_claims
from hometruth.lab import serving_pages
from hometruth.model import (
    ActionRecord,
    Attestation,
    CanaryKind,
    Condition,
    Exchange,
    ExpectedFlow,
    InitiatorKind,
    Part,
    Subject,
    Trial,
    VerdictKind,
)

VENDOR = "https://www.gstatic.com"
"""Of Google's, whose browser it is; nothing leaves the machine."""
WAIT_S = 60.0
SETTLE_S = 4.0
EMBEDS: Mapping[str, str] = {
    "image": f'<img src="{VENDOR}/i.png">',
    "script": f'<script src="{VENDOR}/s.js"></script>',
    "fetch": f'<script>fetch("{VENDOR}/f?u=" + location.href, {{mode: "no-cors"}})</script>',
    "beacon": f'<script>navigator.sendBeacon("{VENDOR}/b?u=" + location.href)</script>',
    "iframe": f'<iframe src="{VENDOR}/frame"></iframe>',
    "font": f"<style>@font-face{{font-family:f;src:url({VENDOR}/f.woff2)}}p{{font-family:f}}</style><p>x",
    "style": f'<link rel=stylesheet href="{VENDOR}/c.css">',
    "prefetch": f'<link rel=prefetch href="{VENDOR}/p">',
    "redirect": f'<meta http-equiv=refresh content="0;url={VENDOR}/r">',
    "form": f'<form action="{VENDOR}/form"><input name=u></form>'
    "<script>document.forms[0].u.value=location.href;document.forms[0].submit()</script>",
    "hidden": '<script>new Image().src = "https://www." + "gsta" + "tic.com/h?u=" + location.href</script>',
    "inert": "<p>nothing",
}
POLICIES = (
    *("no-referrer", "no-referrer-when-downgrade", "origin", "origin-when-cross-origin", "same-origin"),
    *("strict-origin", "strict-origin-when-cross-origin", "unsafe-url"),
)
CLAIM = """
[[claim]]
id = "n1"
side = "vendor"
who = "nobody"
date = "2026-11-29"
statement = "What is visited does not reach the vendor."
source_tier = "primary"
source = ["https://example.com/"]

[[claim.reading]]
kind = "ordinary"
wording = "summarised"

[[claim.reading.proposition]]
id = "n1.content"
kind = "absent"
says = "nothing visited reaches the vendor"
where = { mode = ["normal"] }
options = { kinds = ["page"], control = { mode = ["normal"] } }
"""


def pages() -> dict[str, str]:
    """HTML by host: each way to embed, telling the whole address; and an image under each policy."""
    told = {name: f"<meta name=referrer content=unsafe-url>{html}" for name, html in EMBEDS.items()}
    for policy in POLICIES:
        told[f"image-{policy}"] = f"<meta name=referrer content={policy}>{EMBEDS['image']}"
    return {f"{name}.pages.example": f"<!doctype html>{html}" for name, html in told.items()}


@contextmanager
def chromium(folder: Path, recorder: Recorder) -> Iterator[Callable[[str], None]]:
    """The browser without a screen, but otherwise as it comes; yields how to open an address in a tab."""
    certificate = x509.load_pem_x509_certificate(recorder.ca_file.read_bytes())
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    trusted = base64.b64encode(hashlib.sha256(key).digest()).decode()
    command = [
        *("chromium", "--headless=new", "--no-sandbox", "--no-first-run", "--disable-quic"),
        *("--password-store=basic", "--remote-debugging-port=0", f"--user-data-dir={folder}"),
        f"--proxy-server=http://127.0.0.1:{recorder.port}",
        *(f"--ignore-certificate-errors-spki-list={trusted}", "about:blank"),
    ]
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, "HOME": str(folder)},
    )
    try:
        port = _waited_for(lambda: _first_line(folder / "DevToolsActivePort"))
        opener = build_opener(ProxyHandler({}))

        def visit(url: str) -> None:
            asked = f"http://127.0.0.1:{port}/json/new?{quote(url, safe='')}"
            opener.open(Request(asked, method="PUT")).read()

        yield visit
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(WAIT_S)


def _first_line(file: Path) -> str:
    return file.read_text().partition("\n")[0] if file.exists() else ""


def _waited_for(answer: Callable[[], str]) -> str:
    until = time.monotonic() + WAIT_S
    while not (found := answer()):
        assert time.monotonic() < until, "the browser does not answer"
        time.sleep(0.1)
    return found


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no Chromium on this machine")
def test_what_a_page_makes_it_send_is_not_charged_to_the_browser(tmp_path: Path) -> None:
    traffic, sites = tmp_path / "t.mitm", pages()
    canaries = {host: mint("page", cell="t") for host in sites}
    condition = Condition.of({"mode": "normal"})
    seen: set[str] = set()
    actions = []
    with (
        serving_pages(sites) as url,
        Recorder(
            traffic,
            sinkhole=Sinkhole(dict.fromkeys(sites, url)),
            on_exchange=lambda item: seen.add(item.host),
        ) as recorder,
        chromium(tmp_path / "profile", recorder) as visit,
    ):
        recorder.mark("t")
        started = time.time_ns()
        for host, canary in canaries.items():
            actions.append(ActionRecord("visit", canary.id, time.time_ns(), happened=True))
            visit(f"https://{host}/visit/{canary.value}")
        _waited_for(lambda: "all" if seen.issuperset(sites) else "")
        time.sleep(SETTLE_S)
    trial = Trial(
        *("t", "matrix", condition, 1, "i", "desktop"),
        started_ns=started,
        ended_ns=time.time_ns(),
        attested=(Attestation("mode", "normal", "started so"),),
        actions=tuple(actions),
    )
    visits = ExpectedFlow(
        CanaryKind.PAGE, "*.pages.example", ".*", frozenset({Part.PATH, Part.HEADER}), within_s=WAIT_S
    )
    question = Question(
        subject=Subject("real", "Chromium", "Google", "Chromium", "desktop"),
        trials=(trial,),
        canaries=tuple(canaries.values()),
        claims=parse_claims(CLAIM, "test"),
        expected=(visits,),
        connections=tuple(read_connections(traffic)),
    )
    recording = list(read_capture(traffic))
    result = audit(recording, question, jobs=1)

    by_page = {canary.id: host.partition(".")[0] for host, canary in canaries.items()}
    blamed = {
        by_page[finding.canary.id]: finding.initiator.kind
        for finding in result.findings
        if finding.recipient.vendor_controlled
    }
    asked = {
        item.target for item in recording if isinstance(item, Exchange) and item.host == "www.gstatic.com"
    }
    assert len(asked) >= len(EMBEDS) - 1
    assert set(EMBEDS) - {"inert", "font"} <= set(blamed)  # a style sheet's font tells the origin at most
    assert {"image-unsafe-url", "image-no-referrer-when-downgrade"} <= set(blamed)
    assert "inert" not in blamed
    assert blamed.pop("hidden") is InitiatorKind.UNKNOWN
    assert set(blamed.values()) == {InitiatorKind.PAGE}
    assert result.verdicts
    assert all(verdict.verdict is not VerdictKind.CONTRADICTED for verdict in result.verdicts)
