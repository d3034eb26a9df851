"""Compression, by the standard library and by Arrow's codecs."""

import bz2
import gzip as gzip_module
import lzma
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
