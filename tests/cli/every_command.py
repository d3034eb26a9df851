"""Every command, as click lists them, with arguments under which it does something."""

import json
from collections.abc import Iterator
from pathlib import Path

import click

from hometruth.cli import hometruth

HOSTILE = "a\x1b]0;pwn\x07\x1b[31mRED\u202e"
"""Name of a folder or file: sets a terminal's title, rings, colours, and turns the direction of writing."""
RAW = ("\x1b]0;", "\x07", "\x1b[31mRED", "\u202e")
"""What must not be left of it."""
CANARY = "qhxw7atk3mzn5vpd2q"
ENTRY = {
    "startedDateTime": "2026-11-22T10:00:00.000Z",
    "time": 1,
    "request": {"method": "GET", "url": f"https://t.example/?q={CANARY}", "headers": []},
    "response": {"status": 200, "headers": [], "content": {"size": 0}},
}


def leaves(command: click.Command = hometruth, *path: str) -> Iterator[tuple[str, ...]]:
    """Names of all commands that can be run, groups taken apart."""
    if not isinstance(command, click.Group):
        yield path
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from leaves(found, *path, name)


def command_at(path: tuple[str, ...]) -> click.Command:
    found: click.Command = hometruth
    for name in path:
        assert isinstance(found, click.Group)
        found = found.get_command(click.Context(found), name) or found
    return found


def write_inputs(folder: Path) -> None:
    """What `arguments` speaks of."""
    (folder / "a.har").write_text(json.dumps({"log": {"version": "1.2", "entries": [ENTRY]}}))
    (folder / "canaries.json").write_text(json.dumps({"c1": CANARY}))
    (folder / "table.csv").write_text("user,item\n" + "".join(f"u{n % 7},i{n % 11}\n" for n in range(99)))
    (folder / "claims.toml").write_text("nonsense = 1\n")
    (folder / "own.toml").write_text('imei = "490154203237518"\n')
    (folder / "taken").mkdir()
    (folder / "taken" / "evidence").write_text("")


def arguments(path: tuple[str, ...], folder: Path) -> list[str]:
    """Arguments for one command; of a command not listed here, files that are not there."""
    known: dict[tuple[str, ...], list[str]] = {
        ("demo",): ["--out", str(folder / "taken")],
        ("scan",): [str(folder / "a.har"), "--canaries", str(folder / "canaries.json")],
        ("gate",): [str(folder / "a.har"), "--canaries", str(folder / "canaries.json")],
        ("fleet",): [
            *(str(folder / "a.har"), "--canaries", str(folder / "canaries.json")),
            *("--out", str(folder / "new" / "fleet"), "--jobs", "1"),
        ],
        ("export",): [str(folder / "a.har"), "--parquet", str(folder / "new" / "a.parquet")],
        ("plant",): ["-n", "2000"],
        ("record",): ["--port", "0", "--out", str(folder / "new" / "x.mitm")],
        ("watch",): [str(folder / "a.har"), "--canaries", str(folder / "canaries.json")],
        ("mark",): [str(folder / "a.har"), "window"],
        ("claims", "check"): [str(folder / "claims.toml")],
        ("identify",): [str(folder / "a.har")],
        ("unicity",): [str(folder / "table.csv")],
        ("relink",): [str(folder / "table.csv")],
        ("metadata",): [str(folder / "table.csv")],
        ("digests",): ["--own", str(folder / "own.toml"), str(folder / "a.har")],
        ("verify",): [str(folder / "taken")],
        ("lab", "collector"): ["--port", "0", "--db", str(folder / "new" / "c.sqlite")],
        ("lab", "events"): ["--db", str(folder / "absent.sqlite")],
        ("lab", "fleet"): ["--owners", "1", "--jobs", "1", "--out", str(folder / "new" / "f.csv")],
        ("lab", "phone"): ["help"],
        ("lab", "up"): ["--port", "0"],
    }
    if path in known:
        return known[path]
    required = [param for param in command_at(path).params if param.required]
    return [
        word
        for param in required
        for word in (
            *([param.opts[0]] if isinstance(param, click.Option) else []),
            str(folder / "absent"),
        )
    ]
