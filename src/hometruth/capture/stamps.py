"""What the recorder notes in a flow's metadata while it records, and how that is read again."""

from mitmproxy.flow import Flow

from hometruth.model import Sender

TRIAL = "hometruth.trial"
"""The trial it started in."""
TLS_OFFERED = "hometruth.tls-offered"
"""TLS versions of the client's own ClientHello, comma-separated."""
APP, APP_SOURCE = "hometruth.app", "hometruth.app-source"
"""Who sent it, and how the recorder knew."""
UNDELIVERED = "hometruth.undelivered"
"""Set where the recorder itself answered, or listened, because no server was there."""
ASKED_HOST, ASKED_PORT = "hometruth.asked-host", "hometruth.asked-port"
"""Whom the client wanted, where what it sent was taken by the recorder itself; or the name that the client
had asked the address of."""
NS_PER_S = 1_000_000_000


def text_at(flow: Flow, key: str) -> str | None:
    """A note that is a text; None if there is none, or a strange one."""
    value = flow.metadata.get(key)
    return value if isinstance(value, str) else None


def sent_by(flow: Flow) -> Sender | None:
    """Who sent it, as whatever recorded it knew: our recorder, or mitmproxy told to capture one program."""
    if app := text_at(flow, APP):
        return Sender(app, text_at(flow, APP_SOURCE) or "the recorder")
    mode = flow.client_conn.proxy_mode
    program = mode.data if mode.type_name == "local" else ""
    if not program or not set(program).isdisjoint(",!"):  # of several, or all but some, any may have sent it
        return None
    return Sender(program, "mitmproxy captured this program only")


def nanoseconds(seconds: float | None) -> int | None:
    """Seconds since the epoch in whole nanoseconds."""
    return None if seconds is None else int(seconds * NS_PER_S)
