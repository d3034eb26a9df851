"""Disguises come off only with their key, and what is inside is peeled like anything else."""

import base64
import gzip
import json
from math import log2

import pytest

from hometruth.audit.examine import examine
from hometruth.canaries import compile_search, weigh
from hometruth.forms import LETTER_MAPS
from hometruth.model import Canary, CanaryKind, Sighting
from hometruth.peel import KEYED, replay
from hometruth.peel.keyed import unrot, unxor
from tests.peel.exchanges import URL, exchange

SEARCH = compile_search([Canary("c-1", CanaryKind.PAGE, URL, 60.0)])


def sighted(body: bytes) -> tuple[Sighting, ...]:
    return examine(exchange(body=body), SEARCH).sightings


def test_undoing_is_doing_it_the_other_way_round() -> None:
    assert unxor(unxor(b"lump", "0x5a"), "0x5a") == b"lump"
    assert unrot(b"Yhzc 7", "13") == b"Lump 7"
    assert unrot(b"Mvnq", "1") == b"Lump"


@pytest.mark.parametrize(
    ("wrapped", "chain", "bits"),
    [
        (unxor(URL.encode(), "0x5a"), ("base64", "xor(0x5a)"), 8.0),
        (unrot(URL.encode(), "13"), ("base64", "rot(13)"), log2(25)),
        (URL[::-1].encode(), ("base64", "reverse"), 1.0),
        *(
            (letters.write(URL.encode()), ("base64", f"letter-map({name})"), log2(1 + len(LETTER_MAPS)))
            for name, letters in LETTER_MAPS.items()
        ),
        (unxor(base64.b64encode(b"ab" + URL.encode()), "0x11"), ("base64", "xor(0x11)", "base64"), 8.0),
        (unrot(base64.b64encode(URL.encode()), "5"), ("base64", "rot(21)", "base64"), log2(25)),
        (unxor(json.dumps({"u": URL}).encode(), "0xff"), ("base64", "xor(0xff)", "json"), 8.0),
    ],
)
def test_found_once_with_the_key_in_the_chain_and_its_bits_taken_off(
    wrapped: bytes, chain: tuple[str, ...], bits: float
) -> None:
    (sighting,) = sighted(
        gzip.compress(json.dumps({"d": base64.b64encode(wrapped).decode()}).encode(), mtime=0)
    )
    (weighed,) = weigh([sighting], searched_bytes=1)

    assert [step for step in sighting.value.chain if step not in {"gzip", "url"}][1:] == list(chain)
    assert sighting.value.path.startswith("d")
    assert weighed.evidence_bits == pytest.approx(60.0 - bits)
    assert replay(sighting.exchange, sighting.value) is not None


def test_a_wrong_key_does_not_replay() -> None:
    (sighting,) = sighted(unxor(URL.encode(), "0x80"))
    step = sighting.value.steps[0]
    forged = type(step)(step.layer, step.piece, "0x81", key_bits=step.key_bits)
    value = type(sighting.value)(sighting.value.part, "", sighting.value.data, (forged,))

    assert replay(sighting.exchange, value) is None
    assert set(KEYED) == {"xor", "add", "rolling", "rot", "reverse", "letter-map"}


@pytest.mark.parametrize("by_bytes", [False, True])
def test_text_beyond_ascii_turned_round_by_characters_or_by_bytes(by_bytes: bool) -> None:
    value = "übelkeit und kündigung nachts"
    turned = value.encode()[::-1] if by_bytes else value[::-1].encode()
    search = compile_search([Canary("c-1", CanaryKind.SEARCH, value, 60.0)])
    (sighting,) = examine(exchange(body=turned), search).sightings

    assert sighting.value.chain == ("reverse",)
