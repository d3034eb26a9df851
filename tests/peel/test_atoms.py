"""Ciphertexts are counted one by one, in order, below everything that can be peeled."""

import base64
import gzip
import json
import os
from random import Random
from urllib.parse import quote

import pytest

from hometruth.peel import opaque_atoms, peel_value


def test_each_encrypted_event_of_a_form_body_is_an_atom() -> None:
    rng = Random(1)
    sizes = [16 * rng.randint(8, 100) for _ in range(20)]
    payloads = [base64.b64encode(rng.randbytes(size)).decode() for size in sizes]
    envelope = [{"ekey": base64.b64encode(rng.randbytes(256)).decode(), "pkv": 1, "payloads": payloads}]
    body = b"gzip=9&data_list=" + quote(json.dumps(envelope), safe="").encode()

    assert opaque_atoms(peel_value(body)) == (256, *sizes)


def test_a_compressed_text_is_no_atom() -> None:
    assert opaque_atoms(peel_value(gzip.compress(b"a page was opened " * 200, mtime=0))) == ()


def test_a_raw_ciphertext_is_one_atom_whatever_could_be_guessed_inside() -> None:
    for _ in range(20):
        data = os.urandom(700)

        assert opaque_atoms(peel_value(data)) == (700,)


def bytes_of(size: int) -> bytes:
    """Random, with every bit set, which none of the formats below minds."""
    return bytes(byte | 0x80 for byte in Random(size).randbytes(size))


@pytest.mark.parametrize(
    ("layer", "data"),
    [
        ("socketio", b"7:" + b"3" + bytes_of(253)),
        ("protobuf", b"\x0a\xfd\x01" + bytes_of(253)),
        ("protobuf", b"\x0a\x3e" + bytes_of(62)),
        ("msgpack", b"\x91\xc4\xfd" + bytes_of(253)),
        ("cbor", b"\x81\x58\xfd" + bytes_of(253)),
        ("zlib", b"\x78\x01\x00\xf5\x00\x0a\xff" + bytes_of(249)),
        ("utf-16", b"\xff\xfe" + bytes_of(126)),
    ],
    ids=["socketio", "protobuf", "short protobuf", "msgpack", "cbor", "zlib", "utf-16"],
)
def test_a_format_that_a_ciphertext_happens_to_look_like_does_not_make_it_smaller(
    layer: str, data: bytes
) -> None:
    peeled = peel_value(data)

    assert layer in {value.steps[0].layer for value in peeled.values[1:]}
    assert opaque_atoms(peeled) == (len(data),)


@pytest.mark.parametrize(("size", "n"), [(64, 2000), (128, 1500), (256, 2000), (700, 300), (4096, 50)])
def test_the_size_of_a_ciphertext_does_not_depend_on_its_bytes(size: int, n: int) -> None:
    rng = Random(size)

    assert {opaque_atoms(peel_value(rng.randbytes(size))) for _ in range(n)} == {(size,)}


def test_two_formats_that_a_ciphertext_looks_like_are_no_two_ciphertexts() -> None:
    data = b"2{" + bytes_of(123) + b"\x20\xdb\x1a"
    peeled = peel_value(data)

    assert {value.steps[0].layer for value in peeled.values[1:]} >= {"protobuf", "socketio"}
    assert opaque_atoms(peeled) == (128,)


def test_ciphertexts_in_a_binary_message_are_counted_one_by_one() -> None:
    first, second = bytes_of(300), bytes_of(200)
    batch = b"\x0a\xac\x02" + first + b"\x0a\xc8\x01" + second

    assert opaque_atoms(peel_value(batch)) == (300, 200)


def test_a_ciphertext_beside_text_is_counted_without_it() -> None:
    message = b"\x0a\x16page_load_event_finish\x12\xac\x02" + bytes_of(300)

    assert opaque_atoms(peel_value(message)) == (300,)


def test_short_and_readable_values_are_no_atoms() -> None:
    assert opaque_atoms(peel_value(b'{"name": "a text"}')) == ()
    assert opaque_atoms(peel_value(b"\x00\x01\x02" * 10)) == ()
