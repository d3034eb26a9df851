"""Random fields are told from words by how they change, and sized by what they stand for, however spelt."""

import base64
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
    ],
)
def test_words_numbers_and_addresses_are_not_random(text: str) -> None:
    assert field(text) == []


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
