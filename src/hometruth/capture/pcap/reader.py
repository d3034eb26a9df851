"""The reader for packet captures: cryptography and decoders are loaded when there is one to read."""

from collections.abc import Iterator
from pathlib import PurePath

from hometruth.capture.pcap.packets import PCAP_MAGICS, PCAPNG_MAGIC
from hometruth.capture.reader import CaptureFile, Reader
from hometruth.errors import CaptureError, needs
from hometruth.model import Exchange, Gap

KEY_LOGS = (
    *("{stem}.keys", "{name}.keys", "{stem}.keys.txt", "{stem}.keylog", "{stem}.log"),
    *("sslkeys.log", "sslkeylog.txt", "keylog.txt"),
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
        name = PurePath(file.name).name
        for ending in (".gz", ".zst", ".xz", ".bz2"):
            name = name.removesuffix(ending)
        for pattern in KEY_LOGS:
            log.add(file.beside(pattern.format(stem=PurePath(name).stem, name=name)) or b"")
    yield from read_pcap(file.open, file.name, log, responses=file.responses, maker=file.maker)


PCAP = Reader(
    "packet captures (pcap, pcapng)",
    (".pcap", ".pcapng", ".cap"),
    lambda start: start.head[:4] in (*PCAP_MAGICS, PCAPNG_MAGIC),
    read_packet_capture,
)
