"""`python -m benchmarks.large FOLDER FORM`: 2 GB beside 100 MB: memory, speed, and a kill half-way.

The traffic is the corpus, its answers as long as pages. Both files are scanned whole. The large one is
scanned again, killed once half of it was read, then resumed; what that finds is held against the whole scan,
line by line, and against what was planted. Cost is summed over all processes of a scan, as /proc has it.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.corpus.generate import NAMES, Corpus, Size, make_corpus, write_corpus
from benchmarks.corpus.score import read_rows, score, summary
from benchmarks.corpus.sent import Answer, Sent

SMALL, LARGE = Size(1_100, 2), Size(19_000, 10)
"""About 100 MB and 2 GB."""
ANSWER_BYTES = 92_000
PAGE = b"".join(b"<p>Paragraph %d says little that others do not.</p>" % n for n in range(ANSWER_BYTES // 40))
SAMPLE_S = 0.5
LEAST_KEPT_BYTES = 20_000
"""Some batches: before, the file is read once to count words."""
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class WithLongAnswers(Corpus):
    """The corpus, its answers padded."""

    def sent(self) -> Iterator[Sent]:
        """Every exchange, in order."""
        for number, each in enumerate(super().sent()):
            head = f"<!doctype html><title>{number}</title>".encode()
            answer = Answer(200, "text/html", head + PAGE[: ANSWER_BYTES - len(head)])
            yield replace(each, answer=answer)


@dataclass(slots=True)
class Seen:
    """What the processes of one scan took, as of the last look."""

    cpu_s: dict[int, float]
    peak_mib: dict[int, float]
    read_bytes: int = 0

    def look(self, root: int, capture: Path) -> None:
        """Ask the kernel about *root* and its children."""
        for pid in (root, *_children(root)):
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                status = Path(f"/proc/{pid}/status").read_text()
            except OSError:  # it has ended
                continue
            # proc(5): fields 14 and 15 are the time in user and in system mode, the third is first here.
            self.cpu_s[pid] = (int(fields[11]) + int(fields[12])) / TICKS_PER_S
            peak = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")), "0")
            self.peak_mib[pid] = max(int(peak) / 1024, self.peak_mib.get(pid, 0))
        self.read_bytes = max(self.read_bytes, _position(root, capture))

    @property
    def told(self) -> dict[str, float]:
        """CPU seconds of all, and the peak of the largest."""
        return {
            "cpu_s": round(sum(self.cpu_s.values()), 1),
            "peak_mib": round(max(self.peak_mib.values(), default=0)),
        }


def _children(root: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{root}/task").iterdir())
        return [int(each) for task in tasks for each in (task / "children").read_text().split()]
    except OSError:
        return []


def _position(pid: int, file: Path) -> int:
    """How far a process has read a file, by the handle that is least far: another counts its words."""
    try:
        handles = [each for each in Path(f"/proc/{pid}/fd").iterdir() if each.resolve() == file.resolve()]
        infos = [Path(f"/proc/{pid}/fdinfo/{each.name}").read_text() for each in handles]
    except OSError:
        return 0
    return min((int(each.split()[1]) for each in infos), default=0)


def scanned(
    corpus: Path, capture: Path, rows: Path, kept: Path | None = None, *, kill_at: int | None = None
) -> Seen:
    """Scan, with a look twice a second; killed once *kill_at* bytes were read and something was kept."""
    command = [sys.executable, "-m", "hometruth", "scan", str(capture), "--quiet", "--jsonl"]
    command += ["--canaries", str(corpus / "canaries.json")]
    command += ["--resume", str(kept)] if kept else []
    seen = Seen({}, {})
    with rows.open("wb") as out:
        child = subprocess.Popen(command, stdout=out, start_new_session=True)
        while child.poll() is None:
            seen.look(child.pid, capture)
            is_kept = kept is not None and kept.exists() and kept.stat().st_size > LEAST_KEPT_BYTES
            if kill_at is not None and seen.read_bytes > kill_at and is_kept:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
                return seen
            time.sleep(SAMPLE_S)
    if child.returncode not in (0, 1) or kill_at is not None:
        raise SystemExit(f"the scan of {capture} ended with {child.returncode}")
    return seen


def main() -> int:
    """Make the files, scan them, and print what it took as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("form", choices=NAMES)
    parser.add_argument("--seed", type=int, default=3)
    given = parser.parse_args()
    name = NAMES[given.form]
    small, large = (given.folder / f"{each}-{given.form}-{given.seed}" for each in ("small", "large"))
    for folder, size in ((small, SMALL), (large, LARGE)):
        made = make_corpus(given.seed, size)
        write_corpus(WithLongAnswers(made.seed, made.size, made.canaries, made.plants), folder, given.form)
    kept = large / "kept"
    for step, corpus, into, share in (
        ("small", small, None, None),
        ("whole", large, None, None),
        ("killed", large, kept, 0.5),
        ("resumed", large, kept, None),
    ):
        capture = corpus / name
        size_bytes = capture.stat().st_size
        rows = corpus / f"{step}.jsonl"
        seen = scanned(corpus, capture, rows, into, kill_at=int(size_bytes * share) if share else None)
        read_mb = (seen.read_bytes if share else size_bytes) / 1e6
        told = {"mb": round(read_mb), **seen.told, "lines": len(rows.read_bytes().splitlines())}
        sys.stdout.write(f"{step}: {json.dumps(told)}\n")
        sys.stdout.flush()
    whole, resumed = (_lines(large / f"{step}.jsonl") for step in ("whole", "resumed"))
    sys.stdout.write(f"the same: {json.dumps(whole == resumed)}\n")
    found = summary(score(read_rows(large / "truth.jsonl"), read_rows(large / "resumed.jsonl")))
    sys.stdout.write(f"found: {json.dumps(found)}\n")
    return 0 if whole == resumed else 1


def _lines(rows: Path) -> list[str]:
    """What a scan wrote, every line of it, in an order of their own."""
    return sorted(rows.read_text("utf-8").splitlines())


if __name__ == "__main__":
    raise SystemExit(main())
