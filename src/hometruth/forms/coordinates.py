"""Coordinates: rounded, in other orders and joints, as whole numbers, and each of the two apart.

ISO 6709 for the order, RFC 7946 (GeoJSON) for the other one; 10^-7 and 10^-6 degrees as Google's location
history and Android's old maps count them, milliseconds of arc, Garmin's semicircles; binary64 and binary32
(IEEE 754) as protobuf and MessagePack carry them; cells of a geohash (Niemeyer 2008) and of an Open Location
Code (Google, plus codes); degrees, minutes and seconds.
"""

import re
import struct
from collections.abc import Iterator
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

from hometruth.forms.spelling import DIGITS, WORD, Spelling, in_base64

LEAST_DIGITS_TOGETHER = 3
"""Decimals: 110 m. A pair of fewer is a city."""
LEAST_DIGITS_APART = 5
"""Decimals of one alone; numbers of fewer are durations and scores everywhere."""
LEAST_DIGITS_WHOLE = 8
"""Digits of one as a whole number: traffic is full of shorter ones."""
MOST_DIGITS = 7
_PAIR = re.compile(r"\s*([+-]?\d{1,3}\.\d{3,})\s*[,; ]\s*([+-]?\d{1,3}\.\d{3,})\s*")
_JOINTS = (",", ", ", " ", ";")
_GEOHASH = "0123456789bcdefghjkmnpqrstuvwxyz"
_PLUS = "23456789cfghjmpqrvwx"
_NUMBER = DIGITS + b"."
_BEFORE_BINARY32 = (b"", b"\x15", b"\x1d", b"\xca", b"\xfa")
"""What stands before the second: nothing, a tag of protobuf (fields 2, 3), a mark of MessagePack or CBOR."""


def spell(value: str) -> Iterator[Spelling]:
    """Spellings of latitude and longitude; none if the value is something else."""
    match = _PAIR.fullmatch(value)
    if not match:
        return
    latitude, longitude = Decimal(match[1]), Decimal(match[2])
    if abs(latitude) > 90 or abs(longitude) > 180:
        return
    for digits in range(LEAST_DIGITS_TOGETHER, MOST_DIGITS + 1):
        for rounding in (ROUND_HALF_EVEN, ROUND_DOWN):
            for pair in ((latitude, longitude), (longitude, latitude)):
                one, other = (_rounded(number, digits, rounding) for number in pair)
                for joint in _JOINTS if one and other else ():
                    yield Spelling(
                        f"coordinates:{digits}",
                        f"{one}{joint}{other}",
                        f"{one}{other}" if (one, other) != tuple(map(str, pair)) else "",
                        barred_before=_NUMBER,
                    )
    for name, number in (("latitude", latitude), ("longitude", longitude)):
        yield from _apart(name, number)
    yield from _in_four_bytes(latitude, longitude)
    yield from _in_a_grid(latitude, longitude)
    for number in latitude, longitude:
        yield from _sexagesimal(number)


def _apart(name: str, number: Decimal) -> Iterator[Spelling]:
    said = str(number)
    for digits in range(LEAST_DIGITS_APART, MOST_DIGITS + 1):
        for rounding in (ROUND_HALF_EVEN, ROUND_DOWN):
            if text := _rounded(number, digits, rounding):
                yield Spelling(f"{name}:{digits}", text, text, barred_before=_NUMBER)
                yield Spelling(f"{name}:comma", text.replace(".", ","), text, barred_before=_NUMBER)
    units = {f"E{scale}": Decimal(10) ** scale for scale in (7, 6, 5)}
    units |= {"milliseconds": Decimal(3_600_000), "semicircles": Decimal(2**31) / 180}
    for unit, size in units.items():
        whole = int((number * size).to_integral_value())
        zigzag = 2 * whole if whole >= 0 else -2 * whole - 1  # protobuf's sint
        for each in whole, zigzag:
            text = str(each)
            if len(text.lstrip("-")) >= LEAST_DIGITS_WHOLE:
                yield Spelling(f"{name}:{unit}", text, said, barred_before=_NUMBER, barred_after=DIGITS)
    for order in "<>":
        data = struct.pack(f"{order}d", float(number))
        yield Spelling(f"{name}:binary64", data, said)
        yield from in_base64(f"{name}:binary64", data, said)


