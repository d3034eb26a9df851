"""Opens TLS records with the secrets of a key log: TLS 1.3 (RFC 8446), 1.2 and older (5246, 4346, 2246).

Every record is authenticated: a key that does not fit opens nothing.
"""

import hashlib
import hmac
import struct
from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4, TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, modes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.ciphers.algorithms import AES

try:  # moved in cryptography 46
    from cryptography.hazmat.decrepit.ciphers.algorithms import Camellia  # type: ignore[attr-defined]
except ImportError:
    from cryptography.hazmat.primitives.ciphers.algorithms import Camellia


class Suite(NamedTuple):
    """How the records of a cipher suite are made."""

    cipher: str
    """``gcm``, ``ccm``, ``ccm8``, ``chacha``, or the block or stream cipher."""
    key_bytes: int
    mac: str = "sha256"
    """Of the record, where the cipher has none of its own."""
    prf: str = "sha256"
    """Of the key block, from TLS 1.2 on; the hash of TLS 1.3."""


def _suites() -> dict[int, Suite]:
    """Suites of the IANA registry by number; those of one kind differ only in how keys were agreed."""
    rows: tuple[tuple[Suite, Iterable[int]], ...] = (
        (
            Suite("gcm", 16),
            (0x1301, 0x9C, 0x9E, 0xA0, 0xA2, 0xA4, 0xA6, 0xA8, 0xAA, 0xAC, 0xC02B, 0xC02D, 0xC02F, 0xC031),
        ),
        (
            Suite("gcm", 32, prf="sha384"),
            (0x1302, 0x9D, 0x9F, 0xA1, 0xA3, 0xA5, 0xA7, 0xA9, 0xAB, 0xAD, 0xC02C, 0xC02E, 0xC030, 0xC032),
        ),
        (Suite("chacha", 32), (0x1303, *range(0xCCA8, 0xCCAF))),
        (Suite("ccm", 16), (0x1304, 0xC09C, 0xC09E, 0xC0A4, 0xC0A6, 0xC0AC)),
        (Suite("ccm", 32), (0xC09D, 0xC09F, 0xC0A5, 0xC0A7, 0xC0AD)),
        (Suite("ccm8", 16), (0x1305, 0xC0A0, 0xC0A2, 0xC0A8, 0xC0AA, 0xC0AE)),
        (Suite("ccm8", 32), (0xC0A1, 0xC0A3, 0xC0A9, 0xC0AB, 0xC0AF)),
        (
            Suite("aes", 16, "sha1"),
            (
                0x2F,
                0x30,
                0x31,
                0x32,
                0x33,
                0x34,
                0x8C,
                0x90,
                0x94,
                0xC004,
                0xC009,
                0xC00E,
                0xC013,
                0xC018,
                0xC035,
            ),
        ),
        (
            Suite("aes", 32, "sha1"),
            (
                0x35,
                0x36,
                0x37,
                0x38,
                0x39,
                0x3A,
                0x8D,
                0x91,
                0x95,
                0xC005,
                0xC00A,
                0xC00F,
                0xC014,
                0xC019,
                0xC036,
            ),
        ),
        (
            Suite("aes", 16, "sha256"),
            (0x3C, 0x3E, 0x3F, 0x40, 0x67, 0x6C, 0xAE, 0xB2, 0xB6, 0xC023, 0xC025, 0xC027, 0xC029, 0xC037),
        ),
        (Suite("aes", 32, "sha256"), (0x3D, 0x68, 0x69, 0x6A, 0x6B, 0x6D)),
        (Suite("aes", 32, "sha384", "sha384"), (0xAF, 0xB3, 0xB7, 0xC024, 0xC026, 0xC028, 0xC02A, 0xC038)),
        (Suite("camellia", 16, "sha1"), range(0x41, 0x47)),
        (Suite("camellia", 32, "sha1"), range(0x84, 0x8A)),
        (Suite("camellia", 16, "sha256"), (*range(0xBA, 0xC0), 0xC072, 0xC074, 0xC076, 0xC078)),
        (Suite("camellia", 32, "sha256"), range(0xC0, 0xC6)),
        (Suite("camellia", 32, "sha384", "sha384"), (0xC073, 0xC075, 0xC077, 0xC079)),
        (
            Suite("3des", 24, "sha1"),
            (
                0x0A,
                0x0D,
                0x10,
                0x13,
                0x16,
                0x1B,
                0x8B,
                0x8F,
                0x93,
                0xC003,
                0xC008,
                0xC00D,
                0xC012,
                0xC017,
                0xC034,
            ),
        ),
        (Suite("rc4", 16, "md5"), (0x04, 0x18)),
        (Suite("rc4", 16, "sha1"), (0x05, 0x8A, 0x8E, 0x92, 0xC002, 0xC007, 0xC00C, 0xC011, 0xC016, 0xC033)),
    )
    return {number: suite for suite, numbers in rows for number in numbers}


