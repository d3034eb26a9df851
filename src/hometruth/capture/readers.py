"""The formats that are read, in the order in which they are tried: what is certain comes first.

A reader is one file, and one line here. Detection, folders, errors, the docs and the tests follow this list.
"""

from hometruth.capture.archive import ARCHIVE
from hometruth.capture.flow_reader import FLOWS
from hometruth.capture.har.read import HAR
from hometruth.capture.pcap.reader import PCAP
from hometruth.capture.reader import Reader, Start

READERS: tuple[Reader, ...] = (
    FLOWS,
    PCAP,
    HAR,
    ARCHIVE,
)


def reader_of(start: Start) -> Reader | None:
    """The reader for a file that starts like this; None if there is none."""
    return next((reader for reader in READERS if reader.sniff(start)), None)


def accepted() -> str:
    """What is read, in words."""
    *names, last = (reader.name for reader in READERS)
    return f"accepted are {', '.join(names)} and {last}, plain or compressed (gzip, zstd, xz, bzip2)"
