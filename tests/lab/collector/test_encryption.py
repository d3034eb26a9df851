"""Encrypted framings, with a client written for the test from the protocol's description."""

import gzip
import hashlib
import hmac
import json
import os
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from hometruth.lab import CollectorHandle, read_dead_letters, read_events, start_collector
from hometruth.lab.collector.decode import java_hash
from tests.lab.collector.conftest import EVENT, Asks

EVENTS = [EVENT, {**EVENT, "_track_id": -2, "properties": {"url": "https://a.example/?q=\u00e4 +%"}}]
AES_KEY = bytes(range(16))


def wrap(public_key: str, tail: int = 8) -> str:
    """The AES key for the server: RSA, or ECIES from hash functions and a curve."""
    key = load_der_public_key(b64decode(public_key))
    if isinstance(key, rsa.RSAPublicKey):
        return b64encode(key.encrypt(AES_KEY, padding.PKCS1v15())).decode()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    own = ec.generate_private_key(ec.SECP256R1())
    point = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    secret = point + own.exchange(ec.ECDH(), key)
    stream = b"".join(hashlib.sha1(secret + n.to_bytes(4, "big")).digest() for n in (1, 2))
    ciphertext = bytes(a ^ b for a, b in zip(AES_KEY, stream[16:32], strict=True))
    tag = hmac.digest(stream[:16], ciphertext + bytes(tail), "sha1")
    return b64encode(point + ciphertext + tag).decode()


def encrypt(value: Any) -> str:
    """One payload."""
    data = gzip.compress(json.dumps(value).encode(), mtime=0)
    data += bytes([16 - len(data) % 16]) * (16 - len(data) % 16)
    iv = os.urandom(16)
    encryptor = Cipher(algorithms.AES(AES_KEY), modes.CBC(iv)).encryptor()
    return b64encode(iv + encryptor.update(data) + encryptor.finalize()).decode()


def form(envelopes: Any, framing: str) -> bytes:
    """A body as the Android SDK writes it."""
    value = json.dumps(envelopes, separators=(",", ":"))
    return f"crc={java_hash(value)}&gzip={framing}&data_list={quote(value, safe='')}".encode()