SUITES = _suites()
_BLOCK_BYTES = {"aes": 16, "camellia": 16, "3des": 8}
_ALGORITHMS: dict[str, Callable[[bytes], AES | Camellia | TripleDES]] = {
    "aes": AES,
    "camellia": Camellia,
    "3des": TripleDES,
}


class Opener(Protocol):
    """One direction's records, in order."""

    def open(self, kind: int, version: bytes, fragment: bytes) -> tuple[int, bytes] | None:
        """Type and content of the next record; None if this key does not open it, or it was altered."""


class Opener13:
    """TLS 1.3: nonce by number, type inside."""

    def __init__(self, suite: Suite, secret: bytes) -> None:
        self.suite = suite
        self.secret = secret
        self._aead = aead_of(suite, expand(suite.prf, secret, b"key", suite.key_bytes))
        self._iv = int.from_bytes(expand(suite.prf, secret, b"iv", 12))
        self._number = 0

    def open(self, kind: int, version: bytes, fragment: bytes) -> tuple[int, bytes] | None:
        """See `Opener`."""
        nonce = (self._iv ^ self._number).to_bytes(12)
        header = bytes([kind]) + version + len(fragment).to_bytes(2)
        inner = opened(self._aead, nonce, fragment, header)
        if inner is None:
            return None
        self._number += 1
        inner = inner.rstrip(b"\0")
        return (inner[-1], inner[:-1]) if inner else (0, b"")

    def updated(self) -> "Opener13":
        """The key after a KeyUpdate."""
        size = hashlib.new(self.suite.prf).digest_size
        return Opener13(self.suite, expand(self.suite.prf, self.secret, b"traffic upd", size))


class OpenerAead:
    """TLS 1.2 with AEAD: a part of the nonce is sent (RFC 5288, 6655), or is the number (RFC 7905)."""

    def __init__(self, suite: Suite, key: bytes, iv: bytes) -> None:
        self._aead = aead_of(suite, key)
        self._iv = iv
        self._explicit = 0 if suite.cipher == "chacha" else 8
        self._tag = 8 if suite.cipher == "ccm8" else 16
        self._number = 0

    def open(self, kind: int, version: bytes, fragment: bytes) -> tuple[int, bytes] | None:
        """See `Opener`."""
        size = len(fragment) - self._explicit - self._tag
        if size < 0:
            return None
        if self._explicit:
            nonce = self._iv + fragment[:8]
        else:
            nonce = (int.from_bytes(self._iv) ^ self._number).to_bytes(12)
        header = struct.pack(">QB2sH", self._number, kind, version, size)
        content = opened(self._aead, nonce, fragment[self._explicit :], header)
        if content is None:
            return None
        self._number += 1
        return kind, content


class OpenerMac:
    """Block and stream ciphers with a MAC beside them, before or after encryption (RFC 7366)."""

    def __init__(
        self, suite: Suite, key: bytes, mac_key: bytes, iv: bytes, *, version: int, encrypt_then_mac: bool
    ) -> None:
        self._suite, self._key, self._mac_key, self._iv = suite, key, mac_key, iv
        self._explicit_iv = version >= 0x0302
        self._mac_last = encrypt_then_mac and suite.cipher != "rc4"
        self._ssl3 = version == 0x0300
        self._number = 0
        self._stream: CipherContext | None = None
        if suite.cipher == "rc4":
            self._stream = Cipher(ARC4(key), mode=None).decryptor()

    def open(self, kind: int, version: bytes, fragment: bytes) -> tuple[int, bytes] | None:
        """See `Opener`."""
        size = hashlib.new(self._suite.mac).digest_size
        if self._stream:
            plain = self._stream.update(fragment)
            content, mac = plain[:-size], plain[-size:]
            return self._checked(kind, version, content, mac)
        if self._mac_last:
            fragment, mac = fragment[:-size], fragment[-size:]
            if self._mac(kind, version, fragment) != mac:
                return None
        padded = self._decrypted(fragment)
        if padded is None:
            return None
        plain = padded[: -1 - padded[-1]]
        if self._mac_last:
            self._number += 1
            return kind, plain
        return self._checked(kind, version, plain[:-size], plain[-size:])

    def _decrypted(self, fragment: bytes) -> bytes | None:
        block = _BLOCK_BYTES[self._suite.cipher]
        iv = self._iv
        if self._explicit_iv:
            iv, fragment = fragment[:block], fragment[block:]
        if not fragment or len(fragment) % block or len(iv) != block:
            return None
        self._iv = fragment[-block:]
        decryptor = Cipher(_ALGORITHMS[self._suite.cipher](self._key), modes.CBC(iv)).decryptor()
        return decryptor.update(fragment) + decryptor.finalize()

    def _checked(self, kind: int, version: bytes, content: bytes, mac: bytes) -> tuple[int, bytes] | None:
        if self._mac(kind, version, content) != mac:
            return None
        self._number += 1
        return kind, content

    def _mac(self, kind: int, version: bytes, content: bytes) -> bytes:
        if self._ssl3:  # RFC 6101, 5.2.3.1
            pad = 48 if self._suite.mac == "md5" else 40
            head = struct.pack(">QBH", self._number, kind, len(content))
            inner = hashlib.new(self._suite.mac, self._mac_key + b"\x36" * pad + head + content).digest()
            return hashlib.new(self._suite.mac, self._mac_key + b"\x5c" * pad + inner).digest()
        head = struct.pack(">QB2sH", self._number, kind, version, len(content))
        return hmac.digest(self._mac_key, head + content, self._suite.mac)


