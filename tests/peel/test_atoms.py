"""Ciphertexts are counted one by one, in order, below everything that can be peeled."""

import base64
import gzip
import json
import os
from random import Random
from urllib.parse import quote

from hometruth.peel import opaque_atoms, peel_value


def test_each_encrypted_event_of_a_form_body_is_an_atom() -> None:
    rng = Random(1)
    sizes = [16 * rng.randint(8, 100) for _ in range(20)]
    payloads = [base64.b64encode(rng.randbytes(size)).decode() for size in sizes]
    envelope = [{"ekey": base64.b64encode(rng.randbytes(256)).decode(), "pkv": 1, "payloads": payloads}]
    body = b"gzip=9&data_list=" + quote(json.dumps(envelope), safe="").encode()

    assert opaque_atoms(peel_value(body)) == (256, *sizes)


def test_a_compressed_text_is_no_atom() -> None:
    assert opaque_atoms(peel_value(gzip.compress(b"a page was opened " * 200))) == ()


def test_a_raw_ciphertext_is_one_atom_whatever_could_be_guessed_inside() -> None:
    for _ in range(20):
        data = os.urandom(700)

        assert opaque_atoms(peel_value(data)) == (700,)


def test_short_and_readable_values_are_no_atoms() -> None:
    assert opaque_atoms(peel_value(b'{"name": "a text"}')) == ()
    assert opaque_atoms(peel_value(b"\x00\x01\x02" * 10)) == ()
