"""Recipients: the SDK is recognised by its protocol on any host; vendor and SDK maker are kept apart."""

import pytest

from hometruth.model import Exchange, Part, Source, Step, Value
from hometruth.recipients import load_organisations, recognise_sdk, resolve, sender_of

EVENT = {"data_list[0].distinct_id": "u", "data_list[0].type": "track", "data_list[0].lib.$lib": "Android"}


def exchange(host: str, *, agent: bytes = b"") -> Exchange:
    headers = ((b"User-Agent", agent),) if agent else ()
    return Exchange("e1", Source("x", 0), "POST", "https", host, 443, b"/sa", headers, b"")


def values(fields: dict[str, str], part: Part = Part.BODY) -> list[Value]:
    return [Value(part, "", data.encode(), (Step("json", 0, path),)) for path, data in fields.items()]


def recipient(host: str, fields: dict[str, str]):  # type: ignore[no-untyped-def]
    organisations = load_organisations()
    return resolve(
        exchange(host), recognise_sdk(values(fields)), vendor=("Xiaomi",), organisations=organisations
    )


def test_vendor_and_sdk_are_named_apart() -> None:
    found = recipient("sa.api.intl.miui.com", EVENT)

    assert (found.domain, found.organisation, found.vendor_controlled) == ("miui.com", "Xiaomi", True)
    assert (found.sdk, found.sdk_maker) == ("Sensors Analytics", "Sensors Data")
    assert {name for name, _ in found.sources} == {"organisation", "sdk"}


def test_the_protocol_is_recognised_on_any_host() -> None:
    found = recipient("metrics.shop.example", EVENT)

    assert (found.organisation, found.vendor_controlled, found.sdk) == (None, False, "Sensors Analytics")


def test_a_host_alone_is_no_sdk() -> None:
    assert recipient("sa.api.intl.miui.com", {"data": "hello"}).sdk is None


@pytest.mark.parametrize("missing", EVENT)
def test_part_of_the_shape_is_not_enough(missing: str) -> None:
    assert recognise_sdk(values({key: value for key, value in EVENT.items() if key != missing})) is None


def test_encrypted_envelopes_are_recognised_and_hold_no_readable_record() -> None:
    found = recognise_sdk(values({"data_list[0].ekey": "x", "data_list[0].pkv": "1"}))

    assert found is not None
    assert found.records == frozenset()


def test_records_are_counted_one_by_one() -> None:
    two = EVENT | {key.replace("[0]", "[1]"): value for key, value in EVENT.items()}
    found = recognise_sdk(values(two))

    assert found is not None
    assert found.records == {"data_list[0]", "data_list[1]"}


def test_a_header_that_looks_like_an_event_is_none() -> None:
    assert recognise_sdk(values(EVENT, Part.HEADER)) is None


@pytest.mark.parametrize(
    ("host", "domain"),
    [("a.b.co.uk", "b.co.uk"), ("127.0.0.1", "127.0.0.1"), ("localhost", "localhost"), ("::1", "::1")],
)
def test_registrable_domains(host: str, domain: str) -> None:
    assert recipient(host, {}).domain == domain


def test_the_sender_is_what_the_request_says() -> None:
    by_agent = sender_of(exchange("h", agent=b"Mozilla/5.0 XiaoMi/Mint Browser/3.4.0"), [])
    by_event = sender_of(exchange("h"), values({"data_list[0].properties.$app_id": "com.example"}))
    unknown = sender_of(exchange("h", agent=b"Dalvik/2.1.0"), [])

    assert by_agent.app == "Mint Browser"
    assert by_event.app == "com.example"
    assert unknown.app is None


def test_every_organisation_has_a_source() -> None:
    assert all(item.source for item in load_organisations().values())


def test_who_runs_an_endpoint_is_asked_where_the_table_does_not_know() -> None:
    operator = ("Acme Ltd", "endpoint acme/collect")
    unknown, known = (
        resolve(
            exchange(host), None, vendor=("Acme Ltd",), organisations=load_organisations(), operator=operator
        )
        for host in ("t.acme.example", "sa.api.intl.miui.com")
    )

    assert (unknown.organisation, unknown.vendor_controlled) == ("Acme Ltd", True)
    assert unknown.sources == (("organisation", "endpoint acme/collect"),)
    assert known.organisation == "Xiaomi"
