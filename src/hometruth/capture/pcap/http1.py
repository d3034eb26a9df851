"""HTTP/1 as captured (RFC 9112): tolerant, since what was sent was sent, however malformed."""

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from hometruth.capture.pcap.talk import Body, Done, Fields, Protocol1, Strays, Talk, header

MAX_HEAD_BYTES = 1 << 20
"""Of a request's or an answer's head."""
REQUEST = re.compile(
    rb"(GET|HEAD|[A-Z][A-Z0-9_\-]{1,30}(?= \S{1,100000} HTTP/)) (\S{1,100000})(?: (HTTP/\d\.\d))?\r?\n"
)
"""A line without a version is one of HTTP/0.9 in these two methods alone: FTP and mail speak so, too."""
_STATUS = re.compile(rb"HTTP/\d\.\d (\d{3})")
_SIZE = re.compile(rb"\s*([0-9A-Fa-f]{1,16})[^\r\n]*\r?\n")
_NO_BODY = (204, 304)
SIMPLE = {b"GET", b"HEAD"}

Upgrade = Callable[[Talk], Protocol1 | None]
"""What goes on in a connection after an answer that changes its protocol, or after CONNECT."""


@dataclass(slots=True)
class _HttpReader:
    """One side: heads and bodies, one after the other."""

    buffer: bytearray = field(default_factory=bytearray)
    body: Body | None = None
    left: int | None = None
    """Bytes of the body, or of a chunk, still to come; None until the end of the connection."""
    chunked: bool = False
    trailer: Fields | None = None
    """Where trailers go, once the last chunk has come."""
    resync: bool = False


