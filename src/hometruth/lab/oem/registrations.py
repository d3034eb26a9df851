"""What the vendor gave its apps to report with: ids, keys, and a secret to sign with. All invented.

Apps and server both hold them, as with any such service; neither shares code with the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Registration:
    """An app as MiStat knows it."""

    app_id: str
    app_key: str


REGISTRATIONS: Mapping[str, Registration] = MappingProxyType(
    {
        "mint-browser": Registration("1000000001", "synthetic-key-01"),
        "mi-browser": Registration("1000000002", "synthetic-key-02"),
        "mi-browser-pro": Registration("1000000003", "synthetic-key-03"),
        "music-player": Registration("1000000004", "synthetic-key-04"),
        "system": Registration("1000000005", "synthetic-key-05"),
    }
)
"""For MiStat, by the lab's name of the app."""

SPOCK_SECRET = "synthetic-spock-secret"  # noqa: S105 - protects nothing
"""What the system's analytics sign with."""
