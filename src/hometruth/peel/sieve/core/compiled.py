"""Tells with the compiled core which parts of many requests may hold something, and which values in them.

The core says of a part that nothing is in it, or that something may be, or it asks for a look: then the real
layers open a value, and what they give is sifted in turn.
"""

import ctypes
import os
from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple, Protocol

from hometruth.peel.layers import LAYERS, SPLITS, Context, Gives, Layer, On, Opened
from hometruth.peel.layers.json_text import unjson
from hometruth.peel.layers.string_lists import spelled_in
from hometruth.peel.many.kinds import FLAGS
from hometruth.peel.opaque_runs import may_hold_opaque
from hometruth.peel.sieve.core.known import Barren, Read
from hometruth.peel.text_check import is_text
from hometruth.peel.walk import SHORTEST_DAMAGED, Root, Sifted, Worth

MAX_ROUNDS = 24
"""Decodings inside each other; parts that are not done by then are peeled."""
ROUND_BYTES = 4 << 20
"""Bytes that layers gave, from which on these are sifted before more is opened."""
MAX_BYTES = 96 << 20
"""Bytes that layers may give of one batch; beyond, what is not done is peeled."""
LEAST_IN_A_ROW, LEAST_DISTINCT, LONGEST_CHARACTER = 8, 5, 4
"""Single characters of a list that may say something, different ones among them, bytes of one."""
SHORTEST_SOUGHT = 4
"""Bytes of what the core can look for."""
MOST_LAYERS = 64
"""Bits of a mask."""
ROOM = Context("query", room_bytes=8 << 20, room_pieces=50_000)
"""What a layer may produce here; where it wants more, the part is peeled with its own budget."""

_PEEL = {layer.name: layer.peel for layer in LAYERS}
CONDITIONS = tuple(
    _PEEL[name]
    for name in (
        *("html-entities", "base45", "base85", "ascii85", "z85", "base91", "uuencode", "quoted-printable"),
        *("byte-list", "json", "multipart", "form", "zlib", "latin-1", "xor", "rot", "reverse", "utf-32"),
        *("utf-16", "dns", "grpc", "protobuf", "msgpack", "cbor", "delimited", "lz4", "snappy", "deflate"),
        *("brotli", "embedded", "lz-string", "data-url", "url", "records", "socketio", "stomp", "xml"),
        *("graphql", "percent", "javascript", "punycode", "labels", "jwt", "base64"),
    )
)
"""Layers of which the core knows when they may open a value, in its order."""
WORDS = frozenset(
    _PEEL[name]
    for name in (
        *("hex", "base64", "base32", "base32hex", "base58", "base62", "crockford", "z-base-32", "base36"),
        *("base10", "netbios", "lz-string"),
    )
)
"""Alphabets that the core reads words in."""
_NOTHING, _OPAQUE, _SUSPECT, _LOOK = 0, 1, 2, 4
_IS_TEXT, _TELL_OPAQUE, _TRY_MASKS, _SPELLED, _GUESSED, _BESIDE = 1, 2, 4, 8, 16, 32
_AS_VALUE, _AS_CLOSED = 0, 1
_AS = {id(SPLITS[name]): 2 + number for number, name in enumerate(("query", "cookie", "target", "path"))}
"""How a part is sifted, by its split."""


class Patterns(Protocol):
    """Patterns, and where what stands beside a match decides, what may."""

    @property
    def texts(self) -> Sequence[bytes]:
        """The patterns, each once."""

    @property
    def kinds(self) -> bytes:
        """Of each: 0 as it stands, 1 with these neighbours, 2 a word, 3 with what follows."""

    @property
    def neighbours(self) -> bytes:
        """Of each: two sets of 256 bits, the bytes that may stand before it and after it."""

    @property
    def places(self) -> Sequence[Sequence[tuple[bytes, int]]]:
        """Of each: the values that it is a word of, and where in them."""


