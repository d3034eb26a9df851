"""The phones of the lab, as data with sources."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Evidence(StrEnum):
    """What is known of the browser's behaviour on this phone. Source: Forbes, 2020-04-30, in reprints."""

    OBSERVED_ON = "observed on"
    """A researcher watched this phone's own traffic."""
    CODE_FOUND_IN = "code found in"
    """The same browser code was found in the phone's firmware; nobody published traffic of it."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One model of phone with its firmware of spring 2020, and where its simulated owner lives."""

    name: str
    title: str
    """What it was sold as."""
    codename: str
    evidence: Evidence
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
    title="Redmi Note 8",
    codename="ginkgo",
    evidence=Evidence.OBSERVED_ON,
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
    source="global stable build of 2020-03-20: file names in the XiaomiFirmwareUpdater archive;"
    " screen: LineageOS wiki; model and build id: user agents in public files. Manufacturer, region, language"
    ", carrier and the WebView's version: assumed",
)

MI_10 = Profile(
    name="mi-10",
    title="Mi 10",
    codename="umi",
    evidence=Evidence.CODE_FOUND_IN,
    manufacturer="Xiaomi",
    model="Mi 10",
    android_version="10",
    miui_version="V11.0.2.0.QJBMIXM",
    build_id="QKQ1.191117.002",
    screen_width=1080,
    screen_height=2340,
    region="ES",
    language="es",
    carrier="Synthetic Movil",
    chrome_version="77.0.3865.116",
    source="global stable build of 2020-03-28: file names in the XiaomiFirmwareUpdater archive; screen:"
    " LineageOS wiki; model and build id: user agents in public files. Manufacturer, region, language,"
    " carrier and the WebView's version: assumed",
)

REDMI_K20 = Profile(
    name="redmi-k20",
    title="Redmi K20",
    codename="davinci",
    evidence=Evidence.CODE_FOUND_IN,
    manufacturer="Xiaomi",
    model="Redmi K20",
    android_version="10",
    miui_version="V11.0.2.0.QFJINXM",
    build_id="PKQ1.190302.001",
    screen_width=1080,
    screen_height=2340,
    region="IN",
    language="en",
    carrier="Synthetic Telecom",
    chrome_version="77.0.3865.116",
    source="stable build for India (there davinciin) of 2020-02-13: file names in the XiaomiFirmwareUpdater"
    " archive; screen: LineageOS wiki; model and build id: user agents in public files. The build id is that"
    " of its Android 9; that of Android 10 was not found. Manufacturer, region, language, carrier and the"
    " WebView's version: assumed",
)

MI_MIX_3 = Profile(
    name="mi-mix-3",
    title="Mi MIX 3",
    codename="perseus",
    evidence=Evidence.CODE_FOUND_IN,
    manufacturer="Xiaomi",
    model="MIX 3",
    android_version="10",
    miui_version="V11.0.3.0.QEEMIXM",
    build_id="QKQ1.190828.002",
    screen_width=1080,
    screen_height=2340,
    region="PL",
    language="pl",
    carrier="Synthetic Siec",
    chrome_version="77.0.3865.116",
    source="global stable build of 2020-02-20: file names in the XiaomiFirmwareUpdater archive; screen:"
    " LineageOS wiki; model and build id: user agents in public files. Manufacturer, region, language,"
    " carrier and the WebView's version: assumed",
)

PROFILES: Mapping[str, Profile] = MappingProxyType(
    {profile.name: profile for profile in (REDMI_NOTE_8, MI_10, REDMI_K20, MI_MIX_3)}
)
