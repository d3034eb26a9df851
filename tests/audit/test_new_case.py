"""Recordings that were there first become a case: real recordings, cut by marks or one each, judged again."""

import json
import shlex
import subprocess
import time
import warnings
import zipfile
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet
import pytest
from click.testing import CliRunner

from hometruth.audit.case_audit import rejudge
from hometruth.audit.new_case import labelled_recording, read_labels
from hometruth.canaries import dump_canaries, mint
from hometruth.capture import Recorder, Sinkhole
from hometruth.capture.marks import add_mark, marks_file, read_marks
from hometruth.case import open_case, verify
from hometruth.cli import hometruth
from hometruth.errors import CanaryError, CaptureError, CaseError, PlanError
from hometruth.model import Audit, Canary, CanaryKind, Exchange, Gap, VerdictKind
from hometruth.report.first_screen import matrix_head
from hometruth.run import judge_recordings
from tests.capture.conftest import trusting
from tests.case.bags import SIGNER

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from mitmproxy.io import FlowWriter
    from mitmproxy.test import tflow

LABELS = """
[plan]
id = "mine"
title = "what my browser says of private windows"
claims = "claims.toml"
window = "as long as each window was open"
labelled_by = "A. Journalist"
phantoms = 5

[subject]
driver = "recordings"
kind = "real"
name = "browser"
vendor = "Xiaomi"
product = "Mint Browser"
device = "my phone"
only_app = "Mint Browser"
extensions = "none"

[[expected]]
kind = "page"
host = "{canary}.sites.example"
path = "/story"
parts = ["host"]
"""
SESSIONS = """
[[session]]
id = "normal"
recording = "one.mitm"
from = "normal window"
levels = { mode = "normal" }

[[session]]
id = "private"
recording = "one.mitm"
from = "private window"
levels = { mode = "private" }
"""
CLAIMS = """
[[claim]]
id = "mine"
side = "vendor"
who = "Example vendor"
date = "2020-05-05"
statement = "Private windows are not reported."
source = ["https://vendor.example/help"]
scope = { products = ["Mint Browser"] }

[[claim.reading]]
kind = "ordinary"
wording = "summarised"
note = "No page visited."

[[claim.reading.proposition]]
id = "mine.content"
kind = "absent"
says = "no page of a private window reaches the vendor"
where = { mode = ["private"] }
options = { kinds = ["page"], control = { mode = ["normal"] } }
"""
VENDOR = "https://sa.api.intl.miui.com/sa?p="


def planted(*sessions: str) -> list[Canary]:
    return [mint(CanaryKind.PAGE, cell=session) for session in sessions]


def browse(recorder: Recorder, canary: Canary, *, is_reported: bool) -> None:
    with trusting(recorder) as client:
        client.get(f"https://{canary.value}.sites.example/story")
        client.get(f"{VENDOR}{canary.value if is_reported else 'nothing'}")


def write(folder: Path, canaries: list[Canary], sessions: str = SESSIONS) -> tuple[Path, Path]:
    (folder / "labels.toml").write_text(LABELS + sessions)
    (folder / "claims.toml").write_text(CLAIMS)
    (folder / "canaries.jsonl").write_text(dump_canaries(canaries))
    return folder / "labels.toml", folder / "canaries.jsonl"


def recorded(folder: Path, canaries: list[Canary], *, private_is_reported: bool) -> None:
    """One recording of two windows, with a mark before each, and something outside both."""
    out = folder / "one.mitm"
    with Recorder(out, sinkhole=Sinkhole()) as recorder:
        with trusting(recorder) as client:
            client.get("https://before.example/")
        for canary, label, reported in zip(
            canaries, ("normal window", "private window"), (True, private_is_reported), strict=True
        ):
            add_mark(out, label)
            browse(recorder, canary, is_reported=reported)


def labelled(folder: Path, *, private_is_reported: bool = True) -> tuple[Path, Path]:
    """Such a recording with labels and canaries, of which a case can be made."""
    canaries = planted("normal", "private")
    recorded(folder, canaries, private_is_reported=private_is_reported)
    return write(folder, canaries)


def verdict(audit: Audit) -> tuple[VerdictKind, str]:
    told = [row for row in audit.verdicts if row.proposition == "mine.content"]
    (whole,) = [row for row in told if not row.condition.levels]
    return whole.verdict, whole.why


