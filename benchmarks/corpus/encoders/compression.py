"""Compression, by the standard library and by Arrow's codecs."""

import bz2
import gzip as gzip_module
import io
import lzma
import struct
import zipfile
import zlib

import pyarrow

CRC32C_POLYNOMIAL = 0x82F63B78
SNAPPY_STREAM = b"\xff\x06\x00\x00sNaPpY"


def gzip(data: bytes) -> bytes:
    """Gzip without a time, so that the corpus depends on its seed alone."""
    return gzip_module.compress(data, mtime=0)


def deflate(data: bytes) -> bytes:
    """Deflate without header."""
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


def brotli(data: bytes) -> bytes:
    """Brotli."""
    return _by_arrow("brotli", data)


def zstd(data: bytes) -> bytes:
    """One zstd frame."""
    return _by_arrow("zstd", data)


def lz4(data: bytes) -> bytes:
    """One LZ4 frame."""
    return _by_arrow("lz4", data)


def snappy(data: bytes) -> bytes:
    """One Snappy block."""
    return _by_arrow("snappy", data)


def snappy_framed(data: bytes) -> bytes:
    """Snappy's framing format: stream identifier, then one compressed chunk with its masked CRC-32C."""
    crc = _crc32c(data)
    masked = ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
    chunk = masked.to_bytes(4, "little") + snappy(data)
    return SNAPPY_STREAM + b"\x00" + len(chunk).to_bytes(3, "little") + chunk


def bzip2(data: bytes) -> bytes:
    """Bzip2."""
    return bz2.compress(data)


def xz(data: bytes) -> bytes:
    """LZMA2 in an .xz container."""
    return lzma.compress(data)


def lzma_alone(data: bytes) -> bytes:
    """LZMA in its old container without a magic number."""
    return lzma.compress(data, format=lzma.FORMAT_ALONE)


def _by_arrow(codec: str, data: bytes) -> bytes:
    return bytes(pyarrow.compress(data, codec=codec, asbytes=True))


def _crc32c(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (CRC32C_POLYNOMIAL if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def zip_archive(data: bytes) -> bytes:
    """A ZIP archive with one compressed member."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("events.json", (2026, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def seven_zip(data: bytes) -> bytes:
    """A 7z archive with one member in LZMA2, and its directory as it is (7zFormat.txt)."""
    packed = lzma.compress(data, lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}])
    name = "events.json".encode("utf-16-le") + bytes(2)
    directory = b"".join(
        (
            bytes.fromhex("01 04 06 00 01 09 c0")
            + len(packed).to_bytes(2, "little")
            + b"\0",  # packed streams
            bytes.fromhex("07 0b 01 00 01 21 21 01 10 0c c0")
            + len(data).to_bytes(2, "little")
            + b"\0\x08\0\0",
            bytes.fromhex("05 01 11") + bytes([len(name) + 1, 0]) + name + bytes(2),
        )
    )
    start = struct.pack("<QQI", len(packed), len(directory), zlib.crc32(directory))
    return b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<I", zlib.crc32(start)) + start + packed + directory


def compress(data: bytes) -> bytes:
    """Unix compress (.Z) with codes of at most 16 bits, block mode without a reset."""
    codes = {bytes([byte]): byte for byte in range(256)}
    prefix, n_bits, room = b"", 9, 257
    stream: list[tuple[int, int]] = []
    for at in range(len(data)):
        longer = prefix + data[at : at + 1]
        if longer in codes:
            prefix = longer
            continue
        stream.append((codes[prefix], n_bits))
        codes[longer] = room
        prefix = data[at : at + 1]
        room += 1
        if room > (1 << n_bits) and n_bits < 16:
            # Codes come in groups of eight; the rest of a group is left empty where they get longer.
            same = sum(1 for _, bits in stream if bits == n_bits)
            stream += [(0, n_bits)] * (-same % 8)
            n_bits += 1
    stream.append((codes[prefix], n_bits))
    number = used = 0
    for code, bits in stream:
        number |= code << used
        used += bits
    return b"\x1f\x9d\x90" + number.to_bytes((used + 7) // 8, "little")
