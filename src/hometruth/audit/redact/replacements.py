"""What is replaced by what: the same everywhere, random, and kept nowhere but in memory."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from random import Random
from secrets import SystemRandom
from string import ascii_lowercase
from unicodedata import normalize

from ahocorasick_rs import BytesAhoCorasick, MatchKind

from hometruth.audit.redact.stand_in import stand_in
from hometruth.canaries import bits_of
from hometruth.forms import digests_of, plain_forms
from hometruth.model import Canary, CanaryKind

LEAST_BITS = 24.0
"""What finding a value by chance must cost before it is looked for everywhere: below, it is a common word."""
LEAST_CHARACTERS = 8
PIECE_CHARACTERS = 256
"""A longer value is looked for elsewhere in pieces of so many characters, each with its own stand-in."""
DIGEST_PREFIX_BYTES = 8
TRIES = 64
"""To draw a value that was not there before."""


def no_texts(value: str) -> tuple[str, ...]:  # noqa: ARG001
    """No texts that hold the value have digests of their own."""
    return ()


class Replacements:
    """Removed values and their stand-ins. The same value has the same one in every spelling and digest.

    Args:
        rng: Randomness; the operating system's unless a test injects it.
    """

    def __init__(self, salts: tuple[str, ...] = (), rng: Random | None = None) -> None:
        self._rng = rng or SystemRandom()
        self._salts = salts
        self._of: dict[str, str] = {}
        self._made: set[str] = set()
        self._kinds: dict[str, CanaryKind] = {}
        self._needles: dict[bytes, bytes] = {}
        self._digests: dict[bytes, bytes] = {}
        self._automaton: BytesAhoCorasick | None = None
        self._after: list[bytes] = []
        self._new = False

    def of(self, value: str, *, is_secret: bool = False) -> str:
        """The stand-in of a value, which is removed from now on.

        Args:
            is_secret: Look for it everywhere even if it is a word, as passwords are.
        """
        if value in self._made:
            return value
        is_first = value not in self._of
        if is_first:
            self._of[value] = self._draw(value)
            self._made.add(self._of[value])
        is_known_secret = not is_secret or value in self._kinds or len(value) < LEAST_CHARACTERS
        if not is_known_secret:
            self._kinds[value] = CanaryKind.KNOWN
        if is_first or not is_known_secret:
            self._new = True
            self._seek(value)
        return self._of[value]

    def declare(
        self, value: str, kind: CanaryKind, derived: Callable[[str], tuple[str, ...]] = no_texts
    ) -> str:
        """The stand-in of a value that somebody named: it is looked for everywhere, digested too.

        Args:
            derived: Texts that hold a value, whose digests are replaced, too.
        """
        new = self._of.get(value) or self._draw(value)
        self._of[value] = new
        self._made.add(new)
        self._new = True
        self._kinds[value] = kind
        self._seek(value)
        for old_text, new_text in ((value, new), *zip(derived(value), derived(new), strict=True)):
            after = {digest.name: digest.raw for digest in digests_of(new_text, self._salts)}
            for digest in digests_of(old_text, self._salts):
                if digest.name in after:
                    self._digests[digest.raw[:DIGEST_PREFIX_BYTES]] = after[digest.name]
        return new

    def alias(self, value: str, new: str) -> None:
        """Let *new* stand for *value*, which is a name of ours for a removed value and not one itself."""
        self._needles[value.encode().lower()] = new.encode()
        self._made.add(new)
        self._new = True

    def settle(self) -> bool:
        """Take what was learned into the search; False if nothing was since the last time."""
        new, self._new = self._new, False
        if new:
            self._automaton = None
        return new

    def spans(self, data: bytes) -> list[tuple[int, int, bytes]]:
        """Where removed values stand in *data*, in any spelling, and what takes their place."""
        if not self._needles:
            return []
        if self._automaton is None:
            self._automaton = BytesAhoCorasick(list(self._needles), matchkind=MatchKind.LeftmostLongest)
            self._after = list(self._needles.values())
        needles = self._after
        found = self._automaton.find_matches_as_indexes(data.lower())
        return [(start, end, _cased(data[start:end], needles[at])) for at, start, end in found]

    def digest(self, raw: bytes) -> bytes | None:
        """What takes the place of a digest of a removed value, cut as this one is; None if it is none."""
        new = self._digests.get(raw[:DIGEST_PREFIX_BYTES])
        return new[: len(raw)] if new is not None and len(new) >= len(raw) else None

    def is_made(self, value: str) -> bool:
        """True for what was drawn here."""
        return value in self._made

    def removed(self) -> tuple[str, ...]:
        """Every value removed, long or short."""
        return tuple(self._of)

    def sought(self) -> tuple[Canary, ...]:
        """Removed values as a search looks for them, without those too short to tell from chance."""
        values = {
            piece: self._kinds.get(value, CanaryKind.KNOWN)
            for value in self._of
            for piece, _ in self._sought_pieces(value)
        }
        return tuple(
            Canary(f"removed-{number}", kind, value, bits_of(value), personal=True)
            for number, (value, kind) in enumerate(values.items(), 1)
        )

    def _sought_pieces(self, value: str) -> Iterator[tuple[str, str]]:
        """What of a value is looked for elsewhere, and its stand-in; none of what is everywhere by chance."""
        pieces = list(zip(_pieces(value), _pieces(self._of[value]), strict=True))
        for piece, new in pieces:
            if _is_telling(piece) or (len(pieces) == 1 and value in self._kinds):
                yield piece, new

    def _seek(self, value: str) -> None:
        for piece, new in self._sought_pieces(value):
            self._seek_piece(piece, new)

    def _seek_piece(self, value: str, new: str) -> None:
        """Replace *value* in every spelling whose counterpart is known; the proof sees the others."""
        for spelled in _SPELLINGS:
            self._needles.setdefault(_bytes(spelled(value)).lower(), _bytes(spelled(new)).lower())
        old, by_name = _forms(value), _forms(new)
        for name, needles in old.items():
            if len(needles) == len(by_name.get(name, ())):
                for needle, other in zip(needles, by_name[name], strict=True):
                    if needle != other:
                        self._needles.setdefault(needle, other)

    def _draw(self, value: str) -> str:
        for _ in range(TRIES):
            new = stand_in(value, self._rng)
            if new != value and new not in self._of and new not in self._made:
                return new
        if new == value:  # signs alone, which have no others of their kind
            new = "".join(self._rng.choices(ascii_lowercase, k=len(value)))
        return new  # of one or two characters: others have taken all there are


def _is_telling(value: str) -> bool:
    return len(value) >= LEAST_CHARACTERS and bits_of(value) >= LEAST_BITS


def _pieces(value: str) -> list[str]:
    """A long value cut up, so that no piece is short: the last one takes what is left."""
    starts = range(0, max(1, len(value) - LEAST_CHARACTERS), PIECE_CHARACTERS)
    return [value[at : at + PIECE_CHARACTERS] if at != starts[-1] else value[at:] for at in starts]


def _forms(value: str) -> Mapping[str, list[bytes]]:
    """Other spellings of a value, lower case, by name."""
    forms: dict[str, list[bytes]] = defaultdict(list)
    for form in plain_forms(value, bits_of(value), bits_of):
        if not form.is_plain:
            forms[form.name].append(form.needle.lower())
    return forms


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


_SPELLINGS: tuple[Callable[[str], str], ...] = (
    str,
    str.lower,
    str.upper,
    partial(normalize, "NFC"),
    partial(normalize, "NFD"),
    lambda text: text.replace("/", "\\/"),
)
"""Letters beyond ASCII in the other case, Unicode's two ways, and how many writers of JSON write a slash."""
_CAPITAL = re.compile(rb"[A-Z]")


def _cased(old: bytes, new: bytes) -> bytes:
    """*new* with capitals where *old* has them."""
    if not _CAPITAL.search(old):
        return new
    if old == old.upper():
        return new.upper()
    if len(old) != len(new):
        return new
    return bytes(
        after - 32 if 65 <= before <= 90 and 97 <= after <= 122 else after
        for before, after in zip(old, new, strict=True)
    )
