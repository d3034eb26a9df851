"""Places in a request where a wrapped value is sent. Each says which layers the place itself adds."""

import base64
import json
from collections.abc import Callable
from random import Random
from typing import NamedTuple
from urllib.parse import quote_from_bytes, urlsplit

from benchmarks.corpus.sent import Message, Sent

JSON_TYPE = "application/json"
OCTETS = "application/octet-stream"
BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"


class Carried(NamedTuple):
    """A request with the value in it."""

    sent: Sent
    part: str
    layers: tuple[str, ...] = ()


Carrier = Callable[[bytes, str, Random], Carried]
"""(wrapped value, host of the recipient, generator) -> request."""


def query(data: bytes, host: str, rng: Random) -> Carried:
    """In a field of the query."""
    value = quote_from_bytes(data, safe="")
    target = f"/collect?v=2&tid=G-{_token(rng, 8)}&cid={rng.randrange(10**9)}&dl={value}&z={rng.random()}"
    return Carried(Sent(host, target), "query", _percent(data))


def form(data: bytes, host: str, rng: Random) -> Carried:
    """In a field of a form."""
    body = f"k={_token(rng, 12)}&p={quote_from_bytes(data, safe='')}&n={rng.randrange(99)}"
    return _post(body.encode(), "application/x-www-form-urlencoded", host, _percent(data))


def document(data: bytes, host: str, rng: Random) -> Carried:
    """In a string of a JSON body."""
    event = {"name": "view", "ts": rng.randrange(10**12), "props": {"x": data.decode(), "n": rng.random()}}
    body = json.dumps({"key": _token(rng, 16), "events": [event]}, ensure_ascii=False)
    return _post(body.encode(), JSON_TYPE, host, ("json",))


def cookie(data: bytes, host: str, rng: Random) -> Carried:
    """In a cookie."""
    value = f"_sid={_token(rng, 20)}; _uv={quote_from_bytes(data, safe='')}; _v=2"
    return Carried(Sent(host, f"/s?{rng.random()}", headers=(("Cookie", value),)), "cookie", _percent(data))


def header(data: bytes, host: str, rng: Random) -> Carried:
    """In a header of its own."""
    plain = all(32 < byte < 127 for byte in data)
    value = data.decode() if plain else quote_from_bytes(data, safe="")
    sent = Sent(host, f"/h?{rng.random()}", headers=(("X-Client-Context", value),))
    return Carried(sent, "header", () if plain else _percent(data))


def path(data: bytes, host: str, rng: Random) -> Carried:
    """In a segment of the path."""
    target = f"/v1/{_token(rng, 6)}/{quote_from_bytes(data, safe='')}/pixel.gif"
    return Carried(Sent(host, target), "path", _percent(data))


def host_label(data: bytes, host: str, rng: Random) -> Carried:
    """As the first label of the host."""
    return Carried(Sent(f"{data.decode()}.{host}", f"/p.gif?{rng.random()}"), "host")


def host_name(data: bytes, host: str, rng: Random) -> Carried:
    """As the name looked up at a resolver over HTTPS, which is part of its host."""
    return Carried(Sent(f"{data.decode()}.{host}", f"/dns?{rng.random()}"), "host")


def body(data: bytes, host: str, rng: Random) -> Carried:  # noqa: ARG001 - one shape for all carriers
    """As the whole body."""
    return _post(data, "text/plain" if _is_text(data) else OCTETS, host)


def in_base64(data: bytes, host: str, rng: Random) -> Carried:
    """Bytes in base64 in a JSON body."""
    carried = document(base64.b64encode(data), host, rng)
    return carried._replace(layers=("json", "base64"))


def multipart(data: bytes, host: str, rng: Random) -> Carried:
    """In a part of a multipart body."""
    fields = (b"app", _token(rng, 9).encode()), (b"payload", data)
    lines = b"".join(
        b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (BOUNDARY.encode(), name, value)
        for name, value in fields
    )
    mime = f"multipart/form-data; boundary={BOUNDARY}"
    return _post(lines + b"--" + BOUNDARY.encode() + b"--\r\n", mime, host)


def message(data: bytes, host: str, rng: Random) -> Carried:
    """As one of three WebSocket messages."""
    around = Message(b'{"type":"ping"}', is_text=True)
    sent = Sent(host, f"/socket?{rng.random()}", messages=(around, Message(data, _is_text(data)), around))
    return Carried(sent, "message")


def host_and_path(data: bytes, host: str, rng: Random) -> Carried:
    """A URL taken apart into fields of a JSON body."""
    parts = urlsplit(data.decode())
    page = {"path": f"{parts.path}?{parts.query}", "load_ms": rng.randrange(5000), "host": parts.netloc}
    return _post(json.dumps({"key": _token(rng, 16), "page": page}).encode(), JSON_TYPE, host, ("json",))


def two_fields(data: bytes, host: str, rng: Random) -> Carried:
    """In two fields of the query, each with a half."""
    text = data.decode()
    middle = len(text) // 2
    halves = [quote_from_bytes(half.encode(), safe="") for half in (text[:middle], text[middle:])]
    target = f"/c?v=1&u1={halves[0]}&t={rng.randrange(10**6)}&u2={halves[1]}"
    return Carried(Sent(host, target), "query", _percent(data))


