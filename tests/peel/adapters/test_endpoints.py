"""Endpoints are recognised by host and path, whatever stands around them."""

from dataclasses import replace

import pytest

from hometruth.peel.adapters import known_endpoints, load_adapters
from tests.peel.exchanges import exchange


def slugs(host: str, target: str) -> list[str]:
    return [adapter.slug for adapter in known_endpoints().matching(exchange(target, host=host))]


@pytest.mark.parametrize(
    ("host", "target", "known"),
    [
        ("rtb-csync.smartadserver.com", "/redir/?partnerid=1", ["equativ/smartadserver-rtb-csync-redir"]),
        ("rtb-csync.smartadserver.com", "/redir", ["equativ/smartadserver-rtb-csync-redir"]),
        ("notify.bugsnag.com", "/", ["smartbear/bugsnag-notify"]),
        ("us-u.openx.net", "/w/1.0/sd?id=1", ["openx/w-1-0-sd"]),
        ("www.google.co.uk", "/ads/ga-audiences?v=1", ["google/google-analytics"]),
        ("app.eu.adjust.com", "/session", ["adjust/body"]),
        ("app.adjust.com", "/session2", []),
        ("www.google-analytics.com", "/collect/more", []),
        ("www.google-analytics.com.evil.test", "/collect", []),
        ("evil.test", "/https://www.google-analytics.com/collect", []),
    ],
)
def test_an_endpoint_is_a_host_and_a_path(host: str, target: str, known: list[str]) -> None:
    assert slugs(host, target) == known


def test_scheme_and_port_make_no_difference() -> None:
    sent = replace(exchange("/g/collect", host="www.google-analytics.com"), scheme="http", port=8080)

    assert [adapter.slug for adapter in known_endpoints().matching(sent)] == ["google/google-analytics"]


def test_every_literal_endpoint_finds_its_adapter() -> None:
    for adapter in load_adapters():
        for endpoint in adapter.endpoints:
            if not endpoint.is_regex:
                host, _, path = endpoint.url.split("://")[1].partition("/")

                assert adapter.slug in slugs(host, f"/{path}")


def test_the_operator_of_an_endpoint_is_named_with_its_source() -> None:
    sent = exchange("/v1/open", host="api2.branch.io")

    assert known_endpoints().operator(sent) == (
        "Branch Metrics, Inc.",
        "endpoint branch-io/v1 (TrackHAR 1.0.0, https://github.com/tweaselORG/TrackHAR, converted)",
    )
    assert known_endpoints().operator(exchange("/v1/open", host="unknown.test")) is None
