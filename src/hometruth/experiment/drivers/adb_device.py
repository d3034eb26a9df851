"""A phone at the other end of `adb`: what is read of it, done on it, and put back.

Words go to the phone's shell each in single quotes (POSIX 2.2.2), so that no address and no value can say
anything to it; the `adb` on this machine does the talking, through `adbutils`. Only what has no effect beyond
its own undoing is done here, and only a journal says what that is: `change` notes before it makes.
"""

from __future__ import annotations

import re
import shlex
import struct
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from subprocess import SubprocessError
from typing import Any
from xml.etree import ElementTree

from hometruth.errors import DriverError, needs
from hometruth.experiment.drivers.adb_journal import PhoneChange, PhoneJournal

ANSWERS_S = 60.0
"""Within which a phone answers a command: starting an app takes a slow one some seconds."""
MAX_COMMAND_BYTES = 3_500
"""Of one command: older phones take 4,096 bytes at once."""
PROXY = "global.http_proxy"
NO_PROXY = ":0"
"""Android takes a proxy out of force when it is set to this one, not when the setting is deleted."""
PROXY_PARTS = tuple(f"global.global_http_proxy_{part}" for part in ("host", "port", "exclusion_list"))
"""What Android itself sets when `PROXY` is set."""
QUIET_S = 1.0
"""For which nothing changes any more once Android has carried a change of `PROXY` on to `PROXY_PARTS`."""
SETTLES_S = 10.0
"""Within which it has."""
WINDOW_FILE = "/data/local/tmp/hometruth-window.xml"
"""Where the phone writes what its screen shows: its tool can write to files only."""
WIREGUARD = "com.wireguard.android"
"""Android's name of the WireGuard app."""
DUMPS = 5
"""Times that the phone is asked for its screen: it says no while anything moves."""
_TUNNELS = "tun"
"""How names of interfaces begin that Android makes for a VPN."""
_LISTENS = "0A"
_OUT, _ERR, _EXIT = 1, 2, 3
"""Kinds of what comes from a shell (version 2)."""
_BOUNDS = re.compile(r"\[(-?\d+),(-?\d+)\]\[(-?\d+),(-?\d+)\]")
_TYPEABLE = re.compile(r"[ -$&-~]+")
"""Printable ASCII without the percent sign, which the phone's tool takes for the beginning of a space."""


@dataclass(frozen=True, slots=True)
class ScreenItem:
    """One thing on the phone's screen."""

    words: tuple[str, ...]
    """Its text, its description and its name in the app (``package:id/name``), those that it has."""
    package: str
    x: int
    y: int
    """Its middle."""


