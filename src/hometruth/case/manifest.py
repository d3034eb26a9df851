"""MANIFEST.json: size and SHA-256 of every file, chained so that no line can be exchanged alone."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from hometruth.errors import CaseError

NAME = "MANIFEST.json"
OUTSIDE = ("lab",)
"""Folders that are the subject's own, not evidence."""
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Row:
    """One file of a case, as it was when the run ended."""

    size_bytes: int
    sha256: str


def write_manifest(folder: Path) -> None:
    """Write the manifest of everything in the case."""
    rows, chain = [], ""
    for name in _names(folder):
        digest = sha256_of(folder / name)
        chain = hashlib.sha256(f"{chain} {name} {digest}".encode()).hexdigest()
        rows.append(
            {"file": name, "size_bytes": (folder / name).stat().st_size, "sha256": digest, "chain": chain}
        )
    (folder / NAME).write_bytes(msgspec.json.format(msgspec.json.encode({"files": rows}), indent=1) + b"\n")


def check_manifest(folder: Path) -> None:
    """Compare every file with the manifest.

    Raises:
        CaseError: If a file is missing, was changed, or was added.
    """
    listed = read_manifest(folder)
    found = set(_names(folder))
    if missing := listed.keys() - found:
        raise CaseError(f"{folder}: missing since the manifest was written: {', '.join(sorted(missing))}")
    if added := found - listed.keys():
        raise CaseError(f"{folder}: added since the manifest was written: {', '.join(sorted(added))}")
    for name, row in listed.items():
        if sha256_of(folder / name) != row.sha256:
            raise CaseError(f"{folder / name}: changed since the manifest was written")


def read_manifest(folder: Path) -> Mapping[str, Row]:
    """Every file that the manifest lists, by name.

    Raises:
        CaseError: If it cannot be read, or a line of it does not fit the chain.
    """
    chain, listed = "", {}
    try:
        for row in msgspec.json.decode((folder / NAME).read_bytes())["files"]:
            chain = hashlib.sha256(f"{chain} {row['file']} {row['sha256']}".encode()).hexdigest()
            if row["chain"] != chain:
                raise CaseError(f"{folder / NAME}: its line on {row['file']} does not fit the ones before it")
            listed[row["file"]] = Row(row["size_bytes"], row["sha256"])
    except (OSError, KeyError, TypeError, msgspec.DecodeError) as err:
        raise CaseError(f"{folder / NAME}: cannot be read: {err}") from err
    return listed


def _names(folder: Path) -> Iterator[str]:
    """Evidence files, relative, sorted."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and name.parts[0] not in OUTSIDE and str(name) != NAME:
            yield str(name)


def sha256_of(path: Path, first_bytes: int | None = None) -> str:
    """Of a whole file, or of its beginning."""
    digest, left = hashlib.sha256(), path.stat().st_size if first_bytes is None else first_bytes
    with path.open("rb") as file:
        while left and (chunk := file.read(min(left, _CHUNK_BYTES))):
            digest.update(chunk)
            left -= len(chunk)
    return digest.hexdigest()
