"""The case folder: sealed plan, canaries and trials; raw traffic; results.

The plan, claims, canaries and planned trials are written and hashed (``case.toml``) before the first
session; ``trials.jsonl`` and ``traffic.mitm`` grow while it runs, so that a kill loses at most the
session and the exchange in flight. Nothing is ever rewritten.
"""

import hashlib
import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from hometruth.case.typed import converted, decoded_lines
from hometruth.errors import CaseError
from hometruth.handed_in import parse_toml, read_handed_in, read_text
from hometruth.model import Trial

MAX_SEALED_BYTES = 1 << 30
"""One sealed file: a million canaries have a quarter of it."""
SEALED = ("plan.toml", "claims.toml", "canaries.jsonl", "planned.jsonl")
TRAFFIC = ("traffic.mitm", "traffic.mitm.connections.jsonl")
JUDGED_BY = (
    *("case.toml", *SEALED, "trials.jsonl"),
    *TRAFFIC,
)
"""What verdicts are made from; the rest of a case is made from verdicts."""
LAB = "lab"
"""Folder of what the subject itself keeps."""
ERASED_TWIN = "annex/[0-9][0-9][0-9][0-9]-erased/twin"
"""What stays of raw traffic that was erased: the redacted twin, in an annex of the bag."""
RECORDINGS = "recordings"
"""The folder of what was recorded before the case was made; verdicts are made from all in it."""


def judged_by(names: Iterable[str]) -> tuple[str, ...]:
    """What verdicts are made from, in a case of these files."""
    handed_in = sorted(name for name in names if name.startswith(f"{RECORDINGS}/"))
    return (*(name for name in JUDGED_BY if not handed_in or name not in TRAFFIC), *handed_in)