class AdbPhone:
    """One phone.

    Args:
        serial: As `adb devices` lists it; None for the only one there is.

    Raises:
        DriverError: If it is not there, has not allowed this machine, or is too old (before Android 7).
    """

    def __init__(self, serial: str | None = None) -> None:
        with needs("adb", "driving a phone", DriverError):
            import adbutils  # noqa: PLC0415 - only this driver needs it
        self._client = adbutils.AdbClient()
        self.serial = serial or _only_one()
        with _answering(self.serial), self._client.make_connection(ANSWERS_S) as adb:
            adb.send_command(f"host-serial:{self.serial}:features")
            adb.check_okay()
            features = adb.read_string_block()
        if "shell_v2" not in features.split(","):
            raise DriverError(f"{self.serial}: its shell tells no exit codes; Android 7 or newer is needed")

    @contextmanager
    def _service(self, name: str) -> Iterator[Any]:
        """A service of the phone's daemon. (`AdbDevice` of adbutils leaves sockets open when it fails.)"""
        with _answering(self.serial), self._client.make_connection(ANSWERS_S) as daemon:
            for command in (f"host:transport:{self.serial}", name):
                daemon.send_command(command)
                daemon.check_okay()
            yield daemon

    # Reading

    def run(self, *words: str) -> str:
        """Run one command with these words, and return what it wrote.

        Raises:
            DriverError: If the phone is away, does not answer, or the command fails.
        """
        out = {_OUT: b"", _ERR: b"", _EXIT: b""}
        with self._service(f"shell,v2:{command_of(words)}") as shell:
            while not out[_EXIT]:
                kind, size = struct.unpack("<BI", shell.read_exact(5))
                out[kind] = out.get(kind, b"") + shell.read_exact(size)
        told = {kind: text.decode("utf-8", "replace") for kind, text in out.items()}
        if code := out[_EXIT][0]:
            said = (told[_ERR] or told[_OUT]).strip()[:300]
            raise DriverError(f"{self.serial}: {words[0]} failed (exit code {code}): {said}")
        return told[_OUT]

    def read_bytes(self, *words: str) -> bytes:
        """What a command writes, byte for byte."""
        with self._service(f"exec:{command_of(words)}") as command:
            return bytes(command.read_until_close(encoding=None))

    def setting(self, name: str) -> str | None:
        """A setting by its table and name (``global.http_proxy``); None if it is not set."""
        table, _, key = name.partition(".")
        told = self.run("settings", "get", table, key).removesuffix("\n")
        return None if told == "null" else told

    def reverses(self) -> dict[str, str]:
        """Ports of the phone that lead here (``tcp:N``), each with where it leads."""
        with self._service("reverse:list-forward") as listed:
            rows = [line.split() for line in listed.read_string_block().splitlines()]
        return {row[-2]: row[-1] for row in rows if len(row) > 1}

    def version(self, package: str) -> str:
        """Of an installed app, as its maker calls it.

        Raises:
            DriverError: If it is not installed.
        """
        if not self.has(package):
            raise DriverError(f"{self.serial}: {package} is not installed")
        found = re.search(r"^\s*versionName=(.+)$", self.run("dumpsys", "package", package), re.MULTILINE)
        if not found:
            raise DriverError(f"{self.serial}: tells no version of {package}")
        return found[1].strip()

    def has(self, package: str) -> bool:
        """True if an app is installed."""
        return f"package:{package}" in self.run("pm", "list", "packages", package).splitlines()

    def files_of(self, package: str) -> tuple[str, ...]:
        """Paths of an installed app's packages on the phone, the base first."""
        paths = [line.removeprefix("package:") for line in self.run("pm", "path", package).splitlines()]
        if not paths:
            raise DriverError(f"{self.serial}: tells no files of {package}")
        return tuple(sorted(paths, key=lambda path: (not path.endswith("/base.apk"), path)))

    def sha256(self, path: str) -> str:
        """Digest of a file on the phone, as its own tool tells it."""
        told = self.run("sha256sum", path).partition(" ")[0]
        if not re.fullmatch(r"[0-9a-f]{64}", told):
            raise DriverError(f"{self.serial}: tells no SHA-256 of {path}: {told[:80]!r}")
        return told

    def identity(self) -> str:
        """What it is called whatever it is connected by: its own serial number, where it tells one."""
        return self.run("getprop", "ro.serialno").strip() or self.serial

    def build(self) -> str:
        """Fingerprint of the system that it runs."""
        return self.run("getprop", "ro.build.fingerprint").strip()

    def boot(self) -> str:
        """What is another one after every start."""
        return self.run("cat", "/proc/sys/kernel/random/boot_id").strip()

    def clock_offset_s(self) -> tuple[float, float]:
        """By how much its clock is ahead of this one, and by how much that may be wrong."""
        before = time.time()
        phone = self.run("date", "+%s.%N").strip()
        after = time.time()
        try:
            return float(phone) - (before + after) / 2, (after - before) / 2
        except ValueError as err:
            raise DriverError(f"{self.serial}: its clock cannot be read: {phone[:40]!r}") from err

    def listening(self) -> frozenset[str]:
        """What listens on it, as ``tcp 127.0.0.1:12345 package``: no proxy sees what is said there."""
        apps: dict[str, list[str]] = {}
        for line in self.run("pm", "list", "packages", "-U").splitlines():
            package, _, uid = line.removeprefix("package:").partition(" uid:")
            apps.setdefault(uid, []).append(package)
        found = set()
        for protocol in ("tcp", "tcp6", "udp", "udp6"):
            for line in self.run("cat", f"/proc/net/{protocol}").splitlines()[1:]:
                fields = line.split()
                if len(fields) > 7 and (protocol.startswith("udp") or fields[3] == _LISTENS):
                    who = ", ".join(sorted(apps.get(fields[7], [f"uid {fields[7]}"])))
                    found.add(f"{protocol} {_address(fields[1])} {who}")
        return frozenset(found)

    def tunnels(self) -> dict[str, int]:
        """Tunnels of its VPN that are on, with the bytes that each has brought it."""
        found = {}
        for line in self.run("cat", "/proc/net/dev").splitlines():
            name, colon, counts = line.partition(":")
            if colon and name.strip().startswith(_TUNNELS):
                received = counts.split()[0]
                found[name.strip()] = int(received) if received.isdigit() else 0
        return found

    def screen(self) -> list[ScreenItem]:
        """What is on its screen.

        Raises:
            DriverError: If it does not say so: what it said before is not taken for it.
        """
        for _ in range(DUMPS):
            told = self.run("uiautomator", "dump", WINDOW_FILE)
            if WINDOW_FILE in told:
                break
        else:
            raise DriverError(f"{self.serial}: does not tell what its screen shows: {told.strip()[:200]}")
        text = self.run("cat", WINDOW_FILE)
        if "<!DOCTYPE" in text:
            raise DriverError(f"{self.serial}: what it says of its screen is no list of windows")
        try:
            nodes = list(ElementTree.fromstring(text).iter("node"))  # noqa: S314 - without a DTD, harmless
        except ElementTree.ParseError as err:
            raise DriverError(f"{self.serial}: what it says of its screen cannot be read: {err}") from err
        return [shown for shown in map(_shown, nodes) if shown]

    def screenshot(self) -> bytes:
        """A picture of its screen (PNG)."""
        picture = self.read_bytes("screencap", "-p")
        if not picture.startswith(b"\x89PNG\r\n\x1a\n"):
            raise DriverError(f"{self.serial}: its screen gives no picture")
        return picture

    # Doing, what leaves nothing to put back

    def start(self, package: str) -> None:
        """Open an app as a tap on its icon does."""
        told = self.run(
            *("cmd", "package", "resolve-activity", "--brief"),
            *("-c", "android.intent.category.LAUNCHER", package),
        )
        component = told.strip().splitlines()[-1] if told.strip() else ""
        if not component.startswith(f"{package}/"):
            raise DriverError(f"{self.serial}: {package} has nothing to open: {told.strip()[:200]}")
        self._am("start", "-W", "-n", component)

    def open(self, address: str, package: str) -> None:
        """Hand an address to an app, as another app does with a link."""
        self._am("start", "-W", "-a", "android.intent.action.VIEW", "-d", address, "-p", package)

    def open_wireguard(self) -> None:
        """Show the WireGuard app."""
        self._am("start", "-n", f"{WIREGUARD}/.activity.MainActivity")

    def stop(self, package: str) -> None:
        """End all that an app runs."""
        self._am("force-stop", package)

    def _am(self, *words: str) -> None:
        told = self.run("am", *words)
        if re.search("^Error", told, re.MULTILINE):  # it ends with 0 all the same
            raise DriverError(f"{self.serial}: am {words[0]}: {told.strip()[:300]}")

    def tap(self, x: int, y: int) -> None:
        """Touch its screen at a point."""
        self.run("input", "tap", str(x), str(y))

    def press(self, *keys: str) -> None:
        """Press keys one after the other, by Android's names without ``KEYCODE_``."""
        self.run("input", "keyevent", *(f"KEYCODE_{key}" for key in keys))

    def press_together(self, keys: Sequence[str]) -> None:
        """Press keys at once (Android 12 or newer)."""
        self.run("input", "keycombination", *(f"KEYCODE_{key}" for key in keys))

    def type(self, text: str) -> None:
        """Type it where the cursor is.

        Raises:
            DriverError: If the phone's tool could not type it as it is.
        """
        if not _TYPEABLE.fullmatch(text):
            raise DriverError(f"{text[:60]!r} cannot be typed over adb: ASCII without percent signs only")
        self.run("input", "text", text.replace(" ", "%s"))

    # Changing, and putting back

    def set(self, journal: PhoneJournal, name: str, value: str | None) -> None:
        """Change a setting, or delete it; that of a proxy with what Android sets along with it."""
        before = {each: self.setting(each) for each in (name, *(PROXY_PARTS if name == PROXY else ()))}
        journal.note(PhoneChange("setting", {name: value}, before))
        self._put(name, value)
        if self.setting(name) != value:
            raise DriverError(f"{self.serial}: it does not take {name} = {value}")

    def lead_here(self, journal: PhoneJournal, port: int, to: int) -> None:
        """Let a port of the phone's loopback lead to one of this machine's."""
        remote, local = f"tcp:{port}", f"tcp:{to}"
        if remote in self.reverses():
            raise DriverError(
                f"{self.serial}: its port {port} leads somewhere already (`adb reverse --list`)"
            )
        journal.note(PhoneChange("reverse", {remote: local}))
        with self._service(f"reverse:forward:norebind:{remote};{local}") as done:
            done.check_okay()

    def install(self, journal: PhoneJournal, package: str, apk: bytes) -> None:
        """Install an app that is not there; its file leaves nothing else on the phone."""
        if self.has(package):
            raise DriverError(f"{self.serial}: {package} is installed already; its owner's is left alone")
        journal.note(PhoneChange("package", {package: "installed"}))
        words = ("cmd", "package", "install", "-S", str(len(apk)))
        with self._service(f"exec:{command_of(words)}") as installer:
            installer.conn.sendall(apk)
            told = str(installer.read_until_close())
        if "Success" not in told or not self.has(package):
            raise DriverError(f"{self.serial}: {package} was not installed: {told.strip()[:300]}")

    def clear(self, journal: PhoneJournal, package: str) -> None:
        """Delete what an app keeps: for good."""
        journal.note(PhoneChange("data", {package: "cleared"}))
        if "Success" not in (told := self.run("pm", "clear", package)):
            raise DriverError(f"{self.serial}: data of {package} was not cleared: {told.strip()[:200]}")

    def put(self, journal: PhoneJournal, path: str, data: bytes) -> None:
        """Put a file there, where none is (the daemon's own service, as `adb push` uses it)."""
        if path.rpartition("/")[2] in self.run("ls", path.rpartition("/")[0]).splitlines():
            raise DriverError(f"{self.serial}: {path} is there already; its owner's is left alone")
        journal.note(PhoneChange("file", {path: "written"}))
        with self._service("sync:") as daemon:
            for kind, told in ((b"SEND", f"{path},33200".encode()), (b"DATA", data)):
                daemon.conn.sendall(kind + struct.pack("<I", len(told)) + told)
            daemon.conn.sendall(b"DONE" + struct.pack("<I", int(time.time())))
            kind, size = struct.unpack("<4sI", daemon.read_exact(8))
            if kind != b"OKAY":
                said = daemon.read_exact(min(size, MAX_COMMAND_BYTES)).decode("utf-8", "replace")
                raise DriverError(f"{self.serial}: {path} was not written: {said.strip()}")

    def note_tunnel(self, journal: PhoneJournal, name: str) -> None:
        """Note that a tunnel of the WireGuard app is about to be switched on, by a person."""
        journal.note(PhoneChange("tunnel", {name: "on"}))

    def look_at_screen(self, journal: PhoneJournal) -> None:
        """Note the file that `screen` needs, once."""
        journal.note(PhoneChange("file", {WINDOW_FILE: "written"}))

    def undo(self, change: PhoneChange) -> str:
        """Undo one change, look whether it is undone, and say so in a sentence.

        What somebody else has changed since then is left as it is, and said.

        Raises:
            DriverError: If it is not undone.
        """
        undo: Mapping[str, Callable[[PhoneChange], str]] = {
            "setting": self._put_back,
            "reverse": self._close,
            "file": self._delete,
            "package": self._uninstall,
            "data": lambda change: f"{change}: cannot be undone",
            "tunnel": self._switch_off,
        }
        return undo[change.kind](change)

    def _put_back(self, change: PhoneChange) -> str:
        ((name, made),) = change.made.items()
        now, before = self.setting(name), change.before[name]
        if now not in {made, before, *([NO_PROXY] if name == PROXY else ())}:
            return f"{change}: left, since somebody has set {name} = {now} since then"
        if name == PROXY and now != before:
            self._put(PROXY, NO_PROXY)
            time.sleep(QUIET_S)
            host, until = (made or "").rpartition(":")[0], time.monotonic() + SETTLES_S
            while self.setting(PROXY_PARTS[0]) == host and time.monotonic() < until:
                time.sleep(QUIET_S / 4)
        for each, value in change.before.items():
            self._put(each, value)
        self._stays(change.before, QUIET_S if name == PROXY else 0)
        return f"{change}: put back"

    def _stays(self, wanted: Mapping[str, str | None], quiet_s: float) -> None:
        """See settings stay as they were put, for so long; what Android carried on late is put right."""
        since = time.monotonic()
        until = since + SETTLES_S
        while True:
            wrong = [name for name, value in wanted.items() if self.setting(name) != value]
            if wrong and time.monotonic() > until:
                raise DriverError(f"{self.serial}: it does not take back {', '.join(wrong)}")
            for name in wrong:
                self._put(name, wanted[name])
            since = time.monotonic() if wrong else since
            if time.monotonic() - since >= quiet_s and not wrong:
                return
            time.sleep(quiet_s / 4)

    def _put(self, name: str, value: str | None) -> None:
        table, _, key = name.partition(".")
        if value is None:
            self.run("settings", "delete", table, key)
        else:
            self.run("settings", "put", table, key, value)

    def _close(self, change: PhoneChange) -> str:
        ((remote, local),) = change.made.items()
        if self.reverses().get(remote) == local:
            with self._service(f"reverse:killforward:{remote}") as done:
                done.check_okay()
        if self.reverses().get(remote) == local:
            raise DriverError(f"{self.serial}: {remote} still leads here")
        return f"{change}: closed"

    def _delete(self, change: PhoneChange) -> str:
        self.run("rm", "-f", *change.made)
        return f"{change}: deleted"

    def _switch_off(self, change: PhoneChange) -> str:
        """End the app, and with it its tunnel: to switch one off, adb's shell has no right."""
        ((name, _),) = change.made.items()
        self.stop(WIREGUARD)
        until = time.monotonic() + SETTLES_S
        while on := self.tunnels():
            if time.monotonic() > until:
                raise DriverError(
                    f"{self.serial}: a tunnel is still on ({', '.join(on)}); switch it off there"
                )
            time.sleep(QUIET_S / 4)
        return f"{change}: switched off. Delete “{name}” in the WireGuard app by hand, if you imported it"

    def _uninstall(self, change: PhoneChange) -> str:
        ((package, _),) = change.made.items()
        if self.has(package):
            try:
                self.run("pm", "uninstall", package)
            except DriverError:
                if self.has(package):  # or else a killed process had asked for it already
                    raise
        if self.has(package):
            raise DriverError(f"{self.serial}: {package} is still installed")
        return f"{change}: removed"


