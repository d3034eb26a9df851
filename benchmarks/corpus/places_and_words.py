"""More families of spellings: coordinates, words, charsets."""

import base64
import struct
import unicodedata
from collections.abc import Iterator
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

from benchmarks.corpus.spellings import Spell, all_of, family, spelt
from benchmarks.corpus.wrapping import Spelling

# Coordinates: seven decimals, north and east.


def _pair(value: str) -> tuple[Decimal, Decimal]:
    north, _, east = value.partition(",")
    return Decimal(north), Decimal(east)


def _cut(number: Decimal, digits: int, rounding: str) -> str:
    return str(number.quantize(Decimal(1).scaleb(-digits), rounding))


def _together(value: str) -> Iterator[str]:
    """Rounded and cut, in either order."""
    north, east = _pair(value)
    for digits in range(3, 8):
        for rounding in (ROUND_HALF_EVEN, ROUND_DOWN):
            one, other = _cut(north, digits, rounding), _cut(east, digits, rounding)
            yield from (
                f"{one},{other}",
                f"{other},{one}",
                f"{one}, {other}",
                f"{one} {other}",
                f"{one};{other}",
            )


def _apart(value: str) -> Iterator[str]:
    for number in _pair(value):
        for digits in range(5, 8):
            yield _cut(number, digits, ROUND_HALF_EVEN)
            yield _cut(number, digits, ROUND_HALF_EVEN).replace(".", ",")


def _whole(value: str) -> Iterator[str]:
    """E7, E6, thousandths of a second, semicircles; as protobuf's sint, too. Fewer digits tell too little."""
    for number in _pair(value):
        for unit in (10**7, 10**6, 3_600_000, Decimal(2**31) / 180):
            whole = int((number * unit).to_integral_value())
            yield from (str(each) for each in (whole, 2 * whole) if each >= 10**7)


def _binary(value: str) -> Iterator[bytes]:
    north, east = map(float, _pair(value))
    yield from (struct.pack(kind, number) for number in (north, east) for kind in ("<d", ">d"))
    yield from (
        struct.pack(kind, *pair) for pair in ((north, east), (east, north)) for kind in ("<ff", ">ff")
    )
    yield b"\x0d" + struct.pack("<f", north) + b"\x15" + struct.pack("<f", east)  # protobuf, fields 1 and 2
    yield b"\x92\xca" + struct.pack(">f", north) + b"\xca" + struct.pack(">f", east)  # MessagePack


def _binary_in_base64(value: str) -> Iterator[bytes]:
    return (base64.b64encode(data) for data in _binary(value))


GEOHASH = "0123456789bcdefghjkmnpqrstuvwxyz"
PLUS = "23456789CFGHJMPQRVWX"


def _geohash(value: str, n: int) -> str:
    """By halving, as Niemeyer describes it."""
    north, east = map(float, _pair(value))
    south_north, west_east = [-90.0, 90.0], [-180.0, 180.0]
    bits = ""
    while len(bits) < 5 * n:
        sides, number = (south_north, north) if len(bits) % 2 else (west_east, east)
        middle = sum(sides) / 2
        bits += "01"[number >= middle]
        sides[number < middle] = middle
    return "".join(GEOHASH[int(bits[at : at + 5], 2)] for at in range(0, len(bits), 5))


def _plus_code(value: str) -> str:
    """Ten digits of an Open Location Code."""
    north, east = _pair(value)
    north, east, size, code = north + 90, east + 180, Decimal(20), ""
    for _ in range(5):
        code += PLUS[int(north / size)] + PLUS[int(east / size)]
        north, east, size = north % size, east % size, size / 20
    return f"{code[:8]}+{code[8:]}"


def _sexagesimal(value: str) -> Iterator[str]:
    """Minutes with decimals; minutes and seconds."""
    for number in _pair(value):
        degrees = int(number)
        minutes = (number - degrees) * 60
        yield from (f"{degrees}° {minutes:.3f}", f"{degrees}°{minutes:.4f}'")
        whole = int(minutes)
        seconds = (minutes - whole) * 60
        yield from (f"{degrees}°{whole}'{seconds:.1f}\"", f"{degrees}° {whole:02}′ {seconds:05.2f}″")


PLACES = (
    family("place-rounded", spellings=all_of(_together, 50), canaries="place"),
    family("place-apart", spellings=all_of(_apart, 12), canaries="place"),
    family("place-in-whole-numbers", spellings=all_of(_whole, 16), canaries="place"),
    family("place-binary", spellings=all_of(_binary, 10), canaries="place"),
    family("place-binary-in-base64", spellings=all_of(_binary_in_base64, 8), canaries="place"),
    family(
        "place-in-a-grid",
        spellings=spelt(lambda v: _geohash(v, 7), lambda v: _geohash(v, 9), _plus_code),
        canaries="place",
    ),
    family("place-in-minutes", spellings=all_of(_sexagesimal, 8), canaries="place"),
)

# Words.

JOINTS = ("-", "_", "+", ", ", ",", ".", "|", "/", "  ", "\u00a0", "\t", "\n", "\r\n", " and ", "&", " & ")


def _joined(joint: str) -> Spell:
    """In lower case, as slugs and tags have it."""
    return lambda v: joint.join(v.lower().split()) if " " in v.strip() else None


