"""Real requests of apps and sites: what the adapters say is what stands in the request, read another way."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from hometruth.capture import read_capture
from hometruth.model import Exchange
from hometruth.peel import peel_exchange
from hometruth.peel.adapters import explain

pytestmark = pytest.mark.shared
APP, CRAWL, SHOP = (
    "reporthar/first-run.har",
    "sitespeed.io/www-theverge-com.har",
    "gaunit/demo_store_add_to_cart.har",
)
MAGAZINE = "perfcascade/chrome_enorm-magazin.de.har"


def known(shared: Path, file: str, index: int) -> tuple[str, set[tuple[str, str]]]:
    """Slug of the adapter; kinds and texts it knows."""
    for item in read_capture(shared / "captures" / "har" / file):
        if isinstance(item, Exchange) and item.source.index == index:
            explained = explain(item, peel_exchange(item).values)
            assert explained is not None
            return explained[0].slug, {(found.field.kind, found.text) for found in explained[1]}
    raise AssertionError(f"{file} has no entry {index}")


def request(shared: Path, file: str, index: int) -> dict[str, Any]:
    document = json.loads((shared / "captures" / "har" / file).read_text("utf-8-sig"))
    found = document["log"]["entries"][index]["request"]
    assert isinstance(found, dict)
    return found


def sent_json(shared: Path, file: str, index: int) -> dict[str, Any]:
    found = json.loads(request(shared, file, index)["postData"]["text"])
    assert isinstance(found, dict)
    return found


def test_what_an_app_told_branch(shared: Path) -> None:
    slug, fields = known(shared, APP, 9)
    sent = sent_json(shared, APP, 9)

    assert slug == "branch-io/v1"
    assert fields == {
        ("advertisingId", sent["google_advertising_id"]),
        ("deviceId", sent["hardware_id"]),
        ("deviceId", sent["device_fingerprint_id"]),
        ("userId", sent["identity_id"]),
        ("manufacturer", sent["brand"]),
        ("model", sent["model"]),
        ("screenWidth", str(sent["screen_width"])),
        ("screenHeight", str(sent["screen_height"])),
        ("networkConnectionType", sent["connection_type"]),
        ("osName", sent["os"]),
        ("osVersion", sent["os_version_android"]),
        ("osVersion", str(sent["os_version"])),
        ("language", sent["language"]),
        ("language", sent["locale"]),
        ("localIp", sent["local_ip"]),
        ("architecture", sent["cpu_type"]),
        ("carrier", sent["device_carrier"]),
        ("country", sent["country"]),
        ("appVersion", sent["app_version"]),
        ("trackerSdkVersion", sent["sdk"]),
    }


def test_what_an_app_told_facebook(shared: Path) -> None:
    slug, fields = known(shared, APP, 7)
    sent = dict(parse_qsl(request(shared, APP, 7)["postData"]["text"]))
    extra = json.loads(sent["extinfo"])

    assert slug == "facebook/graph-activities-qs"
    assert fields == {
        ("advertisingId", sent["advertiser_id"]),
        ("deviceId", sent["anon_id"]),
        ("osName", sent["sdk"]),
        ("appId", sent["application_package_name"]),
        *(
            (kind, str(extra[place]))
            for place, kind in {
                1: "appId", 2: "appVersion", 3: "appVersion", 4: "osVersion", 5: "model", 6: "language",
                7: "timezone", 8: "carrier", 9: "screenWidth", 10: "screenHeight", 13: "diskTotal",
                14: "diskFree", 15: "timezone",
            }.items()
        ),
    }  # fmt: skip


def test_what_an_app_told_bugsnag(shared: Path) -> None:
    slug, fields = known(shared, APP, 15)
    (event,) = sent_json(shared, APP, 15)["events"]

    assert slug == "smartbear/bugsnag-notify"
    assert {
        ("userId", event["user"]["id"]),
        ("deviceId", event["device"]["id"]),
        ("sessionId", event["session"]["id"]),
        ("viewedPage", event["context"]),
        ("ramTotal", str(event["device"]["totalMemory"])),
        ("isRooted", "false"),
        ("appName", event["metaData"]["app"]["name"]),
    } < fields


def test_what_a_shop_told_google_analytics(shared: Path) -> None:
    slug, fields = known(shared, SHOP, 3)
    query = dict(parse_qsl(urlsplit(request(shared, SHOP, 3)["url"]).query))
    kinds = {
        "propertyId": "tid", "language": "ul", "browserId": "cid", "userId": "_gid",
        "screenColorDepth": "sd", "userActionSource": "pal", "trackerSdkVersion": "_v",
    }  # fmt: skip

    assert slug == "google/google-analytics"
    assert fields == {
        *((kind, query[name]) for kind, name in kinds.items()),
        *((kind, query[name]) for kind in ("screenHeight", "screenWidth") for name in ("sr", "vp")),
        *(("viewedPage", query[name]) for name in ("dl", "dt")),
        *(("userAction", query[name]) for name in ("pa", "ea")),
    }


def test_what_a_page_told_an_ad_exchange_by_cookie_and_header(shared: Path) -> None:
    slug, fields = known(shared, CRAWL, 49)
    headers = {row["name"].lower(): row["value"] for row in request(shared, CRAWL, 49)["headers"]}

    assert slug == "indexexchange/ssum-usermatch"
    assert fields == {
        ("userAgent", headers["user-agent"]),
        ("referer", headers["referer"]),
        ("browserId", headers["cookie"].split("CMID=")[1].split(";")[0]),
        ("propertyId", "180942"),
    }


def test_what_a_magazine_told_its_audience_meter(shared: Path) -> None:
    slug, fields = known(shared, MAGAZINE, 55)
    query = dict(parse_qsl(urlsplit(request(shared, MAGAZINE, 55)["url"]).query))

    assert slug == "infonline/ioam-tx-query"
    assert fields == {
        ("viewedPage", query["cp"]),
        ("country", query["lo"]),
        ("state", query["lo"]),
        ("referer", query["ur"]),
        ("trackerSdkVersion", query["vr"]),
        ("screenHeight", query["xy"]),
        ("screenWidth", query["xy"]),
    }