@dataclass(frozen=True, slots=True)
class Case:
    """Paths of one case folder."""

    folder: Path
    """What a run writes into and is judged by."""
    root: Path
    """The bag around it (`case.bag`), or the same folder where there is none."""

    @property
    def is_bag(self) -> bool:
        """True if it stands in a bag."""
        return self.root != self.folder

    @property
    def traffic(self) -> Path:
        """Raw recording, never rewritten."""
        return self.folder / "traffic.mitm"

    @property
    def recordings(self) -> Path:
        """Recordings that were there before the case, as they were handed in; only where nothing was run."""
        return self.folder / RECORDINGS

    @property
    def plan(self) -> Path:
        """The plan as it was written."""
        return self.folder / "plan.toml"

    @property
    def claims(self) -> Path:
        """The claims as they were when the run was planned."""
        return self.folder / "claims.toml"

    @property
    def canaries(self) -> Path:
        """Canaries and phantoms, one a line."""
        return self.folder / "canaries.jsonl"

    @property
    def verdicts(self) -> Path:
        """The verdicts."""
        return self.folder / "verdicts.json"

    @property
    def report(self) -> Path:
        """The report for people."""
        return self.folder / "report.html"

    @property
    def lab(self) -> Path:
        """What the simulated subject keeps for itself: never read by the investigation."""
        return self.root / LAB

    def seal(
        self,
        *,
        plan: str,
        claims: str,
        canaries: str,
        planned: Iterable[Trial],
        facts: Mapping[str, str],
        at: str,
    ) -> str:
        """Write what was decided before the run, and its hash; returns the hash.

        Args:
            facts: Versions and host facts for ``case.toml``.
            at: Time of sealing, ISO 8601 UTC.
        """
        self.plan.write_text(plan, "utf-8")
        self.claims.write_text(claims, "utf-8")
        self.canaries.write_text(canaries, "utf-8")
        _write_lines(self.folder / "planned.jsonl", planned)
        digest = self._sealed_digest()
        lines = ["[seal]", f'sha256 = "{digest}"', f'at = "{at}"', f"files = {list(SEALED)}", "", "[facts]"]
        lines += [f"{key} = {_quoted(value)}" for key, value in facts.items()]
        (self.folder / "case.toml").write_text("\n".join(lines) + "\n", "utf-8")
        return digest

    def check_seal(self) -> None:
        """Compare plan, canaries and planned trials with the hash taken before the run.

        Raises:
            CaseError: If a file is missing or was changed.
        """
        if self._sealed_digest() != self._head().seal.sha256:
            moment = "when it was labelled" if self.recordings.is_dir() else "before the run"
            raise CaseError(
                f"{self.folder}: {', '.join(SEALED)} do not match the hash sealed {moment}; "
                "a case whose plan or canaries were changed afterwards proves nothing"
            )

    def handed_in(self) -> tuple[str, ...]:
        """Every file of `recordings`, by its name in the case."""
        files = (path for path in self.recordings.rglob("*") if path.is_file())
        return tuple(sorted(path.relative_to(self.folder).as_posix() for path in files))

    def facts(self) -> dict[str, str]:
        """Versions and host facts noted when the case was sealed."""
        return self._head().facts

    def sealed(self) -> tuple[str, str]:
        """When it was sealed (ISO 8601, UTC), and the SHA-256 of what was."""
        seal = self._head().seal
        return seal.at, seal.sha256

    def append_trial(self, trial: Trial) -> None:
        """Add a trial that has ended, safely on disk before the next one starts."""
        with (self.folder / "trials.jsonl").open("ab") as file:
            file.write(msgspec.json.encode(trial) + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def planned(self) -> tuple[Trial, ...]:
        """Every planned trial, as it was sealed, in the order of the run."""
        return tuple(decoded_lines(self.folder / "planned.jsonl", Trial))

    def ended(self) -> frozenset[str]:
        """Ids of the trials that have ended."""
        file = self.folder / "trials.jsonl"
        return frozenset(trial.id for trial in decoded_lines(file, Trial)) if file.is_file() else frozenset()

    def trials(self) -> tuple[Trial, ...]:
        """Every planned trial, as it was run; those that were not are lost."""
        planned = self.planned()
        ended = self.folder / "trials.jsonl"
        lines = decoded_lines(ended, Trial) if ended.is_file() else []
        run = {trial.id: trial for trial in lines}
        if len(run) < len(lines):
            raise CaseError(f"{ended}: holds a trial twice; each is written once, when it ends")
        if stray := run.keys() - {trial.id for trial in planned}:
            raise CaseError(
                f"{self.folder}: trials.jsonl holds trials that were not planned: {sorted(stray)[0]}"
            )
        return tuple(run.get(trial.id, trial) for trial in planned)

    def _head(self) -> "_CaseToml":
        path = self.folder / "case.toml"
        table = parse_toml(read_text(path, CaseError), str(path), CaseError)
        return converted(table, _CaseToml, str(path))

    def _sealed_digest(self) -> str:
        digest = hashlib.sha256()
        for name in SEALED:
            data = read_handed_in(self.folder / name, CaseError, limit_bytes=MAX_SEALED_BYTES)
            digest.update(f"{name} {len(data)}\n".encode() + data)
        return digest.hexdigest()


def create_case(folder: Path, *, bag: bool = False) -> Case:
    """Make an empty case folder, closed to others: recordings hold passwords.

    Args:
        bag: Put the case into ``data/``, so that a bag can be closed around it.

    Raises:
        CaseError: If something is already there: evidence is never overwritten.
    """
    case = Case(folder / "data", folder) if bag else Case(folder, folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise CaseError(f"{folder} is not empty; choose another folder, evidence is never overwritten")
        folder.chmod(0o700)
        case.folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as err:
        raise CaseError(f"{folder}: cannot make a case here: {err}") from err
    return case


def open_case(folder: Path) -> Case:
    """Open a case that was run before, in a bag or without one, and check its seal."""
    case = Case(folder / "data", folder) if (folder / "data").is_dir() else Case(folder, folder)
    if not (case.folder / "case.toml").is_file():
        raise CaseError(f"{folder}: is no case (no case.toml); `hometruth run` and `hometruth demo` make one")
    _refuse_links(case)
    case.check_seal()
    if not case.traffic.is_file() and not case.recordings.is_dir():
        refuse_erased(case)
        raise CaseError(f"{folder}: the raw traffic (traffic.mitm) is missing")
    return case


def check_outside(case: Path, *targets: Path | None) -> None:
    """Refuse to write into a case, or over anything, before the work begins.

    Raises:
        CaseError: If a target lies in the case or exists, or its folder does not.
    """
    root = open_case(case).root.resolve()
    for target in filter(None, targets):
        if root == target.resolve() or root in target.resolve().parents:
            raise CaseError(f"{target}: lies in the case, which is sealed; choose a place outside {case}")
        if not target.absolute().parent.is_dir():
            raise CaseError(f"{target}: there is no folder {target.parent}; make it first")
        if target.exists() or target.is_symlink():
            raise CaseError(f"{target}: is there already, and nothing is overwritten; choose another name")


def refuse_erased(case: Case) -> None:
    """Say what else there is of a case whose raw traffic was taken out (`case.erased`).

    Raises:
        CaseError: If an annex of its bag says so.
    """
    twins = sorted(case.root.glob(ERASED_TWIN)) if case.is_bag else ()
    for twin in twins:
        raise CaseError(
            f"{case.root}: its raw traffic was erased, so nothing in it can be judged again; "
            f"its redacted twin can be: {twin}"
        )


def _refuse_links(case: Case) -> None:
    """Evidence stands in its own folder: a link leads elsewhere, and a pipe never ends."""
    for name in (RECORDINGS, *JUDGED_BY):
        path = case.folder / name
        if name == RECORDINGS and stat.S_ISDIR(path.lstat().st_mode if os.path.lexists(path) else 0):
            continue
        if os.path.lexists(path) and not stat.S_ISREG(path.lstat().st_mode):
            raise CaseError(f"{path}: is a link, a pipe or a folder, and no file of a case")


class _Seal(msgspec.Struct):
    sha256: str
    at: str


class _CaseToml(msgspec.Struct):
    """What is read again of ``case.toml``."""

    seal: _Seal
    facts: dict[str, str] = {}


def _write_lines(path: Path, trials: Iterable[Trial]) -> None:
    path.write_bytes(b"".join(msgspec.json.encode(trial) + b"\n" for trial in trials))


def _quoted(value: str) -> str:
    return msgspec.json.encode(value).decode()
