"""The public twin of one recording: rewritten until nothing new is learned, proven, and written only then."""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from pathlib import Path
from random import Random

from hometruth.audit.redact.har import beside_entries, har_bytes, har_twin, load_har
from hometruth.audit.redact.left_out import Left, LeftOut
from hometruth.audit.redact.prove import (
    BESIDE,
    IN_PIECES,
    NOTHING_SEARCHED,
    Remains,
    Searched,
    as_sent,
    prove,
    sight,
)
from hometruth.audit.redact.replacements import Replacements, no_texts
from hometruth.audit.redact.rewrite import Rewriter
from hometruth.canaries import LoadedCanaries
from hometruth.capture import open_capture, read_capture
from hometruth.errors import CaptureError
from hometruth.findings import usual_addresses
from hometruth.model import Canary, CanaryKind, Exchange, Gap
from hometruth.private_file import write_new

RESPONSES, OPAQUE_BODIES = "responses", "opaque"
KEEPABLE = (RESPONSES, OPAQUE_BODIES)
"""What is left out unless named."""
MAX_ROUNDS = 6
"""Until nothing is left: each takes away what the one before it found."""
MAX_LEARNING = 50
"""Times that all is rewritten until nothing new is learned; two or three are usual."""
SHOWN = 5
"""Places named in one message."""
HAR, FLOWS = "HAR 1.2", "mitmproxy flow files"
_Write = Callable[[Rewriter, LeftOut], bytes]
_Beside = Callable[[bytes, Collection[int | str]], Iterator[tuple[int, bytes]]]


@dataclass(frozen=True, slots=True)
class Twin:
    """A recording's public twin, proven."""

    data: bytes
    removed: tuple[str, ...]
    """Every value that was replaced. They are in memory only."""
    sought: tuple[Canary, ...]
    """Those among them that the proof looked for: long enough to be told from chance."""
    left_out: tuple[Left, ...]
    proof: Searched


class Redaction:
    """Replacements and what they are made in: one for all recordings and files of one twin."""

    def __init__(
        self,
        canaries: Iterable[Canary] = (),
        salts: Sequence[str] = (),
        *,
        keep: Collection[str] = (),
        rng: Random | None = None,
    ) -> None:
        self.salts = tuple(salts)
        self.keep = frozenset(keep)
        self.replacements = Replacements(self.salts, rng)
        for canary in canaries:
            if not canary.phantom:
                self.replacements.declare(canary.value, canary.kind, _derived(canary))
        self.rewriter = Rewriter(self.replacements)
        self.rewriter.settle()

    def recording(self, path: Path, name: str) -> "Original":
        """One more recording to rewrite.

        Raises:
            CaptureError: If it cannot be read whole, or is of a format without twins.
        """
        left = LeftOut(keep_responses=RESPONSES in self.keep, keep_opaque=OPAQUE_BODIES in self.keep)
        return Original(name, left, *_ways_of(path))

    def proven(
        self,
        recordings: Sequence["Original"],
        take: Callable[["Original", bytes], object],
        *others: Callable[[Rewriter], object],
        jobs: int | None = None,
    ) -> Searched:
        """Rewrite all until nothing new is learned; search that; leave out what is found, until nothing is.

        Args:
            take: Is given the twin of each, and again as often as it changes.
            others: Rewrite something else of which values are learned.

        Raises:
            CaptureError: If something removed is left; names where.
        """
        for each in recordings:
            each.leave_out_pieces(self.replacements.sought(), self.salts, jobs=jobs)
        for _ in range(MAX_ROUNDS):
            self._learn(recordings, others)
            sought = self.replacements.sought()
            found: list[tuple[str, Searched]] = []
            n_new = 0
            for each in recordings:
                data = each.twin(self.rewriter)
                searched = prove(each.items(data), sought, self.salts, jobs=jobs)
                n_new += sum([sight(each.left, remains) for remains in searched.remains])
                found.append((each.name, searched))
                take(each, data)
            if not n_new and not self.rewriter.settle():
                break
        for name, searched in found:
            refuse_unproven(searched, name)
        if self.rewriter.settle():
            raise unsettled()
        return reduce(Searched.plus, (searched for _, searched in found), NOTHING_SEARCHED)

    def _learn(
        self, recordings: Sequence["Original"], others: Sequence[Callable[[Rewriter], object]]
    ) -> None:
        """Rewrite all, and again with what was learned: what is learned late stands earlier, too."""
        for _ in range(MAX_LEARNING):
            for write in (*(each.twin for each in recordings), *others):
                write(self.rewriter)
            if not self.rewriter.settle():
                return
        raise unsettled()


