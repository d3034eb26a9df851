"""The twin of a HAR file (HAR 1.2): every string of it rewritten, whatever fields a recorder adds."""

import base64
import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from hometruth.audit.redact.left_out import LeftOut
from hometruth.audit.redact.rewrite import Rewriter
from hometruth.audit.redact.sensitive import COOKIE_HEADERS
from hometruth.capture.byte_stream import take
from hometruth.capture.har.text import from_base64
from hometruth.capture.unpacked import damage_of, unpacked
from hometruth.errors import CaptureError
from hometruth.model import Part

MAX_FILE_BYTES = 1 << 30
"""Unpacked. A file is taken into memory whole, several times over."""
SIGHTED = "a removed value stood in it in a wrapping that cannot be put on again"
OPAQUE = "nothing can look inside"
NOT_NAMED = "answers are left out unless named"
GONE = "left-out"
"""Stands in the place of a path, a query or a header that had to go."""
NO_HOST = "left-out.example"
_KEPT_OF_RESPONSE = ("status", "statusText", "httpVersion", "headersSize", "bodySize")
_ENTRY = (
    *("startedDateTime", "time", "timings", "serverIPAddress", "cache", "request", "response"),
    "_webSocketMessages",
)
_REQUEST = (
    *("method", "url", "httpVersion", "headers", "cookies", "queryString", "postData"),
    *("headersSize", "bodySize"),
)
"""What stays where something beside the request had to go."""
_BODIES = ("postData", "_content")
"""Of a request: HAR's own, and HTTP Toolkit's."""
_TAKEN_APART = ("request", "response", "_webSocketMessages", "cache", "serverIPAddress")
"""Fields of an entry that are rewritten by what they are."""
_WHOLE_FILE = -1
"""As a place beside the requests: what is in no entry."""


def read_whole(path: Path) -> bytes:
    """The file, unpacked.

    Raises:
        CaptureError: If it is too large, or packed and damaged.
    """
    with unpacked(path.open("rb")) as stream:
        data = take(stream, MAX_FILE_BYTES + 1)
        if damage := damage_of(stream):
            raise CaptureError(f"{path}: {damage}; of a damaged file no twin is made")
    if len(data) > MAX_FILE_BYTES:
        raise CaptureError(f"{path}: larger than {MAX_FILE_BYTES >> 30} GiB; cut it up first")
    return data


def load_har(path: Path) -> dict[str, Any]:
    """The document.

    Raises:
        CaptureError: If it is too large, damaged, or no HAR.
    """
    try:
        document = json.loads(read_whole(path).decode("utf-8-sig"), strict=False)
        entries = document["log"]["entries"]
        if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
            raise TypeError("its entries are no list of objects")
    except (ValueError, KeyError, TypeError, RecursionError) as err:
        raise CaptureError(
            f"{path}: is no whole HAR file ({type(err).__name__}: {err}); of a damaged one no twin is made: "
            "what cannot be read cannot be cleaned"
        ) from err
    assert isinstance(document, dict)
    return document


def har_twin(document: dict[str, Any], rewriter: Rewriter, left: LeftOut) -> bytes:
    """The document rewritten, as UTF-8."""
    log = document["log"]
    entries = [_TwinEntry(at, rewriter, left).twin(entry) for at, entry in enumerate(log["entries"])]
    if _WHOLE_FILE in left.beside:
        left.tell("what is in no entry", SIGHTED, 0)
        twin = {"log": {"version": "1.2", "creator": {"name": "", "version": ""}, "entries": entries}}
    else:
        rest = {name: value for name, value in log.items() if name != "entries"}
        twin = {
            "log": {**rewriter.tree(rest), "entries": entries},
            **rewriter.tree({name: value for name, value in document.items() if name != "log"}),
        }
    return har_bytes(twin)


