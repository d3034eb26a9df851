"""One exchange of the corpus, before it is written as HAR or as a flow."""

from dataclasses import dataclass, field

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said."""

    status: int = 200
    mime: str = "application/json"
    body: bytes = b'{"ok":true}'


@dataclass(frozen=True, slots=True)
class Message:
    """One WebSocket message of the client."""

    data: bytes
    is_text: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """What the client said."""

    host: str
    target: str
    """Path and query, escaped."""
    method: str = "GET"
    headers: Headers = ()
    body: bytes = b""
    mime: str = ""
    messages: tuple[Message, ...] = ()
    answer: Answer = field(default_factory=Answer)

    @property
    def url(self) -> str:
        """The URL."""
        return f"{'wss' if self.messages else 'https'}://{self.host}{self.target}"
