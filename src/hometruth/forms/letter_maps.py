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


LETTER_MAPS: dict[str, LetterMap] = {
    "leaky-forms": LetterMap(
        meant=_ALPHABET,
        written=b"kibp8A4EWRMKHa7gvyz1dOPt6UI5xYD3nqhVwZBXfCcFeJmrLN20lS9QGsjTuo",
        source="Senol and others, Leaky Forms, USENIX Security 2022: one vendor's map in their leak detector",
    ),
}
