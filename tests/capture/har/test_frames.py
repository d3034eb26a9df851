"""Recorders that list frames: a message is whole again."""

import base64
import json

from hometruth.capture import read_capture
from hometruth.capture.har.exchange import whole_messages
from hometruth.model import Exchange, Message


def frame(data: bytes, *, sent: bool = True) -> Message:
    return Message(sent=sent, data=data, is_text=True)


def test_frames_that_continue_are_one_message() -> None:
    frames = [(frame(b"one "), False), (frame(b"two"), True), (frame(b"next"), False)]

    assert [message.data for message in whole_messages(frames)] == [b"one two", b"next"]


def test_the_other_side_may_speak_in_between() -> None:
    frames = [
        (frame(b"ours "), False),
        (frame(b"theirs ", sent=False), False),
        (frame(b"go on"), True),
        (frame(b"too", sent=False), True),
    ]

    assert [message.data for message in whole_messages(frames)] == [b"ours go on", b"theirs too"]


def test_a_continuation_of_nothing_stands_for_itself() -> None:
    assert [message.data for message in whole_messages([(frame(b"middle"), True)])] == [b"middle"]


def messages_of(*rows: dict[str, object]) -> tuple[Message, ...]:
    entry = {"request": {"method": "GET", "url": "wss://t.test/"}, "_webSocketMessages": rows}
    (exchange,) = read_capture(json.dumps({"log": {"entries": [entry]}}).encode(), name="x.har")
    assert isinstance(exchange, Exchange)
    return exchange.messages


def test_frames_of_a_binary_message_in_a_har() -> None:
    halves = [base64.b64encode(half).decode() for half in (b"\x00first ", b"second\xff")]
    (message,) = messages_of(
        {"type": "send", "opcode": 2, "data": halves[0]}, {"type": "send", "opcode": 0, "data": halves[1]}
    )

    assert message == Message(sent=True, data=b"\x00first second\xff", is_text=False)


def test_a_time_that_is_text_costs_the_time_only() -> None:
    """A text of four letters times a thousand million is 4 GB: found by fuzzing."""
    (message,) = messages_of({"type": "send", "opcode": 1, "data": "x", "time": "AAEC"})

    assert message.time_ns is None
