"""Rarer bases for tests, digit by digit and bit by bit."""

ALPHABET45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
ALPHABET58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
ALPHABET36 = "0123456789abcdefghijklmnopqrstuvwxyz"
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ZOOKO = "ybndrfg8ejkmcpqxot1uwisza345h769"
Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
BASE91 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&()*+,./:;<=>?@[]^_`{|}~"'
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


def in_groups(data: bytes, alphabet: str, bits: int) -> bytes:
    """Each character so many bits, from the left; zeros fill up the last one."""
    text = "".join(f"{byte:08b}" for byte in data)
    text += "0" * (-len(text) % bits)
    return "".join(alphabet[int(text[at : at + bits], 2)] for at in range(0, len(text), bits)).encode()


def z85(data: bytes) -> bytes:
    """Of whole groups."""
    out = ""
    for start in range(0, len(data), 4):
        number = int.from_bytes(data[start : start + 4])
        out += "".join(Z85[number // 85**place % 85] for place in range(4, -1, -1))
    return out.encode()


def base91(data: bytes) -> bytes:
    out, bits = "", ""
    for byte in data:
        bits = f"{byte:08b}" + bits
        if len(bits) > 13:
            width = 13 if int(bits[-13:], 2) > 88 else 14
            number, bits = int(bits[-width:], 2), bits[:-width]
            out += BASE91[number % 91] + BASE91[number // 91]
    if bits:
        number = int(bits, 2)
        out += BASE91[number % 91] + (BASE91[number // 91] if len(bits) > 7 or number > 90 else "")
    return out.encode()


def netbios(data: bytes) -> bytes:
    return bytes(0x41 + half for byte in data for half in (byte >> 4, byte & 15))
