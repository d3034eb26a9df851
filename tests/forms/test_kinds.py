"""Every kind of value in every spelling, on the fast path as on the slow one; spelt here by other means."""

import base64
import hashlib
import json
import struct
import uuid
from collections.abc import Iterator
from functools import cache
from random import Random

import pytest

from hometruth.audit.bench import WORTH_SIFTING, Bench
from hometruth.audit.examine import examine
from hometruth.audit.scanner import Scanner
from hometruth.canaries import Search, bits_of, compile_search
from hometruth.forms import KINDS, plain_forms, spellings_of
from hometruth.forms.plain import MOST_FORMS
from hometruth.model import Canary, CanaryKind, Exchange, Gap
from tests.peel.exchanges import exchange

URL = "https://www.klinik-am-see.example/onkologie/termin-q7k2x9?arzt=lm44z#plan"
IMEI = "356938035643809"
UUID = "7f4e2a91-0c3d-4b6e-9a58-d1c2b3a49e5f"
WRITTEN: dict[str, dict[str, list[str | bytes]]] = {
    "address": {
        URL: [
            URL.removeprefix("https://"),
            URL.replace("https", "http"),
            URL.replace("www.", ""),
            URL.partition("#")[0],
            URL.partition("?")[0],
            URL.partition("?")[0] + "/",
            URL.replace(".example/", ".example:8443/"),
            URL.replace("?", "?utm_source=feed&"),
            URL.replace("#", "&utm_source=feed#"),
            "https://www.klinik-am-see.example/",
            "klinik-am-see.example",
            "/onkologie/termin-q7k2x9?arzt=lm44z",
            "example,klinik-am-see)/onkologie/termin-q7k2x9?arzt=lm44z",
        ],
        "www.klinik-am-see.example/onkologie": ["https://klinik-am-see.example/onkologie?x=1"],
        "https://www.klinik-am-see.example/onkologie/termin/index.html?arzt=lm44z": [
            "https://www.klinik-am-see.example/onkologie/termin/",
            "klinik-am-see.example/onkologie/termin",
            "//klinik-am-see.example//onkologie//termin//index.html",
            "https://m.klinik-am-see.example/onkologie/termin/index.html?arzt=lm44z",
        ],
        "https://www.xn--mller-kva.example/krankheit/%C3%BCberblick?q=f%C3%BC%C3%9Fe": [
            "https://www.müller.example/krankheit/überblick?q=füße",
            "/krankheit/überblick",
        ],
        "http://[2001:db8::1f2a:3]:8080/akte/mustermann-7731": [
            "http://[2001:0db8:0000:0000:0000:0000:1f2a:0003]:8080/akte/mustermann-7731",
            "to [2001:db8::1f2a:3]",
            "/akte/mustermann-7731",
        ],
        "http://forum.see.example:8080/": ["forum.see.example:8080", "forum.see.example/other"],
    },
    "telephone": {
        "+49 171 5550199": [
            "+49 (0)171 5550199",
            "+49-171-5550199",
            "01715550199",
            "1715550199",
            "00491715550199",
            "0171-5550199",
            "0171/5550199",
            "0171-555 01 99",
            "(0171) 5550199",
            "011491715550199",
            "+49 1715550199",
        ],
        "+1 (212) 555-0199": [
            "2125550199",
            "212-555-0199",
            "(212) 555-0199",
            "+1.212.555.0199",
            "12125550199",
        ],
        "+8613800138123": ["13800138123", "138 0013 8123", "+86 138-0013-8123"],
        "0033 6 12 34 56 78": ["06 12 34 56 78", "0612345678", "06.12.34.56.78", "+33612345678"],
        "+7 912 345-67-89": ["8 (912) 345-67-89", "89123456789", "9123456789", "+7(912)345-67-89"],
        "+39 06 69812345": ["06 69812345", "06-6981 2345"],
        "+34 612 34 56 78": ["612 345 678", "612-34-56-78"],
        "+36 30 123 4567": ["06301234567", "06 30 123 4567"],
    },
    "e-mail": {
        "Jane.Lump+news@gmail.com": ["janelump@gmail.com", "jane.lump@gmail.com", "JANELUMP+NEWS@gmail.com"],
        "jane.lump-q7k2x@post.example": [
            "jane.lump-q7k2x#post.example",
            "jane.lump-q7k2x (at) post.example",
            "jane.lump-q7k2x [at] post [dot] example".replace(" ", ""),
            "jane(dot)lump-q7k2x(at)post(dot)example",
        ],
    },
    "device": {
        "b7cc40f7e7494875": [
            str(0xB7CC40F7E7494875),
            str(0xB7CC40F7E7494875 - (1 << 64)),
            struct.pack(">Q", 0xB7CC40F7E7494875),
            struct.pack("<Q", 0xB7CC40F7E7494875),
            base64.b64encode(bytes.fromhex("b7cc40f7e7494875")).decode(),
            "b7cc-40f7-e749-4875",
            "00000000-0000-0000-b7cc-40f7e7494875",
            str(uuid.UUID(bytes=hashlib.md5(b"b7cc40f7e7494875").digest(), version=3)),
        ],
        "a8:0b:cc:07:11:2e": [
            "a80bcc07112e",
            "A8-0B-CC-07-11-2E",
            "a80b.cc07.112e",
            "a8:b:cc:7:11:2e",
            bytes.fromhex("a80bcc07112e"),
            str(0xA80BCC07112E),
            "fe80::aa0b:ccff:fe07:112e",
            "aa0bccfffe07112e",
            "a80bcc-07112e",
            "a8_0b_cc_07_11_2e",
            str(0x2E1107CC0BA8),
            "qAvMBxEu",
        ],
        UUID: [
            UUID.replace("-", ""),
            UUID.upper(),
            UUID.replace("-", "_"),
            uuid.UUID(bytes=hashlib.md5(UUID.encode()).digest(), version=3).hex,
            uuid.UUID(UUID).bytes,
            uuid.UUID(UUID).bytes_le,
            *map(str, struct.unpack(">qq", uuid.UUID(UUID).bytes)),
            *map(str, struct.unpack(">QQ", uuid.UUID(UUID).bytes)),
            str(uuid.UUID(UUID).int),
            "7jbo73dfg8kareczm46n0erfj",
            uuid.UUID(UUID).bytes[::-1],
            UUID.replace("-", " "),
            "7f4e2a910c3d4b6e:9a58d1c2b3a49e5f",
            "3z9rn9231x9dq9mp6hrast97jz",
        ],
        UUID.replace("-", ""): [UUID, uuid.UUID(UUID).bytes],
        IMEI: [
            "35693803564380",
            "3569380356438017",
            "35-693803-564380-9",
            "356938 03 564380 9",
            "urn:gsma:imei:35693803-564380-0",
            "356,938,035,643,809",
            "144a21cd245a1",
            bytes.fromhex("53 96 83 30 65 34 08 f9"),
            bytes.fromhex("35 69 38 03 56 43 80"),
            bytes.fromhex("3a 65 39 08 53 46 83 90"),
            struct.pack("<Q", int(IMEI)),
        ],
        "8949020000012345678": [bytes.fromhex("98 94 20 00 00 10 32 54 76 f8")],
    },
    "coordinates": {
        "52.520812,13.409419": [
            "52.5208,13.4094",
            "52.521, 13.409",
            "[13.409419,52.520812]",
            "52.520812",
            "13.40942",
            "525208120",
            "134094190",
            struct.pack("<d", 52.520812),
            struct.pack(">d", 13.409419),
            struct.pack("<ff", 52.520812, 13.409419),
            b"\x0d" + struct.pack("<f", 52.520812) + b"\x15" + struct.pack("<f", 13.409419),
            b"\x92\xca" + struct.pack(">f", 13.409419) + b"\xca" + struct.pack(">f", 52.520812),
            "52,520812",
            "1050416240",
            "u33dc1h7y2k",
            "9F4MGCC5+8Q",
            "52°31'14.9\"N 13°24'33.9\"E",
            "13° 24.565' E",
            "189074923",
        ],
    },
    "words": {
        "Lena Maria Brandtweiner": [
            "Brandtweiner, Lena Maria",
            "lena-maria-brandtweiner",
            "Lena_Maria_Brandtweiner",
            "lena+maria+brandtweiner",
            "LenaMariaBrandtweiner",
            "brandtweiner lena maria",
            "lena, maria, brandtweiner",
            "Lena.Maria.Brandtweiner",
            "lena|maria|brandtweiner",
            "Lena  Maria  Brandtweiner",
            "lena\u00a0maria\u00a0brandtweiner",
            "lena AND maria AND brandtweiner",
        ],
        "Übelkeit nach Großer Straße!": [
            "uebelkeit-nach-grosser-strasse",
            "ubelkeit-nach-grosser-strasse",
            "übelkeit nach grosser strasse!",
            "Straße!, Übelkeit nach Großer",
            "ÜBELKEIT_NACH_GROSSER_STRASSE!",
            "übelkeit nach großer straße",
            "großer nach straße übelkeit",
        ],
    },
    "charset": {
        "憂鬱症自我檢測": ["憂鬱症自我檢測".encode("big5")],
        "żółta gorączka": ["żółta gorączka".encode("iso-8859-2"), "żółta gorączka".encode("cp1250")],
        "скрыть беременность": [
            "скрыть беременность".encode("koi8-r"),
            "СКРЫТЬ БЕРЕМЕННОСТЬ".encode("cp866"),
            "%u0441%u043A%u0440%u044B%u0442%u044C%20%u0431%u0435%u0440%u0435%u043C%u0435%u043D%u043D%u043E"
            "%u0441%u0442%u044C",
            "скрыть беременность".encode().decode("latin-1"),
        ],
        "ซ่อนการตั้งครรภ์": ["ซ่อนการตั้งครรภ์".encode("tis-620")],
        "妊娠を隠す": ["妊娠を隠す".encode("euc-jp"), "妊娠を隠す".encode("shift-jis")],
    },
}
"""By kind: values, and how they are written elsewhere. A new kind needs an entry."""
SHA256 = hashlib.sha256
MD5 = hashlib.md5
DIGESTED: dict[str, list[str]] = {
    "+1 (650) 555-1212": [
        "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176",  # as Meta's documentation has it
        SHA256(b"+16505551212").hexdigest(),
        hashlib.sha1(b"6505551212").hexdigest(),
    ],
    "John_Smith@gmail.com": [
        "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f",  # as Meta's documentation has it
        base64.b64encode(SHA256(b"john_smith@gmail.com").digest()).decode(),
    ],
    "+8613800138123": [MD5(b"13800138123").hexdigest(), MD5(b"13800138123").hexdigest()[8:24]],
    "Jane.Lump-q7k2x@post.example": [
        SHA256(SHA256(b"jane.lump-q7k2x@post.example").digest()).hexdigest(),
        SHA256(b"jane.lump-q7k2x@post.example\n").hexdigest(),
        MD5(b'"jane.lump-q7k2x@post.example"').hexdigest(),
        MD5(MD5(b"jane.lump-q7k2x@post.example").hexdigest().upper().encode()).hexdigest(),
        SHA256("Jane.Lump-q7k2x@post.example".encode("utf-16-le")).hexdigest(),
        MD5(base64.b64encode(b"jane.lump-q7k2x@post.example")).hexdigest(),
    ],
    "São Tomé, Süd": [SHA256("sãotomésüd".encode()).hexdigest(), SHA256(b"sao tome, sud").hexdigest()],
    IMEI: [MD5(b"35693803564380").hexdigest(), hashlib.sha1(IMEI.encode()).hexdigest()],
    "a8:0b:cc:07:11:2e": [
        MD5(b"A80BCC07112E").hexdigest(),
        hashlib.sha1(b"a8-0b-cc-07-11-2e").hexdigest(),
        hashlib.sha1(bytes.fromhex("a80bcc07112e")).hexdigest(),
    ],
    "b7cc40f7e7494875": [
        SHA256(bytes.fromhex("b7cc40f7e7494875")).hexdigest(),
        MD5(str(0xB7CC40F7E7494875).encode()).hexdigest(),
    ],
    UUID: [SHA256(uuid.UUID(UUID).bytes).hexdigest(), MD5(f"{{{UUID}}}".upper().encode()).hexdigest()],
    URL: [MD5(URL.replace("www.", "").encode()).hexdigest()],
}
"""By value: its digests as platforms document them and programs compute them."""
CASES = [
    (kind, value, written)
    for kind, values in WRITTEN.items()
    for value, others in values.items()
    for written in others
]
NOT_SAID = {
    URL: ["cdn.klinik-am-see.example", "klinik-am-see.example.evil.test", "mail@klinik-am-see.example"],
    "https://www.klinik-am-see.example/onkologie-lang": ["/onkologie-langsam", "/onkologie-lang/anderes"],
    "+49 171 5550199": [
        *("917155501994", "0171555019", "491715550198"),
        *("+41 171 5550199", "+41 (0)171 5550199", "+41-171-5550199", "+411715550199", "+1.171.5550199"),
    ],
    "+44 7700 900682": ["+41 7700 900682"],
    "b7cc40f7e7494875": [str(0xB7CC40F7E7494875) + "1", str(0xB7CC40F7E7494876)],
    "a8:0b:cc:07:11:2e": ["1a8:b:cc:7:11:2e", "a8:b:cc:7:11:2ef"],
    "52.520812,13.409419": ["152.520812", "52.5209", "13.4094", "5252081201"],
    "no no": ["mynonote"],
}
"""By value: texts that look like one of its spellings, and say something else."""


