"""The vendor's artefact: checked by a script of its own; refused where it would say more than was seen."""

import base64
import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import hometruth
from hometruth.audit.attest import attestation
from hometruth.cli.gate import command
from hometruth.errors import PolicyError
from tests.cli.test_gate import HASHED, LOGIN, MAIL, POLICY, TOKEN
from tests.cli.test_scan import har

CHECK = """
import base64, json, sys
from cryptography.hazmat.primitives.serialization import load_pem_public_key

document = json.load(open(sys.argv[1]))
kind, payload = document["payloadType"].encode(), base64.b64decode(document["payload"])
signed = b" ".join([b"DSSEv1", str(len(kind)).encode(), kind, str(len(payload)).encode(), payload])
key = load_pem_public_key(open(sys.argv[2], "rb").read())
key.verify(base64.b64decode(document["signatures"][0]["sig"]), signed)
print(payload.decode())
"""
"""A verifier written from the specification of DSSE; it shares nothing with what signs."""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "canaries.json").write_text(json.dumps({"email": MAIL, "token": TOKEN}))
    (tmp_path / "policy.toml").write_text(POLICY)
    (tmp_path / "shop.tar").write_bytes(b"a build")
    for number in range(3):
        har(tmp_path / f"run-{number}.har", LOGIN)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def attest(*captures: str) -> Result:
    words = [*captures, "--canaries", "canaries.json", "--policy", "policy.toml", "--jobs", "1"]
    words += ["--attest", "shop.intoto.json", "--build", "shop.tar", "--by", "Shop Ltd", "--key", "key.pem"]
    return CliRunner().invoke(command, words, standalone_mode=False)


def make_key(folder: Path) -> None:
    command_line = ["openssl", "genpkey", "-algorithm", "ed25519", "-out", "key.pem"]
    subprocess.run(command_line, cwd=folder, check=True, capture_output=True)
    (folder / "key.pem").chmod(0o600)


def check(folder: Path) -> "subprocess.CompletedProcess[str]":
    words = [sys.executable, "-c", CHECK, "shop.intoto.json", "shop.intoto.json.pub.pem"]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)


def test_anybody_can_verify_it_and_reads_whose_it_is_and_what_it_rests_on(shop: Path) -> None:
    make_key(shop)
    done = attest("run-0.har", "run-1.har", "run-2.har")
    assert done.return_value == 0, done.output + str(done.exception)
    checked = check(shop)
    assert checked.returncode == 0, checked.stderr
    statement: dict[str, Any] = json.loads(checked.stdout)
    said = statement["predicate"]

    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["subject"] == [
        {"name": "shop.tar", "digest": {"sha256": hashlib.sha256(b"a build").hexdigest()}}
    ]
    assert said["whose"].startswith("Shop Ltd's own audit")
    assert said["bound"] == {"percent": 63.16, "sessions": 3, "confidence": 0.95}
    assert "at most 63.2 % of sessions" in said["says"]
    assert said["controls"] == [{"canary": "email", "seen_at": ["shop.example"]}]
    assert said["coverage"]["exchanges"] == 3
    assert said["claims"][0] == {"canary": "email", "reached_only": ["shop.example"]}
    hashes = {each["name"]: each["digest"]["sha256"] for each in said["inputs"]["captures"]}
    assert hashes["run-0.har"] == hashlib.sha256((shop / "run-0.har").read_bytes()).hexdigest()


def test_a_changed_statement_does_not_verify(shop: Path) -> None:
    make_key(shop)
    assert attest("run-0.har").return_value == 0
    path = shop / "shop.intoto.json"
    document = json.loads(path.read_text())
    changed = base64.b64decode(document["payload"]).replace(b"CONSISTENT", b"INNOCENT!!")
    path.write_text(json.dumps({**document, "payload": base64.b64encode(changed).decode()}))

    assert check(shop).returncode != 0


def test_a_gate_that_does_not_pass_attests_nothing(shop: Path) -> None:
    har(shop / "leaky.har", LOGIN, HASHED)

    assert attest("leaky.har").return_value == 1
    assert not (shop / "shop.intoto.json").exists()


def test_it_is_refused_where_it_would_say_more_than_was_seen(shop: Path) -> None:
    passed = hometruth.gate("run-0.har", canaries="canaries.json", policy="policy.toml", jobs=1)
    unnamed = replace(passed, policy="")
    build = [Path("shop.tar")]

    for gated, builds, by, told in (
        (passed, [], "Shop", "no build is named"),
        (passed, build, " ", "whose audit it is"),
        (unnamed, build, "Shop", "no [[control]]"),
        (replace(passed, sessions=()), build, "Shop", "no capture shows every control"),
        (replace(passed, gaps={"never-recorded": 1}), build, "Shop", "never writes some things down"),
    ):
        with pytest.raises(PolicyError, match="no attestation: ") as caught:
            attestation(gated, builds=builds, by=by, inputs={}, at=datetime.now(UTC))
        assert told in str(caught.value)


def test_silence_counts_only_where_the_control_arrived(shop: Path) -> None:
    har(shop / "silent.har", HASHED)
    gated = hometruth.gate("run-0.har", "silent.har", canaries="canaries.json", policy="policy.toml", jobs=1)

    assert gated.sessions == ("run-0.har",)
