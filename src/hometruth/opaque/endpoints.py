"""Endpoints as the plan groups them: a fixed list, so that the number of tests is known before the run."""

from dataclasses import dataclass

ELSEWHERE = "elsewhere"
"""Everything that no pattern of the plan names: one group more."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Patterns in order; the first that fits names the group.

    A pattern is a host, or a host and the beginning of a path (``t.example/sa``); a leading ``*.`` stands for
    any subdomain. Connections that could not be opened have no path: only patterns without one fit them.
    """

    patterns: tuple[str, ...]
    site: str
    """Domain of the canaries' own sites: traffic to it is the visit itself and belongs to no group."""

    @property
    def names(self) -> tuple[str, ...]:
        """All groups."""
        return (*self.patterns, ELSEWHERE)

    def group_of(self, host: str, path: str = "") -> str | None:
        """The group of a request; None for the canaries' own sites."""
        if _is_within(host, self.site):
            return None
        return next((name for name in self.patterns if _fits(name, host, path)), ELSEWHERE)


def _fits(pattern: str, host: str, path: str) -> bool:
    wanted, slash, prefix = pattern.partition("/")
    if wanted.startswith("*."):
        host_fits = _is_within(host, wanted[2:]) and host != wanted[2:]
    else:
        host_fits = host == wanted
    return host_fits and (not slash or path.lstrip("/").startswith(prefix))


def _is_within(host: str, domain: str) -> bool:
    return bool(domain) and (host == domain or host.endswith("." + domain))
