"""The public twin of a case: its recording, plan and sessions rewritten, judged afresh, and proven.

It is a case itself, so that whoever gets it can judge it: what was planted has stand-ins that were planted in
their place. It is no evidence of its own: it was made afterwards, and says of which sealed case.
"""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from hometruth.audit.case_audit import audit_case, plan_of, rejudge
from hometruth.audit.redact.left_out import Left
from hometruth.audit.redact.prove import Searched, prove, text_exchanges
from hometruth.audit.redact.recording import Original, Redaction, refuse_unproven, unsettled
from hometruth.audit.redact.rewrite import Rewriter
from hometruth.canaries import dump_canaries, load_canaries
from hometruth.capture.connections import CONNECTIONS_SUFFIX
from hometruth.capture.marks import SUFFIX as MARKS
from hometruth.case import Case, create_case, open_case, verify, write_manifest, write_tables
from hometruth.case.bag import bag_digest
from hometruth.case.folder import JUDGED_BY
from hometruth.case.manifest import NAME, entries, sha256_of
from hometruth.case.typed import decoded_lines
from hometruth.errors import CaseError
from hometruth.model import Audit, Canary, Condition, Exchange, Trial
from hometruth.report import render_html, write_verdicts

if TYPE_CHECKING:
    from hometruth.model.outputs import CaseTwinJson

REDACTION = "redaction.json"
"""What was done, in the twin."""
FACT: Final = "redacted_twin_of"
"""In `case.toml`: what names the case."""
TOLD = "made afterwards of the case that this digest names; no evidence of its own"
_MADE_AGAIN = frozenset({"verdicts.json", "report.html", NAME, *JUDGED_BY})
_TITLE = re.compile(r'^(title\s*=\s*")', re.MULTILINE)
_ID_CHARACTERS = 8
"""Of a canary's value, in its id."""
_Words = Mapping[tuple[str, str, str], str]


@dataclass(frozen=True, slots=True)
class Changed:
    """A verdict that the twin no longer carries as the case does."""

    claim: str
    proposition: str
    condition: str
    in_case: str
    in_twin: str


@dataclass(frozen=True, slots=True)
class CaseTwin:
    """A case's public twin, proven and written."""

    of: str
    """SHA-256 that names the case: of its bag's tag manifest, or of its MANIFEST.json."""
    removed: tuple[str, ...]
    sought: tuple[Canary, ...]
    left_out: tuple[Left, ...]
    searched: Searched
    verdicts: int
    changed: tuple[Changed, ...]


def redact_case(folder: Path, out: Path, *, keep: Collection[str] = (), jobs: int | None = None) -> CaseTwin:
    """Write the public twin of a case into *out*, whole or not at all.

    Args:
        keep: What of `KEEPABLE` to keep.

    Raises:
        CaseError: If the case is broken, or *out* lies in it or exists.
        CaptureError: If something removed is still in the twin; names where.
    """
    open_case(folder)
    _check_place(folder, out)
    case, digest = _unbroken(folder)
    canaries, salts = load_canaries(case.canaries)
    redaction = Redaction(canaries, salts, keep=keep)
    before = rejudge(folder)
    for found in before.identifiers:
        redaction.replacements.of(found.value)
    _rename(canaries, redaction)
    scratch = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        twin = _Twin(case, create_case(scratch / "twin"), redaction, digest)
        made = twin.make(canaries, before, jobs)
        (scratch / "twin").rename(out)
    finally:
        shutil.rmtree(scratch)
    return made


def _check_place(folder: Path, out: Path) -> None:
    root = folder.resolve()
    if root == out.resolve() or root in out.resolve().parents:
        raise CaseError(f"{out}: lies in the case, which is sealed; choose a place outside {folder}")
    if os.path.lexists(out):
        raise CaseError(f"{out}: exists already; nothing is written over, give another name")
    if not out.absolute().parent.is_dir():
        raise CaseError(f"{out.absolute().parent}: there is no such folder")


