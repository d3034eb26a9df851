"""Registrable domain to organisation: a small declared table, each row with its source."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from ipaddress import ip_address

from publicsuffixlist import PublicSuffixList


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who stands behind a registrable domain."""

    name: str
    country: str | None
    source: str


Organisations = Mapping[str, Organisation]


@cache
def load_organisations() -> Organisations:
    """The bundled table, keyed by registrable domain."""
    table = tomllib.loads((files("hometruth.data") / "organisations.toml").read_text("utf-8"))
    return {
        domain: Organisation(row["name"], row.get("country"), row["source"])
        for row in table["organisation"]
        for domain in row["domains"]
    }


@cache
def _public_suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@cache
def registrable_domain(host: str) -> str:
    """The part of *host* that somebody registered (public suffix list); an address stands for itself."""
    try:
        ip_address(host)
    except ValueError:
        return _public_suffixes().privatesuffix(host) or host
    return host
