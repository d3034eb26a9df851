"""One pass over a recording: the same audit whoever peels, with the layers that were asked for."""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

import pytest

from hometruth.audit import crew
from hometruth.audit.judging import audit
from hometruth.audit.question import Question
from hometruth.canaries import mint
from hometruth.model import Audit, Exchange, Gap, GapKind, Source, Subject
from hometruth.peel import LAYERS, Layer
from hometruth.peel.layers.layer import Opened, whole
from tests.peel.exchanges import exchange

Unwrap = Callable[[bytes], Opened | None]
CANARY = mint("page", rng=Random(4))
QUESTION = Question(Subject("real", "phone", "Xiaomi", "Browser", "phone"), (), (CANARY,), ())


def recording(n: int = 24) -> Iterator[Exchange | Gap]:
    for number in range(n):
        event = {
            "distinct_id": f"d{number % 2}",
            "type": "track",
            "lib": {"$lib": "Android"},
            "event": "view",
            "properties": {"url": CANARY.value if number % 3 else "x", "$app_id": "browser"},
        }
        data = base64.b64encode(json.dumps([event]).encode())
        opaque = Random(number).randbytes(300)
        yield replace(
            exchange(body=b"data_list=" + data), id=f"e-{2 * number}", source=Source("a.har", number)
        )
        yield replace(exchange(body=opaque), id=f"e-{2 * number + 1}", source=Source("a.har", number))
        if number % 5 == 4:
            yield Gap(GapKind.UNREADABLE, f"entry {number}", "damaged")


def audited(jobs: int, question: Question = QUESTION) -> Audit:
    return audit(recording(), question, jobs=jobs)


def test_workers_give_the_audit_that_one_process_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "BATCH_BYTES", 1000)

    alone = audited(1)

    assert alone.findings
    assert alone.identifiers
    assert sum(row.opaque_bytes for row in alone.coverage) > 24 * 250
    assert audited(2) == alone


def unmirror(data: bytes) -> Opened | None:
    """Undo a wrapping that nobody uses: a mark, and the rest reversed."""
    return whole(data, data[2:][::-1]) if data[:2] == b"~~" else None


def made_up() -> Unwrap:
    """The same in a function that no other process can import."""

    def unmirror_here(data: bytes) -> Opened | None:
        return unmirror(data)

    return unmirror_here


@pytest.mark.parametrize("made", [unmirror, made_up()], ids=["importable", "made up"])
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_layer_of_ones_own_reaches_the_bottom(
    monkeypatch: pytest.MonkeyPatch, made: Unwrap, jobs: int
) -> None:
    monkeypatch.setattr(crew, "BATCH_BYTES", 1000)
    wrapped = b"~~" + (b"kept: " + CANARY.value.encode())[::-1]
    many = [replace(exchange(body=wrapped), id=f"e-{n}", source=Source("a.har", n)) for n in range(60)]

    found = audit(many, replace(QUESTION, layers=(Layer("mirror", made), *LAYERS)), jobs=jobs).findings

    assert {sighting.value.chain for finding in found for sighting in finding.sightings} == {("mirror",)}
    assert sum(len(finding.sightings) for finding in found) == 60
