"""Searches values for every form of every canary: one automaton, one pass over all values of an exchange."""

import gc
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from itertools import chain, groupby
from typing import TYPE_CHECKING, NamedTuple

from ahocorasick_rs import BytesAhoCorasick

from hometruth.canaries.beginnings import Beginnings
from hometruth.canaries.digests import MOST_SHARING, Derived, DigestTable
from hometruth.canaries.disguises import Disguise, Disguises, images_of, may_be_masked
from hometruth.canaries.evidence import bits_of
from hometruth.canaries.haystack import Values, haystacks
from hometruth.canaries.letters import LEAST_IN_A_ROW, Row, rows_in_text, rows_of_values
from hometruth.canaries.pieces import CanaryPiece, Pieces, SeenPieces, Words
from hometruth.canaries.salts import Salts, Tried
from hometruth.errors import CanaryError
from hometruth.forms import plain_forms
from hometruth.model import Canary, Form, Gap, GapKind

if TYPE_CHECKING:
    from hometruth.canaries.prefilter import Prefilter
    from hometruth.canaries.sought import Sought

SPLIT_WHOLLY = frozenset({"json", "multipart", "query", "cookie", "target", "gzip", "zlib", "zstd"})
"""Layers after which a disguise is looked for inside, not in the value they opened."""
MOST_IN_FULL = 20_000
"""Canaries of which every way to write one down is looked for; of more, values in their spellings, and their
digests of 64 bits and more."""
MOST_TEXTS = 6_000_000
"""Spellings of all canaries together: about a gigabyte. A telephone number has 180, a minted value one."""
SHORT_SPLIT = 256
"""Bytes of a value that is looked at all the same: under a mask, a quotation mark may be none."""


class Hit(NamedTuple):
    """One match: which form of which canary, in which value, at which byte."""

    canary: Canary
    form: Form
    index: int  # type: ignore[assignment]  # a tuple has a method of that name, which nobody needs here
    offset: int


class Trace(NamedTuple):
    """Bytes that look like an encoded canary: an encoding shown by its image, not yet by a layer."""

    canary: Canary
    encoding: str
    index: int  # type: ignore[assignment]  # a tuple has a method of that name, which nobody needs here
    offset: int


def left_out(canaries: Iterable[Canary]) -> Gap | None:
    """What is not looked for of so many canaries: tables for the rarer ways would take gigabytes."""
    n = sum(not canary.phantom for canary in canaries)
    if n <= MOST_IN_FULL:
        return None
    detail = (
        f"{n} canaries are more than {MOST_IN_FULL}: looked for in all their spellings, inside every layer, "
        "and as digests of 64 bits and more; not in pieces, under a key or a mask, with letters moved or in "
        "reverse, as digests of 32 bits or with a salt of the request, nor parts or digests that more "
        f"than {MOST_SHARING} of them share, such as those of a host. Scan with several files for these"
    )
    return Gap(GapKind.BUDGET, "canaries", detail)


class _Automaton:
    """Texts, for `find`."""

    def __init__(self, texts: Sequence[bytes]) -> None:
        self._automaton = BytesAhoCorasick(texts)

    def find(self, data: bytes) -> Iterable[tuple[int, int, int]]:
        """Number, start and end of every text at every place, those that overlap, too."""
        return self._automaton.find_matches_as_indexes(data, overlapping=True)


