"""JSON as a stream of tokens."""

import base64
import json

from hypothesis import given
from hypothesis import strategies as st

from hometruth.peel.layers import Context
from hometruth.peel.layers.json_text import MAX_NESTING, unescape, unjson
from hometruth.peel.layers.layer import Opened

NONE = Opened([])
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def leaves(data: bytes) -> dict[str, bytes]:
    opened = unjson(data, Context())
    assert opened is not None
    return {piece.label: piece.data for piece in opened.pieces if not piece.label.endswith("~")}


def texts_in(document: object) -> list[str]:
    match document:
        case dict():
            return [text for key, value in document.items() for text in (key, *texts_in(value))]
        case list():
            return [text for value in document for text in texts_in(value)]
        case str():
            return [document]
    return []


@given(documents.filter(lambda document: isinstance(document, dict | list | str)))
def test_every_text_of_a_document_is_a_piece(document: object) -> None:
    opened = unjson(json.dumps(document).encode(), Context())
    pieces = [piece.data for piece in opened.pieces] if opened else []

    assert opened is not None
    assert not opened.damage
    for text in texts_in(document):
        assert text.encode("utf-8", "surrogatepass") in pieces


def test_labels_are_paths() -> None:
    data = b'{"a": {"b c": [true, {"$url": "x"}]}, "n": -1.5e3}'

    assert leaves(data) == {'.a["b c"][0]': b"true", '.a["b c"][1].$url': b"x", ".n": b"-1.5e3"}


def test_a_string_with_octal_escapes_is_read_as_a_program_reads_it() -> None:
    assert leaves(rb'"' + b"".join(b"\\%03o" % byte for byte in "käse".encode()) + b'"') == {
        "": "käse".encode()
    }


def test_what_a_list_of_strings_makes_up_is_a_piece() -> None:
    letters = list(base64.b64encode(b'{"page": "lump"}').decode())
    whole = {piece.data for piece in (unjson(json.dumps({"v": letters}).encode(), Context()) or NONE).pieces}

    assert "".join(letters).encode() in whole
    assert leaves(json.dumps({"v": ["some", "word", "list", "here"]}).encode()).keys() == {
        f".v[{n}]" for n in range(4)
    }


def test_duplicate_keys_are_kept() -> None:
    opened = unjson(b'{"a": "one", "a": "two"}', Context())

    assert opened is not None
    assert [piece.data for piece in opened.pieces] == [b"a", b"one", b"a", b"two"]


def test_escapes_are_undone() -> None:
    assert leaves(rb'{"u": "https:\/\/x\u002etest\n\"\ud83d\ude00"}') == {
        ".u": 'https://x.test\n"😀'.encode()
    }


def test_half_a_surrogate_pair_stays_as_it_is() -> None:
    assert unescape(rb"\ud83d!") == b"\xed\xa0\xbd!"


def test_newline_delimited_documents_are_numbered() -> None:
    assert leaves(b'{"a": 1}\n{"a": 2}\n') == {"[0].a": b"1", "[1].a": b"2"}


def test_text_after_a_document_is_a_piece() -> None:
    assert leaves(b'{"a": 1}); // tail') == {".a": b"1", "": b"); // tail"}


def test_damaged_json_gives_what_came_before() -> None:
    opened = unjson(b'{"a": "one", "b": "tw', Context())

    assert opened is not None
    assert [piece.data for piece in opened.pieces] == [b"a", b"one", b"b"]
    assert "damaged at byte 16" in opened.damage


def test_text_in_braces_is_not_json() -> None:
    assert unjson(b"{template}", Context()) is None
    assert unjson(b"[tag] text", Context()) is None
    assert unjson(b"", Context()) is None


def test_the_1006th_item_of_an_array_is_reached() -> None:
    data = json.dumps([f"item {number}" for number in range(2000)]).encode()

    assert leaves(data)["[1005]"] == b"item 1005"


def test_nesting_beyond_the_limit_is_said() -> None:
    opened = unjson(b'["x",' + b"[" * 100_000 + b"]" * 100_000 + b"]", Context())

    assert opened is not None
    assert opened.pieces[0].data == b"x"
    assert str(MAX_NESTING) in opened.stopped


def test_more_values_than_room_is_said() -> None:
    opened = unjson(b"[1,2,3,4]", Context(room_pieces=2))

    assert opened is not None
    assert len(opened.pieces) == 2
    assert opened.stopped


def test_bytes_that_happen_to_begin_like_a_document_are_none() -> None:
    assert unjson(b'["\\\xe6"\xf3q\x95%\xc5\x027R\x9anP\xd4k\xad', Context()) is None

    broken = unjson('["a long enough beginning", "é'.encode("latin-1"), Context())
    assert broken is not None
    assert broken.damage
