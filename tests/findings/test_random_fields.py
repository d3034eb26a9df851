"""Random fields are told from words by how they change, and sized by what they stand for, however spelt."""

import base64
from collections.abc import Callable
from random import Random
from uuid import UUID

import pytest

from hometruth.findings import random_fields
from hometruth.model import Part, Step, Value


def field(text: str, name: str = ".x", part: Part = Part.BODY) -> list[int]:
    value = Value(part, "", text.encode(), (Step("json", 1, name),))
    return [item.size_bytes for item in random_fields([(value, text)], frozenset())]


@pytest.mark.parametrize("size", [16, 32, 64])
def test_spelling_does_not_matter(size: int) -> None:
    missed = 0
    for seed in range(60):
        data = Random(seed).randbytes(size)
        spellings = (data.hex(), data.hex().upper(), base64.b64encode(data).decode())
        others = (base64.urlsafe_b64encode(data).decode().rstrip("="), base64.b32encode(data).decode())

        for text in (*spellings, *others):
            found = field(text)
            missed += not found
            assert not found or abs(found[0] - size) <= 2
    assert missed <= 60 * 5 * 0.03


@pytest.mark.parametrize("spelt", [base64.b85encode, base64.a85encode])
def test_so_does_one_with_many_signs(spelt: Callable[[bytes], bytes]) -> None:
    for size, least in ((16, 0.45), (24, 0.7), (48, 0.8)):
        sizes = [field(spelt(Random(seed).randbytes(size)).decode()) for seed in range(100)]

        assert sum(each in ([size], [size - 1], [size + 1]) for each in sizes) >= least * 100


def test_a_uuid_and_hex_with_colons_count_as_their_bytes() -> None:
    data = Random(4).randbytes(16)

    assert field(str(UUID(bytes=data))) == [16]
    assert field(":".join(f"{byte:02x}" for byte in data)) == [16]


@pytest.mark.parametrize(
    "text",
    [
        "Redmi Note 8",
        "com.mi.globalbrowser.mini.activity.BrowserActivity",
        "Mozilla/5.0 (Linux; U; Android 9; en-ie; Redmi Note 8 Build/PKQ1.190616.001) AppleWebKit/537.36",
        "https://www.example.org/articles/2020/05/04/are-xiaomi-browsers-spyware-yes-they-are",
        "2020-05-04T12:31:07.123456+00:00",
        "1588595467123",
        "application/x-www-form-urlencoded",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "1111111122222222333333334444444455555555",
        "SensorsAnalyticsAPI_CrossPlatformTrackingEnabledForEverybody",
        "20200504T123107Z",
        "1588595467123456789",
        "Build/RKQ1.200826.002",
        "V12.0.1.0.QJBMIXM",
        "facebook",
        "https://Shop.example/p?Utm_source=A1&b=(C2)*d;E3!#Top",
        "function(A,b){return(A<B0&&b>C1)?$.map(A,x1):[]}",
        "$.events[?(@.Type1=='Click2')].target{Id}!important;#A1b2C3",
        "deadbeef",
    ],
)
def test_words_numbers_and_addresses_are_not_random(text: str) -> None:
    assert field(text) == []


@pytest.mark.parametrize(("size", "least"), [(4, 0.4), (8, 0.7), (12, 0.85)])
def test_short_pieces_count_too_however_spelt(size: int, least: float) -> None:
    """Not each: four bytes are often digits only; but of a secret cut into many, most."""
    data = [Random(seed).randbytes(size) for seed in range(100)]
    found = {
        "hex": sum(bool(field(piece.hex())) for piece in data),
        "base64": sum(bool(field(base64.b64encode(piece).decode())) for piece in data),
        "number": sum(bool(field(str(int.from_bytes(piece)))) for piece in data),
    }

    assert found["hex"] >= 100 * least
    assert size == 4 or found["base64"] >= 100 * least
    assert size < 12 or found["number"] >= 100 * least


def test_what_a_specification_fixes_is_a_class_of_its_own() -> None:
    key = base64.b64encode(Random(1).randbytes(16)).decode()
    header = Value(Part.HEADER, "Sec-WebSocket-Key", key.encode())
    form = f"multipart/form-data; boundary=----WebKitFormBoundary{Random(2).randbytes(20).hex()}"
    content_type = Value(Part.HEADER, "Content-Type", form.encode())
    ordinary = Value(Part.HEADER, "X-Nonce", key.encode())
    found = random_fields([(header, key), (content_type, form), (ordinary, key)], frozenset())

    assert [item.specified for item in found] == [True, True, False]


def test_where_something_planted_was_found_nothing_is_left_to_explain() -> None:
    text = Random(3).randbytes(16).hex()
    value = Value(Part.BODY, "", text.encode(), (Step("json", 1, ".x"),))

    assert random_fields([(value, text)], {(Part.BODY, "x")}) == ()
