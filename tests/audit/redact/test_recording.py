"""The twin of a recording holds nothing that was removed, and everything else."""

import base64
import copy
import gzip
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hometruth import read_capture, scan
from hometruth.audit.redact.left_out import LeftOut
from hometruth.audit.redact.prove import CHUNK_BYTES, Remains, Searched, prove, text_exchanges
from hometruth.audit.redact.recording import (
    OPAQUE_BODIES,
    RESPONSES,
    Original,
    Redaction,
    Twin,
    redact_recording,
    refuse_unproven,
    write_twin,
)
from hometruth.audit.redact.rewrite import Rewriter
from hometruth.errors import CaptureError
from hometruth.model import Canary, CanaryKind, Exchange, Gap, GapKind, Part
from tests.audit.redact.independent import found_in
from tests.audit.redact.recordings import (
    CANARY,
    EMAIL,
    EVERYTHING,
    TELEPHONE,
    har,
    write_flows,
    write_har,
    write_messages,
)


@pytest.fixture(scope="module")
def of_har(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Twin]:
    path = write_har(tmp_path_factory.mktemp("har") / "all.har")
    return path, redact_recording(path, Redaction([CANARY]), jobs=1)


@pytest.fixture(scope="module")
def of_flows(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Twin]:
    path = write_flows(tmp_path_factory.mktemp("flows") / "all.mitm")
    return path, redact_recording(path, Redaction([CANARY]), jobs=1)


@pytest.mark.parametrize("kind", ["of_har", "of_flows"])
def test_nothing_removed_is_left_for_a_script_that_shares_no_code(
    kind: str, request: pytest.FixtureRequest
) -> None:
    path, twin = request.getfixturevalue(kind)
    removed = tuple(canary.value for canary in twin.sought)

    assert set(EVERYTHING) <= {*removed, *twin.removed}
    assert len(found_in(path.read_bytes(), EVERYTHING)) >= len(EVERYTHING)  # it can see
    assert found_in(twin.data, removed) == []
    assert found_in(twin.data, EVERYTHING) == []
    assert b"203.0.113.77" not in twin.data


@pytest.mark.parametrize("kind", ["of_har", "of_flows"])
def test_a_value_has_the_same_stand_in_in_every_wrapping(kind: str, request: pytest.FixtureRequest) -> None:
    _, twin = request.getfixturevalue(kind)
    exchange = only(twin.data)
    new = exchange.target.split(b"/")[2].split(b"?")[0].decode()
    seen = scan(twin.data, canaries=[Canary("new", CANARY.kind, new, CANARY.bits)], seed=1)

    assert len(new) == len(CANARY.value)
    assert {(row.part, row.form) for row in seen.rows} >= {
        ("path", "plain"),
        ("header", "plain"),
        ("body", "plain"),
        ("body", "md5"),
    }
    assert {row.path for row in seen.rows} >= {"data_list[0].properties.q", "data_list[0].inner.again", "hex"}


def test_formats_are_as_they_were(of_har: tuple[Path, Twin]) -> None:
    _, twin = of_har
    exchange = only(twin.data)
    headers = dict(exchange.request_headers)

    assert exchange.target.endswith(b"&lang=en")
    assert b"mailbox.example" not in exchange.target
    assert headers[b"Authorization"].startswith(b"Bearer eyJ") is False
    assert headers[b"Authorization"].startswith(b"Bearer ")
    assert headers[b"Cookie"].startswith(b"sid=")
    assert exchange.request_body is not None
    assert b"crc=-527806909" not in exchange.request_body


def only(data: bytes) -> Exchange:
    """The one exchange of a recording."""
    (exchange,) = (item for item in read_capture(data) if isinstance(item, Exchange))
    return exchange


def test_answers_and_what_nothing_can_look_into_are_left_out_unless_named(tmp_path: Path) -> None:
    document = har()
    entry = document["log"]["entries"][0]  # type: ignore[index]
    noise = bytes(range(128, 256)).decode("latin-1") + "\x00\x01"
    entry["request"]["postData"]["text"] = noise
    path = write_har(tmp_path / "opaque.har", document)
    bare = redact_recording(path, Redaction([CANARY]), jobs=1)
    kept = redact_recording(path, Redaction([CANARY], keep=[RESPONSES, OPAQUE_BODIES]), jobs=1)

    assert {left.where for left in bare.left_out} == {"entry 0, body", "entry 0, answer"}
    assert only(bare.data).request_body is None
    assert only(kept.data).request_body is not None
    assert (only(kept.data).response_body or b"").startswith(b"hello ")
    assert found_in(kept.data, (EMAIL, TELEPHONE, CANARY.value)) == []


