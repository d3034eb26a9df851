"""One proof told layer by layer: the raw bytes, what each step made of them, and the planted value marked."""

import hashlib
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from hometruth.model import Exchange, Proof, Sighting, Stage
from hometruth.report.catalogue import _
from hometruth.report.personal import Masker
from hometruth.report.summary import chain_text
from hometruth.report.text import is_text, printable
from hometruth.report.words import LAYER_COMMAND, LAYER_OPERATION, count, layer_means

SHOWN_WHOLE_BYTES = 560
"""A stage up to this size is shown whole; of a longer one, the ends and the marked places."""
HEAD_BYTES, AROUND_BYTES, TAIL_BYTES = 180, 110, 70
SHOWN_MARKS = 3
"""Places marked in a long stage; how many there are is said."""
HEX_HEAD_BYTES, HEX_TAIL_BYTES = 32, 8
TRANSPARENT_LAYERS = frozenset({"json", "form", "query", "cookie", "target", "path", "url", "multipart"})
"""Layers whose input holds the value as openly as their output, so that masking it in place is enough."""
SHOWN_HEADERS = ("content-type", "content-encoding", "user-agent")


class RunKind(StrEnum):
    """How a stretch of a stage is shown."""

    TEXT = "text"
    MARK = "mark"
    MASKED = "masked"
    HEX = "hex"
    LEFT_OUT = "left-out"


@dataclass(frozen=True, slots=True)
class StageRun:
    """A stretch of a stage, ready to print."""

    kind: RunKind
    text: str


@dataclass(frozen=True, slots=True)
class StageView:
    """One step of a proof, ready to print."""

    heading: str
    command: str
    """A common tool that does the same step, or empty."""
    path: str
    """Which piece of the step before this is."""
    size_bytes: int
    runs: tuple[StageRun, ...]
    marks: tuple[tuple[int, int], ...]
    """Byte ranges of the planted value, end excluded."""
    withheld_sha256: str = ""
    """Set instead of runs where the bytes hold a personal value in a form that could be decoded back."""


@dataclass(frozen=True, slots=True)
class ProofView:
    """One proof, ready to print."""

    anchor: str
    proof: Proof
    request_line: str
    headers: tuple[tuple[str, str], ...]
    chain: str
    stages: tuple[StageView, ...]
    file: str
    """Name of the recording, without the folders of the machine it lay on."""
    recipe: str
    """Operations of CyberChef that do all of it; empty if one is missing there."""


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    kind: RunKind
    text: str = ""


def proof_view(proof: Proof, number: int, masker: Masker, personal: Sequence[Sighting]) -> ProofView:
    """Lay out one proof. *personal* are the sightings of personal values anywhere in the audit."""
    exchange = proof.sighting.exchange
    here = [s for s in personal if s.exchange.id == exchange.id and s.value.part is proof.sighting.value.part]
    return ProofView(
        anchor=f"proof-{number}",
        proof=proof,
        request_line=f"{exchange.method} {exchange.url} {exchange.http_version}".strip(),
        headers=_shown_headers(exchange),
        chain=chain_text(proof.sighting),
        stages=tuple(_stage_view(proof, place, masker, here) for place in range(len(proof.stages))),
        file=re.split(r"[/\\]", exchange.source.file)[-1],
        recipe=_recipe([stage.layer for stage in proof.stages[1:]]),
    )


def _recipe(layers: Sequence[str]) -> str:
    """Fields are taken out by hand; every other step needs its operation."""
    steps = [layer for layer in layers if layer == "json" or layer not in TRANSPARENT_LAYERS]
    known = [LAYER_OPERATION[layer] for layer in steps if layer in LAYER_OPERATION]
    return " → ".join(known) if known and len(known) == len(steps) else ""


def _stage_view(proof: Proof, place: int, masker: Masker, personal: Sequence[Sighting]) -> StageView:
    stage = proof.stages[place]
    marks = _marks(stage.data, proof.sighting)
    withheld = _must_withhold(proof.stages, place, masker, personal)
    if withheld:
        masker.places += 1
    return StageView(
        heading=_heading(proof, stage),
        command=LAYER_COMMAND.get(stage.layer, ""),
        path=stage.path,
        size_bytes=len(stage.data),
        runs=() if withheld else _runs(stage.data, marks, masker),
        marks=tuple((mark.start, mark.end) for mark in marks),
        withheld_sha256=hashlib.sha256(stage.data).hexdigest() if withheld else "",
    )


def _heading(proof: Proof, stage: Stage) -> str:
    if stage.layer != "request":
        return layer_means(stage.layer)
    return _("{value} of the request, as sent", value=proof.sighting.value.part.value)


def _shown_headers(exchange: Exchange) -> tuple[tuple[str, str], ...]:
    found = ((name, exchange.request_header(name)) for name in SHOWN_HEADERS)
    return tuple(
        (name, value.decode("utf-8", "backslashreplace")) for name, value in found if value is not None
    )


