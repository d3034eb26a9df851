"""What the pages say that lead a person through a run: one catalogue for all of them, `data/pages.toml`."""

from collections.abc import Mapping
from functools import cache

from hometruth.handed_in.tables import bundled


@cache
def sentences(page: str) -> Mapping[str, str]:
    """The sentences of one *page*, by name; ``{names}`` in them are for the caller to fill in."""
    pages: dict[str, dict[str, str]] = bundled("pages.toml", dict[str, dict[str, str]])
    return pages[page]
