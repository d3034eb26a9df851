"""One realistic upload of each analytics SDK, with a page address in it: general peeling reads them all.

Shapes after the vendors' public documentation and open-source SDKs; all values are invented, and no server of
any vendor was asked whether it would take them.
"""

import base64
import gzip
import json
import zlib
from collections.abc import Callable
from urllib.parse import quote, urlencode

import msgspec
import pytest

from hometruth.audit.examine import examine
from hometruth.canaries import compile_search
from hometruth.model import Canary, CanaryKind, Exchange
from tests.peel.binary import varint
from tests.peel.exchanges import URL, exchange

SEARCH = "jane.lump+test@example.org"
VALUES = {"page": URL, "search": SEARCH}


def dumps(document: object) -> bytes:
    return json.dumps(document).encode()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def posted(body: bytes, target: str = "/", **headers: str) -> Exchange:
    pairs = tuple((name.replace("_", "-").encode(), text.encode()) for name, text in headers.items())
    return exchange(target, body=body, headers=pairs)


def form(**fields: object) -> bytes:
    return urlencode(fields).encode()


def field(number: int, data: bytes | int) -> bytes:
    """A field of a protocol buffer message."""
    if isinstance(data, int):
        return varint(number << 3) + varint(data)
    return varint(number << 3 | 2) + varint(len(data)) + data


def sensors(value: str) -> bytes:
    return dumps(
        [{"type": "track", "event": "$AppViewScreen", "properties": {"$url": value, "$os": "Android"}}]
    )


def app_measurement(value: str) -> bytes:
    """A batch of one bundle: events with parameters, user properties, and ids of the app instance."""
    params = field(1, field(1, b"_et") + field(3, 4500)) + field(
        1, field(1, b"page") + field(2, value.encode())
    )
    event = params + field(2, b"screen_view") + field(3, 1_795_000_000_123)
    bundle = field(1, 1) + field(2, event) + field(8, b"android") + field(9, b"14")
    bundle += field(14, b"com.example.reader") + field(31, b"a1b2c3d4e5f60718293a4b5c6d7e8f90")
    return field(1, bundle)


def segment(value: str) -> dict[str, object]:
    page = {"type": "page", "messageId": "a-1", "anonymousId": "b-2", "properties": {"url": value}}
    return {"batch": [page], "sentAt": "2026-11-22T10:00:00.000Z", "writeKey": "k3y"}


def mixpanel(value: str) -> list[dict[str, object]]:
    properties = {"token": "t0k3n", "distinct_id": "$device:1", "$current_url": value, "time": 1_795_000_000}
    return [{"event": "$mp_web_page_view", "properties": properties}]


def amplitude(value: str) -> list[dict[str, object]]:
    return [{"event_type": "view", "device_id": "d-1", "event_properties": {"[Amplitude] Page URL": value}}]