def openers_12(
    suite: Suite, version: int, master: bytes, randoms: tuple[bytes, bytes], *, encrypt_then_mac: bool
) -> tuple[Opener, Opener]:
    """Client's and server's records of TLS 1.2 or older, from the master secret."""
    is_aead = suite.cipher in ("gcm", "ccm", "ccm8", "chacha")
    mac = 0 if is_aead else hashlib.new(suite.mac).digest_size
    iv = {"chacha": 12, "rc4": 0}.get(suite.cipher, 4 if is_aead else _BLOCK_BYTES.get(suite.cipher, 0))
    client_random, server_random = randoms
    seed = server_random + client_random
    block = _key_block(suite, version, master, seed, 2 * (mac + suite.key_bytes + iv))
    sizes = (mac, mac, suite.key_bytes, suite.key_bytes, iv, iv)
    parts = []
    for size in sizes:
        parts.append(block[:size])
        block = block[size:]
    if is_aead:
        return OpenerAead(suite, parts[2], parts[4]), OpenerAead(suite, parts[3], parts[5])

    def opener(side: int) -> OpenerMac:
        return OpenerMac(
            suite,
            parts[2 + side],
            parts[side],
            parts[4 + side],
            version=version,
            encrypt_then_mac=encrypt_then_mac,
        )

    return opener(0), opener(1)


def expand(hash_name: str, secret: bytes, label: bytes, size: int) -> bytes:
    """HKDF-Expand-Label of TLS 1.3 with an empty context."""
    full = b"tls13 " + label
    info = size.to_bytes(2) + bytes([len(full)]) + full + b"\0"
    out, last, number = b"", b"", 1
    while len(out) < size:
        last = hmac.digest(secret, last + info + bytes([number]), hash_name)
        out += last
        number += 1
    return out[:size]


def _key_block(suite: Suite, version: int, master: bytes, seed: bytes, size: int) -> bytes:
    if version == 0x0300:  # RFC 6101, 6.2.2
        out = b""
        for number in range(1, 27):
            salt = hashlib.sha1(bytes([64 + number]) * number + master + seed).digest()
            out += hashlib.md5(master + salt).digest()
        return out[:size]
    label = b"key expansion" + seed
    if version >= 0x0303:
        return _p_hash(suite.prf, master, label, size)
    half = (len(master) + 1) // 2
    one = _p_hash("md5", master[:half], label, size)
    other = _p_hash("sha1", master[-half:], label, size)
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _p_hash(name: str, secret: bytes, seed: bytes, size: int) -> bytes:
    out, a = b"", seed
    while len(out) < size:
        a = hmac.digest(secret, a, name)
        out += hmac.digest(secret, a + seed, name)
    return out[:size]


Aead = AESGCM | AESCCM | ChaCha20Poly1305


def aead_of(suite: Suite, key: bytes) -> Aead:
    """The cipher of a suite that authenticates by itself."""
    match suite.cipher:
        case "gcm":
            return AESGCM(key)
        case "chacha":
            return ChaCha20Poly1305(key)
        case _:
            return AESCCM(key, tag_length=8 if suite.cipher == "ccm8" else 16)


def opened(aead: Aead, nonce: bytes, data: bytes, header: bytes) -> bytes | None:
    """What is inside; None if the key does not fit or it was altered."""
    try:
        return aead.decrypt(nonce, data, header)
    except (InvalidTag, ValueError):
        return None
