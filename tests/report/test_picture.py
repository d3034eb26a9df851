"""The picture is well-formed whatever was sent, shows what joins what, and says what it leaves out."""

from xml.etree import ElementTree

from hometruth.identity.identifiers import codes, components, find_identifiers
from hometruth.identity.identifiers.occurrences import Event
from hometruth.model.identified import Code
from hometruth.model.identifier import ComparisonKind, Phase, Session
from hometruth.report.picture import MOST_CODES, picture
from tests.identity.identifiers.worlds import event, sessions

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '"><script>alert(1)</script><a xlink:href="javascript:x">&amp;\x00\x1b[31m\u202e'


def draw(events: list[Event]) -> tuple[ElementTree.Element, tuple[Code, ...]]:
    found = find_identifiers(events, ComparisonKind.TWINS)
    ran: dict[str, Session] = {item.session.id: item.session for item in events}
    text = picture(list(ran.values()), codes(found), components(found), str, title=f"Title {HOSTILE}")
    assert "<script" not in text
    return ElementTree.fromstring(text), codes(found)


def world(fields: int, *, path: str = "body id") -> list[Event]:
    return [
        event(
            session,
            {f"{path}{number}": f"{ord(name):02x}{number:014x}" for number in range(fields)},
            host=HOSTILE,
        )
        for name in "ab"
        for session in sessions(name, Phase.BASE, Phase.RESTART)
        for _ in range(2)
    ]


def test_hostile_text_is_only_text() -> None:
    root, _ = draw(world(1, path=f"body {HOSTILE}"))
    tags = {item.tag.removeprefix(SVG) for item in root.iter()}
    words = " ".join(item.text or "" for item in root.iter(f"{SVG}text"))

    assert tags == {"svg", "title", "rect", "text", "line", "circle"}
    assert "<script>" in words
    assert "\u202e" not in words


def test_a_bar_joins_what_the_same_value_joins() -> None:
    root, _ = draw(world(1))
    letters = [item.text for item in root.iter(f"{SVG}text") if item.get("text-anchor") == "middle"]

    assert (
        len(list(root.iter(f"{SVG}line"))) == 4
    )  # two devices, in the column of all and in that of the code
    assert letters == ["A", "A", "B", "B"] * 2


def test_what_is_left_out_is_said() -> None:
    root, drawn = draw(world(MOST_CODES + 2))
    words = " ".join(item.text or "" for item in root.iter(f"{SVG}text"))

    assert len(drawn) == MOST_CODES + 2
    assert "2 more codes are not drawn" in words


def test_nothing_found_is_said() -> None:
    root, _ = draw([event(session, {"body id": "same-for-all"}) for session in sessions("a", Phase.BASE)])

    assert any("no identifier was found" in (item.text or "") for item in root.iter(f"{SVG}text"))
