"""The twin of a HAR file (HAR 1.2): every string of it rewritten, whatever fields a recorder adds."""

import base64
import binascii
import gzip
import json
from pathlib import Path
from typing import Any

from hometruth.errors import CaptureError
from hometruth.model import Part
from hometruth.redact.left_out import LeftOut
from hometruth.redact.rewrite import GZIP, Rewriter
from hometruth.redact.sensitive import COOKIE_HEADERS, SECRET_HEADERS

MAX_HAR_BYTES = 1 << 30
"""A file is taken into memory whole, several times over."""
SIGHTED = "a removed value stood in it in a wrapping that cannot be put on again"
OPAQUE = "nothing can look inside"
NOT_NAMED = "answers are left out unless named"
GONE = "left-out"
"""Stands in the place of a path, a query or a header that had to go."""
NO_HOST = "left-out.example"
_KEPT_OF_RESPONSE = ("status", "statusText", "httpVersion", "headersSize", "bodySize")
_STAY = frozenset(
    {"startedDateTime", "version", "method", "httpVersion", "mimeType", "encoding", "serverIPAddress"}
)
"""Fields whose values are the format's own."""


def load_har(path: Path) -> dict[str, Any]:
    """The document.

    Raises:
        CaptureError: If it is too large, damaged, or no HAR.
    """
    if path.stat().st_size > MAX_HAR_BYTES:
        raise CaptureError(f"{path}: larger than {MAX_HAR_BYTES >> 30} GiB; cut it up first")
    data = path.read_bytes()
    try:
        text = (gzip.decompress(data) if data.startswith(GZIP) else data).decode("utf-8-sig")
        document = json.loads(text, strict=False)
        entries = document["log"]["entries"]
        if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
            raise TypeError("its entries are no list of objects")
    except (ValueError, KeyError, TypeError, RecursionError, EOFError, OSError) as err:
        raise CaptureError(
            f"{path}: is no whole HAR file ({type(err).__name__}: {err}); of a damaged one no twin is made: "
            "what cannot be read cannot be cleaned"
        ) from err
    assert isinstance(document, dict)
    return document


def har_twin(document: dict[str, Any], rewriter: Rewriter, left: LeftOut) -> bytes:
    """The document rewritten, as UTF-8."""
    log = document["log"]
    twin = {name: _tree(value, rewriter) for name, value in log.items() if name != "entries"}
    twin["entries"] = [_TwinEntry(at, rewriter, left).twin(entry) for at, entry in enumerate(log["entries"])]
    rest = {
        rewriter.text(name): _tree(value, rewriter, name) for name, value in document.items() if name != "log"
    }
    text = json.dumps({"log": twin, **rest}, ensure_ascii=False, indent=1)
    return text.encode("utf-8", "backslashreplace")


def _tree(value: object, rewriter: Rewriter, name: str = "") -> object:
    """Any part of the document, every string and number of it by the name it stands under."""
    match value:
        case str():
            return value if name in _STAY and len(value) < 100 else rewriter.text(value, name)
        case {"name": str(called), "value": str(text), **rest}:
            return {
                **{key: _tree(each, rewriter, str(key)) for key, each in rest.items()},
                "name": rewriter.text(called),
                "value": _header(called, text, rewriter),
            }
        case dict():
            return {rewriter.text(key): _tree(each, rewriter, key) for key, each in value.items()}
        case list():
            return [_tree(each, rewriter, name) for each in value]
        case bool() | None:
            return value
        case int() if len(str(value)) > 7:
            new = rewriter.text(str(value), name)
            return int(new) if new.isdigit() else value
        case _:
            return value


def _header(name: str, value: str, rewriter: Rewriter) -> str:
    if name.lower() in COOKIE_HEADERS:
        return rewriter.cookies(name, value)
    if name.lower() in SECRET_HEADERS:
        return rewriter.header(name, value)
    return rewriter.text(value, name)


class _TwinEntry:
    """One entry."""

    def __init__(self, index: int, rewriter: Rewriter, left: LeftOut) -> None:
        self._index = index
        self._rewriter = rewriter
        self._left = left

    def twin(self, entry: dict[str, Any]) -> dict[str, Any]:
        special = {"request", "response", "_webSocketMessages", "cache"}
        twin = {
            self._rewriter.text(key): _tree(value, self._rewriter, key)
            for key, value in entry.items()
            if key not in special
        }
        if isinstance(request := entry.get("request"), dict):
            twin["request"] = self._request(request)
        if isinstance(response := entry.get("response"), dict):
            twin["response"] = self._response(response)
        twin["cache"] = {}
        if isinstance(messages := entry.get("_webSocketMessages"), list):
            twin["_webSocketMessages"] = self._messages(messages)
        return twin

    def _request(self, request: dict[str, Any]) -> dict[str, Any]:
        body = request.get("postData")
        twin = self._without(request, "cookies", "postData")
        twin["cookies"] = self._cookies(request.get("cookies"))
        self._cut_headers(twin)
        self._cut_address(twin)
        if isinstance(body, dict):
            twin["postData"] = self._body(body)
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
        if encoding == "base64":
            try:
                data = base64.b64decode(text)
            except binascii.Error:
                return None
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
        kept = {key: response[key] for key in _KEPT_OF_RESPONSE if key in response}
        sizes = {key: content[key] for key in ("size", "mimeType") if key in content}
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
        twin = _tree({key: each for key, each in table.items() if key not in names}, self._rewriter)
        assert isinstance(twin, dict)
        return twin

    def _sighted(self, *parts: Part) -> bool:
        return self._left.has(self._index, *parts)

    def _tell(self, what: str, why: str, size_bytes: int) -> None:
        self._left.tell(f"entry {self._index}, {what}", why, size_bytes)
