"""What is encrypted for somebody else is named, and its bytes are opaque."""

import base64
import json
import os

import pytest

from hometruth.model import GapKind
from hometruth.peel import peel_exchange
from tests.peel.exchanges import exchange


def b64u(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def token(key: bytes = b"k" * 256) -> bytes:
    header = b'{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"secret-kid"}'
    return b".".join(map(b64u, (header, key, os.urandom(12), os.urandom(300), os.urandom(16))))


@pytest.mark.parametrize("key", [os.urandom(256), b""], ids=["with a key", "direct"])
def test_an_encrypted_token_is_named_and_its_header_read(key: bytes) -> None:
    peeled = peel_exchange(exchange(body=json.dumps({"jwe": token(key).decode()}).encode()))

    assert [gap.kind for gap in peeled.gaps] == [GapKind.OPAQUE]
    assert "JWE" in peeled.gaps[0].detail
    assert any(value.data == b"secret-kid" for value in peeled.values)
    assert peeled.opaque_bytes > 300


def test_a_signed_token_is_not_sealed() -> None:
    parts = (b'{"alg":"HS256"}', b'{"sub":"jane"}', os.urandom(32))
    peeled = peel_exchange(exchange(body=b".".join(map(b64u, parts))))

    assert peeled.gaps == ()


@pytest.mark.parametrize(
    "media_type", [b"message/ohttp-req", b"Message/OHTTP-Req; x=y", b"application/oblivious-dns-message"]
)
def test_oblivious_http_is_named(media_type: bytes) -> None:
    body = b"\x01\x00\x20\x00\x01\x00\x01" + os.urandom(400)
    peeled = peel_exchange(exchange(body=body, headers=((b"Content-Type", media_type),)))

    assert [gap.kind for gap in peeled.gaps] == [GapKind.OPAQUE]
    assert "blivious" in peeled.gaps[0].detail
    assert peeled.opaque_bytes == len(body)
