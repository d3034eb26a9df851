"""The phones of the lab: what they are is data with sources (``data/phones.toml``)."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from hometruth.handed_in import Table, bundled


class ProfileEvidence(StrEnum):
    """What is known of the browser's behaviour on this phone. Source: Forbes, 2020-04-30, in reprints."""

    OBSERVED_ON = "observed on"
    """A researcher watched this phone's own traffic."""
    CODE_FOUND_IN = "code found in"
    """The same browser code was found in the phone's firmware; nobody published traffic of it."""


class Profile(Table, frozen=True):
    """One model of phone with its firmware of spring 2020, and where its simulated owner lives."""

    name: str
    title: str
    """What it was sold as."""
    codename: str
    evidence: ProfileEvidence
    manufacturer: str
    model: str
    """``Build.MODEL``."""
    android_version: str
    miui_version: str
    """``Build.VERSION.INCREMENTAL``."""
    build_id: str
    screen_width: int
    screen_height: int
    region: str
    language: str
    carrier: str
    chrome_version: str
    source: str

    @property
    def dalvik_user_agent(self) -> str:
        """User agent of Java code on this phone, the SDK's included."""
        return f"Dalvik/2.1.0 (Linux; U; Android {self.android_version}; {self.model} Build/{self.build_id})"

    def browser_user_agent(self, product: str) -> str:
        """User agent of a WebView-based browser such as ``XiaoMi/Mint Browser/3.4.0``."""
        return (
            f"Mozilla/5.0 (Linux; U; Android {self.android_version}; {self.language}-{self.region.lower()};"
            f" {self.model} Build/{self.build_id}) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0"
            f" Chrome/{self.chrome_version} Mobile Safari/537.36 {product}"
        )


class _Phones(Table, frozen=True):
    phone: tuple[Profile, ...]


PROFILES: Mapping[str, Profile] = MappingProxyType(
    {profile.name: profile for profile in bundled("phones.toml", _Phones).phone}
)
"""By name; the table says where each fact is from."""
