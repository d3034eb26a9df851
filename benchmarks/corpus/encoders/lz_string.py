"""LZ-string (pieroxy's compression for browser storage), written from its algorithm."""

STANDARD = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
URI = STANDARD[:-1] + b"-"
END = 2


class _Coder:
    """Bits of one text, least significant bit of each code first."""

    def __init__(self) -> None:
        self.bits: list[int] = []
        self.codes: dict[str, int] = {}
        self.new: set[str] = set()
        self.width = 2
        self.until_wider = 2

    def write(self, value: int, width: int) -> None:
        self.bits += (value >> place & 1 for place in range(width))

    def learn(self, text: str) -> None:
        self.codes[text] = len(self.codes) + 3

    def emit(self, text: str) -> None:
        if text in self.new:
            wide = ord(text) > 255
            self.write(int(wide), self.width)
            self.write(ord(text), 16 if wide else 8)
            self.new.remove(text)
            self.count()
        else:
            self.write(self.codes[text], self.width)
        self.count()

    def count(self) -> None:
        self.until_wider -= 1
        if self.until_wider == 0:
            self.until_wider = 1 << self.width
            self.width += 1


def _bits(text: str) -> list[int]:
    coder = _Coder()
    known = ""
    for unit in _utf16_units(text):
        if unit not in coder.codes:
            coder.learn(unit)
            coder.new.add(unit)
        if known + unit in coder.codes:
            known += unit
        else:
            coder.emit(known)
            coder.learn(known + unit)
            known = unit
    if known:
        coder.emit(known)
    coder.write(END, coder.width)
    return coder.bits


def _utf16_units(text: str) -> list[str]:
    raw = text.encode("utf-16-be")
    return [chr(int.from_bytes(raw[at : at + 2])) for at in range(0, len(raw), 2)]


def _packed(text: str, width: int) -> list[int]:
    bits = _bits(text)
    bits += [0] * (width - len(bits) % width)  # a whole unit of zeros where it would end evenly
    return [int("".join(map(str, bits[at : at + width])), 2) for at in range(0, len(bits), width)]


def to_base64(data: bytes) -> bytes:
    """`compressToBase64`."""
    out = bytes(STANDARD[code] for code in _packed(data.decode(), 6))
    return out + b"=" * (-len(out) % 4)


def to_uri(data: bytes) -> bytes:
    """`compressToEncodedURIComponent`."""
    return bytes((*URI, ord("$"))[code] for code in _packed(data.decode(), 6))


def to_utf16(data: bytes) -> bytes:
    """`compressToUTF16`, as UTF-8."""
    return ("".join(chr(code + 32) for code in _packed(data.decode(), 15)) + " ").encode()


def to_bytes(data: bytes) -> bytes:
    """`compressToUint8Array`."""
    return b"".join(code.to_bytes(2) for code in _packed(data.decode(), 16))
