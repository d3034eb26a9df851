"""Whether a bag is unbroken, and who signed it: the first broken thing is named, in a fixed order.

Whoever signs everything again with another key leaves nothing broken: only the fingerprint of the key that it
must be, known from elsewhere, tells. So without one the answer is never "genuine".
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from cryptography import x509

from hometruth.case.bag import (
    AFTER_KEY,
    AFTER_SIGNATURE,
    ANNEX,
    DECLARATION,
    INFO,
    LABELLED,
    MANIFEST,
    OUTSIDE,
    PAYLOAD,
    SEAL_KEY,
    SIGNATURES,
    TAG_MANIFEST,
    bag_digest,
    private_keys,
    read_listing,
    seal_of,
)
from hometruth.case.erased import NOTHING_ERASED, Erased, erased_from
from hometruth.case.folder import RECORDINGS
from hometruth.case.manifest import entries, sha256_of
from hometruth.case.signing import MAX_KEY_BYTES, fingerprint, is_signed, public_key
from hometruth.case.time_stamp import TOKEN, TimeStamp, check_time_stamp
from hometruth.errors import CaseError
from hometruth.handed_in import read_handed_in, read_text

SIGNATURE_BYTES = 64
MAX_INFO_BYTES = 64 << 10
ANNEX_HEAD = "annex.json"
ANNEX_MANIFEST = "manifest-sha256.txt"
ANNEX_SIGNATURE = "signature.sig"
ANNEX_KEY = "key.pem"
_DECLARED = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_TAGS = frozenset({DECLARATION, INFO, MANIFEST, TAG_MANIFEST, AFTER_SIGNATURE, AFTER_KEY, TOKEN})
_ANNEX_NAME = re.compile(r"\d{4}-[a-z0-9-]{1,64}")


@dataclass(frozen=True, slots=True)
class Verified:
    """What `verify` found out about a case."""

    broken: str
    """The first broken thing; empty if there is none."""
    signer: str = ""
    """Fingerprint of the key that signed it; empty if nobody did."""
    labelled: bool = False
    """True if nothing was sealed before: the recordings were there first, and were labelled afterwards."""
    unchecked: tuple[str, ...] = ()
    """Folders in it that no seal covers: whatever lies there, nobody signed."""
    annexes: Mapping[str, str] = field(default_factory=dict)
    """Name of each annex to the fingerprint of its signer."""
    stamp: TimeStamp | None = None
    """Of a time-stamping authority; None if none was asked."""
    erased: Erased = NOTHING_ERASED
    """Raw traffic that the signer took out since."""


class AnnexHead(msgspec.Struct, forbid_unknown_fields=True):
    """What an annex says of itself."""

    bag_sha256: str
    """The bag that it belongs to: SHA-256 of its tag manifest."""
    at: str
    """UTC, by its maker's own clock."""


def verify(root: Path, *, key: str | None = None, authority: Sequence[x509.Certificate] = ()) -> Verified:
    """Check everything in the bag *root*, offline.

    Args:
        key: Fingerprint of the key that must have signed it.
        authority: Certificates of the time-stamping authority that must have stamped it.

    Raises:
        CaseError: If *root* is no closed bag, so that there is nothing to check.
    """
    if not (root / PAYLOAD).is_dir():
        raise CaseError(f"{root}: is no case in a bag (no {PAYLOAD}/), so nothing can be verified")
    if not (root / TAG_MANIFEST).exists():
        if (root / MANIFEST).exists() or (root / SIGNATURES).exists():
            return Verified(f"{TAG_MANIFEST}: is missing")
        raise CaseError(
            f"{root}: incomplete: it has no {TAG_MANIFEST} (its run did not end, or the file was removed): "
            "nothing can be verified; `hometruth judge` judges what is there"
        )
    try:
        erased = _check_bag(root)
        signer = _check_signature(root)
        labelled = _check_first_seal(root, signer, erased)
        if key is not None and signer != key:
            told = f"signed by {signer}" if signer else "not signed"
            raise CaseError(f"{SIGNATURES}: {told}, not by the key you named")
        annexes = {name: _check_annex(root, name) for name in _annexes(root)}
        if erased.annex and annexes[erased.annex] != signer:
            raise CaseError(f"{ANNEX}/{erased.annex}: not by the key that signed the bag")
        unchecked = (OUTSIDE,) if (root / OUTSIDE).exists() else ()
        return Verified("", signer, labelled, unchecked, annexes, check_time_stamp(root, authority), erased)
    except CaseError as err:
        return Verified(str(err))