def _must_withhold(stages: Sequence[Stage], place: int, masker: Masker, personal: Sequence[Sighting]) -> bool:
    """True if the bytes hold a personal value that masking in place would leave decodable."""
    data = stages[place].data
    if not (masker.values and masker.withholds):
        return False
    if masker.wraps(data):
        return True
    if any(later.data not in data and masker.spans(later.data) for later in stages[place + 1 :]):
        return True
    peeled = [stage.layer for stage in stages[1 : place + 1]]
    return any(_still_wrapped(sighting, peeled) for sighting in personal)


def _still_wrapped(sighting: Sighting, peeled: Sequence[str]) -> bool:
    """True if a stage reached by *peeled* may contain the sighting's value under further layers."""
    rest = [step.layer for step in sighting.value.steps]
    for layer in peeled:
        if layer in rest:
            rest = rest[rest.index(layer) + 1 :]
        elif layer not in TRANSPARENT_LAYERS:
            return False
    return any(layer not in TRANSPARENT_LAYERS for layer in rest)


def _marks(data: bytes, sighting: Sighting) -> list[_Span]:
    """Where the sighted form, or the planted value itself, can be seen."""
    value = sighting.canary.value.encode("utf-8", "surrogatepass")
    needles = sorted({needle for needle in (sighting.form.needle, value) if needle}, key=len, reverse=True)
    if not needles:
        return []
    found = re.finditer(b"|".join(map(re.escape, needles)), data, re.IGNORECASE)
    return [_Span(match.start(), match.end(), RunKind.MARK) for match in found]


def _runs(data: bytes, marks: Sequence[_Span], masker: Masker) -> tuple[StageRun, ...]:
    masks = [_Span(start, end, RunKind.MASKED, text) for start, end, text in masker.spans(data)]
    masker.places += len(masks)
    if not marks and not masks and not is_text(data):
        return _hex_runs(data)
    visible_marks = [mark for mark in marks if not _overlaps(mark, masks)]
    spans = sorted([*masks, *visible_marks], key=lambda span: span.start)
    runs: list[StageRun] = []
    position = 0
    for start, end in _windows(data, spans, marks[:SHOWN_MARKS]):
        if start > position:
            runs.append(_left_out(start - position))
        runs.extend(_window_runs(data, start, end, spans))
        position = end
    if position < len(data):
        runs.append(_left_out(len(data) - position))
    return tuple(runs)


def _windows(data: bytes, spans: Sequence[_Span], marks: Sequence[_Span]) -> list[tuple[int, int]]:
    """Ranges of *data* to show: ends and surroundings of marks, joined, never cutting a masked value."""
    size = len(data)
    if size <= SHOWN_WHOLE_BYTES:
        return [(0, size)]
    wanted = [(0, HEAD_BYTES), (size - TAIL_BYTES, size)]
    for mark in marks:
        wanted += [(edge - AROUND_BYTES, edge + AROUND_BYTES) for edge in (mark.start, mark.end)]
    masks = [span for span in spans if span.kind is RunKind.MASKED]
    joined: list[tuple[int, int]] = []
    for first, last in sorted((max(0, start), min(size, end)) for start, end in wanted):
        start, end = _whole_characters(data, first, last)
        start = min([start, *(mask.start for mask in masks if mask.start < start < mask.end)])
        end = max([end, *(mask.end for mask in masks if mask.start < end < mask.end)])
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _whole_characters(data: bytes, start: int, end: int) -> tuple[int, int]:
    """The range without a UTF-8 character cut in two at its ends."""
    longest = 3
    while start > 0 and longest and start < end and data[start] & 0xC0 == 0x80:
        start, longest = start + 1, longest - 1
    longest = 3
    while end < len(data) and longest and data[end] & 0xC0 == 0x80:
        end, longest = end + 1, longest - 1
    return start, end


def _window_runs(data: bytes, start: int, end: int, spans: Sequence[_Span]) -> list[StageRun]:
    runs: list[StageRun] = []
    position = start
    for span in spans:
        if span.end <= position or span.start >= end:
            continue
        if span.start > position:
            runs.append(StageRun(RunKind.TEXT, printable(data[position : span.start])))
        stop = min(span.end, end)
        runs.append(StageRun(span.kind, span.text or printable(data[max(span.start, position) : stop])))
        position = stop
    if position < end:
        runs.append(StageRun(RunKind.TEXT, printable(data[position:end])))
    return runs


def _hex_runs(data: bytes) -> tuple[StageRun, ...]:
    if len(data) <= HEX_HEAD_BYTES + HEX_TAIL_BYTES:
        return (StageRun(RunKind.HEX, data.hex(" ")),)
    return (
        StageRun(RunKind.HEX, data[:HEX_HEAD_BYTES].hex(" ")),
        _left_out(len(data) - HEX_HEAD_BYTES - HEX_TAIL_BYTES),
        StageRun(RunKind.HEX, data[-HEX_TAIL_BYTES:].hex(" ")),
    )


def _left_out(n_bytes: int) -> StageRun:
    return StageRun(RunKind.LEFT_OUT, f" … {count(n_bytes, 'byte')} … ")


def _overlaps(mark: _Span, masks: Sequence[_Span]) -> bool:
    """True if *mark* shares a byte with one of *masks*, which are in order and apart from each other."""
    after = bisect_right(masks, mark.start, key=lambda span: span.end)
    return after < len(masks) and masks[after].start < mark.end
