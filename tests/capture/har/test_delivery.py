"""Sent is not received: what was blocked, found no server or got no answer is read as an attempt."""

from typing import Any

import pytest
from mitmproxy import http
from mitmproxy.flow import Error
from mitmproxy.test import tflow

from hometruth.capture import read_capture
from hometruth.capture.flows import exchange_of
from hometruth.capture.stamps import UNDELIVERED
from hometruth.model import Delivery, Exchange
from tests.capture.har.test_read import document, entry

BLOCKED_BY_CHROMIUM = {"status": 0, "_error": "net::ERR_BLOCKED_BY_CLIENT"}


@pytest.mark.parametrize(
    ("answer", "delivered"),
    [
        ({"response": {"status": 200}}, Delivery.YES),
        ({"response": {"status": 500, "_error": "net::ERR_ABORTED"}}, Delivery.YES),
        ({"response": {"status": "204"}}, Delivery.YES),
        ({"response": BLOCKED_BY_CHROMIUM}, Delivery.BLOCKED),
        ({"response": {"status": 0, "_error": "net::ERR_BLOCKED_BY_CSP"}}, Delivery.BLOCKED),
        (
            {"response": {"status": -1, "_failureText": "net::ERR_BLOCKED_BY_CLIENT.Inspector"}},
            Delivery.BLOCKED,
        ),
        ({"response": {"status": 0, "_error": "net::ERR_BLOCKED_BY_ORB"}}, Delivery.YES),
        ({"response": {"status": 0, "_error": "net::ERR_NAME_NOT_RESOLVED"}}, Delivery.NO_ANSWER),
        ({"response": {"status": -1, "_failureText": "net::ERR_CONNECTION_REFUSED"}}, Delivery.NO_ANSWER),
        ({"response": {"status": 0}}, Delivery.NO_ANSWER),
        ({"response": {"_error": "net::ERR_ABORTED"}}, Delivery.NO_ANSWER),
        ({"response": {"status": 200}, "_fromCache": "disk"}, Delivery.BLOCKED),
        ({"response": {"status": "error"}}, Delivery.NOT_RECORDED),
        ({"response": None}, Delivery.NOT_RECORDED),
        ({}, Delivery.NOT_RECORDED),
    ],
)
@pytest.mark.parametrize("responses", [True, False])
def test_an_entry_of_a_har_says_whether_it_was_delivered(
    answer: dict[str, Any], delivered: Delivery, responses: bool
) -> None:
    (exchange,) = read_capture(document({**entry(), **answer}), name="x.har", responses=responses)
    assert isinstance(exchange, Exchange)
    assert exchange.delivered is delivered


def flow(*, answered: bool, error: str | None = None) -> http.HTTPFlow:
    made = tflow.tflow(resp=answered)
    made.error = Error(error) if error else None
    return made


@pytest.mark.parametrize(
    ("made", "delivered"),
    [
        (flow(answered=True), Delivery.YES),
        (flow(answered=True, error="the client hung up"), Delivery.YES),
        (flow(answered=False, error="connection refused"), Delivery.NO_ANSWER),
        (flow(answered=False), Delivery.NO_ANSWER),
        (flow(answered=False, error=Error.KILLED_MESSAGE), Delivery.BLOCKED),
    ],
)
def test_a_flow_says_whether_it_was_delivered(made: http.HTTPFlow, delivered: Delivery) -> None:
    assert exchange_of(made, "x.mitm", 0).delivered is delivered


def test_an_answer_that_the_recorder_gave_for_want_of_a_server_is_none() -> None:
    made = flow(answered=True)
    made.metadata[UNDELIVERED] = True
    assert exchange_of(made, "x.mitm", 0).delivered is Delivery.NO_ANSWER
