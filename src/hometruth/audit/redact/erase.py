"""Take the raw traffic out of a sealed case, for it holds other people's data: what was found stays.

In an order in which a kill loses nothing: the twin is made and proven, then it is put into the case with a
signed statement of what goes, then that goes.
"""

import shutil
import tempfile
from pathlib import Path

import msgspec

from hometruth.audit.redact.case import redact_case
from hometruth.case import Erased, Signer, verify
from hometruth.case.annex import add_annex_of
from hometruth.case.bag import MANIFEST, read_listing
from hometruth.case.erased import ERASED_KIND, STATEMENT, TWIN, ErasedFiles, erased_from, is_raw
from hometruth.case.manifest import entries
from hometruth.case.signing import fingerprint
from hometruth.errors import CaseError


def erase_raw(root: Path, signer: Signer, *, at: str, jobs: int | None = None) -> Erased:
    """Erase the recording of the bag *root*; an annex keeps its hashes and its redacted twin.

    Files are removed as any file is: what a disk, a snapshot or a copy elsewhere still holds, stays there.

    Args:
        signer: The key that signed the bag.
        at: UTC, by the clock of whoever erases.
        jobs: Processes that search the twin.

    Raises:
        CaseError: If the case is broken, or signed by another key or by nobody; nothing is erased then.
        CaptureError: If no twin can be proven; nothing is erased then.
    """
    found = verify(root)
    if found.broken:
        raise CaseError(f"{root}: {found.broken}; nothing is erased from a broken case")
    if found.signer != fingerprint(signer.key.public_key()):
        whose = f"signed by {found.signer}" if found.signer else "signed by nobody"
        raise CaseError(f"{root}: {whose}; only the key that signed a case can say what was erased from it")
    if not found.erased.annex:
        _state(root, signer, at=at, jobs=jobs)
    erased, listed = erased_from(root), read_listing(root / MANIFEST, MANIFEST)
    for name in erased.files.keys() & listed.keys():
        (root / name).unlink(missing_ok=True)
    return erased


def _state(root: Path, signer: Signer, *, at: str, jobs: int | None) -> None:
    """Add the annex with the twin and what is about to go."""
    outside = root.resolve()
    made = Path(tempfile.mkdtemp(prefix=f".{outside.name}.erase.", dir=outside.parent))
    try:
        redact_case(root, made / TWIN, jobs=jobs)
        listed = read_listing(root / MANIFEST, MANIFEST)
        raw = {name: digest for name, digest in listed.items() if is_raw(name)}
        (made / STATEMENT).write_bytes(msgspec.json.format(msgspec.json.encode(ErasedFiles(raw)), indent=1))
        files = {name: made / name for name in entries(made, without=())}
        add_annex_of(root, files, ERASED_KIND, signer, at=at)
    finally:
        shutil.rmtree(made)
