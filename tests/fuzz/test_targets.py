"""Every reader and every layer has a target, and each runs: seeds, and seeds damaged in repeatable ways."""

from collections import Counter
from random import Random

import pytest
from fuzz.seeds import KEPT, kept_of, seeds_of
from fuzz.targets import FAMILIES, TARGETS, run_one

from hometruth.capture import READERS
from hometruth.peel import LAYERS
from hometruth.peel.layers import SPLITS

DAMAGED, NOT_UTF8 = 60, 60
"""Inputs of one target here; the fuzzer itself goes on for as long as it is told."""


def test_every_layer_is_in_one_family() -> None:
    listed = Counter(name for names in FAMILIES.values() for name in names)

    assert set(listed.values()) == {1}
    assert listed.keys() == {layer.name for layer in (*LAYERS, *SPLITS.values())}


def test_every_reader_has_a_target() -> None:
    assert TARGETS.keys() >= {reader.name.split()[0].lower() for reader in READERS}


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_takes_its_seeds_and_what_became_of_them(name: str) -> None:
    rng = Random(name)
    seeds = sorted(seeds_of(name), key=len)[:20]
    assert seeds
    for seed in (*seeds, *(_damaged(rng.choice(seeds), rng) for _ in range(DAMAGED))):
        run_one(name, seed)
    for _ in range(NOT_UTF8):
        run_one(name, _not_utf8(rng.choice(seeds), rng))


@pytest.mark.parametrize("name", sorted(path.stem for path in KEPT.iterdir()))
def test_a_target_takes_what_was_kept_of_its_fuzzing(name: str) -> None:
    rng = Random(name)
    kept = kept_of(name)
    assert kept
    for data in (*kept, *(_damaged(data, rng) for data in kept)):
        run_one(name, data)


def _damaged(seed: bytes, rng: Random) -> bytes:
    data = bytearray(seed)
    match rng.randrange(4):
        case 0 if data:
            data[rng.randrange(len(data))] = rng.randrange(256)
        case 1:
            del data[rng.randrange(len(data) + 1) :]
        case 2:
            at = rng.randrange(len(data) + 1)
            data[at:at] = rng.randbytes(rng.randrange(1, 6))
        case _:
            first, last = sorted(rng.randrange(len(data) + 1) for _ in range(2))
            data += data[first:last]
    return bytes(data)


def _not_utf8(seed: bytes, rng: Random) -> bytes:
    """With a letter that is none: other people's libraries quote it in messages, names and versions."""
    data = bytearray(seed)
    if letters := [at for at, byte in enumerate(data) if chr(byte).isascii() and chr(byte).isalpha()]:
        data[rng.choice(letters)] |= 0x80
    return bytes(data)
