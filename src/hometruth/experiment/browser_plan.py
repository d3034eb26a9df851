"""From a bundled plan to one about the browser of this machine: which build, which system, which day."""

import json
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Literal

from hometruth.errors import DriverError, PlanError
from hometruth.experiment.drivers.browser import MAKES
from hometruth.experiment.drivers.browser_kind import BrowserOptions
from hometruth.experiment.drivers.desktop.programs import need
from hometruth.experiment.drivers.desktop.x_display import NO_DISPLAY
from hometruth.experiment.plan import Plan, parse_plan

VENDORS: Mapping[str, str] = {"chromium": "Google", "firefox": "Mozilla"}
ENGINES = ("DuckDuckGo", "Google")
"""Who makes the search engines that these browsers come with."""
SUGGEST = "browser-suggest"
PRIVATE_WINDOWS = "{browser}-private"
LOOK_UP_S = 10.0
UNSEEN = (
    "traffic round the proxy (DNS, QUIC, helpers)",
    "later uploads",
    "profiles with an account or extensions",
    "paraphrases",
)
"""What no verdict of such a run speaks of, whatever was seen."""
_SUBJECT = re.compile(r"^\[subject\]\n.*?(?=^# The visit)", re.MULTILINE | re.DOTALL)


def browser_plan(
    browser: Literal["chromium", "firefox"],
    *,
    name: str | None = None,
    sessions: int,
    today: date,
    options: BrowserOptions,
    offline: bool = False,
) -> Plan:
    """The bundled plan *name* (by default, that on private windows) for a browser of this machine.

    Args:
        sessions: Of each condition.
        offline: Nothing leaves the machine.

    Raises:
        DriverError: If the browser, or a program that it is driven with, is not there.
        PlanError: If no plan of browsers is called *name*.
    """
    known = (SUGGEST, *(PRIVATE_WINDOWS.format(browser=each) for each in (browser,)))
    chosen = name or PRIVATE_WINDOWS.format(browser=browser)
    if chosen not in known:
        raise PlanError(f"no plan {chosen!r} for {browser} (have: {', '.join(known)})")
    make = MAKES[browser]
    program = make.program(None if options.program is None else Path(options.program))
    need("xdotool", "ffmpeg", "tesseract", *(() if options.shown else ("Xvfb", "openbox")))
    if options.shown and not os.environ.get("DISPLAY"):
        raise DriverError(NO_DISPLAY)
    version = make.number(make.version(program))
    build = ", ".join(item for item in (make.build(program), _package(program), platform.machine()) if item)
    table = {
        "driver": "browser",
        "kind": "real",
        "name": f"{make.product} {version} ({_system()}, {today.isoformat()})",
        "vendor": VENDORS[browser],
        "product": make.product,
        "device": "desktop",
        "description": f"{program}{f' ({build})' if build else ''}, with new profiles and no extension",
        "only_app": make.product,
        "offline": offline,
        "extensions": "none",
        "recipients": ENGINES,
        "unseen": UNSEEN,
        "released": {},
    }
    told = {name: value for name, value in options_of(options).items() if value is not None}
    lines = [f"{key} = {_toml(value)}" for key, value in table.items() if key != "released"]
    lines += ["", "[subject.options]", *(f"{key} = {_toml(value)}" for key, value in told.items())]
    text = (files("hometruth.data") / "plans" / f"{chosen}.toml").read_text("utf-8")
    text = _SUBJECT.sub(lambda _: "[subject]\n" + "\n".join(lines) + "\n\n", text)
    text = re.sub(r"^blocks = \d+$", f"blocks = {sessions}", text, flags=re.MULTILINE)
    text = re.sub(r'^claims = ".*"$', f'claims = "bundled:{browser}"', text, flags=re.MULTILINE)
    return parse_plan(text, f"bundled {chosen}")


def options_of(options: BrowserOptions) -> Mapping[str, object]:
    """The options as a table."""
    return {name: getattr(options, name) for name in options.__struct_fields__}


def _system() -> str:
    try:
        told = platform.freedesktop_os_release()
        return " ".join(filter(None, (told.get("NAME"), told.get("VERSION_ID")))) or platform.system()
    except OSError:
        return platform.platform(terse=True)


def _package(program: Path) -> str:
    """The package of Debian's that the program is from, with its version; empty if it is from none."""
    if shutil.which("dpkg-query") is None:
        return ""
    owner = _asked("dpkg-query", "--search", str(program.resolve())).partition(":")[0]
    return owner and _asked("dpkg-query", "--show", "--showformat=${Package} ${Version}", owner)


def _asked(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, timeout=LOOK_UP_S, check=False, text=True)
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _toml(value: object) -> str:
    """A text, list, number or truth value as TOML has it, which is how JSON has it."""
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
