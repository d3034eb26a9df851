"""What one encoder wraps, peel finds; whatever the bytes, no layer raises."""

import string
from itertools import product
from random import Random

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from hometruth.peel import LAYERS, peel_value
from hometruth.peel.layers import SPLITS, Context, Layer
from tests.peel.wraps import WRAPS

texts = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co", "Zl", "Zp")), min_size=12, max_size=60
).filter(lambda text: text.strip() == text)
EVERY_LAYER = [*LAYERS, *SPLITS.values()]
MAGIC = st.sampled_from(
    [
        b"",
        b"\x1f\x8b\x08\x00",
        b"\x78\x9c",
        b"\x28\xb5\x2f\xfd",
        b'{"a":',
        b"[[",
        b"--x\r\n",
        b"a=",
        b"https://",
        b"bplist00",
        b"\x04\x22\x4d\x18\x60\x40\x82",
        b"\xff\x06\x00\x00sNaPpY",
        b"\x00\x00\x00\x00\x05\x0a\x03abc",
        b"\x9f\xbf\xd9\xd9\xf7",
        b"\xdf\x00\x00\x00\x01\xa1a",
        b"SEND\na:b\n\n",
        b"42/a,1[",
        b"<a b='c'>",
        b"xn--",
        b"]\x00\x00",
        b"BZh9",
        b"<~",
        b'query { a(b: "',
        b"\\u{",
        b"&#x",
    ]
)
ALPHABETS = {
    "digits": string.digits,
    "hex": string.hexdigits[:16],
    "hexadecimal": string.hexdigits.upper()[:16],
    "base32": string.ascii_uppercase + "234567",
    "small": string.ascii_lowercase + string.digits,
    "letters": string.ascii_letters,
    "base64": string.ascii_letters + string.digits + "+/",
    "base64url": string.ascii_letters + string.digits + "-_",
    "printable": "".join(map(chr, range(33, 127))),
}
BREAKS = ("\n", "\r\n", " ", "\t", ",", ":", "\x00")


def peeled(data: bytes) -> list[bytes]:
    return [value.data for value in peel_value(data).values]


@pytest.mark.parametrize("name", WRAPS)
@given(text=texts)
@settings(max_examples=15, suppress_health_check=[HealthCheck.filter_too_much])  # some hold few texts
@example(text="Q0123456789:;<=0Ā")  # as LZ-string bytes it begins and ends like a JSON string
def test_a_wrapped_text_is_found(name: str, text: str) -> None:
    data = text.encode()
    wrapped = WRAPS[name](data)
    assume(wrapped is not None)

    assert wrapped is not None
    assert any(data in value for value in peeled(wrapped))


@pytest.mark.parametrize("outer", WRAPS)
def test_a_text_in_two_wrappings_is_found(outer: str) -> None:
    data = "gk4w8 https://secret.test/a?b=1&c=d über".encode()
    missed = []
    for inner, wrap in WRAPS.items():
        once = wrap(data)
        twice = None if once is None else WRAPS[outer](once)
        if twice is None:
            continue  # this format holds text only
        if not any(data in value for value in peeled(twice)):
            missed.append(inner)

    assert missed == []


@pytest.mark.parametrize("layer", EVERY_LAYER, ids=lambda layer: layer.name)
@given(head=MAGIC, tail=st.binary(max_size=300))
def test_no_layer_raises(layer: Layer, head: bytes, tail: bytes) -> None:
    opened = layer.open(head + tail, Context())

    assert opened is None or all(0 <= piece.start <= piece.end for piece in opened.pieces)


@pytest.mark.parametrize("alphabet", ALPHABETS.values(), ids=ALPHABETS)
def test_no_layer_raises_at_groups_of_one_length(alphabet: str) -> None:
    """Lines of two to ten mixed letters ended a scan: what is broken regularly is never met by chance."""
    rng = Random(alphabet)
    for width, separator, over in product((*range(1, 13), 16, 20, 76), BREAKS, (0, 1, 3)):
        letters = "".join(rng.choices(alphabet, k=width * max(3, 60 // width) + over))
        groups = (letters[at : at + width] for at in range(0, len(letters), width))
        found = peel_value(separator.join(groups).encode())

        assert 0 <= found.opaque_bytes <= len(found.values[0].data)


@given(head=MAGIC, tail=st.binary(max_size=300))
def test_peeling_never_raises_and_parents_come_first(head: bytes, tail: bytes) -> None:
    found = peel_value(head + tail)

    assert found.values[0].data == head + tail
    assert all(parent < index for index, parent in enumerate(found.parents))
    assert 0 <= found.opaque_bytes <= len(head + tail)


@given(head=MAGIC, tail=st.binary(max_size=300))
def test_spans_lie_inside_the_parent(head: bytes, tail: bytes) -> None:
    found = peel_value(head + tail)

    for index, parent in enumerate(found.parents):
        if parent >= 0:
            start, end = found.spans[index]
            assert 0 <= start <= end <= len(found.values[parent].data)
