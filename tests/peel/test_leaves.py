"""What is read as it stands: wrappings off, and no identifier taken apart because some alphabet fits it."""

import base64
import bz2
import gzip
import json
import lzma
import uuid
import zlib
from collections.abc import Callable
from random import Random
from urllib.parse import quote_from_bytes

import brotli
import cramjam
import pytest
import zstandard

from hometruth.model import Exchange, Part
from hometruth.peel import peel_exchange
from hometruth.peel.leaves import leaves
from tests.peel.exchanges import exchange


def read(sent: Exchange) -> dict[str, str]:
    return {f"{value.part} {value.path}": text for value, text in leaves(peel_exchange(sent))}


def test_only_what_is_inside_every_wrapping_is_read() -> None:
    inner = json.dumps([{"uuid": "5870c1ba-4ed4-4ad4-8b30-a1bfa4faa606"}]).encode()
    body = b"gzip=1&data_list=" + base64.b64encode(gzip.compress(inner, mtime=1795925007)).replace(
        b"=", b"%3D"
    )

    found = read(exchange("/sa?project=x", body=body))

    assert found["body data_list[0].uuid"] == "5870c1ba-4ed4-4ad4-8b30-a1bfa4faa606"
    assert "body data_list" not in found
    assert (found["query project"], found["path [0]"]) == ("x", "sa")


PACK: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": lambda data, n: gzip.compress(data, mtime=1795925000 + n),
    "zlib": lambda data, n: zlib.compress(data, n % 10),
    "deflate": lambda data, n: zlib.compress(data, n % 10, -15),
    "brotli": lambda data, n: brotli.compress(data, quality=n % 12),
    "zstd": lambda data, n: zstandard.compress(data, n % 20 + 1),
    "bzip2": lambda data, n: bz2.compress(data, n % 9 + 1),
    "xz": lambda data, n: lzma.compress(data, preset=n % 7),
    "lz4": lambda data, n: bytes(cramjam.lz4.compress(data, level=n % 12 + 1)),
    "snappy": lambda data, _: bytes(cramjam.snappy.compress_raw(data)),
}
"""Every compressed form, with what may vary in its header: times, levels."""
SPELL: dict[str, Callable[[bytes], bytes]] = {
    "base64": base64.b64encode,
    "base64url": base64.urlsafe_b64encode,
    "base64 without padding": lambda data: base64.b64encode(data).rstrip(b"="),
    "hex": lambda data: data.hex().encode(),
    "base32": base64.b32encode,
    "base85": base64.b85encode,
    "ascii85": base64.a85encode,
}


@pytest.mark.parametrize("spelling", SPELL)
@pytest.mark.parametrize("packing", PACK)
def test_what_is_opened_hangs_on_no_byte_that_may_vary(packing: str, spelling: str) -> None:
    """The same body is packed at another time or level: it is read once, opened, never as it stands."""
    secret = "5870c1ba-4ed4-4ad4-8b30-a1bfa4faa606"
    for n in range(24):
        text = SPELL[spelling](PACK[packing](json.dumps([{"uuid": secret, "n": n}]).encode(), n))
        escaped = quote_from_bytes(text, safe="")
        sent = {
            "form": exchange(body=b"gzip=1&list=" + escaped.encode()),
            "query": exchange(f"/sa?project=x&list={escaped}"),
            "json": exchange(body=json.dumps({"list": text.decode()}).encode()),
            "body": exchange(body=text),
            "cookie": exchange(headers=((b"cookie", b"a=b; list=" + escaped.encode()),)),
        }
        if "base64" in spelling:  # of which senders forget to escape the plus
            sent["bare"] = exchange(body=b"gzip=1&list=" + text)
        for place, request in sent.items():
            long = [text for _, text in leaves(peel_exchange(request)) if len(text) > 30]

            assert long == [secret], (place, n)


def test_random_identifiers_of_every_usual_shape_are_read_whole() -> None:
    """However it happens to decode, the same value must not be seen once as it stands and once in pieces."""
    rng = Random(1)
    for _ in range(400):
        number = rng.getrandbits(128)
        values = {
            "uuid": str(uuid.UUID(int=number)),
            "md5": f"{number:032x}",
            "android": f"{number >> 64:016x}",
            "base64": base64.b64encode(number.to_bytes(16)).decode(),
        }
        found = read(exchange(body=json.dumps(values).encode()))

        assert {name: found.get(f"body {name}") for name in values} == values


def test_short_binary_values_are_read_as_hexadecimal_and_opaque_ones_are_not_read() -> None:
    secret = Random(2).randbytes(300)
    found = read(exchange(body=secret, headers=((b"x-id", b"\xff\x00\xfe\x01\xfd"),)))

    assert found["header x-id"] == "ff00fe01fd"
    assert not any(name.startswith(Part.BODY) for name in found)