class SoughtTables(Protocol):
    """What is looked for, as tables."""

    @property
    def needles(self) -> Patterns:
        """In lower case."""

    @property
    def fitted(self) -> tuple[Sequence[bytes], Sequence[bytes], Sequence[bytes]]:
        """What values look like under XOR, addition and moved letters, whatever the key."""

    @property
    def prefixes(self) -> "array[int]":
        """First 44 bits of each digest, in order, each with a number of 20 bits after it."""

    @property
    def shorts(self) -> "array[int]":
        """The same of 32 bits, with a number of as many."""

    @property
    def prefix_bits(self) -> bytearray:
        """A bit for each 24 that a prefix begins with."""

    @property
    def short_bits(self) -> bytearray:
        """The same of the short ones."""

    def is_masked(self, data: bytes) -> bool:
        """True for bytes that nothing opens, and that hold it under a mask."""


class _Patterns(ctypes.Structure):
    _fields_ = (
        ("n", ctypes.c_uint32),
        ("texts", ctypes.c_char_p),
        ("lengths", ctypes.c_void_p),
        ("kinds", ctypes.c_char_p),
        ("neighbours", ctypes.c_char_p),
        ("first_place", ctypes.c_void_p),
        ("place_whole", ctypes.c_void_p),
        ("place_at", ctypes.c_void_p),
    )


class _Sought(ctypes.Structure):
    _fields_ = (
        *((name, _Patterns) for name in ("needles", "xors", "adds", "rots")),
        ("wholes", ctypes.c_char_p),
        ("whole_ends", ctypes.c_void_p),
        ("n_prefixes", ctypes.c_uint64),
        ("n_shorts", ctypes.c_uint64),
        *((name, ctypes.c_void_p) for name in ("prefixes", "shorts", "prefix_bits", "short_bits")),
    )


class _Layers(ctypes.Structure):
    _fields_ = (
        ("bits", ctypes.c_uint64 * len(CONDITIONS)),
        *((name, ctypes.c_uint64) for name in ("on_text", "on_bytes", "before_json")),
        ("n_magics", ctypes.c_uint32),
        ("magics", ctypes.c_char_p),
        ("magic_lengths", ctypes.c_char_p),
        ("magic_bits", ctypes.c_void_p),
        ("kinds", ctypes.c_void_p),
    )


class _CLook(ctypes.Structure):
    _fields_ = (
        ("mask", ctypes.c_uint64),
        ("at", ctypes.c_size_t),
        ("length", ctypes.c_size_t),
        ("owner", ctypes.c_uint32),
        ("how", ctypes.c_uint32),
    )


class _CWord(ctypes.Structure):
    _fields_ = (("owner", ctypes.c_uint32), ("pattern", ctypes.c_uint32))


class _ToOpen(NamedTuple):
    """A value that the real layers are to open."""

    owner: int
    data: bytes
    mask: int
    how: int
    depth: int


class _CameOf(NamedTuple):
    """What came of it."""

    flags: int
    pieces: tuple[tuple[bytes, int], ...] = ()
    """Each with how it is sifted."""


def understands(sought: SoughtTables, layers: Sequence[Layer]) -> bool:
    """True if the core misses nothing of what is looked for, or of what one of the layers opens."""
    return (
        len(layers) <= MOST_LAYERS
        and all(len(text) >= SHORTEST_SOUGHT for text in sought.needles.texts)
        and all(
            layer.peel in CONDITIONS or layer.peel in WORDS or bool(layer.magic) or bool(layer.starts)
            for layer in layers
        )
        and all(layer.peel in WORDS for layer in layers if layer.words)
    )


