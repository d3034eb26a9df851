"""Pages whose commands can run here: in the order of the page, in one folder, with what it says is there."""

import gzip
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hometruth.case import load_or_make_key
from hometruth.run import judge_recordings
from tests.audit.test_new_case import CLAIMS, labelled
from tests.cli.forked import program
from tests.docs.pages import blocks
from tests.docs.shell import _lines

CASES = frozenset({"audit", "case", "CASE", "before", "after"})
GIVEN = {
    "compare-two-runs.md": ("before", "after", "before.har", "after.mitm"),
    "find-identifiers.md": (
        *("twins.toml", "a1.har", "a2.har", "b1.har", "b2.har", "1.mitm", "2.mitm", "3.mitm", "capture.har"),
        *("profile1.har", "profile2.har"),
    ),
    "hand-over-a-case.md": ("audit", "reply.eml"),
    "judge-recordings-you-have.md": ("phone.mitm", "claims.toml", "labels.toml"),
    "list-what-trackers-get.md": ("phone.har", "recordings"),
    "measure-anonymity.md": ("plays.csv.gz", "visits.parquet", "phones.csv", "own.toml", "phone.har"),
    "read-a-report.md": ("audit",),
    "record-your-own-device.md": ("mine.mitm",),
    "scan-a-crawl.md": ("crawl", "canaries.json", "others.json"),
    "scan-a-recording.md": ("page.har", "bench.har", "hurt.har", "response-only.har", "canaries.json"),
    "share-a-recording.md": ("phone.har", "canaries.json", "CASE"),
    "use-the-lab.md": (),
    "write-a-claim.md": ("claims.toml",),
    "canary-files.md": (),
    "case.md": ("audit",),
    "exit-codes.md": ("recordings", "canaries.json"),
    "machine-outputs.md": ("phone.har", "canaries.json"),
}
"""Pages that run here, with what a reader of each has beside what the page makes."""
ELSEWHERE = {
    "gate-a-build.md": "test_gate_page.py runs all of it",
    "install.md": "it shows an error for want of an extra, and lines for the start-up file of a shell",
    "watch-a-phone.md": "it shows and films for minutes: tests/cli/test_watch.py",
    "write-a-plan.md": "its plan and claim: test_examples.py",
    "audit-my-phone.md": "it needs a person: tests/cli/test_audit_phone.py plays one",
    "audit-my-browser.md": "it needs a browser and a display: tests/audit/test_browser_suggest.py",
    "audit-a-phone-over-adb.md": "it needs a phone: tests/experiment/drivers/test_adb.py",
    "first-audit.md": "it installs, and runs 681 sessions: ./demo, as the last step of .ci/run",
}
LEFT_OUT = {
    "find-identifiers.md": ("hometruth identify case/",),  # an experiment's: tests/audit/test_identifiers.py
    "compare-two-runs.md": (
        "hometruth compare hometruth-demo",
    ),  # the demo's case: tests/cli/test_compare.py
    "hand-over-a-case.md": (  # an authority has to answer: tests/case/test_time_stamp.py
        "hometruth stamp audit --token",
        "hometruth verify audit --tsa-cert",
        "openssl ts",
    ),
    "judge-recordings-you-have.md": ("hometruth case new --recording",),  # it asks a person
    "measure-anonymity.md": ("hometruth digests --own own.toml --demonstrate",),  # half a minute of digests
    "record-your-own-device.md": ("hometruth record", "curl --proxy", "hometruth end"),  # a device, a person
    "scan-a-crawl.md": ("pip install", "hometruth fleet @list.txt"),  # a cluster
    "case.md": ("bagit.py",),  # a program of others
}
"""Beginnings of lines that cannot run here."""
SERVES, SPEAKS = "hometruth lab collector", "hometruth lab phone"
OVER_LINES = re.compile(r"^case ", re.MULTILINE)
"""A statement over several lines."""
CANARY = "qhxw7atk3mzn5vpd2q"
LIMIT_S = 300


