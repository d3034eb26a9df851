"""What remote configuration tells: keys by scheme, and settings that a person wrote."""

import json
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from hometruth.errors import LabError
from hometruth.lab import start_collector
from hometruth.lab.collector.offer import KINDS, parse_settings


def served(tmp_path: Path, **options: Any) -> dict[str, Any]:
    """The ``configs`` that a collector with these options hands out."""
    with (
        start_collector(tmp_path / "c.sqlite", **options) as collector,
        urlopen(f"{collector.url}/config/Android.conf") as answer,
    ):
        configs: dict[str, Any] = json.load(answer)["configs"]
        return configs


@pytest.mark.parametrize(
    ("encryption", "has_new_shape", "whole"),
    [
        ("rsa-event", True, False),
        ("rsa-transport", True, True),
        ("ec-event", False, False),
        ("ec-transport", False, True),
    ],
)
def test_an_sdk_that_knows_both_ciphers_takes_the_one_that_was_asked_for(
    tmp_path: Path, encryption: str, has_new_shape: bool, whole: bool
) -> None:
    configs = served(tmp_path, encryption=encryption)

    assert ("key_v2" in configs, configs["supportTransportEncrypt"]) == (has_new_shape, whole)
    assert json.loads(configs["key"]["key_ec"])["type"] == "EC"


def test_settings_stand_beside_the_defaults_and_change_the_version(tmp_path: Path) -> None:
    settings = {"disableSDK": True, "event_blacklist": ["search"], "effect_mode": 1}
    versions = set()
    for remote_config in ({}, settings):
        with (
            start_collector(tmp_path / "c.sqlite", remote_config=remote_config) as collector,
            urlopen(f"{collector.url}/config/Android.conf") as answer,
        ):
            config = json.load(answer)
            versions.add(config["v"])

    assert len(versions) == 2
    assert {**config["configs"], **settings} == config["configs"]
    assert config["configs"]["autoTrackMode"] == -1


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is not JSON"),
        ("[]", "is not a JSON object"),
        ('{"disableSdk": true}', "knows no 'disableSdk'"),
        ('{"disableSDK": 1}', "disableSDK is 1; it must be of type bool"),
        ('{"autoTrackMode": true}', "autoTrackMode is True; it must be of type int"),
        ('{"event_blacklist": "search"}', "it must be of type list"),
    ],
)
def test_settings_that_no_sdk_knows_are_refused(text: str, complaint: str) -> None:
    with pytest.raises(LabError, match=complaint):
        parse_settings(text)


def test_bad_options_are_refused_before_a_collector_runs(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="no encryption 'dsa'; choose from rsa-event"):
        start_collector(tmp_path / "c.sqlite", encryption="dsa")
    with pytest.raises(LabError, match="knows no 'x'"):
        start_collector(tmp_path / "c.sqlite", remote_config={"x": 1})


def test_every_setting_can_be_written() -> None:
    values = {bool: True, int: 1, list: ["search"], str: "two"}
    settings = {name: values[kind] for name, kind in KINDS.items()}

    assert parse_settings(json.dumps(settings)) == settings
