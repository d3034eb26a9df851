"""`python -m benchmarks.bombs`: what hostile bodies cost: seconds, memory, and the gaps they become.

Each is examined in a process of its own, as `scan` would, with 22 canaries and 1,000 phantoms.
"""

import argparse
import base64
import json
import os
import resource
import subprocess
import sys
import time
import zlib
from collections import Counter
from collections.abc import Callable
from random import Random

MB = 1_000_000
CHUNK = 1 << 20


def zip_bomb(gigabytes: int) -> bytes:
    """Gzip of so many gigabytes of zeros, made by repeating one compressed megabyte."""
    packer = zlib.compressobj(9, wbits=31)
    head = packer.compress(bytes(CHUNK)) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(CHUNK)) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + block * (gigabytes * 1024) + b"\x03\x00" + bytes(8)


def text(size: int, separator: bytes = b" ") -> bytes:
    """Words, drawn anew for each megabyte."""
    rng = Random(1)
    words = [b"%x" % rng.getrandbits(30) for _ in range(5000)]
    text = bytearray()
    while len(text) < size:
        text += separator.join(rng.choices(words, k=MB // 8)) + separator
    return bytes(text[:size])


def nested_protobuf(depth: int) -> bytes:
    """Messages in messages."""
    data = b"core"
    for _ in range(depth):
        size, head = len(data), b""
        while size > 127:
            head += bytes([size & 127 | 128])
            size >>= 7
        data = b"\x0a" + head + bytes([size]) + data
    return data


CASES: dict[str, Callable[[], bytes]] = {
    "10 GB of zeros in gzip": lambda: zip_bomb(10),
    "JSON 100,000 deep": lambda: b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "lists 100,000 deep": lambda: b"[" * 100_000 + b"]" * 100_000,
    "protobuf 20,000 deep": lambda: nested_protobuf(20_000),
    "200 MB: one letter": lambda: b"a" * 200 * MB,
    "200 MB: words": lambda: text(200 * MB),
    "200 MB: random bytes": lambda: os.urandom(200 * MB),
    "200 MB: base64 of random bytes": lambda: base64.b64encode(os.urandom(150 * MB)),
    "200 MB: hex": lambda: os.urandom(100 * MB).hex().encode(),
    "200 MB: one JSON string": lambda: b'{"a":"' + text(200 * MB) + b'"}',
    "200 MB: escaped JSON string": lambda: b'"' + text(150 * MB, b"\\n") + b'"',
    "200 MB: percent signs": lambda: b"%41" * (67 * MB),
    "200 MB: JSON numbers": lambda: b"[" + b"1234567," * (25 * MB) + b"1]",
    "200 MB: zeros": lambda: bytes(200 * MB),
}
"""By name."""


def examine_one(name: str) -> None:
    """Examine one bomb in this process and print what it cost."""
    from hometruth.audit.examine import examine  # noqa: PLC0415  # the parent does not need it
    from hometruth.canaries import compile_search, mint  # noqa: PLC0415
    from hometruth.model import Canary, CanaryKind, Exchange, Source  # noqa: PLC0415

    rng = Random(1)
    canaries = [mint("page", rng=rng) for _ in range(21)]
    canaries.append(Canary("email", CanaryKind.ACCOUNT, "jane.lump@example.org", 50.0))
    search = compile_search([*canaries, *(mint("page", phantom=True, rng=rng) for _ in range(1000))])
    data = CASES[name]()
    before = resource.getrusage(resource.RUSAGE_SELF)
    began = time.process_time()
    source = Source("bomb", 0)
    found = examine(Exchange("0", source, "POST", "https", "h.test", 443, b"/", (), data), search)
    after = resource.getrusage(resource.RUSAGE_SELF)
    row = {
        "bomb": name,
        "bytes": len(data),
        "cpu_s": round(time.process_time() - began, 1),
        "peak_mib": after.ru_maxrss >> 10,
        "peak_before_mib": before.ru_maxrss >> 10,
        "values": found.n_values,
        "gaps": dict(Counter(f"{gap.kind}: {gap.detail:.70}" for gap in found.gaps)),
        "sightings": len(found.sightings),
    }
    print(json.dumps(row), flush=True)


def main() -> None:
    """Parse the command line and examine the bombs, one process each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bombs", description=__doc__)
    parser.add_argument("--only", default="", help="bombs whose name holds this text")
    parser.add_argument("--here", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.here:
        examine_one(given.here)
        return
    for name in CASES:
        if given.only in name:
            subprocess.run([sys.executable, "-m", "benchmarks.bombs", "--here", name], check=False)


if __name__ == "__main__":
    main()
