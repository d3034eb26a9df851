"""The case folder: sealed plan, canaries and trials; raw traffic; results.

The plan, claims, canaries and planned trials are written and hashed (``case.toml``) before the first
session; ``trials.jsonl`` and ``traffic.mitm`` grow while it runs, so that a kill loses at most the
session and the exchange in flight. Nothing is ever rewritten.
"""

import hashlib
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from hometruth.errors import CaseError
from hometruth.model import Trial

SEALED = ("plan.toml", "claims.toml", "canaries.jsonl", "planned.jsonl")


@dataclass(frozen=True, slots=True)
class Case:
    """Paths of one case folder."""

    folder: Path

    @property
    def traffic(self) -> Path:
        """Raw recording, never rewritten."""
        return self.folder / "traffic.mitm"

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
        return self.folder / "lab"

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
        try:
            seal = tomllib.loads((self.folder / "case.toml").read_text("utf-8"))["seal"]["sha256"]
            digest = self._sealed_digest()
        except (OSError, KeyError, ValueError) as err:
            raise CaseError(f"{self.folder}: not a complete case: {err}") from err
        if digest != seal:
            raise CaseError(
                f"{self.folder}: {', '.join(SEALED)} do not match the hash sealed before the run; "
                "a case whose plan or canaries were changed afterwards proves nothing"
            )

    def facts(self) -> dict[str, str]:
        """Versions and host facts noted when the case was sealed."""
        table = tomllib.loads((self.folder / "case.toml").read_text("utf-8"))
        return {key: str(value) for key, value in table.get("facts", {}).items()}

    def append_trial(self, trial: Trial) -> None:
        """Add a trial that has ended, safely on disk before the next one starts."""
        with (self.folder / "trials.jsonl").open("ab") as file:
            file.write(msgspec.json.encode(trial) + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def trials(self) -> tuple[Trial, ...]:
        """Every planned trial, as it was run; those that were not are lost."""
        planned = _read_lines(self.folder / "planned.jsonl")
        run = {trial.id: trial for trial in _read_lines(self.folder / "trials.jsonl")}
        if stray := run.keys() - {trial.id for trial in planned}:
            raise CaseError(
                f"{self.folder}: trials.jsonl holds trials that were not planned: {sorted(stray)[0]}"
            )
        return tuple(run.get(trial.id, trial) for trial in planned)

    def _sealed_digest(self) -> str:
        digest = hashlib.sha256()
        for name in SEALED:
            data = (self.folder / name).read_bytes()
            digest.update(f"{name} {len(data)}\n".encode() + data)
        return digest.hexdigest()


def create_case(folder: Path) -> Case:
    """Make an empty case folder.

    Raises:
        CaseError: If something is already there: evidence is never overwritten.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise CaseError(f"{folder} is not empty; choose another folder, evidence is never overwritten")
    except OSError as err:
        raise CaseError(f"{folder}: cannot make a case here: {err}") from err
    return Case(folder)


def open_case(folder: Path) -> Case:
    """Open a case that was run before, and check its seal."""
    if not (folder / "case.toml").is_file():
        raise CaseError(f"{folder}: is no case (no case.toml); `hometruth run` and `hometruth demo` make one")
    case = Case(folder)
    case.check_seal()
    if not case.traffic.is_file():
        raise CaseError(f"{folder}: the raw traffic (traffic.mitm) is missing")
    return case


def _write_lines(path: Path, trials: Iterable[Trial]) -> None:
    path.write_bytes(b"".join(msgspec.json.encode(trial) + b"\n" for trial in trials))


def _read_lines(path: Path) -> list[Trial]:
    """Trials of a JSON Lines file; a last line cut by a kill is not a trial that ended."""
    if not path.is_file():
        return []
    lines = path.read_bytes().split(b"\n")
    whole = lines[:-1]
    try:
        return [msgspec.json.decode(line, type=Trial) for line in whole]
    except msgspec.DecodeError as err:
        raise CaseError(f"{path}: not a list of trials: {err}") from err


def _quoted(value: str) -> str:
    return msgspec.json.encode(value).decode()