@pytest.mark.parametrize("private_is_reported", [True, False])
def test_one_recording_with_marks_is_cut_into_sessions_and_judged(
    tmp_path: Path, private_is_reported: bool
) -> None:
    audit = judge_recordings(
        *labelled(tmp_path, private_is_reported=private_is_reported),
        tmp_path / "case",
        bag=True,
        signer=SIGNER,
    )

    kind, sentence = verdict(audit)
    assert kind is (VerdictKind.CONTRADICTED if private_is_reported else VerdictKind.INCONCLUSIVE)
    assert "labelled afterwards by A. Journalist" in sentence
    seen = {(item.canary.cell, item.recipient.host, item.expected) for item in audit.findings}
    assert ("normal", "sa.api.intl.miui.com", False) in seen
    assert (("private", "sa.api.intl.miui.com", False) in seen) is private_is_reported
    visits = [item for item in audit.findings if item.recipient.host.endswith("sites.example")]
    assert all(item.expected for item in visits)
    (tmp_path / "one.mitm").unlink()  # a case stands alone, wherever it lies
    (tmp_path / "case").rename(tmp_path / "elsewhere")
    assert verdict(rejudge(tmp_path / "elsewhere")) == (kind, sentence)
    done = CliRunner().invoke(hometruth, ["judge", str(tmp_path / "elsewhere")], standalone_mode=False)
    assert "reproduced byte for byte" in done.output
    assert done.return_value == private_is_reported
    found = verify(tmp_path / "elsewhere")
    assert (found.broken, found.labelled, bool(found.signer)) == ("", True, True)
    report = (tmp_path / "elsewhere" / "data" / "report.html").read_text()
    assert "sealed before the run" not in report + sentence
    assert "afterwards by A. Journalist" in report


def test_a_labelled_case_says_when_it_was_sealed_and_what_was_broken(tmp_path: Path) -> None:
    judge_recordings(*labelled(tmp_path), tmp_path / "case", bag=True)
    seal = tmp_path / "case" / "data" / "seal"
    for folder, name in ((seal.parent, "seal/labelled-sha256.txt"), (seal.parents[1], "manifest-sha256.txt")):
        subprocess.run(["sha256sum", "--check", "--strict", "--quiet", name], cwd=folder, check=True)
    told = CliRunner().invoke(hometruth, ["verify", str(tmp_path / "case")]).output

    assert "labelled afterwards: the recordings were there first, nothing was sealed before them" in told
    assert "recordings/one.mitm" in (seal / "labelled-sha256.txt").read_text()
    (seal / "labelled-sha256.txt").rename(seal / "before-sha256.txt")
    assert verify(tmp_path / "case").broken


def test_a_visit_in_another_session_than_it_is_said_to_be_of_is_refused(tmp_path: Path) -> None:
    labels, file = labelled(tmp_path)
    labels.write_text(
        labels.read_text()
        .replace('from = "normal', 'from = "')
        .replace('from = "private', 'from = "normal')
        .replace('from = " window', 'from = "private window')
    )

    with pytest.raises(
        PlanError, match=r"is said to be of session \w+, and its own site was visited in session"
    ):
        judge_recordings(labels, file, tmp_path / "case")
    assert not (tmp_path / "case").exists()


def test_names_that_were_asked_for_are_in_the_case(tmp_path: Path) -> None:
    files = labelled(tmp_path)
    asked = tflow.tdnsflow(resp=True)
    asked.request.timestamp = time.time()
    with (tmp_path / "one.mitm").open("ab") as file:
        FlowWriter(file).add(asked)  # type: ignore[no-untyped-call]

    (name,) = judge_recordings(*files, tmp_path / "case").names

    assert (name.name, name.kind, name.times, name.trial) == ("dns.google", "A", 1, "private")
    (row,) = pyarrow.parquet.read_table(tmp_path / "case" / "names.parquet").to_pylist()
    assert row["name"] == "dns.google"
    assert 'id="names"' in (tmp_path / "case" / "report.html").read_text()


def test_what_a_recorder_was_told_to_look_into_is_in_the_case(tmp_path: Path) -> None:
    canaries = planted("normal", "private")
    for name, canary, scope in (
        ("normal", canaries[0], "all traffic, on purpose"),
        ("private", canaries[1], ""),
    ):
        with Recorder(tmp_path / f"{name}.mitm", sinkhole=Sinkhole(), looked_into=scope) as recorder:
            browse(recorder, canary, is_reported=True)
    sessions = "".join(
        f'[[session]]\nid = "{name}"\nrecording = "{name}.mitm"\nlevels = {{ mode = "{name}" }}\n'
        for name in ("normal", "private")
    )

    judge_recordings(*write(tmp_path, canaries, sessions), tmp_path / "case")

    assert open_case(tmp_path / "case").facts()["looked_into"] == "normal.mitm: all traffic, on purpose"


