"""The desk page: to whom it answers, what a button does, and that nothing written on it is more than text."""

import http.client
import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

import pytest

from hometruth.experiment.drivers.by_hand.desk import (
    CLIP,
    MOST_NOTES,
    MOST_ROWS,
    DeskBoard,
    DeskStep,
    DeskTally,
)
from hometruth.handed_in import sentences
from tests.experiment.drivers.person import DeskReader, desk_of

HOSTILE = "<script>alert(1)</script>\x1b[2J\u202e" + "x" * 500


@pytest.fixture
def board() -> DeskBoard:
    return DeskBoard()


@pytest.fixture
def desk(board: DeskBoard) -> Iterator[DeskReader]:
    with desk_of(board) as reader:
        yield reader


def ask(
    desk: DeskReader,
    method: str = "GET",
    path: str = "",
    *,
    host: str = "",
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> tuple[int, str]:
    """One request as it is written here, *path* behind the page's own unless it begins with a slash."""
    parts = urlsplit(desk.url)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port or 0, timeout=20)
    try:
        connection.putrequest(method, path if path.startswith("/") else f"{parts.path}{path}", skip_host=True)
        connection.putheader("Host", host or parts.netloc)
        connection.putheader("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_it_answers_only_under_its_own_name_and_by_its_word(board: DeskBoard, desk: DeskReader) -> None:
    port = urlsplit(desk.url).port
    shown = board.show(DeskStep("declined", buttons=("end",)))
    press = f"step={shown}&button=end".encode()

    assert ask(desk, path="now")[0] == 200
    assert ask(desk, path="now", host=f"localhost:{port}")[0] == 200
    for host in ("desk.example", f"desk.example:{port}", "hometruth.test", f"127.0.0.1:{port}@x"):
        assert ask(desk, path="now", host=host)[0] == 421
        assert ask(desk, "POST", "press", host=host, body=press)[0] == 421
    for path in ("/", "/now", "/style.css", "/" + "a" * 22 + "/now", "//now", "/../now", "/%2e%2e/now"):
        assert ask(desk, path=path)[0] == 404
        assert ask(desk, "POST", path, body=press)[0] == 404
    for path in ("other", "now/x", "../now", "style.css?x"):
        assert ask(desk, path=path)[0] == 404
    for origin in ("http://hometruth.test", "null", "https://127.0.0.1"):
        assert ask(desk, "POST", "press", body=press, headers={"Origin": origin})[0] == 403
    assert ask(desk, "POST", "press", body=press + b"x" * 4000)[0] == 403
    assert ask(desk, "PUT", "press", body=press)[0] == 501
    assert board.taken(shown) is None
    assert ask(desk, "POST", "press", body=press, headers={"Origin": f"http://127.0.0.1:{port}"})[0] == 303
    assert board.taken(shown) == "end"


def test_a_button_of_a_step_that_is_over_and_one_that_is_not_there_do_nothing(
    board: DeskBoard, desk: DeskReader
) -> None:
    old = board.show(DeskStep("declined", buttons=("end",)))
    new = board.show(DeskStep("admit", {"address": "192.0.2.7"}, buttons=("yes", "no")))
    for step, button in ((old, "end"), (new, "end"), ("x", "yes"), ("²", "yes"), ("", ""), (new, "<yes>")):
        ask(desk, "POST", "press", body=f"step={step}&button={button}".encode())
        assert board.taken(new) is None
    desk.press("yes")

    assert new == old + 1
    assert board.taken(new) == "yes"
    assert board.taken(new) is None, "once"
    assert board.show(DeskStep("admit", {"address": "192.0.2.7"}, buttons=("yes", "no"))) == new


def test_what_came_from_outside_is_text(board: DeskBoard, desk: DeskReader) -> None:
    rows = (("Host", "Could be read", "Means"), *((f"{n}.{HOSTILE}", "x", "y") for n in range(MOST_ROWS + 5)))
    board.show(DeskStep("admit", {"address": HOSTILE}, rows=rows, typed="<b>"))
    for n in range(MOST_NOTES + 3):
        board.note("stranger", "wrong", address=HOSTILE, agent=f"{n} {HOSTILE}")
    page = desk.page()

    assert "<script" not in page
    assert "<b>" not in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert "and 5 more" in page
    assert page.count("<li ") + page.count('class="newest ') == MOST_NOTES
    assert "x" * 201 not in page


def test_no_sentence_of_its_own_is_cut_off_in_a_table() -> None:
    assert [
        name for name, said in sentences("desk").items() if name.startswith("means_") and len(said) > CLIP
    ] == []


def test_it_runs_no_script_and_asks_nobody_else(board: DeskBoard, desk: DeskReader) -> None:
    tunnel = "[Interface]\nPrivateKey = abc\n"
    board.tell(DeskTally(3, 16, "31.3 %"))
    board.show(DeskStep("connect_tunnel", {"page": "p", "host": "h", "port": "1"}, typed="t", code=tunnel))
    page = desk.page()

    assert "<svg" in page
    assert "style=" not in page
    assert re.findall(r'(?:src|href|action)="([^"]*)"', page) == ["style.css", "now", "./"]
    assert "3 of 16 sessions are done: 13 more for a bound of 31.3 %" in page


def test_the_page_goes_on_by_itself_and_comes_back_where_it_was(board: DeskBoard, desk: DeskReader) -> None:
    parts = urlsplit(desk.url)
    board.show(DeskStep("agree", {"page": "first words"}))
    connection = http.client.HTTPConnection("127.0.0.1", parts.port or 0, timeout=20)
    connection.request("GET", parts.path)
    answer = connection.getresponse()
    came = answer.read1(1 << 16)
    while b"first words" not in came:
        came += answer.read1(1 << 16)
    board.show(DeskStep("agree", {"page": "second words"}))
    while b"second words" not in came:
        came += answer.read1(1 << 16)
    again = desk.page()
    board.end()
    rest = answer.read()
    connection.close()

    assert "second words" in again
    assert "first words" not in again
    assert b"</html>" in rest
