"""One round of each kind of soak: a folder of its own and a seeded generator in, one sentence out."""

import http.client
import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from random import Random
from types import MappingProxyType

from tests.case.bags import SIGNER, make_bag
from tests.experiment.drivers.adb_stand_in import flat, stand_in, stand_in_plan

from benchmarks.collector import killed
from benchmarks.damage import damage_round
from benchmarks.fleet import VALUES, in_tables, make_crawl, ordeal, scanned
from benchmarks.tamper import ONLY_BY_KEY, TAMPERINGS
from hometruth.capture import read_capture
from hometruth.case import verify
from hometruth.case.signing import fingerprint
from hometruth.experiment import bundled_plan
from hometruth.experiment.drivers.adb_journal import IN_FLIGHT_S
from hometruth.model import Exchange

HOMETRUTH = [sys.executable, "-m", "hometruth"]
PLAN = "mint-browser-2020"
MOST_SESSIONS = 30
"""Of a run, after which it is killed at the latest."""
LONGEST_S = 600.0
CRAWL, CRAWL_ENTRIES = 1_100, 2
"""Recordings of one round, and requests of each: a fleet writes a part every 500."""
PROXY = re.compile(r"proxy +http://127\.0\.0\.1:(\d+)")
CLOCK_JUMPS = """
import random, sys, time
rng, real = random.Random(sys.argv.pop(1)), time.time_ns
offset = [0]
def jumping():
    if rng.random() < 0.002:
        offset[0] = rng.choice([-1, 1]) * rng.randrange(40 * 86_400) * 10**9
    return real() + offset[0]
time.time_ns, time.time = jumping, lambda: jumping() / 1e9
from hometruth.cli import main
main()
"""
"""`hometruth` in a process whose clock jumps by up to 40 days, forwards and back."""


def _collector(folder: Path, rng: Random) -> str:
    told = killed(folder / "events.sqlite", n_kills=1, seed=rng.getrandbits(32))
    return told if ": 0 lost, 0 stored twice" in told else f"FAILED: {told}"


def _run(folder: Path, rng: Random) -> str:
    return _killed_case(["run", str(_small_plan(folder))], folder, rng)


def _demo(folder: Path, rng: Random) -> str:
    return _killed_case(["demo"], folder, rng)


def _killed_case(words: list[str], folder: Path, rng: Random) -> str:
    """kill -9 of a run at a random moment: what it left says what it is, and what was recorded is there."""
    n_sessions, more_s = max(0, rng.randrange(-6, MOST_SESSIONS)), rng.uniform(0.0, 1.0)
    case = folder / "case"
    with _start([*words, "--out", str(case), "--quiet"], folder) as process:
        if n_sessions:  # a loaded machine takes minutes to come so far: moments are told by progress
            while process.poll() is None and _sessions_ended(case) < n_sessions:
                time.sleep(0.02)
        else:
            time.sleep(15.0 * more_s)
        time.sleep(more_s)
        _kill(process)
    return _said(case, f"killed {more_s:.2f} s after {n_sessions} sessions")


def _sessions_ended(case: Path) -> int:
    trials = case / "data" / "trials.jsonl"
    return trials.read_bytes().count(b"\n") if trials.exists() else 0


def _said(case: Path, when: str) -> str:
    """What `verify` and `judge` say of a case whose run was broken off, and whether they say the same."""
    data = case / "data"
    verified, judged = _call(["verify", str(case)], case.parent), _call(["judge", str(case)], case.parent)
    for done in (verified, judged):
        if "Traceback" in done.stderr or "defect of ours" in done.stderr or done.returncode < 0:
            return f"FAILED: {when}: {done.stderr[-400:]}"
    if verified.returncode == 0:
        return f"{when}, which was after its end: unbroken"
    if judged.returncode != 2:
        return f"FAILED: {when}: verify {verified.returncode}, judge {judged.returncode}"
    ended = _sessions_ended(case)
    recorded = {item.trial for item in _exchanges(data / "traffic.mitm")}
    if ended and len(recorded - {None}) < ended:
        return f"FAILED: {when}: {ended} sessions ended, requests of {len(recorded)} are there"
    return f"{when}: {ended} sessions, said: {judged.stderr.strip().splitlines()[-1][-160:]}"


