"""What a case notes beside its recording, while it is written."""

from importlib.resources import files
from pathlib import Path

import msgspec
import pytest

from hometruth.audit.departures import Decoder
from hometruth.cli.watch_notes import SessionNotes
from hometruth.errors import CaptureError
from hometruth.model import ActionRecord, Canary, CanaryKind, Condition, Exchange, Source, Trial

PRIVATE = Condition.of({"mode": "private"})
PLANTED = Canary("c", CanaryKind.SEARCH, "gtestcanaryvalue1234", bits=80.0, cell="t1")


def line(name: str, at_ns: int, *actions: ActionRecord) -> bytes:
    trial = Trial(name, "matrix", PRIVATE, 0, "i", "d", started_ns=at_ns, actions=actions)
    return msgspec.json.encode(trial) + b"\n"


def test_sessions_are_told_as_they_are_noted_and_once(tmp_path: Path) -> None:
    notes = SessionNotes(tmp_path / "traffic.mitm", [PLANTED])
    before = list(notes.until(None))
    first = line("t1", 10, ActionRecord("search", "c", 20, happened=True))
    second = line("t2", 30, ActionRecord("visit", None, 40, happened=False, detail="no answer"))
    (tmp_path / "trials.jsonl").write_bytes(first + second[:9])
    begun = [deed.text for deed in notes.until(15)]
    rest = list(notes.until(None))
    with (tmp_path / "trials.jsonl").open("ab") as file:
        file.write(second[9:])
    later = [deed.text for deed in notes.until(None)]

    assert (before, begun) == ([], ["session t1"])
    assert [(one.text, one.planted, one.condition) for one in rest] == [
        (f"search {PLANTED.value}", (PLANTED,), PRIVATE)
    ]
    assert later == ["session t2", "visit: did not happen (no answer)"]
    assert list(notes.until(None)) == []


def test_the_condition_of_a_value_is_known_before_its_session_has_ended(tmp_path: Path) -> None:
    (tmp_path / "planned.jsonl").write_bytes(line("t1", 0))

    assert SessionNotes(tmp_path / "traffic.mitm", [PLANTED]).conditions() == {"c": PRIVATE}
    assert SessionNotes(tmp_path / "elsewhere" / "x.mitm", [PLANTED]).conditions() == {}


@pytest.mark.parametrize("name", ["planned.jsonl", "trials.jsonl"])
def test_damaged_notes_are_one_clear_error(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"{}\n")
    notes = SessionNotes(tmp_path / "traffic.mitm", [PLANTED])

    with pytest.raises(CaptureError, match=f"{name}: is no list of sessions"):
        (notes.conditions(), list(notes.until(None)))


def test_the_plan_of_a_case_says_which_requests_are_the_actions_themselves(tmp_path: Path) -> None:
    notes = SessionNotes(tmp_path / "traffic.mitm", [PLANTED])
    plan = files("hometruth.data") / "plans" / "mint-browser-2020.toml"
    (tmp_path / "plan.toml").write_text(plan.read_text("utf-8"), "utf-8")
    before = notes.expected()
    (tmp_path / "planned.jsonl").write_bytes(line("t1", 0))
    own = Decoder([PLANTED], (), notes.expected())
    found = {
        target: own.decode(
            Exchange(
                id="1",
                source=Source("x.mitm", 0),
                method="GET",
                scheme="https",
                host="search.example",
                port=443,
                target=f"{target}?q={PLANTED.value}".encode(),
                request_headers=(),
                request_body=b"",
                started_ns=1,
            )
        ).own
        for target in ("/search", "/elsewhere")
    }

    assert before == ()
    assert found == {"/search": True, "/elsewhere": False}
