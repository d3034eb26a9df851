"""Names asked of resolvers, against messages that mitmproxy's own writer and raw bytes make."""

import struct
import warnings
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hometruth.model import AskedName, Exchange, Message, Source
from hometruth.recipients import asked_names

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from mitmproxy import dns
    from mitmproxy.net.dns import classes, types
    from mitmproxy.test.tutils import tdnsreq


def conversation(*messages: Message) -> Exchange:
    return Exchange(
        id="1",
        source=Source("x", 0),
        method="DNS",
        scheme="dns",
        host="10.0.0.53",
        port=53,
        target=b"",
        request_headers=(),
        request_body=b"",
        messages=messages,
    )


def question(name: str, kind: int = types.A) -> Any:
    """A message of mitmproxy's, whose class has another name in each of its versions."""
    request = tdnsreq()
    request.questions = [dns.Question(name, kind, classes.IN)]
    return request


def test_a_question_is_told_with_where_its_answer_leads() -> None:
    asked = question("Shop.Example")
    answer = asked.succeed(
        [
            dns.ResourceRecord.CNAME("shop.example", "edge.cdn.example"),
            dns.ResourceRecord("edge.cdn.example", types.A, classes.IN, 60, bytes(4)),
        ]
    )
    messages = Message(True, asked.packed, False, 5), Message(False, answer.packed, False)

    (name,) = asked_names(conversation(*messages))

    assert name == AskedName("shop.example", "A", "10.0.0.53", 5, ("edge.cdn.example",), answered=True)


def test_a_question_without_an_answer_is_told_too() -> None:
    (name,) = asked_names(conversation(Message(True, question("a.example", 65).packed, False)))

    assert (name.name, name.kind, name.aliases, name.answered) == ("a.example", "HTTPS", (), False)


def test_a_pointer_that_leads_nowhere_ends_the_message() -> None:
    loop = struct.pack("!HHHHHH", 1, 0, 1, 0, 0, 0) + b"\xc0\x0c\x00\x01\x00\x01"

    assert list(asked_names(conversation(Message(True, loop, False)))) == []


@given(st.binary(max_size=120), st.binary(max_size=120))
def test_no_bytes_make_it_fail(sent: bytes, received: bytes) -> None:
    exchange = conversation(Message(True, sent, False), Message(False, sent[:2] + received, False))

    assert all(isinstance(each, AskedName) for each in asked_names(exchange))