def _unbroken(folder: Path) -> tuple[Case, str]:
    """The case, and what names it."""
    case = open_case(folder)
    if case.is_bag:
        if broken := verify(folder).broken:
            raise CaseError(f"{folder}: not as its run left it: {broken}; no twin is made of it")
        return case, bag_digest(folder)
    if not (case.folder / NAME).is_file():
        raise CaseError(
            f"{folder}: incomplete: it has no {NAME}, so nothing names what this would be a twin of"
        )
    return case, sha256_of(case.folder / NAME)


def _rename(canaries: Iterable[Canary], redaction: Redaction) -> None:
    """Ids that hold the beginning of a minted value get that of its stand-in."""
    for canary in canaries:
        if not canary.phantom and canary.id == f"c-{canary.value[:_ID_CHARACTERS]}":
            new = redaction.replacements.of(canary.value)
            redaction.replacements.alias(canary.id, f"c-{new[:_ID_CHARACTERS]}")


class _Twin:
    """One twin on its way."""

    def __init__(self, case: Case, twin: Case, redaction: Redaction, digest: str) -> None:
        self._case = case
        self._twin = twin
        self._redaction = redaction
        self._digest = digest
        self._of: dict[str, Original] = {
            name: redaction.recording(path, name)
            for path in self._recordings()
            if path.stat().st_size
            for name in [path.relative_to(case.folder).as_posix()]
        }
        """What is rewritten, by its name in the case."""

    def make(self, canaries: Iterable[Canary], before: Audit, jobs: int | None) -> CaseTwin:
        planned = decoded_lines(self._case.folder / "planned.jsonl", Trial)
        ended = self._case.folder / "trials.jsonl"
        run = decoded_lines(ended, Trial) if ended.is_file() else []
        notes = self._notes()
        lines = (*notes.values(), *(each.address for each in canaries))
        searched = self._redaction.proven(
            list(self._of.values()),
            lambda recording, data: self._target(self._case.folder / recording.name).write_bytes(data),
            lambda rewriter: [rewriter.text(line) for line in lines],
            lambda rewriter: [rewritten_trial(trial, rewriter) for trial in (*planned, *run)],
            jobs=jobs,
        )
        for path in self._recordings():
            if not self._target(path).exists():  # nothing at all was sent
                self._target(path).write_bytes(b"")
        self._seal(canaries, planned, run)
        for path, text in notes.items():
            self._target(path).write_text(self._rewriter.text(text), "utf-8")
        if self._rewriter.settle():
            raise unsettled()
        after = audit_case(self._twin)
        changed = _changed(before, after, self._rewriter)
        write_verdicts(after, self._twin.verdicts)
        write_tables(after, self._twin.folder)
        generated = f"{_now()}, from the redacted twin of {self._digest}, {TOLD}"
        self._twin.report.write_text(render_html(after, generated=generated), "utf-8")
        made = CaseTwin(
            self._digest,
            self._redaction.replacements.removed(),
            self._redaction.replacements.sought(),
            (*(row for each in self._of.values() for row in each.left.rows()), *self._not_taken()),
            searched,
            len(after.verdicts),
            changed,
        )
        (self._twin.folder / REDACTION).write_text(json.dumps(as_json(made), indent=1) + "\n", "utf-8")
        # They are made of the twin's recordings, in which short digests were looked for.
        rest = prove(self._texts(), made.sought, self._redaction.salts, jobs=jobs, short=False)
        refuse_unproven(rest, str(self._case.root))
        write_manifest(self._twin.folder)
        for name in entries(self._twin.folder, without=()):
            (self._twin.folder / name).chmod(0o600)
        return made

    @property
    def _rewriter(self) -> Rewriter:
        return self._redaction.rewriter

    def _recordings(self) -> list[Path]:
        if self._case.recordings.is_dir():
            plan = plan_of(self._case)
            return [
                self._case.recordings / name for name in sorted({each.recording for each in plan.sessions})
            ]
        return [self._case.traffic]

    def _target(self, path: Path) -> Path:
        """Where the twin of a file of the case goes."""
        target = self._twin.folder / path.relative_to(self._case.folder)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return target

    def _notes(self) -> dict[Path, str]:
        """Notes beside recordings: what could not be opened, and what began when."""
        beside = [Path(f"{path}{end}") for path in self._recordings() for end in (CONNECTIONS_SUFFIX, MARKS)]
        return {path: path.read_text("utf-8", "backslashreplace") for path in beside if path.is_file()}

    def _seal(self, canaries: Iterable[Canary], planned: Iterable[Trial], run: Iterable[Trial]) -> None:
        self._twin.seal(
            plan=_TITLE.sub(
                rf"\g<1>Redacted twin of {self._digest[:16]}: ", self._known(self._case.plan), count=1
            ),
            claims=self._known(self._case.claims),
            canaries=dump_canaries(map(self._canary, canaries)),
            planned=map(self._trial, planned),
            facts={**self._case.facts(), FACT: self._digest},
            at=_now(),
        )
        for trial in run:
            self._twin.append_trial(self._trial(trial))

    def _known(self, path: Path) -> str:
        """A text with its removed values replaced, and nothing else."""
        return self._rewriter.known(path.read_text("utf-8"))

    def _canary(self, canary: Canary) -> Canary:
        if canary.phantom:
            return canary
        known = self._rewriter.known
        return replace(
            canary,
            id=known(canary.id),
            value=self._redaction.replacements.of(canary.value),
            address=self._rewriter.text(canary.address),
        )

    def _trial(self, trial: Trial) -> Trial:
        return rewritten_trial(trial, self._rewriter)

    def _texts(self) -> Iterator[Exchange]:
        """Every file of the twin that is no recording, as if it had been sent."""
        for name in sorted(entries(self._twin.folder)):
            if name not in self._of:
                yield from text_exchanges(_as_text(self._twin.folder / name), name)

    def _not_taken(self) -> Iterator[Left]:
        taken = {
            *_MADE_AGAIN,
            *self._of,
            *(path.relative_to(self._case.folder).as_posix() for path in self._notes()),
        }
        for name in sorted(entries(self._case.folder)):
            if name not in taken and not name.endswith(".parquet"):
                size = (self._case.folder / name).lstat().st_size
                yield Left(name, "no file that a twin is made of", size)


