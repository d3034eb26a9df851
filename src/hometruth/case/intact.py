"""Whether what a case is judged by is still what its run left behind.

The manifest is written last, so a run that was broken off has none, and there is nothing to compare with.
"""

from pathlib import Path

from hometruth.case.folder import SEALED
from hometruth.case.manifest import NAME, Row, read_manifest, sha256_of
from hometruth.errors import CaseError

JUDGED_BY = (
    *("case.toml", *SEALED, "trials.jsonl"),
    *("traffic.mitm", "traffic.mitm.connections.jsonl"),
)
"""What verdicts are made from; the rest of a case is made from verdicts."""


def differences(folder: Path) -> tuple[str, ...]:
    """What differs from the manifest, one phrase for each file; empty also if the case has no manifest.

    Raises:
        CaseError: If the manifest cannot be read.
    """
    if not has_manifest(folder):
        return ()
    rows = read_manifest(folder)
    told = (_difference(folder / name, rows.get(name)) for name in JUDGED_BY)
    return tuple(phrase for phrase in told if phrase)


def has_manifest(folder: Path) -> bool:
    """False for a case whose run was broken off before its end."""
    return (folder / NAME).is_file()


def check_intact(folder: Path) -> None:
    """Compare what the case is judged by with its manifest.

    Raises:
        CaseError: If anything differs; the message says what, where, and what to do.
    """
    if told := differences(folder):
        raise CaseError(
            f"{folder}: not as its run left it: {'; '.join(told)}. Get an intact copy of the case. "
            "`hometruth judge --altered` looks at it as it is, and reaches no verdict"
        )


def _difference(path: Path, row: Row | None) -> str:
    if row is None:
        return f"{path.name} was added after the run" if path.is_file() else ""
    if not path.is_file():
        return f"{path.name} is missing ({row.size_bytes:,} bytes)"
    size = path.stat().st_size
    if size < row.size_bytes:
        return f"{path.name} has {size:,} bytes of {row.size_bytes:,}: {row.size_bytes - size:,} were cut out"
    if size > row.size_bytes:
        whole = sha256_of(path, row.size_bytes) == row.sha256
        where = "after its end, which is otherwise as it was" if whole else "somewhere in it"
        more = f"{size - row.size_bytes:,} were added {where}"
        return f"{path.name} has {size:,} bytes instead of {row.size_bytes:,}: {more}"
    if sha256_of(path) != row.sha256:
        return f"{path.name} has its {size:,} bytes, but not the same ones"
    return ""
