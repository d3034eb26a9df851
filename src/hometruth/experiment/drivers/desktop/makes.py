"""What the makes of browsers have in common, and what each must say of itself."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import ClassVar

from hometruth.errors import DriverError
from hometruth.experiment.drivers.desktop.programs import PACKAGES

Setting = bool | int | float | str | None
NORMAL, PRIVATE = "normal", "private"
ON, OFF = "on", "off"
VERSION_S = 30.0
_VERSION = re.compile(r"\d+(?:\.\d+)+\w*")


class Make(ABC):
    """A make of browser: how it is started, told whom to trust, asked what it is set to, and left."""

    product: ClassVar[str]
    programs: ClassVar[tuple[str, ...]]
    """Names of its executable, the most likely first."""
    suggest: ClassVar[tuple[str, ...]]
    """Settings that together switch the suggestions of the search engine on."""
    window_keys: ClassVar[Mapping[str, str]]
    """Mode to the shortcut that opens a window of it."""
    clear_keys: ClassVar[tuple[str, ...]]
    """What opens the dialog that clears the data of the last hour, and what accepts it as it stands."""
    starts_first: ClassVar[bool] = False
    """True if settings can be changed only once its first start has made the profile."""
    reads_badge: ClassVar[bool] = False
    """True if only the words in its toolbar tell the mode of a window."""
    history: ClassVar[tuple[str, str]]
    """File of the profile that remembers pages, and the table that holds their ``url``."""
    policy_page: ClassVar[str]
    """Address of its own page of policies."""
    policy_keys: ClassVar[tuple[tuple[str, ...], ...]]
    """Shortcuts that copy what that page says; in another version others do."""

    def program(self, given: Path | None) -> Path:
        """Its executable: as given, else found on PATH.

        Raises:
            DriverError: If there is none.
        """
        if given is not None:
            if not os.access(given, os.X_OK) or given.is_dir():
                raise DriverError(f"{given} is no program; give the path of {self.product}'s executable")
            return given
        found = next((path for name in self.programs if (path := shutil.which(name))), None)
        if found is None:
            package = PACKAGES[self.programs[0]]
            raise DriverError(
                f"{self.product} is not on this machine; on Debian: apt install {package} (or give its path)"
            )
        return Path(found)

    def version(self, program: Path) -> str:
        """What the program says that it is, in one line.

        Raises:
            DriverError: If it says nothing, or is no browser of this make.
        """
        with tempfile.TemporaryDirectory(prefix="hometruth-") as home:
            try:
                done = subprocess.run(
                    [str(program), "--version"],
                    env={**os.environ, "HOME": home},
                    capture_output=True,
                    timeout=VERSION_S,
                    check=False,
                )
            except (OSError, subprocess.TimeoutExpired) as err:
                raise DriverError(f"{program} does not say which version it is: {err}") from err
        told = done.stdout.decode(errors="replace").strip()
        if self.product not in told or not _VERSION.search(told):
            raise DriverError(f"{program} does not say that it is {self.product}: {told[:80]!r}")
        return told.splitlines()[0]

    def number(self, version: str) -> str:
        """The version's number."""
        found = _VERSION.search(version)
        return found[0] if found else ""

    def build(self, program: Path) -> str:  # noqa: ARG002
        """What else names the build, where the version does not."""
        return ""

    @abstractmethod
    def trust(self, profile: Path, ca_file: Path) -> None:
        """Let it trust the recorder's authority."""

    @abstractmethod
    def command(self, program: Path, profile: Path, proxy: str) -> list[str]:
        """How it is started."""

    @abstractmethod
    def leave(self) -> tuple[str, ...]:
        """Shortcuts that close a window, until none is left."""

    @abstractmethod
    def set_up(self, profile: Path, proxy: str) -> None:
        """Before its first start: the way to the recorder, and no questions when it is left."""

    @abstractmethod
    def change(self, profile: Path, settings: Mapping[str, Setting]) -> None:
        """Change settings while it is not running, as its own settings pages do."""

    @abstractmethod
    def settings(self, program: Path, profile: Path, names: Sequence[str]) -> Mapping[str, Setting]:
        """What the profile says that these settings are; None for one that it does not speak of."""

    @abstractmethod
    def policy_place(self, program: Path) -> Path:
        """The folder of this machine in which it looks for policies."""

    @abstractmethod
    def set_policies(self, folder: Path, policies: Mapping[str, object]) -> None:
        """Add *policies* to what is in *folder*, which lies where the machine's own would."""

    @abstractmethod
    def policies_told(self, copied: str, names: Sequence[str]) -> Mapping[str, object]:
        """Values of those policies that are in force, by what was copied from its own page of them."""

    @abstractmethod
    def extensions(self, profile: Path) -> tuple[str, ...]:
        """Names of extensions in the profile that do not come with the browser itself."""

    @abstractmethod
    def mode_shown(self, title: str, words: str) -> str | None:
        """The mode that a window shows by its title and the words in its toolbar; None if none."""

    def home(self, profile: Path) -> Path:
        """Its home folder: beside the profile, so that nothing of its owner's is read or changed."""
        return profile.parent / "home"

    def remembered(self, profile: Path) -> frozenset[str]:
        """Addresses in the history of the profile, read from a copy while it is not running."""
        name, table = self.history
        if not (profile / name).exists():
            return frozenset()
        with tempfile.TemporaryDirectory(prefix="hometruth-") as folder:
            for file in profile.glob(f"{name}*"):
                shutil.copy(file, folder)
            try:
                with closing(sqlite3.connect(Path(folder) / Path(name).name)) as data:
                    return frozenset(str(url) for (url,) in data.execute(f"SELECT url FROM {table}"))  # noqa: S608
            except sqlite3.Error as err:
                raise DriverError(f"the history of the profile cannot be read: {err}") from err


def read_json(file: Path) -> dict[str, object]:
    """A profile's JSON file; empty if it is not there yet.

    Raises:
        DriverError: If it is damaged.
    """
    if not file.exists():
        return {}
    try:
        told = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as err:
        raise DriverError(f"the settings of the profile cannot be read: {err}") from err
    return told if isinstance(told, dict) else {}