class Http1:
    """Requests of one connection with their answers, in order; pipelining included."""

    def __init__(self, scheme: str, done: Done, upgrade: Upgrade, *, answers: bool) -> None:
        self._scheme, self._done, self._upgrade, self._answers = scheme, done, upgrade, answers
        self._client, self._server = _HttpReader(), _HttpReader()
        self._waiting: deque[Talk] = deque()
        """Requests without a whole answer, the newest last."""
        self._next: Protocol1 | None = None
        self.strays = Strays()
        """What the client sent between its requests, or in place of them."""
        self.missing_bytes = 0
        """Bytes of the client that the capture does not hold, and that are of no request that came."""

    def add(self, from_client: bool, data: bytes, time_ns: int) -> None:
        """See `Protocol1`."""
        if self._next:
            self._next.add(from_client, data, time_ns)
            return
        side = self._client if from_client else self._server
        side.buffer += data
        self._read(side, from_client, time_ns)
        if from_client and self._server.buffer:  # an answer that was captured before its request
            self._read(self._server, False, time_ns)

    def _read(self, side: _HttpReader, from_client: bool, time_ns: int) -> None:
        while not self._next and side.buffer and self._step(side, from_client, time_ns):
            pass
        if self._next and (rest := bytes(side.buffer)):
            side.buffer.clear()
            self._next.add(from_client, rest, time_ns)

    def lose(self, from_client: bool, n_bytes: int) -> None:
        """See `Protocol1`."""
        if self._next:
            self._next.lose(from_client, n_bytes)
            return
        side = self._client if from_client else self._server
        if side.body:
            side.body.drop()
            if side.left is not None and not side.chunked and n_bytes <= side.left:
                side.left -= n_bytes
                if not side.left:
                    self._finish(from_client)
                return
            n_bytes -= side.left or 0
            self._finish(from_client)
        if from_client:
            self.missing_bytes += n_bytes
            self._pass_over(bytes(side.buffer), 0)
        side.buffer.clear()
        side.resync = True

    def end(self) -> None:
        """See `Protocol1`."""
        if self._next:
            self._next.end()
        for side, from_client in ((self._client, True), (self._server, False)):
            if side.body and side.left is None and not side.chunked:
                self._finish(from_client)
            elif side.body:
                side.body.drop()
        if self._client.buffer and not self._client.body:
            if line := REQUEST.match(self._client.buffer):
                fields = _fields(bytes(self._client.buffer[line.end() :]))
                self._begin(line, fields, 0, "the capture ends inside its head")
            else:
                self._pass_over(bytes(self._client.buffer), 0)
        for talk in self._waiting:
            self._done(talk)
        self._waiting.clear()

    def _step(self, side: _HttpReader, from_client: bool, time_ns: int) -> bool:
        """Take one head or piece of a body; False if more must come first."""
        if side.body:
            return self._piece(side, from_client)
        if side.resync and not self._found_again(side, from_client, time_ns):
            return False
        # Empty lines before a request are none (RFC 9112, 2.2).
        if from_client and side.buffer[0] in b"\r\n":
            side.buffer[:] = side.buffer.lstrip(b"\r\n")
        simple = self._simple(side, time_ns) if from_client else False
        if simple:
            return True
        end = re.search(rb"\r?\n\r?\n", side.buffer)
        if not end:
            if len(side.buffer) > MAX_HEAD_BYTES:
                if from_client:
                    self._pass_over(bytes(side.buffer), time_ns)
                side.buffer.clear()
                side.resync = True
            return False
        head = bytes(side.buffer[: end.end()])
        if from_client:
            line = REQUEST.match(head)
            if not line:
                side.resync = True
                self._pass_over(head, time_ns)
                del side.buffer[: end.end()]
                return True
            del side.buffer[: end.end()]
            talk = self._begin(line, _fields(head[line.end() :]), time_ns)
            self._expect(side, talk.body, talk.headers, from_client=True)
            if talk.method == b"CONNECT":
                return False  # what follows is the answer's to explain
            return self._next is None
        return self._answer(side, head)

    def _simple(self, side: _HttpReader, time_ns: int) -> bool:
        """A request of HTTP/0.9: a line without a version."""
        line = REQUEST.match(side.buffer)
        if line is None or line[3] or line[1] not in SIMPLE:
            return False
        self._begin(line, [], time_ns).is_complete = True  # which reads the line out of the buffer
        del side.buffer[: line.end()]
        return True

    def _begin(self, line: re.Match[bytes], fields: Fields, time_ns: int, error: str = "") -> Talk:
        talk = Talk(
            method=bytes(line[1]),
            scheme=self._scheme,
            authority=header(fields, b"host"),
            target=bytes(line[2]),
            http_version=bytes(line[3] or b"HTTP/0.9").decode(),
            started_ns=time_ns,
            headers=fields,
            error=error,
        )
        talk.answer.kept = self._answers
        if error:
            talk.body.drop()
        self._waiting.append(talk)
        return talk

    def _answer(self, side: _HttpReader, head: bytes) -> bool:
        line = _STATUS.match(head)
        if line and (not self._waiting or self._waiting[0].is_answered):
            return False  # to a request that has not come yet
        if not line:
            side.resync = True
            del side.buffer[: len(head)]
            return True
        del side.buffer[: len(head)]
        status = int(line[1])
        talk = self._waiting[0]
        fields = _fields(head.split(b"\n", 1)[1])
        if 100 <= status < 200 and status != 101:
            return True
        talk.status, talk.answer_headers = status, fields
        if status == 101 or (talk.method == b"CONNECT" and 200 <= status < 300):
            self._next = self._upgrade(talk)
            if self._next:
                self._waiting.popleft()
                if talk.method == b"CONNECT":
                    self._done(talk)
                held = bytes(self._client.buffer.lstrip(b"\r\n") if status != 101 else self._client.buffer)
                self._client.buffer.clear()
                self._next.add(True, held, talk.started_ns)
                return False
        if talk.method == b"HEAD" or status in _NO_BODY or status < 200:
            self._finish(False)
            return True
        self._expect(side, talk.answer, fields, from_client=False)
        return True

    def _expect(self, side: _HttpReader, body: Body, fields: Fields, *, from_client: bool) -> None:
        """What body follows a head."""
        side.body, side.chunked, side.trailer = body, False, None
        if b"chunked" in header(fields, b"transfer-encoding").lower():
            side.chunked, side.left = True, 0
            return
        length = header(fields, b"content-length").strip()
        if length.isdigit():
            side.left = int(length)
        else:
            side.left = 0 if from_client else None
        if side.left == 0:
            self._finish(from_client)

    def _piece(self, side: _HttpReader, from_client: bool) -> bool:
        assert side.body is not None
        if side.chunked and not side.left:
            return self._chunk_head(side, from_client)
        size = len(side.buffer) if side.left is None else min(side.left, len(side.buffer))
        side.body.add(bytes(side.buffer[:size]))
        del side.buffer[:size]
        if side.left is not None:
            side.left -= size
            if not side.left and not side.chunked:
                self._finish(from_client)
        return True

    def _chunk_head(self, side: _HttpReader, from_client: bool) -> bool:
        """The size of the next chunk, or after the last one the trailers."""
        assert side.body is not None
        if side.trailer is not None:
            line, found, _ = bytes(side.buffer).partition(b"\n")
            if not found:
                return False
            del side.buffer[: len(line) + 1]
            if line.strip():
                side.trailer += _fields(line + b"\n")
            else:
                self._finish(from_client)
            return True
        if side.buffer[:2] == b"\r\n":
            del side.buffer[:2]
            return True
        match = _SIZE.match(side.buffer)
        if not match:
            if b"\n" in side.buffer:  # no size: the rest cannot be told apart
                side.body.drop()
                self._finish(from_client)
                side.resync = True
            return False
        side.left = int(match[1], 16)
        del side.buffer[: match.end()]
        if not side.left:
            talk = self._waiting[-1] if from_client else self._waiting[0]
            side.trailer = talk.headers if from_client else talk.answer_headers
        return True

    def _finish(self, from_client: bool) -> None:
        """A whole request, or a whole answer, is there."""
        side = self._client if from_client else self._server
        side.body, side.trailer = None, None
        if not self._waiting:
            return
        talk = self._waiting[-1 if from_client else 0]
        talk.is_complete = talk.is_complete or from_client
        talk.is_answered = talk.is_answered or not from_client
        if talk.is_complete and talk.is_answered:
            self._waiting.remove(talk)
            self._done(talk)

    def _pass_over(self, data: bytes, time_ns: int) -> None:
        """Keep what a client sent, and what is no request."""
        if data.strip(b"\r\n"):
            self.strays.add(data, time_ns)

    def _found_again(self, side: _HttpReader, from_client: bool, time_ns: int) -> bool:
        """Look for the next head after bytes that were lost."""
        pattern = REQUEST if from_client else _STATUS
        start = 0
        while start >= 0:
            if pattern.match(side.buffer, start):
                if from_client:
                    self._pass_over(bytes(side.buffer[:start]), time_ns)
                del side.buffer[:start]
                side.resync = False
                if not from_client:
                    self._drop_unanswered()
                return True
            start = side.buffer.find(b"\n", start) + 1 or -1
        # Whole lines were looked at: kept, each new segment would have them looked at once more.
        last = side.buffer.rfind(b"\n") + 1
        last = last if len(side.buffer) - last <= MAX_HEAD_BYTES else len(side.buffer)
        if from_client:
            self._pass_over(bytes(side.buffer[:last]), time_ns)
        del side.buffer[:last]
        return False

    def _drop_unanswered(self) -> None:
        """The answer to the oldest request was lost, as far as anybody can tell."""
        if len(self._waiting) > 1:
            self._done(self._waiting.popleft())


def _fields(head: bytes) -> Fields:
    """Header fields; a line that begins with white space continues the one before (RFC 9112, 5.2)."""
    fields: Fields = []
    for raw in head.split(b"\n"):
        line = raw.rstrip(b"\r")
        if line[:1] in b" \t" and line.strip() and fields:
            name, value = fields[-1]
            fields[-1] = name, value + b" " + line.strip()
        elif line.strip():
            name, _, value = line.partition(b":")
            fields.append((name.strip(), value.strip()))
    return fields
