"""Decoders of the vendor's other channels, written for the tests."""

import base64
import gzip
import hashlib
import json
from typing import Any
from urllib.parse import parse_qsl

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from hometruth.model import Exchange
from tests.lab.conftest import World

MISTAT, TRACKING = "/mistats/v2", "/track/spock"
MINT_ID, MINT_KEY = "1000000001", "synthetic-key-01"
"""What the vendor gave Mint Browser."""


def form_of(exchange: Exchange) -> list[tuple[str, str]]:
    """Names and contents in order."""
    assert exchange.request_body is not None
    return parse_qsl(exchange.request_body.decode(), strict_parsing=True, keep_blank_values=True)


def to_path(world: World, path: str) -> list[Exchange]:
    """Requests that the recorder saw go there."""
    return [exchange for exchange in world.exchanges if exchange.target.split(b"?")[0] == path.encode()]


def deciphered(stat_value: str, device_id: str) -> Any:
    """AES-128-CBC with the IV in front, under 16 hexadecimal digits of an MD5."""
    key = hashlib.md5(f"seed:{MINT_ID}-{MINT_KEY}-{device_id}".encode()).hexdigest()[:16]
    sealed = base64.b64decode(stat_value)
    decryptor = Cipher(algorithms.AES(key.encode()), modes.CBC(sealed[:16])).decryptor()
    padded = decryptor.update(sealed[16:]) + decryptor.finalize()
    return json.loads(padded[: -padded[-1]])


def opened(exchange: Exchange) -> dict[str, Any]:
    """Header and records of one request of the system's analytics."""
    form = dict(form_of(exchange))
    data = base64.urlsafe_b64decode(form["value"])
    inside: dict[str, Any] = json.loads(gzip.decompress(data) if form.get("gzip") == "1" else data)
    return inside


def records(world: World, kind: str) -> list[dict[str, Any]]:
    """The bodies of all records of a kind that left the phone."""
    return [
        record["B"]
        for exchange in to_path(world, TRACKING)
        for record in opened(exchange)["B"]
        if record["H"]["k"] == kind
    ]
