"""Personal data by the name of its field, where what stands there is of that sort at all."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from hometruth.forms import check_digits
from hometruth.identity.unnamed.known import kinds_of_field
from hometruth.identity.unnamed.shapes import Likeness, is_public_address
from hometruth.model.unnamed import Clue, PersonalKind

_NOTHING = re.compile(
    r"|true|false|null|none|nil|undefined|nan|n/?a|no|nein|unknown|-|0|\[\]|\{\}", re.IGNORECASE
)
"""What tells nothing wherever it stands."""
_NAME = re.compile(r"(?=.*[^\W\d_])[^\W\d_][^\W_]*(?:[ .'’\-]+[^\W_]+){0,6}\.?")
_TELEPHONE = re.compile(r"\(?\+?[0-9(][0-9 ()./\-]{5,24}")
_DATES = ("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d", "%Y%m%d", "%d-%m-%Y", "%d%m%Y")
_OLDEST = 1900
_NUMBER = r"[+-]?[0-9]{1,3}\.[0-9]{4,}"
_ONE, _TWO = re.compile(_NUMBER), re.compile(rf"\(?({_NUMBER})\s*[,;:| ]\s*({_NUMBER})\)?")
_AXES = {"lat": 90, "latitude": 90, "breitengrad": 90}
_LONGEST = {PersonalKind.NAME: 80, PersonalKind.POSTAL_ADDRESS: 120, PersonalKind.DIAGNOSIS: 500}
_CHECKED: Mapping[PersonalKind, Callable[[str], bool]] = {
    PersonalKind.TAX_NUMBER_DE: check_digits.is_german_tax_number,
    PersonalKind.CITIZEN_NUMBER_NL: check_digits.is_dutch_citizen_number,
    PersonalKind.INSURANCE_NUMBER_FR: check_digits.is_french_insurance_number,
    PersonalKind.IDENTITY_NUMBER_ES: check_digits.is_spanish_identity_number,
    PersonalKind.CITIZEN_NUMBER_PL: check_digits.is_polish_citizen_number,
    PersonalKind.TAX_NUMBER_BR: check_digits.is_brazilian_tax_number,
    PersonalKind.RESIDENT_NUMBER_IN: check_digits.is_indian_resident_number,
    PersonalKind.INSURANCE_NUMBER_DE: check_digits.is_german_insurance_number,
    PersonalKind.TAX_CODE_IT: check_digits.is_italian_tax_code,
    PersonalKind.SOCIAL_SECURITY_NUMBER_US: check_digits.is_us_social_security_number,
}
_DATE_LENGTHS = range(8, 33)


def name_of(path: str) -> str:
    """What the field at the end of *path* is called; numbers in lists are no name."""
    pieces = [each for each in re.split(r"[.\[\]\"'/]+", path) if each and not each.isdigit()]
    return pieces[-1] if pieces else ""


def said_of(path: str) -> frozenset[PersonalKind]:
    """What the name of a field says of what it holds."""
    return kinds_of_field(name_of(path))


def told_by_name(text: str, path: str, said: frozenset[PersonalKind]) -> Iterator[Likeness]:
    """What a whole value is, where the name of its field says it and it is of that sort."""
    bare = text.strip()
    if not bare or _NOTHING.fullmatch(bare):
        return
    for kind in sorted(said):
        number = re.sub(r"[ .\-/]", "", bare).upper()
        check = _CHECKED.get(kind)
        if check:
            clues: tuple[Clue, ...] = (Clue.FIELD, Clue.CHECK_DIGITS)
            if kind is PersonalKind.SOCIAL_SECURITY_NUMBER_US:
                clues = (Clue.FIELD, Clue.SYNTAX)
            if check(number):
                yield Likeness(kind, number, 0, len(text), clues)
        elif kind in _FITS and _FITS[kind](bare, path):
            yield Likeness(kind, bare.casefold(), 0, len(text), (Clue.FIELD,))


def _is_name(text: str, _path: str) -> bool:
    return len(text) <= _LONGEST[PersonalKind.NAME] and bool(_NAME.fullmatch(text))


def _is_telephone(text: str, _path: str) -> bool:
    return (
        bool(_TELEPHONE.fullmatch(text))
        and 7 <= sum(map(str.isdigit, text)) <= 15
        and not _is_birth(text, "")
    )


def _is_birth(text: str, _path: str) -> bool:
    if len(text) not in _DATE_LENGTHS:
        return False
    day = text[:10] if len(text) > 10 and text[10] in "T " else text
    for form in _DATES:
        try:
            born = datetime.strptime(day, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        if born.year >= _OLDEST:
            return True
    return False


def _is_place(text: str, _path: str) -> bool:
    return (len(text) <= _LONGEST[PersonalKind.POSTAL_ADDRESS] and any(map(str.isdigit, text))) or (
        " " in text and text[:1].isalpha() and len(text) <= _LONGEST[PersonalKind.POSTAL_ADDRESS]
    )


def _is_diagnosis(text: str, _path: str) -> bool:
    return len(text) <= _LONGEST[PersonalKind.DIAGNOSIS] and any(map(str.isalnum, text))


def _is_location(text: str, path: str) -> bool:
    if pair := _TWO.fullmatch(text):
        one, other = abs(float(pair[1])), abs(float(pair[2]))
        return max(one, other) <= 180 and min(one, other) <= 90
    name = name_of(path).lower()
    is_alone = name.endswith(("lat", "lon", "lng", "latitude", "longitude", "grad")) or (
        name.startswith("coord") and path.endswith("]")
    )
    return is_alone and bool(_ONE.fullmatch(text)) and abs(float(text)) <= _AXES.get(name, 180)


def _is_address(text: str, _path: str) -> bool:
    return is_public_address(text)


def _is_password(text: str, _path: str) -> bool:
    return len(text) <= 256 and not text.startswith(("{", "["))


_FITS: Mapping[PersonalKind, Callable[[str, str], bool]] = {
    PersonalKind.NAME: _is_name,
    PersonalKind.TELEPHONE: _is_telephone,
    PersonalKind.BIRTH_DATE: _is_birth,
    PersonalKind.POSTAL_ADDRESS: _is_place,
    PersonalKind.DIAGNOSIS: _is_diagnosis,
    PersonalKind.LOCATION: _is_location,
    PersonalKind.IP_ADDRESS: _is_address,
    PersonalKind.PASSWORD: _is_password,
}
