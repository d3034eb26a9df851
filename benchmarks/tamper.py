"""Ways to tamper with a case in a bag: `tests/case` tries a sample, `benchmarks/soak.py` as many as asked.

Each changes one thing, or everything consistently but for the signature.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from random import Random

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hometruth.case.bag import (
    AFTER_KEY,
    AFTER_SIGNATURE,
    BEFORE,
    MANIFEST,
    SEAL_KEY,
    TAG_MANIFEST,
)
from hometruth.case.signing import Signer

Tampering = Callable[[Path, Random], None]


def files(bag: Path) -> list[Path]:
    """Everything that is evidence or belongs to the bag."""
    return sorted(path for path in bag.rglob("*") if path.is_file() and "lab" not in path.parts)


def _flip(bag: Path, rng: Random) -> None:
    path = rng.choice([path for path in files(bag) if path.stat().st_size])
    data = bytearray(path.read_bytes())
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    path.write_bytes(data)


def _cut(bag: Path, rng: Random) -> None:
    path = rng.choice([path for path in files(bag) if path.stat().st_size])
    os.truncate(path, rng.randrange(path.stat().st_size))


def _append(bag: Path, rng: Random) -> None:
    with rng.choice(files(bag)).open("ab") as file:
        file.write(rng.randbytes(rng.randrange(1, 40)))


def _remove(bag: Path, rng: Random) -> None:
    rng.choice(files(bag)).unlink()


def _add(bag: Path, rng: Random) -> None:
    folder = rng.choice(["", "data", "data/seal", "signatures", "data/new"])
    (bag / folder).mkdir(exist_ok=True)
    (bag / folder / f"{rng.getrandbits(32):x}").write_bytes(rng.randbytes(9))


def _swap(bag: Path, rng: Random) -> None:
    first, second = rng.sample([path for path in files(bag) if path.stat().st_size], 2)
    if first.read_bytes() == second.read_bytes():
        first = bag / "bagit.txt"  # two copies of the same key
    one, other = first.read_bytes(), second.read_bytes()
    first.write_bytes(other)
    second.write_bytes(one)


def _link(bag: Path, rng: Random) -> None:
    """A file moved out and linked to: its bytes are the same, but it is not in the case any more."""
    path = rng.choice(files(bag))
    moved = bag.parent / f"moved-{rng.getrandbits(32):x}"
    path.rename(moved)
    path.symlink_to(moved)


def _reorder(bag: Path, rng: Random) -> None:
    """Lines of a manifest, or of a list of trials."""
    path = bag / rng.choice([MANIFEST, TAG_MANIFEST, "data/planned.jsonl", f"data/{BEFORE.manifest}"])
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[1:], lines[0]]))


def _line_ends(bag: Path, rng: Random) -> None:
    path = bag / rng.choice(["data/verdicts.json", MANIFEST, "bag-info.txt", "data/plan.toml"])
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


def _lead_elsewhere(bag: Path, rng: Random) -> None:
    """A manifest that lists something outside, its own hash put right everywhere but in the signature."""
    outside = rng.choice(["../outside", "/etc/passwd", "data/../../outside", "data/./plan.toml", "data//x"])
    with (bag / MANIFEST).open("a") as file:
        file.write(f"{hashlib.sha256(b'').hexdigest()}  {outside}\n")
    _list_again(bag)


def _edit_and_list(bag: Path, rng: Random) -> None:
    """Edited verdicts, or another recording, with all manifests written anew."""
    path = bag / rng.choice(["data/verdicts.json", "data/traffic.mitm", "data/report.html"])
    path.write_bytes(path.read_bytes() + rng.randbytes(5))
    _list_again(bag)


def _sign_again(bag: Path, rng: Random) -> None:
    """Edited, listed and signed again with another key: only its fingerprint tells."""
    _edit_and_list(bag, rng)
    signer = Signer(Ed25519PrivateKey.from_private_bytes(rng.randbytes(32)))
    case = bag / "data"
    (case / BEFORE.signature).write_bytes(signer.sign((case / BEFORE.manifest).read_bytes()))
    (case / SEAL_KEY).write_bytes(signer.public_pem)
    _list_again(bag)
    (bag / AFTER_SIGNATURE).write_bytes(signer.sign((bag / TAG_MANIFEST).read_bytes()))
    (bag / AFTER_KEY).write_bytes(signer.public_pem)


def _unsign(bag: Path, _rng: Random) -> None:
    """All signatures taken away, and all manifests written anew."""
    for name in (f"data/{BEFORE.signature}", f"data/{SEAL_KEY}", AFTER_SIGNATURE, AFTER_KEY):
        (bag / name).unlink()
    (bag / "signatures").rmdir()
    _list_again(bag)


def _list_again(bag: Path) -> None:
    """Write both manifests anew over whatever is there, and keep lines that lead elsewhere."""
    strange = [line for line in (bag / MANIFEST).read_text().splitlines() if not _is_there(line[66:])]
    payload = sorted(path for path in (bag / "data").rglob("*") if path.is_file())
    lines = [f"{_sha256(path)}  {path.relative_to(bag)}" for path in payload]
    (bag / MANIFEST).write_text("".join(f"{line}\n" for line in [*lines, *strange]))
    tags = ["bag-info.txt", "bagit.txt", MANIFEST]
    (bag / TAG_MANIFEST).write_text("".join(f"{_sha256(bag / name)}  {name}\n" for name in tags))


def _is_there(name: str) -> bool:
    return os.path.normpath(name) == name and name.startswith("data/")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


TAMPERINGS: dict[str, Tampering] = {
    "flip": _flip,
    "cut": _cut,
    "append": _append,
    "remove": _remove,
    "add": _add,
    "swap": _swap,
    "link": _link,
    "reorder": _reorder,
    "line ends": _line_ends,
    "lead elsewhere": _lead_elsewhere,
    "edit and list": _edit_and_list,
    "sign again": _sign_again,
    "unsign": _unsign,
}
"""By name."""
ONLY_BY_KEY = frozenset({"sign again", "unsign"})
"""Where nothing is broken unless the key is named."""
