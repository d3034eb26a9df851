"""Tables that people write: what is wrong is said in words, with line, table and field."""

from enum import StrEnum
from typing import Annotated, Literal

import pytest
from msgspec import Meta, field

from hometruth.errors import PlanError
from hometruth.handed_in import Count, Table, Text, Texts, checked_toml


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"
    GREEN = "green"


class Wheel(Table, frozen=True):
    kind: Text
    spokes: Annotated[int, Meta(ge=3, le=64)] = 32
    weight: Annotated[float, Meta(gt=0, lt=10)] = 1.5
    colours: tuple[Colour, ...] = ()
    tyres: Annotated[Texts, Meta(min_length=1)] = ("front",)
    sizes: tuple[float, ...] = ()
    parts: dict[str, Texts] = field(default_factory=dict)


class Frame(Table, frozen=True):
    made_of: Literal["steel", "wood"]
    is_old: bool = False
    gears: Count = 1
    owner: Annotated[str, Meta(min_length=6)] | Texts = ()


class Bicycle(Table, frozen=True):
    frame: Frame
    wheel: Annotated[tuple[Wheel, ...], Meta(min_length=1)]
    bell: tuple[Wheel, ...] = ()


GOOD = """[frame]
made_of = "steel"
[[wheel]]
kind = "front"
[[wheel]]
kind = "back"
parts = { hub = ["axle"] }
"""


def test_what_is_as_it_must_be_is_read_with_its_types() -> None:
    bicycle, place = checked_toml(GOOD, "b.toml", Bicycle, PlanError)

    assert bicycle.frame.made_of == "steel"
    assert [wheel.kind for wheel in bicycle.wheel] == ["front", "back"]
    assert bicycle.wheel[1].parts == {"hub": ("axle",)}
    with pytest.raises(PlanError, match=r"^b\.toml: line 6: wheel back: too square$"):
        place.at("wheel", 1, "kind").fail("too square")


def test_lines_and_first_bytes_as_editors_on_windows_write_them() -> None:
    written = "\ufeff" + GOOD.replace("\n", "\r\n")

    assert checked_toml(written, "b.toml", Bicycle, PlanError)[0].frame.made_of == "steel"
    with pytest.raises(PlanError, match=r"^b\.toml: line 1: unknown field fame"):
        checked_toml(written.replace("frame", "fame"), "b.toml", Bicycle, PlanError)


WHEEL, FRAME = 'kind = "back"', 'made_of = "steel"'


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (WHEEL, "kind = 3", "line 6: wheel 2: kind must be a text that is not empty, not 3"),
        (WHEEL, "", "line 5: wheel 2: kind must be a text that is not empty, and is missing"),
        (
            WHEEL,
            'kind = "front"\nspokes = 2',
            "line 7: wheel 2 (front): spokes must be a whole number from 3 to 64",
        ),
        (WHEEL, f"{WHEEL}\nspokes = true", "spokes must be a whole number from 3 to 64, not True"),
        (WHEEL, f"{WHEEL}\nweight = 0", "weight must be a number above 0 and below 10, not 0"),
        (WHEEL, f"{WHEEL}\nweight = nan", "nan is no number that can be used here"),
        (
            WHEEL,
            f'{WHEEL}\ncolours = "red"',
            "colours must be a list of texts, each one of red, blue, green, not",
        ),
        (
            WHEEL,
            f'{WHEEL}\ncolours = ["red", "pink"]',
            "line 7: wheel back: colours is 'pink'; use one of red",
        ),
        (WHEEL, f"{WHEEL}\ncolours = [7]", "each one of red, blue, green, not [7]"),
        (WHEEL, f"{WHEEL}\ntyres = []", "tyres must be a list of texts, at least one, not []"),
        (WHEEL, f'{WHEEL}\nsizes = ["x"]', "sizes must be a list of numbers, not ['x']"),
        ('["axle"]', '"axle"', "line 7: wheel back: parts.hub must be a list of texts, not 'axle'"),
        ('{ hub = ["axle"] }', "1", "parts must be a table of lists of texts, not 1"),
        (
            WHEEL,
            f"{WHEEL}\nspoke = 3",
            "line 7: wheel back: unknown field spoke; did you mean spokes? (have: colours, kind, parts,",
        ),
        (FRAME, 'made_of = "stone"', "line 2: [frame]: made_of is 'stone'; use steel or wood"),
        (FRAME, f"{FRAME}\nis_old = 1", "is_old must be true or false, not 1"),
        (FRAME, f"{FRAME}\ngears = 0", "gears must be a whole number of at least 1, not 0"),
        (
            FRAME,
            f'{FRAME}\nowner = "me"',
            "owner must be a text of at least 6 characters or a list of texts, not",
        ),
        ("[frame]", "[fame]", "line 1: unknown field fame; did you mean frame? (have: bell, frame, wheel)"),
        ("[[wheel]]", "[[bell]]", "needs at least one [[wheel]]"),
        (GOOD, "frame = 1", "line 1: frame must be a table, not 1"),
        (GOOD, "frame = []\nwheel = []", "frame must be a table, not []"),
        (GOOD, "wheel = []", "line 1: needs at least one [[wheel]]"),
        (GOOD, "wheel = [1]", "wheel 1 must be a table, not 1"),
        (GOOD, '[[wheel]]\nkind = "only"', "needs a table [frame]"),
        ("[frame]", "[frame", "not valid TOML"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(old: str, new: str, told: str) -> None:
    with pytest.raises(PlanError, match=r"^b\.toml: ") as error:
        checked_toml(GOOD.replace(old, new), "b.toml", Bicycle, PlanError)

    assert told in str(error.value)


def test_what_is_secret_is_not_repeated() -> None:
    for value in ('"hunter2"', "[4711]"):
        with pytest.raises(PlanError, match=r"line 2: .* must be") as error:
            checked_toml(GOOD.replace('"steel"', value), "b.toml", Bicycle, PlanError, secret=True)

        assert "hunter2" not in str(error.value)
        assert "4711" not in str(error.value)
