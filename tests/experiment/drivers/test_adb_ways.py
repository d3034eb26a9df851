"""The WireGuard app as the way here: what adb does, what a person does, and what is seen of it."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from hometruth.errors import DriverError
from hometruth.experiment.drivers import adb_ways
from hometruth.experiment.drivers.adb_device import WIREGUARD, AdbPhone
from hometruth.experiment.drivers.adb_journal import PhoneJournal, changed_phones
from hometruth.experiment.drivers.adb_ways import TunnelWay
from tests.experiment.drivers.adb_phone import SERIAL
from tests.experiment.drivers.adb_stand_in import StandIn, stand_in
from tests.experiment.drivers.person import in_background, until

CONFIGURATION = "[Interface]\nPrivateKey = x\n"


def test_a_person_switches_the_tunnel_on_once_and_it_is_switched_off_in_the_end(with_app: StandIn) -> None:
    told: list[str] = []
    tun = with_app.folder / "tun0"
    device = AdbPhone()
    way = TunnelWay(device, CONFIGURATION, told.append)
    with PhoneJournal(SERIAL) as journal:
        with in_background(lambda: way.lead(journal)) as came:
            (file,) = until(lambda: told and list((with_app.folder / "sdcard").glob("*.conf")))
            tun.write_text("1000")
        way.check()
        tun.write_text("1500")
        way.check()
        way.lead(journal)
        named = " ".join(map(str, changed_phones()[SERIAL]))
        tun.write_text("20")
        with pytest.raises(DriverError, match="its tunnel is or was off"):
            way.check()
        tun.unlink()
        with pytest.raises(DriverError, match="its tunnel is or was off"):
            way.check()
        tun.write_text("30")
        restored = journal.restore(device.undo)

    assert came == [None]
    assert file.read_text() == CONFIGURATION
    assert f"choose Download/{file.name}, and switch “{file.stem}” on" in told[0]
    assert len(told) == 2
    assert f"tunnel {file.stem} = on" in named
    assert f"Delete “{file.stem}” in the WireGuard app by hand" in restored[-1]
    assert ["am", "force-stop", WIREGUARD] in with_app.said
    assert not tun.exists()
    assert with_app.state == with_app.first


def test_nobody_there_to_switch_it_on_is_a_lost_session(
    with_app: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adb_ways, "BY_HAND_S", 0.2)
    device = AdbPhone()
    with PhoneJournal(SERIAL) as journal:
        with pytest.raises(DriverError, match="was not switched on"):
            TunnelWay(device, CONFIGURATION).lead(journal)
        journal.restore(device.undo)

    assert with_app.state == with_app.first


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("always", "a VPN is set to be always on \\(org.example.vpn\\); switch that off"),
        ("on", r"a VPN is on \(tun0\), which this one would end"),
        ("none", "there is no WireGuard app on it"),
    ],
)
def test_a_vpn_of_its_owner_is_left_alone(
    how: str, words: str, with_app: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExitStack() as opened:
        device = AdbPhone()
        if how == "always":
            device.run("settings", "put", "secure", "always_on_vpn_app", "org.example.vpn")
        elif how == "on":
            (with_app.folder / "tun0").write_text("7")
        else:
            other = opened.enter_context(stand_in(tmp_path / "other"))
            for name, value in other.env.items():
                monkeypatch.setenv(name, value)
            device = AdbPhone()
        journal = opened.enter_context(PhoneJournal(SERIAL))
        with pytest.raises(DriverError, match=words):
            TunnelWay(device, CONFIGURATION).lead(journal)

        assert changed_phones() == {}


def test_a_file_of_its_owner_and_what_the_phone_refuses_are_said(with_app: StandIn) -> None:
    device = AdbPhone()
    with PhoneJournal(SERIAL) as journal:
        device.put(journal, "/sdcard/Download/a.conf", b"x" * 70_000)
        with pytest.raises(DriverError, match="is there already; its owner's is left alone"):
            device.put(journal, "/sdcard/Download/a.conf", b"y")
        with pytest.raises(DriverError, match="was not written: Permission denied"):
            device.put(journal, "/system/a.conf", b"y")
        journal.restore(device.undo)

    assert with_app.state == with_app.first
