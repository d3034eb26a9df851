"""`hometruth unicity`, `relink`, `metadata` and `digests`, as a person and as a program use them."""

import hashlib
import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from hometruth.cli import COMMANDS, hometruth
from hometruth.errors import CanaryError, HometruthError, TableError
from hometruth.report.bars import bars, percent
from hometruth.report.own_digests import duration
from tests.identity.worlds import creatures_of_habit
from tests.published import fits

IMEI = "490154203237518"


def _run(*words: str | Path, **options: object) -> Result:
    return CliRunner().invoke(hometruth, [str(word) for word in words], standalone_mode=False, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of 40 people with times, under names that must never come out again."""
    events = creatures_of_habit(40, 60, seed=4)
    assert events.time is not None
    rows = [
        f"person-{user:04d},thing-{item:04d},{time}"
        for user, item, time in zip(events.user, events.item, events.time, strict=True)
    ]
    file = tmp_path_factory.mktemp("people") / "people.csv"
    file.write_text("user,item,ts\n" + "\n".join(rows) + "\n")
    return file


def test_unicity_for_programs(people: Path) -> None:
    found = fits("unicity", _run("unicity", people, "--json", "--points", "1,2,3").stdout)

    assert found["people"] == 40
    assert set(found["eligible"]) == set(found["random"]) == set(found["rarest"]) == {"1", "2", "3"}
    assert {"value", "low", "high", "exact"} <= found["random"]["1"].keys()
    assert [found["random"][number]["exact"] for number in "123"] == [True, True, False]
    assert {"value", "eligible"} <= found["session_start"]["4"].keys()
    assert found["rarest"]["1"].keys() == {"value"}


def test_without_times_there_is_no_session_start(tmp_path: Path) -> None:
    table = tmp_path / "sets.csv"
    table.write_text("user,item\na,1\nb,2\n")

    assert fits("unicity", _run("unicity", table, "--json").stdout)["session_start"] is None


def test_unicity_for_people_says_how_many_and_how_chosen(people: Path) -> None:
    text = " ".join(_run("unicity", people, "--noun", "songs").stdout.split())

    assert "4 songs drawn at random from a person's own single that person out among these 40 people" in text
    assert "10 draws a person" in text
    assert "The first 4 different songs of a session" in text
    assert "INFERENCE: not tested" in text
    assert "|####" in text


def test_more_points_than_anybody_has(people: Path) -> None:
    assert "Nobody of 40 people has 5000 items" in _run("unicity", people, "--points", "5000").stdout
    assert fits("unicity", _run("unicity", people, "--points", "5000", "--json").stdout)["random"] == {}


def test_relink_for_programs(people: Path) -> None:
    found = fits("relink", _run("relink", people, "--json").stdout)

    assert (found["people"], found["chance"], found["split"]) == (40, 0.025, "halves")
    assert set(found["scores"]) == {"tfidf", "jaccard", "llr"}
    for score in found["scores"].values():
        assert {"rank1", "right", "low", "high", "answered_at_95"} <= score.keys()
        assert isinstance(score["right"], int)
    assert fits("relink", _run("relink", people, "--json", "--split", "coin").stdout)["split"] == "coin"


@pytest.mark.parametrize("words", [["unicity"], ["unicity", "--json"], ["relink"], ["relink", "--json"]])
def test_no_name_of_a_person_or_thing_comes_out(people: Path, words: list[str]) -> None:
    output = _run(words[0], people, *words[1:]).output

    assert output
    assert "person-" not in output
    assert "thing-" not in output


def test_relink_for_people_says_what_chance_gives(people: Path) -> None:
    text = " ".join(_run("relink", people).stdout.split())

    assert "put back to the right one of 40 people" in text
    assert "guessing gives 2.5 %" in text
    assert "One single later session" in text


def test_what_was_assumed_about_a_table_is_said_on_standard_error(tmp_path: Path) -> None:
    table = tmp_path / "plain.csv"
    table.write_text("1,10\n1,11\n2,10\n")
    result = _run("unicity", table, "--json")

    assert json.loads(result.stdout)["people"] == 2
    assert "line 1 for a row" in result.stderr


def test_a_bad_table_is_an_error_of_ours(tmp_path: Path) -> None:
    result = _run("unicity", tmp_path / "nothing.csv")

    assert isinstance(result.exception, TableError)


@pytest.mark.parametrize("points", ["0,1", "one", "1;2"])
def test_points_that_make_no_sense(people: Path, points: str) -> None:
    assert isinstance(_run("unicity", people, "--points", points).exception, click.BadParameter)


def test_metadata_brackets_what_is_not_known_together(tmp_path: Path) -> None:
    table = tmp_path / "phones.csv"
    table.write_text("model,language\n" + "a,en\n" * 50 + "a,de\n" * 25 + "b,en\n" * 25)
    words: list[str | Path] = [
        "metadata",
        table,
        "--value",
        "model=b",
        "--value",
        "language=de",
        "--among",
        "1000",
    ]
    found = json.loads(_run(*words, "--json").stdout)

    assert (found["people"], found["groups"], found["among"]) == (100, 3, 1000)
    assert (found["own"]["low"], found["own"]["high"]) == (62.5, 250)
    assert "at most 250 of 1,000 people" in _run(*words).stdout


def test_metadata_counts_what_is_known_together(tmp_path: Path) -> None:
    table = tmp_path / "phones.csv"
    table.write_text("model,language\n" + "a,en\n" * 50 + "a,de\n" * 25 + "b,en\n" * 25)
    words: list[str | Path] = ["metadata", table, "--value", "model=a", "--value", "language=de"]
    own = json.loads(_run(*words, "--json").stdout)["own"]
    wider = json.loads(_run(*words, "--share", "carrier=0.1", "--json").stdout)["own"]

    assert (own["low"], own["high"], own["bits_low"]) == (25, 25, 2)
    assert (wider["low"], wider["high"]) == (2.5, 10)
    assert "among about 25 of 100 people" in _run(*words).stdout
    assert isinstance(_run(*words, "--share", "carrier=2").exception, click.BadParameter)


def test_digests_of_the_own_values_are_named_and_values_are_not(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(f'imei = "{IMEI}"\n')
    digest = hashlib.md5(IMEI.encode()).hexdigest()
    result = _run("digests", digest, "--own", own)

    assert result.return_value == 1
    assert "this is your imei, md5 of it (digits)" in result.stdout
    assert IMEI not in result.output
    assert _run("digests", "0" * 32, "--own", own).return_value == 0


def test_digests_are_found_in_a_capture(tmp_path: Path) -> None:
    own, har = tmp_path / "own.toml", tmp_path / "phone.har"
    own.write_text(f'imei = "{IMEI}"\n')
    digest = hashlib.sha256(IMEI.encode()).hexdigest()
    request = {
        "method": "GET",
        "url": f"https://t.vendor.test/v1?id=x-{digest}",
        "httpVersion": "HTTP/1.1",
        "headers": [],
        "queryString": [],
        "cookies": [],
        "headersSize": -1,
        "bodySize": 0,
    }
    response = {
        "status": 200,
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "headers": [],
        "cookies": [],
        "content": {"size": 0, "mimeType": ""},
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": 0,
    }
    entry = {
        "startedDateTime": "2020-05-04T00:00:00Z",
        "time": 1,
        "request": request,
        "response": response,
        "cache": {},
        "timings": {"send": 0, "wait": 1, "receive": 0},
    }
    har.write_text(
        json.dumps({"log": {"version": "1.2", "creator": {"name": "t", "version": "1"}, "entries": [entry]}})
    )
    found = fits("digests", _run("digests", har, "--own", own, "--json").stdout)["found"]

    assert found == [
        {"kind": "imei", "spelling": "digits", "algorithm": "sha256", "where": "t.vendor.test", "times": 1}
    ]


def test_the_demonstration_takes_the_own_number_and_shows_it_to_nobody() -> None:
    result = _run("digests", "--demonstrate", input=IMEI + "\n")

    assert "found again from its md5" in result.stdout
    assert "323,752 of 1,000,000 guesses" in result.stdout
    assert IMEI not in result.output


def test_a_number_that_is_no_imei_is_not_demonstrated() -> None:
    assert isinstance(_run("digests", "--demonstrate", input="123\n").exception, CanaryError)


def test_shares_and_durations_for_people() -> None:
    assert [percent(share) for share in (0, 0.0001, 0.5, 0.9999, 1)] == [
        "0.0 %",
        "<0.1 %",
        "50.0 %",
        ">99.9 %",
        "100.0 %",
    ]
    assert [duration(seconds) for seconds in (1e-5, 0.002, 2.4, 90, 31_557_600 * 430_000)] == [
        "10.0 µs",
        "2.0 ms",
        "2.4 s",
        "1.5 min",
        "430,000 years",
    ]
    assert list(bars([("a", 0.5)])) == ["  a |" + "#" * 25 + " " * 25 + "| 50.0 %"]


def test_the_commands_are_there() -> None:
    assert {"unicity", "relink", "metadata", "digests"} <= COMMANDS.keys()


@pytest.mark.parametrize("command", ["unicity", "relink"])
def test_curves_are_drawn_beside_what_is_told(command: str, people: Path, tmp_path: Path) -> None:
    told = _run(command, people)
    drawn = _run(command, people, "--svg", str(tmp_path / "curves.svg"))
    nowhere = _run(command, people, "--svg", str(tmp_path / "absent" / "curves.svg"))

    picture = (tmp_path / "curves.svg").read_text()

    assert (drawn.exit_code, drawn.stdout) == (0, told.stdout)
    assert f"people of {people.name}: about these people only</text></svg>" in picture
    assert isinstance(nowhere.exception, HometruthError)
    assert "the picture cannot be written" in str(nowhere.exception)