def _check_bag(root: Path) -> Erased:
    """Every file is there, unchanged and plain, and none was added; gives back what is said to be erased."""
    found = entries(root, without=(OUTSIDE,))
    for name, plain in sorted(found.items()):
        if not plain:
            raise CaseError(f"{name}: is a link, a pipe or a device, and no file of a case")
    for name in (DECLARATION, INFO, MANIFEST):
        if name not in found:
            raise CaseError(f"{name}: is missing")
    if read_text(root / DECLARATION, CaseError, limit_bytes=MAX_INFO_BYTES) != _DECLARED:
        raise CaseError(f"{DECLARATION}: declares another kind of bag")
    tags = read_listing(root / TAG_MANIFEST, TAG_MANIFEST)
    if missing := {DECLARATION, INFO, MANIFEST} ^ tags.keys():
        raise CaseError(f"{TAG_MANIFEST}: does not list {DECLARATION}, {INFO} and {MANIFEST}: {min(missing)}")
    _check_digests(root, tags)
    payload = read_listing(root / MANIFEST, MANIFEST)
    said = erased_from(root)
    gone = {name: digest for name, digest in said.files.items() if name not in found}
    for name in sorted(payload.keys() | found.keys()):
        if name in payload and name not in found and gone.get(name) != payload[name]:
            raise CaseError(f"{name}: is missing")
        known = name in payload or name in _TAGS or name.startswith(f"{ANNEX}/")
        if not known or (name in payload and not name.startswith(f"{PAYLOAD}/")):
            raise CaseError(f"{name}: was added, and is no part of the bag")
    _check_digests(root, {name: digest for name, digest in payload.items() if name in found})
    if found_keys := private_keys(root):
        raise CaseError(f"{found_keys[0]}: holds a private key; a case that travels must not")
    return Erased(said.annex, gone)


def _check_digests(root: Path, listed: Mapping[str, str]) -> None:
    for name, digest in sorted(listed.items()):
        if sha256_of(root / name) != digest:
            raise CaseError(f"{name}: was changed")


def _check_signature(root: Path) -> str:
    """Fingerprint of the key that signed the bag after the run; empty if nobody did."""
    if not (root / SIGNATURES).exists():
        return ""
    return _signer(root, AFTER_SIGNATURE, AFTER_KEY, (root / TAG_MANIFEST).read_bytes())


def _check_first_seal(root: Path, signer: str, erased: Erased) -> bool:
    """What was sealed first is as it was then, and the same key signed it; True if it was labelled only."""
    case = root / PAYLOAD
    handed_in = any(name.startswith(f"{PAYLOAD}/{RECORDINGS}/") for name in erased.files)
    seal = seal_of(case, had_recordings=handed_in or (case / RECORDINGS).is_dir())
    for name, digest in read_listing(case / seal.manifest, f"{PAYLOAD}/{seal.manifest}").items():
        if erased.files.get(f"{PAYLOAD}/{name}") == digest:
            continue
        if not (case / name).is_file() or sha256_of(case / name) != digest:
            raise CaseError(f"{PAYLOAD}/{name}: is not what was sealed {seal.moment}")
    first = ""
    if (case / seal.signature).exists():
        text = (case / seal.manifest).read_bytes()
        first = _signer(root, f"{PAYLOAD}/{seal.signature}", f"{PAYLOAD}/{SEAL_KEY}", text)
    if first != signer:
        raise CaseError(f"{PAYLOAD}/{seal.signature}: not by the key that signed the bag at its end")
    return seal is LABELLED


def _annexes(root: Path) -> Iterator[str]:
    if not (root / ANNEX).exists():
        return
    for number, path in enumerate(sorted((root / ANNEX).iterdir()), 1):
        if not path.is_dir() or not _ANNEX_NAME.fullmatch(path.name):
            raise CaseError(f"{ANNEX}/{path.name}: was added, and is no annex")
        if int(path.name[:4]) != number:
            raise CaseError(f"{ANNEX}/{path.name}: number {number:04} is missing before it")
        yield path.name


def _check_annex(root: Path, name: str) -> str:
    """Fingerprint of the key that signed one annex, which must belong to this bag and be whole."""
    place, folder = f"{ANNEX}/{name}", root / ANNEX / name
    if not (folder / ANNEX_MANIFEST).is_file():
        raise CaseError(f"{place}/{ANNEX_MANIFEST}: is missing")
    listed = read_listing(folder / ANNEX_MANIFEST, f"{place}/{ANNEX_MANIFEST}")
    found = entries(folder, without=(ANNEX_MANIFEST, ANNEX_SIGNATURE, ANNEX_KEY))
    if odd := listed.keys() ^ found.keys():
        told = "is missing" if min(odd) in listed else "was added, and is no part of the annex"
        raise CaseError(f"{place}/{min(odd)}: {told}")
    if ANNEX_HEAD not in listed:
        raise CaseError(f"{place}/{ANNEX_HEAD}: is missing")
    for item, digest in sorted(listed.items()):
        if sha256_of(folder / item) != digest:
            raise CaseError(f"{place}/{item}: was changed")
    try:
        head = msgspec.json.decode((folder / ANNEX_HEAD).read_bytes(), type=AnnexHead)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as err:
        raise CaseError(f"{place}/{ANNEX_HEAD}: {err}") from err
    if head.bag_sha256 != bag_digest(root):
        raise CaseError(f"{place}: belongs to another bag")
    text = (folder / ANNEX_MANIFEST).read_bytes()
    return _signer(root, f"{place}/{ANNEX_SIGNATURE}", f"{place}/{ANNEX_KEY}", text)


def _signer(root: Path, signature: str, key: str, signed: bytes) -> str:
    """Fingerprint of *key*, whose signature on *signed* must be good."""
    for name in (signature, key):
        if not (root / name).is_file():
            raise CaseError(f"{name}: is missing")
    public = public_key(read_handed_in(root / key, CaseError, limit_bytes=MAX_KEY_BYTES), key)
    mark = read_handed_in(root / signature, CaseError, limit_bytes=SIGNATURE_BYTES)
    if not is_signed(public, mark, signed):
        raise CaseError(f"{signature}: is not the signature of {key} on what it signs")
    return fingerprint(public)
