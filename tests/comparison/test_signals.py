"""What a session sent is told in signals that do not depend on the bytes of a random identifier."""

import json
from random import Random
from uuid import UUID

from hometruth.comparison import SignalBook
from hometruth.model import (
    Canary,
    CanaryKind,
    Condition,
    Finding,
    Form,
    Part,
    Recipient,
    Sighting,
    Signal,
    SignalKind,
    Value,
)
from hometruth.peel import peel_exchange
from hometruth.peel.leaves import surely_read
from tests.peel.exchanges import exchange


def test_an_identifier_that_some_alphabet_fits_makes_no_field() -> None:
    random = Random(1)
    fields: dict[frozenset[Signal], str] = {}
    for _ in range(3_000):
        id_ = str(UUID(int=random.getrandbits(128), version=4))
        record = {"distinct_id": id_, "properties": {"uuid": id_.replace("-", "")}}
        sent = exchange("/sa", body=json.dumps(record).encode())
        book = SignalBook()
        book.add(
            sent,
            Recipient("sa.test", "sa.test"),
            surely_read(peel_exchange(sent)),
            records=frozenset(),
            opaque_bytes=0,
            session_of=lambda _: "s1",
        )
        found = book.by_session([])["s1"]
        fields.setdefault(frozenset(item for item in found if item.kind is SignalKind.FIELD), id_)
    assert [sorted(item.what for item in found) for found in fields] == [
        ["body distinct_id", "body properties.uuid"]
    ], list(fields.values())


def found(canary: str, trial: str, form: str, bits: float) -> Finding:
    sent = exchange("/sa", body=b"x")
    page = Canary(canary, CanaryKind.PAGE, canary, 100.0)
    value = Value(Part.BODY, "", b"x")
    sighting = Sighting(page, Form(form, b"x", 32.0), value, sent, 0, bits)
    return Finding(
        page, Recipient("sa.test", "sa.test"), Condition(()), (sighting,), (trial,), 30, False, bits
    )


def sessions_told(*findings: Finding) -> list[str]:
    return sorted(SignalBook().by_session(findings))


def test_a_coincidence_is_no_content_and_what_decides_is() -> None:
    assert sessions_told(found("a", "s1", "sha1[:8]", -0.3), found("b", "s2", "md5[:8]", 12.0)) == []
    assert sessions_told(found("a", "s1", "plain", 62.0), found("b", "s2", "md5[:8]", 12.0)) == ["s1"]


def test_weak_evidence_met_again_in_the_same_form_is_content() -> None:
    met = [found(f"c{n}", f"s{n}", "crc32", 10.0) for n in range(4)]

    assert sessions_told(*met) == ["s0", "s1", "s2", "s3"]
