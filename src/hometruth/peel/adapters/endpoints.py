"""Which adapters know the endpoint that a request went to.

Scheme, port and a last slash make no difference.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache, lru_cache

from hometruth.model import Exchange
from hometruth.peel.adapters.adapter import Adapter
from hometruth.peel.adapters.load import load_adapters

_SCHEME = re.compile(r"https?://")
REMEMBERED = 4096
"""URLs whose adapters are remembered: a crawl asks for the same few again and again."""
LONGEST_REMEMBERED = 512
"""Characters of a URL that is; thousands of longer ones would fill memory."""


class Endpoints:
    """Adapters by the URL they know."""

    def __init__(self, adapters: Iterable[Adapter]) -> None:
        self._exact: dict[str, list[Adapter]] = defaultdict(list)
        self._like: list[tuple[re.Pattern[str], Adapter]] = []
        for adapter in adapters:
            for endpoint in adapter.endpoints:
                if endpoint.is_regex:
                    self._like.append((re.compile(endpoint.url), adapter))
                else:
                    self._exact[_bare(endpoint.url)].append(adapter)
        self._lookup = lru_cache(REMEMBERED)(self._find)

    def matching(self, exchange: Exchange) -> tuple[Adapter, ...]:
        """Adapters that know where *exchange* went; several where one URL takes several kinds of message."""
        path = exchange.target.partition(b"?")[0].decode("latin-1")
        url = exchange.host + path
        return self._lookup(url) if len(url) <= LONGEST_REMEMBERED else self._find(url)

    def operator(self, exchange: Exchange) -> tuple[str, str] | None:
        """Company that runs the endpoint that *exchange* went to, and who says so; None if not known."""
        for adapter in self.matching(exchange):
            return adapter.company, f"endpoint {adapter.slug} ({adapter.source})"
        return None

    def _find(self, url: str) -> tuple[Adapter, ...]:
        bare = url.rstrip("/")
        found = dict.fromkeys(self._exact.get(bare, ()))
        for pattern, adapter in self._like:
            if pattern.match(f"https://{bare}") or pattern.match(f"https://{url}"):
                found[adapter] = None
        return tuple(found)


@cache
def known_endpoints() -> Endpoints:
    """The bundled adapters, by endpoint; read when first asked for."""
    return Endpoints(load_adapters())


def _bare(url: str) -> str:
    return _SCHEME.sub("", url, count=1).rstrip("/")