def _bare(value: str) -> str:
    """Letters, digits and single spaces."""
    kept = "".join(character for character in value.lower() if character.isalnum() or character.isspace())
    return " ".join(kept.split())


def _last_first(value: str) -> str:
    words = value.split()
    return f"{words[-1]}, {' '.join(words[:-1])}"


def _sorted(joint: str) -> Spell:
    return lambda v: joint.join(sorted(_bare(v).split()))


def _no_marks(value: str) -> str:
    apart = unicodedata.normalize("NFD", value.casefold())
    return "".join(character for character in apart if unicodedata.category(character) != "Mn")


def _transcribed(value: str) -> str:
    for letter, pair in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        value = value.lower().replace(letter, pair)
    return value


PHRASES = ("search-en", "search-de", "name", "firm")
MARKED = ("search-de", "name", "firm")
WORDS = (
    family("words-joined", spellings=spelt(*map(_joined, JOINTS)), canaries=PHRASES),
    family(
        "words-as-a-slug",
        spellings=spelt(
            lambda v: _bare(v).replace(" ", "-"),
            lambda v: _bare(_no_marks(v)).replace(" ", "-"),
            lambda v: _bare(_transcribed(v)).replace(" ", "_"),
        ),
        canaries=PHRASES,
    ),
    family("words-without-spaces", spellings=spelt(lambda v: _bare(v).replace(" ", "")), canaries=PHRASES),
    family("words-sorted", spellings=spelt(*map(_sorted, " -_+")), canaries=PHRASES),
    family("words-last-first", spellings=spelt(_last_first), canaries=PHRASES),
    family("words-without-punctuation", spellings=spelt(_bare), canaries=("name", "firm")),
    family("words-case-folded", spellings=spelt(str.casefold), canaries="firm"),
    family("words-without-marks", spellings=spelt(_no_marks), canaries=MARKED),
    family("words-transcribed", spellings=spelt(_transcribed), canaries=MARKED),
)

# Charsets.

CHARSETS = {
    "western": ("cp1252", "iso-8859-15", "mac-roman", "cp437", "cp850", "utf-7"),
    "latin": (
        *("iso-8859-2", "iso-8859-3", "iso-8859-4", "iso-8859-10", "iso-8859-13", "iso-8859-14"),
        *("iso-8859-16", "cp1250", "cp1254", "cp1257", "cp1258"),
    ),
    "cyrillic": ("cp1251", "koi8-r", "koi8-u", "iso-8859-5", "cp866", "mac-cyrillic"),
    "greek": ("iso-8859-7", "cp1253"),
    "semitic": ("iso-8859-6", "cp1256", "iso-8859-8", "cp1255"),
    "thai": ("cp874", "tis-620"),
    "east-asian": (
        *("gb18030", "gbk", "big5", "big5hkscs", "euc-jp", "iso-2022-jp", "shift_jis", "cp932"),
        *("euc-kr", "cp949", "hz"),
    ),
}
ALPHABETS = {
    "western": ("search-de", "search-fr", "name", "firm"),
    "latin": tuple(f"search-{name}" for name in ("pl", "tr", "lv", "cy", "ro", "mt")),
    "cyrillic": ("search-ru", "search-uk"),
    "greek": ("search-el",),
    "semitic": ("search-he", "search-ar"),
    "thai": ("search-th",),
    "east-asian": ("search-zh", "search-tw", "search-ja", "search-ko"),
}


def _in(charset: str) -> Spelling:
    def encoded(value: str) -> bytes | None:
        try:
            return value.encode(charset)
        except UnicodeEncodeError:
            return None

    return Spelling("plain", encoded)


def _in_vietnamese(value: str) -> bytes | None:
    """Windows-1258: a tone stands behind its vowel, which may have a mark of its own."""
    out = b""
    for character in value:
        vowel, tone = character, ""
        for mark in "\u0300\u0301\u0303\u0309\u0323":
            apart = unicodedata.normalize("NFD", character)
            if mark in apart:
                vowel, tone = unicodedata.normalize("NFC", apart.replace(mark, "")), mark
        try:
            out += character.encode("cp1258")
        except UnicodeEncodeError:
            out += (vowel + tone).encode("cp1258")
    return out


def _escaped(value: str) -> str:
    """JavaScript's escape."""
    kept = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@*_+-./"
    units = value.encode("utf-16-be")
    codes = (units[at] << 8 | units[at + 1] for at in range(0, len(units), 2))
    return "".join(
        chr(code) if chr(code) in kept else f"%u{code:04X}" if code > 255 else f"%{code:02X}"
        for code in codes
    )


def _misread(charset: str) -> Spell:
    """UTF-8 that somebody took for a charset of single bytes."""
    return lambda v: None if v.isascii() else v.encode().decode(charset, "ignore")


OTHER_BYTES = (
    *(
        family(f"charset-{name}", spellings=tuple(map(_in, charsets)), canaries=ALPHABETS[name])
        for name, charsets in CHARSETS.items()
    ),
    family("charset-vietnamese", spellings=(Spelling("plain", _in_vietnamese),), canaries="search-vi"),
    family("escape", spellings=spelt(_escaped), canaries="search-"),
    family("mojibake", spellings=spelt(_misread("latin-1")), canaries="search-"),
)
