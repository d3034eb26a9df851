"""Entries with fields of an odd type, or with fields nobody knows: each costs itself, never the entry."""

from typing import Any

import msgspec

from hometruth.capture.har.entry import (
    Content,
    Entry,
    NameValue,
    NotSent,
    Outcome,
    Outgoing,
    Request,
    Response,
    WebSocketMessage,
)

Names = list[str]
"""Places of fields that are not known, such as ``request._extra``."""


def loose(value: object, kind: type[Outgoing]) -> tuple[Outgoing, Names]:
    """An entry from whatever JSON holds, and the places of fields in it that say what we do not know.

    Raises:
        ValueError: If it is no object with a request in it.
    """
    if not isinstance(value, dict):
        raise ValueError("an entry that is no object")
    if not isinstance(value.get("request"), dict):
        raise ValueError("an entry without the object `request`")
    unknown: Names = []
    told = _known(kind, value, "", unknown)
    told["request"] = _request(value["request"], unknown)
    answer = value.get("response")
    told["response"] = _response(answer, kind) if isinstance(answer, dict) else None
    told["messages"] = _messages(value.get("_webSocketMessages"), unknown)
    return kind(**told), unknown


def _known(kind: type[msgspec.Struct], value: dict[str, Any], where: str, unknown: Names) -> dict[str, Any]:
    """Values for the fields of *kind*; where a name is none of them, its place."""
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    told = {}
    for name, item in value.items():
        field = fields.get(name)
        if field is None:
            unknown.append(f"{where}{name}")
        elif field.type is not NotSent:
            told[field.name] = item
    return told


def _request(value: dict[str, Any], unknown: Names) -> Request:
    told = _known(Request, value, "request.", unknown)
    for name, inside in (
        ("headers", "headers"),
        ("cookies", "cookies"),
        ("queryString", "queryString"),
        ("trailers", "_trailers"),
    ):
        told[name] = pairs(told.get(name), f"request.{inside}", unknown)
    for name, inside in (("postData", "postData"), ("content", "_content")):
        told[name] = _content(told.get(name), f"request.{inside}", unknown)
    return Request(**told)


def _content(value: object, where: str, unknown: Names) -> Content | None:
    match value:
        case None:
            return None
        case dict():
            told = _known(Content, value, f"{where}.", unknown)
            told["params"] = pairs(told.get("params"), f"{where}.params", unknown)
            return Content(**told)
        case list():
            return Content(params=pairs(value, where, unknown))
        case _:
            return Content(text=value)


def pairs(value: object, where: str, unknown: Names) -> list[NameValue]:
    """Names and values from a list of them, an object of them, a single one, or a text."""
    match value:
        case None:
            return []
        case dict() if {"name", "value"} <= value.keys():
            return [NameValue(**_known(NameValue, value, f"{where}.", unknown))]
        case dict():
            return [NameValue(name, item) for name, item in value.items()]
        case list():
            return [_pair(item, where, unknown) for item in value if item is not None]
        case str() if where.endswith("headers"):
            lines = (line.partition(":") for line in value.splitlines() if line.strip())
            return [NameValue(name.strip(), rest.strip()) for name, _, rest in lines]
        case _:
            return [NameValue(value)]


def _pair(item: object, where: str, unknown: Names) -> NameValue:
    match item:
        case dict():
            return NameValue(**_known(NameValue, item, f"{where}[].", unknown))
        case [name, value]:
            return NameValue(name, value)
        case _:
            return NameValue(item)


def _messages(value: object, unknown: Names) -> list[WebSocketMessage]:
    where = "_webSocketMessages[]."
    match value:
        case None:
            return []
        case dict() if "data" in value:
            return [WebSocketMessage(**_known(WebSocketMessage, value, where, unknown))]
        case dict():
            return _messages(list(value.values()), unknown)
        case list():
            return [
                WebSocketMessage(**_known(WebSocketMessage, item, where, unknown))
                if isinstance(item, dict)
                else WebSocketMessage(data=item)
                for item in value
            ]
        case _:
            return [WebSocketMessage(data=value)]


def _response(value: dict[str, Any], kind: type[Outgoing]) -> Outcome:
    ignored: Names = []  # nothing in an answer was sent
    if not issubclass(kind, Entry):
        return Outcome(**_known(Outcome, value, "", ignored))
    told = _known(Response, value, "", ignored)
    told["headers"] = pairs(told.get("headers"), "headers", ignored)
    told["content"] = _content(told.get("content"), "content", ignored)
    return Response(**told)