class Core:
    """The compiled core with tables of its own."""

    def __init__(self, library: ctypes.CDLL, sought: SoughtTables, layers: Sequence[Layer]) -> None:
        self._library = library
        _declare(library)
        if library.core_conditions() != len(CONDITIONS):
            raise RuntimeError("the compiled core knows other layers than this version")
        self._kept: list[object] = []
        """The tables, and what they point to."""
        key = array("Q", os.urandom(16))
        tables = self._tables(sought), self._layers(layers)
        self._kept += tables
        pointer = library.core_new(*map(ctypes.byref, tables), *key)
        if not pointer:
            raise MemoryError
        self._core = ctypes.c_void_p(pointer)

    def __del__(self) -> None:
        if hasattr(self, "_core"):
            self._library.core_free(self._core)

    def sift(self, inputs: Sequence[bytes], how: bytes) -> bytes:
        """What may be in each of the inputs; `looks` and `held` tell more."""
        ends = array("Q", accumulate(map(len, inputs)))
        answers = ctypes.create_string_buffer(len(inputs))
        self._library.core_sift(
            self._core, b"".join(inputs), ends.buffer_info()[0], how, len(inputs), answers
        )
        return answers.raw

    def looks(self, owners: Sequence[int], depths: Sequence[int]) -> Iterator[_ToOpen]:
        """Values to be opened, by the last inputs."""
        n = self._library.core_n_looks(self._core)
        if not n:
            return
        looked = self._library.core_looked(self._core)
        for each in ctypes.cast(self._library.core_looks(self._core), ctypes.POINTER(_CLook * n)).contents:
            data = ctypes.string_at(looked + each.at, each.length)
            yield _ToOpen(owners[each.owner], data, each.mask, each.how, depths[each.owner])

    def held(self) -> Iterator[tuple[int, int]]:
        """By input, the numbers of the needles in it that are something only beside others.

        Not all of them where something is suspect anyway.
        """
        n = self._library.core_n_held(self._core)
        if n:
            held = self._library.core_held(self._core)
            for each in ctypes.cast(held, ctypes.POINTER(_CWord * n)).contents:
                yield each.owner, each.pattern

    def holds(self, data: bytes) -> bool:
        """False for a value in which nothing is."""
        return bool(self._library.core_holds(self._core, data, len(data)))

    def reads(self, word: bytes) -> bool:
        """False for a stretch of letters and digits that says nothing in any of the alphabets."""
        return bool(self._library.core_reads(self._core, word, len(word)))

    def fitting(self, data: bytes, *, text: bool) -> int:
        """Mask of the layers that may open a value, words left out."""
        mask: int = self._library.core_fitting(self._core, data, len(data), text)
        return mask

    def note_look(self, asked: _ToOpen) -> None:
        """Nothing came of it."""
        self._library.core_note_look(self._core, asked.data, len(asked.data), asked.mask, asked.how)

    def note_part(self, data: bytes, how: int) -> None:
        """Nothing is in a part."""
        self._library.core_note_part(self._core, data, len(data), how)

    def _address(self, numbers: "array[int] | bytearray") -> int:
        """Where numbers stand, which are kept there."""
        self._kept.append(numbers)
        if isinstance(numbers, array):
            return numbers.buffer_info()[0]
        return ctypes.addressof((ctypes.c_char * len(numbers)).from_buffer(numbers))

    def _tables(self, sought: SoughtTables) -> _Sought:
        wholes = list(dict.fromkeys(whole for places in sought.needles.places for whole, _ in places))
        number = {whole: n for n, whole in enumerate(wholes)}
        needles = self._patterns(sought.needles.texts)
        needles.kinds, needles.neighbours = sought.needles.kinds, sought.needles.neighbours
        places = [place for of_one in sought.needles.places for place in of_one]
        needles.first_place = self._address(
            array("I", [0, *accumulate(len(of_one) for of_one in sought.needles.places)])
        )
        needles.place_whole = self._address(array("I", [number[whole] for whole, _ in places]))
        needles.place_at = self._address(array("I", [at for _, at in places]))
        xors, adds, rots = map(self._patterns, sought.fitted)
        self._kept.append(sought)
        return _Sought(
            *(needles, xors, adds, rots),
            b"".join(wholes),
            self._address(array("I", accumulate(map(len, wholes)))),
            *(len(sought.prefixes), len(sought.shorts)),
            *(self._address(sought.prefixes), self._address(sought.shorts)),
            *(self._address(sought.prefix_bits), self._address(sought.short_bits)),
        )

    def _patterns(self, texts: Sequence[bytes]) -> _Patterns:
        return _Patterns(len(texts), b"".join(texts), self._address(array("I", map(len, texts))))

    def _layers(self, layers: Sequence[Layer]) -> _Layers:
        bits = {layer.peel: 1 << number for number, layer in enumerate(layers)}
        told_by_beginning = [
            (beginning, bits[layer.peel])
            for layer in layers
            if layer.peel not in CONDITIONS and layer.peel not in WORDS
            for beginning in layer.magic or map(bytes, zip(layer.starts, strict=True))
        ]
        json = [*map(unjson.__eq__, (layer.peel for layer in layers)), True].index(True)
        magics = b"".join(beginning for beginning, _ in told_by_beginning)
        lengths = bytes(len(beginning) for beginning, _ in told_by_beginning)
        return _Layers(
            (ctypes.c_uint64 * len(CONDITIONS))(*(bits.get(peel, 0) for peel in CONDITIONS)),
            sum(1 << number for number, layer in enumerate(layers) if layer.on is not On.PACKED),
            sum(1 << number for number, layer in enumerate(layers) if layer.on is not On.TEXT),
            (1 << json) - 1,
            len(told_by_beginning),
            magics,
            lengths,
            self._address(array("Q", [bit for _, bit in told_by_beginning])),
            self._address(array("I", FLAGS)),
        )


