"""Digests of a value in its usual spellings."""

import hashlib
import hmac

import mmh3
import pytest

from hometruth.forms import digests_of
from hometruth.forms.digests import DIGESTS


def named(value: str, salts: tuple[str, ...] = ()) -> dict[str, bytes]:
    return {each.name: each.raw for each in digests_of(value, salts)}


def test_of_the_value_and_of_lower_case() -> None:
    digests = named("Mixed Case")
    for algorithm in ("md5", "sha1", "sha256", "sha512", "sha384"):
        assert digests[algorithm] == hashlib.new(algorithm, b"Mixed Case").digest()
        assert digests[f"{algorithm}(lower)"] == hashlib.new(algorithm, b"mixed case").digest()


@pytest.mark.parametrize("algorithm", DIGESTS)
def test_every_digest_has_64_bits_and_tells_values_apart(algorithm: str) -> None:
    assert len(DIGESTS[algorithm](b"a")) >= 8
    assert DIGESTS[algorithm](b"a") != DIGESTS[algorithm](b"b")


def test_known_answers() -> None:
    assert DIGESTS["ripemd160"](b"abc").hex() == "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"
    assert DIGESTS["blake3"](b"abc").hex().startswith("6437b3ac38465133ffb63b75273a8db5")
    assert DIGESTS["xxh64"](b"abc").hex() == "44bc2cf5ad770999"
    assert DIGESTS["murmur3-128"](b"abc") == mmh3.mmh3_x64_128_digest(b"abc")


def test_of_a_digest_in_hex() -> None:
    md5 = hashlib.md5(b"jane@example.org").hexdigest()

    assert named("jane@example.org")["sha256(md5)"] == hashlib.sha256(md5.encode()).digest()


def test_with_salts_given_and_published() -> None:
    digests = named("value", salts=("QX4",))

    assert digests["sha256(salt+value)"] == hashlib.sha256(b"QX4value").digest()
    assert digests["md5(value+salt)"] == hashlib.md5(b"valueQX4").digest()
    assert digests["hmac-sha256(value)"] == hmac.digest(b"QX4", b"value", "sha256")
    assert hashlib.sha256(b"QX4QkKEUvalue").digest() in {each.raw for each in digests_of("value")}


def test_a_long_key_is_digested_first() -> None:
    key = "k" * 200

    assert named("value", salts=(key,))["hmac-md5(value)"] == hmac.digest(key.encode(), b"value", "md5")
