"""What trackers do to a value before they digest it."""

import pytest

from hometruth.forms.spellings import spellings_of

EXPECTED = {
    " Jane.Lump+News@GMail.com ": {
        "trimmed,lower": "jane.lump+news@gmail.com",
        "email:google": "janelump+news@gmail.com",
        "email:uid2": "janelump@gmail.com",
        "local-part": "jane.lump+news",
        "domain": "gmail.com",
    },
    "jane.lump+a@example.org": {"email:no-plus": "jane.lump@example.org"},
    "+49 (170) 123-45 67": {"digits": "491701234567", "phone:e164": "+491701234567"},
    "0049 170 1234567": {"digits": "00491701234567", "phone:e164": "+491701234567"},
    "https://www.Secret.example/ab/c?q=1#top": {
        "host": "www.secret.example",
        "host,no-www": "secret.example",
        "path": "/ab/c",
        "host+path": "www.secret.example/ab/c",
        "no-query": "https://www.Secret.example/ab/c",
        "no-scheme": "www.Secret.example/ab/c?q=1#top",
    },
    "AA:BB:CC:00:11:22": {"mac:bare": "aabbcc001122", "mac:dashes": "aa-bb-cc-00-11-22"},
    "38400000-8cf0-11bd-b23e-10b96e40000d": {"no-dashes": "384000008cf011bdb23e10b96e40000d"},
}


@pytest.mark.parametrize("value", EXPECTED)
def test_spellings(value: str) -> None:
    named = {spelling.name: text for text, spelling in spellings_of(value).items()}

    assert named.items() >= EXPECTED[value].items()


def test_a_word_has_two_spellings() -> None:
    assert list(spellings_of("lump")) == ["lump", "LUMP"]


def test_what_is_no_url_has_no_parts() -> None:
    assert list(spellings_of("https://[::1")) == ["https://[::1", "HTTPS://[::1"]
