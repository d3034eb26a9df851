"""Digests of the tester's own values, and of nobody else's."""

import base64
import hashlib
import inspect
from pathlib import Path

import pytest

from hometruth.errors import CanaryError
from hometruth.identity import digests
from hometruth.identity.digests import costs, measure_rate
from hometruth.identity.digests.cost import own_imei, sweep_serials
from hometruth.identity.digests.lookup import OwnDigestTable, load_own_values, spellings
from hometruth.model.reidentification import KnownDigest

IMEI = "490154203237518"
VALUES = [
    ("imei", IMEI),
    ("mac", "00:1A:2b:3c:4D:5e"),
    ("email", "Some.One@mail.example"),
    ("phone", "+49 30 1234567"),
]


@pytest.mark.parametrize("text", ["490154203237518", "49-015420-323751-8", "490154 20 323751 8"])
def test_an_imei_as_people_write_it(text: str) -> None:
    assert own_imei(text) == IMEI


@pytest.mark.parametrize("text", ["490154203237519", "49015420323751", "no number at all"])
def test_what_is_no_imei_is_said_without_repeating_it(text: str) -> None:
    with pytest.raises(CanaryError, match="not an IMEI") as caught:
        own_imei(text)

    assert text not in str(caught.value)


@pytest.mark.parametrize("algorithm", ["md5", "sha256"])
def test_the_own_number_is_found_among_all_of_its_model(algorithm: str) -> None:
    sweep = sweep_serials(IMEI, algorithm)

    assert (sweep.found, sweep.tried_until_found, sweep.tried) == (True, 323751 + 1, 1_000_000)


def test_nothing_takes_a_digest_to_reverse_it() -> None:
    for name in digests.__all__:
        member = getattr(digests, name)
        if inspect.isfunction(member):
            assert "digest" not in inspect.signature(member).parameters, name


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (hashlib.md5(IMEI.encode()).hexdigest(), ("imei", "digits", "md5")),
        (hashlib.sha1(IMEI[:14].encode()).hexdigest().upper(), ("imei", "without check digit", "sha1")),
        (hashlib.sha256(b"001a2b3c4d5e").hexdigest(), ("mac", "bare, lower case", "sha256")),
        (hashlib.md5(b"00-1A-2B-3C-4D-5E").hexdigest(), ("mac", "with -, upper case", "md5")),
        (hashlib.sha256(b"some.one@mail.example").hexdigest(), ("email", "as given, lower case", "sha256")),
        (hashlib.sha256(b"+49301234567").hexdigest(), ("phone", "with +", "sha256")),
        (hashlib.md5(b"0301234567").hexdigest(), ("phone", "national with 0", "md5")),
        (
            hashlib.md5(hashlib.md5(IMEI.encode()).hexdigest().encode()).hexdigest(),
            ("imei", "digits", "md5 of md5"),
        ),
        (base64.b64encode(hashlib.sha256(IMEI.encode()).digest()).decode(), ("imei", "digits", "sha256")),
        (
            base64.urlsafe_b64encode(hashlib.md5(IMEI.encode()).digest()).decode().rstrip("="),
            ("imei", "digits", "md5"),
        ),
    ],
)
def test_a_digest_is_known_in_every_spelling(data: str, expected: tuple[str, str, str]) -> None:
    table = OwnDigestTable(VALUES)

    assert table.find(data.encode()) == {KnownDigest(*expected)}
    assert table.find(f"id={data}&x=1".encode()) == {KnownDigest(*expected)}


def test_raw_digests_are_known_and_strangers_are_not() -> None:
    table = OwnDigestTable(VALUES)

    assert table.find(hashlib.sha1(IMEI.encode()).digest()) == {KnownDigest("imei", "digits", "sha1")}
    assert table.find(hashlib.sha1(b"490154203237526").digest()) == set()
    assert table.find(hashlib.md5(b"490154203237526").hexdigest().encode()) == set()


def test_every_spelling_is_there_once() -> None:
    found = spellings("mac", "001a2b3c4d5e")

    assert len(found) == len(set(found.values()))
    assert {"00:1a:2b:3c:4d:5e", "001A2B3C4D5E", "001a.2b3c.4d5e"} <= set(found.values())


def test_values_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(f'imei = "{IMEI}"\nemail = ["a@mail.example", "b@mail.example"]\n')

    assert load_own_values(file) == (
        ("imei", IMEI),
        ("email", "a@mail.example"),
        ("email", "b@mail.example"),
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("imei = 490154203237518", "line 1: imei must be a text of at least 6 characters or a list of texts"),
        ('imei = "12345"', "line 1: imei must be a text of at least 6 characters"),
        ('mac = ["00:1A:2b:3c:4D:5e",\n"   12 "]', "line 1: mac must be a text of at least 6 characters"),
        ('imie = "490154203237518"', "'imie' is no kind of value"),
        ('imei = "490154203237510"', "last digit"),
        ("imei = ", "not valid TOML"),
        ("", "holds no values"),
    ],
)
def test_a_file_that_makes_no_sense(tmp_path: Path, content: str, words: str) -> None:
    file = tmp_path / "own.toml"
    file.write_text(content)

    with pytest.raises(CanaryError, match=words) as error:
        load_own_values(file)
    assert "490154" not in str(error.value)
    assert "123" not in str(error.value)


def test_costs_are_guesses_divided_by_rates() -> None:
    by_name = {cost.space.what: cost for cost in costs({"md5": 1e6})}

    assert by_name["IMEI, model known: every serial number"].here_s == pytest.approx(1)
    assert by_name["Android ID: 64 random bits"].gpu_s / 31_557_600 == pytest.approx(8.6, abs=0.1)
    assert measure_rate("md5", 0.01) > 10_000
