"""Registrable domain to organisation: a small declared table, each row with its source."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address

from publicsuffixlist import PublicSuffixList

from hometruth.handed_in import Table, Text, bundled


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who stands behind a registrable domain."""

    name: str
    country: str | None
    source: str


Organisations = Mapping[str, Organisation]


class _WrittenOrganisation(Table, frozen=True):
    name: Text
    domains: tuple[Text, ...]
    source: Text
    country: Text | None = None


class _WrittenOrganisations(Table, frozen=True):
    organisation: tuple[_WrittenOrganisation, ...]


@cache
def load_organisations() -> Organisations:
    """The bundled table, keyed by registrable domain."""
    return {
        domain: Organisation(row.name, row.country, row.source)
        for row in bundled("organisations.toml", _WrittenOrganisations).organisation
        for domain in row.domains
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
