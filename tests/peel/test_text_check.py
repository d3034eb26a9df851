"""Text that nobody wrote: characters that come like dice."""

from random import Random

import pytest

from hometruth.peel.text_check import is_sealed_text

SIGNS = bytes(range(33, 127))


def drawn(alphabet: bytes, n: int, seed: int) -> bytes:
    return bytes(Random(seed).choices(alphabet, k=n))


@pytest.mark.parametrize("n", [64, 100, 4000])
def test_an_unknown_alphabet_of_many_signs_is_sealed(n: int) -> None:
    told = [is_sealed_text(drawn(SIGNS[:85], n, seed)) for seed in range(50)]

    assert sum(told) >= 48


@pytest.mark.parametrize("signs", [b"~-_", b"!*", b"$@="])
@pytest.mark.parametrize("n", [120, 400, 4000])
def test_base64_with_signs_of_its_own_is_sealed(n: int, signs: bytes) -> None:
    alphabet = bytes(byte for byte in SIGNS if bytes([byte]).isalnum()) + signs
    told = [is_sealed_text(drawn(alphabet, n, seed)) for seed in range(50)]

    assert sum(told) >= (25 if n == 120 else 45)


def test_identifiers_with_a_sign_between_them_are_not() -> None:
    alphabet = bytes(byte for byte in SIGNS if bytes([byte]).isalnum())
    listed = [b";".join(drawn(alphabet, 22, seed + n) for n in range(12)) for seed in range(50)]

    assert not any(map(is_sealed_text, listed))


@pytest.mark.parametrize(
    "text",
    [
        "https://shop.example/p?utm_source=a&gclid=CjwKCAjw5Ki2BhBmEiwAz7aWl0m3c7Xb5y9DgkqQ&x=(1)*2;3!#top",
        "!function(e,t){for(var n=0;n<t.length;n++){e[n]=t[n]*(r>>>2)||[];return{a:$,b:'x'}}}(window)",
        "SELECT(a.b,c.d)FROM[table]WHERE(x>=1&&y<2);INSERT{INTO}VALUES(1,2,3,'four','five')!SELECT*",
        '{"a":[1,2,3],"b":{"c":"d","e":"f"},"g":[{"h":1},{"i":2}],"j":"kkkk","l":"mmmm","n":[true,null]}',
        "0123456789abcdef-0123-4567-89ab-cdef01234567;fedcba98-7654-3210;aabbccdd-eeff-0011-2233-445566778899",
    ],
)
def test_addresses_programs_and_documents_are_not(text: str) -> None:
    assert not is_sealed_text(text.encode())


def test_words_with_spaces_are_not() -> None:
    assert not is_sealed_text(b" ".join([drawn(SIGNS[:85], 100, 1)[:40], b"and then", b"some words"]))
