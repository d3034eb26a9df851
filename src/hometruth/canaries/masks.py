"""Finds the key of a mask over bytes of which a value is known to be a part.

A key of several bytes that begins again at its end leaves bytes as many apart, XORed with each other, as they
were; one that adds leaves the difference of neighbours. So these are searched for, and the key is what is
left over. Only bytes that are no text, and that nothing opens, are tried.
"""

from collections.abc import Callable, Iterator, Sequence

from ahocorasick_rs import BytesAhoCorasick

SHORTEST = 24
"""Bytes under a mask; fewer say nothing of a key."""
LONGEST = 1 << 16
"""Bytes of a value that are looked at; what is longer stays opaque, which is told."""
SAMPLE = 512
"""Bytes from which it is told whether a mask of such a length can be over text."""
MOST_UNLIKE = 0.2
"""Share of bytes whose highest bit differs from that of the byte a key's length before it: text has none but
where letters beyond ASCII begin or end; chance has half."""
LONGEST_KEY = 32
"""Bytes of a key that begins again at its end."""
LEAST_BEYOND = 5
"""Bytes of a value that are left to be recognised when a key was fitted to the first ones."""
_PRINTABLE = bytes(range(32, 127)) + b"\t\r\n"
_TOP = b"0" * 128 + b"1" * 128
_PLACES = bytes(range(256))
_BACKWARD = bytes(-place % 256 for place in range(256))


def may_be_masked(data: bytes) -> bool:
    """True for bytes that are no text, as many as a key can be told from."""
    return SHORTEST <= len(data) <= LONGEST and len(data.translate(None, _PRINTABLE)) * 8 > len(data)


class Masks:
    """Values of a set of canaries, as they show through masks."""

    def __init__(self, targets: Sequence[bytes]) -> None:
        self._targets = targets
        self._by_period: dict[int, tuple[list[bytes], BytesAhoCorasick | None]] = {}
        self._by_difference: tuple[list[bytes], BytesAhoCorasick | None] | None = None

    def find(self, data: bytes) -> Iterator[tuple[str, str]]:
        """Disguise and key of every mask in which a value shows."""
        if not SHORTEST <= len(data) <= LONGEST:
            return
        for name, unrolled in _unrolled(data):
            if 1 in _likely_periods(unrolled, 1):
                yield from (("rolling", f"{name}+{key}") for key in self._constants(name, unrolled))
        for period in _likely_periods(data, LONGEST_KEY):
            if period > 1:
                yield from (("xor", "0x" + key.hex()) for key in self._repeated(data, period))

    def _constants(self, name: str, data: bytes) -> Iterator[str]:
        if name == "xor":
            yield from (f"0x{key[0]:02x}" for key in self._repeated(data, 1))
        else:
            yield from (str(by) for by in self._added(data))

    def _repeated(self, data: bytes, period: int) -> Iterator[bytes]:
        """Keys of such a length, as they are at the first byte.

        Each byte of a key is fitted to one of the value and borne out by another.
        """
        if period not in self._by_period:
            self._by_period[period] = _compiled(
                [target for target in self._targets if len(target) >= 2 * period],
                lambda target: apart(target, period)[period:],
                LEAST_BEYOND,
            )
        targets, automaton = self._by_period[period]
        if automaton is None:
            return
        for number, start, _ in automaton.find_matches_as_indexes(apart(data, period), overlapping=True):
            at = start - period
            if at >= 0:
                key = bytes(data[at + n] ^ targets[number][n] for n in range(period))
                turned = at % period
                key = key[period - turned :] + key[: period - turned]
                if len(set(key)) > 1 or (period == 1):
                    yield key

    def _added(self, data: bytes) -> Iterator[int]:
        if self._by_difference is None:
            self._by_difference = _compiled(
                self._targets, lambda target: differences(target)[1:], LEAST_BEYOND
            )
        targets, automaton = self._by_difference
        if automaton is None:
            return
        for number, start, _ in automaton.find_matches_as_indexes(differences(data), overlapping=True):
            if start:
                yield (data[start - 1] - targets[number][0]) % 256


def apart(data: bytes, period: int) -> bytes:
    """Each byte XOR the one so many places before it; the first ones are as they were."""
    number = int.from_bytes(data)
    return (number ^ number >> 8 * period).to_bytes(len(data))


def differences(data: bytes) -> bytes:
    """Each byte less the one before it, modulo 256; the first is as it was."""
    return _less(data, b"\0" + data[:-1])


def _less(data: bytes, other: bytes) -> bytes:
    """Each byte less the other's, without a borrow from the next one."""
    tops = int.from_bytes(b"\x80" * len(data))
    one, two = int.from_bytes(data), int.from_bytes(other)
    low = (one | tops) - (two & ~tops)
    return (low ^ ((one ^ ~two) & tops)).to_bytes(len(data))


def _unrolled(data: bytes) -> Iterator[tuple[str, bytes]]:
    """What is under a mask that depends on the place alone."""
    places = (_PLACES * (len(data) // 256 + 1))[: len(data)]
    yield "xor", (int.from_bytes(data) ^ int.from_bytes(places)).to_bytes(len(data))
    yield "add", _less(data, places)
    yield "sub", _less(data, (_BACKWARD * (len(data) // 256 + 1))[: len(data)])


def _likely_periods(data: bytes, longest: int) -> list[int]:
    """Numbers of places so far apart that nearly all bytes have the highest bit of the one before."""
    sample = data[:SAMPLE]
    tops = int(sample.translate(_TOP), 2)
    likely = []
    for period in range(1, min(longest, len(sample) - SHORTEST // 2) + 1):
        unlike = ((tops ^ tops >> period) & ((1 << len(sample) - period) - 1)).bit_count()
        if unlike <= MOST_UNLIKE * (len(sample) - period):
            likely.append(period)
    return likely


def _compiled(
    targets: Sequence[bytes], of: Callable[[bytes], bytes], least: int
) -> tuple[list[bytes], BytesAhoCorasick | None]:
    patterns: dict[bytes, bytes] = {}
    for target in targets:
        pattern = of(target)
        if len(pattern) >= least and len(set(pattern)) >= least:
            patterns.setdefault(pattern, target)
    return list(patterns.values()), BytesAhoCorasick(list(patterns)) if patterns else None
