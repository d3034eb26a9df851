"""Exchanges of a file that is a row of JSON values: each is read by itself, and a bad one is one gap."""

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from hometruth.capture.json_walk import Broken, Item
from hometruth.capture.reader import CaptureFile
from hometruth.capture.url import NotOnTheWire
from hometruth.model import Exchange, Gap, GapKind, Source

Walk = Callable[[BinaryIO], Iterator[Item | Broken]]
Read = Callable[[Any, Source], Iterator[Exchange | Gap]]


def read_rows(
    file: CaptureFile, walk: Walk, read: Read, is_row: Callable[[Any], bool]
) -> Iterator[Exchange | Gap]:
    """What each value comes to, in the order of the file.

    Args:
        walk: Cuts the file into values.
        read: What one value that *is_row* comes to; may raise what a value of another shape raises.
        is_row: False for values that hold no traffic; they are counted in one gap.
    """
    exchanges, others = InOrder(file), 0
    with file.open() as stream:
        for item in walk(stream):
            if isinstance(item, Broken):
                yield broken_gap(item, file.name)
                continue
            if not is_row(item.value):
                others += 1
                continue
            yield from exchanges.read(read, item.value, f"{file.name}, value {item.number}")
    if others:
        detail = f"{others} values are none of this format's requests, and were not looked into"
        yield Gap(GapKind.UNREADABLE, file.name, detail)


class InOrder:
    """Reads one value of a file after the other, and numbers the exchanges among what comes of them."""

    def __init__(self, file: CaptureFile) -> None:
        self._file = file
        self.n = 0
        """Exchanges until now."""

    def read(self, read: Read, value: Any, where: str, called: str | None = None) -> Iterator[Exchange | Gap]:
        """What a value comes to; a gap where it is damaged, or leads to no server.

        Args:
            called: The recorder's own name for the exchange, if it has one.
        """
        for told in _guarded(read, value, Source(self._file.name, self.n, called), where):
            self.n += isinstance(told, Exchange)
            yield told


def _guarded(read: Read, value: Any, source: Source, where: str) -> Iterator[Exchange | Gap]:
    try:
        yield from read(value, source)
    except NotOnTheWire as err:
        yield Gap(GapKind.NOT_HTTP, where, str(err), size_bytes=err.size_bytes)
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        OverflowError,
        RecursionError,
    ) as err:
        yield Gap(GapKind.UNREADABLE, where, f"a damaged entry: {err}")


def broken_gap(broken: Broken, file: str) -> Gap:
    """The gap of a stretch that could not be read."""
    detail = f"damaged at byte {broken.position:,}: {broken.why}"
    return Gap(GapKind.UNREADABLE, file, detail, size_bytes=broken.size_bytes or None)
