"""Compressed bytes: whole, in several members, cut short, damaged, and far too large."""

import gzip
import io
import zipfile
import zlib

import brotli
import pytest
import zstandard

from hometruth.peel.layers import Context
from hometruth.peel.layers.archive import unzip
from hometruth.peel.layers.compression import gunzip, inflate, inflate_raw, unbrotli, unzstd
from hometruth.peel.layers.layer import Opened
from hometruth.peel.layers.seven_zip import unseven
from tests.peel.wraps import raw_deflate, seven_zipped, zipped

TEXT = b" ".join(b"%d bottles" % number for number in range(2000))
ROOMY = Context()


def only(opened: Opened | None) -> bytes:
    assert opened is not None
    (piece,) = opened.pieces
    return piece.data


def test_members_of_gzip_are_joined() -> None:
    assert only(gunzip(gzip.compress(b"one ", mtime=0) + gzip.compress(b"two", mtime=0), ROOMY)) == b"one two"


def test_truncated_gzip_gives_its_beginning() -> None:
    opened = gunzip(gzip.compress(TEXT, mtime=0)[:-100], ROOMY)

    assert opened is not None
    assert TEXT.startswith(only(opened))
    assert len(only(opened)) > 1000
    assert "ends early" in opened.damage


def test_gzip_with_a_wrong_checksum_gives_everything() -> None:
    data = bytearray(gzip.compress(TEXT, mtime=0))
    data[-8] ^= 1
    opened = gunzip(bytes(data), ROOMY)

    assert opened is not None
    assert only(opened) == TEXT
    assert opened.damage


@pytest.mark.parametrize(
    ("peel", "wrap"),
    [
        (gunzip, gzip.compress),
        (inflate, zlib.compress),
        (inflate_raw, raw_deflate),
        (unbrotli, brotli.compress),
        (unzstd, zstandard.ZstdCompressor().compress),
    ],
)
def test_output_stops_at_the_room_left(peel, wrap) -> None:  # type: ignore[no-untyped-def]
    opened = peel(wrap(bytes(10_000_000)), Context(room_bytes=1000))

    assert opened is not None
    assert only(opened) == bytes(1000)
    assert opened.stopped


def test_headerless_guesses_need_an_exact_end() -> None:
    assert inflate_raw(raw_deflate(TEXT) + b"x", ROOMY) is None
    assert unbrotli(brotli.compress(TEXT) + b"x", ROOMY) is None


def test_frames_of_zstd_are_joined() -> None:
    frames = zstandard.ZstdCompressor().compress(b"one ") + zstandard.ZstdCompressor().compress(b"two")

    assert only(unzstd(frames, ROOMY)) == b"one two"


def test_a_zip_whose_list_points_before_its_beginning_gives_pieces_that_lie_in_it() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "one two")
    data = buffer.getvalue()
    moved = data[:-6] + (1 << 30).to_bytes(4, "little") + data[-2:]  # where the list is said to begin
    opened = unzip(moved, ROOMY)

    assert opened
    assert opened.pieces
    assert all(0 <= piece.start <= piece.end <= len(moved) for piece in opened.pieces)


def test_archives_give_what_is_sound_where_their_list_of_members_is_lost() -> None:
    for pack, unpack in ((zipped, unzip), (seven_zipped, unseven)):
        data = pack(TEXT * 20)

        for size in (len(data) - 9, len(data) // 2):
            opened = unpack(data[:size], ROOMY)

            assert opened
            assert opened.damage
            whole = TEXT * 20 if size > len(data) // 2 else TEXT[:1000]
            assert any(piece.data.startswith(whole) for piece in opened.pieces)
