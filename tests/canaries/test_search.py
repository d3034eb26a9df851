"""Every form of every canary in every value, in one pass."""

import base64
import hashlib
import re
from random import Random

import pytest

from hometruth.canaries import bits_of, compile_search, digests, left_out, mint, search
from hometruth.errors import CanaryError
from hometruth.forms import digests_of, plain_forms
from hometruth.model import Canary, CanaryKind, GapKind
from hometruth.peel import Peeled, peel_value


def canary(value: str, id: str = "c-1", **fields: object) -> Canary:
    return Canary(id=id, kind=CanaryKind.KNOWN, value=value, bits=50.0, **fields)  # type: ignore[arg-type]


def found(data: bytes, *values: str, salts: tuple[str, ...] = ()) -> set[tuple[str, str]]:
    search = compile_search([canary(value, id=value) for value in values], salts)
    return {(hit.canary.id, hit.form.name) for hit in search.find(peel_value(data))}


def test_case_does_not_matter() -> None:
    assert found(b"it says MoGiNeZoSaFe here", "moginezosafe") == {("moginezosafe", "plain")}
    assert found(b"it says moginezosafe here", "MOGINEZOSAFE") == {("MOGINEZOSAFE", "plain")}


def test_canaries_inside_each_other_are_all_found() -> None:
    assert found(b"abcdefgh", "abcd", "cdef", "abcdefgh") == {
        (value, "plain") for value in ("abcd", "cdef", "abcdefgh")
    }


def test_nothing_is_found_across_two_values() -> None:
    assert found(b'["abcd", "efgh"]', "abcdefgh", "abcd\x00efgh") == set()


def test_digests_in_hex_of_either_case_and_in_base64() -> None:
    value = "jane@example.org"
    digest = hashlib.sha256(value.encode())
    for data in (
        digest.hexdigest().encode(),
        digest.hexdigest().upper().encode(),
        base64.b64encode(digest.digest()),
        base64.urlsafe_b64encode(digest.digest()).rstrip(b"="),
        digest.digest(),
    ):
        assert (value, "sha256") in found(data, value)


def test_raw_digests_are_compared_exactly() -> None:
    digest = next(
        raw
        for number in range(1000)
        if (raw := hashlib.md5(b"value %d" % number).digest())[:8].lower() != raw[:8]
        for value in [f"value {number}"]
    )
    value = next(
        f"value {number}" for number in range(1000) if hashlib.md5(b"value %d" % number).digest() == digest
    )

    assert (value, "md5") in found(b"\x00" + digest, value)
    assert found(b"\x00" + digest.lower(), value) == set()


def test_salted_digests_need_the_salt() -> None:
    data = hashlib.sha256(b"QX4jane@example.org").hexdigest().encode()

    assert found(data, "jane@example.org") == set()
    assert found(data, "jane@example.org", salts=("QX4",)) == {("jane@example.org", "sha256(salt+value)")}


def test_no_canaries_find_nothing() -> None:
    assert compile_search([]).find(peel_value(b"anything")) == []
    assert compile_search([]).traces(peel_value(b"anything")) == []


def test_images_are_traces() -> None:
    value = "moginezosafe"
    raw = {
        "base64": base64.b64encode(b"x" + value.encode()),
        "hex": b"zz" + value.encode().hex().encode() + b"zz",
        "utf-16": value.encode("utf-16-le"),
        "reversed": value.encode()[::-1],
    }
    search = compile_search([canary(value)])
    for name, data in raw.items():
        assert {trace.encoding for trace in search.traces(peel_value(data, layers=()))} == {name}


def test_base64_is_traced_at_every_alignment() -> None:
    search = compile_search([canary("moginezosafe")])
    for before in range(6):
        for after in range(6):
            text = base64.b64encode(b"-" * before + b"moginezosafe" + b"-" * after)
            assert search.traces(peel_value(text, layers=())), (before, after)


def test_a_thousand_phantoms_do_not_get_in_the_way() -> None:
    planted = mint("page")
    search = compile_search([planted, *(mint("page", phantom=True) for _ in range(1000))])
    peeled: Peeled = peel_value(b'{"url": "https://%s.test/"}' % planted.value.encode())

    assert {hit.canary for hit in search.find(peeled)} == {planted}


