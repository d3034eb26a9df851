"""Targets that are files: those of a case, and those that people hand in."""

import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from tests.case.bags import make_bag

from hometruth.canaries import load_canaries
from hometruth.capture import read_connections
from hometruth.case import all_differences, open_case, verify
from hometruth.identity.digests.lookup import load_own_values
from hometruth.identity.labels import label
from hometruth.identity.reference import read_reference
from hometruth.identity.table import read_events
from hometruth.identity.table_file import Columns
from hometruth.peel.adapters.load import read_adapters

Target = Callable[[bytes], None]


def scratch(prefix: str) -> Path:
    """A folder, in memory where the system has such a one."""
    folder = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path(tempfile.gettempdir())  # noqa: S108
    return Path(tempfile.mkdtemp(prefix=prefix, dir=folder))


def in_file(read: Callable[[Path], object], suffix: str) -> Target:
    """A reader of files; the file is written anew each time."""
    folder = cache(lambda: scratch("fuzz-"))  # not before the target is used

    def target(data: bytes) -> None:
        path = folder() / f"input{suffix}"
        path.write_bytes(data)
        read(path)

    return target


def _case(name: str) -> Target:
    """A case in a bag, one file of which is what the fuzzer wants: unbroken only if it is what it was."""
    bags: list[tuple[Path, bytes]] = []

    def target(data: bytes) -> None:
        if not bags:
            made = make_bag(scratch("fuzz-case-") / "case")
            bags.append((made, (made / name).read_bytes()))
        bag, whole = bags[0]
        unchanged = data == whole
        (bag / name).write_bytes(data)
        assert bool(verify(bag).broken) != unchanged, name
        case = open_case(bag)
        case.trials()
        case.facts()
        all_differences(case.folder)
        load_canaries(case.canaries)

    return target


def _connections(path: Path) -> object:
    shutil.copyfile(path, path.with_name("x.mitm.connections.jsonl"))
    return read_connections(path.with_name("x.mitm"))


CASE_FILES = (
    *("data/case.toml", "data/planned.jsonl", "data/canaries.jsonl", "data/MANIFEST.json"),
    *("data/seal/before-sha256.txt", "data/seal/before.sig", "data/seal/key.pem"),
    *("manifest-sha256.txt", "tagmanifest-sha256.txt", "signatures/after.sig", "signatures/key.pem"),
    *("bagit.txt", "bag-info.txt"),
)
FILES: dict[str, Target] = {
    **{f"case-{name.replace('/', '-')}": _case(name) for name in CASE_FILES},
    "canaries": in_file(load_canaries, ".toml"),
    "canaries-json": in_file(load_canaries, ".json"),
    "adapters": in_file(lambda path: read_adapters([path]), ".json"),
    "connections": in_file(_connections, ".jsonl"),
    "own-values": in_file(load_own_values, ".toml"),
    "labels": in_file(lambda path: label([str(path)]), ".toml"),
    "table": in_file(lambda path: read_events(path, Columns()), ".csv"),
    "table-parquet": in_file(lambda path: read_events(path, Columns()), ".parquet"),
    "reference": in_file(read_reference, ".csv"),
}
"""By name."""
