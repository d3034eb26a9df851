"""Runs that nobody can read are told with their size, whatever stands before, behind and between them."""

import base64
import gzip
import json
import zlib
from collections.abc import Callable, Sequence
from random import Random

import pytest

from hometruth.canaries import compile_search
from hometruth.model import Canary, CanaryKind, Exchange
from hometruth.peel import peel_exchange, peel_value, roots_of
from hometruth.peel.opaque_runs import may_hold_opaque, opaque_runs
from hometruth.peel.walk import Worth
from tests.peel.exchanges import exchange
from tests.peel.sieve.both import KINDS, compiled, may_hold, sieve_of

SEARCH = compile_search((Canary("c", CanaryKind.PAGE, "gk4w8-quarry-cinder-162", 84.0),))
WORDS = b'tarimo nekalusi found 2026-11-30 https://shop.example/p?x=1 "event":"view", GET a=1&b=2'.split()
LANGUAGES = (
    "was gesucht wird: größer, näher, 12 €. ",
    "что было найдено ",
    "何を探して何が見つかったか、それだけ。",
)
DICE = bytes(byte for byte in range(33, 118) if byte not in b"\"'<>&=,:;%+")


def text(rng: Random, least: int = 30, most: int = 2000) -> bytes:
    n = rng.randrange(least, most)
    return b" ".join(rng.choices(WORDS, k=n // 4 + 1))[:n] + b" "


def _compressed(pack: Callable[[bytes], bytes]) -> Callable[[Random], bytes]:
    return lambda rng: pack(text(rng, 200))


READABLE: dict[str, Callable[[Random], bytes]] = {
    "ASCII": text,
    "UTF-8": lambda rng: (rng.choice(LANGUAGES) * 30)[: rng.randrange(20, 400)].encode(),
    "UTF-16": lambda rng: text(rng, 30, 300).decode().encode("utf-16-le"),
    "base64": lambda rng: b" " + base64.b64encode(text(rng, 40, 600)) + b" ",
    "hexadecimal": lambda rng: b" " + text(rng, 40, 200).hex().encode() + b" ",
    "gzip": _compressed(gzip.compress),
    "zlib": _compressed(zlib.compress),
    "zeros": lambda rng: bytes(rng.randrange(24, 400)),
}
"""What can be read in the middle of anything."""
AROUND: dict[str, Callable[[bytes], bytes]] = {
    "nothing": bytes,
    "gzip": gzip.compress,
    "a field of JSON in base64": lambda data: json.dumps(
        {"n": 7, "a": base64.b64encode(data).decode()}
    ).encode(),
    "a part of a form": lambda data: b"--XX\r\nContent-Disposition: form-data\r\n\r\n%b\r\n--XX--\r\n" % data,
}
"""Each keeps about the share of what is opaque."""


def mixed(rng: Random) -> tuple[bytes, int]:
    """Parts in any order, and how many of their bytes are random."""
    parts, n_random = [], 0
    for _ in range(rng.randint(1, 5)):
        if rng.random() < 0.3:
            parts.append(rng.randbytes(76 + int(rng.expovariate(1 / 500))))
            n_random += len(parts[-1])
        else:
            parts.append(READABLE[rng.choice([*READABLE])](rng))
    return b"".join(parts), n_random


def field(wire: int, data: bytes) -> bytes:
    """Of protobuf, up to 16,383 bytes long."""
    return bytes([wire, len(data) & 127 | 128, len(data) >> 7]) + data


FRAMES: dict[str, Callable[[bytes, bytes], tuple[bytes, float]]] = {
    "an envelope with an attachment": lambda words, blob: (
        b'{"event_id":"9ec79c33"}\n{"type":"attachment","length":%d}\n%b\n{"type":"event"}\n{"message":"%b"}'
        % (len(blob), blob, words.replace(b'"', b"")),
        len(blob),
    ),
    "records behind their lengths": lambda words, blob: (
        b"".join(len(each).to_bytes(4, "big") + each for each in (words, blob, words)),
        len(blob),
    ),
    "a form with a binary field": lambda words, blob: (b"a=%b&b=%b&c=1" % (words, blob), len(blob)),
    "a form with base64 as it is": lambda words, blob: (
        b"a=%b&b=%b&c=2" % (words.replace(b" ", b"+"), base64.b64encode(blob)),
        len(blob) * 4 / 3,
    ),
    "UTF-16 with its mark": lambda words, blob: (words.decode().encode("utf-16") + blob, len(blob)),
    "protobuf": lambda words, blob: (
        field(10, words) + field(18, field(10, blob)) + field(26, words),
        len(blob),
    ),
    "strings that end in zeros": lambda words, blob: (b"\0".join((words, b"key", blob, words)), len(blob)),
    "two documents": lambda words, blob: (
        b'{"a":"%b"}%b{"b":2}' % (words.replace(b'"', b""), blob),
        len(blob),
    ),
}
"""How a blob is sent beside words, with its size there."""


def is_near(told: float, meant: float) -> bool:
    return abs(told - meant) <= max(32, 0.1 * meant)


def fast(kind: str, of: Sequence[Exchange]) -> list[int]:
    """Opaque bytes of each, as a large recording is looked into."""
    sieve = sieve_of(kind, SEARCH)
    roots = [tuple(roots_of(each)) for each in of]
    told = iter(sieve.worth_peeling([root for of_one in roots for root in of_one]))
    worth = [[next(told) for _ in of_one] for of_one in roots]
    return [
        peel_exchange(each, worth=of_one, sifted=sieve.sifted).opaque_bytes
        for each, of_one in zip(of, worth, strict=True)
    ]


def test_what_is_random_among_readable_parts_is_told_with_its_size() -> None:
    wrong = []
    for seed in range(250):
        data, meant = mixed(Random(seed))
        if not is_near(told := peel_value(data).opaque_bytes, meant):
            wrong.append((seed, meant, told))

    assert wrong == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("frame", FRAMES)
def test_a_blob_beside_words_is_told_by_both_paths(frame: str, kind: str) -> None:
    posted, meant = [], []
    for size in (100, 101, 400, 1500, 4000):
        rng = Random(size)
        data, n_opaque = FRAMES[frame](text(rng).replace(b"&", b""), rng.randbytes(size))
        posted.append(exchange(body=data))
        meant.append(n_opaque)
    slow = [peel_exchange(each).opaque_bytes for each in posted]

    assert [told for told in zip(slow, meant, strict=True) if not is_near(*told)] == []
    assert [told for told in zip(fast(kind, posted), slow, strict=True) if abs(told[0] - told[1]) > 8] == []


def test_bytes_carried_as_code_points_are_no_text_though_many_of_them_are_letters() -> None:
    for seed in range(20):
        blob = json.dumps(Random(seed).randbytes(400).decode("latin-1"))
        told = peel_value(b'{"t":"what was found","b":%b}' % blob.encode()).opaque_bytes

        assert 0.6 < told / len(blob) <= 1


@pytest.mark.parametrize("kind", KINDS)
def test_both_paths_tell_as_much(kind: str) -> None:
    rng = Random(7)
    bodies, meant = [], []
    for _ in range(30):
        for wrap in AROUND.values():
            data, n_random = mixed(rng)
            bodies.append(wrap(data))
            meant.append(n_random / len(data) * len(bodies[-1]))
    posted = [exchange(body=body) for body in bodies]
    slow = [peel_exchange(each).opaque_bytes for each in posted]

    assert fast(kind, posted) == slow
    assert [told for each in posted[::9] for told in fast(kind, [each])] == slow[::9]
    assert [n for n, told in enumerate(slow) if bool(told) != bool(meant[n])] == []


def test_the_sieves_hold_back_nothing_opaque() -> None:
    values = [mixed(Random(seed))[0] for seed in range(400)]
    values += [Random(seed).choice([b"", b"words and "]) + sealed(seed) + b" more" for seed in range(100)]
    roots = [root for value in values for root in roots_of(exchange(body=value)) if root.data == value]
    assert [value for value in values if opaque_runs(value) and not may_hold_opaque(value)] == []
    held = may_hold(compiled(SEARCH), roots)

    assert [
        root.data for root, may in zip(roots, held, strict=True) if not may and is_opaque(root.data)
    ] == []


def is_opaque(data: bytes) -> bool:
    return peel_value(data).opaque_bytes > 0


@pytest.mark.parametrize("size", [64, 65, 200, 2048, 100_000])
def test_random_bytes_alone_are_one_run(size: int) -> None:
    values = [bytes(Random(seed).choices(range(1, 256), k=size)) for seed in range(20 if size < 9999 else 2)]

    assert [list(opaque_runs(value)) for value in values] == [[(0, size)]] * len(values)


@pytest.mark.parametrize("size", [4, 16, 40, 56])
def test_short_random_fields_among_text_are_none(size: int) -> None:
    rng = Random(size)
    value = b"".join(text(rng, 60, 300) + rng.randbytes(size) for _ in range(30))

    assert not opaque_runs(value)


def test_strings_with_lengths_and_numbers_between_them_are_none_but_a_blob_among_them_is() -> None:
    rng = Random(1)
    fields = [bytes([8, n % 128, 18, len(word), *word]) for n, word in enumerate(rng.choices(WORDS, k=300))]
    blob = rng.randbytes(300)

    assert not opaque_runs(b"".join(fields))
    ((start, end),) = opaque_runs(b"".join([*fields[:150], blob, *fields[150:]]))
    assert 290 < end - start < 360


def test_what_leaves_words_and_is_unreadable_as_a_whole_is_told_though_no_run_is_long() -> None:
    """As an unknown compression does."""
    rng = Random(2)
    value = b"".join(rng.choice(WORDS)[:9] + rng.randbytes(9) for _ in range(200))

    assert opaque_runs(value)


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("language", [*LANGUAGES, "ما الذي تم البحث عنه ", "무엇을 찾고 무엇을 찾았는지 "])
def test_text_between_other_bytes_is_none(codec: str, language: str) -> None:
    head, tail = Random(3).randbytes(20), Random(4).randbytes(20)

    assert not opaque_runs(head + (language * 20).encode(codec) + tail)


def sealed(seed: int, n: int = 120) -> bytes:
    return bytes(Random(seed).choices(DICE, k=n))


@pytest.mark.parametrize(
    "frame", ["%b", "failed with %b in the end", "token=%b; other words", '{"a b": "%b", "c"']
)
def test_text_that_comes_like_dice_is_told_beside_words(frame: str) -> None:
    told = [peel_value(frame.encode() % sealed(seed)).opaque_bytes for seed in range(40)]

    assert sum(is_near(each, 120) for each in told) >= 38


def test_a_query_is_told_once() -> None:
    target = f"/collect/items?data={base64.urlsafe_b64encode(Random(1).randbytes(300)).decode()}&n=1"

    assert peel_exchange(exchange(target)).opaque_bytes == 400


@pytest.mark.parametrize("size", range(60, 130))
def test_words_with_signs_between_them_are_none_whatever_their_number(size: int) -> None:
    assert not peel_value((b"what-was-looked-for-and-found-" * 9)[:size]).opaque_bytes


@pytest.mark.parametrize("letter", [b"a", b"8", b"Q"])
def test_one_letter_many_times_is_none(letter: bytes) -> None:
    told = [peel_value(letter * 3000 + Random(seed).randbytes(200)).opaque_bytes for seed in range(10)]

    assert all(is_near(each, 200) for each in told)


def test_an_image_behind_text_is_a_medium() -> None:
    value = b"what the recorder writes in front of it: " + b"\xff\xd8\xff\xe0" + Random(1).randbytes(3000)
    (gap,) = peel_exchange(exchange(body=value)).gaps

    assert gap.kind.value == "media"


def test_what_is_only_looked_at_for_opacity_is_told_to_be() -> None:
    told = sieve_of("numpy", SEARCH).worth_peeling(
        [*roots_of(exchange(body=b"words " * 99 + Random(1).randbytes(99)))]
    )

    assert told[-1] is Worth.OPAQUE


def test_what_is_random_in_one_segment_of_a_path_is_told_though_the_path_decodes_otherwise() -> None:
    for seed in range(40):
        segment = base64.urlsafe_b64encode(Random(seed).randbytes(81)).decode()
        told = peel_exchange(exchange(f"/a/{segment}/b?x=1")).opaque_bytes

        assert is_near(told, len(segment)), segment
