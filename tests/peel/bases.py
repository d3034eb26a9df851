"""Base45, base58 and base62 for tests: numbers in other bases, digit by digit."""

ALPHABET45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
ALPHABET58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
ALPHABET62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def base45(data: bytes) -> bytes:
    out = ""
    for start in range(0, len(data), 2):
        pair = data[start : start + 2]
        number = int.from_bytes(pair)
        for _ in range(len(pair) + 1):
            number, digit = divmod(number, 45)
            out += ALPHABET45[digit]
    return out.encode()


def in_alphabet(data: bytes, alphabet: str) -> bytes:
    number = int.from_bytes(data)
    out = ""
    while number:
        number, digit = divmod(number, len(alphabet))
        out = alphabet[digit] + out
    return (alphabet[0] * (len(data) - len(data.lstrip(b"\0"))) + out).encode()
