"""Firefox as it comes, of Debian or upstream.

Preferences are named as in ``about:config``. What the profile does not say holds as the program was built, so
the defaults are read from its own files (``omni.ja``, and Debian's folder of preferences).
"""

import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from hometruth.errors import DriverError
from hometruth.experiment.drivers.desktop.makes import NORMAL, PRIVATE, Make, Setting, read_json
from hometruth.experiment.drivers.desktop.policies import policy_value
from hometruth.experiment.drivers.desktop.trust import trust

_LINE = re.compile(
    r"""^\s*(?:user_|sticky_|lock)?[pP]ref\(\s*"([^"]+)"\s*,\s*(.*?)\s*(?:,[^,"()]*)?\)\s*;""", re.MULTILINE
)
PREFERENCES, OWN = "prefs.js", "user.js"
OWN_PLACES = ("app-builtin", "app-builtin-addons", "app-system-defaults", "app-system-addons")
PLACES = (Path("/etc/firefox-esr"), Path("/etc/firefox"))
"""Where Debian lets the machine's owner change defaults."""
SYSTEM_POLICIES = Path("/etc/firefox/policies")
QUIET = dict.fromkeys(
    ("browser.warnOnQuit", "browser.warnOnQuitShortcut", "browser.shell.checkDefaultBrowser"), False
)
"""No dialogs where it is left, and none about being the default."""
AROUND = {
    "network.trr.mode": 5,
    "network.http.http3.enable": False,
    "network.dns.native_https_query": False,
    "network.connectivity-service.enabled": False,
}
"""What would ask for names or connections round the proxy."""


class Firefox(Make):
    """Driven with a profile of its own."""

    product = "Firefox"
    programs = ("firefox-esr", "firefox")
    suggest = ("browser.search.suggest.enabled", "browser.urlbar.suggest.searches")
    window_keys: ClassVar = {NORMAL: "ctrl+n", PRIVATE: "ctrl+shift+p"}
    clear_keys = ("ctrl+shift+Delete", "Return")
    history = ("places.sqlite", "moz_places")
    policy_page = "about:policies"
    policy_keys = (("ctrl+a", "ctrl+c"),)

    def build(self, program: Path) -> str:
        """Its ``BuildID`` (firefox-source-docs.mozilla.org: application.ini); empty if it says none."""
        file = _folder(program.resolve()) / "application.ini"
        found = re.search(r"^BuildID=(\d+)$", _text(file), re.MULTILINE)
        return f"build {found[1]}" if found else ""

    def trust(self, profile: Path, ca_file: Path) -> None:
        """Trust it."""
        trust(profile, ca_file)

    def command(self, program: Path, profile: Path, proxy: str) -> list[str]:  # noqa: ARG002
        """How it is started: with a profile of its own, through the recorder."""
        return [str(program), "--no-remote", "--profile", str(profile)]

    def leave(self) -> tuple[str, ...]:
        """What closes all windows."""
        return ("ctrl+q",)

    def set_up(self, profile: Path, proxy: str) -> None:
        """The way to the recorder, and no dialogs."""
        at = urlsplit(proxy)
        through: dict[str, Setting] = {"network.proxy.type": 1, "network.proxy.no_proxies_on": ""}
        for protocol in ("http", "ssl"):
            through |= {f"network.proxy.{protocol}": at.hostname, f"network.proxy.{protocol}_port": at.port}
        through |= {
            "network.proxy.failover_direct": False,
            "network.proxy.allow_bypass": False,
            "network.proxy.allow_hijacking_localhost": True,
        }
        self.change(profile, {**QUIET, **AROUND, **through})

    def change(self, profile: Path, settings: Mapping[str, Setting]) -> None:
        """Written to ``user.js``, which Firefox reads at every start: what changes later is put back then."""
        file = profile / OWN
        now = {**dict(_preferences(_text(file))), **settings}
        lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in now.items())
        file.write_text("".join(lines), "utf-8")

    def settings(self, program: Path, profile: Path, names: Sequence[str]) -> Mapping[str, Setting]:
        """Read from the profile, and where that is silent, from the defaults of the program."""
        told = {**defaults(program.resolve()), **dict(_preferences(_text(profile / PREFERENCES)))}
        return {name: told.get(name) for name in names}

    def policy_place(self, program: Path) -> Path:
        """The machine's folder for all builds, if its owner made one; else that of this build."""
        return SYSTEM_POLICIES if SYSTEM_POLICIES.is_dir() else _folder(program.resolve()) / "distribution"

    def set_policies(self, folder: Path, policies: Mapping[str, object]) -> None:
        """Into the one file, beside what the machine's owner put there."""
        file = folder / "policies.json"
        told = read_json(file)
        before = told.get("policies")
        file.unlink(missing_ok=True)  # a link to the owner's
        now = {**(before if isinstance(before, dict) else {}), **policies}
        file.write_text(json.dumps({**told, "policies": now}), "utf-8")

    def policies_told(self, copied: str, names: Sequence[str]) -> Mapping[str, object]:
        """From its table: a name, and a value in one cell; of one with parts, in many, nothing is told."""
        rows: dict[str, list[str]] = {}
        name = ""
        for line in copied.splitlines():
            first, *cells = line.split("\t")
            name = first.strip() or name
            if cells:
                rows.setdefault(name, []).extend(cell.strip() for cell in cells if cell.strip())
        return {name: policy_value(rows[name][0]) for name in names if len(rows.get(name, "")) == 1}

    def extensions(self, profile: Path) -> tuple[str, ...]:
        """All that are active and not Mozilla's own (toolkit/mozapps/extensions: places of installation)."""
        told = read_json(profile / "extensions.json").get("addons")
        addons = [item for item in (told if isinstance(told, list) else []) if isinstance(item, dict)]
        others = [item for item in addons if item.get("active") and item.get("location") not in OWN_PLACES]
        return tuple(str(item.get("id")) for item in others)

    def mode_shown(self, title: str, words: str) -> str | None:  # noqa: ARG002
        """Every private window says so in its title."""
        if "Firefox" not in title:
            return None
        return PRIVATE if title.endswith("Private Browsing") else NORMAL


