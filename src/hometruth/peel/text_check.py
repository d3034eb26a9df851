"""Is it text? Decides what a person could read, and where guessing at compression is worth the while."""

CONTROL = bytes(range(9)) + bytes(range(14, 32)) + b"\x7f\x0b\x0c"
"""Bytes that text does not hold; tab, line feed and carriage return it does."""
PRINTABLE = bytes(range(32, 127)) + b"\t\r\n"
READABLE_SHARE = 0.75
"""Share of printable ASCII from which bytes count as readable although a format we do not know frames them:
the strings in an undecoded protobuf message stand there as they are."""


def is_text(data: bytes) -> bool:
    """True if *data* is UTF-8 without control characters."""
    if len(data.translate(None, CONTROL)) != len(data):
        return False
    if data.isascii():
        return True
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def is_readable(data: bytes) -> bool:
    """True if *data* is text, or mostly printable."""
    return is_text(data) or len(data) - len(data.translate(None, PRINTABLE)) >= READABLE_SHARE * len(data)