def test_two_recordings_and_a_har_of_another_recorder_give_the_same(tmp_path: Path) -> None:
    canaries = planted("normal", "private")
    with Recorder(tmp_path / "normal.mitm", sinkhole=Sinkhole()) as recorder:
        browse(recorder, canaries[0], is_reported=True)
    entry = {
        "startedDateTime": "2026-01-01T10:00:00.000Z",
        "time": 1,
        "request": {
            **{"method": "POST", "url": f"{VENDOR}nothing", "headers": []},
            "postData": {"mimeType": "text/plain", "_file": "bodies/1.txt"},
        },
        "response": {"status": 200, "headers": [], "content": {"size": 0}},
    }
    (tmp_path / "bodies").mkdir()
    (tmp_path / "bodies" / "1.txt").write_text(canaries[1].value)
    (tmp_path / "bodies" / "2.txt").write_text("of no recording")
    (tmp_path / "private.har").write_text(json.dumps({"log": {"version": "1.2", "entries": [entry]}}))
    sessions = "".join(
        f'[[session]]\nid = "{name}"\nrecording = "{file}"\nlevels = {{ mode = "{name}" }}\n'
        for name, file in (("normal", "normal.mitm"), ("private", "private.har"))
    )

    audit = judge_recordings(*write(tmp_path, canaries, sessions), tmp_path / "case")

    assert verdict(audit)[0] is VerdictKind.CONTRADICTED
    assert len({item.id for item in audit.trials}) == 2
    (tmp_path / "bodies").rename(tmp_path / "gone")
    assert verdict(rejudge(tmp_path / "case"))[0] is VerdictKind.CONTRADICTED
    assert [path.name for path in (tmp_path / "case" / "recordings" / "bodies").iterdir()] == ["1.txt"]


def har_of(canary: Canary, *, is_reported: bool, creator: str) -> tuple[dict[str, object], str]:
    """A session as Playwright or DevTools saves it, and the body that Playwright may keep apart."""
    body = json.dumps({"url": canary.value if is_reported else "nothing"})

    def entry(method: str, url: str, **told: object) -> dict[str, object]:
        request = {
            "method": method,
            "url": url,
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": [],
            **told,
        }
        content = {"size": 8, "mimeType": "text/html", "text": "<p>hello"}
        response = {
            "status": 200,
            "statusText": "OK",
            "httpVersion": "HTTP/1.1",
            "headers": [],
            "content": content,
        }
        return {
            **{"startedDateTime": "2026-11-30T01:40:23.121Z", "time": 2.766, "_resourceType": "fetch"},
            **{"request": request, "response": response, "cache": {}, "timings": {"send": 0, "wait": 1.3}},
        }

    post = {"mimeType": "text/plain;charset=UTF-8", "text": body, "params": []}
    entries = [
        entry("GET", f"https://{canary.value}.sites.example/story"),
        entry("POST", "http://sa.api.intl.miui.com/sa", headersSize=-1, bodySize=len(body), postData=post),
    ]
    log = {
        "version": "1.2",
        "creator": {"name": creator, "version": "537.36"},
        "pages": [],
        "entries": entries,
    }
    return {"log": log}, body


