"""Encrypted framings: ``gzip=9`` encrypts each event, ``gzip=13`` ("transport") the whole array of them.

The value is a JSON array, not base64: ``[{"ekey", "pkv", "payloads", "flush_time"}]``. A payload is base64 of
a 16-byte IV and AES-128-CBC-PKCS7 of gzip of JSON.
"""

import base64
import binascii
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from hometruth.lab.collector import packing
from hometruth.lab.collector.keys import KeyRing
from hometruth.lab.collector.packing import Rejected, inflate, parse_json

EVENT, TRANSPORT = "9", "13"
"""Values of the field ``gzip``."""
IV_BYTES = 16
MAX_ENVELOPES = 64
"""Envelopes in one request; SDKs make one per key, and unwrapping a key is slow."""


def open_envelopes(value: str, framing: str, keys: KeyRing) -> list[Any]:
    """The events inside an encrypted ``data_list``.

    Raises:
        Rejected: If any of it is damaged, or encrypted for a key that is not in *keys*.
    """
    envelopes = parse_json(value)
    if isinstance(envelopes, dict) and "key_hash" in envelopes:
        raise Rejected("encrypted by the Web SDK's plugin, under a key that only its page has")
    if not isinstance(envelopes, list) or len(envelopes) > MAX_ENVELOPES:
        raise Rejected(f"gzip={framing} wants a JSON array of at most {MAX_ENVELOPES} envelopes")
    room = packing.MAX_JSON_BYTES
    events: list[Any] = []
    for index, envelope in enumerate(envelopes):
        wrapped_key, payloads = _parts(index, envelope, framing)
        key = keys.unwrap(envelope.get("pkv"), wrapped_key)
        for payload in payloads:
            plain = inflate(decrypt(key, _unbase64(payload)), room)
            room -= len(plain)
            inside = parse_json(plain)
            if framing == TRANSPORT and not isinstance(inside, list):
                raise Rejected(f"envelope {index} does not hold an array of events")
            events += inside if framing == TRANSPORT else [inside]
    return events


def decrypt(key: bytes, data: bytes) -> bytes:
    """Undo AES-128-CBC-PKCS7 with the IV in front.

    Raises:
        Rejected: If *key* does not fit.
    """
    try:
        decryptor = Cipher(algorithms.AES(key), modes.CBC(data[:IV_BYTES])).decryptor()
        padded = decryptor.update(data[IV_BYTES:]) + decryptor.finalize()
        unpadder = PKCS7(128).unpadder()
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError as err:
        raise Rejected(f"a payload cannot be decrypted: {err}") from err


def _parts(index: int, envelope: Any, framing: str) -> tuple[bytes, list[str]]:
    if not isinstance(envelope, dict) or not isinstance(envelope.get("ekey"), str):
        raise Rejected(f"envelope {index} has no ekey")
    payloads: Any = envelope.get("payloads")
    many = [payloads] if framing == TRANSPORT else payloads
    if not isinstance(many, list) or not all(isinstance(payload, str) for payload in many):
        wanted = "one text" if framing == TRANSPORT else "an array of texts"
        raise Rejected(f"envelope {index}: payloads must be {wanted} with gzip={framing}")
    return _unbase64(envelope["ekey"]), many


def _unbase64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as err:
        raise Rejected(f"an envelope is not base64 inside: {err}") from err
