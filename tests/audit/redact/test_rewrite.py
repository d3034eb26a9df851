"""What is personal or secret by its name goes, however it is written."""

import base64
import gzip
import html
import json
import time
import zlib
from collections.abc import Callable
from random import Random
from string import ascii_letters, digits
from urllib.parse import quote, quote_plus

import brotli
import pytest
import zstandard

from hometruth.audit.redact import rewrite
from hometruth.audit.redact.replacements import PIECE_CHARACTERS, Replacements
from hometruth.audit.redact.rewrite import Rewriter
from tests.audit.redact.independent import found_in

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


SECRET = "hunter2x"
HOLDERS = [
    '<login user="Mary J" password="{}"/>',
    'mutation {{ login(email: "Mary", password: "{}") }}',
    "{{password:'{}', n:1}}",
    '{{password:"{}"}}',
    "{{'password' => '{}'}}",
    'var a = "{{\\"password\\":\\"{}\\"}}";',
    "user=mary\npassword={}",
    "a=1, token={}",
    "a=1|token={}|b",
    "a=1\x1ftoken={}",
    "id=1&password[]={}",
    "user%5Bpassword%5D={}",
    "/login;password={}",
    "password: {}",
    "password = {}",
    'password="{}"',
    "GET / HTTP/1.1\r\nCookie: sid={}\r\nA: b",
    "GET / HTTP/1.1\r\nX-Api-Key: {}\r\nA: b",
    'cb({{"password":"{}"}})',
    'data: {{"password":{{"old":"{}"}}}}\n\n',
    '1:{{"password":["{}"]}}\n2:[]',
    ')]}}\'\n{{"password":"{}"}}',
    '{{"password":"{}',
    '[{{"name":"password","value":"{}"}}]',
    '[{{"value":"{}","key":"password"}}]',
    '[["password", "{}"]]',
    '[\n "password",\n "{}"\n]',
    "<password><![CDATA[{}]]></password>",
    '<ns:Password xsi:type="s">{}</ns:Password>',
    '<input name="password" value="{}">',
    '<data value="{}" name="password"/>',
    "<key>password</key>\n<string>{}</string>",
    "--b\r\nContent-Disposition: form-data; name=password\r\n\r\n{}\r\n--b--",
    "--b\r\nContent-Disposition: form-data; name='password'; a=\"b\"\r\nX: y\r\n\r\n{}\r\n--b--",
    'Content-Disposition: form-data; name="password"\r\n\r\n{}\r\n--',
    "https://mary:{}@a.example/",
    '{{"pw":"{}"}}',
]


@pytest.mark.parametrize("holder", HOLDERS)
def test_a_name_is_seen_in_whatever_holds_it(holder: str) -> None:
    text = holder.format(SECRET)
    new = rewriter().text(text)

    assert SECRET not in new
    assert len(new) == len(text)


def packed(data: bytes) -> str:
    return base64.b64encode(data).decode()


WRAPPINGS: dict[str, Callable[[str], str]] = {
    "JSON": lambda text: json.dumps({"q": text}),
    "JSON in a list": lambda text: json.dumps([text, 1]),
    "form": lambda text: "d=" + quote(text, safe=""),
    "form with plus signs": lambda text: f"d={quote_plus(text)}&z=2",
    "percent signs twice": lambda text: quote(quote(text, safe=""), safe=""),
    "address": lambda text: f"https://a.example/?u={quote(text, safe='')}",
    "base64": lambda text: packed(text.encode()),
    "base64 of addresses": lambda text: packed(text.encode()).translate({43: 45, 47: 95}).rstrip("="),
    "hexadecimal": lambda text: text.encode().hex(),
    "gzip": lambda text: packed(gzip.compress(text.encode(), mtime=0)),
    "zlib": lambda text: packed(zlib.compress(text.encode())),
    "CDATA": lambda text: f"<m><![CDATA[{text}]]></m>",
    "element": lambda text: f"<m>{html.escape(text)}</m>",
    "multipart": lambda text: f'--C\r\nContent-Disposition: form-data; name="e"\r\n\r\n{text}\r\n--C--',
    "events": lambda text: f"data: {text}\n\n",
}


@pytest.mark.parametrize("outer", WRAPPINGS)
@pytest.mark.parametrize("inner", [each for each in WRAPPINGS if each != "CDATA"])
def test_a_name_is_seen_through_two_wrappings_around_whatever_holds_it(inner: str, outer: str) -> None:
    holders = [each for each in HOLDERS if "CDATA" not in each]  # of which none stands in another
    texts = [WRAPPINGS[outer](WRAPPINGS[inner](holder.format(SECRET))) for holder in holders]

    assert [each for each in texts if found_in(rewriter().text(each).encode(), (SECRET,))] == []