def test_a_wrapping_that_cannot_be_put_on_again_is_left_out_and_named(tmp_path: Path) -> None:
    document = har()
    entry = document["log"]["entries"][0]  # type: ignore[index]
    entry["request"]["postData"]["text"] = json.dumps({"x": list(CANARY.value.encode())})
    path = write_har(tmp_path / "list.har", document)
    twin = redact_recording(path, Redaction([CANARY]), jobs=1)

    assert "entry 0, body" in {left.where for left in twin.left_out}
    assert not scan(twin.data, canaries=[CANARY], seed=1, answers=True).rows


def test_two_twins_have_nothing_in_common(of_har: tuple[Path, Twin]) -> None:
    path, twin = of_har
    again = redact_recording(path, Redaction([CANARY]), jobs=1)

    assert only(again.data).target != only(twin.data).target


def test_what_is_no_whole_har_and_no_flow_file_is_refused(tmp_path: Path) -> None:
    cut = tmp_path / "cut.har"
    cut.write_text(json.dumps(har())[:-40])
    other = tmp_path / "other.log"
    other.write_text("nothing")

    with pytest.raises(CaptureError, match="no whole HAR file"):
        redact_recording(cut, Redaction())
    with pytest.raises(CaptureError):
        redact_recording(other, Redaction())


@pytest.mark.parametrize(
    ("is_body", "why"), [(False, "nested more deeply than can be rewritten"), (True, "a limit kept")]
)
def test_what_is_nested_too_deeply_is_refused(tmp_path: Path, is_body: bool, why: str) -> None:
    nested: object = EMAIL
    for _ in range(450):
        nested = [{"a": nested}]
    document = har()
    entry = document["log"]["entries"][0]  # type: ignore[index]
    if is_body:
        entry["request"]["postData"]["text"] = json.dumps(nested)
    else:
        entry["_deep"] = nested

    with pytest.raises(CaptureError, match=why):
        redact_recording(write_har(tmp_path / "deep.har", document), Redaction(), jobs=1)


def test_a_twin_is_written_once_and_closed_to_others(tmp_path: Path) -> None:
    path = write_har(tmp_path / "all.har")
    out = tmp_path / "public.har"
    twin = write_twin(path, out, jobs=1)

    assert out.read_bytes() == twin.data
    assert out.stat().st_mode & 0o777 == 0o600
    with pytest.raises(CaptureError, match="exists already"):
        write_twin(path, out, jobs=1)
    with pytest.raises(CaptureError, match="no such folder"):
        write_twin(path, tmp_path / "nowhere" / "public.har", jobs=1)


