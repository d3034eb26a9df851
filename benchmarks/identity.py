"""`python -m benchmarks.identity FOLDER`: time and memory of `unicity` and `relink`, as Markdown.

On the tables of people in FOLDER (`*.csv.gz` with user and item), and on a made-up population of 1,000,000
people with up to 10 things each, of popularity falling as 1/rank. Each command runs in a process of its own.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

TABLES = ("listening_lastfm2k", "apps_frappe", "pages_msweb", "clicks_kosarak_head")
PEOPLE, THINGS_EACH, THINGS = 1_000_000, 10, 100_000
SEED = 1


def main() -> None:
    """Print one line a run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    print("| table | command | seconds | CPU seconds | peak MiB | result |")
    print("| --- | --- | ---: | ---: | ---: | --- |")
    for row in _rows(folder):
        print(row, flush=True)


def _rows(folder: Path) -> Iterator[str]:
    for name in TABLES:
        for command in ("unicity", "relink"):
            yield _line(name, folder / f"{name}.csv.gz", [command])
    with tempfile.TemporaryDirectory() as made:
        table = Path(made) / "million.parquet"
        write_million(table)
        yield _line("1,000,000 x 10", table, ["unicity", "--points", "4", "--no-curve"])


def write_million(path: Path) -> None:
    """A population whose people differ as much as chance lets them."""
    rng = np.random.default_rng(SEED)
    rank = np.exp(rng.random((PEOPLE, THINGS_EACH)) * np.log(THINGS)).astype(np.int32)
    user = np.repeat(np.arange(PEOPLE, dtype=np.int32), THINGS_EACH)
    pq.write_table(pa.table({"user": user, "item": rank.ravel()}), path)


def _line(name: str, table: Path, words: Sequence[str]) -> str:
    command = [sys.executable, "-m", "hometruth", words[0], str(table), *words[1:], "--json"]
    began = time.perf_counter()
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, stdout=out)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        taken = time.perf_counter() - began
        out.seek(0)
        found = json.loads(out.read())
    cells = (
        name,
        " ".join(words),
        f"{taken:.1f}",
        f"{used.ru_utime + used.ru_stime:.1f}",
        f"{used.ru_maxrss * _RSS_UNIT / 2**20:,.0f}",
        _result(found),
    )
    return f"| {' | '.join(cells)} |"


_RSS_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes in a unit of `ru_maxrss`."""


def _result(found: dict[str, Any]) -> str:
    if "random" in found:
        shares = (f"p={number}: {random['value']:.6f}" for number, random in found["random"].items())
        return f"N = {found['people']:,}; " + ", ".join(shares)
    if found["split"]:
        ranks = (f"{name} {score['rank1']:.4f}" for name, score in found["scores"].items())
        return f"N = {found['people']:,}; {found['split']}; " + ", ".join(ranks)
    boards = (
        f"{board['points']} points, {board['wrong']} wrong: {board['rank1']:.3f}"
        for board in found["scoreboard"]
    )
    return f"N = {found['people']:,}; scoreboard; " + ", ".join(boards)


if __name__ == "__main__":
    main()
