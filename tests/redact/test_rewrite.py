"""What is personal or secret by its name goes, however it is written."""

import json
from urllib.parse import quote

import pytest

from hometruth.redact.replacements import Replacements
from hometruth.redact.rewrite import Rewriter

MAIL = "mary.jones@mailbox.example"


def rewriter() -> Rewriter:
    return Rewriter(Replacements())


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("account=" + quote(json.dumps({"mail": "Mary Jones of Cork"})), "Mary Jones of Cork"),
        (json.dumps({"account": json.dumps({"mail": "Mary Jones"})}), "Mary Jones"),
        ("username=" + quote("[Mary] Jones"), "Jones"),
        ("username=" + quote('"Mary" Jones'), "Jones"),
        ("username=" + quote('"Mary Jones"'), "Jones"),
        (json.dumps({"email": ["Mary", {"k": 1}, "Jones"]}), "Jones"),
        (json.dumps({"password": {"value": "hunter2", "salt": ["pepper"]}}), "hunter2"),
        (json.dumps({"password": {"value": "hunter2", "salt": ["pepper"]}}), "pepper"),
        ("password=ab://Hunter2Pass", "Hunter2Pass"),
        ("password=https://Hunter2Pass", "Hunter2Pass"),
        ("username=ab://MaryJones", "MaryJones"),
        ('{"lat": -53.3498, "n": 1}', "53.3498"),
        ('{"lat": [53.3498, -6.2603]}', "6.2603"),
        ('{"pin": 1.5e-10}', "1.5"),
    ],
)
def test_what_a_name_gives_away_is_removed_however_it_is_written(text: str, gone: str) -> None:
    new = rewriter().text(text)

    assert quote(gone) not in new
    assert gone not in new
    if text.startswith("{"):
        assert json.loads(new).keys() == json.loads(text).keys()


def test_a_web_address_under_a_personal_name_loses_what_is_personal_in_it() -> None:
    new = rewriter().text(f"login=https://shop.example/a?mail={MAIL}&x=1")

    assert new.startswith("login=https://shop.example/a?mail=")
    assert MAIL not in new


@pytest.mark.parametrize(
    ("name", "value", "gone", "stays"),
    [
        ("Cookie", 'sid="s3cretValue"; theme=dark', ("s3cretValue", "dark"), ('sid="', "; theme=")),
        ("Cookie", "s3cretValue; a=b2cde", ("s3cretValue", "b2cde"), ("a=",)),
        ("Cookie", "path=s3cretValue; a=,other5", ("s3cretValue", "other5"), ("path=",)),
        ("Cookie", "a=https://s.example/?sid=s3cretValue", ("s3cretValue",), ("https://s.example/?sid=",)),
        (
            "Set-Cookie",
            "sid=s3cretValue; Path=/app; Expires=Wed, 21 Oct 2026 07:28:00 GMT; HttpOnly\nother=t0ken5",
            ("s3cretValue", "t0ken5"),
            ("; Path=/app; Expires=Wed, 21 Oct 2026 07:28:00 GMT; HttpOnly\nother=",),
        ),
        ("Set-Cookie", "a=s3cretValue; Path=/, b=t0ken5", ("s3cretValue", "t0ken5"), ("; Path=",)),
    ],
)
def test_no_cookie_keeps_its_value(
    name: str, value: str, gone: tuple[str, ...], stays: tuple[str, ...]
) -> None:
    new = rewriter().cookies(name, value)

    assert [each for each in gone if each in new] == []
    assert [each for each in stays if each not in new] == []


def test_a_cookie_without_a_name_is_looked_for_elsewhere() -> None:
    rewriting = rewriter()
    rewriting.cookies("Cookie", "q7tzk4wmxh25")
    rewriting.settle()

    assert "q7tzk4wmxh25" not in rewriting.text("said q7tzk4wmxh25")