def test_nothing_is_left_of_a_twin_whose_writing_was_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "public.har"

    def stopped(*_: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr("hometruth.audit.redact.recording.os.fdopen", stopped)
    with pytest.raises(KeyboardInterrupt):
        write_twin(write_har(tmp_path / "all.har"), out, jobs=1)
    assert not out.exists()


def test_what_is_learned_late_is_sought_everywhere() -> None:
    """However many times all must be rewritten until nothing new is learned."""
    late = [f"late-value-{number}-{number:08x}" for number in range(12)]
    redaction = Redaction()

    def learns_one_more(rewriter: Rewriter, _: LeftOut) -> bytes:
        known = rewriter.replacements.removed()
        if len(known) < len(late):
            rewriter.replacements.of(late[len(known)])
        return b""

    nothing = Original("late", LeftOut(), learns_one_more, lambda _, __: iter(()), bytes)
    redaction.proven([nothing], lambda _, __: None, jobs=1)
    assert [each.value for each in redaction.replacements.sought()] == late

    def never_ends(rewriter: Rewriter, _: LeftOut) -> bytes:
        rewriter.replacements.of(f"late-value-{len(rewriter.replacements.removed()):08x}")
        return b""

    restless = Original("late", LeftOut(), never_ends, lambda _, __: iter(()), bytes)
    with pytest.raises(CaptureError, match="more values to remove"):
        Redaction().proven([restless], lambda _, __: None, jobs=1)


def test_no_file_is_unpacked_beyond_what_memory_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bomb.har.gz"
    path.write_bytes(gzip.compress(json.dumps(har()).encode(), mtime=0))
    assert redact_recording(path, Redaction([CANARY]), jobs=1).proof.exchanges == 1

    monkeypatch.setattr("hometruth.audit.redact.har.MAX_FILE_BYTES", 1000)
    with pytest.raises(CaptureError, match="cut it up first"):
        redact_recording(path, Redaction())


def test_no_line_of_a_text_is_searched_in_parts_only() -> None:
    """A value packed in one would open in neither part."""
    packed = json.dumps({"z": "x" * (CHUNK_BYTES - 90), "b": "aGVsbG8gd29ybGQ" * 200})
    text = "\n".join(["first", packed, "last", "y" * 3, packed]).encode()
    pieces = [each.request_body or b"" for each in text_exchanges(text, "a")]

    assert all(any(line in piece for piece in pieces) for line in text.split(b"\n"))
    assert len(pieces) > 1
    assert list(text_exchanges(b"", "a")) == []


def test_digests_of_32_bits_are_not_counted_where_chance_meets_them() -> None:
    canary = Canary("own", CanaryKind.KNOWN, EMAIL, 60.0, personal=True)
    (sent,) = text_exchanges(f"id={hashlib.sha1(EMAIL.encode()).hexdigest()[:8]}".encode(), "a")

    assert [each.canary for each in prove([sent], [canary], (), jobs=1).remains] == ["own"]
    assert prove([sent], [canary], (), jobs=1, short=False).remains == ()


def test_what_is_not_proven_is_refused_and_says_what_is_left_where() -> None:
    left = Remains("removed-1", "a.har", 3, Part.HEADER, "X-Id", "md5")
    phantom = Searched((), 1, (), 0, 1, 1)
    limit = Searched((), 0, (Gap(GapKind.BUDGET, "a.har, entry 1", "too deep"),), 0, 1, 1)

    with pytest.raises(CaptureError, match="removed-1 as md5 in entry 3, header X-Id"):
        refuse_unproven(Searched((left,), 0, (), 0, 1, 1), "a.har")
    with pytest.raises(CaptureError, match="nobody planted"):
        refuse_unproven(phantom, "a.har")
    with pytest.raises(CaptureError, match=r"entry 1.*too deep"):
        refuse_unproven(limit, "a.har")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("Zoë Müller-Größ", json.dumps({"n": "Zoë Müller-Größ"})),
        (
            "https://intranet.corp.example/team?x=1",
            "a=https%3A%2F%2Fintranet.corp.example%2Fteam%3Fx%3D1",
        ),
        ("+353 86 123 4567", '{"a":"+353861234567","b":"00353861234567"}'),
        ("a4:5e:60:c2:11:9f", '{"mac":"A4-5E-60-C2-11-9F","m":"a45e60c2119f"}'),
    ],
)
def test_own_values_are_replaced_as_others_write_them(tmp_path: Path, value: str, written: str) -> None:
    document = har()
    entry = document["log"]["entries"][0]  # type: ignore[index]
    entry["request"]["postData"]["text"] = written
    path = write_har(tmp_path / "own.har", document)
    own = Canary("own", CanaryKind.KNOWN, value, 60.0, personal=True)
    body = only(redact_recording(path, Redaction([own]), jobs=1).data).request_body

    assert body  # replaced inside, not left out
    assert found_in(path.read_bytes(), (value, "353861234567", "a45e60c2119f"))
    assert found_in(body, (value, "353861234567", "a45e60c2119f", "A4-5E-60-C2-11-9F")) == []


def test_a_password_is_removed_from_where_nobody_calls_it_one(tmp_path: Path) -> None:
    document = har()
    request = document["log"]["entries"][0]["request"]  # type: ignore[index]
    credentials = base64.b64encode(b"mary:opensesame").decode()
    request["headers"] = [
        {"name": "Authorization", "value": f"Basic {credentials}"},
        {"name": "X-Other", "value": "said opensesame"},
    ]
    twin = redact_recording(write_har(tmp_path / "basic.har", document), Redaction(), jobs=1)

    assert found_in(twin.data, ("opensesame", credentials)) == []


def test_of_a_damaged_flow_file_the_rest_is_left_out_and_named(tmp_path: Path) -> None:
    whole = write_flows(tmp_path / "whole.mitm").read_bytes()
    path = tmp_path / "damaged.mitm"
    path.write_bytes(whole + whole.replace(b"11:client_conn", b"11:client_coxx"))
    twin = redact_recording(path, Redaction([CANARY]), jobs=1)

    assert "the rest of the file" in {left.where for left in twin.left_out}
    assert twin.proof.exchanges == 1


