"""What `hometruth case new` asks of whoever recorded, and the file of labels made of the answers.

The file is what counts: it is written before anything is judged, and can be changed and given again.
"""

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import click

from hometruth.audit.new_case import Unlabelled, look_at
from hometruth.cli import tell
from hometruth.errors import HometruthError, PlanError, escape_terminal
from hometruth.model import Canary

T = TypeVar("T")
LABELS = "labels.toml"
CLAIMS = "claims.toml"
MARK = "{canary}"
OTHERS = "version, consent, switch"
"""Factors that statements speak of most, for the question."""
_LEVEL = re.compile(r"\s*([\w-]+)\s*=\s*([^,=]+?)\s*")


@dataclass(frozen=True, slots=True)
class _ToldSession:
    """One session as it was told."""

    id: str
    recording: Path
    begins: str
    """A mark's label; empty where it is the whole recording."""
    levels: dict[str, str]
    canaries: tuple[str, ...]
    """Those that are not noted with the session already."""


def ask_labels(recordings: Sequence[Path], canaries: Path) -> Path:
    """Ask which session was what, and write the labels beside the recordings; returns the file.

    Raises:
        CaptureError: If a recording cannot be read.
        CanaryError: If the canaries cannot be read.
        PlanError: If the recordings have no folder in common, or there are labels in it already.
    """
    known = look_at(recordings, canaries)
    folder = _common(recordings)
    path = folder / LABELS
    if path.exists():
        raise PlanError(f"{path}: is there already; give it instead of --recording, or move it away")
    tell("Nothing was sealed before these recordings, and every verdict will say who labelled them.")
    head = _head(recordings)
    sessions = list(_sessions(known))
    if not sessions:
        raise PlanError("no session was named, so there is nothing to judge")
    address = _address() if any(canary.kind == "page" for canary in known.canaries) else None
    claims = _claims(folder, head, known, sessions)
    lines = [*_head_lines(head, claims), *_expected_lines(address), *_session_lines(sessions, folder)]
    _write(path, lines)
    tell(f"Labels: {path} (change them there, and give that file, if anything in it is wrong)")
    return path


def _head(recordings: Sequence[Path]) -> dict[str, str]:
    """Who says it, and of what."""
    head = {
        "labelled_by": _ask("Who labels these recordings (your name)"),
        "product": _ask("Product that was used, as its maker calls it"),
        "vendor": _ask("Its vendor, the organisation"),
        "device": _ask("Device", "this computer"),
    }
    if _confirm(f"Was nothing but {head['product']} recorded?"):
        head["only_app"] = head["product"]
    if _confirm("Had it no extensions?"):
        head["extensions"] = "none"
    head["window"] = _ask("How long each session was watched, in words", "as long as it was recorded")
    head["title"] = f"{head['product']}: {len(recordings)} recordings, labelled afterwards"
    return head


def _sessions(known: Unlabelled) -> Iterator[_ToldSession]:
    """Each part of each recording that is to be a session."""
    left = list(dict.fromkeys(canary.cell for canary in known.canaries if canary.cell))
    for recording, marks in known.marks.items():
        for begins in marks or ("",):
            part = f"from {begins!r} on" if begins else "all of it"
            told = f"{recording.name}, {part}: name of the session (- for none)"
            name = _ask(told, left[0] if left else begins or recording.stem)
            if name == "-":
                continue
            if name in left:
                left.remove(name)
            own = [canary for canary in known.canaries if canary.cell == name]
            yield _ToldSession(name, recording, begins, _levels(name, own, known), _planted(name, own, known))


def _levels(name: str, own: Sequence[Canary], known: Unlabelled) -> dict[str, str]:
    planted = next((known.modes[canary.id] for canary in own if canary.id in known.modes), None)
    levels = {"mode": _ask(f"{name}: mode", planted or "normal")}
    others = f"{name}: other settings ({OTHERS}), as version=1.2, consent=given"
    return levels | _ask_as(_as_levels, others, "")


def _planted(name: str, own: Sequence[Canary], known: Unlabelled) -> tuple[str, ...]:
    """Canaries that are said to be of a session, where none is noted with it."""
    free = [canary.id for canary in known.canaries if canary.cell is None]
    if own or not free:
        return ()

    def chosen(text: str) -> tuple[str, ...]:
        names = tuple(filter(None, (each.strip() for each in text.split(","))))
        if unknown := set(names) - set(free):
            raise click.BadParameter(f"no canary {min(unknown)!r} that is free (have: {', '.join(free[:6])})")
        return names

    return _ask_as(chosen, f"{name}: canaries planted in it, by id, with commas", free[0])


def _address() -> tuple[str, str]:
    """Host and path of the pages that were visited."""

    def parsed(text: str) -> tuple[str, str]:
        url = urlsplit(text if "//" in text else f"//{text}")
        if text.count(MARK) != 1 or MARK not in url.netloc + url.path:
            raise click.BadParameter(f"write {MARK} once, where the planted word stood in host or path")
        return url.netloc.rpartition("@")[2].partition(":")[0].lower(), url.path or "/"

    question = f"Address of the pages visited, {MARK} for the planted word"
    return _ask_as(parsed, question, f"https://{MARK}.example/")


