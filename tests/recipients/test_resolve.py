"""Recipients: the SDK is recognised by its protocol on any host; vendor and SDK maker are kept apart."""

import pytest

from hometruth.model import Exchange, Part, Source, Step, Value
from hometruth.recipients import digest_of, load_organisations, recognise_sdk, resolve, sender_of
from hometruth.recipients.language_models import LANGUAGE_MODEL_PROVIDER
from hometruth.report.summary import recipient_text

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


@pytest.mark.parametrize(
    ("host", "said", "organisation"),
    [
        ("api.anthropic.com", {}, "Anthropic"),
        ("mine.openai.azure.com", {}, "Microsoft"),
        ("gemini.google.com", {}, "Google"),
        ("llm.shop.example", {"model": "m", "messages[0].role": "user"}, None),
        ("llm.shop.example", {"contents[0].parts[0].text": "hello"}, None),
    ],
)
def test_who_answers_an_assistant_is_known_by_host_or_by_protocol(
    host: str, said: dict[str, str], organisation: str | None
) -> None:
    organisations = load_organisations()
    found = resolve(exchange(host), None, vendor=(), organisations=organisations, values=values(said))

    assert (found.service, found.organisation) == (LANGUAGE_MODEL_PROVIDER, organisation)
    assert "service" in dict(found.sources)
    assert LANGUAGE_MODEL_PROVIDER in recipient_text(found)


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("www.google.com", {}),
        ("openai.azure.com.evil.example", {}),
        ("chat.example", {"messages[0].role": "user", "messages[0].content": "hello"}),
    ],
)
def test_who_answers_no_assistant_is_not_called_so(host: str, said: dict[str, str]) -> None:
    organisations = load_organisations()
    found = resolve(exchange(host), None, vendor=(), organisations=organisations, values=values(said))

    assert found.service is None


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


def test_a_retry_is_told_by_all_that_its_records_say_whatever_is_beside_them() -> None:
    def digest(fields: dict[str, str]) -> str:
        return digest_of(recognise_sdk(values(fields)), values(fields))

    said = EVENT | {"data_list[0].time": "1588680000000"}
    assert digest(said) == digest(said | {"flush_time": "1588680000001"})
    assert digest(said) != digest(said | {"data_list[0].time": "1588680000001"})
    assert digest({"data_list[0].ekey": "x", "data_list[0].pkv": "1"}) == digest({}) == ""


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
