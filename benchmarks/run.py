"""`python -m benchmarks.run FOLDER`: Hometruth and its peers on one corpus, measured in one run, as Markdown.

Makes what it needs in FOLDER: the corpus, an environment for the floor, and one for each peer.
With --unlucky, Hometruth alone on five corpora, their canaries made of words that stand in every request;
the worst counts.
"""

import argparse
import os
import platform
import subprocess
import sys
import tomllib
import venv
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.corpus.generate import SIZES, make_corpus, write_corpus
from benchmarks.corpus.score import Scores, read_rows, score, summary, table
from benchmarks.measure import Cost, best, measure
from hometruth.audit.crew import Crew
from hometruth.audit.examine import Examined
from hometruth.audit.scan import items_of
from hometruth.audit.scanner import Scanner
from hometruth.canaries import load_canaries

HERE = Path(__file__).parent
UNLUCKY_SEEDS = range(1, 6)
PFI, TRACKHAR = "privacy-flow-inspector==0.3.0", "trackhar@1.0.0"


@dataclass(frozen=True, slots=True)
class Tool:
    """A program to measure: how it is called, on a capture and its canaries."""

    name: str
    command: Callable[[Path, Path], Sequence[str]]
    finds: bool = True
    """False for the floor, which finds nothing."""
    times: int = 1
    exit_codes: tuple[int, ...] = (0,)


def floor(work: Path) -> Tool:
    """The floor, in an environment with what the dependency group `benchmark` names."""
    project = tomllib.loads((HERE.parent / "pyproject.toml").read_text("utf-8"))
    python = environment(work / "floor", project["dependency-groups"]["benchmark"])
    return Tool("floor", lambda har, _: [python, str(HERE / "floor.py"), str(har)], finds=False, times=3)


def hometruth(_work: Path) -> Tool:
    """`hometruth scan` of this interpreter."""

    def command(har: Path, canaries: Path) -> Sequence[str]:
        scan = [sys.executable, "-m", "hometruth", "scan", str(har)]
        return [*scan, "--canaries", str(canaries), "--jsonl", "--quiet"]

    return Tool("hometruth", command, exit_codes=(0, 1))


def privacy_flow_inspector(work: Path) -> Tool:
    """The published package, in an environment of its own."""
    python = environment(work / "privacy-flow-inspector", [PFI])
    script = str(HERE / "peers" / "pfi_rows.py")
    return Tool("privacy-flow-inspector 0.3.0", lambda har, known: [python, script, str(har), str(known)])


def trackhar(work: Path) -> Tool:
    """The published package, in a folder of its own."""
    folder = work / "trackhar"
    if not (folder / "node_modules" / "trackhar").is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true}\n', "utf-8")
        subprocess.run(["npm", "install", "--silent", TRACKHAR], cwd=folder, check=True)
    script = folder / "rows.mjs"  # node looks for packages beside the script
    script.write_bytes((HERE / "peers" / "trackhar.mjs").read_bytes())
    return Tool("TrackHAR 1.0.0", lambda har, known: ["node", str(script), str(har), str(known)])


TOOLS = {
    "floor": floor,
    "hometruth": hometruth,
    "privacy-flow-inspector": privacy_flow_inspector,
    "trackhar": trackhar,
}