@pytest.mark.parametrize(
    "targets",
    [
        ["a=ottilie.brandvol&b=d%40mailbox.example"],
        ["part=0&v=ottilie.brandvol", "part=1&v=d%40mailbox.example"],
    ],
    ids=["in one request", "in two"],
)
def test_no_piece_of_a_value_stays_because_another_was_replaced_for_its_looks(
    tmp_path: Path, targets: list[str]
) -> None:
    own = Canary("own", CanaryKind.KNOWN, "ottilie.brandvold@mailbox.example", 60.0, personal=True)
    document = har()
    (entry,) = document["log"]["entries"]  # type: ignore[index]
    entries = [copy.deepcopy(entry) for _ in targets]
    for each, target in zip(entries, targets, strict=True):
        each["request"]["url"] = f"https://tracker.example/x?{target}"
    document["log"]["entries"] = entries  # type: ignore[index]
    twin = redact_recording(write_har(tmp_path / "pieces.har", document), Redaction([own]), jobs=1)

    assert b"ottilie" not in twin.data and b"mailbox" not in twin.data


@pytest.mark.parametrize("space", ["\t", "\n", "\r\n", "  ", "\u00a0"])
def test_a_name_is_removed_whatever_stands_between_its_words(tmp_path: Path, space: str) -> None:
    own = Canary("own", CanaryKind.KNOWN, "Ottilie Brandvold", 60.0, personal=True)
    document = har()
    entry = document["log"]["entries"][0]  # type: ignore[index]
    entry["request"]["postData"]["text"] = f"signed{space}Ottilie{space}Brandvold{space}today"
    path = write_har(tmp_path / "name.har", document)
    body = only(redact_recording(path, Redaction([own]), jobs=1).data).request_body

    assert body
    assert b"Ottilie" not in body and b"Brandvold" not in body


SPLIT = "ottilie.brandvold@mailbox.example"
WAYS: tuple[tuple[Callable[[str], str], Callable[[int, str], str]], ...] = (
    (str, lambda _, piece: piece),
    (str, lambda n, piece: json.dumps({"seq": n, "d": piece})),
    (str, lambda n, piece: f"i={n}&v={piece.replace('@', '%40')}"),
    (str, lambda n, piece: json.dumps({str(n): base64.b64encode(piece.encode()).decode()})),
    (lambda text: base64.b64encode(text.encode()).decode(), lambda _, piece: piece),
    (lambda text: base64.b64encode(text.encode()).decode(), lambda _, piece: json.dumps(["t", piece])),
    (lambda text: text.encode().hex(), lambda _, piece: piece),
)
"""How a value is wrapped before it is cut, and each piece after."""


@pytest.mark.parametrize("kind", ["har", "mitm"])
@pytest.mark.parametrize("n", [2, 3, 6])
def test_no_piece_stays_of_a_value_sent_in_several_messages(tmp_path: Path, n: int, kind: str) -> None:
    """Whatever it was wrapped in, before it was cut or after; what holds no piece stays."""
    own = Canary("own", CanaryKind.KNOWN, SPLIT, 60.0, personal=True)
    sent = [
        [wrap(at, whole[at * size : (at + 1) * size]) for at in range(n)]
        for before, wrap in WAYS
        for whole in [before(SPLIT)]
        for size in [-(-len(whole) // n)]
    ]
    harmless = ["ping of Tuesday", "pong of Wednesday"]
    path = tmp_path / f"messages.{kind}"
    write_messages(path, [*sent, harmless])

    def told(data: bytes) -> list[list[bytes]]:
        items = read_capture(data, name=path.name)
        return [
            [one.data for one in item.messages if one.sent] for item in items if isinstance(item, Exchange)
        ]

    assert [b"".join(row).decode() for row in told(path.read_bytes())] == [
        "".join(row) for row in [*sent, harmless]
    ]
    twin = redact_recording(path, Redaction([own]), jobs=1)
    *rows, last = told(twin.data)

    assert len(rows) == len(WAYS)
    assert [message.decode() for message in last] == harmless
    for was, row in zip(sent, rows, strict=True):
        assert not {piece.encode() for piece in was} & set(row), (was, row)
        assert found_in(b"".join(row), (SPLIT,)) == []
