"""Which app sent it: what the request itself says, never a guess."""

import re
from collections.abc import Iterable

from hometruth.model import Exchange, Sender, Value

_XIAOMI_BROWSER = re.compile(rb"XiaoMi/(?P<app>[A-Za-z ]+)/[0-9]")
_APP_ID = "properties.$app_id"


def sender_of(exchange: Exchange, values: Iterable[Value]) -> Sender:
    """The app named by the event's ``$app_id`` or by the user agent; ``app`` is None where neither does."""
    for value in values:
        if value.path.endswith(_APP_ID):
            return Sender(value.data.decode("utf-8", "backslashreplace"), f"event property {value.path}")
    agent = exchange.request_header("user-agent") or b""
    if match := _XIAOMI_BROWSER.search(agent):
        return Sender(match["app"].decode("ascii"), "user agent")
    return Sender(None, "neither the user agent nor the event names an app")
