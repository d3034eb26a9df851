"""What a session sent is told in signals that do not depend on the bytes of a random identifier."""

import json
from random import Random
from uuid import UUID

from hometruth.comparison import SignalBook
from hometruth.model import Recipient, Signal, SignalKind
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
