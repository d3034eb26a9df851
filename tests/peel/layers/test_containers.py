"""Forms, queries, paths, URLs and multipart bodies."""

import gzip

import pytest

from hometruth.peel import peel_value
from hometruth.peel.layers.containers import split_query, split_target, unform, unmultipart, unurl
from hometruth.peel.layers.layer import Opened


def fields(opened: Opened | None) -> dict[str, bytes]:
    return (
        {piece.label: piece.data for piece in opened.pieces if not piece.label.endswith("~")}
        if opened
        else {}
    )


def test_a_form_has_names_and_raw_values() -> None:
    assert fields(unform(b"a=1&b%5B0%5D=x%20y&empty=&c=p=q")) == {
        ".a": b"1",
        ".b[0]": b"x%20y",
        ".empty": b"",
        ".c": b"p=q",
    }


def test_prose_is_not_a_form() -> None:
    assert unform(b"a sentence with = in it") is None
    assert unform(b'{"a": "b=c"}') is None
    assert unform(b"aGVsbG8gd29ybGQh==") is None


def test_a_query_may_have_no_names() -> None:
    assert fields(split_query(b"flag&a=1")) == {"": b"flag", ".a": b"1"}
    assert split_query(b"") is None


def test_a_target_without_query_is_no_target_to_split() -> None:
    assert split_target(b"/a/b") is None
    assert fields(split_target(b"/a/b?c/d")) == {"": b"/a/b", "[0]": b"a", "[1]": b"b"}


def test_a_url_falls_into_its_parts() -> None:
    assert fields(unurl(b"https://u@h.test:8080/a//b?q=1&r#top")) == {
        ".host": b"u@h.test:8080",
        ".path[0]": b"a",
        ".path[1]": b"b",
        "?q": b"1",
        "?": b"r",
        "#": b"top",
    }
    assert unurl(b"see https://h.test/") is None


def test_parts_of_a_multipart_body() -> None:
    named = b'Content-Disposition: form-data; name="a b"\r\n\r\none\r\ntwo'
    data = b"--B\r\n" + named + b"\r\n--B\r\n\r\nplain\r\n--B--\r\n"
    opened = unmultipart(data)

    assert fields(opened) == {".a b": b"one\r\ntwo", "[1]": b"plain"}
    assert opened is not None
    assert opened.damage == ""
    assert all(data[piece.start : piece.end] == piece.data for piece in opened.pieces)


def test_a_boundary_inside_a_line_is_content() -> None:
    data = b"--B\r\n\r\nv=--B and --B-- here\r\n--B2 is another\r\n--B--\r\n"

    assert fields(unmultipart(data)) == {"[0]": b"v=--B and --B-- here\r\n--B2 is another"}


@pytest.mark.parametrize("size", [40, 70, 100])
def test_a_document_cut_into_parts_is_read_as_one_and_nothing_of_it_is_a_gap(size: int) -> None:
    whole = gzip.compress(b'{"page": "https://secret.example.test/health?q=lump", "n": [1, 2, 3]}', mtime=0)
    cut = [whole[at : at + size] for at in range(0, len(whole), size)]
    body = b"".join(
        b'--B\r\nContent-Disposition: form-data; name="f%d"\r\n\r\n%b\r\n' % (number, part)
        for number, part in enumerate(cut)
    )
    peeled = peel_value(body + b"--B--\r\n")

    assert f"[0-{len(cut) - 1}].page" in {value.path for value in peeled.values} or len(cut) == 1
    assert peeled.gaps == ()


def test_a_multipart_body_without_end_is_damaged_but_read() -> None:
    opened = unmultipart(b"--B\r\n\r\none\r\n--B\r\n\r\ntw")

    assert opened is not None
    assert opened.damage
    assert fields(opened) == {"[0]": b"one", "[1]": b"tw"}