@dataclass(frozen=True, slots=True)
class Original:
    """One recording on its way to its twin."""

    name: str
    left: LeftOut
    _write: _Write
    _beside: _Beside
    _original: Callable[[], bytes]

    def leave_out_pieces(self, named: Sequence[Canary], salts: Sequence[str], *, jobs: int | None) -> None:
        """Note where values were sent in pieces: one piece may be replaced for what it looks like, and then
        nobody would know the others again.
        """
        if named:
            items = read_capture(self._original(), name=self.name)
            for remains in prove(items, named, salts, jobs=jobs).remains:
                if remains.form == IN_PIECES:
                    sight(self.left, remains)

    def twin(self, rewriter: Rewriter) -> bytes:
        """The whole file, as far as is known by now.

        Raises:
            CaptureError: If its values are nested more deeply than can be followed.
        """
        self.left.told.clear()
        try:
            return self._write(rewriter, self.left)
        except RecursionError as err:
            detail = "its values are nested more deeply than can be rewritten, so no twin is made"
            raise CaptureError(f"{self.name}: {detail}") from err

    def items(self, twin: bytes) -> Iterator[Exchange | Gap]:
        """All that the twin holds, as every command reads it; then what no reader takes for an exchange."""
        read: set[int | str] = set()
        for item in read_capture(twin, name=self.name) if twin else ():
            if isinstance(item, Exchange):
                read |= {item.source.index, item.source.flow_id or item.source.index}
            yield item
        for place, data in self._beside(twin, read):
            yield as_sent(data, BESIDE, place)


def write_twin(
    source: Path,
    out: Path,
    canaries: LoadedCanaries | None = None,
    *,
    keep: Collection[str] = (),
    jobs: int | None = None,
) -> Twin:
    """Write the public twin of a recording.

    Args:
        canaries: Values to replace wherever they stand, besides those that are found.
        keep: What of `KEEPABLE` to keep.

    Raises:
        CaptureError: If it cannot be read whole, the twin could not be shown to be clean, or *out* exists.
    """
    if os.path.lexists(out):
        raise CaptureError(f"{out}: exists already; nothing is written over, give another name")
    if not out.absolute().parent.is_dir():
        raise CaptureError(f"{out}: there is no such folder to write it into")
    given = canaries or LoadedCanaries((), ())
    twin = redact_recording(source, Redaction(given.canaries, given.salts, keep=keep), jobs=jobs)
    write_new(out, twin.data)
    return twin


def redact_recording(path: Path, redaction: Redaction, *, jobs: int | None = None) -> Twin:
    """The twin of a HAR or mitmproxy flow file.

    Raises:
        CaptureError: If it cannot be read whole, or something removed is still in the twin; names where.
    """
    recording = redaction.recording(path, path.name)
    twins: list[bytes] = []
    proof = redaction.proven([recording], lambda _, data: twins.append(data), jobs=jobs)
    known = redaction.replacements
    return Twin(twins[-1], known.removed(), known.sought(), tuple(recording.left.rows()), proof)


def refuse_unproven(proof: Searched, where: str) -> None:
    """Refuse a twin that was not shown to be clean.

    Raises:
        CaptureError: Names what is left, and where; or what could not be searched.
    """
    if proof.remains:
        told = "; ".join(map(_told, proof.remains[:SHOWN]))
        more = f" and {len(proof.remains) - SHOWN} more" if len(proof.remains) > SHOWN else ""
        raise CaptureError(
            f"{where}: no twin is written, for removed values would be left in it: {told}{more}"
        )
    if proof.phantoms:
        raise CaptureError(f"{where}: no twin is written: the search saw values that nobody planted")
    if proof.limits:
        gap = proof.limits[0]
        raise CaptureError(
            f"{where}: no twin is written: a limit kept {gap.where} from being searched ({gap.detail})"
        )


def _told(remains: Remains) -> str:
    return (
        f"{remains.canary} as {remains.form} in entry {remains.entry}, {remains.part} {remains.path}".strip()
    )


def _ways_of(path: Path) -> tuple[_Write, _Beside, Callable[[], bytes]]:
    """What writes the twin of a recording of this format, tells what no reader takes, and the original."""
    reading = open_capture(path)
    if reading.format == HAR:
        document = load_har(path)
        return partial(har_twin, document), beside_entries, partial(har_bytes, document)
    if reading.format == FLOWS:
        # Imported late: a HAR needs no mitmproxy.
        from hometruth.audit.redact.flows import beside_flows, flow_twin, load_flows  # noqa: PLC0415

        data = load_flows(path)
        return partial(flow_twin, data), beside_flows, lambda: data
    raise CaptureError(
        f"{path}: is of the format {reading.format}; twins are made of HAR and mitmproxy flow files only"
    )


def unsettled() -> CaptureError:
    """What to say where values to remove turn up after all was searched for the others."""
    return CaptureError("no twin is written: whenever it is rewritten, more values to remove are found in it")


def _derived(canary: Canary) -> Callable[[str], tuple[str, ...]]:
    """Texts that hold a page's value as it is usually visited."""
    if canary.kind is not CanaryKind.PAGE:
        return no_texts

    def texts(value: str) -> tuple[str, ...]:
        page = Canary("page", CanaryKind.PAGE, value, canary.bits)
        return tuple(text for _, text in usual_addresses([page])["page"])

    return texts
