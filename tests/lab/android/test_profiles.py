"""The phones as data: what is known of each, and the words for it."""

import re

import pytest

from hometruth.lab.android.profiles import PROFILES, ProfileEvidence


def test_the_four_phones_of_the_story_are_there_with_their_codenames() -> None:
    assert {profile.codename: profile.title for profile in PROFILES.values()} == {
        "ginkgo": "Redmi Note 8",
        "umi": "Mi 10",
        "davinci": "Redmi K20",
        "perseus": "Mi MIX 3",
    }


def test_only_the_redmi_note_8_was_observed() -> None:
    observed = [
        profile.name for profile in PROFILES.values() if profile.evidence is ProfileEvidence.OBSERVED_ON
    ]

    assert observed == ["redmi-note-8"]
    assert {profile.evidence for profile in PROFILES.values()} == set(ProfileEvidence)


@pytest.mark.parametrize("name", PROFILES)
def test_each_phone_has_sources_and_a_firmware_of_its_android_version(name: str) -> None:
    profile = PROFILES[name]
    letter = {"9": "P", "10": "Q"}[profile.android_version]

    assert "assumed" in profile.source
    assert re.fullmatch(rf"V11\.\d\.\d\.\d\.{letter}[A-Z]{{2}}(MI|IN)XM", profile.miui_version)
    assert profile.dalvik_user_agent == (
        f"Dalvik/2.1.0 (Linux; U; Android {profile.android_version}; {profile.model}"
        f" Build/{profile.build_id})"
    )


def test_no_two_phones_look_alike() -> None:
    assert len({profile.dalvik_user_agent for profile in PROFILES.values()}) == len(PROFILES)