@lru_cache(maxsize=4096)
def _forms_of(canary: Canary) -> tuple[Form, ...]:
    """Its plain forms. Those of all are many; those of which something is found are few."""
    return plain_forms(canary.value, canary.bits, bits_of)


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Hold it off, where it was on: it would walk through millions of new objects again and again.

    That takes a fifth of the time with 10,000 canaries. What is not in a cycle is freed all the same.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class Search:
    """Every form of a set of canaries, compiled."""

    def __init__(
        self, canaries: Iterable[Canary], salts: Iterable[str] = (), derived: Derived | None = None
    ) -> None:
        """All that `find` needs.

        Raises:
            CanaryError: They are too many.
        """
        self.canaries = tuple(canaries)
        in_full = left_out(self.canaries) is None
        self._in_full = self.canaries if in_full else ()
        """Canaries that are looked for in every way."""
        self._digests = DigestTable(self.canaries, salts, derived, in_full=in_full)
        owners: dict[bytes, tuple[int] | list[int]] = {}
        for number, canary in enumerate(self.canaries):
            alone = (number,)  # as nearly all are; a list for each would be as large as the texts
            for text in {form.needle.lower(): None for form in _forms_of(canary)}:
                others = owners.setdefault(text, alone)
                if isinstance(others, list):
                    others.append(number)
                elif others is not alone:
                    owners[text] = [*others, number]
            if len(owners) > MOST_TEXTS:
                raise CanaryError(
                    f"the first {number + 1} of {len(self.canaries)} canaries have more than {MOST_TEXTS} "
                    "spellings. Scan with several smaller files."
                )
        if not in_full:
            owners = {text: own for text, numbers in owners.items() if (own := self._kept(text, numbers))}
        images: dict[bytes, list[tuple[Canary, str]]] = defaultdict(list)
        for canary in self._in_full:
            # A phantom's image would prove nothing that its plain form does not: its chance is the same.
            for encoding, image in () if canary.phantom else images_of(canary.value):
                images[image].append((canary, encoding))
        self._texts, self._owners = list(owners), list(owners.values())
        """What is looked for as it stands, and of which canaries each is, by number."""
        self._images, self._images_of = list(images), list(images.values())
        self._overlap = 1 + max(map(len, chain(owners, images)), default=0)
        """Bytes of the longest thing looked for, and the one before it, which a disguise needs."""
        del owners
        self._pieces = Pieces(self._in_full)
        self._salts = Salts(self._in_full)
        self.common: Words = frozenset()
        """Words of canaries that stand in many requests of the recording: alone they are no pieces."""
        self._disguises: Disguises | None = None
        # Of very many, an automaton of whole values takes gigabytes.
        self._forms = (_Automaton if in_full else Beginnings)(self._texts)
        self._traces = BytesAhoCorasick(self._images) if images else None

    def _kept(self, text: bytes, numbers: tuple[int] | list[int]) -> tuple[int] | list[int]:
        """Owners of a text; where too many share it, only canaries of which it is the whole value."""
        if len(numbers) <= MOST_SHARING:
            return numbers
        return [
            number
            for number in numbers
            if self.canaries[number].value.encode("utf-8", "surrogatepass").lower() == text
        ]

    def find(self, peeled: Values) -> list[Hit]:
        """Every match in every value, echoes left out."""
        hits: list[Hit] = []
        for part in haystacks(peeled, self._overlap) if self._texts else ():
            text = part.text.lower()
            for pattern, start, end in self._forms.find(text):
                if place := part.place(start, end):
                    hits += (
                        Hit(canary, form, *place)
                        for canary, form in self._owned(pattern)
                        if (form.caseless or part.text[start:end] == form.needle)
                        and _stands_alone(form, text, start, end)
                        and not _is_another_countrys(canary, form, text, start)
                    )
        hits += (
            Hit(canary, form, index, offset)
            for index, value in enumerate(peeled.values)
            if index not in peeled.echoes
            for canary, form, offset in self._digests.find(value)
        )
        hits += self._in_letters(peeled)
        return list(dict.fromkeys(hits))

    def _owned(self, pattern: int) -> Iterator[tuple[Canary, Form]]:
        """Canaries of which one of the texts is a form, and which."""
        text = self._texts[pattern]
        for number in self._owners[pattern]:
            canary = self.canaries[number]
            yield from ((canary, form) for form in _forms_of(canary) if form.needle.lower() == text)

    def _in_letters(self, peeled: Values) -> Iterator[Hit]:
        """Values written with signs between their characters."""
        for row in rows_in_text(peeled):
            for canary, form, first, last in self._of_row(row):
                (index, start), (_, end) = row.places[first], row.places[last]
                name = "letters" if form.is_plain else f"letters of {form.name}"
                written = peeled.values[index].data[start : end + 1]
                yield Hit(canary, replace(form, name=name, needle=written), index, start)

    def _of_row(self, row: Row) -> Iterator[tuple[Canary, Form, int, int]]:
        """Forms that a row of characters holds, with the first and the last character of each."""
        for pattern, start, end in self._forms.find(row.text):
            for canary, form in self._owned(pattern):
                is_long = form.caseless and end - start >= LEAST_IN_A_ROW
                if is_long and _stands_alone(form, row.text, start, end):
                    yield canary, form, start, end - 1

    @_without_garbage_collection()
    def prefilter(self) -> "Prefilter":
        """The same, compiled to tell quickly where a search could not find anything."""
        from hometruth.canaries.prefilter import Prefilter  # noqa: PLC0415  # numpy, for who sifts

        return Prefilter(
            (*self._texts, *self._images),
            self._pieces.windows,
            self._pieces.words,
            self.common,
            self._digests,
            self._all_disguises(),
        )

    @_without_garbage_collection()
    def sought(self) -> "Sought":
        """The same as tables, for a compiled sieve."""
        from hometruth.canaries.sought import Sought  # noqa: PLC0415  # for who sifts

        return Sought(
            (*self._texts, *self._images),
            self._pieces.windows,
            self._pieces.words,
            self._digests,
            self._all_disguises(),
        )

    def disguises(self, peeled: Values) -> list[Disguise]:
        """Values that hold a canary under a disguise with a key, and the key."""
        if not self._in_full:
            return []
        split = {
            parent
            for parent, value in zip(peeled.parents, peeled.values, strict=True)
            if value.steps and value.steps[-1].layer in SPLIT_WHOLLY
        }
        found = self._disguised(peeled, without=split)
        held: set[int] = set()
        for disguise in found:
            index = disguise.index
            while index >= 0 and index not in held:
                held.add(index)
                index = peeled.parents[index]
        short = {index for index in split - held if len(peeled.values[index].data) <= SHORT_SPLIT}
        if short:
            found += self._disguised(peeled, without=set(range(len(peeled.values))) - short)
        opened = set(peeled.parents)
        for index, value in enumerate(peeled.values):
            if index not in opened and may_be_masked(value.data):
                found += (Disguise(index, *each) for each in self._all_disguises().find_masks(value.data))
        return found

    def _disguised(self, peeled: Values, without: Collection[int]) -> list[Disguise]:
        return [
            Disguise(place[0], layer, key)
            for part in haystacks(peeled, self._overlap, without=without)
            for start, end, layer, key in self._all_disguises().find(part.text)
            if (place := part.place(start, end))
        ]

    def _all_disguises(self) -> Disguises:
        if self._disguises is None:
            self._disguises = Disguises(self._in_full)
        return self._disguises

    def pieces(self, peeled: Values, without: Collection[str] = ()) -> SeenPieces:
        """Parts of canaries, and lists of their characters, but of those *without* that were found whole."""
        if not self._in_full:
            return SeenPieces()
        rows = {
            canary.id: tuple(_a_character_each(canary, row.places[first : last + 1]))
            for row in rows_of_values(peeled)
            for canary, form, first, last in self._of_row(row)
            if form.is_plain and canary.id not in without
        }
        seen = self._pieces.find(peeled, {*without, *rows}, self.common)
        return seen._replace(rows=tuple(rows.values()))

    def may_be_pieces(self, words: Words) -> bool:
        """True if these words, all of them in one part of a request, may be of some canary in pieces."""
        return self._pieces.may_be_pieces(words, self.common)

    def salted(self, peeled: Values, explained: Collection[int], n_salts: int, max_tries: int) -> Tried:
        """Digests that were salted with another value of the exchange."""
        return self._salts.find(peeled, explained, n_salts, max_tries)

    def traces(self, peeled: Values) -> list[Trace]:
        """Every place where the image of a canary under an alignment-dependent encoding stands."""
        if self._traces is None:
            return []
        found: list[Trace] = []
        for part in haystacks(peeled, self._overlap):
            for pattern, start, end in self._traces.find_matches_as_indexes(part.text, overlapping=True):
                if place := part.place(start, end):
                    found += (
                        Trace(canary, encoding, *place) for canary, encoding in self._images_of[pattern]
                    )
        return list(dict.fromkeys(found))


