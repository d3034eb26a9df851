"""What comes to a case later, a reply or a retest: it goes beside the sealed bag, which stays as it is.

Each is a tag folder ``annex/NNNN-kind/`` with a signed manifest of its own that names the bag's digest: none
can be taken from one case to another, or out of the middle of the row. The last one can be taken away unseen:
only a next one tells that it was there.
"""

import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from hometruth.case.bag import ANNEX, bag_digest, listing_text, private_keys
from hometruth.case.manifest import entries, sha256_of
from hometruth.case.signing import Signer
from hometruth.case.verify import (
    ANNEX_HEAD,
    ANNEX_KEY,
    ANNEX_MANIFEST,
    ANNEX_SIGNATURE,
    AnnexHead,
    verify,
)
from hometruth.errors import CaseError
from hometruth.private_file import open_new

ANNEX_KINDS = ("reply", "retest", "letter", "claim-page", "other")
"""What people add: a vendor's reply, what a later test gave, a letter that was sent, the page of a claim."""
MAX_ANNEXES = 9_999
"""Four digits number them."""
_OWN = frozenset({ANNEX_HEAD, ANNEX_MANIFEST, ANNEX_SIGNATURE, ANNEX_KEY})


def add_annex(root: Path, files: Sequence[Path], kind: str, signer: Signer, *, at: str) -> str:
    """Copy *files* into a new annex of the bag *root*, sign it, and give back its name, whole or not at all.

    Args:
        kind: One of `ANNEX_KINDS`.
        at: UTC, by the clock of whoever adds it.

    Raises:
        CaseError: If the case is broken, or a file cannot be taken; nothing is added then.
    """
    return add_annex_of(root, _names(files), kind, signer, at=at)


def add_annex_of(root: Path, files: Mapping[str, Path], kind: str, signer: Signer, *, at: str) -> str:
    """The same for files that get other names: path within the annex to the file."""
    if broken := verify(root).broken:
        raise CaseError(f"{root}: {broken}; nothing is added to a broken case")
    made = Path(tempfile.mkdtemp(prefix=f".{root.resolve().name}.annex.", dir=root.resolve().parent))
    try:
        for name, file in files.items():
            _copy(file, made / name)
        if found := private_keys(made):
            raise CaseError(f"{files[found[0]]}: holds a private key; a case that travels must not")
        head = AnnexHead(bag_sha256=bag_digest(root), at=at)
        (made / ANNEX_HEAD).write_bytes(msgspec.json.encode(head) + b"\n")
        listed = listing_text({name: sha256_of(made / name) for name in entries(made, without=())})
        (made / ANNEX_MANIFEST).write_bytes(listed)
        (made / ANNEX_SIGNATURE).write_bytes(signer.sign(listed))
        (made / ANNEX_KEY).write_bytes(signer.public_pem)
        with _alone(root):
            return _put(made, root / ANNEX, kind)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _put(made: Path, folder: Path, kind: str) -> str:
    """Give it the next number."""
    folder.mkdir(mode=0o700, exist_ok=True)
    number = sum(1 for _ in folder.iterdir()) + 1
    if number > MAX_ANNEXES:
        raise CaseError(f"{folder}: has {MAX_ANNEXES:,} annexes, and no number is left")
    name = f"{number:04}-{kind}"
    made.rename(folder / name)
    return name


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Two that number at once would both take the same."""
    held = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def _names(files: Sequence[Path]) -> dict[str, Path]:
    named: dict[str, Path] = {}
    for file in files:
        if file.name in _OWN:
            raise CaseError(f"{file}: the annex has a {file.name} of its own; give the file another name")
        if file.name in named:
            raise CaseError(f"{file}: another file given is called {file.name} too; give one another name")
        named[file.name] = file
    return named


def _copy(file: Path, target: Path) -> None:
    """A regular file of any size, with a name that others' tools can list."""
    try:
        target.name.encode("utf-8")
    except UnicodeEncodeError as err:
        raise CaseError(f"{file}: its name is not UTF-8; give it another") from err
    if file.is_dir():
        raise CaseError(f"{file}: is a folder; give files, a case as one archive")
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        # Non-blocking: the open of a pipe that nobody writes to would never return.
        with os.fdopen(os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as source:
            if not stat.S_ISREG(os.fstat(source.fileno()).st_mode):
                raise CaseError(f"{file}: is a pipe or a device; give regular files")
            with open_new(target) as copy:
                shutil.copyfileobj(source, copy)
    except OSError as err:
        raise CaseError(f"{file}: cannot be copied: {err.strerror}") from err
    except ValueError as err:  # a NUL in the name
        raise CaseError(f"{file}: cannot be copied: {err}") from err
