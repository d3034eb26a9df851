"""Requests to known endpoints, built the way the SDKs build theirs: with none of our own code."""

import base64
import gzip
import json
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from hometruth.model import Exchange
from tests.peel.exchanges import exchange

ID = "1209d0b9-b959-42e6-b921-aa5d9d08c1af"
"""An advertising identifier."""


@dataclass(frozen=True)
class Sent:
    """A request to a known endpoint, and what an adapter must say of it: kind and text."""

    adapter: str
    host: str
    target: str
    known: set[tuple[str, str]]
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def exchange(self) -> Exchange:
        headers = tuple((name.encode(), value.encode()) for name, value in self.headers.items())
        return exchange(self.target, host=self.host, body=self.body, headers=headers)


def as_json(document: object) -> bytes:
    return json.dumps(document).encode()


def as_form(**fields: str) -> bytes:
    return urlencode(fields).encode()


def as_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def as_token(payload: object) -> str:
    parts = (as_json({"alg": "RS256", "typ": "JWT"}), as_json(payload), b"signature!")
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def as_message(*fields: tuple[int, bytes | int]) -> bytes:
    """A Protocol Buffers message of strings, messages and numbers."""
    out = b""
    for number, value in fields:
        if isinstance(value, int):
            out += _varint(number << 3) + _varint(value)
        else:
            out += _varint(number << 3 | 2) + _varint(len(value)) + value
    return out


def _varint(number: int) -> bytes:
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


OPENRTB = {
    "device": {"ua": "Mozilla/5.0 (X11)", "geo": {"lat": 52.5}, "dnt": 0},
    "user": {"ext": {"eids": [{"source": "a.example", "uids": [{"id": "0"}, {"id": "eid-one-0001"}]}]}},
    "site": {"page": "https://shop.example/basket?item=7"},
}
REPORT = {
    "installationUuid": "f00dfeed00001111",
    "session": {"os": {"version": "13"}, "device": {"model": "Mi 10"}, "app": {"identifier": "org.shop"}},
}