def _a_character_each(canary: Canary, places: Sequence[tuple[int, int]]) -> Iterator[CanaryPiece]:
    """A piece for each value in a row; *places* are those of its bytes."""
    at = 0
    for index, own in groupby(places, lambda place: place[0]):
        (_, offset), *rest = own
        yield CanaryPiece(canary, index, offset, at, at + 1 + len(rest))
        at += 1 + len(rest)


def _stands_alone(form: Form, text: bytes, start: int, end: int) -> bool:
    """False if what stands beside a match makes it something else."""
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    return not (before and before in form.barred_before) and not (after and after in form.barred_after)


def _is_another_countrys(canary: Canary, form: Form, text: bytes, start: int) -> bool:
    """True for the digits of a telephone number inside its country, behind the code of another one."""
    if not form.name.startswith(_INSIDE_A_COUNTRY):
        return False
    code = _CODE.search(text, max(0, start - _LONGEST_CODE), start)
    return code is not None and not _NO_DIGIT.sub("", canary.value).lstrip("0").startswith(code[1].decode())


_INSIDE_A_COUNTRY = ("phone:subscriber", "phone:national")
_LONGEST_CODE = 10
"""Bytes of ``+`` and a calling code, with the signs and the trunk's zero that may follow."""
_CODE = re.compile(rb"\+([0-9]{1,3})[ .()/-]{0,3}(?:0[ .)/-]{0,2})?\Z")
_NO_DIGIT = re.compile("[^0-9]")


@_without_garbage_collection()
def compile_search(
    canaries: Iterable[Canary], salts: Iterable[str] = (), derived: Derived | None = None
) -> Search:
    """One search for all forms of all canaries.

    Args:
        canaries: What to look for.
        salts: Digests with these are looked for, too.
        derived: By id of a canary, texts that hold it, whose digests are looked for: the host visited.

    Raises:
        CanaryError: The canaries are too many, or have too many spellings.
    """
    return Search(canaries, salts, derived)
