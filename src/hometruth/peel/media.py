"""Images, audio, video and fonts by how they begin: formats for people, which are named and not looked into.

Sources: each format's specification, and the WHATWG's MIME Sniffing Standard (mimesniff.spec.whatwg.org, 6).
"""

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "JPEG image"),
    (0, b"\x89PNG\r\n\x1a\n", "PNG image"),
    (0, b"GIF87a", "GIF image"),
    (0, b"GIF89a", "GIF image"),
    (8, b"WEBPVP", "WebP image"),
    (0, b"II*\x00", "TIFF image"),
    (0, b"MM\x00*", "TIFF image"),
    (0, b"\x00\x00\x01\x00", "icon"),
    (4, b"ftypavif", "AVIF image"),
    (4, b"ftypheic", "HEIC image"),
    (4, b"ftypmif1", "HEIF image"),
    (0, b"\xff\x0a\xfa", "JPEG XL image"),
    (0, b"\x00\x00\x00\x0cJXL ", "JPEG XL image"),
    (8, b"WAVEfmt ", "WAVE audio"),
    (0, b"OggS\x00", "Ogg audio"),
    (0, b"fLaC", "FLAC audio"),
    (0, b"ID3\x02", "MP3 audio"),
    (0, b"ID3\x03", "MP3 audio"),
    (0, b"ID3\x04", "MP3 audio"),
    (0, b"#!AMR", "AMR audio"),
    (0, b"MThd\x00\x00\x00\x06", "MIDI audio"),
    (4, b"ftypM4A ", "MPEG-4 audio"),
    (4, b"ftyp", "MPEG-4 video"),
    (0, b"\x1a\x45\xdf\xa3", "Matroska or WebM video"),
    (8, b"AVI LIST", "AVI video"),
    (0, b"FLV\x01", "Flash video"),
    (0, b"wOFF", "WOFF font"),
    (0, b"wOF2", "WOFF font"),
    (0, b"OTTO\x00", "OpenType font"),
    (0, b"\x00\x01\x00\x00\x00", "TrueType font"),
)
"""Offset, bytes there, name; the first that fits is it. Of random bytes, one in 10 million has any."""


def media_type(data: bytes) -> str:
    """What *data* is, if it is an image, audio, video or a font; else empty."""
    for offset, magic, name in _MAGIC:
        if data.startswith(magic, offset):
            return name
    return ""
