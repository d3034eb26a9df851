"""`hometruth identify` on recordings of a made-up service, labelled in every way, and on a real case."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hometruth.cli import hometruth
from hometruth.errors import HometruthError
from hometruth.run import judge_recordings
from tests.audit.runs import experiment, small_plan
from tests.audit.test_new_case import labelled
from tests.published import fits

A, B = "a1a1a1a1-0000-4000-8000-00000000000a", "b2b2b2b2-0000-4000-8000-00000000000b"
ESC = "\x1b"


def invoke(*words: str | Path) -> Result:
    return CliRunner().invoke(hometruth, ["identify", *map(str, words)], standalone_mode=False)


def har(path: Path, client: str, *, more: str = "") -> Path:
    """A recording of two requests that carry a client's id."""
    entries = [
        {
            "startedDateTime": "2020-05-04T00:00:00Z",
            "request": {
                "method": "POST",
                "url": f"https://t.vendor.example/v1/ping?build=V11&n={number}",
                "httpVersion": "HTTP/1.1",
                "headers": [{"name": "user-agent", "value": "Agent/1"}],
                "queryString": [],
                "cookies": [],
                "postData": {
                    "mimeType": "application/json",
                    "text": json.dumps({"client": client, "note": more, "model": "Mi 10"}),
                },
            },
            "response": {"status": 200, "headers": [], "content": {"size": 0, "mimeType": ""}},
        }
        for number in range(2)
    ]
    log = {"version": "1.2", "creator": {"name": "test", "version": "1"}, "entries": entries}
    path.write_text(json.dumps({"log": log}), "utf-8")
    return path


@pytest.fixture
def twins(tmp_path: Path) -> list[str]:
    """Four labelled recordings of two twins."""
    return [
        f"{device}:{phase}={har(tmp_path / f'{device}-{phase}.har', value)}"
        for device, value in (("a", A), ("b", B))
        for phase in ("base", "clear-data")
    ]


def test_an_undecided_code_that_joins_is_the_first_thing_said(tmp_path: Path) -> None:
    for name in ("normal", "private"):
        har(tmp_path / name, A)
    labels = [f"a:base={tmp_path / 'normal'}", f"a:incognito={tmp_path / 'private'}"]

    text = invoke(*labels, "--svg", tmp_path / "drawn.svg").output
    told = fits("identifiers", invoke(*labels, "--json").output)

    first = text.splitlines()[2].strip()
    assert first.startswith(
        "The same code was sent from the normal and from the private window to vendor.example"
    )
    assert first.endswith("unless everybody sends this one, it joins the private window with the normal one.")
    assert "linkable: perhaps: by 1 code undecided" in text
    assert [(tie["in_both_windows"], tie["receivers"]) for tie in told["open_ties"]] == [
        (True, ["vendor.example"])
    ]
    assert "undecided, to vendor.example: body client" in (tmp_path / "drawn.svg").read_text()


