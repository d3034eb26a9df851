"""MANIFEST.json: size and SHA-256 of every file, chained so that no line can be exchanged alone."""

import hashlib
import os
import stat
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated

import msgspec

from hometruth.case.typed import decoded
from hometruth.errors import CaseError
from hometruth.handed_in import read_handed_in

NAME = "MANIFEST.json"
UNLISTED = ("lab", NAME)
"""The subject's own folder, which is no evidence, and the manifest itself."""
_CHUNK_BYTES = 1 << 20
Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """One file of a case, as it was when the run ended."""

    size_bytes: int
    sha256: str


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    file: str
    size_bytes: Annotated[int, msgspec.Meta(ge=0)]
    sha256: Sha256
    chain: Sha256


class _Manifest(msgspec.Struct, forbid_unknown_fields=True):
    files: list[_Line]


def write_manifest(folder: Path) -> None:
    """Write the manifest of everything in the case."""
    lines, chain = [], ""
    for name in sorted(entries(folder)):
        path = folder / name
        digest = sha256_of(path)
        chain = _link(chain, name, digest)
        lines.append(_Line(name, path.stat().st_size, digest, chain))
    (folder / NAME).write_bytes(msgspec.json.format(msgspec.json.encode(_Manifest(lines)), indent=1) + b"\n")


def read_manifest(folder: Path) -> Mapping[str, ManifestRow]:
    """Every file that the manifest lists, by name.

    Raises:
        CaseError: If it is no manifest, a line of it does not fit the chain, or a name leads out of the case.
    """
    path = folder / NAME
    listed: dict[str, ManifestRow] = {}
    chain = ""
    for line in decoded(read_handed_in(path, CaseError), _Manifest, str(path)).files:
        chain = _link(chain, line.file, line.sha256)
        if line.chain != chain:
            raise CaseError(f"{path}: its line on {line.file} does not fit the ones before it")
        if not _within(line.file):
            raise CaseError(f"{path}: lists {line.file}, which is no name of a file in this folder")
        if line.file in listed:
            raise CaseError(f"{path}: lists {line.file} twice")
        listed[line.file] = ManifestRow(line.size_bytes, line.sha256)
    return listed


def entries(folder: Path, *, without: Collection[str] = UNLISTED) -> Mapping[str, bool]:
    """Every file in *folder* but those in *without*, by relative name; False for what is no plain file.

    Links are never followed: what they lead to is not in the case.
    """
    found: dict[str, bool] = {}
    pending = [""]
    while pending:
        inside = pending.pop()
        with os.scandir(folder / inside) as each:
            for entry in each:
                name = f"{inside}{entry.name}"
                if name in without:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    pending.append(f"{name}/")
                else:
                    found[name] = stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode)
    return found


def sha256_of(path: Path, first_bytes: int | None = None) -> str:
    """Of a whole file, or of its beginning."""
    digest, left = hashlib.sha256(), path.stat().st_size if first_bytes is None else first_bytes
    with path.open("rb") as file:
        while left and (chunk := file.read(min(left, _CHUNK_BYTES))):
            digest.update(chunk)
            left -= len(chunk)
    return digest.hexdigest()


def _link(chain: str, name: str, digest: str) -> str:
    return hashlib.sha256(f"{chain} {name} {digest}".encode("utf-8", "surrogateescape")).hexdigest()


def _within(name: str) -> bool:
    """True for a plain relative path: nothing absolute, no `..`, no NUL, not the manifest itself."""
    path = PurePosixPath(name)
    plain = str(path) == name and name not in {".", NAME} and "\0" not in name
    return plain and not path.is_absolute() and ".." not in path.parts
