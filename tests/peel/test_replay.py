"""Every value can be computed again from the raw bytes, and nothing else can."""

import base64
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from hometruth.model import Message
from hometruth.peel import Done, peel_exchange, replay
from tests.peel.exchanges import URL, exchange
from tests.peel.test_peeled import sensors_body
from tests.peel.wraps import WRAPS, Wrap

SENT = exchange(
    f"/a/b%20c?u={URL}",
    body=sensors_body([{"url": URL}, {"url": URL + "2"}]),
    headers=((b"Cookie", b"a=b%20c; d=eyJhIjoiYiBjIGQgZSJ9"), (b"X", b"one"), (b"X", b'{"two": 2}')),
    messages=(Message(sent=True, data=base64.b64encode(b"hello, hello"), is_text=True),),
)


def test_every_value_replays() -> None:
    for value in peel_exchange(SENT).values:
        stages = replay(SENT, value)

        assert stages is not None, value
        assert stages[-1].data == value.data
        assert [stage.layer for stage in stages] == ["request", *(step.layer for step in value.steps)]


@given(st.lists(st.sampled_from(list(WRAPS.values())), min_size=1, max_size=4))
def test_values_in_any_wrapping_replay(wraps: list[Wrap]) -> None:
    body = b"a canary, at the core"
    for wrap in wraps:
        body = wrap(body) or body
    sent = exchange(body=body)
    done: Done = {}

    assert all(replay(sent, value, done=done) for value in peel_exchange(sent).values)


def test_changed_bytes_do_not_replay() -> None:
    for value in peel_exchange(SENT).values:
        assert replay(SENT, replace(value, data=value.data + b"!")) is None


def test_a_value_of_another_exchange_does_not_replay() -> None:
    other = exchange("/other", host="other.test")

    assert not any(replay(other, value) for value in peel_exchange(SENT).values if value.data)