def put_back(identity: str) -> tuple[str, ...]:
    """Undo what the journal of a phone still names; returns a sentence for each change.

    Raises:
        DriverError: If the phone is not there, is being driven, or some of it cannot be undone.
    """
    with PhoneJournal(identity) as journal:
        phone = next((each for each in map(AdbPhone, connected()) if each.identity() == identity), None)
        if phone is None:
            raise DriverError(f"{identity} is not connected, or does not allow this machine")
        return journal.restore(phone.undo)


def connected() -> list[str]:
    """Phones that allow this machine, as `adb devices` lists them.

    Raises:
        DriverError: If there is no adb.
    """
    with needs("adb", "driving a phone", DriverError):
        import adbutils  # noqa: PLC0415 - only this driver needs it
    with _answering("adb"):
        return [str(item.serial) for item in adbutils.AdbClient().list() if item.state == "device"]


def command_of(words: Sequence[str]) -> str:
    """What makes a phone's shell run one command with exactly these words.

    Raises:
        DriverError: If no command can say them: it ends at a NUL, and may not be longer than a phone takes.
    """
    command = " ".join(map(shlex.quote, words))
    try:
        n_bytes = len(command.encode())
    except UnicodeEncodeError as err:
        raise DriverError(f"{words[-1][:60]!r}: is no text that a phone's shell takes") from err
    if "\0" in command or n_bytes > MAX_COMMAND_BYTES:
        raise DriverError(f"{words[-1][:60]!r}: holds a NUL or is too long for a phone's shell")
    return command