def envelope(keys: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """One envelope with both events."""
    payloads = [encrypt(event) for event in EVENTS]
    return {
        "ekey": wrap(keys["public_key"]),
        "pkv": keys["pkv"],
        "payloads": payloads,
        "flush_time": 1,
    } | changes


@pytest.fixture
def configured(ask: Asks) -> dict[str, dict[str, Any]]:
    """Keys by kind, as an SDK finds them in its remote configuration."""
    configs = json.loads(ask("GET", "/config/Android.conf?v=&nv=&project=p&app_id=a").body)["configs"]
    assert configs["supportTransportEncrypt"] is False
    return {
        "rsa": configs["key"],
        "rsa, new shape": configs["key_v2"],
        "ec": json.loads(configs["key"]["key_ec"]),
    }


@pytest.mark.parametrize("kind", ["rsa", "rsa, new shape", "ec"])
@pytest.mark.parametrize("framing", ["9", "13"])
def test_events_encrypted_for_the_served_key_are_stored_decrypted(
    collector: CollectorHandle, ask: Asks, configured: dict[str, dict[str, Any]], kind: str, framing: str
) -> None:
    payloads = {} if framing == "9" else {"payloads": encrypt(EVENTS)}
    answer = ask("POST", "/sa?project=p", form([envelope(configured[kind], **payloads)], framing))
    stored = read_events(collector.db)

    assert (answer.status, answer.body) == (200, b"")
    assert [{key: event[key] for key in event if key != "_server"} for event in stored] == EVENTS


@pytest.mark.parametrize("tail", [8, 4, 0])
def test_every_known_tag_of_ecies_is_accepted(
    collector: CollectorHandle, ask: Asks, configured: dict[str, dict[str, Any]], tail: int
) -> None:
    ekey = wrap(configured["ec"]["public_key"], tail)

    assert ask("POST", "/sa", form([envelope(configured["ec"], ekey=ekey)], "9")).status == 200


def test_a_restarted_collector_reads_what_was_encrypted_before(
    collector: CollectorHandle, configured: dict[str, dict[str, Any]]
) -> None:
    body = form([envelope(configured["ec"])], "9")
    collector.close()
    with start_collector(collector.db) as restarted:
        urlopen(f"{restarted.url}/sa", body).close()

    assert len(read_events(collector.db)) == len(EVENTS)


def test_every_database_has_keys_of_its_own(tmp_path: Path, configured: dict[str, dict[str, Any]]) -> None:
    with (
        start_collector(tmp_path / "c.sqlite") as other,
        urlopen(f"{other.url}/config/Android.conf") as answer,
    ):
        assert json.load(answer)["configs"]["key"]["public_key"] != configured["rsa"]["public_key"]


def test_without_keys_there_is_nothing_to_encrypt_with(tmp_path: Path) -> None:
    with (
        start_collector(tmp_path / "c.sqlite", encryption=None) as collector,
        urlopen(f"{collector.url}/config/Android.conf") as answer,
    ):
        configs = json.load(answer)["configs"]

    assert configs.keys() == {"disableDebugMode", "autoTrackMode", "disableSDK"}


@pytest.mark.parametrize(
    ("changes", "framing", "reason"),
    [
        ({"pkv": 7}, "9", "encrypted under key version 7, which is not ours"),
        ({"pkv": True}, "9", "which is not ours"),
        ({"pkv": 2}, "9", "encrypted for another key than ours of version 2"),
        ({"ekey": b64encode(bytes(256)).decode()}, "9", "another key than ours of version 1"),
        ({"ekey": ""}, "9", "another key than ours"),
        ({"ekey": "%"}, "9", "not base64 inside"),
        ({"ekey": None}, "9", "envelope 0 has no ekey"),
        ({"payloads": [b64encode(bytes(48)).decode()]}, "9", "cannot be decrypted"),
        ({"payloads": [""]}, "9", "cannot be decrypted"),
        ({"payloads": [7]}, "9", "an array of texts"),
        ({"payloads": "text"}, "9", "an array of texts"),
        ({"payloads": ["text"]}, "13", "one text"),
        ({"payloads": encrypt({})}, "13", "does not hold an array"),
        ({"payloads": [encrypt(["no event"])]}, "9", "item 0 is a JSON list"),
        ({"payloads": [encrypt(EVENT), encrypt({"type": "?"})]}, "9", "event 1 is of no known type"),
    ],
)
def test_damage_is_refused_with_the_reason_and_kept(
    collector: CollectorHandle,
    ask: Asks,
    configured: dict[str, dict[str, Any]],
    changes: dict[str, Any],
    framing: str,
    reason: str,
) -> None:
    body = form([envelope(configured["rsa"]) | changes], framing)
    answer = ask("POST", "/sa", body)
    [letter] = read_dead_letters(collector.db)

    assert answer.status == 400
    assert reason in letter.reason
    assert letter.body == body
    assert read_events(collector.db) == []


@pytest.mark.parametrize("value", ["{}", "7", "[7]", "not JSON", json.dumps([{}] * 100)])
def test_what_is_no_array_of_envelopes_is_refused(ask: Asks, value: str) -> None:
    assert ask("POST", "/sa", f"gzip=9&data_list={quote(value)}".encode()).status == 400


def test_the_web_plugins_own_encryption_is_named(collector: CollectorHandle, ask: Asks) -> None:
    value = json.dumps({"key_id": "1", "key_hash": "x", "nc": 1, "payload": "AAAA"})
    ask("POST", "/sa.gif", f"gzip=9&data={quote(value)}".encode())

    assert "only its page has" in read_dead_letters(collector.db)[0].reason
