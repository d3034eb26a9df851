"""What the device sends to its page: pictures are kept, everything else does nothing."""

import http.client
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hometruth.experiment.drivers.by_hand import phone_page
from hometruth.experiment.drivers.by_hand.phone_page import (
    GUIDE_PATH,
    PICTURE_PATH,
    PhoneState,
    serving_phone,
)

PNG, JPEG = b"\x89PNG\r\n\x1a\nrest", b"\xff\xd8\xffrest"


@dataclass
class Page:
    port: int
    state: PhoneState
    kept: list[tuple[bytes, str]] = field(default_factory=list)

    def ask(
        self, method: str, path: str, body: bytes = b"", kind: str = "", length: str = ""
    ) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.putrequest(method, path)
            connection.putheader("Content-Length", length or str(len(body)))
            connection.putheader("Content-Type", kind)
            connection.putheader("User-Agent", "<script>x</script>")
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    @property
    def word(self) -> str:
        return self.ask("GET", GUIDE_PATH)[1].split("name=word value=")[1].partition(">")[0]

    def send(self, picture: bytes, word: str, name: str = "picture") -> tuple[int, str]:
        parts = [("word", word.encode()), (f'{name}"; filename="../../x.png', picture)]
        body = b"".join(
            f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + data + b"\r\n"
            for name, data in parts
        )
        return self.ask("POST", PICTURE_PATH, body + b"--b--\r\n", "multipart/form-data; boundary=b")


@pytest.fixture
def page() -> Iterator[Page]:
    state = PhoneState()
    with serving_phone(state) as url:
        made = Page(urlsplit(url).port or 0, state)
        state.on_picture = lambda data, ending: made.kept.append((data, ending))
        yield made


def test_pictures_are_kept_byte_for_byte(page: Page) -> None:
    word = page.word

    assert [page.send(picture, word)[0] for picture in (PNG, JPEG)] == [200, 200]
    assert page.kept == [(PNG, "png"), (JPEG, "jpg")]


def test_what_is_no_picture_or_has_not_the_word_does_nothing(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    word = page.word
    told = [
        page.send(b"<svg onload=x>", word),
        page.send(PNG, "0" * 32),
        page.send(PNG, word, name="other"),
        page.ask("POST", PICTURE_PATH, PNG, "image/png"),
        page.ask("POST", PICTURE_PATH, b"--b", "multipart/form-data; boundary=b"),
        page.ask("POST", PICTURE_PATH, b"--b", "multipart/form-data"),
        page.ask("POST", PICTURE_PATH, length="9999999999"),
        page.ask("POST", PICTURE_PATH, length="-1"),
        page.ask("POST", "/guide/press", b"step=1&button=end"),
        page.ask("GET", "/guide/../press"),
        page.ask("GET", "/"),
    ]
    monkeypatch.setattr(phone_page, "MAX_PICTURES", 0)
    told.append(page.send(PNG, word))

    assert [status for status, _ in told] == [415, 403, 415, 403, 403, 403, 413, 413, 404, 404, 404, 415]
    assert page.kept == []
    assert not any("<script" in text for _, text in told)


BOMBS = {
    "parts": b"--b\r\n\r\n" * 1_000_000,
    "heads": b"--b\r\n" + b"a:b\r\n" * 1_000_000 + b"\r\nx\r\n--b--",
    "nested": b"".join(b"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" for _ in range(99_000)),
    "mail": b"--b\r\nContent-Type: message/rfc822\r\n\r\n" * 100_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_no_form_takes_longer_than_to_look_at_its_first_parts(page: Page, name: str) -> None:
    status, _ = page.ask("POST", PICTURE_PATH, BOMBS[name], "multipart/form-data; boundary=b")

    assert status == 403


@given(st.text(), st.binary(), st.text("b-;=*'\"% \r\n\tàu", max_size=40))
def test_any_form_is_read_or_nothing(text: str, body: bytes, more: str) -> None:
    for content_type in (text, f"multipart/form-data; boundary={more}", f"multipart/form-data; {more}"):
        phone_page._parts(content_type, b"--b\r\n" + body)
        phone_page._parts(content_type, body)


def test_pictures_sent_at_once_are_each_kept_and_a_full_disk_is_told_on_the_page(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    word, names = page.word, []

    def took(_data: bytes, _ending: str) -> None:
        number = page.state.n_pictures
        time.sleep(0.05)
        names.append((number, page.state.n_pictures))

    page.state.on_picture = took
    with ThreadPoolExecutor(4) as senders:
        told = list(senders.map(lambda _: page.send(PNG, word)[0], range(4)))

    def full(_data: bytes, _ending: str) -> None:
        raise OSError(28, "No space left on device")

    page.state.on_picture = full
    status, text = page.send(PNG, word)
    monkeypatch.setattr(phone_page, "MAX_ALL_BYTES", 4 * len(PNG) + 3)
    page.state.on_picture = took

    assert told == [200] * 4
    assert names == [(n, n) for n in range(1, 5)]
    assert (status, "Nothing was kept" in text) == (415, True)
    assert page.send(PNG, word)[0] == 415


def test_the_first_page_is_linked_only_while_it_is_asked_for(page: Page) -> None:
    before = page.ask("GET", GUIDE_PATH)[1]
    page.state.name, page.state.links = "first", True

    assert "start.sites.example" not in before
    assert 'href="http://start.sites.example/"' in page.ask("GET", GUIDE_PATH)[1]
