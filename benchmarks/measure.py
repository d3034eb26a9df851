"""Runs a command and says what it cost: CPU seconds of it and its children, wall time, peak memory."""

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of a command took."""

    cpu_s: float
    wall_s: float
    peak_mib: float
    """Largest resident set of the process itself."""
    exit_code: int


def measure(command: Sequence[str], output: Path) -> Cost:
    """Run *command* with its standard output in a file; standard error beside it."""
    started = time.monotonic()
    with output.open("wb") as out, output.with_suffix(".err").open("wb") as err:
        child = subprocess.Popen(list(command), stdout=out, stderr=err)
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return Cost(
        usage.ru_utime + usage.ru_stime,
        time.monotonic() - started,
        usage.ru_maxrss / 1024,
        child.returncode,
    )


def best(costs: Sequence[Cost]) -> Cost:
    """The cheapest of several runs of one command: what else the machine did only ever adds."""
    return min(costs, key=lambda cost: cost.cpu_s)