def _only_one() -> str:
    there = connected()
    if len(there) != 1:
        raise DriverError(
            f"adb sees {len(there)} phones that allow this machine ({', '.join(there) or 'none'}); "
            "connect one with USB debugging on and allow this machine, or name one (serial)"
        )
    return there[0]


def _address(told: str) -> str:
    """An address and a port as Linux tells them (words of four bytes in the machine's order, hexadecimal)."""
    digits, _, port = told.partition(":")
    try:
        packed = bytes.fromhex(digits)
        words = b"".join(packed[at : at + 4][::-1] for at in range(0, len(packed), 4))
        address = ip_address(words)
        return f"[{address}]:{int(port, 16)}" if address.version == 6 else f"{address}:{int(port, 16)}"
    except ValueError:
        return told


def _shown(node: ElementTree.Element) -> ScreenItem | None:
    found = _BOUNDS.fullmatch(node.get("bounds", ""))
    if not found:
        return None
    left, top, right, bottom = map(int, found.groups())
    words = tuple(filter(None, (node.get(key) for key in ("text", "content-desc", "resource-id"))))
    return ScreenItem(words, node.get("package", ""), (left + right) // 2, (top + bottom) // 2)


@contextmanager
def _answering(who: str) -> Iterator[None]:
    """Whatever goes wrong between here and the phone is one sentence."""
    from adbutils import AdbError  # noqa: PLC0415 - only this driver needs it

    try:
        yield
    except (AdbError, EOFError, OSError, SubprocessError, ValueError) as err:
        raise DriverError(f"{who}: {err or 'it does not answer'}") from err