def known(value: str) -> Canary:
    return Canary("c", CanaryKind.KNOWN, value, bits_of(value), personal=True)


@cache
def search_for(value: str) -> Search:
    return compile_search([known(value)])


def sent(written: str | bytes) -> Exchange:
    """A request that says it: text in JSON, bytes in a field of protobuf."""
    if isinstance(written, str):
        body = json.dumps({"app": "reader", "x": written}, ensure_ascii=False).encode()
        return exchange(body=body, headers=((b"Content-Type", b"application/json"),))
    field = b"\x0a\x06reader" + b"\x12" + bytes([len(written)]) + written
    return exchange(body=field, headers=((b"Content-Type", b"application/x-protobuf"),))


def on_the_fast_path(value: str, exchanges: list[Exchange]) -> list[set[str]]:
    """Names of the forms found in each, in one batch with enough else to be sifted."""
    rng = Random(7)
    noise = [
        exchange(
            body=json.dumps(
                {"n": rng.getrandbits(64), "t": base64.b32encode(rng.randbytes(900)).decode()}
            ).encode()
        )
        for _ in range(1 + WORTH_SIFTING // 1400)
    ]
    outcomes = list(Bench(Scanner((known(value),), n_phantoms=0)).examine([*noise, *exchanges]))
    assert not any(isinstance(item, Gap) for item in outcomes)
    found = [
        {sighting.form.name for sighting in item.sightings} for item in outcomes if not isinstance(item, Gap)
    ]
    assert not any(found[: len(noise)])
    return found[len(noise) :]


def on_the_slow_path(value: str, sent_: Exchange) -> set[str]:
    return {sighting.form.name for sighting in examine(sent_, search_for(value)).sightings}


def spelt(value: str) -> Iterator[str | bytes]:
    """Each plain form of a value as the search looks for it."""
    for form in plain_forms(value, bits_of(value), bits_of):
        try:
            yield form.needle.decode("ascii")
        except UnicodeDecodeError:
            yield form.needle


def test_every_kind_is_tried() -> None:
    assert set(WRITTEN) == set(KINDS)


@pytest.mark.parametrize(("kind", "value", "written"), CASES)
def test_what_is_written_elsewhere_is_found(kind: str, value: str, written: str | bytes) -> None:
    assert on_the_slow_path(value, sent(written)), kind


@pytest.mark.parametrize("value", [value for values in WRITTEN.values() for value in values])
def test_the_fast_path_finds_what_the_slow_one_finds(value: str) -> None:
    others = [written for values in WRITTEN.values() for written in values.get(value, ())]
    exchanges = [sent(written) for written in (*others, *spelt(value))]

    assert on_the_fast_path(value, exchanges) == [on_the_slow_path(value, each) for each in exchanges]


@pytest.mark.parametrize(
    ("value", "body", "form"),
    [
        ("b7cc40f7e7494875", b'{"id": "b7cc40f7e7494875"}', "plain"),
        ("a8:0b:cc:07:11:2e", b'{"mac": "a8:0b:cc:07:11:2e"}', "plain"),
        ("a8:0b:cc:07:11:2e", b'{"mac": "A80BCC07112E"}', "mac:bare"),
        (UUID, json.dumps({"id": UUID.replace("-", "")}).encode(), "no-dashes"),
        (URL, json.dumps({"u": URL}).replace("/", "\\/").encode(), "plain"),
        (URL, json.dumps({"u": URL, "host": "www.klinik-am-see.example"}).encode(), "plain"),
    ],
)
def test_one_place_is_told_once_by_the_spelling_that_says_most(value: str, body: bytes, form: str) -> None:
    assert [item.form.name for item in examine(exchange(body=body), search_for(value)).sightings] == [form]


@pytest.mark.parametrize("value", DIGESTED)
def test_digests_are_found_on_both_paths(value: str) -> None:
    exchanges = [sent(written) for written in DIGESTED[value]]
    found = [on_the_slow_path(value, each) for each in exchanges]

    assert all(found)
    assert on_the_fast_path(value, exchanges) == found


@pytest.mark.parametrize("value", [value for values in WRITTEN.values() for value in values])
def test_every_spelling_that_is_sought_is_found(value: str) -> None:
    missed = [written for written in spelt(value) if not on_the_slow_path(value, sent(written))]

    assert missed == []


@pytest.mark.parametrize(
    ("value", "written"), [(value, text) for value, texts in NOT_SAID.items() for text in texts]
)
def test_what_says_something_else_is_not_found(value: str, written: str) -> None:
    assert on_the_slow_path(value, sent(written)) == set()


@pytest.mark.parametrize("value", [value for values in WRITTEN.values() for value in values])
def test_forms_of_one_value_are_bounded(value: str) -> None:
    assert len(plain_forms(value, 40.0, bits_of)) < MOST_FORMS
    assert len(spellings_of(value)) <= 20


@pytest.mark.parametrize("kind", KINDS)
def test_a_minted_value_is_of_no_kind(kind: str) -> None:
    assert list(KINDS[kind]("w5hhejjbhr3ykrsd860gt")) == []