@pytest.mark.parametrize(
    "value", ["02:0C:55:AB:7A:4C", "a1b2434455667788", "41424344-5051-4253-8455-6162636465ab"]
)
def test_bytes_that_differ_in_the_case_of_a_letter_are_another_number(value: str) -> None:
    data = bytes.fromhex(re.sub("[:-]", "", value))

    assert found(data, value)
    assert not found(data.swapcase(), value)


@pytest.mark.parametrize("text", [b"+04 7700 900682", b"+45 7700 900682", b"+1 (0) 7700 900682"])
def test_a_number_behind_the_code_of_another_country_or_of_none_is_another(text: bytes) -> None:
    assert not found(text, "+44 7700 900682")


@pytest.mark.parametrize("text", [b"07700 900682", b"+44 (0)7700 900682", b"0044 7700 900682"])
def test_a_number_in_its_own_country_is_found(text: bytes) -> None:
    assert found(text, "+44 7700 900682")


VERY_MANY = (
    *(mint("page", rng=Random(seed)) for seed in range(3)),
    *(
        canary(value, id=value)
        for value in (
            *(
                "jane.doe@example.org",
                "+49 171 5550199",
                "https://www.tarimo.example/p?q=1",
                "Jane Maria Doe",
            ),
            *("490154203237518", "00:1B:44:11:3A:B7", "Ünal Öz"),
        )
    ),
)


def test_of_very_many_each_is_found_as_it_is_in_its_spellings_and_as_a_digest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of_few = compile_search(VERY_MANY)
    monkeypatch.setattr(search, "MOST_IN_FULL", len(VERY_MANY) - 1)
    of_many = compile_search(VERY_MANY)
    for each in VERY_MANY:
        forms = [form.needle for form in plain_forms(each.value, each.bits, bits_of)]
        digests = [digest.raw.hex().encode() for digest in digests_of(each.value)]
        peeled = peel_value(b"|".join([*forms, *digests]), layers=())
        hits = of_many.find(peeled)

        assert {hit.canary for hit in hits} == {each}
        assert set(hits) == set(of_few.find(peeled))
        assert of_many.find(peel_value(base64.b64encode(each.value.encode()))) != []


def test_of_very_many_what_is_not_looked_for_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert left_out(VERY_MANY) is None
    monkeypatch.setattr(search, "MOST_IN_FULL", len(VERY_MANY) - 1)
    gap = left_out((*VERY_MANY, mint("page", phantom=True)))

    assert gap is not None
    assert gap.kind is GapKind.BUDGET
    assert gap.detail.startswith(f"{len(VERY_MANY)} canaries are more than {len(VERY_MANY) - 1}: ")


@pytest.mark.parametrize(
    "written",
    [
        b"u=www.tarimo.example",
        hashlib.md5(b"www.tarimo.example").hexdigest().encode(),
        hashlib.sha256(b"www.tarimo.example").digest(),
    ],
)
def test_of_very_many_what_they_share_is_found_of_few(
    monkeypatch: pytest.MonkeyPatch, written: bytes
) -> None:
    monkeypatch.setattr(search, "MOST_IN_FULL", 3)
    monkeypatch.setattr(search, "MOST_SHARING", 4)
    monkeypatch.setattr(digests, "MOST_SHARING", 4)
    addresses = [canary(f"https://www.tarimo.example/{n}", id=str(n)) for n in range(5)]

    assert len({hit.canary for hit in compile_search(addresses[:4]).find(peel_value(written))}) == 4
    assert compile_search(addresses).find(peel_value(written)) == []
    whole = compile_search(addresses).find(peel_value(b"https://www.tarimo.example/3"))
    assert {hit.canary.id for hit in whole} == {"3"}
    host = canary("www.tarimo.example", id="host")
    own = {hit.canary.id for hit in compile_search([*addresses, host]).find(peel_value(written))}
    assert own == ({"host"} if written.startswith(b"u=") else set())


def test_more_spellings_than_memory_bears_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_TEXTS", 200)

    assert compile_search(canary(f"value-{n}", id=str(n)) for n in range(50))
    with pytest.raises(CanaryError, match="the first 2 of 3 canaries have more than 200 spellings"):
        compile_search(canary(f"+49 171 555019{n}", id=str(n)) for n in range(3))
