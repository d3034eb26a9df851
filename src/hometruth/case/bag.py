"""A case as a BagIt bag (RFC 8493): `sha256sum -c` and `bagit.py` check it, and one signature covers it all.

`data/` holds the case; `manifest-sha256.txt` lists its files, `tagmanifest-sha256.txt` the bag's own, the
manifest among them; `signatures/after.sig` signs the latter. `data/seal/` holds the same for what was decided
before the first byte was recorded or, where recordings were there first, for how they were labelled. `lab/`,
which the simulated subject keeps for itself, is no evidence and not listed.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from hometruth.case.folder import RECORDINGS
from hometruth.case.manifest import entries, sha256_of
from hometruth.case.signing import Signer
from hometruth.errors import CaseError
from hometruth.handed_in import read_text

PAYLOAD = "data"
MANIFEST = "manifest-sha256.txt"
TAG_MANIFEST = "tagmanifest-sha256.txt"
DECLARATION = "bagit.txt"
INFO = "bag-info.txt"
SIGNATURES = "signatures"
ANNEX = "annex"
OUTSIDE = "lab"
"""The simulated subject's own folder beside the evidence."""
SEAL_KEY = "seal/key.pem"
"""Of whoever sealed what verdicts are made from."""
AFTER_SIGNATURE = f"{SIGNATURES}/after.sig"
AFTER_KEY = f"{SIGNATURES}/key.pem"
MAX_LISTED_BYTES = 64 << 20
"""One manifest: half a million files."""
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")
_ENCODED = re.compile(r"%(25|0[Aa]|0[Dd])")
_PRIVATE_KEY = b"PRIVATE KEY-----"
_LOOKED_FOR_KEYS_BYTES = 1 << 20
"""Of a file beside the recording; a PEM key has a few thousand."""


@dataclass(frozen=True, slots=True)
class FirstSeal:
    """What is sealed before anything is judged, and at which moment; paths are within the case."""

    manifest: str
    signature: str
    moment: str
    """In words, for errors."""


BEFORE = FirstSeal("seal/before-sha256.txt", "seal/before.sig", "before the run")
"""What was decided before the first byte was recorded."""
LABELLED = FirstSeal("seal/labelled-sha256.txt", "seal/labelled.sig", "when it was labelled")
"""How recordings that were there first were labelled, and the recordings: nothing was sealed before them."""


def seal_first(case_folder: Path, seal: FirstSeal, names: Iterable[str], signer: Signer | None) -> None:
    """Write and sign the manifest of what *seal* is for."""
    (case_folder / "seal").mkdir()
    text = listing_text({name: sha256_of(case_folder / name) for name in names})
    (case_folder / seal.manifest).write_bytes(text)
    if signer:
        (case_folder / seal.signature).write_bytes(signer.sign(text))
        (case_folder / SEAL_KEY).write_bytes(signer.public_pem)


def seal_of(case_folder: Path, *, had_recordings: bool) -> FirstSeal:
    """Which first seal a case has.

    Args:
        had_recordings: True if it was made of recordings that were there first.

    Raises:
        CaseError: If it has none, or one that does not fit it: of recordings that were there first, nothing
            can have been sealed before.
    """
    fits, other = (LABELLED, BEFORE) if had_recordings else (BEFORE, LABELLED)
    if (case_folder / other.manifest).exists():
        raise CaseError(f"{PAYLOAD}/{other.manifest}: is the seal of another kind of case")
    if not (case_folder / fits.manifest).exists():
        raise CaseError(f"{PAYLOAD}/{fits.manifest}: is missing")
    return fits


def close_bag(root: Path, info: Mapping[str, str], signer: Signer | None) -> None:
    """Put the bag round the finished case in ``data/`` and sign it.

    Args:
        info: For ``bag-info.txt``: label and one line of text.

    Raises:
        CaseError: If a file beside the recording holds a private key.
    """
    if found := private_keys(root):
        raise CaseError(f"{root / found[0]}: holds a private key; a case that travels must not")
    payload = entries(root / PAYLOAD, without=())
    sizes = sum((root / PAYLOAD / name).stat().st_size for name in payload)
    told = {**info, "Payload-Oxum": f"{sizes}.{len(payload)}"}
    tags = {
        DECLARATION: "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
        INFO: "".join(f"{label}: {' '.join(text.split())}\n" for label, text in told.items()),
    }
    for name, text in tags.items():
        (root / name).write_text(text, "utf-8")
    listed = {f"{PAYLOAD}/{name}": sha256_of(root / PAYLOAD / name) for name in payload}
    (root / MANIFEST).write_bytes(listing_text(listed))
    tag_listing = listing_text({name: sha256_of(root / name) for name in (*tags, MANIFEST)})
    if signer:
        (root / SIGNATURES).mkdir()
        (root / AFTER_SIGNATURE).write_bytes(signer.sign(tag_listing))
        (root / AFTER_KEY).write_bytes(signer.public_pem)
    (root / TAG_MANIFEST).write_bytes(tag_listing)  # last: without it the bag is not closed


def read_listing(path: Path, place: str) -> Mapping[str, str]:
    """Name to SHA-256, of a manifest as `sha256sum` writes it.

    Raises:
        CaseError: If a line is none, or a name is listed twice or leads elsewhere; names *place* and line.
    """
    listed: dict[str, str] = {}
    text = read_text(path, CaseError, limit_bytes=MAX_LISTED_BYTES)
    if not text.endswith("\n"):
        raise CaseError(f"{place}: its last line was cut")
    for number, line in enumerate(text[:-1].split("\n"), 1):
        match = _LINE.fullmatch(line)
        if not match:
            raise CaseError(f"{place}: line {number}: not a hash and a name")
        name = _ENCODED.sub(lambda code: bytes.fromhex(code[1]).decode(), match[2])
        parts = PurePosixPath(name)
        if str(parts) != name or parts.is_absolute() or ".." in parts.parts or "\0" in name or name == ".":
            raise CaseError(f"{place}: line {number}: {name} is no name of a file in this folder")
        if name in listed:
            raise CaseError(f"{place}: line {number}: lists {name} twice")
        listed[name] = match[1]
    return listed


def private_keys(root: Path) -> list[str]:
    """Files that hold a private key in PEM. Recordings may: what they hold was sent, and is evidence."""
    found = []
    for name, regular in sorted(entries(root, without=(OUTSIDE,)).items()):
        recorded = PurePosixPath(name).name.startswith("traffic.mitm")
        if regular and not recorded and not name.startswith(f"{PAYLOAD}/{RECORDINGS}/"):
            with (root / name).open("rb") as file:
                if _PRIVATE_KEY in file.read(_LOOKED_FOR_KEYS_BYTES):
                    found.append(name)
    return found


def bag_digest(root: Path) -> str:
    """What names this bag and nothing else: SHA-256 of its tag manifest."""
    return hashlib.sha256((root / TAG_MANIFEST).read_bytes()).hexdigest()


def listing_text(digests: Mapping[str, str]) -> bytes:
    """A manifest as `sha256sum` writes it, of name to SHA-256."""
    lines = []
    for name, digest in sorted(digests.items()):
        encoded = name.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")
        lines.append(f"{digest}  {encoded}\n")
    return "".join(lines).encode("utf-8")
