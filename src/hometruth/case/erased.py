"""Raw traffic that was taken out of a sealed case: it holds other people's data, which not all may keep.

What was sealed is not sealed anew. An annex by the key that signed the bag says which files went, with the
hashes that they have in the manifest; what was found, and the redacted twin, stay.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec

from hometruth.case.bag import ANNEX, PAYLOAD
from hometruth.case.folder import RECORDINGS
from hometruth.case.manifest import Sha256
from hometruth.case.typed import decoded
from hometruth.errors import CaseError
from hometruth.handed_in import read_handed_in

ERASED_KIND = "erased"
STATEMENT = "erased.json"
TWIN = "twin"
"""Folder of the redacted twin in that annex."""
MAX_STATEMENT_BYTES = 64 << 20
"""As long as a manifest may be."""
_RAW = re.compile(rf"{PAYLOAD}/(?:traffic\.mitm|{RECORDINGS}/.+)", re.DOTALL)
_FOLDER = re.compile(rf"\d{{4}}-{ERASED_KIND}")
_Names = dict[Annotated[str, msgspec.Meta(min_length=1)], Sha256]


class ErasedFiles(msgspec.Struct, forbid_unknown_fields=True):
    """Path in the bag to the SHA-256 of what was there."""

    files: _Names


@dataclass(frozen=True, slots=True)
class Erased:
    """What a case no longer holds, and where that stands."""

    annex: str
    """Name of the annex that says so; empty if nothing was erased."""
    files: Mapping[str, str]


NOTHING_ERASED = Erased("", {})


def is_raw(name: str) -> bool:
    """True for what may be erased: path within the bag."""
    return _RAW.fullmatch(name) is not None


def erased_from(root: Path) -> Erased:
    """What the annexes of a bag say was erased; whether they are whole, and by whom, is not looked at.

    Raises:
        CaseError: If one is malformed, or names what is no raw traffic.
    """
    if not (root / ANNEX).is_dir():
        return NOTHING_ERASED
    for folder in sorted((root / ANNEX).iterdir()):
        if not _FOLDER.fullmatch(folder.name):
            continue
        place = f"{ANNEX}/{folder.name}/{STATEMENT}"
        if not (folder / STATEMENT).is_file():
            raise CaseError(f"{place}: is missing")
        data = read_handed_in(folder / STATEMENT, CaseError, limit_bytes=MAX_STATEMENT_BYTES)
        files = decoded(data, ErasedFiles, place).files
        if odd := [name for name in files if not is_raw(name)]:
            raise CaseError(f"{place}: names {min(odd)}, which is no raw traffic and must stay")
        return Erased(folder.name, files)
    return NOTHING_ERASED
