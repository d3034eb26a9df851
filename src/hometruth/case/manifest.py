"""MANIFEST.json: size and SHA-256 of every file, chained so that no line can be exchanged alone."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from hometruth.errors import CaseError

NAME = "MANIFEST.json"
OUTSIDE = ("lab",)
"""Folders that are the subject's own, not evidence."""


def write_manifest(folder: Path) -> None:
    """Write the manifest of everything in the case."""
    rows, chain = [], ""
    for name in _names(folder):
        digest = _sha256(folder / name)
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
    try:
        rows = msgspec.json.decode((folder / NAME).read_bytes())["files"]
        listed = {row["file"]: row["sha256"] for row in rows}
    except (OSError, KeyError, TypeError, msgspec.DecodeError) as err:
        raise CaseError(f"{folder / NAME}: cannot be read: {err}") from err
    found = set(_names(folder))
    if missing := listed.keys() - found:
        raise CaseError(f"{folder}: missing since the manifest was written: {', '.join(sorted(missing))}")
    if added := found - listed.keys():
        raise CaseError(f"{folder}: added since the manifest was written: {', '.join(sorted(added))}")
    for name, digest in listed.items():
        if _sha256(folder / name) != digest:
            raise CaseError(f"{folder / name}: changed since the manifest was written")


def _names(folder: Path) -> Iterator[str]:
    """Evidence files, relative, sorted."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and name.parts[0] not in OUTSIDE and str(name) != NAME:
            yield str(name)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
