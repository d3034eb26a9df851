"""The public twin of one recording: rewritten until nothing new is learned, proven, and written only then."""

import os
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from hometruth.canaries import LoadedCanaries
from hometruth.capture import open_capture
from hometruth.errors import CaptureError
from hometruth.findings import usual_addresses
from hometruth.model import Canary, CanaryKind
from hometruth.redact.har import har_twin, load_har
from hometruth.redact.left_out import Left, LeftOut
from hometruth.redact.prove import Remains, Searched, exchanges_in, header_of, prove
from hometruth.redact.replacements import Replacements, no_texts
from hometruth.redact.rewrite import Rewriter

RESPONSES, OPAQUE_BODIES = "responses", "opaque"
KEEPABLE = (RESPONSES, OPAQUE_BODIES)
"""What is left out unless named."""
MAX_ROUNDS = 6
"""Until nothing new is learned, and until nothing is left: each takes away what the one before it found."""
SHOWN = 5
"""Places named in one message."""
HAR, FLOWS = "HAR 1.2", "mitmproxy flow files"


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

    def left_out(self) -> LeftOut:
        """For one more recording."""
        return LeftOut(keep_responses=RESPONSES in self.keep, keep_opaque=OPAQUE_BODIES in self.keep)

    def learn(self, *writers: Callable[[], object]) -> None:
        """Rewrite all, and again with what was learned, until nothing new is."""
        for _ in range(MAX_ROUNDS):
            for write in writers:
                write()
            if not self.rewriter.settle():
                return


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
    handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(twin.data)
    except OSError:
        out.unlink(missing_ok=True)
        raise
    return twin


def redact_recording(path: Path, redaction: Redaction, *, jobs: int | None = None) -> Twin:
    """The twin of a HAR or mitmproxy flow file.

    Raises:
        CaptureError: If it cannot be read whole, or something removed is still in the twin; names where.
    """
    write = writer_of(path)
    left = redaction.left_out()
    redaction.learn(lambda: write(redaction.rewriter, left))
    sought = redaction.replacements.sought()
    for _ in range(MAX_ROUNDS):
        left.told.clear()
        data = write(redaction.rewriter, left)
        proof = prove(exchanges_in(data, path.name), sought, redaction.salts, jobs=jobs)
        new = [left.sight(each.entry, each.part, header_of(each)) for each in proof.remains]
        if not any(new):
            break
    refuse_unproven(proof, str(path))
    return Twin(data, redaction.replacements.removed(), sought, tuple(left.rows()), proof)


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


def writer_of(path: Path) -> Callable[[Rewriter, LeftOut], bytes]:
    """What writes the twin of a recording, for its format.

    Raises:
        CaptureError: If it cannot be read whole, or is of a format without twins.
    """
    reading = open_capture(path)
    if reading.format == HAR:
        document = load_har(path)
        return lambda rewriter, left: har_twin(document, rewriter, left)
    if reading.format == FLOWS:
        # Imported late: a HAR needs no mitmproxy.
        from hometruth.redact.flows import flow_twin, load_flows  # noqa: PLC0415

        data = load_flows(path)
        return lambda rewriter, left: flow_twin(data, rewriter, left)
    raise CaptureError(
        f"{path}: is of the format {reading.format}; twins are made of HAR and mitmproxy flow files only"
    )


def _derived(canary: Canary) -> Callable[[str], tuple[str, ...]]:
    """Texts that hold a page's value as it is usually visited."""
    if canary.kind is not CanaryKind.PAGE:
        return no_texts

    def texts(value: str) -> tuple[str, ...]:
        page = Canary("page", CanaryKind.PAGE, value, canary.bits)
        return tuple(text for _, text in usual_addresses([page])["page"])

    return texts
