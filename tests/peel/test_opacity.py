"""No opaque run is called read: on the slow path as on the fast one, in whatever wrapping."""

import base64
import gzip
import json
import os
from pathlib import Path
from random import Random

import pytest

from hometruth.canaries import compile_search
from hometruth.capture import read_capture
from hometruth.model import Canary, CanaryKind, Exchange, Gap, GapKind
from hometruth.peel import Peeled, Worth, peel_exchange, peel_value, roots_of
from hometruth.peel.opacity import media_type
from tests.peel.exchanges import exchange
from tests.peel.sieve.both import KINDS, sieve_of
from tests.peel.wraps import WRAPS

SEARCH = compile_search((Canary("c", CanaryKind.PAGE, "gk4w8-quarry-cinder-162", 84.0),))
SECRET = Random(3).randbytes(480)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + SECRET
BELIEVED_IF_READ = frozenset({"base45", "base85", "ascii85", "ascii85 in brackets"})
"""Text is taken for one of these only if something opens: else it is text."""
OF_BYTES = [name for name, wrap in WRAPS.items() if name not in BELIEVED_IF_READ and wrap(SECRET)]
"""Those of `WRAPS` that hold any bytes; the others hold text alone."""
FILLER = [exchange(body=b'{"page": "https://shop.example/%d", "n": %d}' % (n, n)) for n in range(60)]


@pytest.fixture(autouse=True, params=KINDS)
def one_of_both(request: pytest.FixtureRequest) -> None:
    """The sieve that `fast` goes by."""
    SIEVE[:] = [request.param]


SIEVE: list[str] = []


def fast(of: list[Exchange]) -> list[Peeled]:
    """As a large recording is looked into."""
    sieve = sieve_of(SIEVE[0], SEARCH)
    roots = [tuple(roots_of(each)) for each in of]
    told = iter(sieve.worth_peeling([root for of_one in roots for root in of_one]))
    worth = [[next(told) for _ in of_one] for of_one in roots]
    return [
        peel_exchange(each, worth=of_one, sifted=sieve.sifted) for each, of_one in zip(of, worth, strict=True)
    ]


def unread(gaps: tuple[Gap, ...]) -> dict[GapKind, int | None]:
    return {gap.kind: gap.size_bytes for gap in gaps if gap.kind in {GapKind.OPAQUE, GapKind.MEDIA}}


def test_random_bytes_are_one_gap_with_their_host_number_and_share() -> None:
    posted = exchange(body=Random(1).randbytes(4096))
    for peeled in (peel_exchange(posted), fast([*FILLER, posted])[-1]):
        (gap,) = peeled.gaps

        assert (gap.kind, gap.host, gap.size_bytes) == (GapKind.OPAQUE, posted.host, 4096)
        assert gap.share is not None
        assert 0.9 < gap.share < 1
        assert peeled.opaque_bytes == 4096


@pytest.mark.parametrize("name", OF_BYTES)
def test_what_is_opaque_in_a_wrapping_is_told_by_both_paths(name: str) -> None:
    wrapped = WRAPS[name](SECRET)
    assert wrapped
    posted = [exchange(body=wrapped), exchange(body=json.dumps({"a": wrapped.decode("latin-1")}).encode())]
    quick = fast([*posted, *FILLER])
    for each, peeled in zip(posted, quick, strict=False):
        slowly = peel_exchange(each)

        assert unread(peeled.gaps) == unread(slowly.gaps)
    assert GapKind.OPAQUE in unread(quick[0].gaps)


def test_base64_with_signs_of_its_own_is_told_by_both_paths() -> None:
    letters = base64.b64encode(SECRET).translate(bytes.maketrans(b"+/=", b"~*-"))
    posted = exchange(body=json.dumps({"v": letters.decode()}).encode())
    for peeled in (peel_exchange(posted), fast([*FILLER, posted])[-1]):
        assert list(unread(peeled.gaps)) == [GapKind.OPAQUE]


@pytest.mark.parametrize("size", [8, 16, 32, 63])
def test_short_random_fields_are_no_gap(size: int) -> None:
    rng = Random(size)
    body = json.dumps({f"k{n}": rng.randbytes(size).hex() for n in range(20)}).encode()
    tokens = b"&".join(base64.b64encode(rng.randbytes(size)) for _ in range(9))
    posted = [exchange(body=body), exchange(body=tokens), exchange(body=rng.randbytes(size))]

    assert [unread(peeled.gaps) for peeled in fast([*posted, *FILLER])[:3]] == [{}, {}, {}]
    assert [unread(peel_exchange(each).gaps) for each in posted] == [{}, {}, {}]


def test_what_a_format_has_between_its_fields_is_no_gap() -> None:
    for name in ("plist", "protobuf", "msgpack", "cbor", "grpc", "delimited", "multipart", "bzip2"):
        wrapped = WRAPS[name](b"words that anybody can read, " * 20)
        assert wrapped

        assert unread(peel_value(wrapped).gaps) == {}, name


def test_media_are_their_own_gap_and_what_is_beside_them_is_read() -> None:
    form = (
        b'--XX\r\nContent-Disposition: form-data; name="n"\r\n\r\nplain\r\n'
        b'--XX\r\nContent-Disposition: form-data; name="f"; filename="a.jpg"\r\n\r\n'
        + JPEG
        + b"\r\n--XX--\r\n"
    )
    for body in (JPEG, form, gzip.compress(JPEG, mtime=0), base64.b64encode(JPEG)):
        posted = exchange(body=body)
        for peeled in (peel_exchange(posted), fast([*FILLER, posted])[-1]):
            assert list(unread(peeled.gaps)) == [GapKind.MEDIA]


def test_random_bytes_are_no_media() -> None:
    rng = Random(5)

    assert not any(media_type(rng.randbytes(64)) for _ in range(20_000))


@pytest.mark.parametrize(
    "text",
    [
        "/news/2026/11/how-the-city-council-voted-on-the-new-tram-line-and-what-it-means-for-cyclists-12345678",
        "20260819200624--c01058f4-5b6c-4ac4-9708-54d5bee8f450--91a8634f-15b5-4b17-836b-de3225cb3b17",
        "/Shop/Garden-Furniture/Chairs-And-Benches/Teak-Bench-With-Armrests-For-Three-People-Model-2026",
    ],
)
def test_names_of_pages_are_not_taken_for_base64(text: str) -> None:
    assert unread(peel_exchange(exchange(text)).gaps) == {}


@pytest.mark.skipif("HOMETRUTH_SHARED" not in os.environ, reason="needs the shared recordings")
def test_requests_of_real_browsers_do_not_flood_and_both_paths_agree() -> None:
    folder = Path(os.environ["HOMETRUTH_SHARED"]) / "captures" / "browsers"
    for recording in sorted(folder.glob("*/all.har")):
        exchanges = [each for each in read_capture(recording) if isinstance(each, Exchange)]
        slow = [unread(peel_exchange(each).gaps) for each in exchanges]

        assert [unread(peeled.gaps) for peeled in fast(exchanges)] == slow
        assert sum(map(bool, slow)) <= len(exchanges) // 15


def test_a_part_is_peeled_for_what_is_opaque_in_it_without_a_canary() -> None:
    sieve = sieve_of(SIEVE[0], SEARCH)
    roots = [*roots_of(exchange(body=SECRET))]

    told = sieve.worth_peeling(roots)
    assert told[-1] is Worth.OPAQUE
    assert set(told[:-1]) == {Worth.NOTHING}
