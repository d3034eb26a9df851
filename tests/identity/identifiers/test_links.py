"""What the same value joins: apps, hosts, windows, sides of a reset, an account, sessions."""

from hometruth.identity.identifiers import codes, components, find_identifiers, links
from hometruth.identity.identifiers.occurrences import Event
from hometruth.model.identified import Link, LinkKind
from hometruth.model.identifier import ComparisonKind, KnownValue, Phase
from tests.identity.identifiers.worlds import event, sessions, told

A, B = "a1a1a1a1a1a1a1a1", "b2b2b2b2b2b2b2b2"
C, D = "c3c3c3c3c3c3c3c3", "d4d4d4d4d4d4d4d4"
BASE = Phase.BASE


def of(events: list[Event], kind: LinkKind) -> list[Link]:
    found = find_identifiers(events, ComparisonKind.TWINS)
    return [link for link in links(found, events) if link.kind is kind]


def test_the_same_value_in_two_apps_and_at_two_hosts() -> None:
    events = [
        item
        for name, value in (("a", A), ("b", B))
        for app, host in (("music", "one.example"), ("browser", "two.example"))
        for item in told(sessions(name, BASE), [value], app=app, host=host)
    ]

    (apps,) = of(events, LinkKind.APPS)
    (hosts,) = of(events, LinkKind.HOSTS)

    assert (apps.between, apps.n_devices) == (("browser", "music"), 2)
    assert hosts.between == ("one.example", "two.example")
    assert hosts.receivers == ("one.example", "two.example")  # both must put together what they have


def test_windows_and_resets_that_change_nothing_join_and_others_do_not() -> None:
    phases = (BASE, Phase.INCOGNITO, Phase.CLEAR_DATA, Phase.REINSTALL)
    events = [
        *told(sessions("a", *phases), [A, A, C, C]),
        *told(sessions("b", *phases), [B, B, D, D]),
    ]

    assert [link.between for link in of(events, LinkKind.INCOGNITO)] == [("normal", "incognito")]
    assert [link.between for link in of(events, LinkKind.RESET)] == [("before reinstall", "after reinstall")]


def test_one_record_ties_the_account_to_what_was_sent_without_it() -> None:
    phases = (BASE, Phase.RESTART, Phase.SIGN_IN, Phase.RESTART)
    events = []
    for name, token, account in (("a", A, "anna@m.example"), ("b", B, "bert@m.example")):
        first, second, third, fourth = sessions(name, *phases)
        events += [event(session, {"body id": token}) for session in (first, second) for _ in range(2)]
        events.append(event(third, {"body id": account, "body original": token}))
        events += [event(session, {"body id": account}) for session in (third, fourth)]

    (link,) = of(events, LinkKind.ACCOUNT)

    assert link.between == ("body id", "body original")
    assert (link.n_devices, link.exchange) == (2, "x-a2")


def test_an_account_alone_ties_nothing() -> None:
    phases = (BASE, Phase.RESTART, Phase.SIGN_IN, Phase.RESTART)
    events = [
        *told(sessions("a", *phases), [A, A, "anna@m.example", "anna@m.example"]),
        *told(sessions("b", *phases), [B, B, "bert@m.example", "bert@m.example"]),
    ]

    assert of(events, LinkKind.ACCOUNT) == []


def test_components_are_what_hangs_together_by_any_value() -> None:
    """The token changes, the other code does not: the receiver joins across the change."""
    phases = (BASE, Phase.CLEAR_DATA)
    both = [
        event(session, {"body token": token, "body device": device})
        for name, tokens, device in (("a", (A, C), "1a1a1a1a1a1a"), ("b", (B, D), "2b2b2b2b2b2b"))
        for session, token in zip(sessions(name, *phases), tokens, strict=True)
        for _ in range(2)
    ]
    found = find_identifiers(both, ComparisonKind.TWINS)
    tokens_only = [item for item in found if item.place.path == "body token"]

    assert [len(group) for group in components(found)] == [2, 2]
    assert [len(group) for group in components(tokens_only)] == [1, 1, 1, 1]
    assert components(found, "nobody.example") == ()


def test_two_devices_are_joined_by_the_account_they_share() -> None:
    events = [*told(sessions("a", BASE), ["anna@m.example"]), *told(sessions("b", BASE), ["anna@m.example"])]
    own = {
        (item.exchange, "body id", "anna@m.example"): KnownValue("me", "account", "plain") for item in events
    }
    found = find_identifiers(events, ComparisonKind.TWINS, known=own)

    (link,) = (link for link in links(found, events) if link.kind is LinkKind.DEVICES)

    assert link.between == ("a", "b")


def test_places_that_carry_the_same_value_are_one_code() -> None:
    events = [
        event(session, {"body uuid": value, "query u": value, "body other": value[::-1]})
        for name, value in (("a", "1a2b3c4d5e6f"), ("b", "6a7b8c9d0e1f"))
        for session in sessions(name, BASE)
        for _ in range(2)
    ]

    found = codes(find_identifiers(events, ComparisonKind.TWINS))

    assert sorted(sorted(item.place.path for item in code.found) for code in found) == [
        ["body other"],
        ["body uuid", "query u"],
    ]
