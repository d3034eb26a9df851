"""A case in a bag: checked by others' tools, and the first broken thing named by ours."""

import shutil
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from benchmarks.tamper import ONLY_BY_KEY, TAMPERINGS
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hometruth.case import close_bag, load_or_make_key, verify
from hometruth.case.signing import default_key_file, fingerprint, public_key, public_pem
from hometruth.errors import CaseError
from tests.case.bags import SIGNER, make_bag

KEY = fingerprint(SIGNER.key.public_key())
ROUNDS = 8
"""Of each way to tamper; `benchmarks/soak.py tamper` goes on."""


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bag(tmp_path_factory.mktemp("bag") / "case")


def test_an_intact_case_is_unbroken_and_signed(bag: Path) -> None:
    found = verify(bag, key=KEY)

    assert (found.broken, found.signer) == ("", KEY)
    assert verify(bag).signer == KEY


def test_the_subjects_own_folder_is_no_evidence(bag: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(bag, tmp_path / "case")
    shutil.rmtree(copy / "lab")

    assert verify(copy).broken == ""


@pytest.mark.parametrize("seed", range(ROUNDS))
@pytest.mark.parametrize("way", TAMPERINGS)
def test_every_tampering_is_named(bag: Path, tmp_path: Path, way: str, seed: int) -> None:
    copy = shutil.copytree(bag, tmp_path / "case")
    TAMPERINGS[way](copy, Random(f"{way} {seed}"))

    assert verify(copy, key=KEY).broken
    if way not in ONLY_BY_KEY:
        assert verify(copy).broken


@pytest.mark.parametrize("way", sorted(ONLY_BY_KEY))
def test_without_a_named_key_nobody_is_called_genuine(bag: Path, tmp_path: Path, way: str) -> None:
    copy = shutil.copytree(bag, tmp_path / "case")
    TAMPERINGS[way](copy, Random(1))
    found = verify(copy)

    assert found.broken == ""
    assert found.signer != KEY


def test_sha256sum_and_openssl_alone_check_a_case(bag: Path) -> None:
    for folder, manifest in (
        (bag, "manifest-sha256.txt"),
        (bag, "tagmanifest-sha256.txt"),
        (bag / "data", "seal/before-sha256.txt"),
    ):
        subprocess.run(["sha256sum", "--check", "--strict", "--quiet", manifest], cwd=folder, check=True)
    for signed, mark in (
        ("tagmanifest-sha256.txt", "signatures/after.sig"),
        ("data/seal/before-sha256.txt", "data/seal/before.sig"),
    ):
        openssl = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "signatures/key.pem", "-rawin"]
        subprocess.run([*openssl, "-in", signed, "-sigfile", mark], cwd=bag, check=True, capture_output=True)


def test_bagit_py_alone_checks_a_case(bag: Path, tmp_path: Path) -> None:
    pytest.importorskip("bagit", reason="bagit.py is not installed")
    copy = shutil.copytree(bag, tmp_path / "case")
    check = [sys.executable, "-W", "ignore", "-m", "bagit", "--validate", str(copy)]

    assert subprocess.run(check, capture_output=True, check=False).returncode == 0
    (copy / "data" / "verdicts.json").write_text("[]")
    assert subprocess.run(check, capture_output=True, check=False).returncode != 0


def test_an_unsigned_case_says_so(tmp_path: Path) -> None:
    unsigned = make_bag(tmp_path / "case", None)

    assert (verify(unsigned).broken, verify(unsigned).signer) == ("", "")
    assert "not signed" in verify(unsigned, key=KEY).broken


def test_a_case_that_is_not_closed_is_no_broken_one(bag: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(bag, tmp_path / "case")
    for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt", "bagit.txt", "bag-info.txt"):
        (copy / name).unlink()
    shutil.rmtree(copy / "signatures")

    with pytest.raises(CaseError, match="incomplete"):
        verify(copy)
    with pytest.raises(CaseError, match="no case in a bag"):
        verify(tmp_path)


def test_a_case_that_holds_a_private_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match=r"data/mitmproxy-ca\.pem: holds a private key"):
        _bag_with(tmp_path / "case", "mitmproxy-ca.pem")
    # What was sent over the wire is evidence, whatever it was.
    assert verify(_bag_with(tmp_path / "other", "traffic.mitm")).broken == ""


def _bag_with(folder: Path, name: str) -> Path:
    bag = make_bag(folder)
    for each in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        (bag / each).unlink()
    shutil.rmtree(bag / "signatures")
    (bag / "data" / name).write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")

    close_bag(bag, {}, SIGNER)
    return bag


def test_the_examiners_key_is_made_once_and_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    first, second = load_or_make_key(), load_or_make_key()

    assert first.public_pem == second.public_pem
    assert default_key_file().stat().st_mode & 0o777 == 0o600
    assert default_key_file().parent.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in default_key_file().parent.iterdir()] == [default_key_file().name]
    default_key_file().chmod(0o640)
    with pytest.raises(CaseError, match="others may read"):
        load_or_make_key()


@pytest.mark.parametrize("sign", [0, 0x80])
def test_a_key_under_which_one_signature_fits_every_text_is_refused(sign: int) -> None:
    neutral = Ed25519PublicKey.from_public_bytes(b"\1" + bytes(30) + bytes([sign]))
    if not sign:  # it is a real danger: its library takes this signature for any text
        neutral.verify(b"\1" + bytes(63), b"any text")

    with pytest.raises(CaseError, match=r"key\.pem: a key under which one signature fits every text"):
        public_key(public_pem(neutral), "key.pem")


@pytest.mark.parametrize("text", ["", "-----BEGIN PRIVATE KEY-----\n", "\xff" * 99])
def test_a_key_that_is_none_is_one_clear_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "key.pem").write_text(text)
    (tmp_path / "key.pem").chmod(0o600)

    with pytest.raises(CaseError, match=r"key\.pem"):
        load_or_make_key(tmp_path / "key.pem")