@pytest.mark.parametrize("holder", [each for each in HOLDERS if "pw" not in each])
def test_what_no_name_gives_away_stays(holder: str) -> None:
    text = holder.format(SECRET)
    for name in (
        "password",
        "Password",
        "token",
        "sid",
        "Cookie",
        "Api-Key",
        "mary:",
        "user",
        "email",
        "login",
    ):
        text = text.replace(name, "colour")

    assert rewriter().text(text) == text


@pytest.mark.parametrize(
    "text",
    [
        '"Mary" <mary.jones@mailbox.example>',
        '[Mary] mary.jones@mailbox.example "x"',
        '{"a":1} mary.jones@mailbox.example',
    ],
)
def test_what_only_begins_like_json_is_looked_at_as_text(text: str) -> None:
    assert MAIL not in rewriter().text(text)


def test_lists_of_names_are_no_values() -> None:
    text = '{"fields": ["email", "first_name"], "name": ["token", "a", "b"], "n": ["password", "secret"]}'

    assert rewriter().text(text) == text


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


TOKEN = "".join(Random(4).choices(ascii_letters + digits, k=3 * PIECE_CHARACTERS + 5))


def test_a_removed_value_is_replaced_as_it_is_written_too() -> None:
    rewriting = rewriter()
    rewriting.text("password=" + quote("a%20b%2Fcdef-ghi", safe=""))
    rewriting.settle()

    assert "a%20b%2Fcdef-ghi" not in rewriting.text("https://a.example/?origin=a%20b%2Fcdef-ghi&x=1")


def test_a_web_address_in_a_cookie_stays_however_it_is_written() -> None:
    cookie = "at=http%3A%2F%2Fwww.shop.example; b=https://shop.example/"

    assert rewriter().cookies("Cookie", cookie) == cookie


def test_of_a_long_secret_no_part_is_left_elsewhere() -> None:
    rewriting = rewriter()
    new = rewriting.text(f"token={TOKEN}").removeprefix("token=")
    rewriting.settle()
    after = rewriting.text(f"X {TOKEN[200:]} Y {TOKEN} Z")
    sought = rewriting.replacements.sought()

    assert len(new) == len(TOKEN)
    assert after.endswith(f" Y {new} Z")
    assert TOKEN[-40:] not in after
    assert "".join(each.value for each in sought).startswith(TOKEN)


def test_a_secret_of_signs_alone_is_replaced() -> None:
    assert "!?!?!?!?" not in rewriter().text('{"password": "!?!?!?!?"}')


def test_what_turns_out_to_be_a_password_is_sought_from_then_on() -> None:
    rewriting = rewriter()
    rewriting.text("username=opensesame")
    rewriting.settle()
    rewriting.text("password=opensesame")

    assert rewriting.settle()
    assert [each.value for each in rewriting.replacements.sought()] == ["opensesame"]
    assert "opensesame" not in rewriting.text("said opensesame")


@pytest.mark.parametrize(
    ("packed", "coding", "unpack"),
    [
        (gzip.compress, "gzip", gzip.decompress),
        (brotli.compress, "br", brotli.decompress),
        (zstandard.ZstdCompressor().compress, "zstd", zstandard.ZstdDecompressor().decompress),
    ],
)
def test_no_more_is_unpacked_than_memory_takes(
    packed: Callable[[bytes], bytes],
    coding: str,
    unpack: Callable[[bytes], bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = b"mail=" + MAIL.encode() + b"&" * 500
    new = rewriter().data(packed(data), coding=coding)

    assert new is not None
    assert len(unpack(new)) == len(data)
    assert MAIL.encode() not in unpack(new)
    monkeypatch.setattr(rewrite, "MAX_UNPACKED_BYTES", 500)
    assert rewriter().data(packed(data), coding=coding) is None


@pytest.mark.parametrize("unit", ["[[", "a.", "\\", "://a:b", "<a><![CDATA[", 'a:"', "name=a\n", '[{"'])
def test_a_long_hostile_text_takes_no_longer_than_its_length_says(unit: str) -> None:
    started = time.process_time()
    rewriter().text(unit * (200_000 // len(unit)))

    assert time.process_time() - started < 10
