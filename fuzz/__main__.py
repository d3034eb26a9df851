"""`python -m fuzz NAME --seconds N`: fuzz one parser, from its seeds and what was found before."""

import argparse
import os
import sys
from pathlib import Path

import atheris

os.environ["HOMETRUTH_DEBUG"] = "1"  # no defect becomes a gap

with atheris.instrument_imports(include=["hometruth"]):
    from fuzz.targets import TARGETS, run_one

from fuzz.seeds import write_seeds

LONGEST_INPUT = 1 << 15
"""Bytes: formats show all they have in less."""
SLOWEST_S = 20
"""Seconds that one input may take; more is a defect too."""


def main() -> None:
    """Parse the command line and fuzz; a defect leaves its input beside the corpus and is an error."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("name", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--folder", type=Path, default=Path("fuzz/corpus"), help="where inputs are kept")
    given = parser.parse_args()
    corpus, found = given.folder / given.name, given.folder / f"{given.name}-defects"
    write_seeds(given.name, corpus)
    found.mkdir(parents=True, exist_ok=True)
    options = [
        f"-max_total_time={given.seconds}",
        f"-max_len={LONGEST_INPUT}",
        f"-timeout={SLOWEST_S}",
        "-rss_limit_mb=2048",
        f"-artifact_prefix={found}/",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], lambda data: run_one(given.name, data))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
