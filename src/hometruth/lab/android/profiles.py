"""The phones of the lab, as data with sources."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Profile:
    """One model of phone with its firmware of spring 2020, and where its simulated owner lives."""

    name: str
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


REDMI_NOTE_8 = Profile(
    name="redmi-note-8",
    manufacturer="Xiaomi",
    model="Redmi Note 8",
    android_version="9",
    miui_version="V11.0.8.0.PCOMIXM",
    build_id="PKQ1.190616.001",
    screen_width=1080,
    screen_height=2340,
    region="IE",
    language="en",
    carrier="Synthetic Mobile",
    chrome_version="77.0.3865.116",
    source="ginkgo, global stable build of 2020-03-20: file names in the XiaomiFirmwareUpdater archive;"
    " screen: LineageOS wiki; model and build id: user agents in public files. Manufacturer, region, language"
    ", carrier and the WebView's version: assumed",
)

PROFILES: Mapping[str, Profile] = MappingProxyType({profile.name: profile for profile in (REDMI_NOTE_8,)})
"""Every phone that can be started, by name."""