MAC = "3c:5a:b4:01:8f:d2"
SPELLINGS = {
    "bare": (A, A.replace("-", "")),
    "capitals": (A, A.upper()),
    "braces": (A, f"{{{A}}}"),
    "URN": (A, f"urn:uuid:{A}"),
    "MAC with dashes": (MAC, MAC.replace(":", "-").upper()),
    "bare MAC": (MAC, MAC.replace(":", "")),
    "Cisco's MAC": (MAC, "3c5a.b401.8fd2"),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_one_code_in_two_spellings_joins_as_well(tmp_path: Path, name: str) -> None:
    """And a UUID is told as it was sent first: whoever checks by hand looks for that."""
    normal, private = SPELLINGS[name]
    har(tmp_path / "normal", normal)
    har(tmp_path / "private", private)
    labels = [f"a:base={tmp_path / 'normal'}", f"a:incognito={tmp_path / 'private'}"]

    told = fits("identifiers", invoke(*labels, "--json", "--reveal").output)

    assert [tie["in_both_windows"] for tie in told["open_ties"]] == [True]
    (code,) = told["undecided"]
    assert code["values"] == [A] if normal == A else len(code["values"]) == 1


GAID = "5b0f9c1e-37d2-4c7a-9a44-0d6c3f1c9e45"


def advertised(folder: Path, value: str) -> Path:
    """A recording of an app that tells an advertising ID to two companies, once each."""
    path = har(folder / "advertised.har", A)
    text = path.read_text("utf-8").replace(
        "t.vendor.example/v1/ping", "graph.facebook.com/v17.0/1/activities"
    )
    recorded = json.loads(text.replace('\\"client\\"', '\\"advertiser_id\\"').replace(A, value))
    first, second = recorded["log"]["entries"]
    second["request"] |= {"method": "GET", "url": f"https://app.adjust.com/session?gps_adid={value}"}
    del second["request"]["postData"]
    path.write_text(json.dumps({"log": recorded["log"]}), "utf-8")
    assert first["request"]["url"].startswith("https://graph.facebook.com/")
    return path


def test_what_a_document_names_is_an_identifier_as_scan_says(tmp_path: Path) -> None:
    """One program, one answer: `scan` names it with the documentation's link."""
    path = advertised(tmp_path, GAID)
    done = invoke(path)
    scanned = CliRunner().invoke(hometruth, ["scan", str(path)], standalone_mode=False)

    assert "advertisingId" in scanned.output
    assert done.return_value == 1
    assert "no identifier was found" not in done.output
    assert "Documented as the advertising ID (https://developers.facebook.com/" in done.output
    assert "Adjust GmbH and Facebook could join" in done.output


def test_an_advertising_id_of_zeros_names_nobody(tmp_path: Path) -> None:
    done = invoke(advertised(tmp_path, "00000000-0000-0000-0000-000000000000"))

    assert "Documented as the advertising ID" not in done.output
    assert "UNDECIDED" not in done.output


def test_a_code_of_one_window_at_one_receiver_joins_nothing(tmp_path: Path) -> None:
    har(tmp_path / "normal", A)
    har(tmp_path / "private", B)

    text = invoke(f"a:base={tmp_path / 'normal'}", f"a:incognito={tmp_path / 'private'}").output

    assert "linkable: nothing was seen to be joined" in text
    assert "The same code" not in text


def test_twins_tell_for_sure(twins: Sequence[str]) -> None:
    result = invoke("--twins", *twins)

    assert result.return_value == 1
    assert "names the device" in result.output
    assert "outlives clearing the app's data" in result.output
    assert "inference: not tested" in result.output
    assert "IP address" in result.output
    assert A not in result.output  # masked unless asked otherwise
    assert A in invoke("--twins", "--reveal", *twins).output


def test_the_document_for_programs(twins: Sequence[str]) -> None:
    found = fits("identifiers", invoke("--twins", "--json", *twins).output)

    (code,) = found["identifiers"]
    assert (code["kind"], code["certain"], code["hosts"]) == ("device", True, ["t.vendor.example"])
    assert code["lifetime"]["survived"] == {"clear-data": {"kept": 2, "asked": 2}}
    assert [link["between"] for link in found["links"]] == [["before clear-data", "after clear-data"]]
    assert sorted(map(len, found["joined"])) == [2, 2]


def test_one_recording_alone_cannot_tell_a_code_from_a_key_of_the_software(tmp_path: Path) -> None:
    result = invoke(har(tmp_path / "one.har", A))

    assert result.return_value == 1
    assert "singled out: no identifier was found in 2 records; 1 code undecided" in result.output
    assert "built into the software and the same for everybody" in result.output
    assert "record a second one" in result.output
    assert "IDENTIFIERS" not in result.output


def test_an_undecided_code_for_programs(tmp_path: Path) -> None:
    found = fits("identifiers", invoke("--json", "--reveal", har(tmp_path / "one.har", A)).output)

    (code,) = found["undecided"]
    assert found["identifiers"] == []
    assert (code["reason"], code["open"], code["values"]) == ("one installation", True, [A])
    assert code["documented"] is None


def test_a_code_that_was_renewed_on_the_only_device_looks_like_one(tmp_path: Path) -> None:
    words = [
        f"a:base={har(tmp_path / '1.har', A)}",
        f"a:restart={har(tmp_path / '2.har', A)}",
        f"a:clear-data={har(tmp_path / '3.har', B)}",
    ]

    result = invoke(*words)

    assert "looks like something that names this installation" in result.output
    assert "UNDECIDED" not in result.output


def test_installations_on_one_device_are_compared_where_the_tester_says_so(tmp_path: Path) -> None:
    words = [f"a:base={har(tmp_path / 'a.har', A)}", f"b:base={har(tmp_path / 'b.har', B)}"]

    found = fits("identifiers", invoke("--installations", "--json", *words).output)

    (code,) = found["identifiers"]
    assert (code["certain"], code["kind"], code["not_the_devices"]) == (True, "unknown", True)
    assert "It is not the device's" in code["text"]
    assert "exclude each other" in str(invoke("--twins", "--installations", *words).exception)


def test_nothing_found_is_said_with_what_was_not_looked_at(tmp_path: Path) -> None:
    result = invoke(har(tmp_path / "one.har", "guest"))

    assert result.return_value == 0
    assert "no identifier was found in 2 records" in result.output
    assert "WHAT THIS DOES NOT SHOW" in result.output


def test_a_phone_after_its_factory_reset_is_its_own_twin(tmp_path: Path) -> None:
    words = [
        f"phone:base={har(tmp_path / '1.har', A)}",
        f"phone:restart={har(tmp_path / '2.har', A)}",
        f"phone:factory-reset={har(tmp_path / '3.har', B)}",
    ]

    found = fits("identifiers", invoke("--json", *words).output)

    assert found["comparison"] == "twins"
    assert {item["device"] for item in found["sessions"]} == {"phone before reset", "phone after reset 1"}
    assert [code["certain"] for code in found["identifiers"]] == [True]


def test_labels_in_a_file_with_days(tmp_path: Path) -> None:
    rows = [
        f'[[capture]]\nfile = "{device}{day}.har"\ndevice = "{device}"\nphase = "{phase}"\n'
        f'day = {day}\napp = "mail"\n'
        for device in "ab"
        for day, phase in ((0, "base"), (30, "clock"), (60, "clock"), (91, "clock"))
    ]
    for device, value in (("a", A), ("b", B)):
        for day in (0, 30, 60, 91):
            har(tmp_path / f"{device}{day}.har", value)
    labels = tmp_path / "labels.toml"
    labels.write_text("twins = true\n" + "".join(rows), "utf-8")

    result = invoke(labels)

    assert (
        "was the same for 91 days (starts on days 0, 30, 60, 91): longer than the promised 90"
        in result.output
    )
    assert "from mail" in result.output


def test_own_values_are_recognised_and_planted_ones_are_not_identifiers(
    tmp_path: Path, twins: Sequence[str]
) -> None:
    values = tmp_path / "values.json"
    values.write_text(json.dumps({"install-id": A}), "utf-8")
    planted = tmp_path / "planted.json"
    planted.write_text(json.dumps([A, B]), "utf-8")

    assert "It is your install-id." in invoke("--twins", "--own", values, *twins).output
    assert invoke("--twins", "--planted", planted, *twins).return_value == 0


def test_the_picture_is_written(tmp_path: Path, twins: Sequence[str]) -> None:
    drawing = tmp_path / "joined.svg"

    invoke("--twins", "--svg", drawing, *twins)

    assert drawing.read_text("utf-8").startswith("<svg")
    assert A not in drawing.read_text("utf-8")


def test_what_the_network_sent_cannot_rewrite_the_terminal(tmp_path: Path) -> None:
    hostile = f"{ESC}[2J{'0123456789abcdef' * 2}"
    output = invoke("--reveal", har(tmp_path / "h.har", A, more=hostile)).output

    assert ESC not in output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["a:bsae=x.har"], "no phase 'bsae'"),
        (["a:base=missing.har"], "there is no such recording"),
        (["missing.har"], "there is no such recording"),
        (["missing.toml"], "missing.toml: cannot be read"),
    ],
)
def test_a_label_that_makes_no_sense_is_one_clear_error(words: list[str], message: str) -> None:
    result = invoke(*words)

    assert isinstance(result.exception, HometruthError)
    assert message in str(result.exception)


