"""All that the official Python SDK can send, in a process of its own; prints what it held, one event a line.

Its asynchronous consumer leaves a thread and unclosed connections behind, as it does in any program.
"""

import json
import sys
from contextlib import redirect_stdout
from datetime import date, datetime
from typing import Any

import sensorsanalytics as sa
from sensorsanalytics.sdk import SensorsAnalyticsIdentity as Identity

CONSUMERS = {
    "default": sa.DefaultConsumer,
    "debug": lambda url: sa.DebugConsumer(url, True),
    "dry-run": lambda url: sa.DebugConsumer(url, False),
    "batch": lambda url: sa.BatchConsumer(url, 7),
    "async": lambda url: sa.AsyncBatchConsumer(url, flush_max_time=0.2, flush_size=4),
}
PROPERTIES = {
    "text": "söng\n\x07",
    "n": 7,
    "real": 2.5,
    "yes": True,
    "many": ["a", "b"],
    "day": date(2020, 5, 4),
}


class Tee:
    """A consumer that notes each message as the SDK hands it over, then passes it on."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.held: list[str] = []

    def send(self, message: str) -> None:
        """Note and pass on."""
        self.held.append(message)
        self.inner.send(message)

    def flush(self) -> None:
        """Pass on."""
        self.inner.flush()

    def close(self) -> None:
        """Pass on."""
        self.inner.close()


def call_everything(sdk: Any) -> None:
    """Each call that sends something, once."""
    sdk.register_super_properties({"platform": "lab"})
    sdk.track("anonymous-1", "page_view", PROPERTIES)
    sdk.track("anonymous-1", "past", {"$time": datetime(2020, 5, 4, 12, 0, 0, 500000)})  # noqa: DTZ001 - as the SDK wants it
    sdk.track("anonymous-1", "elsewhere", {"$project": "other", "$token": "t"})
    sdk.track_signup("account-1", "anonymous-1", {"how": "form"})
    sdk.track("account-1", "search", {"word": "x"}, is_login_id=True)
    sdk.profile_set("account-1", {"city": "Köln"}, is_login_id=True)
    sdk.profile_set_once("account-1", {"first": datetime(2020, 5, 4)})  # noqa: DTZ001
    sdk.profile_increment("account-1", {"visits": 3})
    sdk.profile_append("account-1", {"songs": ["one", "two"]})
    sdk.profile_unset("account-1", ["city"])
    sdk.profile_delete("account-1")
    sdk.item_set("song", "s1", {"title": "t"})
    sdk.item_delete("song", "s1")
    login = Identity(Identity.LOGIN_ID, "account-1")
    mail = Identity(Identity.EMAIL, "a@lab.example")
    sdk.bind(login, mail)
    sdk.unbind(mail)
    sdk.track_by_id("by_id", {"k": "v"}, login, mail)
    sdk.profile_set_by_id({"k": "v"}, login)


def main(url: str, consumer: str) -> None:
    """Send, and print what was held."""
    tee = Tee(CONSUMERS[consumer](url))
    with redirect_stdout(sys.stderr):  # the debugging consumer talks
        sdk = sa.SensorsAnalytics(tee)
        call_everything(sdk)
        sdk.close()
    sys.stdout.writelines(f"{json.dumps(json.loads(message))}\n" for message in tee.held)


if __name__ == "__main__":
    main(*sys.argv[1:])
