"""The formats that are read, in the order in which they are tried: what is certain comes first.

A reader is one file, and one line here. Detection, folders, errors, the docs and the tests follow this list.
"""

from hometruth.capture.archive import ARCHIVE
from hometruth.capture.exchange_table import EXCHANGE_TABLE
from hometruth.capture.exports.burp import BURP
from hometruth.capture.exports.charles import CHARLES
from hometruth.capture.exports.contacts import CONNECTION_LIST, PRIVACY_REPORT
from hometruth.capture.exports.crawls import OPENWPM, TRACKER_RADAR
from hometruth.capture.exports.devtools import PROTOCOL, TRACE
from hometruth.capture.exports.exchanges import EXCHANGES
from hometruth.capture.exports.netlog import NETLOG
from hometruth.capture.exports.postman import POSTMAN
from hometruth.capture.exports.saz import SAZ
from hometruth.capture.exports.warc import WARC
from hometruth.capture.exports.zap import ZAP
from hometruth.capture.flow_reader import FLOWS
from hometruth.capture.har.read import HAR
from hometruth.capture.pcap.reader import PCAP
from hometruth.capture.reader import Reader, Start
from hometruth.capture.refused import not_read

READERS: tuple[Reader, ...] = (
    FLOWS,
    PCAP,
    WARC,
    OPENWPM,
    EXCHANGE_TABLE,
    EXCHANGES,
    PRIVACY_REPORT,
    CONNECTION_LIST,
    BURP,
    ZAP,
    CHARLES,
    NETLOG,
    TRACE,
    POSTMAN,
    TRACKER_RADAR,
    PROTOCOL,
    HAR,
    SAZ,
    ARCHIVE,
)


def reader_of(start: Start) -> Reader | None:
    """The reader for a file that starts like this; None if none reads it."""
    if not_read(start) is not None:
        return None
    return next((reader for reader in READERS if reader.sniff(start)), None)


def accepted() -> str:
    """What is read, in words."""
    *names, last = (reader.name for reader in READERS)
    return f"accepted are {', '.join(names)} and {last}, plain or compressed (gzip, zstd, xz, bzip2)"