def _claims(folder: Path, head: dict[str, str], known: Unlabelled, sessions: Sequence[_ToldSession]) -> str:
    """The file of claims, relative to the labels; written if the statement is told now."""
    given = _ask("File of claims (- to tell one statement now)", CLAIMS)
    if given != "-":
        return os.path.relpath(given, folder) if Path(given).is_file() else given
    path = folder / CLAIMS
    if path.exists():
        raise PlanError(f"{path}: is there already; name it, or move it away")
    modes = list(dict.fromkeys(session.levels["mode"] for session in sessions))
    said = {
        "who": _ask("Who said it", head["vendor"]),
        "date": _ask("When, as 2020-05-04"),
        "statement": _ask("The statement, in few words"),
        "source": _ask("Where it can be read (address)"),
    }
    mode = _ask("Mode in which, by that statement, nothing planted is sent to the vendor", modes[-1])
    control = _ask("Mode in which it is sent, which shows that sending would be noticed", modes[0])
    kinds = list(dict.fromkeys(str(canary.kind) for canary in known.canaries))
    _write(path, _claim_lines(said, head["product"], mode, control, kinds))
    tell(f"Claims: {path}")
    return CLAIMS


def _claim_lines(
    said: dict[str, str], product: str, mode: str, control: str, kinds: Sequence[str]
) -> Iterator[str]:
    yield "[[claim]]"
    yield from _fields(id="own", side="vendor", who=said["who"], date=said["date"])
    yield from _fields(statement=said["statement"], source=[said["source"]])
    yield f"scope = {{ products = {_toml([product])} }}"
    yield "\n[[claim.reading]]"
    yield from _fields(
        kind="ordinary", wording="summarised", note="As told when the recordings were labelled."
    )
    yield "\n[[claim.reading.proposition]]"
    yield from _fields(id="own.content", kind="absent")
    yield from _fields(says=f"nothing planted in mode {mode} reaches the vendor")
    yield f"where = {{ mode = {_toml([mode])} }}"
    yield f"options = {{ kinds = {_toml(kinds)}, control = {{ mode = {_toml([control])} }} }}"


def _head_lines(head: dict[str, str], claims: str) -> Iterator[str]:
    yield "[plan]"
    yield from _fields(id="labelled", title=head["title"], claims=claims)
    yield from _fields(window=head["window"], labelled_by=head["labelled_by"])
    yield "\n[subject]"
    yield from _fields(driver="recordings", kind="real", name=head["product"], vendor=head["vendor"])
    yield from _fields(
        **{name: head[name] for name in ("product", "device", "only_app", "extensions") if name in head}
    )


def _expected_lines(address: tuple[str, str] | None) -> Iterator[str]:
    """The visit itself: what it has to say to the page's own host."""
    if address is None:
        return
    host, path = address
    yield "\n[[expected]]"
    pattern = re.escape(path).replace(re.escape(MARK), MARK)
    parts = ["host"] if MARK in host else ["path"]
    yield from _fields(kind="page", host=host, path=f"{pattern}.*", parts=parts)


def _session_lines(sessions: Iterable[_ToldSession], folder: Path) -> Iterator[str]:
    for session in sessions:
        yield "\n[[session]]"
        recording = session.recording.resolve().relative_to(folder).as_posix()
        yield from _fields(id=session.id, recording=recording)
        if session.begins:
            yield from _fields(**{"from": session.begins})
        told = ", ".join(f"{_toml(factor)} = {_toml(level)}" for factor, level in session.levels.items())
        yield f"levels = {{ {told} }}"
        if session.canaries:
            yield from _fields(canaries=list(session.canaries))


def _fields(**values: object) -> Iterator[str]:
    for name, value in values.items():
        yield f"{name} = {_toml(value)}"


def _toml(value: object) -> str:
    """A text, or a list of texts: TOML has them as JSON does, but for DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _as_levels(text: str) -> dict[str, str]:
    levels = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        if (match := _LEVEL.fullmatch(part)) is None:
            raise click.BadParameter(f"{part!r} is not FACTOR=LEVEL, such as version=3.4.3")
        levels[match[1]] = match[2]
    return levels


def _common(recordings: Sequence[Path]) -> Path:
    try:
        return Path(os.path.commonpath([path.resolve().parent for path in recordings]))
    except ValueError as err:
        raise PlanError(f"the recordings lie on different drives: {err}") from err


def _write(path: Path, lines: Iterable[str]) -> None:
    try:
        with path.open("x", encoding="utf-8", errors="replace") as file:
            file.write("\n".join(lines) + "\n")
    except OSError as err:
        raise HometruthError(f"{path}: cannot be written: {err.strerror}") from err


def _ask(question: str, default: str | None = None) -> str:
    return _ask_as(_said, question, default)


def _ask_as(convert: Callable[[str], T], question: str, default: str | None) -> T:
    """The answer, asked for again until *convert* takes it."""
    answer: T = click.prompt(
        escape_terminal(question),
        default=None if default is None else escape_terminal(default),
        show_default=bool(default),
        value_proc=convert,
        err=True,
    )
    return answer


def _said(text: str) -> str:
    if not text.strip():
        raise click.BadParameter("say something")
    return text.strip()


def _confirm(question: str) -> bool:
    return click.confirm(escape_terminal(question), default=False, err=True)
