"""What a canary makes of an address: the host visited, which a sender may digest instead of the canary."""

import re
from collections.abc import Iterable, Mapping
from functools import cache

from hometruth.model import SITES, Canary, CanaryKind, ExpectedFlow

MARK = "{canary}"
_LITERAL = re.compile(r"[A-Za-z0-9/._~-]*")
"""A path that is no pattern."""


def derived_texts(
    canaries: Iterable[Canary], flows: Iterable[ExpectedFlow]
) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """By id of a canary: the hosts and addresses that its expected flows name, each with what it is.

    Expected flows say where a canary is taken by the action itself, and are sealed before the run.
    """
    declared = [flow for flow in flows if MARK in flow.host and not flow.host.startswith("*.")]
    return {
        canary.id: tuple(
            text for flow in declared if flow.kind is canary.kind for text in _texts(canary.value, flow)
        )
        for canary in canaries
    }


def usual_addresses(canaries: Iterable[Canary]) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """By id of a page's canary: its host and addresses as our own plans and `watch` have them visited.

    For recordings of which nothing was declared. Phantoms are nobody's pages.
    """
    return {
        canary.id: tuple(
            text
            for path in ("/", f"/story/{canary.value}")
            for text in (
                ("host", f"{canary.value}.{SITES}"),
                ("address", f"https://{canary.value}.{SITES}{path}"),
            )
        )
        for canary in canaries
        if canary.kind is CanaryKind.PAGE and not canary.phantom
    }


def shared_domain(text: str, domains: Iterable[str]) -> str:
    """The first of the domains that stands in a text by itself, without the page below it; empty if none."""
    lower = text.lower()
    return next((each for each in domains if each in lower and _by_itself(each).search(lower)), "")


@cache
def _by_itself(domain: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.-])(?:www\.)?{re.escape(domain)}(?![\w-]|\.\w)")


def _texts(value: str, flow: ExpectedFlow) -> Iterable[tuple[str, str]]:
    host, path = flow.host.replace(MARK, value), flow.path.replace(MARK, value)
    yield "host", host
    if _LITERAL.fullmatch(path):
        yield "address", f"https://{host}{path}"
