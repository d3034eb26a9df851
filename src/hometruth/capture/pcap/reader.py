"""The reader for packet captures: cryptography and decoders are loaded when there is one to read."""

from collections.abc import Iterator
from pathlib import PurePath

from hometruth.capture.pcap.packets import PCAP_MAGICS, PCAPNG_MAGIC
from hometruth.capture.reader import CaptureFile, Reader
from hometruth.errors import CaptureError, needs
from hometruth.model import Exchange, Gap

KEY_LOGS = (
    *("{stem}.keys", "{name}.keys", "{stem}.keys.txt", "{stem}.keylog", "{stem}.log"),
    *("sslkeys.log", "sslkeylog.log", "sslkeylog.txt", "sslkeylogfile.txt", "SSLKEYLOGFILE", "keylog.txt"),
)
"""Where the secrets of a capture are looked for beside it."""


def read_packet_capture(file: CaptureFile) -> Iterator[Exchange | Gap]:
    """Requests of a packet capture, opened with the keys that were given or that lie beside it."""
    with needs("pcap", f"{file.name}: a packet capture", CaptureError):
        from hometruth.capture.pcap.keys import KeyLog  # noqa: PLC0415
        from hometruth.capture.pcap.read import read_pcap  # noqa: PLC0415

    log = KeyLog()
    log.add(file.keys)
    if not log:
        for name in key_logs_of(PurePath(file.name).name):
            log.add(file.beside(name) or b"")
    yield from read_pcap(file.open, file.name, log, responses=file.responses, maker=file.maker)


def key_logs_of(name: str) -> list[str]:
    """What a key log beside a capture of that name may be called."""
    for ending in (".gz", ".zst", ".xz", ".bz2"):
        name = name.removesuffix(ending)
    return [pattern.format(stem=PurePath(name).stem, name=name) for pattern in KEY_LOGS]


PCAP = Reader(
    "packet captures (pcap, pcapng)",
    (".pcap", ".pcapng", ".cap"),
    lambda start: start.head[:4] in (*PCAP_MAGICS, PCAPNG_MAGIC),
    read_packet_capture,
)
