"""Coordinates: rounded, in other orders and joints, as whole numbers, and each of the two apart.

ISO 6709 for the order, RFC 7946 (GeoJSON) for the other one; 10^-7 and 10^-6 degrees as Google's location
history and Android's old maps count them; binary64 (IEEE 754) as protobuf and MessagePack carry them.
"""

import re
import struct
from collections.abc import Iterator
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

from hometruth.forms.spelling import DIGITS, Spelling

LEAST_DIGITS_TOGETHER = 3
"""Decimals: 110 m. A pair of fewer is a city."""
LEAST_DIGITS_APART = 5
"""Decimals of one alone; numbers of fewer are durations and scores everywhere."""
MOST_DIGITS = 7
_PAIR = re.compile(r"\s*([+-]?\d{1,3}\.\d{3,})\s*[,; ]\s*([+-]?\d{1,3}\.\d{3,})\s*")
_JOINTS = (",", ", ", " ", ";")
_NUMBER = DIGITS + b"."


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


def _apart(name: str, number: Decimal) -> Iterator[Spelling]:
    said = str(number)
    for digits in range(LEAST_DIGITS_APART, MOST_DIGITS + 1):
        for rounding in (ROUND_HALF_EVEN, ROUND_DOWN):
            if text := _rounded(number, digits, rounding):
                yield Spelling(f"{name}:{digits}", text, text, barred_before=_NUMBER)
    for scale in (7, 6):
        whole = str(int((number * 10**scale).to_integral_value()))
        yield Spelling(f"{name}:E{scale}", whole, said, barred_before=_NUMBER, barred_after=DIGITS)
    for order in "<>":
        yield Spelling(f"{name}:binary64", struct.pack(f"{order}d", float(number)), said)


def _rounded(number: Decimal, digits: int, rounding: str) -> str:
    """With so many decimals; empty where not as many are known."""
    if -int(number.as_tuple().exponent) < digits:
        return ""
    return str(number.quantize(Decimal(1).scaleb(-digits), rounding))
