"""One round of each kind of soak: a folder of its own and a seeded generator in, one sentence out."""

import http.client
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

from tests.case.bags import SIGNER, make_bag

from benchmarks.collector import killed
from benchmarks.damage import damage_round
from benchmarks.tamper import ONLY_BY_KEY, TAMPERINGS
from hometruth.capture import read_capture
from hometruth.case import verify
from hometruth.case.signing import fingerprint
from hometruth.experiment import bundled_plan
from hometruth.model import Exchange

HOMETRUTH = [sys.executable, "-m", "hometruth"]
PLAN = "mint-browser-2020"
LONGEST_S = 600.0
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
    after_s = rng.uniform(0.3, 15.0)
    case = folder / "case"
    with _start([*words, "--out", str(case), "--quiet"], folder) as process:
        time.sleep(after_s)
        _kill(process)
    return _said(case, f"killed after {after_s:.1f} s")


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
    ended = (data / "trials.jsonl").read_bytes().count(b"\n") if (data / "trials.jsonl").exists() else 0
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
    """kill -9 of `watch`: what it recorded until then can be watched again."""
    out = folder / "story"
    with _start(["watch", "--out", str(out), "--jsonl"], folder) as process:
        time.sleep(after_s := rng.uniform(0.5, 8.0))
        _kill(process)
    recordings = list(out.rglob("*.mitm"))
    if not recordings or not recordings[0].stat().st_size:
        return f"killed after {after_s:.1f} s, before the first request"
    again = _call(["watch", str(recordings[0]), "--jsonl"], folder)
    told = f"killed after {after_s:.1f} s: {len(_exchanges(recordings[0]))} requests"
    return told if again.returncode == 0 else f"FAILED: {told}: {again.stderr[-300:]}"


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


def _small_plan(folder: Path) -> Path:
    path = folder / "plan.toml"
    path.write_text(re.sub(r"(?m)^blocks = \d+$", "blocks = 1", bundled_plan(PLAN).text))
    return path


def _start(words: list[str], folder: Path) -> "subprocess.Popen[str]":
    """In a session of its own, so that a kill reaches all its processes, as losing power would."""
    return subprocess.Popen(
        [*HOMETRUTH, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env=_environment(folder),
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
    "full-disk": _full_disk,
    "read-only-home": _read_only_home,
    "clock": _clock,
    "tamper": _tamper,
    "damage": damage_round,
}
"""By name."""
