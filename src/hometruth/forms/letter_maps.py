"""Letter maps that were seen in the wild. Data: a new one is an entry with its source."""

from dataclasses import dataclass

_ALPHABET = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class LetterMap:
    """Each letter of ``meant`` is sent as the letter of ``written`` at the same place."""

    meant: bytes
    written: bytes
    source: str

    def write(self, data: bytes) -> bytes:
        """*data* as it is sent."""
        return data.translate(bytes.maketrans(self.meant, self.written))

    def read(self, data: bytes) -> bytes:
        """*data* as it is meant."""
        return data.translate(bytes.maketrans(self.written, self.meant))

    def inverse(self) -> "LetterMap":
        """The map that undoes this one."""
        return LetterMap(self.written, self.meant, f"{self.source}; the other way round")


_LEAKY_FORMS = LetterMap(
    meant=b"kibp8A4EWRMKHa7gvyz1dOPt6UI5xYD3nqhVwZBXfCcFeJmrLN20lS9QGsjTuo",
    written=_ALPHABET,
    source="Senol and others, Leaky Forms, USENIX Security 2022: one vendor's map; public copies of the "
    "vendor's script encode by it: k is sent as 0",
)
_LOWER, _UPPER = b"abcdefghijklmnopqrstuvwxyz", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PRINTED = bytes(range(33, 127))
LETTER_MAPS: dict[str, LetterMap] = {
    "leaky-forms": _LEAKY_FORMS,
    "leaky-forms-inverse": _LEAKY_FORMS.inverse(),
    "atbash": LetterMap(_LOWER + _UPPER, _LOWER[::-1] + _UPPER[::-1], "the alphabet backward, of old"),
    "rot47": LetterMap(_PRINTED, _PRINTED[47:] + _PRINTED[:47], "all printed signs of ASCII, half way round"),
}