def cut_at_255(data: bytes, host: str, rng: Random) -> Carried:
    """In an address so long that the sender cuts it after 255 characters: ``g`` and, for the rest, ``-g``."""
    end = quote_from_bytes(data, safe="")
    start = "https://www.shop.example/land?c="
    page = start + _token(rng, 255 - len(start) - 4 - len(end) // 2) + "&to=" + end
    halves = [quote_from_bytes(half.encode(), safe="") for half in (page[:255], page[255:])]
    target = f"/b/ss/suite/1/H.27/s{rng.randrange(10**9)}?g={halves[0]}&cc=EUR&-g={halves[1]}&AQE=1"
    return Carried(Sent(host, target), "query", _percent(data) * 2)


def growing(data: bytes, host: str, rng: Random) -> Carried:
    """In a field that grew from event to event of one body, as it was typed."""
    text = data.decode()
    events = [{"t": 140 * n, "target": "input#q", "value": text[:n]} for n in range(1, len(text) + 1)]
    body = json.dumps({"key": _token(rng, 16), "events": events}, ensure_ascii=False)
    return _post(body.encode(), JSON_TYPE, host, ("json",))


def letter_fields(data: bytes, host: str, rng: Random) -> Carried:
    """One character a field of a form, whose names are numbered."""
    fields = "&".join(
        f"k%5B{n}%5D={quote_from_bytes(c.encode(), safe='')}" for n, c in enumerate(data.decode())
    )
    return _post(f"v={rng.randrange(9)}&{fields}&z=1".encode(), "application/x-www-form-urlencoded", host)


def in_chunks(data: bytes, host: str, rng: Random) -> Carried:
    """In a list of short texts in a JSON body, as senders do whose fields are limited in length."""
    text = data.decode()
    chunks = [text[start : start + 12] for start in range(0, len(text), 12)]
    body = json.dumps({"key": _token(rng, 16), "seq": rng.randrange(99), "data": chunks}, ensure_ascii=False)
    return _post(body.encode(), JSON_TYPE, host, ("json",))


def beside_its_salt(data: bytes, host: str, rng: Random) -> Carried:
    """A digest and the salt it was made with (apart by a colon here) in fields of a JSON body."""
    salt, _, digest = data.decode().partition(":")
    event = {"name": "view", "uid": digest, "ts": rng.randrange(10**12), "salt": salt}
    return _post(json.dumps({"key": _token(rng, 16), "events": [event]}).encode(), JSON_TYPE, host, ("json",))


def message_chunks(data: bytes, host: str, rng: Random) -> Carried:
    """In three WebSocket messages, none of which can be read alone."""
    size = len(data) // 3 + 1
    sent = tuple(Message(data[start : start + size], is_text=False) for start in range(0, len(data), size))
    return Carried(Sent(host, f"/socket?{rng.random()}", messages=sent), "message")


def sensors_get(data: bytes, host: str, rng: Random) -> Carried:
    """As the Sensors Analytics Web SDK sends it: base64 of JSON in the query."""
    value = quote_from_bytes(data, safe="")
    target = f"/sa.gif?project=default&data={value}&ext=crc%3D{rng.randrange(-(2**31), 2**31)}"
    return Carried(Sent(host, target), "query", _percent(data))


def sensors_post(data: bytes, host: str, rng: Random) -> Carried:
    """As the Sensors Analytics Android SDK sends it: base64 of gzip of JSON in a form."""
    value = quote_from_bytes(data, safe="")
    fields = f"crc={rng.randrange(-(2**31), 2**31)}&gzip=1&data_list={value}"
    return _post(fields.encode(), "application/x-www-form-urlencoded", host, _percent(data), "/sa?project=p")


def coded(name: str) -> Carrier:
    """As the whole body, with the Content-Encoding that it has."""

    def carrier(data: bytes, host: str, rng: Random) -> Carried:
        headers = (("Content-Encoding", name),)
        sent = Sent(host, f"/v2/batch?{rng.random()}", "POST", headers, data, JSON_TYPE)
        return Carried(sent, "body")

    return carrier


TEXT_CARRIERS: tuple[Carrier, ...] = (query, form, document, document, cookie, header, message)
BYTES_CARRIERS: tuple[Carrier, ...] = (body, body, in_base64, multipart)
NAMED: dict[str, Carrier] = {
    "body": body,
    "cookie": cookie,
    "header": header,
    "path": path,
    "host": host_label,
    "host-name": host_name,
    "multipart": multipart,
    "message": message,
    "document": document,
    "host-and-path": host_and_path,
    "two-fields": two_fields,
    "in-chunks": in_chunks,
    "cut-at-255": cut_at_255,
    "growing": growing,
    "letter-fields": letter_fields,
    "beside-its-salt": beside_its_salt,
    "message-chunks": message_chunks,
    "sensors-get": sensors_get,
    "sensors-post": sensors_post,
    **{f"coded-{name}": coded(name) for name in ("gzip", "deflate", "br", "zstd")},
}


def carrier_for(data: bytes, name: str, rng: Random) -> Carrier:
    """The carrier of that name, or any that can hold the value."""
    if name:
        return NAMED[name]
    return rng.choice(TEXT_CARRIERS if _is_text(data) else BYTES_CARRIERS)


def _post(
    body: bytes, mime: str, host: str, layers: tuple[str, ...] = (), target: str = "/v1/events"
) -> Carried:
    return Carried(Sent(host, target, "POST", body=body, mime=mime), "body", layers)


def _percent(data: bytes) -> tuple[str, ...]:
    return ("percent",) if quote_from_bytes(data, safe="").encode() != data else ()


def _is_text(data: bytes) -> bool:
    try:
        return all(character.isprintable() or character in "\r\n\t" for character in data.decode())
    except UnicodeDecodeError:
        return False


def _token(rng: Random, n: int) -> str:
    return "".join(rng.choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", k=n))
