"""Telephone numbers: with the country, inside it, and grouped as its inhabitants write them.

ITU-T E.164 for the digits; trunk prefixes and groups from `data/telephone_plans.tsv`. Digested are the digits
that ad platforms ask for: all of them, with a plus (Google, TikTok, UID2) or without (Meta, Snap), and the
number inside the country (LiveRamp), of which eleven digits are customary in China.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from hometruth.forms.spelling import DIGITS, Spelling

SHORTEST = 7
"""Digits of a number inside its country; shorter ones are everywhere by chance."""
LEAST_KNOWN = 10
"""Digits of a number without its country that is taken for a telephone's."""
LONGEST = 17
"""Digits; E.164 allows 15, and two zeros may stand before them."""
_NUMBER = re.compile(r"(?:\+|00)?[0-9 ()./\-]{6,}")
_LONGEST_CODE = 3
_ABROAD = ("00", "011", "0011", "010")
"""What is dialled before a calling code: in most countries, North America, Australia, Japan."""
_GROUPS = ((2,), (3,), (4,), (5,), (2, 2), (3, 2), (3, 3, 2), (3, 3), (3, 4), (2, 4), (2, 3), (4, 3), (5, 3))
"""Digits of the first groups, without a trunk prefix; where the last of several is a pair, so is the rest."""
_JOINTS_OF_TWO = ((" ", ""), ("-", ""), ("/", ""), (") ", ""), (")", ""))
_JOINTS = ((" ", " "), ("-", "-"), ("-", " "), ("/", " "), (") ", "-"), (") ", " "), (")", "-"))
"""What stands after the first group, and between the others."""


class _Row(NamedTuple):
    """How one group of numbers is written inside a country."""

    trunk: str
    first: str
    groups: str
    written: str


def spell(value: str) -> Iterator[Spelling]:
    """Spellings of a telephone number; none if the value is something else."""
    text = value.strip()
    if not _NUMBER.fullmatch(text):
        return
    digits = re.sub("[^0-9]", "", text)
    if not SHORTEST <= len(digits) <= LONGEST:
        return
    yield _plain("digits", digits)
    if text.startswith(("+", "00")):
        yield from _of_international(digits.removeprefix("00") if text.startswith("00") else digits)
    else:
        yield _plain("phone:e164", f"+{digits}")


def is_telephone(value: str) -> bool:
    """True for a number that is written as a telephone's: with its country, a trunk prefix or groups."""
    text = value.strip()
    digits = re.sub("[^0-9]", "", text)
    if text.startswith(("+", "00")) or (len(digits) >= LEAST_KNOWN and (text[:1] == "0" or text != digits)):
        return next(spell(text), None) is not None
    return False


def _of_international(digits: str) -> Iterator[Spelling]:
    yield _plain("phone:e164", f"+{digits}")
    yield _plain("phone:international", digits)
    for prefix in _ABROAD:
        yield _apart(f"phone:{prefix}", f"{prefix}{digits}")
    code = next((digits[:n] for n in range(_LONGEST_CODE, 0, -1) if digits[:n] in _plans()), "")
    inside = digits.removeprefix(code)
    if not code or len(inside) < SHORTEST:
        return
    trunk = _plans()[code][0].trunk
    yield _plain("phone:subscriber", inside)
    yield _plain("phone:national", trunk + inside)
    yield from _grouped(code, trunk, inside)
    for beginning, name in ((inside, "subscriber"), (trunk + inside, "national"))[: 1 + bool(trunk)]:
        for text in _in_groups(beginning, len(beginning) - len(inside)):
            yield _apart(f"phone:{name},grouped", text)


def _grouped(code: str, trunk: str, inside: str) -> Iterator[Spelling]:
    """The number in the groups of its country: as its table writes it, and with other marks."""
    for row in _plans()[code]:
        if re.match(row.first, inside) and (match := re.fullmatch(row.groups, inside)):
            groups = match.groups()
            yield _apart("phone:national,grouped", match.expand(row.written))
            for joint in (" ", "-", ".") if len(groups) > 1 else ():
                yield _apart("phone:subscriber,grouped", joint.join(groups))
                yield _apart("phone:national,grouped", trunk + joint.join(groups))
                yield _apart("phone:international,grouped", joint.join((f"+{code}", *groups)))
            return


def _in_groups(digits: str, trunk: int) -> Iterator[str]:
    """In groups that people make whatever their country's table says, the trunk prefix before the first."""
    for sizes in _GROUPS:
        groups = []
        at = 0
        for size in sizes:
            groups.append(digits[at : at + size + (trunk if not at else 0)])
            at += len(groups[-1])
        while len(sizes) > 1 and sizes[-1] == 2 and len(digits) - at > 3:
            groups.append(digits[at : at + 2])
            at += 2
        groups.append(digits[at:])
        if len(groups[-1]) > 1:
            first, *rest = groups
            for after, between in _JOINTS if len(rest) > 1 else _JOINTS_OF_TWO:
                yield first + after + between.join(rest)


def _apart(name: str, text: str) -> Spelling:
    return Spelling(name, text, barred_before=DIGITS, barred_after=DIGITS)


def _plain(name: str, text: str) -> Spelling:
    return Spelling(name, text, is_digested=True, barred_before=DIGITS, barred_after=DIGITS)


@lru_cache(maxsize=1)
def _plans() -> dict[str, tuple[_Row, ...]]:
    """Rows by calling code."""
    text = files("hometruth.data").joinpath("telephone_plans.tsv").read_text(encoding="utf-8")
    plans: dict[str, list[_Row]] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            code, *row = line.split("\t")
            plans.setdefault(code, []).append(_Row(*row))
    return {code: tuple(rows) for code, rows in plans.items()}
