"""The ledger: what is written is read back, and an unfinished line is left out."""

from pathlib import Path

import pytest

from hometruth.errors import LabError
from hometruth.lab.ledger import LedgerWriter, RecordedEvent, SentRequest, read_ledger

SENT = SentRequest(1, 5, "h.example", "POST", "https://h.example/sa", ({"event": "e"},), "200")
LOST = SentRequest(1, 6, "h.example", "POST", "https://h.example/sa", ({"event": "lost"},), "TimeoutError")
VISIT = SentRequest(2, 7, "a.example", "GET", "https://a.example/", None, "200")
EVENT = RecordedEvent(1, 4, {"event": "e"}, {"mode": "incognito"})


def written(path: Path) -> Path:
    ledger = LedgerWriter(path)
    ledger.event(EVENT)
    for sent in (SENT, LOST, VISIT):
        ledger.request(sent)
    ledger.close()
    return path


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    ledger = read_ledger(written(tmp_path / "l.jsonl"))

    assert ledger.requests == (SENT, LOST, VISIT)
    assert ledger.recorded == (EVENT,)


def test_only_accepted_requests_delivered_anything(tmp_path: Path) -> None:
    assert read_ledger(written(tmp_path / "l.jsonl")).delivered() == [{"event": "e"}]


def test_writing_goes_on_where_it_ended(tmp_path: Path) -> None:
    written(tmp_path / "l.jsonl")
    ledger = read_ledger(written(tmp_path / "l.jsonl"))

    assert len(ledger.requests) == 6


def test_an_unfinished_last_line_is_left_out(tmp_path: Path) -> None:
    path = written(tmp_path / "l.jsonl")
    path.write_bytes(path.read_bytes()[:-9])

    assert read_ledger(path).requests == (SENT, LOST)


@pytest.mark.parametrize("text", ["hello\n", "[1]\n", '{"kind": "request"}\n', '{"no": 1}\n'])
def test_a_file_that_is_no_ledger_is_a_clear_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "l.jsonl").write_text(text)

    with pytest.raises(LabError, match=r"l\.jsonl: .*not a"):
        read_ledger(tmp_path / "l.jsonl")


def test_a_missing_ledger_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="no ledger there"):
        read_ledger(tmp_path / "none.jsonl")
