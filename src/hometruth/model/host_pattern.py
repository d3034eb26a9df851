"""Hosts as people write them in plans, claims and files of canaries."""

from dataclasses import dataclass


def is_within(host: str, domain: str) -> bool:
    """True for a domain and every host below it."""
    return bool(domain) and (host == domain or host.endswith(f".{domain}"))


@dataclass(frozen=True, slots=True)
class HostPattern:
    """A host, or with a leading ``*.`` all hosts below it; then perhaps the beginning of a path (``/sa``)."""

    text: str

    def fits(self, host: str, path: str = "") -> bool:
        """True for a request to *host*; a pattern with a path fits no connection whose path nobody saw."""
        wanted, slash, prefix = self.text.partition("/")
        below = wanted.removeprefix("*.")
        there = is_within(host, below) and host != below if below != wanted else host == wanted
        return there and (not slash or path.lstrip("/").startswith(prefix))

    @property
    def host(self) -> str:
        """The name in it, without what stands for hosts below and without a path."""
        return self.text.partition("/")[0].removeprefix("*.")