def _in_four_bytes(latitude: Decimal, longitude: Decimal) -> Iterator[Spelling]:
    """Both in binary32, one behind the other: four bytes alone are met by chance once in 4 GB."""
    for order in "<>":
        north, east = (struct.pack(f"{order}f", float(number)) for number in (latitude, longitude))
        for one, other in ((north, east), (east, north)):
            yield from in_base64("coordinates:binary32", one + other)
            for between in _BEFORE_BINARY32:
                yield Spelling("coordinates:binary32", one + between + other)


def _in_a_grid(latitude: Decimal, longitude: Decimal) -> Iterator[Spelling]:
    """The cell of a geohash (76 m, and 2 m), and of a plus code (14 m)."""
    for length, digits in ((7, 3), (9, 5)):
        said = f"{_rounded(latitude, digits, ROUND_DOWN)}{_rounded(longitude, digits, ROUND_DOWN)}"
        yield Spelling("geohash", _geohash(latitude, longitude, length), said, barred_before=WORD)
    said = f"{_rounded(latitude, 4, ROUND_DOWN)}{_rounded(longitude, 4, ROUND_DOWN)}"
    yield Spelling("plus-code", _plus_code(latitude, longitude), said, barred_before=WORD)


def _geohash(latitude: Decimal, longitude: Decimal, length: int) -> str:
    """Halves of the longitude, then of the latitude, in turns; five to a character."""
    bits = 5 * length
    east = int((longitude + 180) / 360 * 2 ** (bits - bits // 2))
    north = int((latitude + 90) / 180 * 2 ** (bits // 2))
    number = 0
    for place in range(bits):
        axis, left = ((east, bits - bits // 2), (north, bits // 2))[place % 2]
        number = number << 1 | axis >> left - 1 - place // 2 & 1
    return "".join(_GEOHASH[number >> 5 * place & 31] for place in reversed(range(length)))


def _plus_code(latitude: Decimal, longitude: Decimal) -> str:
    """Five pairs of characters, each a twentieth of the degrees of the one before; a plus before the last."""
    north, east = int((latitude + 90) * 8000), int((longitude + 180) * 8000)
    pairs = [_PLUS[north // 20**place % 20] + _PLUS[east // 20**place % 20] for place in reversed(range(5))]
    return "".join(pairs[:4]) + "+" + pairs[4]


def _sexagesimal(number: Decimal) -> Iterator[Spelling]:
    """Degrees and minutes, and seconds, to a tenth of one and less."""
    said = f"{abs(number):.4f}"
    for places in (3, 4):
        minutes = (abs(number) * 60).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
        degrees, rest = int(minutes // 60), minutes % 60
        for after in ("°", "° ", " ", ":"):
            yield _apart_from_digits("minutes", f"{degrees}{after}{rest}", said)
    for places in (1, 2):
        for rounding in (ROUND_HALF_EVEN, ROUND_DOWN):
            seconds = (abs(number) * 3600).quantize(Decimal(1).scaleb(-places), rounding)
            degrees, rest = int(seconds // 3600), seconds % 3600
            told = (int(rest // 60), f"{rest % 60}")
            padded = (f"{told[0]:02}", told[1].zfill(places + 3))
            for minute, second in (told, padded):
                for one, two in (("°", "'"), ("° ", "' "), ("°", "′"), ("° ", "′ "), (" ", " "), (":", ":")):
                    yield _apart_from_digits("seconds", f"{degrees}{one}{minute}{two}{second}", said)


def _apart_from_digits(name: str, text: str, said: str) -> Spelling:
    return Spelling(f"coordinates:{name}", text, said, barred_before=_NUMBER)


def _rounded(number: Decimal, digits: int, rounding: str) -> str:
    """With so many decimals; empty where not as many are known."""
    if -int(number.as_tuple().exponent) < digits:
        return ""
    return str(number.quantize(Decimal(1).scaleb(-digits), rounding))
