"""Recipients that answer what is said to an assistant: by a declared table of hosts, or by the protocol.

What such a recipient was told it may say again in other words, which no search for canaries finds.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from hometruth.handed_in import Table, Text, bundled
from hometruth.model import HostPattern, Part, Value

LANGUAGE_MODEL_PROVIDER = "language-model provider"
_BY_PROTOCOL = "its body holds what is said to a language model, as the common interfaces of such have it"
_SHAPES = (
    {"model", "messages[0].role"},  # chat completions (platform.openai.com), messages (docs.anthropic.com)
    {"contents[0].parts[0].text"},  # generateContent (ai.google.dev/api)
)


@dataclass(frozen=True, slots=True)
class Provider:
    """Of a language model, and why we believe that it is one."""

    operator: str | None
    source: str


class _WrittenProvider(Table, frozen=True):
    operator: Text
    hosts: tuple[Text, ...]
    source: Text


class _WrittenProviders(Table, frozen=True):
    provider: tuple[_WrittenProvider, ...]


def language_model_provider(host: str, values: Iterable[Value]) -> Provider | None:
    """The provider behind *host*, or behind any host that a request with these values speaks to as to one."""
    if known := _listed(host):
        return known
    said = {value.path for value in values if value.part is Part.BODY}
    return Provider(None, _BY_PROTOCOL) if any(shape <= said for shape in _SHAPES) else None


@lru_cache(4096)
def _listed(host: str) -> Provider | None:
    return next((provider for pattern, provider in _providers() if pattern.fits(host)), None)


@cache
def _providers() -> tuple[tuple[HostPattern, Provider], ...]:
    rows = bundled("language_models.toml", _WrittenProviders).provider
    return tuple(
        (HostPattern(host), Provider(row.operator, row.source)) for row in rows for host in row.hosts
    )