def test_every_page_with_commands_is_run_or_said_not_to_be() -> None:
    pages = {block.page.name for block in blocks("console", "sh")}

    assert pages == GIVEN.keys() | ELSEWHERE.keys()
    assert not GIVEN.keys() & ELSEWHERE.keys()


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case of two labelled sessions, beside the recording that it is made of and the key that signed it."""
    folder = tmp_path_factory.mktemp("given")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder))
        signer = load_or_make_key(None)
    judge_recordings(*labelled(folder), folder / "case", bag=True, signer=signer)
    return folder / "case"


@pytest.mark.parametrize("name", GIVEN)
def test_a_page_runs_in_its_order(name: str, case: Path, tmp_path: Path) -> None:
    """Nothing that a page tells to do ends with 2, which is that it could not be done."""
    for each in GIVEN[name]:
        give(tmp_path / each, case)
    lines = list(typed(name, free_port()))
    codes, script = tmp_path / "codes", tmp_path / "script"
    script.write_text("".join(f"{line}\necho $? >> {codes}\n" for line in lines) + "kill $(jobs -p) 2>&-\n")
    path = f"{program()}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", script],
        cwd=tmp_path,
        env={**os.environ, "PATH": path, "XDG_STATE_HOME": str(case.parent)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    ended = dict(zip(lines, codes.read_text().split(), strict=True))

    assert {line: code for line, code in ended.items() if code not in "01"} == {}, done.stderr


def typed(name: str, port: int) -> Iterator[str]:
    """What a reader of the page types, line by line, but for what is left out."""
    left_out = unused = set(LEFT_OUT.get(name, ()))
    for block in blocks("console", "sh"):
        if block.page.name != name:
            continue
        # The lab says what it does as shells go on with a line.
        lines = [line.partition("\n")[0] if line.startswith(SPEAKS) else line for line in _lines(block)]
        if block.language == "sh" and OVER_LINES.search(block.text):
            lines = [block.text]
        for line in filter(str.strip, lines):
            if begins := {each for each in left_out if line.startswith(each)}:
                unused = unused - begins
            elif line.startswith(SERVES):
                wait = f"until curl -s 127.0.0.1:{port}/operator > /dev/null; do sleep 0.1; done"
                yield f"{line} --port {port} > /dev/null & {wait}"
            else:
                yield line.replace("8106", str(port)).replace("--owners 200", "--owners 20")
    assert not unused, f"{name} has no such line: {unused}"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def give(path: Path, case: Path) -> None:
    """Lay down what a page says is there."""
    if path.name in CASES:
        shutil.copytree(case, path)
    elif path.suffix == ".mitm":
        shutil.copy(case.parent / "one.mitm", path)
    elif path.suffix == ".har":
        path.write_text(json.dumps({"log": {"version": "1.2", "entries": [visit("shop"), visit("tracker")]}}))
    elif path.name in ("recordings", "crawl"):
        path.mkdir()
        give(path / "one.har", case)
    elif path.name in ("canaries.json", "others.json"):
        path.write_text(json.dumps({"token": CANARY}))
    elif path.name == "claims.toml":
        path.write_text(CLAIMS)
    elif path.suffix == ".toml":
        path.write_text(TEXTS[path.name] if path.name in TEXTS else on_page(path.name))
    elif path.name == "visits.parquet":
        events = [(f"u{n % 9}", f"i{n % 7}", 1_588_000_000 + 600 * n) for n in range(90)]
        users, items, times = zip(*events, strict=True)
        pq.write_table(pa.table({"user": users, "item": items, "ts": times}), path)
    elif path.suffix == ".gz":
        rows = [f"u{n % 9},i{n % 7},{1_588_000_000 + 600 * n}" for n in range(90)]
        path.write_bytes(gzip.compress("\n".join(["user,item,ts", *rows]).encode(), mtime=0))
    else:
        path.write_text(TEXTS[path.name])


TEXTS = {
    "reply.eml": "Subject: your letter\n\nWe will look into it.\n",
    "phones.csv": "user,maker,model,language\n"
    + "".join(
        f"u{n},Xiaomi,{('redmi-note-8', 'mi-10')[n % 2]},{('de', 'en')[n % 3 > 0]}\n" for n in range(9)
    ),
    "own.toml": 'imei = "490154203237518"\n',
    "twins.toml": "twins = true\n"
    + "".join(
        f'[[capture]]\nfile = "{device}{n}.har"\ndevice = "{device}"\nphase = "{phase}"\n'
        for device in "ab"
        for n, phase in ((1, "base"), (2, "restart"))
    ),
}


def on_page(name: str) -> str:
    """The file that a page shows and calls so."""
    block, *_ = (each for each in blocks("toml") if f"`{name}`" in each.page.read_text("utf-8"))
    return block.text


def visit(host: str) -> dict[str, object]:
    return {
        "startedDateTime": "2026-11-22T10:00:00.000Z",
        "time": 1,
        "request": {"method": "GET", "url": f"https://{host}.example/?q={CANARY}", "headers": []},
        "response": {"status": 200, "headers": [], "content": {"size": 0}},
    }
