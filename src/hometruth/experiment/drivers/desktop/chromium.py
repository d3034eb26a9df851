"""Chromium as it comes, of Debian or upstream.

Switches: chromium.googlesource.com, docs/linux/proxy_config.md for the proxy (``<-loopback>`` sends what goes
to this machine through it too), docs/linux/cert_management.md for the store of certificates.
"""

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from hometruth.experiment.drivers.desktop.makes import NORMAL, PRIVATE, Make, Setting, read_json
from hometruth.experiment.drivers.desktop.trust import trust

PREFERENCES = "Default/Preferences"
COMPONENTS = (5, 10)
"""Where the parts of Chromium itself are from that are made like extensions."""
OURS = "zz-hometruth.json"
BADGE = "incognito"
"""What the toolbar of every private window says."""


class Chromium(Make):
    """Settings are named by their path in the profile's file ``Default/Preferences``, with dots."""

    product = "Chromium"
    programs = ("chromium", "chromium-browser")
    suggest = ("search.suggest_enabled",)
    window_keys: ClassVar = {NORMAL: "ctrl+n", PRIVATE: "ctrl+shift+n"}
    clear_keys = ("ctrl+shift+Delete", "Tab", "Return")
    starts_first = True
    reads_badge = True
    history = ("Default/History", "urls")
    policy_page = "chrome://policy"
    # More actions: copy as JSON. First 156; then 150, which begins in its field and before the first item.
    policy_keys = (
        ("Tab", "Tab", "Tab", "Return", "Down", "Return"),
        ("Tab", "Tab", "Return", "Down", "Down", "Return"),
    )

    def trust(self, profile: Path, ca_file: Path) -> None:
        """Trust it."""
        trust(self.home(profile) / ".pki" / "nssdb", ca_file)

    def command(self, program: Path, profile: Path, proxy: str) -> list[str]:
        """How it is started: with a profile of its own, through the recorder."""
        as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
        return [
            *(str(program), f"--user-data-dir={profile}", "--password-store=basic", "--lang=en-US", *as_root),
            *(f"--proxy-server={proxy}", "--proxy-bypass-list=<-loopback>"),
        ]

    def leave(self) -> tuple[str, ...]:
        """What closes one window."""
        return ("ctrl+shift+w",)

    def set_up(self, profile: Path, proxy: str) -> None:
        """Nothing: its first start makes the profile as the package wants it."""

    def change(self, profile: Path, settings: Mapping[str, Setting]) -> None:
        """Written into the profile's own file of settings."""
        file = profile / PREFERENCES
        told = read_json(file)
        for name, value in settings.items():
            *folders, last = name.split(".")
            place = told
            for folder in folders:
                inner = place.setdefault(folder, {})
                assert isinstance(inner, dict)
                place = inner
            place[last] = value
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(told), "utf-8")

    def settings(self, program: Path, profile: Path, names: Sequence[str]) -> Mapping[str, Setting]:  # noqa: ARG002
        """Read from the profile's own file."""
        told = read_json(profile / PREFERENCES)
        return {name: _at(told, name) for name in names}

    def policy_place(self, program: Path) -> Path:  # noqa: ARG002 - built in
        """As Debian and Chromium build it."""
        return Path("/etc/chromium")

    def set_policies(self, folder: Path, policies: Mapping[str, object]) -> None:
        """One more file beside those of the machine's owner; of several, the last by name holds."""
        file = folder / "policies" / "managed" / OURS
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(policies), "utf-8")

    def policies_told(self, copied: str, names: Sequence[str]) -> Mapping[str, object]:
        """From its JSON; a policy that it does not know, or does not take, has an ``error`` there.

        What holds them is called ``policyValues`` in 150, ``policyGroups`` in 156.
        """
        told: object = None
        with suppress(ValueError):
            told = json.loads(copied)
        of_all = (
            [told.get(name) for name in ("policyValues", "policyGroups")] if isinstance(told, dict) else []
        )
        told = next((each for each in of_all if isinstance(each, dict)), None)
        for name in ("chrome", "policies"):
            told = told.get(name) if isinstance(told, dict) else None
        all_of_them = told if isinstance(told, dict) else {}
        found = {name: about for name in names if isinstance(about := all_of_them.get(name), dict)}
        return {name: about.get("value") for name, about in found.items() if "error" not in about}

    def extensions(self, profile: Path) -> tuple[str, ...]:
        """All that are no components (extensions/common/mojom/manifest.mojom: ``ManifestLocation``)."""
        found = []
        for file in (PREFERENCES, "Default/Secure Preferences"):
            told = read_json(profile / file).get("extensions")
            installed = told.get("settings") if isinstance(told, dict) else None
            for name, about in (installed if isinstance(installed, dict) else {}).items():
                if isinstance(about, dict) and about.get("location") not in (None, *COMPONENTS):
                    manifest = about.get("manifest")
                    found.append(str(manifest.get("name", name)) if isinstance(manifest, dict) else name)
        return tuple(found)

    def mode_shown(self, title: str, words: str) -> str | None:  # noqa: ARG002
        """Every private window has a badge in its toolbar."""
        if BADGE in words.lower():
            return PRIVATE
        return NORMAL if words.strip() else None


def _at(told: object, name: str) -> Setting:
    for part in name.split("."):
        told = told.get(part) if isinstance(told, dict) else None
    return told if isinstance(told, (bool, int, float, str)) else None
