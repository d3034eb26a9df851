"""Where the compiled core is found, and how it is built."""

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest

from hometruth.peel.sieve.core import library
from hometruth.peel.sieve.core.compiled import CONDITIONS
from hometruth.peel.sieve.core.library import build, compiler, file_name, load_core


@pytest.fixture
def command() -> list[str]:
    if not (found := compiler()):
        pytest.skip("no C compiler on PATH")
    return found


def test_it_is_built_without_a_warning_and_knows_as_many_layers(tmp_path: Path, command: list[str]) -> None:
    built = build(tmp_path / "new", command, ("-Wall", "-Wextra", "-Werror", "-O0"))

    assert [file.name for file in built.parent.iterdir()] == [file_name()]
    assert ctypes.CDLL(str(built)).core_conditions() == len(CONDITIONS)


def test_what_was_built_of_other_sources_is_not_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "places", lambda: (tmp_path, tmp_path))
    monkeypatch.delenv(library.SWITCH, raising=False)
    (tmp_path / "core-0123456789abcdef.so").write_bytes(b"of other sources")

    assert load_core.__wrapped__() is None


def test_it_can_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(library.SWITCH, "off")

    assert load_core.__wrapped__() is None


def test_without_a_compiler_it_is_said_in_a_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hometruth.peel.sieve.core"],
        check=False,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    if "ziglang" in str(compiler()):
        pytest.skip("this environment has a compiler of its own")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "no C compiler (cc, gcc or clang) on PATH\n"
