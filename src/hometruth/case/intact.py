"""Whether a case is still what its run left behind: every file, not only those that verdicts are made from.

The manifest is written last, so a run that was broken off has none, and there is nothing to compare with.
"""

from collections.abc import Mapping
from pathlib import Path

from hometruth.case.bag import PAYLOAD
from hometruth.case.folder import Case, judged_by, open_case, refuse_erased
from hometruth.case.manifest import NAME, ManifestRow, entries, read_manifest, sha256_of
from hometruth.errors import CaseError


def all_differences(folder: Path) -> Mapping[str, str]:
    """What differs from the manifest, one phrase for each file, those that verdicts are made from first.

    Empty also if the case has no manifest.

    Raises:
        CaseError: If the manifest cannot be read.
    """
    if not has_manifest(folder):
        return {}
    rows, found = read_manifest(folder), entries(folder)
    every = sorted(rows.keys() | found.keys())
    names = dict.fromkeys((*judged_by(every), *every))
    told = {name: _difference(folder, name, rows.get(name), found.get(name)) for name in names}
    return {name: phrase for name, phrase in told.items() if phrase}


def differences(folder: Path) -> tuple[str, ...]:
    """Those of `all_differences` that bear on the verdicts."""
    told = all_differences(folder)
    return tuple(told[name] for name in judged_by(told) if name in told)


def has_manifest(folder: Path) -> bool:
    """False for a case whose run was broken off before its end."""
    return (folder / NAME).is_file()


def unfinished_case(folder: Path) -> Case:
    """Open a case whose run was cut off, to go on with it.

    Raises:
        CaseError: If it is none, or its run has ended.
    """
    case = open_case(folder)
    if has_manifest(case.folder):
        raise CaseError(f"{folder}: its run has ended; evidence is never written over, choose another folder")
    return case


def check_intact(folder: Path) -> None:
    """Compare what the case is judged by with its manifest.

    Raises:
        CaseError: If anything differs; the message says what, where, and what to do.
    """
    if told := differences(folder):
        refuse_erased(Case(folder, folder.parent if folder.name == PAYLOAD else folder))
        raise CaseError(
            f"{folder}: not as its run left it: {'; '.join(told)}. Get an intact copy of the case. "
            "`hometruth judge --altered` looks at it as it is, and reaches no verdict"
        )


def _difference(folder: Path, name: str, row: ManifestRow | None, regular: bool | None) -> str:
    """One phrase; *regular* is None if there is no such file, False if it is a link, a pipe or a device."""
    if regular is None:
        return f"{name} is missing ({row.size_bytes:,} bytes)" if row else ""
    if not regular:
        return f"{name} is no regular file but a link, a pipe or a device"
    if row is None:
        return f"{name} was added after the run"
    path = folder / name
    size = path.stat().st_size
    if size < row.size_bytes:
        return f"{name} has {size:,} bytes of {row.size_bytes:,}: {row.size_bytes - size:,} were cut out"
    if size > row.size_bytes:
        whole = sha256_of(path, row.size_bytes) == row.sha256
        where = "after its end, which is otherwise as it was" if whole else "somewhere in it"
        more = f"{size - row.size_bytes:,} were added {where}"
        return f"{name} has {size:,} bytes instead of {row.size_bytes:,}: {more}"
    if sha256_of(path) != row.sha256:
        return f"{name} has its {size:,} bytes, but not the same ones"
    return ""
