"""Raw traffic goes, what was found stays, and whoever verifies the case is told."""

import json
import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from hometruth.audit.case_audit import rejudge
from hometruth.audit.redact.erase import erase_raw
from hometruth.case import verify
from hometruth.case.bag import bag_digest
from hometruth.errors import CaseError
from tests.audit.redact.independent import found_in
from tests.case.bags import SIGNER
from tests.case.test_annex import AT, VENDOR
from tests.cli.forked import hometruth


@pytest.fixture(scope="module")
def erased(whole_case: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    case = shutil.copytree(whole_case, tmp_path_factory.mktemp("erased") / "case")
    erase_raw(case, SIGNER, at=AT, jobs=1)
    return case


def test_the_recording_is_gone_and_all_else_is_as_it_was(whole_case: Path, erased: Path) -> None:
    found = verify(erased)
    before = {path.relative_to(whole_case) for path in whole_case.rglob("*") if path.is_file()}
    after = {path.relative_to(erased) for path in erased.rglob("*") if path.is_file()}
    gone = {path for path in before if "recordings" in path.parts}

    assert before - after == gone
    assert (found.broken, found.signer) == ("", verify(whole_case).signer)
    assert bag_digest(erased) == bag_digest(whole_case)
    assert (found.erased.annex, set(found.erased.files)) == ("0001-erased", {str(path) for path in gone})
    assert verify(whole_case).erased.files == {}
    assert all(path.parts[0] == "annex" for path in after - before)
    assert list(erased.parent.iterdir()) == [erased]


def test_the_twin_can_be_judged_and_holds_nothing_that_was_planted(whole_case: Path, erased: Path) -> None:
    twin = erased / "annex" / "0001-erased" / "twin"
    lines = (whole_case / "data/canaries.jsonl").read_text().splitlines()
    values = tuple(told["value"] for told in map(json.loads, lines) if not told["phantom"])

    assert rejudge(twin).verdicts
    held = [path for path in twin.rglob("*") if path.is_file()]
    assert [told for path in held for told in found_in(path.read_bytes(), values)] == []
    with pytest.raises(CaseError, match=r"raw traffic was erased.*annex/0001-erased/twin"):
        rejudge(erased)


def test_people_are_told_and_a_second_time_changes_nothing(erased: Path, tmp_path: Path) -> None:
    pem = SIGNER.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(pem)
    (tmp_path / "key.pem").chmod(0o600)
    again = hometruth("end", "--erase-raw", erased, "--key", tmp_path / "key.pem")
    told = hometruth("verify", erased)

    assert (again.returncode, "erased  data/recordings/one.mitm\n" in again.stdout) == (0, True), again.stderr
    assert [path.name for path in (erased / "annex").iterdir()] == ["0001-erased"]
    assert "erased since, by the same key: data/recordings/one.mitm" in told.stdout
    assert hometruth("end", "--erase-raw", erased).returncode == 2  # the examiner's own key is another
    assert hometruth("judge", erased).returncode == 2
    assert hometruth("end").returncode == hometruth("end", "x", "--erase-raw", erased).returncode == 2


def test_an_empty_folder_less_changes_nothing(erased: Path, tmp_path: Path) -> None:
    case = shutil.copytree(erased, tmp_path / "case")
    (case / "data" / "recordings").rmdir()

    assert (verify(case).broken, verify(case).labelled) == ("", True)
    with pytest.raises(CaseError, match=r"raw traffic was erased.*annex/0001-erased/twin"):
        rejudge(case)


def test_only_the_key_that_signed_the_case_may_erase(whole_case: Path, tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="only the key that signed a case"):
        erase_raw(whole_case, VENDOR, at=AT)
    assert verify(whole_case).erased.annex == ""
    assert not (whole_case / "annex").exists()


def test_what_nobody_stated_or_another_key_did_is_broken(erased: Path, tmp_path: Path) -> None:
    case = shutil.copytree(erased, tmp_path / "case")
    (case / "data" / "verdicts.json").unlink()
    assert verify(case).broken == "data/verdicts.json: is missing"

    case = shutil.copytree(erased, tmp_path / "unsaid")
    shutil.rmtree(case / "annex")
    assert verify(case).broken.endswith(": is missing")

    case = shutil.copytree(erased, tmp_path / "forged")
    annex = case / "annex" / "0001-erased"
    (annex / "signature.sig").write_bytes(VENDOR.sign((annex / "manifest-sha256.txt").read_bytes()))
    (annex / "key.pem").write_bytes(VENDOR.public_pem)
    assert verify(case).broken == "annex/0001-erased: not by the key that signed the bag"

    case = shutil.copytree(erased, tmp_path / "more")
    statement = {"files": {"data/verdicts.json": "0" * 64}}
    (case / "annex" / "0001-erased" / "erased.json").write_text(json.dumps(statement))
    assert "which is no raw traffic and must stay" in verify(case).broken
