"""LZ-string's compressor, after its published description, for tests."""

from collections.abc import Iterator

BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
URI = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-$"


def bits_of(text: str) -> Iterator[int]:
    """The compressed text, bit by bit."""
    encoded = text.encode("utf-16-be", "surrogatepass")
    units = [int.from_bytes(encoded[i : i + 2]) for i in range(0, len(encoded), 2)]
    codes: dict[tuple[int, ...], int] = {}
    fresh: set[tuple[int, ...]] = set()
    width, until_wider, next_code = 2, 2, 3
    word: tuple[int, ...] = ()

    def put(number: int, count: int) -> Iterator[int]:
        for place in range(count):
            yield number >> place & 1

    def step() -> None:
        nonlocal width, until_wider
        until_wider -= 1
        if until_wider == 0:
            until_wider = 1 << width
            width += 1

    def write(entry: tuple[int, ...]) -> Iterator[int]:
        if entry in fresh:
            small = entry[0] < 256
            yield from put(0 if small else 1, width)
            yield from put(entry[0], 8 if small else 16)
            fresh.discard(entry)
            step()
        else:
            yield from put(codes[entry], width)
        step()

    for unit in units:
        if (unit,) not in codes:
            codes[unit,] = next_code
            next_code += 1
            fresh.add((unit,))
        if (*word, unit) in codes:
            word = (*word, unit)
            continue
        yield from write(word)
        codes[*word, unit] = next_code
        next_code += 1
        word = (unit,)
    if word:
        yield from write(word)
    yield from put(2, width)


def units_of(text: str, width: int) -> list[int]:
    bits = list(bits_of(text))
    bits += [0] * (width - len(bits) % width)  # the reference always writes a last, begun unit
    return [int("".join(map(str, bits[i : i + width])), 2) for i in range(0, len(bits), width)]


def to_base64(text: str) -> bytes:
    out = "".join(BASE64[unit] for unit in units_of(text, 6))
    return (out + "=" * (-len(out) % 4)).encode()


def to_uri(text: str) -> bytes:
    return "".join(URI[unit] for unit in units_of(text, 6)).encode()


def to_bytes(text: str) -> bytes:
    return b"".join(unit.to_bytes(2) for unit in units_of(text, 16))


def to_plain(text: str) -> bytes:
    return "".join(map(chr, units_of(text, 16))).encode("utf-8", "surrogatepass")


def to_utf16(text: str) -> bytes:
    return ("".join(chr(unit + 32) for unit in units_of(text, 15)) + " ").encode("utf-8", "surrogatepass")
