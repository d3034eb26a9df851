"""`python -m benchmarks.native CAPTURE CANARIES`: the sieve, and `sift.c` on the same parts, in CPU seconds.

Needs a C compiler. The prototype cuts words out, keeps each once, decodes it (hexadecimal, base64, base58,
base62), passes a filter of two-byte needles over everything, and makes the first tests of the binary formats
on what came out. It searches no whole needles, reads no JSON, escapes or compression, and keeps no account of
what came out of what.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from hometruth.canaries import compile_search, load_canaries
from hometruth.capture import read_capture
from hometruth.model import Exchange
from hometruth.peel import roots_of
from hometruth.peel.sieve import Sieve

SOURCE = Path(__file__).with_name("sift.c")
BATCH = 400
"""Exchanges that are sifted together, about as many as `scan` takes."""


def main(capture: Path, canaries: Path) -> None:
    """Measure both, print."""
    compiler = shutil.which("cc")
    if compiler is None:
        raise SystemExit("there is no C compiler (cc)")
    loaded = load_canaries(canaries)
    sieve = Sieve(compile_search(loaded.canaries, loaded.salts).prefilter())
    exchanges = [item for item in read_capture(capture, responses=False) if isinstance(item, Exchange)]
    roots = [[*roots_of(exchange)] for exchange in exchanges]
    start = time.process_time()
    for at in range(0, len(roots), BATCH):
        sieve.worth_peeling([root for of_one in roots[at : at + BATCH] for root in of_one])
    print(f"sieve: {time.process_time() - start:.2f} CPU s for {len(roots):,} requests")
    with tempfile.TemporaryDirectory() as folder:
        parts, program = Path(folder, "parts"), Path(folder, "sift")
        parts.write_bytes(b"\0".join(root.data for of_one in roots for root in of_one))
        subprocess.run([compiler, "-O2", "-o", program, SOURCE], check=True)
        told = subprocess.run([program, parts], check=True, capture_output=True)
    print("sift.c:", told.stdout.decode())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