@pytest.mark.parametrize(
    ("creator", "suffix"), [("WebInspector", "har"), ("Playwright", "har"), ("Playwright", "zip")]
)
def test_what_other_recorders_saved_is_proven_by_steps_that_can_be_followed(
    tmp_path: Path, creator: str, suffix: str
) -> None:
    """One HAR for each session; Playwright's archive keeps bodies in files of their own."""
    canaries = planted("normal", "private")
    for canary in canaries:
        har, body = har_of(canary, is_reported=True, creator=creator)
        name = tmp_path / f"my {canary.cell}.{suffix}"
        if suffix == "har":
            name.write_text(json.dumps(har))
            continue
        with zipfile.ZipFile(name, "w") as archive:
            archive.writestr(
                "har.har", json.dumps(har).replace(f'"text": {json.dumps(body)}', '"_file": "1.txt"')
            )
            archive.writestr("1.txt", body)
    sessions = "".join(
        f'[[session]]\nid = "{name}"\nrecording = "my {name}.{suffix}"\nlevels = {{ mode = "{name}" }}\n'
        for name in ("normal", "private")
    )
    labels, planted_file = write(tmp_path, canaries, sessions)
    in_tls = 'id = "mine.tls"\nkind = "transport"\nsays = "in TLS"\nwhere = { mode = ["private"] }\n'
    with (tmp_path / "claims.toml").open("a") as claims:
        claims.write(f"\n[[claim.reading.proposition]]\n{in_tls}")

    audit = judge_recordings(labels, planted_file, tmp_path / "case", bag=True)

    told = {row.proposition: row for row in audit.verdicts if not row.condition.levels}
    assert {row.verdict for row in told.values()} == {VerdictKind.CONTRADICTED}
    content, tls = told["mine.content"].explanation, told["mine.tls"].explanation
    assert content is not None
    assert tls is not None
    assert f"Entry 1 of my private.{suffix}" in content.proof.replace("/har.har", "")
    assert f"Entry 1 of my private.{suffix}" in tls.proof
    for step in content.check[:2]:
        words = shlex.split(step.replace("CASE", str(tmp_path / "case" / "data")).partition(" | grep")[0])
        done = CliRunner().invoke(hometruth, words[1:])
        assert canaries[1].value in done.output, (step, done.output)
    file = tmp_path / "case" / "data" / "recordings" / f"my private.{suffix}"
    assert f"CASE/recordings/{shlex.quote(file.name)}" in tls.check[0]
    assert file.is_file()


def test_who_sent_it_has_to_be_known_for_a_claim_about_an_app(tmp_path: Path) -> None:
    labels, file = labelled(tmp_path)
    labels.write_text(labels.read_text().replace('only_app = "Mint Browser"\n', ""))

    result = judge_recordings(labels, file, tmp_path / "case")

    kind, why = verdict(result)
    assert kind is VerdictKind.INCONCLUSIVE
    assert "that is what the phone sent" in why
    assert matrix_head(result) == "Sent to Xiaomi"


def test_a_recording_changed_in_the_case_is_named(tmp_path: Path) -> None:
    judge_recordings(*labelled(tmp_path), tmp_path / "case")
    with (tmp_path / "case" / "recordings" / "one.mitm").open("ab") as file:
        file.write(b"more")

    with pytest.raises(CaseError, match=r"recordings/one\.mitm has .* 4 were added after its end"):
        rejudge(tmp_path / "case")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            ('from = "private window"', 'from = "incognito"'),
            "is no mark of one.mitm (have: normal window",
        ),
        (('from = "private window"', ""), "share some of its time"),
        (
            ('id = "private"', 'id = "other"'),
            "session 'private', which the plan does not label",
        ),
        (('recording = "one.mitm"', 'recording = "../one.mitm"'), "relative to this file"),
        (('from = "private window"', 'from = "2020-05-04T10:00"'), "no time zone"),
    ],
)
def test_labels_that_do_not_fit_are_refused_before_anything_is_made(
    tmp_path: Path, change: tuple[str, str], words: str
) -> None:
    canaries = planted("normal", "private")
    (tmp_path / "one.mitm").write_bytes(b"")
    for at, label in enumerate(("normal window", "private window"), 1):
        add_mark(tmp_path / "one.mitm", label, at)

    with pytest.raises(PlanError, match=words.replace("(", r"\(")):
        judge_recordings(*write(tmp_path, canaries, SESSIONS.replace(*change)), tmp_path / "case")

    assert not (tmp_path / "case").exists()


def test_a_canary_planted_for_another_mode_is_refused(tmp_path: Path) -> None:
    runner = CliRunner()
    (tmp_path / "one.mitm").write_bytes(b"")
    for label in ("normal window", "private window"):
        runner.invoke(hometruth, ["mark", str(tmp_path / "one.mitm"), label])
    lines = [
        runner.invoke(hometruth, ["plant", "--json", "--session", name, "--mode", mode]).output
        for name, mode in (("normal", "normal"), ("private", "normal"))
    ]
    labels, file = write(tmp_path, planted("normal"))
    file.write_text("".join(lines))

    with pytest.raises(PlanError, match="planted for mode 'normal'; session private is labelled 'private'"):
        judge_recordings(labels, file, tmp_path / "case")


def test_two_sessions_of_one_canary_are_refused(tmp_path: Path) -> None:
    (canary,) = planted("normal")
    (tmp_path / "one.mitm").write_bytes(b"")
    sessions = SESSIONS.replace('id = "private"', f'id = "private"\ncanaries = ["{canary.id}"]')

    with pytest.raises(PlanError, match="in session private and in normal"):
        judge_recordings(*write(tmp_path, [canary], sessions), tmp_path / "case")
    with pytest.raises(CanaryError):
        judge_recordings(
            *write(tmp_path, [canary, replace(canary, value="x" * 20)], sessions), tmp_path / "case"
        )


