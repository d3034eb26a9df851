"""The lock files are what is installed and what is asked for: versions, hashes, and no registry's name."""

import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
_HASHED = re.compile(r"(?: \\\n    --hash=sha256:[0-9a-f]{64})+")
HELD_BACK = {"h11", "h2", "tornado", "flask"}
"""With known faults; mitmproxy 11 forbids the versions without them. SECURITY.md names each."""


def pins(lock: Path) -> dict[str, list[Requirement]]:
    """By name: one for each range of Python, or a single one."""
    found: dict[str, list[Requirement]] = {}
    for entry in re.split(r"\n(?=[A-Za-z0-9])", lock.read_text("utf-8").strip()):
        assert _HASHED.search(entry), f"{lock.name}: no hash: {entry[:80]}"
        requirement = Requirement(entry.split(" \\\n", 1)[0])
        found.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return found


def pinned(lock: Path) -> dict[str, str]:
    """Name to version, for this Python on this system."""
    return {
        name: next(iter(each.specifier)).version
        for name, entries in pins(lock).items()
        for each in entries
        if each.marker is None or each.marker.evaluate()
    }


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_pin_is_one_version_with_hashes_and_no_registry(lock: Path) -> None:
    text = lock.read_text("utf-8")

    assert "://" not in text
    assert not re.search(r"^--(?!hash)", text, re.MULTILINE)
    for entries in pins(lock).values():
        assert all([item.operator for item in each.specifier] == ["=="] for each in entries)


def test_what_the_project_asks_for_is_what_the_lock_gives() -> None:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    given = pinned(ROOT / "requirements" / "runtime.txt")

    for requirement in map(Requirement, asked):
        assert requirement.specifier.contains(given[canonicalize_name(requirement.name)]), requirement


@pytest.mark.skipif(sys.prefix == sys.base_prefix, reason="no environment of its own: others installed this")
def test_what_is_installed_is_what_the_lock_says() -> None:
    wrong = []
    for name, said in pinned(ROOT / "requirements" / "test.txt").items():
        try:
            installed = version(name)
        except PackageNotFoundError:
            installed = "nothing"
        if installed != said:
            wrong.append(f"{name}: {installed} is installed, the lock says {said}")

    assert wrong == []


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="mitmproxy 12 needs Python 3.12, and holds none back")
def test_what_mitmproxy_holds_back_is_named() -> None:
    """Of its upper bounds, those below which faults are known."""
    environment = {"extra": ""}
    bound = {
        canonicalize_name(item.name)
        for item in map(Requirement, requires("mitmproxy") or [])
        if any(each.operator in ("<", "<=") for each in item.specifier)
        and (item.marker is None or item.marker.evaluate(environment))
    }
    page = (ROOT / "SECURITY.md").read_text("utf-8")

    assert bound >= HELD_BACK
    assert all(f"`{name}` {version(name)}" in page for name in HELD_BACK)