@cache
def defaults(program: Path) -> Mapping[str, Setting]:
    """Preferences as the program in this place was built, and as the machine's owner changed them.

    Raises:
        DriverError: If its files are not where they belong, so that nobody can tell.
    """
    folder = _folder(program)
    told: dict[str, Setting] = {}
    for archive, inside in (("omni.ja", "greprefs.js"), ("browser/omni.ja", "defaults/preferences/")):
        try:
            with zipfile.ZipFile(folder / archive) as packed:
                for name in packed.namelist():
                    if name.startswith(inside) and name.endswith(".js"):
                        told |= _preferences(packed.read(name).decode("utf-8", "replace"))
        except (OSError, zipfile.BadZipFile) as err:
            raise DriverError(f"the defaults of {program} are not known, nor so its settings: {err}") from err
    places = (folder / "defaults/pref", folder / "browser/defaults/preferences", *PLACES)
    for file in (file for place in places for file in sorted(place.glob("*.js"))):
        told |= _preferences(_text(file))
    return told


def _folder(program: Path) -> Path:
    """Where the program's own files are: beside it, or where the script that starts it says."""
    if (program.parent / "omni.ja").exists():
        return program.parent
    libraries = [Path("/usr/lib") / program.name, Path("/usr/lib64") / program.name]
    return next((each for each in libraries if (each / "omni.ja").exists()), program.parent)


def _preferences(text: str) -> Iterator[tuple[str, Setting]]:
    for name, value in _LINE.findall(text):
        try:
            told = json.loads(value)
        except ValueError:
            continue  # an expression, or a text in other quotes: none of those that are asked for
        if isinstance(told, (bool, int, float, str)):
            yield name, told


def _text(file: Path) -> str:
    return file.read_text("utf-8", "replace") if file.exists() else ""
