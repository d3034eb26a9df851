"""`python -m benchmarks.road CASE`: one road, at one price.

Scans the traffic of a case with the command and with the public function, and judges the case; each in a
process of its own, one after the other, several times, with all that starting takes. Prints the CPU seconds,
children included, and the ratios of the best.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import measure

SCAN = """
import sys, hometruth
print(hometruth.scan(sys.argv[1], canaries=sys.argv[2]).totals)
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    traffic, canaries = args.case / "data" / "traffic.mitm", args.case / "data" / "canaries.jsonl"
    hometruth = [sys.executable, "-m", "hometruth"]
    commands = {
        "scan": [*hometruth, "scan", str(traffic), "--canaries", str(canaries), "--jsonl"],
        "function": [sys.executable, "-c", SCAN, str(traffic), str(canaries)],
        "judge": [*hometruth, "judge", str(args.case), "--quiet"],
    }
    costs: dict[str, list[float]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(args.rounds):
            for name, command in commands.items():
                cost = measure(command, Path(folder) / name)
                if cost.exit_code not in (0, 1):
                    sys.exit(f"{name} ended with {cost.exit_code}")
                costs[name].append(cost.cpu_s)
    scan = min(costs["scan"])
    for name, seconds in costs.items():
        print(
            f"{name:10} {min(seconds):6.2f} CPU s  {min(seconds) / scan:5.2f} x scan   of {sorted(seconds)}"
        )


if __name__ == "__main__":
    main()
