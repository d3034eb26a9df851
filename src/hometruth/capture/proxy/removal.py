"""Whether a device still trusts a certificate: seen by what becomes of the picture on the recorder's page."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hometruth.capture.proxy.kept_authority import KeptAuthority
from hometruth.capture.proxy.listening import Listening
from hometruth.capture.proxy.own_pages import PROBE
from hometruth.capture.proxy.passing import Passing
from hometruth.capture.proxy.recorder import Recorder
from hometruth.capture.proxy.recording import DISTRUSTED
from hometruth.capture.proxy.sinkhole import Sinkhole
from hometruth.model import Gap, GapKind, is_within

RESERVED = "example"
"""No real site has a name below it (RFC 2606)."""


@dataclass(frozen=True, slots=True)
class Removal:
    """A recorder that is there only to be refused."""

    recorder: Recorder

    @property
    def is_shown(self) -> bool:
        """True once the device opened the page, and last refused the picture in it for who issued it."""
        refused = [gap.at_ns or 0 for gap in self.recorder.gaps() if _is_of_the_picture(gap)]
        return self.recorder.is_page_opened and max(refused, default=0) > (self.recorder.trusted_ns or 0)


def _is_of_the_picture(gap: Gap) -> bool:
    ours = gap.host is not None and is_within(gap.host, PROBE)
    return ours and gap.kind is GapKind.REFUSED_TLS and DISTRUSTED in gap.detail


@contextmanager
def watching_removal(
    kept: KeptAuthority, listening: Listening, *, forwards: bool, devices: Iterable[str] = ()
) -> Iterator[Removal]:
    """Listen where the device is connected to, with the certificate that it may still trust; keep nothing.

    Args:
        forwards: Pass on, unopened, what the device sends to others; else it gets nowhere.
    """
    with (
        tempfile.TemporaryDirectory(prefix="hometruth-end-") as folder,
        Recorder(
            Path(folder) / "end.mitm",
            listening=listening,
            sinkhole=Sinkhole(zones=(RESERVED,) if forwards else ()),
            authority=kept.folder,
            devices=devices,
            passing=Passing(removes=True),
        ) as recorder,
    ):
        recorder.open_only(())
        yield Removal(recorder)
