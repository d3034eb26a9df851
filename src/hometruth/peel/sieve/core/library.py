"""Finds the compiled core, or builds it: a shared library that Python calls as it is, with any version of it.

It is looked for beside its sources, where a wheel has it, and in the environment, where ``./demo`` builds it.
Its name holds a digest of the sources: one that was built of others is never loaded.
"""

import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

SWITCH = "HOMETRUTH_CORE"
"""Environment variable: ``off`` leaves the core out; a folder is where it is looked for first."""
HERE = Path(__file__).parent
SUFFIX = ".dll" if sys.platform == "win32" else ".so"
FLAGS = ("-O2", "-std=c11", "-shared", "-fPIC", "-fvisibility=hidden")
COMPILERS = ("cc", "gcc", "clang")


def sources() -> list[Path]:
    """What the core is built of."""
    return [*sorted(HERE.glob("*.c")), *sorted(HERE.glob("*.h"))]


def file_name() -> str:
    """Name of the library that these sources give."""
    digest = hashlib.sha256(b"\0".join(file.read_bytes() for file in sources()))
    return f"core-{digest.hexdigest()[:16]}{SUFFIX}"


def compiler() -> list[str]:
    """The command of a C compiler on this machine, or the one of the package `ziglang`; empty without any."""
    told = os.environ.get("CC", "").split()
    if told and shutil.which(told[0]):
        return told
    for name in COMPILERS:
        if path := shutil.which(name):
            return [path]
    from importlib.util import find_spec  # noqa: PLC0415  # only for who builds

    return [sys.executable, "-m", "ziglang", "cc"] if find_spec("ziglang") else []


def build(folder: Path, command: Sequence[str], flags: Sequence[str] = ()) -> Path:
    """Compile the core into a folder.

    Raises:
        OSError: The folder cannot be written to.
        subprocess.CalledProcessError: The compiler said no.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / file_name()
    files = [str(file) for file in sources() if file.suffix == ".c"]
    with TemporaryDirectory(dir=folder) as work:
        made = Path(work, target.name)
        done = [*command, *FLAGS, *flags, "-o", str(made), *files]
        subprocess.run(done, check=True, capture_output=True)
        made.replace(target)  # whole, whoever else builds it
    return target


def places() -> tuple[Path, ...]:
    """Folders in which it may be: the one that is told, beside the sources, and in the environment."""
    told = os.environ.get(SWITCH)
    return (*((Path(told),) if told else ()), HERE, Path(sys.prefix, "lib", "hometruth"))


@cache
def load_core() -> ctypes.CDLL | None:
    """The core; None where it is not built, or left out."""
    if os.environ.get(SWITCH) == "off":
        return None
    name = file_name()
    for folder in places():
        if (folder / name).is_file():
            return ctypes.CDLL(str(folder / name))
    return None