def har_bytes(document: dict[str, Any]) -> bytes:
    """The document as UTF-8."""
    return json.dumps(document, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace")


def beside_entries(twin: bytes, read: Collection[int | str]) -> Iterator[tuple[int, bytes]]:
    """What a twin holds that no reader took for a part of an exchange, by its place: notes, whole entries.

    Args:
        read: Entries that were read.
    """
    document = json.loads(twin)
    entries = document["log"].pop("entries")
    yield _WHOLE_FILE, json.dumps(document).encode()
    for at, entry in enumerate(entries):
        if at in read:
            _drop_what_is_read(entry)
        yield at, json.dumps(entry).encode()


def _drop_what_is_read(entry: dict[str, Any]) -> None:
    """Take out what stands in the exchange: it is searched there."""
    entry.pop("_webSocketMessages", None)
    request, answer = entry["request"], entry.get("response") or {}
    request["url"] = str(request.get("url", "")).partition("#")[2]
    for name in _BODIES:
        request.get(name, {}).pop("text", None)
    answer = answer if answer.get("status") else {}
    answer.get("content", {}).pop("text", None)
    for listed in (*map(request.get, ("headers", "queryString", "cookies")), answer.get("headers")):
        for pair in listed if isinstance(listed, list) else ():
            for name in ("name", "value") if isinstance(pair, dict) else ():
                pair.pop(name, None)


class _TwinEntry:
    """One entry."""

    def __init__(self, index: int, rewriter: Rewriter, left: LeftOut) -> None:
        self._index = index
        self._rewriter = rewriter
        self._left = left

    def twin(self, entry: dict[str, Any]) -> dict[str, Any]:
        if self._index in self._left.beside:
            self._tell("what stands beside its request", SIGHTED, 0)
            entry = {key: entry[key] for key in _ENTRY if key in entry}
        twin = self._without(entry, *_TAKEN_APART)
        if isinstance(address := entry.get("serverIPAddress"), str):
            twin["serverIPAddress"] = self._rewriter.text(address)  # the server's: it tells who received it
        if isinstance(request := entry.get("request"), dict):
            twin["request"] = self._request(request)
        if isinstance(response := entry.get("response"), dict):
            twin["response"] = self._response(response)
        twin["cache"] = {}
        if isinstance(messages := entry.get("_webSocketMessages"), list):
            twin["_webSocketMessages"] = self._messages(messages)
        return twin

    def _request(self, request: dict[str, Any]) -> dict[str, Any]:
        if self._index in self._left.beside:
            request = {key: request[key] for key in _REQUEST if key in request}
        twin = self._without(request, "cookies", *_BODIES)
        twin["cookies"] = self._cookies(request.get("cookies"))
        self._cut_headers(twin)
        self._cut_address(twin)
        for name in _BODIES:
            if isinstance(body := request.get(name), dict):
                twin[name] = self._body(body)
        return twin

    def _cookies(self, cookies: object) -> list[object]:
        kept: list[object] = []
        for cookie in cookies if isinstance(cookies, list) else ():
            if isinstance(cookie, dict) and not self._sighted(Part.COOKIE):
                value = cookie.get("value")
                new = self._rewriter.secret(value) if isinstance(value, str) else ""
                kept.append({**self._without(cookie, "value"), "value": new})
        return kept

    def _cut_headers(self, twin: dict[str, Any]) -> None:
        headers = twin.get("headers")
        for header in headers if isinstance(headers, list) else ():
            name = str(header.get("name")) if isinstance(header, dict) else ""
            if self._left.has(self._index, Part.HEADER, Part.HEADER_NAME, name=name) or (
                name.lower() in COOKIE_HEADERS and self._sighted(Part.COOKIE)
            ):
                self._tell(f"header {name}", SIGHTED, len(str(header.get("value"))))
                header["value"] = GONE
        if self._sighted(Part.HEADER_NAME):
            twin["headers"] = []

    def _cut_address(self, twin: dict[str, Any]) -> None:
        url = str(twin.get("url", ""))
        if self._index in self._left.beside:
            url = url.partition("#")[0]  # which no server is sent
        start, mark, query = url.partition("?")
        if self._sighted(Part.QUERY):
            self._tell("query", SIGHTED, len(query))
            mark, query, twin["queryString"] = "", "", []
        if self._sighted(Part.PATH, Part.HOST, Part.AUTHORITY, Part.SNI):
            self._tell("address", SIGHTED, len(start))
            scheme, _, rest = start.partition("://")
            host = rest.split("/")[0]
            host = NO_HOST if self._sighted(Part.HOST, Part.AUTHORITY, Part.SNI) else host
            start = f"{scheme}://{host}/{GONE}"
        twin["url"] = f"{start}{mark}{query}"

    def _body(self, body: dict[str, Any]) -> dict[str, Any]:
        twin = self._without(body, "text")
        if not isinstance(text := body.get("text"), str):
            return twin
        new = None if self._sighted(Part.BODY) else self._content(text, body.get("encoding"))
        if new is None:
            self._tell("body", SIGHTED if self._sighted(Part.BODY) else OPAQUE, len(text))
            return {"mimeType": twin.get("mimeType", ""), "comment": "body left out by hometruth redact"}
        return {**twin, "text": new}

    def _content(self, text: str, encoding: object) -> str | None:
        """A body or a message; None if nothing can look inside."""
        if encoding == "base64" and (data := from_base64(text)) is not None:
            new = self._rewriter.data(data)
            if new is None:
                return text if self._left.keep_opaque else None
            return base64.b64encode(new).decode()
        opaque = any(ord(each) < 32 and each not in "\t\r\n\f" for each in text[:4096])
        if opaque and not text.startswith("PK"):
            return text if self._left.keep_opaque else None
        return self._rewriter.text(text)

    def _response(self, response: dict[str, Any]) -> dict[str, Any]:
        content = response.get("content")
        content = content if isinstance(content, dict) else {}
        if self._left.keep_responses and not self._sighted(Part.ANSWER):
            twin = self._without(response, "content", "cookies")
            rest = self._without(content, "text")
            if isinstance(text := content.get("text"), str):
                new = self._content(text, content.get("encoding"))
                rest = {**rest, "text": new} if new is not None else rest
                if new is None:
                    self._tell("answer's body", OPAQUE, len(text))
            return {**twin, "cookies": self._cookies(response.get("cookies")), "content": rest}
        if content.get("text") or response.get("headers"):
            size = len(str(content.get("text") or ""))
            self._tell("answer", SIGHTED if self._left.keep_responses else NOT_NAMED, size)
        kept = self._tree({key: response[key] for key in _KEPT_OF_RESPONSE if key in response})
        sizes = self._tree({key: content[key] for key in ("size", "mimeType") if key in content})
        return {**kept, "headers": [], "cookies": [], "redirectURL": "", "content": sizes}

    def _messages(self, messages: list[Any]) -> list[object]:
        twin: list[object] = []
        for message in messages:
            if not isinstance(message, dict) or not isinstance(data := message.get("data"), str):
                continue
            sent = message.get("type") == "send"
            binary = message.get("opcode") == 2
            new = self._content(data, "base64" if binary else None)
            if self._sighted(Part.MESSAGE) or new is None or not (sent or self._left.keep_responses):
                why = NOT_NAMED if not sent else OPAQUE if new is None else SIGHTED
                self._tell("messages", why, len(data))
                new = ""
            rest = self._without(message, "data")
            twin.append({**rest, "data": new})
        return twin

    def _without(self, table: dict[str, Any], *names: str) -> dict[str, Any]:
        """All of a table but these fields, rewritten."""
        return self._tree({key: each for key, each in table.items() if key not in names})

    def _tree(self, table: dict[str, Any]) -> dict[str, Any]:
        twin = self._rewriter.tree(table)
        assert isinstance(twin, dict)
        return twin

    def _sighted(self, *parts: Part) -> bool:
        return self._left.has(self._index, *parts)

    def _tell(self, what: str, why: str, size_bytes: int) -> None:
        self._left.tell(f"entry {self._index}, {what}", why, size_bytes)
