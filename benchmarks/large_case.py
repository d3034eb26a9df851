"""`python -m benchmarks.large_case FOLDER`: a case of 50,000 exchanges, and how its report opens.

Recordings of 80 sessions of a made-up browser are labelled and judged (`hometruth case new`); the report is
made again and opened in Chromium.
"""

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import time
from pathlib import Path
from random import Random

from hometruth.canaries import dump_canaries, mint

SESSIONS = 80
HOSTS = 300
HEAD = """\
[plan]
id = "large"
title = "a large case"
claims = "claims.toml"
window = "as long as each window was open"
labelled_by = "benchmarks.large_case"

[subject]
driver = "recordings"
kind = "real"
name = "phone"
vendor = "Xiaomi"
product = "Browser"
device = "phone"
extensions = "none"
"""
CLAIMS = """\
[[claim]]
id = "c1"
side = "vendor"
who = "the vendor, to its users"
date = "2026-01-01"
statement = "Nothing that is visited in a private window is sent to us."
source = ["https://vendor.example"]

[[claim.reading]]
kind = "ordinary"
wording = "summarised"

[[claim.reading.proposition]]
id = "c1.content"
kind = "absent"
says = "no page visited reaches the vendor"
where = { mode = ["private"] }
options = { kinds = ["page"], control = { mode = ["normal"] } }
"""
START = "2026-01-01T10:00:00.000Z"


def make(folder: Path, exchanges: int) -> None:
    """Labels, claims, canaries and recordings."""
    rng = Random(1)  # noqa: S311
    canaries, labels = [], [HEAD]
    for number in range(SESSIONS):
        mode = ("normal", "private")[number % 2]
        name = f"{mode}-{number}"
        canary = mint("page", cell=name)
        canaries.append((canary, mode))
        entries = [_entry(rng, canary.value, at) for at in range(exchanges // SESSIONS)]
        text = json.dumps(
            {"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "entries": entries}}
        )
        (folder / f"{name}.har").write_text(text)
        labels.append(
            f'[[session]]\nid = "{name}"\nrecording = "{name}.har"\nlevels = {{ mode = "{mode}" }}\n'
        )
    (folder / "labels.toml").write_text("\n".join(labels))
    (folder / "claims.toml").write_text(CLAIMS)
    lines = [
        json.loads(line) | {"mode": mode}
        for canary, mode in canaries
        for line in dump_canaries([canary]).splitlines()
    ]
    (folder / "canaries.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def _entry(rng: Random, page: str, at: int) -> dict[str, object]:
    """One in 50 goes to the vendor and holds the page; one in 20 cannot be read."""
    to_vendor = at % 50 == 0
    host = (
        "sa.api.intl.miui.com" if to_vendor else f"h{rng.randrange(HOSTS)}.site{rng.randrange(HOSTS)}.example"
    )
    told = {f"field{rng.randrange(40)}": f"{rng.getrandbits(96):x}" for _ in range(12)}
    body = json.dumps(told | ({"url": f"https://{page}.example/story"} if to_vendor else {}))
    if at % 20 == 7:
        body = "".join(chr(rng.randrange(1, 256)) for _ in range(600))
    return {
        "startedDateTime": START,
        "time": 1,
        "request": {
            "method": "POST",
            "url": f"https://{host}/collect/{rng.randrange(20)}?v={rng.getrandbits(40):x}",
            "headers": [{"name": "Content-Type", "value": "application/json"}],
            "postData": {"mimeType": "application/json", "text": body},
        },
        "response": {"status": 200, "headers": [], "content": {"size": 0}},
    }


def _timed(*words: str | Path) -> str:
    """Run `hometruth`, and say what that took."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "hometruth", *map(str, words)], capture_output=True, text=True, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    took, last = time.monotonic() - began, (done.stderr.strip().splitlines() or [""])[-1]
    peak = f"peak {after.ru_maxrss >> 10} MiB"
    return f"exit {done.returncode}, {took:.1f} s, {cpu:.1f} CPU s, {peak}; {last[:150]}"


def opened(page: Path) -> str:
    """How long Chromium takes to start, load the page and paint it; the same with an empty page."""
    picture, empty = page.with_suffix(".png"), page.with_name("empty.html")
    empty.write_text("<p>nothing")
    told = []
    for each in (empty, page):
        began = time.monotonic()
        subprocess.run(
            [  # noqa: S607 - whichever is installed
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--window-size=1280,900",
                f"--screenshot={picture}",
                each.resolve().as_uri(),
            ],
            check=True,
            capture_output=True,
            env=os.environ | {"HOME": str(page.parent)},
        )
        told.append(f"{time.monotonic() - began:.1f} s")
    return f"{told[1]} (an empty page: {told[0]})"


def main() -> None:
    """Make, judge, and print what was measured."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--exchanges", type=int, default=50_000)
    options = parser.parse_args()
    folder: Path = options.folder
    if not (folder / "labels.toml").exists():
        folder.mkdir(parents=True, exist_ok=True)
        make(folder, options.exchanges)
    case, report = folder / "case", folder / "report.html"
    if not case.exists():
        print(
            "case new:",
            _timed(
                "case",
                "new",
                folder / "labels.toml",
                "--canaries",
                folder / "canaries.jsonl",
                "--out",
                case,
                "--quiet",
            ),
        )
    report.unlink(missing_ok=True)
    print("report:", _timed("report", case, "--out", report))
    text = report.read_text("utf-8")
    print(f"report.html: {report.stat().st_size / 1e6:.2f} MB, {len(re.findall('<tr', text)):,} table rows")
    print("chromium:", opened(report))


if __name__ == "__main__":
    main()
