"""An exchange falls into values: parts, paths, chains, bytes read and not read."""

import base64
import gzip
import json
import os
import zlib
from random import Random
from urllib.parse import quote, quote_plus

from hometruth.model import Gap, GapKind, Message, Part, Value
from hometruth.peel import LAYERS, Budget, Layer, Memo, Peeled, peel_exchange, peel_value
from hometruth.peel.layers import whole
from tests.peel.exchanges import URL, exchange


def where(peeled: Peeled, data: bytes) -> list[tuple[str, str, tuple[str, ...]]]:
    """Part, path and chain of every value that is exactly *data*."""
    return [(str(value.part), value.path, value.chain) for value in peeled.values if value.data == data]


def sensors_body(events: list[object]) -> bytes:
    data = base64.b64encode(gzip.compress(json.dumps(events).encode(), mtime=0))
    return b"crc=1&gzip=1&data_list=" + quote_plus(data).encode()


def test_a_url_in_a_form_of_base64_of_gzip_of_json() -> None:
    peeled = peel_exchange(exchange(body=sensors_body([{"properties": {"url": URL}}])))

    assert where(peeled, URL.encode()) == [
        ("body", "data_list[0].properties.url", ("percent", "base64", "gzip", "json"))
    ]


def test_a_url_in_a_query_parameter() -> None:
    peeled = peel_exchange(exchange("/p?u=" + quote(URL, safe="")))

    assert where(peeled, URL.encode()) == [("query", "u", ("percent",))]


def test_a_field_that_needs_no_decoding_has_no_chain() -> None:
    assert where(peel_exchange(exchange("/p?word=plain&x=1")), b"plain") == [("query", "word", ())]


def test_a_bare_query_is_peeled() -> None:
    target = "/p?" + base64.b64encode(b"the whole query").decode()

    assert where(peel_exchange(exchange(target)), b"the whole query") == [("query", "", ("base64",))]


def test_a_url_with_a_query_sent_as_it_is_stays_whole_in_the_target() -> None:
    peeled = peel_exchange(exchange(f"/go/{URL}"))

    assert any(URL.encode() in value.data for value in peeled.values if value.part is Part.PATH)


def test_every_part_of_a_request() -> None:
    headers = ((b"Cookie", b"sid=abcd; theme=dark"), (b"X-Id", b"header1"), (b"Host", b"collector.test"))
    message = Message(sent=True, data=b'{"m": "message1"}', is_text=True)
    received = Message(sent=False, data=b"received", is_text=True)
    peeled = peel_exchange(
        exchange("/seg/two?q=query1", body=b"body1", headers=headers, messages=(received, message))
    )

    assert where(peeled, b"collector.test") == [("host", "", ())]
    assert where(peeled, b"two") == [("path", "[1]", ())]
    assert where(peeled, b"query1") == [("query", "q", ())]
    assert where(peeled, b"dark") == [("cookie", "theme", ())]
    assert where(peeled, b"header1") == [("header", "X-Id", ())]
    assert where(peeled, b"body1") == [("body", "", ())]
    assert where(peeled, b"message1") == [("message", "[1].m", ("json",))]
    assert where(peeled, b"received") == []


def test_a_host_header_that_differs_is_a_header() -> None:
    peeled = peel_exchange(exchange(headers=((b"Host", b"elsewhere.test"),)))

    assert where(peeled, b"elsewhere.test") == [("header", "Host", ())]


def test_content_encoding_is_peeled_as_declared() -> None:
    body = gzip.compress(b'{"a": "inside"}', mtime=0)
    peeled = peel_exchange(exchange(body=body, headers=((b"Content-Encoding", b"gzip"),)))

    assert where(peeled, b"inside") == [("body", "a", ("gzip", "json"))]


def test_a_content_encoding_that_lies_is_ignored() -> None:
    for coding in (b"br", b"gzip, deflate", b"zstd", b"nonsense"):
        peeled = peel_exchange(exchange(body=b'{"a": "inside"}', headers=((b"Content-Encoding", coding),)))

        assert where(peeled, b"inside") == [("body", "a", ("json",))]
        assert peeled.gaps == ()


def test_damage_in_one_of_two_readings_of_a_plus_is_no_gap() -> None:
    document = quote_plus(json.dumps({"q": ["x", "y"], "text": "a b"}))

    assert "%2C+" in document
    assert peel_exchange(exchange(body=b"v=" + document.encode())).gaps == ()
    assert [gap.where for gap in peel_exchange(exchange(body=b"v=" + document[:-6].encode())).gaps] == [
        "e-1 body v",
        "e-1 body v",
    ]


def test_the_path_says_what_a_form_is_wherever_it_stands() -> None:
    body = json.dumps({"q": "a=1&b=" + quote("x y z")}).encode()

    assert where(peel_exchange(exchange(body=body)), b"x y z") == [("body", "q.b", ("json", "percent"))]


def test_keys_are_values() -> None:
    assert where(peel_exchange(exchange(body=b'{"secret key": 1}')), b"secret key") == [
        ("body", '["secret key"]~', ("json",))
    ]


def test_a_body_that_was_not_recorded_is_a_gap() -> None:
    peeled = peel_exchange(exchange(body=None))

    assert peeled.dropped == 1
    assert [gap.kind for gap in peeled.gaps] == [GapKind.NOT_RECORDED]


