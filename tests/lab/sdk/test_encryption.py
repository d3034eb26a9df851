"""Encrypted framings, read back by the decoder from the fact sheet; and which key is taken."""

import json
from base64 import b64decode, b64encode
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import unquote

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings

from hometruth.lab.sdk.encryption import Encryption, PublicKey, key_in
from hometruth.lab.sdk.wire import encode_events, encode_transport
from tests.lab.sdk.fact_sheet import PrivateKeys, decode_upload, open_payload
from tests.lab.sdk.test_wire import EVENTS

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())
PRIVATE: PrivateKeys = {1: RSA, 2: EC}


def public(key: Any) -> str:
    return b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


KEYS = [PublicKey(1, "RSA", public(RSA)), PublicKey(2, "EC", public(EC))]
BY_TYPE = pytest.mark.parametrize("key", KEYS, ids=["rsa", "ec"])


@BY_TYPE
@given(events=EVENTS.filter(bool))
@settings(max_examples=40)
def test_events_sealed_one_by_one_are_read_back(key: PublicKey, events: list[dict[str, Any]]) -> None:
    encryption = Encryption(key, Random(1))
    upload = decode_upload(encode_events([encryption.seal(event) for event in events], 17), PRIVATE)

    assert upload.fields == ("crc", "gzip", "data_list")
    assert (upload.framing, upload.events) == ("9", events)
    assert [(envelope["pkv"], envelope["flush_time"]) for envelope in upload.envelopes] == [(key.pkv, 17)]


@BY_TYPE
@given(events=EVENTS)
@settings(max_examples=40)
def test_an_array_sealed_as_a_whole_is_read_back(key: PublicKey, events: list[dict[str, Any]]) -> None:
    upload = decode_upload(encode_transport(Encryption(key, Random(1)).seal(events), 17), PRIVATE)

    assert upload.fields == ("crc", "gzip", "data_list")
    assert (upload.framing, upload.events) == ("13", events)


@BY_TYPE
def test_one_process_has_one_aes_key_and_every_payload_an_iv_of_its_own(key: PublicKey) -> None:
    encryption = Encryption(key, Random(1))
    sealed = [encryption.seal({"n": 1}) for _ in range(20)]

    assert len({item["ekey"] for item in sealed}) == 1
    assert len({b64decode(item["payloads"])[:16] for item in sealed}) == 20
    assert Encryption(key, Random(2)).seal({"n": 1})["ekey"] != sealed[0]["ekey"]


def test_events_from_two_processes_go_out_in_two_envelopes() -> None:
    older, newer = Encryption(KEYS[0], Random(1)), Encryption(KEYS[1], Random(2))
    sealed = [older.seal({"n": 1}), newer.seal({"n": 2}), older.seal({"n": 3})]
    upload = decode_upload(encode_events(sealed, 17), PRIVATE)

    assert [envelope["pkv"] for envelope in upload.envelopes] == [1, 2]
    assert upload.events == [{"n": 1}, {"n": 3}, {"n": 2}]


def test_without_compression_the_size_depends_on_the_length_alone() -> None:
    encryption = Encryption(KEYS[0], Random(1))
    sizes = {
        len(encryption.seal({"told": text}, compress_level=0)["payloads"])
        for text in ("a" * 300, "".join(map(chr, Random(3).choices(range(97, 123), k=300))))
    }

    assert len(sizes) == 1


@pytest.mark.parametrize(
    ("configs", "taken"),
    [
        ({}, None),
        ({"key": None, "key_v2": 7}, None),
        ({"key": {"pkv": 1, "public_key": public(RSA)}}, KEYS[0]),
        ({"key": {"pkv": 0, "public_key": public(RSA)}}, None),
        ({"key": {"pkv": 1, "public_key": ""}}, None),
        ({"key": {"pkv": 1, "public_key": "AAAA"}}, None),
        ({"key": {"pkv": 1, "public_key": public(EC)}}, None),
        ({"key": {"pkv": 1, "public_key": public(ed25519.Ed25519PrivateKey.generate())}}, None),
        (
            {
                "key": {
                    "pkv": 1,
                    "public_key": public(RSA),
                    "key_ec": json.dumps({"pkv": 2, "type": "EC", "public_key": public(EC)}),
                }
            },
            KEYS[1],
        ),
        ({"key": {"pkv": 1, "public_key": public(RSA), "key_ec": ""}}, KEYS[0]),
        ({"key_v2": {"type": "RSA+AES", "pkv": 1, "public_key": public(RSA)}, "key": None}, KEYS[0]),
        (
            {
                "key": {"pkv": 2, "type": "EC", "public_key": public(EC)},
                "key_v2": {"type": "SM2+SM4", "pkv": 1, "public_key": public(RSA)},
            },
            KEYS[1],
        ),
    ],
)
def test_which_key_is_taken(configs: dict[str, Any], taken: PublicKey | None) -> None:
    """As `SecretKeyManager` does: ``key_v2`` of known ciphers, else ``key``, in it the curve; else none."""
    assert key_in(configs) == taken


@pytest.mark.shared
def test_the_decoder_reads_what_the_official_encryption_made(shared: Path) -> None:
    """an02's ciphertext came from the SDK's own code; its AES key was kept, the private RSA key was not."""
    recording = json.loads((shared / "facts/recordings/an02_event_encrypt_rsa_gzip9.json").read_text())
    aes_key = bytes.fromhex(recording["keys"]["aes_key_hex"])
    _, framing, envelopes = parts_of(b64decode(recording["requests"][0]["body_base64"]))

    assert framing == "9"
    assert [list(envelope) for envelope in envelopes] == [["ekey", "pkv", "payloads", "flush_time"]]
    assert [json.loads(open_payload(aes_key, text)) for text in envelopes[0]["payloads"]] == recording[
        "plaintext_events"
    ]


@pytest.mark.shared
def test_our_request_has_the_fields_and_structure_of_the_recorded_one(shared: Path) -> None:
    recording = json.loads((shared / "facts/recordings/an02_event_encrypt_rsa_gzip9.json").read_text())
    encryption = Encryption(KEYS[0], Random(1))
    ours = encode_events([encryption.seal(event) for event in recording["plaintext_events"]], 1)
    recorded = b64decode(recording["requests"][0]["body_base64"])

    assert structure(ours) == structure(recorded)


def parts_of(body: bytes) -> tuple[list[str], str, Any]:
    """Names of the fields in order, ``gzip``, and the envelopes."""
    pairs = [pair.split("=", 1) for pair in body.decode("ascii").split("&")]
    fields = {name: unquote(value) for name, value in pairs}
    return [name for name, _ in pairs], fields["gzip"], json.loads(fields["data_list"])


def structure(body: bytes) -> Any:
    """Fields, and of the envelopes the keys in order and the types; of the wrapped key its size as well."""
    names, framing, envelopes = parts_of(body)
    shapes = [
        [(key, type(inner), len(b64decode(inner)) if key == "ekey" else 0) for key, inner in envelope.items()]
        for envelope in envelopes
    ]
    return names, framing, shapes, [len(envelope["payloads"]) for envelope in envelopes]
