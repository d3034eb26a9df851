"""Whether what a HAR entry tells of was delivered.

A browser lists requests that never left, or that nobody answered, like all others: with a status of 0
(Playwright: -1), and where it knows why, with an error of its own, such as ``net::ERR_BLOCKED_BY_CLIENT``.
"""

import re

from hometruth.capture.har.entry import Outgoing, number_of, text_of
from hometruth.model import Delivery

_ANSWERED = re.compile("BLOCKED_BY_(RESPONSE|ORB)")
"""Errors for an answer that came and was kept from the page."""
_STOPPED = re.compile("BLOCKED_(BY|IN)_|DISALLOWED_URL_SCHEME|UNSAFE_PORT")
"""Errors for requests that the browser, an extension of it or its administrator did not let go."""


def error_of(entry: Outgoing) -> str | None:
    """What the recorder says went wrong; None if nothing."""
    answer = entry.response
    return (text_of(answer.error) or text_of(answer.failure) or None) if answer else None


def delivery_of(entry: Outgoing) -> Delivery:
    """Whether it was delivered, as far as the recorder tells."""
    # Chromium: from its cache. Playwright: answered by the test itself. No byte of it was on the wire.
    if entry.from_cache or entry.was_fulfilled is True:
        return Delivery.BLOCKED
    answer = entry.response
    if answer is None:
        return Delivery.NOT_RECORDED
    status, error = number_of(answer.status), error_of(entry) or ""
    return Delivery.NOT_RECORDED if status is None and not error else delivery_by(status, error)


def delivery_by(status: int | None, error: str) -> Delivery:
    """Whether a request was delivered whose end Chromium tells: what was answered had left, whatever became
    of the answer."""
    if (status or 0) > 0 or _ANSWERED.search(error):
        return Delivery.YES
    return Delivery.BLOCKED if _STOPPED.search(error) else Delivery.NO_ANSWER
