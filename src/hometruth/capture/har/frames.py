"""WebSocket messages from frames: some recorders list each frame of a message (RFC 6455, 5.4)."""

from collections.abc import Iterable
from dataclasses import replace

from hometruth.model import Message

CONTINUATION = 0
"""Opcode of a frame that goes on with the message before it."""


def whole_messages(frames: Iterable[tuple[Message, bool]]) -> tuple[Message, ...]:
    """Messages, each with the frames that continue it.

    Args:
        frames: Frames in their order, and whether each is a continuation. One that continues nothing stands
            for itself: the recording began in the middle of a message.
    """
    messages: list[Message] = []
    parts: list[list[bytes]] = []
    last: dict[bool, int] = {}
    for frame, continues in frames:
        if continues and frame.sent in last:  # control frames and the other side may come in between
            parts[last[frame.sent]].append(frame.data)
            continue
        last[frame.sent] = len(messages)
        messages.append(frame)
        parts.append([frame.data])
    return tuple(
        message if len(data) == 1 else replace(message, data=b"".join(data))
        for message, data in zip(messages, parts, strict=True)
    )
