"""What is read as it stands: wrappings off, and no identifier taken apart because some alphabet fits it."""

import base64
import gzip
import json
import uuid
from random import Random

from hometruth.model import Exchange, Part
from hometruth.peel import peel_exchange
from hometruth.peel.leaves import leaves
from tests.peel.exchanges import exchange


def read(sent: Exchange) -> dict[str, str]:
    return {f"{value.part} {value.path}": text for value, text in leaves(peel_exchange(sent))}


def test_only_what_is_inside_every_wrapping_is_read() -> None:
    inner = json.dumps([{"uuid": "5870c1ba-4ed4-4ad4-8b30-a1bfa4faa606"}]).encode()
    body = b"gzip=1&data_list=" + base64.b64encode(gzip.compress(inner)).replace(b"=", b"%3D")

    found = read(exchange("/sa?project=x", body=body))

    assert found["body data_list[0].uuid"] == "5870c1ba-4ed4-4ad4-8b30-a1bfa4faa606"
    assert "body data_list" not in found
    assert (found["query project"], found["path [0]"]) == ("x", "sa")


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