def test_marks_need_a_recording_and_are_private(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="there is no such recording"):
        add_mark(tmp_path / "none.mitm", "x")
    (tmp_path / "one.mitm").write_bytes(b"")
    add_mark(tmp_path / "one.mitm", "x")

    assert marks_file(tmp_path / "one.mitm").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('{"at_ns": 7000000000, "label": "a"}\n{"at_ns": 1000000000, "label": "b"}', "line 2: is earlier"),
        ('{"at_ns": 1, "label": "a"}\n{"at_ns": 99', "line 2: is damaged"),
        ('{"at_ns": 99999999999999999999999, "label": "a"}', "line 1: needs at_ns"),
        ('{"at_ns": -1, "label": "a"}', "line 1: needs at_ns"),
        ('{"at_ns": true, "label": "a"}', "line 1: needs at_ns"),
        ('{"at_ns": 1, "label": 2}', "line 1: needs at_ns"),
        ("[" * 100_000, "line 1: is damaged"),
    ],
)
def test_marks_that_say_no_time_for_sure_are_refused(tmp_path: Path, lines: str, told: str) -> None:
    marks_file(tmp_path / "one.mitm").write_text(lines)

    with pytest.raises(CaptureError, match=told):
        read_marks(tmp_path / "one.mitm")


def test_two_people_may_mark_one_moment(tmp_path: Path) -> None:
    marks_file(tmp_path / "one.mitm").write_text(
        '{"at_ns": 7000000009, "label": "a"}\n{"at_ns": 7000000000, "label": "b"}'
    )

    assert [mark.label for mark in read_marks(tmp_path / "one.mitm")] == ["b", "a"]


HER_OWN = """
[[claim]]
id = "hers"
side = "vendor"
who = "A reader"
date = "2026-11-22"
statement = "Pages that are opened are not reported to Google."
source = ["https://vendor.example/help"]
scope = { products = ["Chromium"] }

[[claim.reading]]
kind = "ordinary"
wording = "summarised"
note = "Addresses, while they are typed too."
"""
IN_EACH_WINDOW = """
[[claim.reading.proposition]]
id = "hers.{mode}"
kind = "absent"
says = "no page opened in a {mode} window reaches Google"
where = {{ mode = ["{mode}"] }}
options = {{ kinds = ["page"], control = {{ mode = ["normal"] }} }}
"""


BITS = 73.0
"""Of the addresses: two words of six pairs each, one of fourteen consonants and one of five vowels."""


@pytest.mark.parametrize("names", [("both.mitm", "both.mitm"), ("normal.har", "private.mitm")])
def test_a_journalists_recordings_of_real_chromium_contradict_a_claim_of_her_own(
    tmp_path: Path, shared: Path, names: tuple[str, str]
) -> None:
    """One file with marks; two files, one of them by another recorder. Normal and private windows, real."""
    canaries, sessions = [], ""
    for mode, file_name in zip(("normal", "private"), names, strict=True):
        folder = shared / "captures" / "browsers" / f"chromium-xvfb-google-{mode}"
        with (tmp_path / file_name).open("ab") as file:
            file.write((folder / f"all{Path(file_name).suffix}").read_bytes())
        words = json.loads((folder / "tokens.json").read_text())
        address = f"{words['visit2_host']}.example.test/p/{words['visit2_path']}"
        canaries.append({"id": mode, "kind": "page", "value": address, "bits": BITS, "cell": mode})
        begins = json.loads((folder / "run.json").read_text())["marks"][0][0]
        if names[0] == names[1]:
            add_mark(tmp_path / file_name, f"{mode} window", int(begins * 1e9))
            begun = f'from = "{mode} window"\n'
        else:
            begun = ""
        sessions += (
            f'[[session]]\nid = "{mode}"\nrecording = "{file_name}"\n{begun}levels = {{ mode = "{mode}" }}\n'
        )
    head = LABELS.partition("[[expected]]")[0].replace("Mint Browser", "Chromium").replace("Xiaomi", "Google")
    (tmp_path / "labels.toml").write_text(head + sessions)
    propositions = "".join(IN_EACH_WINDOW.format(mode=mode) for mode in ("normal", "private"))
    (tmp_path / "claims.toml").write_text(HER_OWN + propositions)
    (tmp_path / "canaries.jsonl").write_text("".join(json.dumps(each) + "\n" for each in canaries))

    case = tmp_path / "case"
    audit = judge_recordings(tmp_path / "labels.toml", tmp_path / "canaries.jsonl", case, bag=True)

    told = {row.proposition: row for row in audit.verdicts if not row.condition.levels}
    assert told["hers.normal"].verdict is VerdictKind.CONTRADICTED
    assert told["hers.private"].verdict is VerdictKind.INCONCLUSIVE
    told_google = {item.canary.id for item in audit.findings if item.recipient.host == "www.google.com"}
    assert told_google == {"normal"}
    assert all("labelled afterwards by A. Journalist" in row.why for row in told.values())
    assert verify(case).broken == ""
    assert "hers.normal" in (case / "data" / "report.html").read_text()


