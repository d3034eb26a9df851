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
from hometruth.canaries import load_canaries
from hometruth.cli.gate import command
from hometruth.errors import PolicyError
from hometruth.model import GapKind
from tests.cli.test_gate import HASHED, LOGIN, MAIL, OPAQUE, POLICY, TOKEN, tried
from tests.cli.test_scan import entry, har

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


def login(second: int) -> dict[str, Any]:
    return entry("https://shop.example/login", json.dumps({"user": MAIL}), second=second)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "canaries.json").write_text(json.dumps({"email": MAIL, "token": TOKEN}))
    (tmp_path / "policy.toml").write_text(POLICY)
    (tmp_path / "shop.tar").write_bytes(b"a build")
    for number in range(3):
        har(tmp_path / f"run-{number}.har", login(number), entry(f"https://shop.example/{number}"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def attest(*captures: str) -> Result:
    """The command; what is given are captures and options."""
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
    assert said["conditions"] == [{"under": {}, "sessions": 3, "percent": 63.16}]
    assert said["coverage"]["exchanges"] == 6
    assert said["in_no_request"] == ["token"]
    assert said["claims"][0] == {"canary": "email", "reached_only": ["shop.example"], "perhaps": []}
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

    done = attest("leaky.har")
    assert done.return_value == 1
    assert "shop.intoto.json: nothing is attested, since the gate did not pass" in done.stderr
    assert not (shop / "shop.intoto.json").exists()


def judged(*captures: str, **more: Any) -> hometruth.Gated:
    given: dict[str, Any] = {"canaries": "canaries.json", "policy": "policy.toml", "jobs": 1, **more}
    return hometruth.gate(*captures, **given)


def stated(gated: hometruth.Gated) -> dict[str, Any]:
    made = attestation(gated, builds=[Path("shop.tar")], by="Shop", at=datetime.now(UTC))
    said: dict[str, Any] = made["predicate"]
    return said


def test_it_is_refused_where_it_would_say_more_than_was_seen(shop: Path) -> None:
    passed = judged("run-0.har")
    unnamed = replace(passed, policy="")
    never = replace(passed.sight, gaps={GapKind.NEVER_RECORDED: 1})
    build = [Path("shop.tar")]

    for gated, builds, by, told in (
        (passed, [], "Shop", "no build is named"),
        (passed, build, " ", "whose audit it is"),
        (unnamed, build, "Shop", "no [[control]]"),
        (replace(passed, sessions={}), build, "Shop", "no capture shows every control"),
        (replace(passed, sight=never), build, "Shop", "never writes some things down"),
        (
            judged("run-0.har", canaries=load_canaries(Path("canaries.json")).canaries),
            build,
            "S",
            "are no files",
        ),
    ):
        with pytest.raises(PolicyError, match="no attestation: ") as caught:
            attestation(gated, builds=builds, by=by, at=datetime.now(UTC))
        assert told in str(caught.value)


def test_limits_looser_than_the_usual_ones_attest_nothing(shop: Path) -> None:
    har(shop / "opaque.har", LOGIN, OPAQUE)
    (shop / "policy.toml").write_text(POLICY + "[limits]\nopaque_share = 1.0\n")

    assert judged("opaque.har").passed
    with pytest.raises(PolicyError, match=r"its \[limits\] are looser .* \(opaque\)"):
        stated(judged("opaque.har"))


def test_a_recording_that_is_there_twice_is_one_session(shop: Path) -> None:
    (shop / "copy.har").write_bytes((shop / "run-0.har").read_bytes())
    (shop / "link.har").symlink_to("run-0.har")

    assert judged("run-0.har", "./run-0.har", "link.har", ".").sight.exchanges == 2 * 4
    assert stated(judged("run-0.har", "copy.har"))["bound"]["sessions"] == 1
    again = har(shop / "exported-again.har", login(0))
    assert (
        hashlib.sha256(again.read_bytes()).digest() != hashlib.sha256(Path("run-0.har").read_bytes()).digest()
    )
    assert list(judged("run-0.har", "exported-again.har", "run-1.har").sessions) == ["run-0.har", "run-1.har"]


def test_each_condition_has_its_bound_and_needs_its_own_control(shop: Path) -> None:
    (shop / "policy.toml").write_text(
        POLICY + '[[captures]]\nfiles = ["run-2.har", "silent.har"]\nunder = {consent = "refused"}\n'
    )
    said = stated(judged("run-0.har", "run-1.har", "run-2.har"))
    har(shop / "silent.har", entry("https://shop.example/"))

    assert [(each["under"], each["sessions"]) for each in said["conditions"]] == [
        *(({}, 2), ({"consent": "refused"}, 1)),
    ]
    assert said["bound"] == {"percent": 97.5, "sessions": 1, "confidence": 0.95}
    assert "under each of 2 conditions" in said["says"]
    deaf = judged("run-0.har", "silent.har")
    assert not deaf.passed
    assert list(deaf.sessions) == ["run-0.har"]
    with pytest.raises(PolicyError, match="conditions: consent=refused"):
        stated(replace(deaf, obstacles=()))


def test_whom_it_was_only_tried_to_reach_is_not_said_to_have_got_it(shop: Path) -> None:
    (shop / "policy.toml").write_text(POLICY.replace('to = ["shop.example"]\nreason', 'to = ["*"]\nreason'))
    har(shop / "tried.har", LOGIN, tried("https://away.example/"))

    assert stated(judged("tried.har"))["claims"][0] == {
        **{"canary": "email", "reached_only": ["shop.example"], "perhaps": ["away.example"]}
    }


def test_all_that_was_read_is_named_by_its_hash(shop: Path) -> None:
    notes = shop / "run-0.har.connections.jsonl"
    fact = {"kind": "unused", "host": "a.example", "port": 443, "at_ns": 1, "reason": "r", "trial": None}
    notes.write_text(json.dumps(fact) + "\n")
    (shop / "keys.log").write_text(f"CLIENT_RANDOM {'ab' * 32} {'cd' * 48}\n")
    (shop / "base.json").write_text('{"schema": "hometruth-baseline-1", "leaks": []}')
    inputs = stated(judged("run-0.har", keys=Path("keys.log"), baseline="base.json"))["inputs"]

    assert {kind: [each["name"] for each in files] for kind, files in inputs.items()} == {
        "captures": ["run-0.har"],
        "beside": [notes.name],
        "canaries": ["canaries.json"],
        "policy": ["policy.toml"],
        "baseline": ["base.json"],
        "keys": ["keys.log"],
    }
    assert inputs["beside"][0]["digest"]["sha256"] == hashlib.sha256(notes.read_bytes()).hexdigest()


def test_silence_counts_only_where_the_control_arrived(shop: Path) -> None:
    har(shop / "silent.har", HASHED)

    assert list(judged("run-0.har", "silent.har").sessions) == ["run-0.har"]


def test_a_statement_of_an_earlier_run_does_not_stand_beside_a_run_that_fails(shop: Path) -> None:
    make_key(shop)
    for broken in ("leaky.har", "absent.har"):
        assert attest("run-0.har").return_value == 0
        har(shop / "leaky.har", LOGIN, HASHED)
        assert attest(broken, "--sarif", "out.sarif").return_value in (1, 2)
        assert not list(shop.glob("shop.intoto.json*"))
    (shop / "canaries.json").write_text("{")
    assert attest("run-0.har", "--sarif", "out.sarif").exception
    assert not (shop / "out.sarif").exists()
