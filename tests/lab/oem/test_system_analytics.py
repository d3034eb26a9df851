"""The system's own analytics: what they see, what they send, and that no switch of an app concerns them."""

import hashlib
import json
from random import Random

import pytest

from hometruth.errors import LabError
from hometruth.lab import Phone
from hometruth.lab.oem.spock import encode
from hometruth.lab.oem.system_analytics import SIGN_IN, USAGE
from tests.lab.conftest import STORY_MS, Start, World
from tests.lab.oem.conftest import TRACKING, form_of, opened, records, to_path

MINT = "com.mi.globalbrowser.mini"
DAY_S = 86_400


def test_the_form_and_its_header_have_the_published_fields(world: World, start: Start) -> None:
    phone = start()
    phone.advance(10)
    [exchange] = to_path(world, TRACKING)
    form = dict(form_of(exchange))
    header = opened(exchange)["H"]
    known = phone.identity

    assert (exchange.method, exchange.url) == ("POST", f"https://tracking.intl.miui.com{TRACKING}")
    assert [name for name, _ in form_of(exchange)] == ["value", "ts", "nonce", "sign"]
    assert not set("+/") & set(form["value"])
    signed = f"{form['value']}{form['ts']}{form['nonce']}synthetic-spock-secret"
    assert form["sign"] == hashlib.md5(signed.encode()).hexdigest()
    assert (header["o"], header["e"], header["p"], header["y"]) == (
        *("ginkgo", "ginkgo", "com.miui.analytics", "1"),
    )
    assert (header["g"], header["a"], header["b"]) == (*(known.advertising_id, known.imei, known.android_id),)
    assert not set(header) & set("mhxdlru")


@pytest.mark.parametrize("app", ["mint-browser", "mi-browser", "music-player", "system"])
def test_opening_an_app_is_told_within_five_seconds(world: World, start: Start, app: str) -> None:
    phone = start("all", "3.4.3")
    phone.install({"mint-browser": "3.4.0", "mi-browser": "12.1.3"}.get(app, "2020.04"), app)
    phone.advance(10)
    before = len(to_path(world, TRACKING))
    phone.launch(app)
    assert len(to_path(world, TRACKING)) == before
    phone.advance(5)

    assert len(to_path(world, TRACKING)) == before + 1


def test_each_screen_is_told_with_the_time_it_showed(world: World, start: Start) -> None:
    phone = start()
    phone.advance(100)
    phone.background()
    phone.advance(500)
    phone.install("2020.04", "system")
    phone.launch()
    phone.use("open-settings", "secret page")
    phone.advance(7)
    phone.use("call", "+353 1 234 5678")
    phone.launch("mint-browser")
    phone.advance(5)
    seen = [(told["screen"].rpartition(".")[2], told["duration"]) for told in records(world, USAGE.name)]

    assert seen == [
        ("BrowserActivity", 100_000),
        ("Launcher", 0),
        ("MiuiSettings", 7_000),
        ("InCallActivity", 95_000),
        ("Launcher", 0),
    ]
    assert b"234" not in b"".join(json.dumps(opened(one)["B"]).encode() for one in to_path(world, TRACKING))


@pytest.mark.parametrize("consent", ["none", "given", "withdrawn"])
def test_neither_consent_nor_switch_nor_incognito_concerns_it(
    world: World, start: Start, consent: str
) -> None:
    phone = start(consent=consent)
    phone.set_switch("off")
    phone.set_incognito(True)
    phone.visit("https://secretword.example/")
    phone.advance(20)
    phone.kill()
    phone.launch()
    phone.advance(20)

    assert world.arrived_at("/sa") == []
    assert [told["package"] for told in records(world, USAGE.name)] == [MINT]
    for exchange in to_path(world, TRACKING):
        assert "secretword" not in json.dumps(opened(exchange))


def test_all_that_is_installed_is_told_once_a_day(world: World, start: Start) -> None:
    phone = start()
    phone.install("2020.04", "music-player")
    for seconds in (10, DAY_S, 10):
        phone.launch()
        phone.advance(seconds)
    lists = records(world, "installed_packages")

    assert [MINT in told["packages"] for told in lists] == [True, True]
    assert ["com.miui.player" in told["packages"] for told in lists] == [False, True]


def test_a_folder_of_promoted_apps_is_told_with_its_packages_and_no_other_is(
    world: World, start: Start
) -> None:
    phone = start(version="2020.04", app="system")
    phone.use("open-folder", "an ordinary folder")
    phone.use("open-promoted-folder", "more apps")
    phone.advance(5)
    [told] = records(world, "promoted_folder")

    assert told["folder"] == "more apps"
    assert len(told["packages"]) == 2


def test_signing_in_ties_the_account_to_the_hardware(world: World, start: Start) -> None:
    phone = start()
    phone.sign_in("someone")
    phone.advance(5)

    assert records(world, SIGN_IN.name) == [{"account": "someone", "serial": phone.identity.serial}]


def test_the_hardware_s_numbers_survive_every_reset(world: World, start: Start) -> None:
    phone = start()
    phone.advance(10)
    before = phone.identity
    phone.reset_advertising_id()
    after = phone.factory_reset()
    phone.install("3.4.0")
    phone.launch()
    phone.advance(10)
    first, last = (
        opened(exchange)["H"] for exchange in (to_path(world, TRACKING)[0], to_path(world, TRACKING)[-1])
    )

    assert (before.imei, before.serial) == (after.imei, after.serial)
    assert first["a"] == last["a"] == before.imei
    assert first["g"] != last["g"]
    assert first["b"] != last["b"]


def test_what_waits_survives_the_phone_s_switching_off(world: World, start: Start) -> None:
    phone = start()
    phone.close()
    assert to_path(world, TRACKING) == []
    again = world.phone()
    with again:
        again.launch()
        again.advance(10)

    assert [told["package"] for told in records(world, "app_open")] == [MINT, MINT]


@pytest.mark.parametrize("channels", ["sensors", "apps"])
def test_a_phone_without_it_does_not_call(world: World, start: Start, channels: str) -> None:
    phone = start(channels)
    phone.sign_in("someone")
    phone.advance(20)

    assert to_path(world, TRACKING) == []


@pytest.mark.parametrize(
    ("text", "zipped"),
    [("a" * 200_000, True), ("a" * 99_000, False), (None, False)],
    ids=["long and shrinks", "short", "long and does not shrink"],
)
def test_only_long_records_that_shrink_well_are_zipped(text: str | None, zipped: bool) -> None:
    value = Random(1).randbytes(100_000).hex() if text is None else text
    body = encode({}, [{"H": {}, "B": {"x": value}}], now_ms=STORY_MS, rng=Random(1))

    assert (b"&gzip=1&" in body) is zipped


def test_an_unknown_channel_is_refused(start: Start) -> None:
    phone: Phone = start()
    with pytest.raises(LabError, match=r"no channels 'none'; choose from sensors, apps, all"):
        phone.set_channels("none")
