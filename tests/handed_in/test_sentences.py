"""The catalogue of what the pages of a run by hand say: whole, and nothing in it that no page says."""

import string
from importlib.resources import files
from pathlib import Path

import hometruth
from hometruth.errors import HometruthError
from hometruth.handed_in import parse_toml, sentences

SRC = Path(hometruth.__file__).parent
PAGES = ("phone", "guide", "site", "desk")
SPOKEN = [
    *(SRC / "experiment" / "drivers").rglob("*.py"),
    *(SRC / "experiment" / "drivers").rglob("*.j2"),
    SRC / "capture" / "proxy" / "own_pages.py",
    SRC / "model" / "readable.py",
    SRC / "cli" / "audit_phone.py",
]


def test_every_sentence_is_said_on_some_page() -> None:
    text = "\n".join(file.read_text("utf-8") for file in SPOKEN).lower()
    for page in PAGES:
        for name in sentences(page):
            parts = {name, name.removesuffix("_title").removesuffix("_text")}
            for prefix in (
                "note_",
                "button_",
                "end_",
                "means_",
                "steps_",
                "remove_",
                "connect_",
                "open_",
                "wrong_",
            ):
                parts |= {part.removeprefix(prefix) for part in tuple(parts)}
            assert any(part in text for part in parts), (page, name)


def test_what_is_filled_in_has_a_name() -> None:
    for page in PAGES:
        for name, text in sentences(page).items():
            assert all(field != "" for _, field, _, _ in string.Formatter().parse(text)), (page, name)


def test_no_page_of_the_catalogue_is_forgotten_here() -> None:
    table = parse_toml((files("hometruth.data") / "pages.toml").read_text("utf-8"), "pages", HometruthError)

    assert set(table) == set(PAGES)