def test_twins_need_two_devices(tmp_path: Path) -> None:
    result = invoke("--twins", f"a:base={har(tmp_path / 'x.har', A)}")

    assert "twins need two devices" in str(result.exception)


def test_a_case_compares_its_installations_and_knows_the_phone(tmp_path: Path) -> None:
    case = tmp_path / "case"
    experiment(case, small_plan(), seed=3)

    found = fits("identifiers", invoke("--json", case).output)

    assert found["comparison"] == "installations"
    kinds = {(code["kind"], code["certain"]) for code in found["identifiers"]}
    known = {item["name"] for code in found["identifiers"] for item in code["known"]}
    assert ("device", True) in kinds
    assert known == {"android-id", "account"}
    uuid = next(
        code
        for code in found["identifiers"]
        if any(place["path"].endswith("properties.uuid") for place in code["places"])
    )
    assert uuid["certain"]
    assert uuid["lifetime"]["incognito"]["kept"] > 0
    assert uuid["kind"] == "installation"
    assert any(link["kind"] == "account and anonymous" for link in found["links"])


def test_a_case_of_recordings_is_no_comparison_and_says_what_to_do(tmp_path: Path) -> None:
    judge_recordings(*labelled(tmp_path), tmp_path / "case")

    told = invoke(tmp_path / "case").exception
    assert isinstance(told, HometruthError)
    assert "name them, each with its device and phase: they are in" in str(told)


def test_recordings_may_be_in_a_folder_or_at_addresses(tmp_path: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    (tmp_path / "in").mkdir()
    file = har(tmp_path / "in" / "one.har", A)
    alone = json.loads(invoke(file, "--json").stdout)
    with fsspec.open("memory://x/one.har", "wb") as stream:
        stream.write(file.read_bytes())

    assert json.loads(invoke("memory://x/one.har", "--json").stdout) == alone
    assert json.loads(invoke(tmp_path / "in", "--json").stdout) == alone
    (tmp_path / "in" / "notes.txt").write_text("none")
    assert json.loads(invoke(tmp_path / "in", "--json").stdout)["unread"]["other_gaps"] == 1
    labelled = [f"a:base={file}", f"b:base={har(tmp_path / 'two.har', B)}"]
    assert (
        json.loads(invoke("a:base=memory://x/one.har", labelled[1], "--twins", "--json").stdout)[
            "identifiers"
        ]
        == json.loads(invoke(*labelled, "--twins", "--json").stdout)["identifiers"]
    )
