"""A phone for tests: Android's daemon and as much of Android as the driver meets, at Debian's own `adb`.

    python -m tests.experiment.drivers.adb_phone FOLDER

It speaks the daemon's side of the protocol over TCP (24-byte headers: CNXN, OPEN, OKAY, WRTE, CLSE; shell v2;
reverse), and runs what it is told in a real `sh`, in which nothing is but Android's commands: each hands its
words to this process, which knows what is on the phone. FOLDER tells which port it has (``port``), what it
was told (``said.jsonl``: one line for each command that the shell ran), and what is on it (``state.json``).
"""

import asyncio
import hashlib
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

A_CNXN, A_OPEN, A_OKAY, A_WRTE, A_CLSE = (
    int.from_bytes(name, "little") for name in (b"CNXN", b"OPEN", b"OKAY", b"WRTE", b"CLSE")
)
BANNER = b"device::ro.product.name=standin;ro.product.model=Stand-in;features=shell_v2,cmd"
COMMANDS = (
    *("am", "cat", "cmd", "date", "dumpsys", "getprop", "input", "ls", "pm", "rm", "screencap", "settings"),
    *("sha256sum", "true", "uiautomator"),
)
BROWSER = "org.example.browser"
UIDS = {BROWSER: 10001, "org.example.app": 10123}
SERIAL = "STANDIN0001"
"""Its own, whatever it is connected by."""
PNG = b"\x89PNG\r\n\x1a\n and what follows"
SLOWLY_S = 0.1
"""After which the system carries a proxy on to its other settings, as Android's does: not at once."""
SHIM = r"""#!/bin/bash
exec 3<>/dev/tcp/127.0.0.1/{port}
printf '%d\n' $(($# + 1)) >&3
printf '%s\0' "${{0##*/}}" "$@" >&3
read -r code <&3
/bin/cat <&3
exit "$code"
"""
"""bash, since to start Python each time would be most of what a test takes."""


@dataclass
class Window:
    """One tab of the stand-in's browser."""

    mode: str
    typed: str = ""
    shows: str = ""


@dataclass
class Android:
    """What is on the phone."""

    settings: dict[str, str] = field(default_factory=lambda: {"global.stay_on_while_plugged_in": "0"})
    packages: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    reverses: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)
    """Of the browser's normal windows, and of its private ones, by host."""
    windows: list[Window] = field(default_factory=list)
    running: bool = False
    moves: int = 0
    """Times that it does not tell what is on its screen, since that moves."""
    leaks: bool = False
    """Tells a search engine what is typed in private windows too."""
    clock_s: float = 0.0
    has_wireguard: bool = False
    network: str = ""
    """Namespace that the phone is in, if it is in one: what it sends goes out there while a tunnel is on."""
    ports: list[str] = field(default_factory=lambda: ["0100007F:1F90 10001", "00000000:0016 2000"])

    def state(self) -> dict[str, Any]:
        """What must be as it was once all is undone."""
        return {
            "settings": self.settings,
            "packages": sorted(self.packages),
            "files": sorted(self.files),
            "reverses": self.reverses,
        }