def environment(folder: Path, requirements: Sequence[str]) -> str:
    """Path of the interpreter of a virtual environment with these packages."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *requirements], check=True)
    return str(python)


def run(tool: Tool, corpus: Path, capture: Path) -> tuple[Cost, Scores | None]:
    """Cost of a tool on a corpus, and what it found; None for a tool that finds nothing."""
    rows = corpus / f"{tool.name.replace(' ', '-')}.jsonl"
    command = tool.command(capture.resolve(), (corpus / "canaries.json").resolve())
    cost = best([measure(command, rows) for _ in range(tool.times)])
    if cost.exit_code not in tool.exit_codes:
        raise SystemExit(f"{tool.name} ended with {cost.exit_code}; see {rows.with_suffix('.err')}")
    if not tool.finds:
        return cost, None
    return cost, score(read_rows(corpus / "truth.jsonl"), read_rows(rows))


def report(
    costs: Mapping[str, Cost], scores: Mapping[str, Scores], capture: Path, families: bool = True
) -> str:
    """Everything as Markdown."""
    lines = [
        f"{capture.stat().st_size / 1e6:.1f} MB. {_machine()}",
        "",
        "| tool | CPU s | x floor | wall s | peak MiB | recall | without 32 bits | precision | right chain |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    unit = costs["floor"].cpu_s if "floor" in costs else float("nan")
    for name, cost in costs.items():
        cells = [
            f"{cost.cpu_s:.2f}",
            f"{cost.cpu_s / unit:.1f}",
            f"{cost.wall_s:.1f}",
            f"{cost.peak_mib:.0f}",
        ]
        found = summary(scores[name]) if name in scores else {}
        keys = ("recall", "recall without 32-bit digests", "precision", "right chain")
        cells += [f"{found[key]:.3f}" if key in found else "" for key in keys]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", table(scores) if scores and families else ""])


def unlucky(work: Path, size: str) -> str:
    """What the seeds cost, and the share of requests with nothing planted that was peeled, as Markdown."""
    lines = [
        _machine(),
        "",
        "| seed | floor CPU s | CPU s | x floor | wall s | peak MiB | recall | precision | clean passed |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    ratios = []
    for seed in UNLUCKY_SEEDS:
        corpus = work / f"unlucky-{size}-{seed}"
        made = make_corpus(seed, SIZES[size], unlucky=True)
        capture = write_corpus(made, corpus)
        least, _ = run(floor(work), corpus, capture)
        cost, found = run(hometruth(work), corpus, capture)
        assert found
        ratios.append(cost.cpu_s / least.cpu_s)
        told = summary(found)
        cells = (
            *(f"{least.cpu_s:.2f}", f"{cost.cpu_s:.2f}", f"{ratios[-1]:.0f}", f"{cost.wall_s:.1f}"),
            *(f"{cost.peak_mib:.0f}", f"{told['recall']:.3f}", f"{told['precision']:.3f}"),
            f"{clean_passed(corpus, capture, made.plants):.1%}",
        )
        lines.append(f"| {seed} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", f"Worst: {max(ratios):.0f} times the floor."])


def clean_passed(corpus: Path, capture: Path, planted: Container[int]) -> float:
    """Share of requests with nothing planted in them that the sieve let through."""
    loaded = load_canaries(corpus / "canaries.json")
    with Crew(Scanner(loaded.canaries, loaded.salts, seed=1)) as crew:
        values = [
            item.n_values
            for item in items_of(capture, crew)
            if isinstance(item, Examined) and item.exchange.source.index not in planted
        ]
    return sum(map(bool, values)) / len(values)


def _machine() -> str:
    cores = f"{os.cpu_count()} cores ({platform.machine()})"
    return f"{cores}, {platform.system()}, Python {platform.python_version()}."


def main() -> None:
    """Parse the command line, make what is missing, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("folder", type=Path, help="work folder, outside the repository")
    parser.add_argument("--size", choices=SIZES, default="full")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tools", nargs="+", choices=TOOLS, default=list(TOOLS))
    parser.add_argument("--unlucky", action="store_true", help="five seeds of canaries made of common words")
    given = parser.parse_args()
    work = given.folder.resolve()
    if given.unlucky:
        print(unlucky(work, given.size))
        return
    corpus = work / f"corpus-{given.size}-{given.seed}"
    capture = write_corpus(make_corpus(given.seed, SIZES[given.size]), corpus)
    costs: dict[str, Cost] = {}
    scores: dict[str, Scores] = {}
    for name in given.tools:
        tool = TOOLS[name](work)
        costs[tool.name], found = run(tool, corpus, capture)
        if found:
            scores[tool.name] = found
    print(report(costs, scores, capture))


if __name__ == "__main__":
    main()
