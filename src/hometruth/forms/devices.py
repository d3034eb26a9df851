"""Identifiers of devices and installations: as text in other groups, as numbers, as bytes.

MAC addresses as IEEE 802, Cisco and Apple write them, and inside an IPv6 address (RFC 4291, appendix A); IMEI
(3GPP TS 23.003) with and without its check digit, in groups, and in packed decimals (TS 24.008 10.5.1.4);
UUID (RFC 9562) also in the order of Microsoft's GUID and as the two longs of Java; other hexadecimal
identifiers, such as an Android ID, as numbers.
"""

import hashlib
import re
from collections.abc import Iterator
from uuid import UUID

from hometruth.forms.luhn import is_imei
from hometruth.forms.spelling import DIGITS, SHORTEST_PART, WORD, Spelling, in_base64

_MAC = re.compile(r"[0-9a-f]{2}(?:[:-]?[0-9a-f]{2}){5}|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HEX = re.compile(r"(?=.*[a-f])(?=.*[0-9])(?:[0-9a-f]{16}|[0-9a-f]{32})")
_LONG_NUMBER = re.compile(r"[0-9]{14,20}")
_HALF = 64
_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"
_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


def spell(value: str) -> Iterator[Spelling]:
    """Spellings of an identifier; none if the value is something else."""
    text = value.strip().lower()
    if is_device(value):
        yield from _name_uuids(value.strip())
    if _UUID.fullmatch(text):
        yield from _of_uuid(UUID(text))
    elif _MAC.fullmatch(text):
        yield from _of_mac(re.sub("[:.-]", "", text))
    elif _HEX.fullmatch(text):
        yield from _of_hex(text)
    elif is_imei(digits := re.sub("[ /-]", "", text)):
        yield from _of_imei(digits)
    elif _LONG_NUMBER.fullmatch(text):
        yield from _of_long_number(text)
    if "-" in text and "://" not in text and len(bare := text.replace("-", "")) >= SHORTEST_PART:
        is_code = _UUID.fullmatch(text) is not None
        yield Spelling("no-dashes", bare, is_sought=is_code, is_digested=True)
        yield Spelling("no-dashes,upper", bare.upper(), is_sought=False, is_digested=True)


def is_device(value: str) -> bool:
    """True for identifiers that one device or installation has: IMEI, MAC, UUID, Android ID."""
    text = value.strip().lower()
    return is_imei(re.sub("[ /-]", "", text)) or any(
        pattern.fullmatch(text) for pattern in (_UUID, _MAC, _HEX)
    )


def _name_uuids(text: str) -> Iterator[Spelling]:
    """What Java's `UUID.nameUUIDFromBytes` makes of it: version 3 without a name space."""
    for each in dict.fromkeys((text, text.lower(), text.upper())):
        digest = hashlib.md5(each.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()
        made = UUID(bytes=digest, version=3)
        yield Spelling("name-uuid", str(made))
        yield Spelling("name-uuid", made.hex)


def _of_uuid(uuid: UUID) -> Iterator[Spelling]:
    yield Spelling("uuid:bytes", uuid.bytes, is_digested=True)
    yield Spelling("uuid:bytes-reversed", uuid.bytes[::-1])
    yield Spelling("uuid:bytes-le", uuid.bytes_le)
    for name, joint in (("underscores", "_"), ("spaces", " ")):
        yield Spelling(f"uuid:{name}", str(uuid).replace("-", joint))
    for joint in ":", "-", " ":
        yield Spelling("uuid:halves", f"{uuid.hex[:16]}{joint}{uuid.hex[16:]}")
    for braced in f"{{{uuid}}}", f"{{{uuid}}}".upper():
        yield Spelling("uuid:braces", braced, is_sought=False, is_digested=True)
    ulid = _in_base(uuid.int, _CROCKFORD).rjust(26, "0")
    yield Spelling("uuid:ulid", ulid, barred_before=WORD, barred_after=WORD)
    yield from _number("uuid", uuid.int)
    for name, half in (("most", uuid.hex[:16]), ("least", uuid.hex[16:])):
        for signed in (False, True):
            number = str(int.from_bytes(bytes.fromhex(half), signed=signed))
            yield Spelling(f"uuid:{name}-long", number, half, barred_before=DIGITS, barred_after=DIGITS)


def _of_mac(bare: str) -> Iterator[Spelling]:
    pairs = [bare[start : start + 2] for start in range(0, 12, 2)]
    for name, text in (("colons", ":".join(pairs)), ("dashes", "-".join(pairs)), ("bare", bare)):
        yield Spelling(f"mac:{name}", text, is_digested=True)
        yield Spelling(f"mac:{name},upper", text.upper(), is_sought=False, is_digested=True)
    yield Spelling("mac:cisco", ".".join((bare[:4], bare[4:8], bare[8:])), is_digested=True)
    short = ":".join(pair.removeprefix("0") for pair in pairs)
    yield Spelling("mac:apple", short, barred_before=WORD + b":", barred_after=WORD + b":")
    for name, text in (("halves", f"{bare[:6]}-{bare[6:]}"), ("slashes", "/".join(pairs))):
        yield Spelling(f"mac:{name}", text)
    yield Spelling("mac:underscores", "_".join(pairs))
    data = bytes.fromhex(bare)
    yield Spelling("mac:bytes", data, is_digested=True)
    yield Spelling("mac:bytes-le", data[::-1])
    yield from in_base64("mac", data)
    yield from in_base64("mac", data[::-1])
    for order in "big", "little":
        number = str(int.from_bytes(data, order))
        yield Spelling("mac:number", number, barred_before=DIGITS, barred_after=DIGITS)
    half = bytes([data[0] ^ 2]) + data[1:3] + b"\xff\xfe" + data[3:]
    yield Spelling("mac:eui64", half.hex())
    yield Spelling("mac:eui64", f"{bare[:6]}fffe{bare[6:]}")
    groups = [f"{int.from_bytes(half[at : at + 2]):x}" for at in range(0, 8, 2)]
    yield Spelling("mac:ipv6", ":".join(groups), barred_before=WORD, barred_after=WORD + b":")


def _of_hex(text: str) -> Iterator[Spelling]:
    data = bytes.fromhex(text)
    yield Spelling("hex:bytes", data, is_digested=True)
    yield Spelling("hex:bytes-le", data[::-1])
    yield from _number("hex", int(text, 16), is_digested=True)
    fours = [text[at : at + 4] for at in range(0, len(text), 4)]
    for joint in " ", "-", ":":
        yield Spelling("hex:grouped", joint.join(fours))
    if len(data) == _HALF // 8:
        signed = int.from_bytes(data, signed=True)
        yield Spelling("hex:signed", str(signed), barred_before=DIGITS, barred_after=DIGITS)
        yield from in_base64("hex", data)
        yield from in_base64("hex", data[::-1])
        yield Spelling("hex:uuid", f"{text[:4]}-{text[4:]}")  # what ends one that begins with zeros
    else:
        yield Spelling("hex:uuid", str(UUID(text)), is_digested=True)
        yield Spelling("hex:bytes-guid", UUID(text).bytes_le)


def _of_imei(digits: str) -> Iterator[Spelling]:
    body = digits[:-1]
    yield Spelling("imei:15", digits, is_digested=True, barred_before=DIGITS, barred_after=DIGITS)
    yield Spelling("imei:14", body, is_digested=True, barred_before=DIGITS)
    for joint in "-", " ", "/":
        in_four = joint.join((body[:2], body[2:8], body[8:], digits[-1]))
        yield Spelling("imei:grouped", in_four, is_digested=joint == "-")
        in_two = joint.join((body[:8], body[8:]))  # also GSMA's URN, which has a zero behind it
        yield Spelling("imei:grouped", in_two, barred_before=DIGITS, barred_after=DIGITS)
        yield Spelling("imei:grouped", joint.join((body[:6], body[6:8], body[8:], digits[-1])))
        yield Spelling("imei:grouped", joint.join((body[:8], body[8:], digits[-1])))
    for joint in ",", ".", " ":
        yield Spelling("imei:thousands", f"{int(digits):,}".replace(",", joint))
    yield Spelling("imei:hex", f"{int(digits):x}", barred_before=WORD, barred_after=WORD)
    yield from _of_long_number(digits)
    identity = _swapped(digits[0] + "a" + digits[1:])  # the type of identity stands beside the first digit
    yield from _bytes("imei:bcd", bytes.fromhex(body))
    yield from _bytes(
        "imei:mobile-identity", bytes([identity[0] << 4 & 0xF0 | identity[0] >> 4]) + identity[1:]
    )


def _of_long_number(digits: str) -> Iterator[Spelling]:
    """An IMEI, IMSI or ICCID in packed decimals, and as a number of 64 bits."""
    even = digits + "f" * (len(digits) % 2)
    yield from _bytes("digits:bcd", bytes.fromhex(even))
    yield from _bytes("digits:bcd", bytes.fromhex(digits.rjust(len(even), "0")))
    yield from _bytes("digits:bcd-swapped", _swapped(even))
    if (number := int(digits)) < 1 << _HALF:
        yield from _bytes("digits:number", number.to_bytes(8))
        yield from _bytes("digits:number", number.to_bytes(8, "little"))


def _bytes(name: str, data: bytes) -> Iterator[Spelling]:
    yield Spelling(name, data)
    yield from in_base64(name, data)


def _swapped(digits: str) -> bytes:
    """Two digits a byte, the first in the lower half (TBCD, 3GPP TS 29.002)."""
    return bytes.fromhex("".join(digits[at + 1] + digits[at] for at in range(0, len(digits), 2)))


def _number(name: str, number: int, *, is_digested: bool = False) -> Iterator[Spelling]:
    yield Spelling(
        f"{name}:decimal", str(number), is_digested=is_digested, barred_before=DIGITS, barred_after=DIGITS
    )
    yield Spelling(f"{name}:base36", _in_base(number, _BASE36), barred_before=WORD, barred_after=WORD)


def _in_base(number: int, alphabet: str) -> str:
    text = ""
    while number:
        number, digit = divmod(number, len(alphabet))
        text = alphabet[digit] + text
    return text or alphabet[0]