UPLOADS: dict[str, Callable[[str], Exchange]] = {
    "Segment, web": lambda v: posted(dumps(segment(v)["batch"][0]), "/v1/p", Content_Type="text/plain"),  # type: ignore[index]
    "Segment, Android in gzip": lambda v: posted(
        gzip.compress(dumps(segment(v)), mtime=0), "/v1/import", Content_Encoding="gzip"
    ),
    "Mixpanel, base64 in a form": lambda v: posted(form(data=b64(dumps(mixpanel(v))), ip=1), "/track/?ip=1"),
    "Mixpanel, base64 in the query": lambda v: exchange(
        "/track?data=" + quote(b64(dumps(mixpanel(v)[0])), safe="")
    ),
    "Mixpanel, Android": lambda v: posted(
        form(data=b64(gzip.compress(dumps(mixpanel(v)), mtime=0)), gzip="1"), "/track?ip=1"
    ),
    "Amplitude, HTTP 2": lambda v: posted(dumps({"api_key": "k", "events": amplitude(v)}), "/2/httpapi"),
    "Amplitude, form": lambda v: posted(
        form(checksum="0123abcd", client="k", e=json.dumps(amplitude(v)), v=2, upload_time=1)
    ),
    "Adjust": lambda v: posted(
        form(
            environment="production",
            gps_adid="38400000-8cf0-11bd-b23e-10b96e40000d",
            event_token="abc123",
            callback_params=json.dumps({"page": v}),
            created_at="2026-11-22T10:00:00.000Z+0100",
        ),
        "/event",
        Authorization='Signature signature="8b1a9953c4611296",secret_id="1",algorithm="sha256"',
    ),
    "AppsFlyer": lambda v: posted(
        dumps(
            {"appsflyerKey": "k", "eventName": "view", "eventValue": json.dumps({"af_url": v})}
        ),
        "/api/v6.3/androidevent?app_id=com.example.reader&buildnumber=6.3",
    ),
    "Branch": lambda v: posted(
        dumps({"name": "VIEW_ITEM", "user_data": {}, "content_items": [{"$canonical_url": v}]}),
        "/v2/event/standard",
    ),
    "Branch, link click": lambda v: exchange(
        "/v1/open?data=" + quote(b64(dumps({"$deeplink_path": v})), safe="") + "&sdk=web2.80.0"
    ),
    "Firebase app-measurement": lambda v: posted(
        app_measurement(v), "/a", Content_Type="application/x-protobuf"
    ),
    "Firebase app-measurement in gzip": lambda v: posted(
        gzip.compress(app_measurement(v), mtime=0), "/a", Content_Encoding="gzip"
    ),
    "Google Analytics 4, web": lambda v: posted(
        f"en=page_view&dl={quote(v, safe='')}\r\nen=scroll&epn.percent=90".encode(),
        "/g/collect?v=2&tid=G-1&cid=1.2&_s=2",
    ),
    "Firebase logging": lambda v: posted(
        gzip.compress(
            dumps({"logRequest": [{"logEvent": [{"sourceExtension": b64(field(2, v.encode()))}]}]}), mtime=0
        ),
        Content_Encoding="gzip",
    ),
    "Facebook Graph, app events": lambda v: posted(
        form(
            format="json",
            event="CUSTOM_APP_EVENTS",
            custom_events=json.dumps([{"_eventName": "fb_mobile_content_view", "fb_content": v}]),
            advertiser_id="38400000-8cf0-11bd-b23e-10b96e40000d",
        ),
        "/v19.0/1234567890/activities",
    ),
    "Facebook Graph, batch of files": lambda v: posted(
        b'--X1\r\nContent-Disposition: form-data; name="custom_events_file"; filename="f"\r\n'
        b"Content-Type: content/unknown\r\n\r\n" + dumps([{"_eventName": "v", "url": v}]) + b"\r\n--X1--\r\n",
        Content_Type="multipart/form-data; boundary=X1",
    ),
    "Facebook pixel": lambda v: exchange(f"/tr/?id=1&ev=PageView&dl={quote(v, safe='')}&rl=&cd[x]=1"),
    "Umeng, zlib of JSON": lambda v: posted(
        zlib.compress(dumps({"header": {"appkey": "k"}, "analytics": {"ekv": [{"s1": [{"url": v}]}]}})),
        "/unify_logs",
        Content_Type="application/thrift",
    ),
    "Umeng, in a thrift envelope": lambda v: posted(
        thrift_compact(
            b"1.0", b"5f0a1b2c3d4e5f6071829304", zlib.compress(dumps({"analytics": {"page": v}}))
        ),
        "/unify_logs",
        Content_Type="application/thrift",
    ),
    "Sensors Analytics, gzip=1": lambda v: posted(
        form(crc=-123, gzip=1, data_list=b64(gzip.compress(sensors(v), mtime=0))), "/sa?project=p"
    ),
    "Sensors Analytics, gzip=0": lambda v: posted(form(data_list=b64(sensors(v)), gzip=0), "/sa?project=p"),
    "Sensors Analytics, web": lambda v: exchange(
        "/sa.gif?project=p&data=" + quote(b64(sensors(v)), safe="") + "&ext=crc%3D-99"
    ),
    "Snowplow": lambda v: posted(
        dumps({"schema": "iglu:x", "data": [{"e": "pv", "url": v, "cx": b64(dumps({"data": [1]}))}]}),
        "/com.snowplowanalytics.snowplow/tp2",
    ),
    "MessagePack batch": lambda v: posted(gzip.compress(msgspec.msgpack.encode({"ev": [{"u": v}]}), mtime=0)),
}  # fmt: skip


def thrift_compact(*strings: bytes) -> bytes:
    """A struct of binary fields in Thrift's compact protocol, as the envelope of Umeng is."""
    out = b""
    for text in strings:
        out += b"\x18" + varint(len(text)) + text  # the next field, of type binary
    return out + b"\x00"


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("name", UPLOADS)
def test_found_once_and_whole(name: str, value: str) -> None:
    canary = Canary("c-1", CanaryKind.PAGE, value, 60.0)
    found = examine(UPLOADS[name](value), compile_search([canary]))

    assert [item.form.name for item in found.sightings] == ["plain"]


def test_every_vendor_named_is_here() -> None:
    vendors = ["Segment", "Mixpanel", "Amplitude", "Adjust", "AppsFlyer", "Branch"]
    vendors += ["Firebase", "Facebook", "Umeng", "Sensors"]

    assert all(any(name.startswith(vendor) for name in UPLOADS) for vendor in vendors)