class Daemon:
    """One connection of an `adb` server, and the phone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.android = Android(packages={BROWSER: (folder / "browser.apk").read_bytes()})
        if (folder / "android.json").exists():
            vars(self.android).update(json.loads((folder / "android.json").read_text()))
        if self.android.has_wireguard:
            self.android.packages["com.wireguard.android"] = b"its own"
        if (folder / "state.json").exists():  # it was switched off
            was = json.loads((folder / "state.json").read_text())
            self.android.settings = was["settings"]
            self.android.files = dict.fromkeys(was["files"], b"")
        self.streams: dict[int, asyncio.Queue[bytes | None]] = {}
        self.ready: dict[int, asyncio.Event] = {}
        self.theirs: dict[int, int] = {}
        self.last = 0
        self.tasks: set[asyncio.Task[None]] = set()
        self.n_services = 0
        self.save()

    def save(self) -> None:
        new = self.folder / "state.new"
        new.write_text(json.dumps(self.android.state()))
        new.rename(self.folder / "state.json")

    def send(self, command: int, a0: int, a1: int, data: bytes = b"") -> None:
        check = sum(data) & 0xFFFFFFFF
        self.writer.write(struct.pack("<6I", command, a0, a1, len(data), check, command ^ 0xFFFFFFFF) + data)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                command, a0, a1, size, _, _ = struct.unpack("<6I", await reader.readexactly(24))
                data = await reader.readexactly(size)
                self.take(command, a0, a1, data)
        self.android.reverses.clear()  # they end with the connection
        self.save()
        writer.close()

    def take(self, command: int, a0: int, a1: int, data: bytes) -> None:
        if command == A_CNXN:
            self.send(A_CNXN, 0x01000001, 256 * 1024, BANNER)
        elif command == A_OPEN:
            self.spawn(self.service(a0, data.rstrip(b"\0").decode()))
        elif command == A_OKAY:
            self.theirs[a1] = a0
            self.ready.setdefault(a1, asyncio.Event()).set()
        elif command == A_WRTE:
            self.send(A_OKAY, a1, a0)
            if a1 in self.streams:
                self.streams[a1].put_nowait(data)
        elif command == A_CLSE and a1 in self.streams:
            self.streams[a1].put_nowait(None)
            self.ready.setdefault(a1, asyncio.Event()).set()

    def spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def opened(self) -> int:
        self.last += 1
        self.streams[self.last] = asyncio.Queue()
        self.ready[self.last] = asyncio.Event()
        return self.last

    async def write(self, mine: int, data: bytes) -> None:
        for at in range(0, len(data), 4096):
            self.ready[mine].clear()
            self.send(A_WRTE, mine, self.theirs[mine], data[at : at + 4096])
            await self.ready[mine].wait()

    async def service(self, theirs: int, name: str) -> None:
        """Do what is asked for; whoever drives is killed at the moment that the folder names."""
        self.n_services += 1
        (self.folder / "services").write_text(str(self.n_services))
        mine = self.opened()
        self.theirs[mine] = theirs
        self.send(A_OKAY, mine, theirs)
        self.killed("before")
        kind, _, rest = name.partition(":")
        if kind == "sync":
            output = await self.pushed(mine)
            self.killed("after")
            await self.write(mine, output)
        elif kind == "reverse":
            output = self.reverse(rest)
            self.killed("after")
            await self.write(mine, output)
        elif kind.startswith(("shell", "exec")):
            out, err, code = await self.shell(mine, rest)
            self.killed("after")
            if "v2" in kind:
                for which, part in ((1, out), (2, err)):
                    for at in range(0, len(part), 4000):
                        piece = part[at : at + 4000]
                        await self.write(mine, struct.pack("<BI", which, len(piece)) + piece)
                await self.write(mine, struct.pack("<BIB", 3, 1, code & 255))
            else:
                await self.write(mine, out + err)
        self.send(A_CLSE, mine, self.theirs[mine])
        del self.streams[mine]

    async def pushed(self, mine: int) -> bytes:
        """A file, as `adb push` sends it; whoever plays the person finds it in the folder ``sdcard``."""
        came = b""

        async def take(size: int) -> bytes:
            nonlocal came
            while len(came) < size:
                piece = await self.streams[mine].get()
                assert piece is not None
                came += piece
            taken, came = came[:size], came[size:]
            return taken

        path, data = "", b""
        while True:
            kind, size = struct.unpack("<4sI", await take(8))
            if kind == b"DONE":
                break
            told = await take(size)
            if kind == b"SEND":
                path = told.decode().rpartition(",")[0]
            else:
                data += told
        if not path.startswith("/sdcard/"):
            return b"FAIL" + struct.pack("<I", 17) + b"Permission denied"
        self.android.files[path] = data
        (self.folder / "sdcard").mkdir(exist_ok=True)
        (self.folder / "sdcard" / path.rpartition("/")[2]).write_bytes(data)
        self.save()
        return b"OKAY" + struct.pack("<I", 0)

    def tunnel(self) -> str:
        """What its kernel tells of its interfaces: of a real one, or as the folder says (``tun0``)."""
        if self.android.network:
            words = ("ip", "netns", "exec", self.android.network, "cat", "/proc/net/dev")
            told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
            return re.sub(r"^ *htw\d+:", "tun0:", told, flags=re.MULTILINE)
        on = self.folder / "tun0"
        return f"    lo: 0 0\n  tun0: {on.read_text()} 0\n" if on.exists() else "    lo: 0 0\n"

    def end_tunnel(self) -> None:
        (self.folder / "tun0").unlink(missing_ok=True)
        if self.android.network:
            inside = ("ip", "-n", self.android.network, "link")
            told = subprocess.run((*inside, "show"), capture_output=True, text=True, check=True).stdout
            for name in re.findall(r"htw\d+", told):
                subprocess.run((*inside, "del", name), capture_output=True, check=False)

    def killed(self, when: str) -> None:
        """Kill the process that the folder names, if this is the moment."""
        with suppress(FileNotFoundError):
            pid, number, moment = (self.folder / "kill").read_text().split()
            if (int(number), moment) == (self.n_services, when):
                (self.folder / "kill").unlink()
                os.kill(int(pid), signal.SIGKILL)

    def reverse(self, rest: str) -> bytes:
        verb, _, what = rest.partition(":")
        what = what.removeprefix("norebind:")
        if verb == "list-forward":
            text = "".join(f"(reverse) {a} {b}\n" for a, b in self.android.reverses.items())
            return b"%04x%s" % (len(text), text.encode())
        if verb == "forward":
            remote, _, local = what.partition(";")
            if remote in self.android.reverses:
                return b"FAIL001dcannot rebind existing socket"
            self.android.reverses[remote] = local
        elif self.android.reverses.pop(what, None) is None:
            return b"FAIL0007no such"
        self.save()
        return b"OKAY"

    async def shell(self, mine: int, command: str) -> tuple[bytes, bytes, int]:
        installs = " install " in command
        if installs:
            self.coming: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        process = await asyncio.create_subprocess_exec(
            "/bin/sh",
            *("-c", command),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"PATH": str(self.folder / "bin")},
            cwd=self.folder / "root",
        )
        if installs:  # the app itself comes over the same stream
            size, apk = int(command.split("-S ")[1]), b""
            while len(apk) < size and (piece := await self.streams[mine].get()) is not None:
                apk += piece
            self.coming.set_result(apk)
        out, err = await process.communicate()
        return out, err, process.returncode or 0

    async def command(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One command that the shell ran."""
        n_words = int(await reader.readline())
        words = [(await reader.readuntil(b"\0"))[:-1].decode() for _ in range(n_words)]
        with (self.folder / "said.jsonl").open("a") as said:
            said.write(json.dumps(words) + "\n")
        told = await self.told(words)
        code, output = (0, told) if not isinstance(told, int) else (told, b"")
        writer.write(b"%d\n" % code + (output.encode() if isinstance(output, str) else output))
        self.save()
        await writer.drain()
        writer.close()

    async def told(self, words: list[str]) -> str | bytes | int:  # noqa: PLR0912, PLR0915 - all commands
        android = self.android
        match words:
            case ["settings", "get", table, key]:
                return android.settings.get(f"{table}.{key}", "null") + "\n"
            case ["settings", "put", table, key, value]:
                android.settings[f"{table}.{key}"] = value
                if key == "http_proxy":
                    self.spawn(self.carry_on())
                return ""
            case ["settings", "delete", table, key]:
                return f"Deleted {int(android.settings.pop(f'{table}.{key}', None) is not None)} rows\n"
            case ["pm", "list", "packages", "-U"]:
                return "".join(
                    f"package:{name} uid:{uid}\n" for name, uid in UIDS.items() if name in android.packages
                )
            case ["pm", "list", "packages", part]:
                return "".join(f"package:{name}\n" for name in android.packages if part in name)
            case ["pm", "path", package]:
                return f"package:/data/app/{package}/base.apk\n" if package in android.packages else 1
            case ["pm", "uninstall", package]:
                return "Success\n" if android.packages.pop(package, None) else 1
            case ["pm", "clear", package] if package in android.packages:
                android.cookies.clear()
                return "Success\n"
            case ["cmd", "package", "install", "-S", size]:
                apk = await self.coming
                if len(apk) < int(size):
                    return 1
                android.packages["org.example.app"] = apk
                android.ports.append("0100007F:2F5A 10123")
                return "Success\n"
            case ["cmd", "package", "resolve-activity", *_, package]:
                return (
                    f"priority=0\n{package}/.Main\n" if package in android.packages else "No activity found\n"
                )
            case ["dumpsys", "package", package] if package in android.packages:
                return "  versionCode=7 minSdk=24\n    versionName=1.2.3\n"
            case ["dumpsys", *_]:
                return "Unable to find package\n"
            case ["getprop", "ro.serialno"]:
                return f"{SERIAL}\n"
            case ["getprop", "ro.build.fingerprint"]:
                return "standin/standin/standin:14/UP1A/1:user/release-keys\n"
            case ["date", "+%s.%N"]:
                return f"{time.time() + android.clock_s:.9f}\n"
            case ["cat", "/proc/net/dev"]:
                return self.tunnel()
            case ["ls", folder]:
                there = (path.rpartition("/") for path in android.files)
                return "".join(f"{name}\n" for where, _, name in there if where == folder)
            case ["am", "force-stop", "com.wireguard.android"]:
                self.end_tunnel()
                return ""
            case ["cat", path] if path.startswith("/proc/net/"):
                rows = android.ports if path == "/proc/net/tcp" else []
                rows = ["00000000000000000000000001000000:1F91 9"] if path == "/proc/net/tcp6" else rows
                lines = [f" 0: {row.split()[0]} 00000000:0000 0A 0 0 0 {row.split()[1]} 0" for row in rows]
                return "\n".join(["  sl  local_address rem_address   st", *lines, ""])
            case ["cat", "/proc/sys/kernel/random/boot_id"]:
                return "3f0c\n"
            case ["cat", path]:
                return android.files.get(path, self.apk(path) or 1)
            case ["sha256sum", path]:
                return f"{hashlib.sha256(self.apk(path) or b'').hexdigest()}  {path}\n"
            case ["rm", "-f", *paths]:
                for path in paths:
                    android.files.pop(path, None)
                return ""
            case ["uiautomator", "dump", path]:
                if android.moves:
                    android.moves -= 1
                    return "ERROR: could not get idle state.\n"
                android.files[path] = self.screen().encode()
                return f"UI hierchary dumped to: {path}\n"
            case ["screencap", "-p"]:
                return PNG
            case ["true"]:
                return ""
            case ["am", "force-stop", _]:
                android.running, android.windows = False, []
                android.cookies.pop("private", None)
                return ""
            case ["am", "start", *_, "-d", address, "-p", package] if package == BROWSER:
                android.windows.append(Window("normal"))
                await self.visit(address.removeprefix("http://"))
                return "Status: ok\n"
            case ["am", "start", *_, component] if component.startswith(BROWSER):
                android.running = True
                android.windows = android.windows or [Window("normal")]
                return "Status: ok\n"
            case ["am", "start", *_, component]:
                return f"Starting: {component}\n"
            case ["input", "text", text] if android.windows:
                android.windows[-1].typed += text.replace("%s", " ")
                await self.suggest()
                return ""
            case ["input", "keyevent", *keys] if android.windows:
                return await self.pressed(keys)
            case ["input", "tap", _, y] if android.windows:
                if int(y) in (150, 250):
                    android.windows.append(Window("normal" if int(y) == 150 else "private"))
                return ""
            case ["input", *_]:
                return ""
        return 1

    async def carry_on(self) -> None:
        await asyncio.sleep(SLOWLY_S)
        if not (value := self.android.settings.get("global.http_proxy")):
            return  # as Android's: it takes what it is told then, and nothing is no news
        host, _, port = value.rpartition(":")
        for part, told in (("host", host), ("port", port), ("exclusion_list", "")):
            self.android.settings[f"global.global_http_proxy_{part}"] = told
        self.save()

    def apk(self, path: str) -> bytes | None:
        package = path.removeprefix("/data/app/").removesuffix("/base.apk")
        return self.android.packages.get(package)

    # The browser

    def screen(self) -> str:
        rows = [("", "More options", "menu", 50), ("New tab", "", "", 150), ("New private tab", "", "", 250)]
        if self.android.windows:
            window = self.android.windows[-1]
            rows.append((window.typed, "", "url_bar", 350))
            rows.append((window.shows, "", "page", 550))
            if window.mode == "private":
                rows.append(("Private browsing", "", "badge", 450))
        nodes = "".join(
            f"<node text={quoteattr(text)} content-desc={quoteattr(told)} package='{BROWSER}' "
            f"resource-id='{BROWSER}:id/{name}' bounds='[0,{y - 50}][100,{y + 50}]'/>"
            for text, told, name, y in rows
        )
        return f"<?xml version='1.0'?><hierarchy>{nodes}</hierarchy>"

    async def pressed(self, keys: list[str]) -> str:
        window = self.android.windows[-1]
        for key in keys:
            if key == "KEYCODE_DEL":
                window.typed = window.typed[:-1]
            elif key == "KEYCODE_ENTER":
                typed, window.typed = window.typed, ""
                if " " in typed or "." not in typed:
                    typed = f"www.google.com/search?q={quote(typed)}"
                await self.visit(typed)
        return ""

    async def suggest(self) -> None:
        """As suggestions of a search engine are asked for while one types."""
        window = self.android.windows[-1]
        if "." not in window.typed and (window.mode == "normal" or self.android.leaks):
            await self.fetch("www.google.com", f"/complete/search?q={quote(window.typed)}", {})

    async def visit(self, address: str) -> None:
        window = self.android.windows[-1]
        host, _, path = address.partition("/")
        jar = self.android.cookies.setdefault(window.mode, {})
        window.shows = await self.fetch(host, f"/{path}", jar)

    async def fetch(self, host: str, target: str, jar: dict[str, str]) -> str:
        """Through the tunnel, or the proxy that the settings name; that leads to the other end of `adb`."""
        if self.android.network:
            return await self.fetch_inside(host, target, jar)
        _, _, port = self.android.settings.get("global.http_proxy", "").rpartition(":")
        local = self.android.reverses.get(f"tcp:{port}")
        if local is None:
            return "no way out"
        mine = self.opened()
        self.send(A_OPEN, mine, 0, local.encode() + b"\0")
        await self.ready[mine].wait()
        if mine not in self.theirs:
            return "no way out"
        lines = [f"GET http://{host}{target} HTTP/1.1", f"Host: {host}", "User-Agent: StandIn/1.2.3"]
        lines += ["Sec-Fetch-Dest: document", "Connection: close"]
        lines += [f"Cookie: {jar[host]}"] if host in jar else []
        await self.write(mine, "\r\n".join([*lines, "", ""]).encode())
        answer = b""
        while (piece := await self.streams[mine].get()) is not None:
            answer += piece
        del self.streams[mine]
        return self.kept(host, answer, jar)

    async def fetch_inside(self, host: str, target: str, jar: dict[str, str]) -> str:
        asked = await asyncio.create_subprocess_exec(
            *("ip", "netns", "exec", self.android.network, "curl", "-sS", "-i", "--max-time", "20"),
            *("-A", "StandIn/1.2.3", "-H", "Sec-Fetch-Dest: document"),
            *(("-H", f"Cookie: {jar[host]}") if host in jar else ()),
            f"http://{host}{target}",
            stdout=asyncio.subprocess.PIPE,
        )
        answer, _ = await asked.communicate()
        return self.kept(host, answer, jar)

    def kept(self, host: str, answer: bytes, jar: dict[str, str]) -> str:
        """The body; cookies are kept."""
        head, _, body = answer.partition(b"\r\n\r\n")
        for line in head.decode("latin-1").split("\r\n"):
            if line.lower().startswith("set-cookie:"):
                jar[host] = line.split(":", 1)[1].split(";")[0].strip()
        return body.decode("utf-8", "replace")[-200:]


async def main(folder: Path) -> None:
    for name in ("bin", "root"):
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir()
    daemon = Daemon(folder)
    commands = await asyncio.start_server(daemon.command, "127.0.0.1", 0)
    for name in COMMANDS:
        shim = folder / "bin" / name
        shim.write_text(SHIM.format(port=commands.sockets[0].getsockname()[1]))
        shim.chmod(0o700)
    server = await asyncio.start_server(daemon.serve, "127.0.0.1", 0)
    new = folder / "port.new"
    new.write_text(str(server.sockets[0].getsockname()[1]))
    new.rename(folder / "port")
    await server.serve_forever()


def said(folder: Path) -> Iterator[list[str]]:
    """Commands that the phone's shell ran, each as its words."""
    with suppress(FileNotFoundError):
        for line in (folder / "said.jsonl").read_text().splitlines():
            yield json.loads(line)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]).absolute()))
