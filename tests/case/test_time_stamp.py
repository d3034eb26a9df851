"""A time-stamping authority's token: over the signature, beside the seal, vouched for by whom you name."""

import shutil
import subprocess
from pathlib import Path
from random import Random

import pytest

from hometruth.case import TimeStamp, attach_time_stamp, load_certificates, time_stamp_request, verify
from hometruth.case.bag import AFTER_SIGNATURE, bag_digest
from hometruth.case.time_stamp import TOKEN
from hometruth.errors import CaseError, HometruthError
from tests.case.bags import make_bag
from tests.case.test_annex import VENDOR
from tests.case.tsa import Authority

pytest.importorskip("asn1crypto", reason="the extra timestamp is not installed")
pytest.importorskip("rfc3161_client", reason="the extra timestamp is not installed")
BOTH = ("rfc3161-client", "openssl")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "ours")


def answered(bag: Path, authority: Authority) -> Path:
    request = bag.with_suffix(".tsq")
    request.write_bytes(time_stamp_request(bag))
    return authority.answer(request)


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Path:
    """A case, stamped."""
    bag = make_bag(tmp_path_factory.mktemp("stamped") / "case")
    attach_time_stamp(bag, answered(bag, authority))
    return bag


@pytest.fixture
def copy(bag: Path, tmp_path: Path) -> Path:
    return shutil.copytree(bag, tmp_path / "case")


def stamp_of(bag: Path, *certificates: Path) -> TimeStamp:
    named = [each for path in certificates for each in load_certificates(path)]
    found = verify(bag, authority=named)
    assert found.broken == ""
    assert found.stamp is not None
    return found.stamp


def test_both_programs_agree_on_the_authority_named(bag: Path, authority: Authority) -> None:
    stamp = stamp_of(bag, authority.root)

    assert (stamp.named, stamp.agreed, dict(stamp.others)) == (True, BOTH, {})
    printed = subprocess.run(
        ["openssl", "ts", "-reply", "-in", TOKEN, "-text"],
        cwd=bag,
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"{stamp.at[11:19]} " in printed.stdout
    fingerprint = ["openssl", "x509", "-in", str(authority.signer), "-noout", "-fingerprint", "-sha256"]
    told = subprocess.run(fingerprint, capture_output=True, text=True, check=True).stdout
    assert told.partition("=")[2].strip().replace(":", "").lower() == stamp.authority


def test_openssl_alone_checks_a_stamped_case(bag: Path, authority: Authority) -> None:
    check = [
        "openssl",
        "ts",
        "-verify",
        "-in",
        TOKEN,
        "-data",
        AFTER_SIGNATURE,
        "-CAfile",
        str(authority.root),
    ]

    subprocess.run(check, cwd=bag, check=True, capture_output=True)


def test_without_a_certificate_nobody_vouches_for_the_time(bag: Path) -> None:
    stamp = stamp_of(bag)

    assert (stamp.named, stamp.agreed) == (False, ("openssl",))


def test_the_signers_own_certificate_names_it_too(bag: Path, authority: Authority) -> None:
    stamp = stamp_of(bag, authority.signer)

    assert (stamp.named, stamp.agreed) == (True, ("openssl",))
    assert stamp.others["rfc3161-client"].startswith("it needs the root")


def test_without_openssl_one_program_is_said_to_have_agreed(
    bag: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert stamp_of(bag, authority.root).agreed == BOTH[:1]
    with pytest.raises(HometruthError, match="cannot be held against the certificate that you named"):
        verify(bag, authority=load_certificates(authority.signer))
    unnamed = stamp_of(bag)
    assert (unnamed.agreed, dict(unnamed.others)) == ((), {"openssl": "is not installed"})


def test_an_openssl_that_knows_no_such_check_accuses_nobody(
    bag: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "openssl").write_text("#!/bin/sh\necho 'ts: unknown option -partial_chain' >&2\nexit 1\n")
    (tmp_path / "openssl").chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert stamp_of(bag).others == {"openssl": "ts: unknown option -partial_chain"}


def test_another_authority_than_the_one_named_is_told(
    bag: Path, copy: Path, authority: Authority, tmp_path: Path
) -> None:
    other = Authority(tmp_path / "theirs")
    told = verify(bag, authority=load_certificates(other.root)).broken
    (copy / TOKEN).unlink()
    missing = verify(copy, authority=load_certificates(authority.root)).broken

    assert told.startswith(f"{TOKEN}: is no valid time stamp, or not by the authority you named")
    assert missing.startswith(f"{TOKEN}: is missing")
    assert (verify(copy).broken, verify(copy).stamp) == ("", None)


def test_a_stamp_is_of_one_signature_and_changes_nothing_sealed(
    bag: Path, copy: Path, authority: Authority, tmp_path: Path
) -> None:
    other = make_bag(tmp_path / "other", VENDOR)
    digest = bag_digest(other)
    with pytest.raises(CaseError, match="a time stamp of something else"):
        attach_time_stamp(other, bag / TOKEN)
    with pytest.raises(CaseError, match="no time stamp is ever overwritten"):
        attach_time_stamp(copy, bag / TOKEN)
    attach_time_stamp(other, answered(other, authority))

    assert bag_digest(other) == digest
    assert (other / TOKEN).stat().st_mode & 0o777 == 0o600
    shutil.copy(other / TOKEN, copy / TOKEN)
    assert verify(copy).broken == f"{TOKEN}: is a time stamp of something else, not of {AFTER_SIGNATURE}"
    with pytest.raises(CaseError, match="is not signed"):
        time_stamp_request(make_bag(tmp_path / "unsigned", None))


def test_every_changed_bit_of_what_an_authority_signed_is_told_in_one_sentence(
    copy: Path, authority: Authority
) -> None:
    good, random, at = (copy / TOKEN).read_bytes(), Random(1), stamp_of(copy, authority.root).at
    named = load_certificates(authority.root)
    for _ in range(25):
        data = bytearray(good)
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)
        (copy / TOKEN).write_bytes(data)
        found = verify(copy, authority=named)
        if found.broken:
            assert found.broken.startswith(f"{TOKEN}: ")
            assert "\n" not in found.broken
        else:  # what nobody signed, such as how its parts are packed
            assert found.stamp is not None
            assert (found.stamp.at, found.stamp.named) == (at, True)


@pytest.mark.parametrize("data", [b"", b"0", b"0" * 400, b"0\x80" * 99, b"0\x84\xff\xff\xff\xff"])
def test_what_is_no_answer_is_one_clear_error(copy: Path, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "answer.tsr").write_bytes(data)

    with pytest.raises(CaseError, match=r"answer\.tsr: not a time-stamping authority's answer"):
        attach_time_stamp(copy, tmp_path / "answer.tsr")


def test_a_refusal_is_told_as_one(copy: Path, authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x")
    query = [
        "openssl",
        "ts",
        "-query",
        "-data",
        "data",
        "-sha512",
        "-out",
        "other.tsq",
    ]  # it knows sha256 only
    subprocess.run(query, cwd=tmp_path, check=True, capture_output=True)

    with pytest.raises(
        CaseError, match=r"the authority refused: rejection \(Message digest algorithm is not"
    ):
        attach_time_stamp(copy, authority.answer(tmp_path / "other.tsq"))


def test_what_is_no_certificate_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "tsa.pem").write_text("-----BEGIN CERTIFICATE-----\n")

    with pytest.raises(CaseError, match=r"tsa\.pem: holds no certificate"):
        load_certificates(tmp_path / "tsa.pem")