def as_json(twin: CaseTwin) -> "CaseTwinJson":
    """What was done, as the twin says it; no removed value is in it."""
    return {
        FACT: twin.of,
        "says": TOLD,
        "replaced": len(twin.removed),
        "sought": len(twin.sought),
        "exchanges": twin.searched.exchanges,
        "searched_bytes": twin.searched.searched_bytes,
        "opaque_bytes": twin.searched.opaque_bytes,
        "left_out": [msgspec.to_builtins(each) for each in twin.left_out],
        "verdicts": twin.verdicts,
        "verdicts_changed": [msgspec.to_builtins(each) for each in twin.changed],
    }


def _changed(before: Audit, after: Audit, rewriter: Rewriter) -> tuple[Changed, ...]:
    """Verdicts whose word is another one in the twin."""
    was, now = _words(before), _words(after)
    keys = dict.fromkeys((*was, *now))
    return tuple(
        Changed(claim, proposition, condition, was.get(key, "none"), now.get(key, "none"))
        for key in keys
        if was.get(key) != now.get(key)
        for claim, proposition, condition in [map(rewriter.known, key)]
    )


def _words(audit: Audit) -> _Words:
    return {
        (each.claim, each.proposition, str(each.condition)): each.verdict.value for each in audit.verdicts
    }


def _as_text(path: Path) -> bytes:
    """A file as text that can be searched: a table row by row, a line each."""
    if path.suffix != ".parquet":
        return path.read_bytes()
    import pyarrow.parquet as pq  # noqa: PLC0415

    rows = pq.read_table(path).to_pylist()
    return "\n".join(json.dumps(row, default=str) for row in rows).encode()


def rewritten_trial(trial: Trial, rewriter: Rewriter) -> Trial:
    """A session without what is personal; its condition is the plan's (``account=signed-in``)."""
    bare = msgspec.json.encode(replace(trial, condition=Condition(()))).decode()
    levels = tuple(
        (rewriter.known(factor), rewriter.known(level)) for factor, level in trial.condition.levels
    )
    return replace(msgspec.json.decode(rewriter.text(bare), type=Trial), condition=Condition(levels))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
