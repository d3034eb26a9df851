"""Words: names, cities, searches, as slugs, in other orders, without what a normalisation removes.

Meta, "Customer information parameters": names in lower case without punctuation, cities also without spaces.
Unicode 3.13 for case folding (ß is ss), and chapter 3.11 for marks that are taken off (é is e).
"""

import re
import unicodedata
from collections.abc import Iterator

from hometruth.forms.spelling import WORD, Spelling

JOINTS = ("-", "_", "+", "")
"""What stands for a space."""
LIST_JOINTS = (", ", ",", ".", "|", "/", "  ", "\u00a0", "\t", "\n", "\r\n", " and ", "&", " & ")
"""The same in lists of words, in queries, and where a space was doubled, bound, a tab or a line end."""
JOINT_NAMES = {"\t": "tab", "\n": "line end", "\r\n": "line end"}
"""What a joint is called that nobody sees."""
LEAST_WORDS, MOST_WORDS = 2, 12
"""Words of a phrase whose order and spaces are varied; a longer text is quoted whole."""
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_PUNCTUATION = re.compile(r"[^\w\s]|_")


def spell(value: str) -> Iterator[Spelling]:
    """Spellings of words; none if the value is an address, a number or a code."""
    text = " ".join(value.split())
    if not any(character.isalpha() for character in text) or re.search(
        r"[@/:]|[a-z][0-9]|[0-9][a-z]", text.lower()
    ):
        return
    lower = text.lower()
    folded = text.casefold()
    if folded != lower:
        yield Spelling("casefold", folded, is_digested=True)
    ascii_ = _without_marks(folded)
    transcribed = _without_marks(lower.translate(_GERMAN))
    for name, other in (("no-marks", ascii_), ("transcribed", transcribed)):
        if other != lower:
            yield Spelling(name, other, is_digested=True)
    words = text.split()
    if not LEAST_WORDS <= len(words) <= MOST_WORDS:
        return
    bare = " ".join(_PUNCTUATION.sub("", lower).split())
    if bare != lower:
        yield Spelling("no-punctuation", bare, is_digested=True)
    yield _joined("no-spaces", "", bare.split())._replace(is_digested=True)
    # Letters beyond ASCII are searched in the case in which they stand.
    cased = (lower,) if text.isascii() else tuple(dict.fromkeys((lower, text, text.upper())))
    for phrase in dict.fromkeys((*cased, bare, ascii_, _slug(lower), _slug(ascii_), _slug(transcribed))):
        for joint in JOINTS:
            yield _joined(f"spaces:{joint or 'none'}", joint, phrase.split())
    for phrase in dict.fromkeys((*cased, bare, ascii_, transcribed)):
        for joint in LIST_JOINTS:
            yield _joined(f"spaces:{JOINT_NAMES.get(joint, joint)}", joint, phrase.split())
    for phrase in cased:
        yield from _reordered(phrase.split(), bare.split())


def _reordered(words: list[str], bare: list[str]) -> Iterator[Spelling]:
    """The last word first, as in lists of names; and sorted, as search engines key their caches."""
    for joint in (", ", ",", " "):
        yield Spelling("last-first", f"{words[-1]}{joint}{' '.join(words[:-1])}")
    for joint in (" ", *JOINTS):
        yield _joined("sorted", joint, sorted(bare))


def _joined(name: str, joint: str, words: list[str]) -> Spelling:
    """Words as one; without a joint, only where nothing goes on with them."""
    barred = b"" if joint else WORD
    return Spelling(name, joint.join(words), barred_before=barred, barred_after=barred)


def _without_marks(text: str) -> str:
    return "".join(
        character for character in unicodedata.normalize("NFD", text) if not unicodedata.combining(character)
    )


def _slug(text: str) -> str:
    return " ".join(_PUNCTUATION.sub(" ", text).split())
