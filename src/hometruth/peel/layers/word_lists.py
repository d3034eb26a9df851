"""Lists of numbers of more than a byte that spell text: code units, and words of two or four bytes.

Scripts list the units of a text (`charCodeAt`, ECMA-262), and write arrays of words as JSON: `Uint16Array`,
`Uint32Array`, `Int32Array`, and the words of CryptoJS, whose first byte is the highest. Most lists of such
numbers are sizes and times: one is believed only if text comes out.
"""

import re
from collections.abc import Iterator, Sequence

from hometruth.peel.text_check import is_text

LEAST_UNITS = 6
"""Code units of one script; of random numbers a third are Chinese."""
LEAST_BYTES = 12
"""That words hold: of random ones, fewer are text once in 100,000 lists."""
LONGEST_NUMBER = len("-2147483648")
LIST = re.compile(rb"[\[({]?\s*+-?[0-9]{1,10}(?:\s*[,; ]\s*+-?[0-9]{1,10}){3,}+\s*+[\])}]?")
NUMBER = re.compile(rb"-?[0-9]++")
_COMMON = r"\t\r\n -~\u00a0-\u00ff\u2000-\u206f\u20ac"
_SCRIPT = re.compile(
    "|".join(
        f"[{letters}{_COMMON}]+"
        for letters in (
            r"\u0100-\u024f\u1e00-\u1eff",  # Latin
            r"\u0370-\u03ff",  # Greek
            r"\u0400-\u052f",  # Cyrillic
            r"\u0590-\u06ff",  # Hebrew, Arabic
            r"\u0900-\u0dff",  # scripts of India
            r"\u0e00-\u0eff",  # Thai, Lao
            r"\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef",  # Chinese, Japanese
            r"\uac00-\ud7a3\u3000-\u303f",  # Korean
        )
    )
)
"""Text of one script, with what all of them use."""


def unwords(numbers: Sequence[int]) -> list[bytes]:
    """What the numbers may spell: words of letters are text in either order."""
    if not numbers or not 0xFF < max(map(abs, numbers)) <= 0xFFFFFFFF:
        return []
    return list(dict.fromkeys(_readings(numbers)))


def _readings(numbers: Sequence[int]) -> Iterator[bytes]:
    """As words, of either order of bytes, then as code units."""
    least, most = min(numbers), max(numbers)
    if least >= -(1 << 31):
        for size in (4,) if least < 0 or most > 0xFFFF else (2, 4):
            for order in ("big", "little"):
                data = b"".join(number.to_bytes(size, order, signed=number < 0) for number in numbers)
                bare = data.rstrip(b"\0")  # the last word was filled up
                if len(bare) >= LEAST_BYTES and len(data) - len(bare) < size and is_text(bare):
                    yield bare
    many = 2 * sum(number > 0xFF for number in numbers) >= len(numbers) >= LEAST_UNITS
    if many and least > 0 and most <= 0xFFFF:
        text = "".join(map(chr, numbers))
        if _SCRIPT.fullmatch(text):
            yield text.encode("utf-8", "surrogatepass")


def numbers_of(text: bytes) -> list[int]:
    """The numbers of a list as it is written; none if it is something else."""
    return [int(match[0]) for match in NUMBER.finditer(text)] if LIST.fullmatch(text) else []


def spells(text: bytes) -> bool:
    """True for a list, as it is written, that spells something."""
    return bool(unwords(numbers_of(text)))
