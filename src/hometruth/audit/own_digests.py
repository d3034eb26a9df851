"""Digests of somebody's own values in a recording: a fold over examined exchanges."""

from collections.abc import Iterator
from dataclasses import dataclass

from hometruth.audit.crew import examined
from hometruth.audit.examine import Examined
from hometruth.audit.scan import Capture
from hometruth.audit.scanner import Scanner
from hometruth.capture import read_capture
from hometruth.identity.digests.lookup import OwnDigestTable
from hometruth.model import Gap
from hometruth.model.reidentification import KnownDigest
from hometruth.peel import Peeled


@dataclass(frozen=True, slots=True)
class DigestNote:
    """Notes which digests of a table an exchange holds: each once, in however many wrappings."""

    table: OwnDigestTable

    def __call__(self, _examined: Examined, peeled: Peeled) -> frozenset[KnownDigest]:
        """The digests in its values."""
        return frozenset(known for value in peeled.values for known in self.table.find(value.data))


def digests_in(capture: Capture, table: OwnDigestTable) -> Iterator[tuple[KnownDigest, str] | Gap]:
    """Each digest with the host that it was sent to, once an exchange; and what could not be looked into.

    Raises:
        CaptureError: It cannot be read.
    """
    for item in examined(read_capture(capture), Scanner(), note=DigestNote(table)):
        if isinstance(item, Gap):
            yield item
            continue
        yield from item.gaps
        assert isinstance(item.noted, frozenset)
        yield from ((known, item.exchange.host) for known in item.noted)
