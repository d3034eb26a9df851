"""What comes to a case later: signed, numbered, tied to its bag, and beside the seal."""

import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hometruth.case import Signer, add_annex, verify
from hometruth.case.bag import bag_digest
from hometruth.case.signing import fingerprint
from hometruth.errors import CaseError
from tests.case.bags import SIGNER, make_bag

VENDOR = Signer(Ed25519PrivateKey.from_private_bytes(b"another key for tests, no secret"))
AT = "2026-11-29T12:00:00+00:00"


@pytest.fixture
def bag(tmp_path: Path) -> Path:
    return make_bag(tmp_path / "case")


@pytest.fixture
def reply(tmp_path: Path) -> Path:
    (tmp_path / "reply ü.txt").write_text("We take privacy seriously.\n")
    return tmp_path / "reply ü.txt"


def test_annexes_are_numbered_signed_and_change_nothing_sealed(bag: Path, reply: Path) -> None:
    before = bag_digest(bag)
    names = [add_annex(bag, [reply], kind, SIGNER, at=AT) for kind in ("reply", "letter")]
    names.append(add_annex(bag, [reply], "reply", VENDOR, at=AT))
    found = verify(bag, key=fingerprint(SIGNER.key.public_key()))

    assert names == ["0001-reply", "0002-letter", "0003-reply"]
    assert (found.broken, bag_digest(bag)) == ("", before)
    signers = [fingerprint(each.key.public_key()) for each in (SIGNER, SIGNER, VENDOR)]
    assert dict(found.annexes) == dict(zip(names, signers, strict=True))
    folder = bag / "annex" / "0001-reply"
    assert (folder / reply.name).read_bytes() == reply.read_bytes()
    assert {path.stat().st_mode & 0o777 for path in (folder, folder / reply.name)} == {0o700, 0o600}
    assert sorted(path.name for path in bag.parent.iterdir()) == ["case", reply.name]


def test_sha256sum_and_openssl_alone_check_an_annex(bag: Path, reply: Path) -> None:
    folder = bag / "annex" / add_annex(bag, [reply], "retest", SIGNER, at=AT)

    subprocess.run(
        ["sha256sum", "--check", "--strict", "--quiet", "manifest-sha256.txt"], cwd=folder, check=True
    )
    openssl = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin"]
    files = ["-in", "manifest-sha256.txt", "-sigfile", "signature.sig"]
    subprocess.run([*openssl, *files], cwd=folder, check=True, capture_output=True)
    subprocess.run(["grep", "-q", bag_digest(bag), "annex.json"], cwd=folder, check=True)


def test_two_that_add_at_once_both_stay(bag: Path, reply: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        kinds = ["reply", "letter"] * 4
        added = list(pool.map(lambda kind: add_annex(bag, [reply], kind, SIGNER, at=AT), kinds))

    assert sorted(name[:4] for name in added) == [f"{number:04}" for number in range(1, 9)]
    assert verify(bag).broken == ""


def test_what_is_done_to_an_annex_is_named(bag: Path, reply: Path, tmp_path: Path) -> None:
    for _ in range(2):
        add_annex(bag, [reply], "reply", SIGNER, at=AT)
    shutil.copytree(bag / "annex", (other := make_bag(tmp_path / "other", VENDOR)) / "annex")
    assert verify(other).broken == "annex/0001-reply: belongs to another bag"

    (bag / "annex" / "0001-reply" / reply.name).write_text("We are sorry.\n")
    assert verify(bag).broken == f"annex/0001-reply/{reply.name}: was changed"
    with pytest.raises(CaseError, match="nothing is added to a broken case"):
        add_annex(bag, [reply], "reply", SIGNER, at=AT)
    shutil.rmtree(bag / "annex" / "0001-reply")
    assert verify(bag).broken == "annex/0002-reply: number 0001 is missing before it"


def test_what_cannot_be_taken_leaves_nothing_behind(bag: Path, reply: Path, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    shutil.copy(reply, tmp_path / "deep")
    (tmp_path / "annex.json").write_text("{}")
    (tmp_path / "mine.pem").write_text("-----BEGIN PRIVATE KEY-----\n")
    os.mkfifo(tmp_path / "pipe")
    for files, told in {
        (tmp_path / "absent",): "No such file",
        (tmp_path / "deep",): "a folder",
        (tmp_path / "pipe",): "a pipe",
        (tmp_path / "mine.pem",): "mine.pem: holds a private key",
        (tmp_path / "annex.json",): "of its own",
        (reply, tmp_path / "deep" / reply.name): "another file given is called",
        (Path("no\0file"),): "cannot be copied",
    }.items():
        with pytest.raises(CaseError, match=told):
            add_annex(bag, files, "other", SIGNER, at=AT)

    assert not (bag / "annex").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    assert verify(bag).broken == ""


def test_whatever_is_done_to_any_file_of_an_annex_is_named(bag: Path, reply: Path, tmp_path: Path) -> None:
    name = add_annex(bag, [reply], "reply", SIGNER, at=AT)
    files = sorted(path.name for path in (bag / "annex" / name).iterdir())
    assert len(files) == 5
    for number, file in enumerate((*files, "added")):
        for way in ("flip", "remove", "link"):
            copy = shutil.copytree(bag, tmp_path / f"{way} {number}")
            target = copy / "annex" / name / file
            if way == "flip" or file == "added":
                target.write_bytes((target.read_bytes() if target.exists() else b"") + b"\n")
            else:
                target.unlink()
            if way == "link" and file != "added":
                target.symlink_to(bag / "annex" / name / file)
            assert f"annex/{name}" in verify(copy).broken, (way, file)