SENT = [
    Sent(
        "adjust/body",
        "app.adjust.net.in",
        "/session",
        {("advertisingId", ID), ("appId", "org.shop"), ("language", "de")},
        as_form(gps_adid=ID, package_name="org.shop", language="de", needs_response_details="1"),
    ),
    Sent(
        "yandex/appmetrica",
        "report.appmetrica.yandex.net",
        f"/report?deviceid=dev-00001111&adv_id={ID}&app_platform=android",
        {("deviceId", "dev-00001111"), ("advertisingId", ID), ("osName", "android")},
    ),
    Sent(
        "chartboost/live-nested",
        "live.chartboost.com",
        "/webview/v2/prefetch",
        {("advertisingId", ID), ("appId", "org.shop")},
        as_json({"app": {"bundle_id": "org.shop"}, "device": {"identity": as_base64(as_json({"gaid": ID}))}}),
    ),
    Sent(
        "ironsource/logs",
        "logs.ironsrc.mobi",
        "/logs?data=" + quote(as_base64(as_json({"data": {"deviceoem": "Xiaomi", "deviceid": ID}})), safe=""),
        {("manufacturer", "Xiaomi"), ("advertisingId", ID)},
    ),
    Sent(
        "infonline/ioam-tx-body-gzip",
        "de.ioam.de",
        "/tx.io",
        {("appId", "org.shop"), ("viewedPage", "settings"), ("hashedAdvertisingId", "0" * 31 + "f")},
        as_form(
            ae=as_base64(
                gzip.compress(
                    as_json(
                        {
                            "application": {"package": "org.shop"},
                            "client": {"uuids": {"advertisingIdentifier": "0" * 31 + "f"}},
                            "protocol": {
                                "events": [
                                    {"identifier": "view", "state": "disappeared", "category": "start"},
                                    {"identifier": "view", "state": "appeared", "category": "settings"},
                                ]
                            },
                        }
                    ),
                    mtime=0,
                )
            )
        ),
    ),
    Sent(
        "facebook/adnw-sync2",
        "www.facebook.com",
        "/adnw_sync2",
        {("advertisingId", ID), ("appName", "My Shop"), ("timezone", "-120"), ("appId", "org.shop")},
        as_form(
            payload=json.dumps(
                {
                    "context": {
                        "BUNDLE": "org.shop",
                        "APPNAME": "My Shop",
                        "IDFA": ID,
                        "VALPARAMS": json.dumps({"timezone_offset": "-120"}),
                    }
                }
            )
        ),
    ),
    Sent(
        "facebook/graph",
        "graph.facebook.com",
        "/v16.0/",
        {("advertisingId", ID), ("osName", "android")},
        as_json(
            {
                "batch_app_id": "77",
                "batch": json.dumps(
                    [{"method": "POST", "relative_url": f"77/activities?sdk=android&advertiser_id={ID}"}]
                ),
            }
        ),
    ),
    Sent(
        "kidoz/analytics-parents-kidozrestmobile",
        "analytics.kidoz.net",
        "/parents/KidozRestMobile.php",
        {("deviceId", "c0ffee00c0ffee00"), ("trackerSdkVersion", "8.9.1")},
        as_form(
            KidozEventsLogAsJson=json.dumps(
                {
                    "DeviceParams": {"DeviceHash": "c0ffee00c0ffee00"},
                    "Entries": [{"EventParams": {}}, {"EventParams": {"SdkVersion": "8.9.1"}}],
                }
            )
        ),
    ),
    Sent(
        "rayjump/analytics",
        "analytics.rayjump.com",
        "/",
        {("osVersion", "13"), ("model", "Redmi K20"), ("advertisingId", ID)},
        quote(as_form(os_version="13", model="Redmi K20", data=as_form(gaid=ID).decode()), safe="").encode(),
    ),
    Sent(
        "google/identitytoolkit-relyingparty-verifycustomtoken",
        "www.googleapis.com",
        "/identitytoolkit/v3/relyingparty/verifyCustomToken?key=AIza",
        {("userId", "user-0000-1111"), ("appId", "org.shop")},
        as_json({"token": as_token({"uid": "user-0000-1111", "iss": "svc@shop"}), "returnSecureToken": True}),
        {"X-Android-Package": "org.shop"},
    ),
    Sent(
        "google/firebaseinstallations",
        "firebaseinstallations.googleapis.com",
        "/v1/projects/shop/installations",
        {
            ("installationId", "fid-000011112222"),
            ("model", "device-model/umi"),
            ("manufacturer", "device-brand/xiaomi"),
            ("trackerSdkVersion", "fire-core/20 device-model/umi device-brand/xiaomi"),
        },
        as_json({"fid": "fid-000011112222"}),
        {
            "x-firebase-client": base64.urlsafe_b64encode(
                gzip.compress(
                    as_json({"heartbeats": [{"agent": "fire-core/20 device-model/umi device-brand/xiaomi"}]}),
                    mtime=0,
                )
            ).decode()
        },
    ),
    Sent(
        "indexexchange/ssum-usermatch",
        "ssum-sec.casalemedia.com",
        "/usermatch?s=180942&cb="
        + quote("https://sync.example/cb?obUid=ob-00001111&gdpr_consent=CPabc", safe=""),
        {
            ("propertyId", "180942"),
            ("userId", "ob-00001111"),
            ("consentState", "CPabc"),
            ("browserId", "VokftrlQ"),
        },
        headers={"Cookie": "CMID=VokftrlQ; theme=dark"},
    ),
    Sent(
        "criteo/sslwidget-event",
        "sslwidget.criteo.com",
        "/event?sc="
        + quote(json.dumps({"fbp": "fb.1.1609794530"}))
        + "&external_advids="
        + quote(json.dumps([{"type": "Other", "value": "no"}, {"type": "Id5", "value": "ID5-abc"}])),
        {("browserId", "fb.1.1609794530"), ("userId", "ID5-abc")},
    ),
    Sent(
        "adform/serving-trackpoint",
        "track.adform.net",
        "/Serving/TrackPoint/?pm=17&eid_pubcid.org_2=pub-00001111&eid_other_9=no",
        {("propertyId", "17"), ("deviceId", "pub-00001111")},
    ),
    Sent(
        "magnite/rubicon-pbs-openrtb2-auction",
        "prebid-server.rubiconproject.com",
        "/openrtb2/auction",
        {
            ("userAgent", "Mozilla/5.0 (X11)"),
            ("viewedPage", "https://shop.example/basket?item=7"),
            ("latitude", "52.5"),
            ("userId", "eid-one-0001"),
            ("userId", "temp-000011112222"),
            ("isDntEnabled", "0"),
        },
        as_json(OPENRTB),
        {"cookie": "uids=" + as_base64(as_json({"tempUIDs": {"adnxs": {"uid": "temp-000011112222"}}}))},
    ),
    Sent(
        "pubmatic/adserver-pug",
        "simage2.pubmatic.com",
        "/AdServer/Pug?vcode=bz0yJnR5",
        {("userId", "22987-KRTB-one")},
        headers={"Cookie": "KRTBCOOKIE_97=22987-KRTB-one"},
    ),
    Sent(
        "onesignal/players",
        "api.onesignal.com",
        f"/players/{ID}",
        {("installationId", ID), ("pushNotificationToken", "push-00001111")},
        as_json({"identifier": "push-00001111", "external_user_id": "0"}),
    ),
    Sent(
        "mopub/ads",
        "ads.mopub.com",
        "/m/ad",
        {("advertisingId", f"ifa:{ID}"), ("appId", "org.shop")},
        as_json({"udid": f"ifa:{ID}", "bundle": "org.shop", "id": "b195f8dd8ded45fe847ad89ed1d016da"}),
    ),
    Sent(
        "google/googledatatransport-firelog-batchlog-json",
        "crashlyticsreports-pa.googleapis.com",
        "/v1/firelog/legacy/batchlog",
        {
            ("installationId", "f00dfeed00001111"),
            ("osVersion", "13"),
            ("model", "Mi 10"),
            ("appId", "org.shop"),
            ("sessionId", "session-00001111"),
        },
        as_json(
            {
                "logRequest": [
                    {
                        "logSourceName": "FIREBASE_CRASHLYTICS_REPORT",
                        "logEvent": [{"sourceExtensionJsonProto3": json.dumps(REPORT)}],
                    },
                    {
                        "logSourceName": "FIREPERF",
                        "logEvent": [
                            {
                                "sourceExtension": as_base64(
                                    as_message((4, as_message((1, b"session-00001111"), (2, b"trace-name"))))
                                )
                            }
                        ],
                    },
                    {
                        "logSourceName": "SOMETHING_ELSE",
                        "logEvent": [
                            {"sourceExtensionJsonProto3": json.dumps({"installationUuid": "not this one"})}
                        ],
                    },
                ]
            }
        ),
    ),
    Sent(
        "google/app-measurement",
        "app-measurement.com",
        "/a",
        {("advertisingId", ID), ("appId", "org.shop.app"), ("osName", "android")},
        as_message(
            (
                1,
                as_message(
                    (1, 1), (8, b"android"), (14, b"org.shop.app"), (19, ID.encode()), (21, 1669000000000)
                ),
            )
        ),
    ),
    Sent(
        "google/googledatatransport-firelog-batchlog-protobuf",
        "firebaselogging.googleapis.com",
        "/v0cc/log/batch",
        {("appId", "org.first.shop")},
        gzip.compress(
            as_message(
                (1, as_message((2, 1710), (3, as_message((6, as_message((4, b"org.first.shop"))))))),
                (1, as_message((2, 1711), (3, as_message((6, as_message((4, b"org.second.shop"))))))),
            ),
            mtime=0,
        ),
        {"Content-Encoding": "gzip"},
    ),
]