def test_an_encrypted_body_is_opaque() -> None:
    body = os.urandom(1000)
    peeled = peel_exchange(exchange(body=body))

    assert peeled.opaque_bytes == len(body)
    assert peeled.read_bytes == len("collector.test") + len("/")


def test_opaque_bytes_are_shared_out_to_the_raw_ones() -> None:
    secret = base64.b64encode(os.urandom(3000)).decode()
    body = json.dumps({"text": "word " * 800, "payload": secret}).encode()
    peeled = peel_value(zlib.compress(body))
    raw = len(zlib.compress(body))

    assert 0.45 * raw < peeled.opaque_bytes < 0.55 * raw


def test_readable_text_is_not_opaque() -> None:
    for body in (
        b'{"a": "b"}' * 20,
        b"plain words " * 20,
        sensors_body([{"a": URL}]),
        b"\x0a\x20" + URL.encode() * 3,
    ):
        assert peel_exchange(exchange(body=body)).opaque_bytes == 0


def test_a_part_seen_before_is_not_peeled_again() -> None:
    memo = Memo()
    body = sensors_body([{"a": URL}])
    first = peel_exchange(exchange(body=body), memo=memo)
    second = peel_exchange(exchange(body=body), memo=memo)

    assert second == first
    assert all(one is other for one, other in zip(first.values, second.values, strict=True))


def test_the_memo_is_bounded() -> None:
    memo = Memo(max_bytes=20_000)
    for number in range(100):
        peel_exchange(exchange(body=b"%d" % number * 500), memo=memo)

    assert 0 < len(memo) < 30


def test_a_gzip_bomb_ends_within_the_budget_as_a_gap() -> None:
    bomb = gzip.compress(gzip.compress(bytes(100_000_000), mtime=0), mtime=0)
    peeled = peel_exchange(exchange(body=bomb), budget=Budget(output_bytes=4_000_000))

    assert sum(len(value.data) for value in peeled.values) < 5_000_000
    assert GapKind.BUDGET in {gap.kind for gap in peeled.gaps}


def test_a_ratio_beyond_the_budget_is_a_gap() -> None:
    peeled = peel_exchange(exchange(body=gzip.compress(bytes(3_000_000), mtime=0)))

    assert [gap.kind for gap in peeled.gaps] == [GapKind.BUDGET]


def test_json_100000_deep_is_a_gap() -> None:
    peeled = peel_exchange(exchange(body=b'{"a":' * 100_000 + b"1" + b"}" * 100_000))

    assert [gap.kind for gap in peeled.gaps] == [GapKind.BUDGET]


def test_too_many_values_are_a_gap() -> None:
    body = json.dumps(list(range(1000))).encode()
    peeled = peel_exchange(exchange(body=body), budget=Budget(pieces=100))

    assert len(peeled.values) < 110
    assert GapKind.BUDGET in {gap.kind for gap in peeled.gaps}


def test_layers_beyond_the_depth_are_a_gap() -> None:
    data = b"forty times base64"
    for _ in range(12):
        data = base64.b64encode(data)
    peeled = peel_value(data, budget=Budget(depth=6))

    assert max(len(value.steps) for value in peeled.values) == 6
    assert GapKind.BUDGET in {gap.kind for gap in peeled.gaps}


def test_an_own_layer_can_be_added() -> None:
    mirror = Layer("mirror", lambda data: whole(data, data[::-1]) if data.startswith(b"<<") else None)
    peeled = peel_exchange(exchange(body=b"<<terces"), layers=(*LAYERS, mirror))

    assert where(peeled, b"secret<<") == [("body", "", ("mirror",))]


def test_values_know_their_way() -> None:
    peeled = peel_exchange(exchange(body=sensors_body([{"a": URL}])))

    for index, parent in enumerate(peeled.parents):
        value: Value = peeled.values[index]
        if parent >= 0 and value.steps:
            assert value.steps[:-1] == peeled.values[parent].steps


def test_a_budget_ends_an_exchange_alike_whatever_was_peeled_before() -> None:
    state = ((b"X-State", json.dumps([f"s{number}" for number in range(60)]).encode()),)
    crowded = exchange(body=json.dumps([f"w{number}" for number in range(60)]).encode(), headers=state)
    budget = Budget(pieces=100)
    memo = Memo()
    peel_exchange(exchange(headers=state), budget=budget, memo=memo)

    later = peel_exchange(crowded, budget=budget, memo=memo)

    assert any(gap.kind is GapKind.BUDGET for gap in later.gaps)
    assert later == peel_exchange(crowded, budget=budget, memo=Memo())


def test_random_identifiers_are_no_damaged_format() -> None:
    """One in some thousands begins like JSON, zlib or another once it is decoded."""
    rng = Random(5)
    gaps: list[Gap] = []
    for _ in range(4_000):
        token = rng.randbytes(rng.choice([4, 6, 8, 9, 12, 16]))
        fields = {"b64": base64.b64encode(token).decode(), "hex": token.hex(), "n": int.from_bytes(token)}
        gaps += peel_value(json.dumps(fields).encode()).gaps

    assert gaps == []


def test_a_body_cut_short_is_told_however_short_it_is() -> None:
    assert [gap.kind for gap in peel_value(b'{"a": "b').gaps] == [GapKind.UNREADABLE]
