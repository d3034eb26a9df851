"""Builds the compiled core into wheels, where the machine has a C compiler or pip may get one."""

import shutil
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from sysconfig import get_platform
from tempfile import mkdtemp
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

COMPILER = "ziglang>=0.13"
"""A C compiler as a wheel, asked for where no other is on PATH."""
CORE = "hometruth/peel/sieve/core"


class CoreHook(BuildHookInterface):
    """Compiles the core for a wheel; into an editable installation scripts/environment.sh builds it."""

    def dependencies(self) -> list[str]:
        """What else building needs."""
        return [] if self.target_name != "wheel" or self._library().compiler() else [COMPILER]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the core to a wheel, which is then for machines like this one; without it, for all."""
        if self.target_name != "wheel" or version == "editable":
            return
        library = self._library()
        command = library.compiler()
        if not command:
            print("hometruth: no C compiler: the wheel is built without the compiled core", file=sys.stderr)
            return
        self._work = mkdtemp()
        built = library.build(Path(self._work), command)
        build_data["force_include"][str(built)] = f"{CORE}/{built.name}"
        build_data["pure_python"] = False
        # It is called without Python's headers, so one wheel is for all versions.
        build_data["tag"] = f"py3-none-{get_platform().replace('-', '_').replace('.', '_')}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Leave nothing behind."""
        if work := getattr(self, "_work", None):
            shutil.rmtree(work)

    def _library(self) -> ModuleType:
        loader = SourceFileLoader("core_library", str(Path(self.root, "src", CORE, "library.py")))
        spec = spec_from_loader(loader.name, loader)
        assert spec
        module = module_from_spec(spec)
        loader.exec_module(module)
        return module
