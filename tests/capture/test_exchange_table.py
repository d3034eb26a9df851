"""A table of exchanges gives back what was written, and is a recording like any other."""

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hometruth.capture import read_capture
from hometruth.capture.exchange_table import write_exchanges
from hometruth.errors import CaptureError, CaseError
from hometruth.model import (
    Delivery,
    Exchange,
    Extra,
    Gap,
    GapKind,
    Message,
    Part,
    Sender,
    Source,
    Tls,
)

FULL = Exchange(
    id="7",
    source=Source("page.har", 3, "f-1"),
    method="POST",
    scheme="wss",
    host="t.example",
    port=8443,
    target=b"/a?\xff=1",
    request_headers=((b"Cookie", b"a=\xfe"), (b"cookie", b"b")),
    request_body=b"\x00\x1f\x8b",
    started_ns=1_795_000_000_123_456_789,
    http_version="HTTP/2",
    status=204,
    response_headers=((b"Set-Cookie", b"x"),),
    response_body=b"",
    messages=(Message(True, b"\x00", False, 5), Message(False, b"text", True)),
    tls=Tls("TLSv1.3", ("TLSv1.2", "TLSv1.3"), "other.example"),
    server_address=("192.0.2.1", 443),
    error="broken off",
    delivered=Delivery.NO_ANSWER,
    authority=b"user@t.example",
    trial="s-1",
    sent_by=Sender("app", "the process"),
    extras=(Extra(Part.SNI, "sni", b"other.example"),),
)
BARE = Exchange("8", Source("page.har", 4), "GET", "http", "a.example", 80, b"/", (), None)
GAP = Gap(
    GapKind.PASSED,
    "connections",
    "let through",
    size_bytes=10,
    host="a.example",
    received_bytes=3,
    bursts=(4, 6),
    sender=Sender(None, "nobody knows"),
    share=0.5,
)


def test_every_field_comes_back(tmp_path: Path) -> None:
    table = tmp_path / "t.parquet"
    assert write_exchanges([FULL, GAP, BARE], table) == (2, 1)

    assert list(read_capture(table)) == [FULL, GAP, BARE]
    assert {field.name for field in pq.read_schema(table)} == {*Exchange.__dataclass_fields__, "gap"}


def test_what_no_table_holds_is_none_or_written_out(tmp_path: Path) -> None:
    late = replace(BARE, request_body=b"", started_ns=1 << 63, host="a\udcff.example")
    write_exchanges([late], tmp_path / "t")

    (back,) = read_capture(tmp_path / "t")
    assert isinstance(back, Exchange)
    assert (back.started_ns, back.request_body, back.host) == (None, b"", "a\\udcff.example")


def test_without_responses(tmp_path: Path) -> None:
    write_exchanges([FULL], tmp_path / "t", responses=False)

    (back,) = read_capture(tmp_path / "t")
    assert isinstance(back, Exchange)
    assert (back.status, back.response_headers, back.response_body) == (204, (), None)


def test_nothing_is_written_over_and_nothing_half_written(tmp_path: Path) -> None:
    def broken() -> object:
        yield FULL
        raise CaptureError("it broke")

    with pytest.raises(CaptureError, match="it broke"):
        write_exchanges(broken(), tmp_path / "t")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
    write_exchanges([FULL], tmp_path / "t")
    with pytest.raises(CaseError, match="exists already"):
        write_exchanges([FULL], tmp_path / "t")


def test_other_tables_and_damaged_ones(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1]}), tmp_path / "other.parquet")
    with pytest.raises(CaptureError, match="holds no exchanges"):
        read_capture(tmp_path / "other.parquet")
    write_exchanges([FULL], tmp_path / "t")
    whole = (tmp_path / "t").read_bytes()
    (tmp_path / "cut").write_bytes(whole[:-20])
    with pytest.raises(CaptureError, match="cannot be read"):
        read_capture(tmp_path / "cut")


def test_a_table_without_a_column_is_refused_by_name_and_a_bad_row_costs_a_row(tmp_path: Path) -> None:
    path = tmp_path / "one.parquet"
    write_exchanges([FULL, BARE, GAP], path)
    whole = pq.read_table(path)
    for name in whole.column_names:
        pq.write_table(whole.drop_columns([name]), path)
        with pytest.raises(CaptureError, match=f"without the columns {name};"):
            list(read_capture(path))
    pq.write_table(whole.set_column(5, "port", pa.array([8443, None, 80])), path)
    first, damaged, gap = read_capture(path)
    assert (first, gap) == (FULL, GAP)
    assert isinstance(damaged, Gap)
    assert damaged.detail.startswith("the row is damaged")