def test_what_a_recorder_always_leaves_out_reaches_the_verdict(tmp_path: Path) -> None:
    normal, private = canaries = planted("normal", "private")

    def entry(url: str) -> dict[str, object]:
        return {
            "startedDateTime": "2026-11-22T10:00:00.000Z",
            "request": {"method": "GET", "url": url, "headers": [{"name": "Cookie", "value": "a=b"}]},
            "response": {"status": 200, "headers": [], "content": {"size": 0}},
        }

    for name, canary, told in (("one", normal, normal.value), ("two", private, "nothing")):
        entries = [entry(f"https://{canary.value}.sites.example/story"), entry(f"{VENDOR}{told}")]
        log = {"version": "1.2", "creator": {"name": "Playwright", "version": "1.23"}, "entries": entries}
        (tmp_path / f"{name}.har").write_text(json.dumps({"log": log}))
    sessions = (
        SESSIONS.replace("one.mitm", "one.har", 1)
        .replace("one.mitm", "two.har")
        .replace('from = "normal window"\n', "")
        .replace('from = "private window"\n', "")
    )
    labels, planted_file = write(tmp_path, canaries, sessions)

    audit = judge_recordings(labels, planted_file, tmp_path / "case")

    kind, why = verdict(audit)
    assert kind is VerdictKind.INCONCLUSIVE
    assert "WebSockets" in why


PHONE_TOOLS = {
    "a folder of PiRogue's": (
        {"traffic.pcap": "tls13/tls13-rfc8446.pcap", "sslkeylog.txt": "tls13/tls13-rfc8446.keys"},
        [b"/first", b"/early", b"/second"],
    ),
    "PCAPdroid, keys in a file": (
        {
            "phone.pcap": "http2/http2-data-reassembly.pcap",
            "phone.keys": "http2/http2-data-reassembly.keys",
        },
        [b"/wireshark.png"],
    ),
    "PCAPdroid, keys inside": ({"phone.pcapng": "tls12-dsb/tls12-dsb.pcapng"}, [b"/", b"/"]),
}
"""How tools lay out what they record, made of captures with true keys: none of the tools' own is public."""


@pytest.mark.shared
@pytest.mark.parametrize("files", PHONE_TOOLS.values(), ids=PHONE_TOOLS)
def test_what_phone_tools_record_becomes_a_case_with_its_keys(
    tmp_path: Path, shared: Path, files: tuple[dict[str, str], list[bytes]]
) -> None:
    names, targets = files
    for name, source in names.items():
        (tmp_path / name).write_bytes((shared / "captures" / "formats" / source).read_bytes())
    recording, *keys = names
    session = f'[[session]]\nid = "one"\nrecording = "{recording}"\nlevels = {{ mode = "private" }}\n'
    labels, canaries = write(tmp_path, planted("one"), session)
    judge_recordings(labels, canaries, tmp_path / "case")
    in_case = tmp_path / "case" / "recordings"

    assert {path.name for path in in_case.iterdir()} == {recording, *keys}
    assert verdict(rejudge(tmp_path / "case"))[0] is VerdictKind.INCONCLUSIVE
    plan = read_labels(labels)
    read = list(labelled_recording(open_case(tmp_path / "case"), plan))
    assert [item.target for item in read if isinstance(item, Exchange)] == targets
    assert {item.trial for item in read if isinstance(item, Exchange)} == {"one"}
    for key in keys:
        (in_case / key).unlink()
        closed = list(labelled_recording(open_case(tmp_path / "case"), plan))
        assert [item for item in closed if isinstance(item, Exchange)] == []
        assert any(isinstance(item, Gap) and "there are no keys" in item.detail for item in closed)
