"""Policies that one browser finds where its machine's owner puts them, and no other program.

Both browsers read them from a folder of the machine (chromeenterprise.google: Linux quick start;
mozilla.github.io/policy-templates). A copy of that folder with what the condition asks for is laid over it in
a namespace of mounts (unshare(1), mount(8)), in which only this browser lives.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from hometruth.errors import DriverError
from hometruth.experiment.drivers.desktop.programs import need

PREFIX = "policy."
"""What the name of a factor begins with that is a policy's name."""
PROGRAMS = ("unshare", "mount", "xclip")
"""What policies need: to be laid over, and to be copied from the browser's own page of them."""
TRIES_S = 30.0
_LAID_OVER = 'mount --bind "$1" "$2" && shift 2 && exec "$@"'


def policies_of(levels: Sequence[tuple[str, str]]) -> Mapping[str, object]:
    """Name to value of the policies among the levels of a condition."""
    return {
        name.removeprefix(PREFIX): policy_value(level) for name, level in levels if name.startswith(PREFIX)
    }


def policy_value(level: str) -> object:
    """A level as the value of a policy: JSON, or else the text as it is."""
    try:
        return json.loads(level)
    except ValueError:
        return level


def copied(place: Path, copy: Path) -> None:
    """Make *copy* a new copy of the folder *place*, with what the machine's owner put there.

    Raises:
        DriverError: If it is not there, or may not be read.
    """
    shutil.rmtree(copy, ignore_errors=True)
    if not place.is_dir():
        raise DriverError(f"policies are read from {place}, which is not there: make that folder first")
    try:
        shutil.copytree(place, copy)
    except (OSError, shutil.Error) as err:
        raise DriverError(f"the policies of this machine in {place} cannot be read: {err}") from err


def laid_over(command: Sequence[str], folder: Path, place: Path) -> list[str]:
    """The command, started where *folder* lies over *place*; as the same user, and the same process.

    Raises:
        DriverError: If this machine does not let this user do so.
    """
    need(*PROGRAMS)
    inside = ["sh", "-c", _LAID_OVER, "sh", str(folder), str(place)]
    if os.geteuid() == 0:
        around = ["unshare", "--mount", "--", *inside]
    else:
        itself = [f"--map-user={os.geteuid()}", f"--map-group={os.getegid()}"]
        around = ["unshare", "--user", "--map-root-user", "--mount", "--", *inside]
        around += ["unshare", "--user", *itself, "--"]
    try:
        tried = subprocess.run(
            [*around, "true"], capture_output=True, timeout=TRIES_S, check=False, text=True
        )
    except subprocess.TimeoutExpired as err:
        raise DriverError("policies cannot be set for one browser here: unshare does not answer") from err
    if tried.returncode:
        told = tried.stderr.strip().splitlines()
        raise DriverError(
            f"policies cannot be set for one browser here: {told[-1] if told else 'unshare failed'} "
            "(as root they can, or where users may make namespaces)"
        )
    return [*around, *command]
