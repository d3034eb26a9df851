"""A decoder of uploads written from the description of the protocol, for tests only.

Takes nothing from the lab's SDK or collector, so that neither can vouch for itself or for the other: JSON,
base64, zlib, and of the cryptography library only RSA, AES and the curve.
"""

import hashlib
import hmac
import json
import zlib
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PrivateKeys = Mapping[int, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey]


@dataclass(frozen=True)
class Upload:
    """One form body."""

    fields: tuple[str, ...]
    """Names, in order."""
    framing: str
    events: list[dict[str, Any]]
    envelopes: list[dict[str, Any]]
    """As sent; empty in plain text."""
    aes_keys: list[bytes]
    """Of each envelope."""


def decode_upload(body: bytes, keys: PrivateKeys | None = None) -> Upload:
    """Read an upload of the Android SDK; every rule of the protocol is asserted."""
    pairs = [pair.split("=", 1) for pair in body.decode("ascii").split("&")]
    fields = {name: unquote(value) for name, value in pairs}
    names = tuple(name for name, _ in pairs)
    value, framing = fields["data_list"], fields["gzip"]
    assert int(fields["crc"]) == java_string_hash(value)
    if framing == "1":
        return Upload(names, framing, json.loads(gunzip(b64decode(value, validate=True))), [], [])
    assert framing in {"9", "13"}
    envelopes = json.loads(value)
    events: list[dict[str, Any]] = []
    aes_keys = []
    for envelope in envelopes:
        assert list(envelope) == ["ekey", "pkv", "payloads", "flush_time"]
        aes_keys.append(unwrap((keys or {})[envelope["pkv"]], b64decode(envelope["ekey"], validate=True)))
        if framing == "9":
            assert all(isinstance(payload, str) for payload in envelope["payloads"])
            events += [json.loads(open_payload(aes_keys[-1], text)) for text in envelope["payloads"]]
        else:
            events += json.loads(open_payload(aes_keys[-1], envelope["payloads"]))
    return Upload(names, framing, events, envelopes, aes_keys)


def java_string_hash(text: str) -> int:
    """``s[0]*31^(n-1) + ... + s[n-1]`` in 32 bits, signed."""
    units = text.encode("utf-16-be")
    total = 0
    for place in range(0, len(units), 2):
        total = (31 * total + int.from_bytes(units[place : place + 2], "big")) & 0xFFFFFFFF
    return int.from_bytes(total.to_bytes(4, "big"), "big", signed=True)


def gunzip(data: bytes) -> bytes:
    """RFC 1952, and nothing after it."""
    assert data[:3] == b"\x1f\x8b\x08"
    stream = zlib.decompressobj(31)
    text = stream.decompress(data) + stream.flush()
    assert stream.eof
    assert stream.unused_data == b""
    return text


def open_payload(aes_key: bytes, text: str) -> bytes:
    """AES-128-CBC-PKCS7 with the IV in front, then gzip."""
    data = b64decode(text, validate=True)
    start, hidden = data[:16], data[16:]
    assert len(aes_key) == 16
    assert len(hidden) % 16 == 0
    decryptor = Cipher(algorithms.AES(aes_key), modes.CBC(start)).decryptor()
    padded = decryptor.update(hidden) + decryptor.finalize()
    n = padded[-1]
    assert 1 <= n <= 16
    assert padded[-n:] == bytes([n]) * n
    return gunzip(padded[:-n])


def unwrap(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, wrapped: bytes) -> bytes:
    """The AES key: RSA PKCS#1 v1.5, or ECIES as ``V || C || T``."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.decrypt(wrapped, padding.PKCS1v15())
    point, hidden, tag = wrapped[:65], wrapped[65:-20], wrapped[-20:]
    assert point[0] == 4
    shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(key.curve, point))
    stream = b""
    counter = 0
    while len(stream) < 16 + len(hidden):
        counter += 1
        stream += hashlib.sha1(point + shared + bytes((0, 0, 0, counter))).digest()
    assert hmac.new(stream[:16], hidden + bytes(8), hashlib.sha1).digest() == tag
    return bytes(a ^ b for a, b in zip(hidden, stream[16 : 16 + len(hidden)], strict=True))
