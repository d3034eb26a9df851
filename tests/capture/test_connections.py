from pathlib import Path

import pytest

from hometruth.capture import read_connections
from hometruth.capture.connections import ConnectionFact, ConnectionLog, connections_file
from hometruth.errors import CaptureError
from hometruth.model import Gap, GapKind

FACT = ConnectionFact("refused-tls", "a.example", 443, 1_795_000_000_000_000_000, "unknown ca", "t-1")


def test_facts_are_read_back_as_gaps(tmp_path: Path) -> None:
    with ConnectionLog(tmp_path / "x.mitm") as log:
        log.add(FACT)

        assert read_connections(tmp_path / "x.mitm") == [
            Gap(
                GapKind.REFUSED_TLS,
                "x.mitm.connections.jsonl:1",
                "unknown ca",
                host="a.example",
                trial="t-1",
                at_ns=1_795_000_000_000_000_000,
            )
        ]


def test_nothing_noted_leaves_no_file(tmp_path: Path) -> None:
    with ConnectionLog(tmp_path / "x.mitm"):
        pass

    assert list(tmp_path.iterdir()) == []
    assert read_connections(tmp_path / "x.mitm") == []


@pytest.mark.parametrize(
    "line", [b'{"kind": "refus', b"[]", b'{"kind": "no-such-kind"}', b"{}", b"\xff", b"[" * 5000]
)
def test_a_damaged_line_is_a_gap_and_the_next_is_read(tmp_path: Path, line: bytes) -> None:
    with ConnectionLog(tmp_path / "x.mitm") as log:
        log.add(FACT)
    path = connections_file(tmp_path / "x.mitm")
    path.write_bytes(line + b"\n" + path.read_bytes())

    damaged, whole = read_connections(tmp_path / "x.mitm")
    assert (damaged.kind, damaged.size_bytes) == (GapKind.UNREADABLE, len(line))
    assert whole.kind is GapKind.REFUSED_TLS


def test_a_file_that_cannot_be_read_is_one_error(tmp_path: Path) -> None:
    connections_file(tmp_path / "x.mitm").mkdir()

    with pytest.raises(CaptureError, match="cannot be read"):
        read_connections(tmp_path / "x.mitm")