def _declare(library: ctypes.CDLL) -> None:
    """Types of the functions that give or take more than an `int`."""
    pointer, size, text = ctypes.c_void_p, ctypes.c_uint64, ctypes.c_char_p
    for name, gives, takes in (
        ("core_new", pointer, (pointer, pointer, size, size)),
        ("core_free", None, (pointer,)),
        ("core_sift", None, (pointer, text, pointer, text, ctypes.c_uint32, pointer)),
        ("core_n_looks", size, (pointer,)),
        ("core_looks", pointer, (pointer,)),
        ("core_looked", pointer, (pointer,)),
        ("core_n_held", size, (pointer,)),
        ("core_held", pointer, (pointer,)),
        ("core_holds", ctypes.c_int, (pointer, text, size)),
        ("core_reads", ctypes.c_int, (pointer, text, size)),
        ("core_fitting", size, (pointer, text, size, ctypes.c_int)),
        ("core_note_look", None, (pointer, text, size, size, ctypes.c_uint32)),
        ("core_note_part", None, (pointer, text, size, ctypes.c_int)),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = gives, takes


class CompiledSieve:
    """Sifts the parts of many requests at a time, and remembers what was empty."""

    def __init__(self, library: ctypes.CDLL, sought: SoughtTables, layers: Sequence[Layer]) -> None:
        self._core = Core(library, sought, layers)
        self._sought = sought
        self._layers = tuple(layers)
        self._by_mask: dict[int, tuple[Layer, ...]] = {}
        self._words: dict[int, set[int]] = {}
        self.words: list[frozenset[bytes]] = []
        """Words in each part of the last batch; not all of them in one that is worth searching anyway."""
        self.sifted: Mapping[Worth, Sifted] = {
            Worth.SEARCH: Barren(self._core, layers),
            Worth.OPAQUE: Read(self._core, layers),
        }
        """Which values need not be opened, by what a part is worth."""

    def worth_peeling(self, roots: Sequence[Root]) -> list[Worth]:
        """For each part, whether a canary may be in it, or else something opaque."""
        datas = [root.data for root in roots]
        how = bytes(_AS[id(root.split)] if root.split else _AS_VALUE for root in roots)
        flags = [_NOTHING] * len(roots)
        self._came_of: dict[tuple[bytes, int, int], _CameOf] = {}
        self._words = defaultdict(set)
        looks = self._sift(datas, how, range(len(roots)), [0] * len(roots), flags)
        self._open_all(looks, flags)
        for owner, root in enumerate(roots):
            if root.declared and len(root.data) >= SHORTEST_SOUGHT and is_text(root.data):
                flags[owner] |= _SUSPECT  # the layers try more on it then
            elif flags[owner] == _LOOK:
                self._core.note_part(root.data, how[owner])
        texts = self._sought.needles.texts
        self.words = [
            frozenset(texts[number] for number in self._words.get(owner, ())) for owner in range(len(roots))
        ]
        return [
            Worth.SEARCH if each & _SUSPECT else Worth.OPAQUE if each & _OPAQUE else Worth.NOTHING
            for each in flags
        ]

    def _sift(
        self,
        datas: Sequence[bytes],
        how: bytes,
        owners: Sequence[int],
        depths: Sequence[int],
        flags: list[int],
    ) -> list[_ToOpen]:
        """Sift some values; note what may be in their owners, and give what is to be opened."""
        for owner, answer in zip(owners, self._core.sift(datas, how), strict=True):
            flags[owner] |= answer
        for number, pattern in self._core.held():
            self._words[owners[number]].add(pattern)
        return [*self._core.looks(owners, depths)]

    def _open_all(self, looks: list[_ToOpen], flags: list[int]) -> None:
        """Let the layers open what is to be, and sift what comes out, until nothing is left to tell."""
        done: list[_ToOpen] = []
        produced = 0
        while looks:
            datas: list[bytes] = []
            how, owners, depths = bytearray(), [], []
            size = 0
            while looks and size < ROUND_BYTES:
                asked = looks.pop()
                if flags[asked.owner] & _SUSPECT:
                    continue  # that is enough: whoever opens this part in earnest looks into all of it
                if asked.depth >= MAX_ROUNDS or produced > MAX_BYTES:
                    flags[asked.owner] |= _SUSPECT
                    continue
                came = self._open(asked)
                flags[asked.owner] |= came.flags
                done.append(asked)
                for data, way in came.pieces:
                    datas.append(data)
                    how.append(way)
                    owners.append(asked.owner)
                    depths.append(asked.depth + 1)
                    size += len(data)
            produced += size
            if datas:
                looks += self._sift(datas, bytes(how), owners, depths, flags)
        for asked in done:
            if flags[asked.owner] == _LOOK:
                self._core.note_look(asked)

    def _open(self, asked: _ToOpen) -> _CameOf:
        key = asked.data, asked.mask, asked.how
        came = self._came_of.get(key)
        if came is None:
            came = self._came_of[key] = self._opened(asked)
        return came

    def _opened(self, asked: _ToOpen) -> _CameOf:
        data, how = asked.data, asked.how
        if how & _SPELLED:
            way = _AS_VALUE | how & (_GUESSED | _BESIDE)
            return _CameOf(_NOTHING, tuple((text, way) for text in spelled_in(data)))
        flags = _NOTHING
        pieces: dict[tuple[bytes, int], None] = {}
        found: list[Opened] = []
        certain = False
        for layer in self._of_mask(asked.mask):
            if certain and layer.gives is not Gives.BESIDE:
                continue
            opened = layer.open(data, ROOM)
            if opened is None:
                continue
            way = _AS_CLOSED if certain else _AS_VALUE  # beside it, for what reaches across two fields
            way |= how & (_GUESSED | _BESIDE) | (0 if layer.is_certain else _GUESSED)
            pieces |= dict.fromkeys((piece.data, way) for piece in opened.pieces if piece.data != data)
            if certain:
                continue
            found.append(opened)
            is_damaged = opened.damage and not _may_be_chance(data, how)
            if opened.stopped or opened.sealed or is_damaged or _is_row(opened):
                flags |= _SUSPECT
            certain = (
                layer.is_certain and any(piece.data != data for piece in opened.pieces) and not opened.perhaps
            )
        if how & _TELL_OPAQUE and all(
            each.perhaps or may_hold_opaque(data, ((piece.start, piece.end) for piece in each.pieces))
            for each in found
        ):
            flags |= _OPAQUE
        if how & _TRY_MASKS and not found and self._sought.is_masked(data):
            flags |= _SUSPECT  # what a mask leaves may be readable, and no words
        return _CameOf(flags, tuple(pieces))

    def _of_mask(self, mask: int) -> tuple[Layer, ...]:
        layers = self._by_mask.get(mask)
        if layers is None:
            layers = tuple(layer for number, layer in enumerate(self._layers) if mask >> number & 1)
            self._by_mask[mask] = layers
        return layers


def _may_be_chance(data: bytes, how: int) -> bool:
    """True where damage is no gap: of few bytes that were guessed, and where another reading tells of it."""
    return bool(how & _BESIDE) or (bool(how & _GUESSED) and len(data) < SHORTEST_DAMAGED)


def _is_row(opened: Opened) -> bool:
    """A list of single characters may say something that none of them says."""
    if len(opened.pieces) < LEAST_IN_A_ROW:
        return False
    characters = [piece.data for piece in opened.pieces if _is_character(piece.data)]
    return len(characters) >= LEAST_IN_A_ROW and len(set(characters)) >= LEAST_DISTINCT


def _is_character(data: bytes) -> bool:
    size = len(data)
    is_escaped = data[:1] == b"%" and size % 3 == 0 and size <= 3 * LONGEST_CHARACTER
    return size == 1 or (1 < size <= LONGEST_CHARACTER and data[0] > 0x7F) or is_escaped
