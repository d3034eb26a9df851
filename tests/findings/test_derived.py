"""Hosts and addresses that hold a canary, as the expected flows declare them."""

import pytest

from hometruth.findings import derived_texts, shared_domain
from hometruth.model import Canary, CanaryKind, ExpectedFlow, Part

PAGE = Canary("p", CanaryKind.PAGE, "kzvalue", 80.0)
SEARCH = Canary("s", CanaryKind.SEARCH, "gword", 80.0)


def flow(host: str, path: str = "/", kind: CanaryKind = CanaryKind.PAGE) -> ExpectedFlow:
    return ExpectedFlow(kind, host, path, frozenset({Part.HOST}), 5.0)


def test_the_host_and_the_address_of_a_page_hold_its_canary() -> None:
    texts = derived_texts([PAGE, SEARCH], [flow("{canary}.sites.example", "/story/{canary}")])

    assert texts["p"] == (
        ("host", "kzvalue.sites.example"),
        ("address", "https://kzvalue.sites.example/story/kzvalue"),
    )
    assert texts["s"] == ()


def test_patterns_give_no_address_and_hosts_without_a_canary_nothing() -> None:
    flows = [
        flow("{canary}.sites.example", r"/(a|b)\d+"),
        flow("*.{canary}.example"),
        flow("search.example", "/search", CanaryKind.SEARCH),
    ]
    texts = derived_texts([PAGE, SEARCH], flows)

    assert texts == {"p": (("host", "kzvalue.sites.example"),), "s": ()}


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        ("sites.example", True),
        ("https://www.Sites.example/?q", True),
        ("visited=sites.example;", True),
        ("kzvalue.sites.example", False),
        ("sites.example.org", False),
        ("mysites.example", False),
        ("sites.example-cdn", False),
    ],
)
def test_the_domain_of_all_pages_counts_where_it_stands_by_itself(text: str, stands: bool) -> None:
    assert shared_domain(text, ("sites.example",)) == ("sites.example" if stands else "")
