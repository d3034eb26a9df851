"""What an archive holds is found once, whichever of its two descriptions is damaged."""

import io
import json
import os
import zipfile
from collections.abc import Callable
from itertools import product
from random import Random
from typing import Any, cast

import pytest

from hometruth.zip_archive import BROKEN_ZIP, ZipArchive

RNG = Random(os.environ.get("HOMETRUTH_SEED", "20"))
NOISE = RNG.randbytes(700)
FILES = {
    "a.har": json.dumps({"log": {"entries": [*range(300)]}}).encode(),
    "folder/b": NOISE,
    "c": b"",
    "ü.txt": b"PK\x03\x04" + b"no head of a member " * 20,
}


class Pipe:
    """What an archive is written into that cannot go back: sizes stand behind the data."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> int:
        self.data += data
        return len(data)

    def flush(self) -> None: ...


def packed(
    files: dict[str, bytes] = FILES,
    method: int = zipfile.ZIP_DEFLATED,
    *,
    piped: bool = False,
    long: bool = False,
) -> bytes:
    buffer, pipe = io.BytesIO(), Pipe()
    with zipfile.ZipFile(cast(Any, pipe) if piped else buffer, "w", method) as archive:
        for name, data in files.items():
            with archive.open(name, "w", force_zip64=long) as member:
                member.write(data)
    return pipe.data if piped else buffer.getvalue()


def in_itself(**how: bool) -> bytes:
    inner = packed({"a.har": b"the inner one", "z": b"and another"}, zipfile.ZIP_STORED)
    return packed({"first": b"1" * 50, "inner.zip": inner, "last": b"2" * 50}, zipfile.ZIP_STORED, **how)


ARCHIVES: dict[str, Callable[[], bytes]] = {
    "deflated": packed,
    "stored": lambda: packed(method=zipfile.ZIP_STORED),
    "bzip2": lambda: packed(method=zipfile.ZIP_BZIP2),
    "lzma": lambda: packed(method=zipfile.ZIP_LZMA),
    "through a pipe": lambda: packed(piped=True),
    "stored through a pipe": lambda: packed(method=zipfile.ZIP_STORED, piped=True),
    "long": lambda: packed(long=True),
    "long through a pipe": lambda: packed(long=True, piped=True),
    "stored long through a pipe": lambda: packed(method=zipfile.ZIP_STORED, long=True, piped=True),
    "in an archive": in_itself,
    "in an archive through a pipe": lambda: in_itself(piped=True),
    "in a long archive through a pipe": lambda: in_itself(piped=True, long=True),
}


def contents(data: bytes) -> tuple[list[bytes], str]:
    archive = ZipArchive(io.BytesIO(data))
    found = []
    for member in archive.members:
        try:
            found.append(archive.open(member).read())
        except BROKEN_ZIP as err:
            archive.losses[str(err)] = None
    return found, archive.damage


def by_zipfile(data: bytes) -> list[bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [archive.read(info) for info in archive.infolist()]


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_sound_archive_is_what_zipfile_says(name: str) -> None:
    data = ARCHIVES[name]()

    assert contents(data) == (by_zipfile(data), "")
    assert contents(b"#!/bin/sh\n" * 10 + data) == (by_zipfile(data), "")


@pytest.mark.parametrize("name", ARCHIVES)
def test_with_any_bit_of_its_index_flipped_each_member_is_found_once(name: str) -> None:
    data = ARCHIVES[name]()
    whole = sorted(by_zipfile(data))
    for at in range(data.find(b"PK\x01\x02", data.rfind(b"PK\x03\x04")), len(data)):
        hurt = bytearray(data)
        hurt[at] ^= 1 << RNG.randrange(8)

        found, _ = contents(bytes(hurt))

        assert sorted(found) == whole, (at, hurt[at])


@pytest.mark.parametrize("name", ARCHIVES)
def test_with_its_index_cut_each_member_is_found_once_and_the_loss_is_told(name: str) -> None:
    data = ARCHIVES[name]()
    whole = sorted(by_zipfile(data))
    for at in range(data.find(b"PK\x01\x02", data.rfind(b"PK\x03\x04")), len(data), 3):
        found, damage = contents(data[:at])

        assert (sorted(found), damage != "") == (whole, True), at


@pytest.mark.parametrize("name", ARCHIVES)
def test_damage_anywhere_costs_the_members_that_it_is_in(name: str) -> None:
    """One of its content, or one of its head with whom that may be mistaken for."""
    data = ARCHIVES[name]()
    whole = by_zipfile(data)
    for at in range(0, len(data), 7):
        hurt = bytearray(data)
        hurt[at] ^= 1 << RNG.randrange(8)

        found, _ = contents(bytes(hurt))

        assert len([each for each in whole if each in found]) >= len(whole) - 1, at
        assert len(found) <= len(whole) + 1, at


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_head_that_says_to_be_longer_than_it_is_costs_that_member_only(name: str) -> None:
    """Its data would begin in another member, or behind the end, where sizes were less than nothing."""
    data = ARCHIVES[name]()
    whole, end = by_zipfile(data), data.find(b"PK\x01\x02", data.rfind(b"PK\x03\x04"))
    at = RNG.choice([at for at in range(end) if data.startswith(b"PK\x03\x04", at)])
    for more, kept in product((*range(1, len(data), 41), 0xFFFF), (len(data), end, end + 4)):
        hurt = bytearray(data[:kept])
        hurt[at + 28 : at + 30] = min(more, 0xFFFF).to_bytes(2, "little")

        found, damage = contents(bytes(hurt))

        assert damage or sorted(found) == sorted(whole), (at, more, kept)
        assert kept < len(data) or len([each for each in whole if each in found]) >= len(whole) - 1, (
            at,
            more,
        )


def test_a_member_that_the_index_does_not_tell_of_is_read_and_named() -> None:
    first, second = packed({"a": b"of the first"}), packed({"b": b"of the second"})

    found, damage = contents(first + second)

    assert found == [b"of the second", b"of the first"]
    assert damage == "its index does not tell of 1 of its files: a"


def test_a_member_has_the_names_of_its_index_and_of_its_own_head() -> None:
    data = packed({"a.har": b"one"})
    archive = ZipArchive(io.BytesIO(b"b".join(data.rsplit(b"a", 1))))

    assert [member.names for member in archive.members] == [("a.hbr", "a.har")]
    assert archive.damage == "'a.hbr' is called 'a.har' by its own head"


def test_what_is_there_twice_is_read_once_and_told() -> None:
    data = packed({"a": b"of the first"})

    assert contents(data + data) == ([b"of the first"], "a is there twice")


def test_two_members_of_one_name_are_two() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("a", b"one")
        archive.writestr("a", b"two")

    assert contents(buffer.getvalue()) == ([b"one", b"two"], "")


def test_members_that_pack_well_are_found_without_an_index() -> None:
    data = packed({f"{n}": bytes(25 << 20) for n in range(3)}, piped=True)
    archive = ZipArchive(io.BytesIO(data[: data.find(b"PK\x01\x02")]))

    assert [member.name for member in archive.members] == ["0", "1", "2"]
    assert archive.damage == "its index is damaged or not at its end: 3 files were found by their heads"


def test_hostile_heads_end_in_time() -> None:
    """Each says that its end is to be looked for; that is done a limited number of times."""
    head = b"PK\x03\x04\x14\0\x08\0\0\0" + bytes(16) + b"\x01\0\0\0" + b"x"
    found, damage = contents(head * 20_000)

    assert damage
    assert len(found) <= 20_000
