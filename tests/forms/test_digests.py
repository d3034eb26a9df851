"""Digests of the value and of its lower-cased form."""

import hashlib

from hometruth.forms import digest_forms
from hometruth.model import Form


def by_needle(value: str, bits: float = 200.0, salts: tuple[str, ...] = ()) -> dict[bytes, Form]:
    return {form.needle: form for form in digest_forms(value, bits, salts)}


def test_hex_and_raw_digests_of_value_and_lower() -> None:
    forms = by_needle("Mixed Case")
    for algorithm in ("md5", "sha1", "sha256"):
        for name, data in ((algorithm, b"Mixed Case"), (f"{algorithm}(lower)", b"mixed case")):
            digest = hashlib.new(algorithm, data)
            assert forms[digest.hexdigest().encode()].name == name
            assert forms[digest.digest()].name == name
            assert not forms[digest.digest()].caseless


def test_a_lower_case_value_has_no_second_digest() -> None:
    assert {form.name for form in by_needle("lower").values()} == {"md5", "sha1", "sha256"}


def test_salted_digests() -> None:
    forms = by_needle("value", salts=("QX4",))

    assert forms[hashlib.sha256(b"QX4value").hexdigest().encode()].name == "sha256(salt+value)"
    assert forms[hashlib.md5(b"valueQX4").digest()].name == "md5(value+salt)"


def test_a_digest_is_evidence_for_no_more_than_its_own_bits() -> None:
    forms = by_needle("value", bits=1000.0)

    assert {form.bits for form in forms.values()} == {128.0, 160.0, 256.0}
