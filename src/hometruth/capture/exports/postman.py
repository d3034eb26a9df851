"""Reads the requests that Postman saved with answers, in collections: the rest of one is templates.

https://schema.postman.com/collection/json/v2.1.0/draft-07/docs/index.html : ``response[].originalRequest``
is what was sent, in the spelling of templates. A request that was only written down was never sent, and is
counted in one gap.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from hometruth.capture.drops import never_recorded
from hometruth.capture.har.entry import number_of, text_of
from hometruth.capture.har.text import header_bytes, utf8
from hometruth.capture.json_walk import Broken, walk_document
from hometruth.capture.reader import CaptureFile, Reader, Start
from hometruth.capture.rows import InOrder, broken_gap
from hometruth.capture.url import exchange_to, parse_url
from hometruth.errors import CaptureError
from hometruth.model import Delivery, Exchange, Gap, GapKind, Headers, Source

_SCHEMA = re.compile(
    rb'"(_postman_schema|_postman_id|schema)"\s*:\s*"[^"]*(schema\.(get)?postman|[0-9a-f]{8}-)'
)
MOST_DEPTH = 100
"""Folders in folders."""
_VARIABLE = re.compile(r"\{\{[^{}]{1,200}\}\}")


def read_postman(file: CaptureFile) -> Iterator[Exchange | Gap]:
    """Requests with a saved answer.

    Raises:
        CaptureError: If no answer was saved, so that nothing in it was ever sent as far as anybody can tell.
    """
    file.maker.recorder = "Postman"
    templates, exchanges = 0, InOrder(file)
    broken: list[Gap] = []
    with file.open() as stream:
        for item in walk_document(stream, ("item",), _is_item):
            if isinstance(item, Broken):
                broken.append(broken_gap(item, file.name))
            elif item.name == "item" and isinstance(item.value, dict):
                for request, response in _saved(item.value, 0):
                    if response is None:
                        templates += 1
                        continue
                    yield from broken
                    broken.clear()
                    where = f"{file.name}, {text_of(request.get('name'))[:80]!r}"
                    yield from exchanges.read(_exchange, (request, response), where)
    if not exchanges.n:
        raise CaptureError(
            f"{file.name}: is a Postman collection of {templates} templates and no saved answer: it does not"
            " tell that anything was sent; record with a proxy, or save the answers with their requests"
        )
    yield from broken
    if templates:
        yield never_recorded(
            file.name, f"{templates} requests are templates: whether they were sent is not told"
        )


def _is_item(value: Any) -> bool:
    return isinstance(value, dict) and ("request" in value or "item" in value)


Saved = tuple[Mapping[str, Any], Mapping[str, Any] | None]


def _saved(item: Mapping[str, Any], depth: int) -> Iterator[Saved]:
    """Requests with each of their answers, through folders."""
    inner = item.get("item")
    for each in inner if isinstance(inner, list) and depth < MOST_DEPTH else ():
        if isinstance(each, dict):
            yield from _saved(each, depth + 1)
    if "request" not in item:
        return
    answers = item.get("response")
    told = [each for each in (answers if isinstance(answers, list) else ()) if isinstance(each, dict)]
    for answer in told:
        yield item, answer
    if not told:
        yield item, None


def _exchange(saved: tuple[Mapping[str, Any], Mapping[str, Any]], source: Source) -> Iterator[Exchange | Gap]:
    item, answer = saved
    template = item.get("request")
    sent = answer.get("originalRequest")
    request = sent if isinstance(sent, dict) else template if isinstance(template, dict) else {}
    address = sent if isinstance(sent, str) else _address(request.get("url"))
    url = parse_url(address if "://" in address else f"http://{address}")
    body = _body(request.get("body"))
    status = number_of(answer.get("code"))
    yield exchange_to(
        url,
        source,
        method=text_of(request.get("method")) or "GET",
        request_headers=_headers(request.get("header")),
        request_body=body,
        status=status,
        response_headers=_headers(answer.get("header")),
        response_body=utf8(text_of(answer.get("body"))) if "body" in answer else None,
        delivered=Delivery.YES if status else Delivery.NOT_RECORDED,
    )
    if _VARIABLE.search(address + (body or b"").decode("utf-8", "replace")):
        detail = "variables ({{…}}) stand in it: what was sent in their place is not recorded"
        yield Gap(GapKind.NOT_RECORDED, source.file, detail, exchange=str(source.index), host=url.host)


def _address(url: object) -> str:
    if isinstance(url, dict):
        if raw := text_of(url.get("raw")):
            return raw
        host, path = url.get("host"), url.get("path")
        name = ".".join(map(text_of, host)) if isinstance(host, list) else text_of(host)
        rest = "/".join(map(text_of, path)) if isinstance(path, list) else text_of(path)
        return f"{text_of(url.get('protocol')) or 'http'}://{name}/{rest.lstrip('/')}"
    return text_of(url)


def _headers(listed: object) -> Headers:
    if isinstance(listed, str):
        lines = [line.partition(":") for line in listed.splitlines() if ":" in line]
        return tuple((header_bytes(name.strip()), header_bytes(value.strip())) for name, _, value in lines)
    return tuple(
        (header_bytes(text_of(row.get("key"))), header_bytes(text_of(row.get("value"))))
        for row in (listed if isinstance(listed, list) else ())
        if isinstance(row, dict) and row.get("disabled") is not True
    )


def _body(body: object) -> bytes | None:
    if not isinstance(body, dict):
        return b"" if body is None else utf8(text_of(body))
    mode = text_of(body.get("mode"))
    told = body.get(mode)
    if mode in ("urlencoded", "formdata") and isinstance(told, list):
        rows = [row for row in told if isinstance(row, dict) and row.get("disabled") is not True]
        if any(row.get("type") == "file" for row in rows):
            return None
        return utf8(urlencode([(text_of(row.get("key")), text_of(row.get("value"))) for row in rows]))
    return None if mode == "file" else utf8(text_of(told))


def _sniff(start: Start) -> bool:
    return start.text.startswith(b"{") and b'"info"' in start.text and _SCHEMA.search(start.text) is not None


POSTMAN = Reader("Postman collections with saved answers", (".json",), _sniff, read_postman)