def _record(folder: Path, rng: Random) -> str:
    """kill -9 of the recorder under load: every exchange that it announced is in the file."""
    out = folder / "x.mitm"
    with _start(["record", "--sinkhole", "--port", "0", "--out", str(out)], folder) as process:
        assert process.stdout is not None
        lines: list[str] = []
        while not (found := PROXY.search(lines[-1] if lines else "")):
            lines.append(process.stdout.readline())
            if not lines[-1]:
                return f"FAILED: the recorder did not start: {''.join(lines)[-300:]}"
        n_sent = rng.randrange(1, 60)
        for number in range(n_sent):
            _through(int(found[1]), number)
        time.sleep(rng.uniform(0.0, 0.5))
        _kill(process)
        announced = len(re.findall(r"^GET +\d", process.stdout.read(), re.MULTILINE))
    kept = len(_exchanges(out))
    told = f"{n_sent} sent, {announced} announced, {kept} kept"
    return told if announced <= kept <= n_sent else f"FAILED: {told}"


def _through(port: int, number: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", f"http://a{number % 7}.example/{number}", headers={"Connection": "close"})
    connection.getresponse().read()
    connection.close()


def _watch(folder: Path, rng: Random) -> str:
    """kill -9 of `watch` after its first request: what it recorded until then can be watched again."""
    out = folder / "story"
    with _start(["watch", "--out", str(out), "--jsonl"], folder) as process:
        began_s = time.monotonic()
        while not (recordings := [each for each in out.rglob("*.mitm") if each.stat().st_size]):
            if process.poll() is not None or time.monotonic() - began_s > LONGEST_S:
                assert process.stdout is not None
                return f"FAILED: it recorded nothing: {process.stdout.read()[-300:]}"
            time.sleep(0.05)
        time.sleep(after_s := rng.uniform(0.0, 4.0))
        _kill(process)
    again = _call(["watch", str(recordings[0]), "--jsonl"], folder)
    told = f"killed {after_s:.1f} s after the first request: {len(_exchanges(recordings[0]))} requests"
    return told if again.returncode == 0 else f"FAILED: {told}: {again.stderr[-300:]}"


def _phone(folder: Path, rng: Random) -> str:
    """kill -9 of a run over adb: what is changed on the phone is named, and `end --phones` puts it back."""
    after_s = rng.uniform(0.5, 20.0)
    (folder / "plan.toml").write_text(stand_in_plan())
    words = ["run", str(folder / "plan.toml"), "--out", str(folder / "case"), "--quiet"]
    with stand_in(folder / "phone") as phone:
        with _start(words, folder, phone.env) as process:
            time.sleep(after_s)
            if process.poll() not in {None, 0, 1}:
                assert process.stdout is not None
                return f"FAILED: it ended by itself: {process.stdout.read()[-300:]}"
            _kill(process)
        time.sleep(IN_FLIGHT_S)
        left = flat(phone.state) ^ flat(phone.first)
        status = _call(["end", "--phones", "--status"], folder, environment=phone.env)
        ended = _call(["end", "--phones"], folder, environment=phone.env)
        again = _call(["end", "--phones", "--status"], folder, environment=phone.env)
        named = len(status.stdout.splitlines()) if status.returncode else 0
        told = f"killed after {after_s:.1f} s: {len(left)} things differ, {named} changes named"
        unnamed = [name for name, _ in left if name not in status.stdout]
        if unnamed or ended.returncode or again.returncode or phone.state != phone.first:
            return f"FAILED: {told}; not named: {unnamed}; {ended.stderr[-300:]} {phone.state}"
    return told


def _full_disk(folder: Path, rng: Random) -> str:
    """No file may grow beyond a random size: exit 2 with a sentence, and the case says what it is."""
    limit = rng.randrange(1_000, 400_000)
    words = ["run", str(_small_plan(folder)), "--out", str(folder / "case"), "--quiet"]
    done = _call(words, folder, limit_bytes=limit)
    if done.returncode != 2 or "Traceback" in done.stderr or not done.stderr.strip():
        return f"FAILED: {limit:,} bytes a file: exit {done.returncode}: {done.stderr[-400:]}"
    return _said(folder / "case", f"{limit:,} bytes a file, said: {done.stderr.strip()[-100:]};")


def _read_only_home(folder: Path, rng: Random) -> str:
    """No key can be made: the run says so and goes on, and its case is unbroken and signed by nobody."""
    state = {"XDG_STATE_HOME": rng.choice(["/proc/state", "/dev/null/state", "/sys/state"]), "HOME": "/proc"}
    words = ["run", str(_small_plan(folder)), "--out", str(folder / "case"), "--quiet"]
    done = _call(words, folder, environment=state)
    verified = _call(["verify", str(folder / "case")], folder)
    if done.returncode not in (0, 1) or "not signed" not in done.stderr or verified.returncode:
        return f"FAILED: exit {done.returncode}: {done.stderr[-300:]} {verified.stdout[-200:]}"
    return verified.stdout.splitlines()[0]


def _clock(folder: Path, rng: Random) -> str:
    """Jumps of the clock during a run: it ends, and its verdicts are reproduced byte for byte."""
    words = [sys.executable, "-c", CLOCK_JUMPS, str(rng.getrandbits(32)), "run", str(_small_plan(folder))]
    done = _call([*words, "--out", str(folder / "case"), "--quiet"], folder, program=[])
    judged = _call(["judge", str(folder / "case")], folder)
    if done.returncode not in (0, 1) or "byte for byte" not in judged.stderr:
        return f"FAILED: exit {done.returncode}: {done.stderr[-300:]}; judge: {judged.stderr[-300:]}"
    return judged.stderr.strip()[:120]


def _tamper(folder: Path, rng: Random) -> str:
    """One tampering of each kind with a small case: all named."""
    for name, change in TAMPERINGS.items():
        bag = make_bag(folder / name)
        change(bag, rng)
        named = verify(bag, key=fingerprint(SIGNER.key.public_key()))
        if not named.broken or (name not in ONLY_BY_KEY and not verify(bag).broken):
            return f"FAILED: {name} was not named"
    return f"{len(TAMPERINGS)} of {len(TAMPERINGS)} named"


def _fleet(folder: Path, rng: Random) -> str:
    """kill -9 of workers and of a fleet half-way: run again, it has what a scan has, and nothing twice."""
    crawl, canaries = folder / "crawl", folder / "canaries.json"
    make_crawl(crawl, CRAWL, rng.getrandbits(32), CRAWL_ENTRIES)
    canaries.write_text(json.dumps(VALUES))
    done = _call(["scan", str(crawl), "--canaries", str(canaries), "--jsonl", "--jobs", "1"], folder)
    fault = ordeal(crawl, canaries, folder / "out", 2, rng, pause_s=0.5)
    wanted, found = scanned(done.stdout.splitlines()), in_tables(folder / "out")
    told = f"{CRAWL} recordings, 2 workers and the fleet killed: {wanted.total()} findings"
    return f"FAILED: {told}: {found.total()} after it; {fault}" if fault or found != wanted else told


def _small_plan(folder: Path) -> Path:
    path = folder / "plan.toml"
    path.write_text(re.sub(r"(?m)^blocks = \d+$", "blocks = 1", bundled_plan(PLAN).text))
    return path


def _start(
    words: list[str], folder: Path, environment: Mapping[str, str] = MappingProxyType({})
) -> "subprocess.Popen[str]":
    """In a session of its own, so that a kill reaches all its processes, as losing power would."""
    return subprocess.Popen(
        [*HOMETRUTH, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env=_environment(folder) | dict(environment),
    )


def _kill(process: "subprocess.Popen[str]") -> None:
    with suppress(ProcessLookupError):  # it may have ended
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _call(
    words: list[str],
    folder: Path,
    *,
    environment: Mapping[str, str] | None = None,
    limit_bytes: int | None = None,
    program: list[str] = HOMETRUTH,
) -> "subprocess.CompletedProcess[str]":
    def limit() -> None:
        if limit_bytes:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))

    return subprocess.run(
        [*program, *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_S,
        env=_environment(folder) | dict(environment or {}),
        preexec_fn=limit,
    )


def _environment(folder: Path) -> dict[str, str]:
    return os.environ | {"XDG_STATE_HOME": str(folder / "state"), "TMPDIR": str(folder)}


def _exchanges(path: Path) -> list[Exchange]:
    if not path.exists() or not path.stat().st_size:
        return []
    return [item for item in read_capture(path) if isinstance(item, Exchange)]


ROUNDS: dict[str, Callable[[Path, Random], str]] = {
    "collector": _collector,
    "run": _run,
    "demo": _demo,
    "record": _record,
    "watch": _watch,
    "phone": _phone,
    "full-disk": _full_disk,
    "read-only-home": _read_only_home,
    "clock": _clock,
    "tamper": _tamper,
    "damage": damage_round,
    "fleet": _fleet,
}
"""By name."""
