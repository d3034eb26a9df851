"""Two network namespaces: an "internet" in which the recorder runs, and a device whose only way out is a real
WireGuard client (Debian's wireguard-go, in user space) to that recorder."""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

REAL = "203.0.113.7"
"""Address of a real server in that internet (RFC 5737)."""
REAL_6 = "2001:db8:7::7"
CLOSED = "203.0.113.8"
"""Likewise, of a host that the recorder is not to look into."""
CLONE_NEWNET = 0x40000000
NEEDED = ("ip", "wg", "wireguard-go")


def missing() -> str:
    """Why this cannot be done on this machine; empty if it can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if absent := [name for name in NEEDED if shutil.which(name) is None]:
        return f"needs {', '.join(absent)} (Debian: iproute2, wireguard-tools, wireguard-go)"
    if not Path("/dev/net/tun").exists():
        return "there is no /dev/net/tun"
    probe = subprocess.run(["ip", "netns", "add", f"ht-try-{os.getpid()}"], capture_output=True, check=False)
    if probe.returncode:
        return f"no network namespace can be made: {probe.stderr.decode().strip()}"
    run("ip", "netns", "del", f"ht-try-{os.getpid()}")
    return ""


def run(*command: str, text: str | None = None, inside: str | None = None) -> str:
    """One command, in a namespace if asked; what it printed."""
    words = ["ip", "netns", "exec", inside, *command] if inside else list(command)
    done = subprocess.run(words, input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words}: {done.stderr}{done.stdout}"
    return done.stdout


@dataclass(frozen=True)
class Net:
    """Names of the two namespaces."""

    internet: str
    device: str

    @contextmanager
    def joined(self, configuration: str) -> Iterator[None]:
        """The device's tunnel, by what the recorder handed out for it."""
        interface = f"htw{os.getpid() % 100_000}"
        lines = [line.split(" = ", 1) for line in configuration.splitlines() if " = " in line]
        told = dict(lines)
        for_wg = "\n".join(
            line
            for line in configuration.splitlines()
            if not line.startswith(("Address", "DNS", "MTU", "IncludedApplications"))
        )
        run("wireguard-go", interface, inside=self.internet)
        try:
            run("wg", "setconf", interface, "/dev/stdin", text=for_wg, inside=self.internet)
            run("ip", "-n", self.internet, "link", "set", interface, "netns", self.device)
            for address in told["Address"].split(", "):
                run("ip", "-n", self.device, "addr", "add", address, "dev", interface)
            run("ip", "-n", self.device, "link", "set", interface, "mtu", told["MTU"], "up")
            run("ip", "-n", self.device, "route", "add", "default", "dev", interface)
            run("ip", "-n", self.device, "-6", "route", "add", "default", "dev", interface)
            servers = "".join(f"nameserver {each}\n" for each in told["DNS"].split(", ") if "." in each)
            (Path("/etc/netns") / self.device / "resolv.conf").write_text(servers)
            yield
        finally:
            for name in (self.device, self.internet):
                subprocess.run(["ip", "-n", name, "link", "del", interface], capture_output=True, check=False)


@contextmanager
def inside(network: str) -> Iterator[None]:
    """This thread, and whatever it starts, is in that namespace (setns(2))."""
    libc = ctypes.CDLL(None, use_errno=True)
    with Path("/proc/thread-self/ns/net").open() as before, Path(f"/run/netns/{network}").open() as there:
        assert libc.setns(there.fileno(), CLONE_NEWNET) == 0, ctypes.get_errno()
        try:
            yield
        finally:
            assert libc.setns(before.fileno(), CLONE_NEWNET) == 0, ctypes.get_errno()


@contextmanager
def namespaces(hosts: str) -> Iterator[Net]:
    """Make both, with *hosts* as the internet's /etc/hosts; nothing of them is left afterwards."""
    net = Net(f"ht-net-{os.getpid()}", f"ht-dev-{os.getpid()}")
    with ExitStack() as undo:
        for name in (net.internet, net.device):
            folder = Path("/etc/netns") / name
            undo.callback(shutil.rmtree, folder, ignore_errors=True)
            folder.mkdir(parents=True)
            undo.callback(subprocess.run, ["ip", "netns", "del", name], capture_output=True, check=False)
            run("ip", "netns", "add", name)
            run("ip", "-n", name, "link", "set", "lo", "up")
        (Path("/etc/netns") / net.internet / "hosts").write_text(f"127.0.0.1 localhost\n{hosts}")
        for address in (REAL, CLOSED):
            run("ip", "-n", net.internet, "addr", "add", f"{address}/32", "dev", "lo")
        run("ip", "-n", net.internet, "addr", "add", f"{REAL_6}/128", "dev", "lo", "nodad")
        yield net
