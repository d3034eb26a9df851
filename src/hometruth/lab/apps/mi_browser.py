"""Mi Browser and Mi Browser Pro 12.1.3 and 12.1.4 as data.

What was published of them: they record searches, pages and items of the news feed, in incognito mode too
(Forbes, 2020-04-30: the default browser of a Redmi Note 8; both Google Play apps were checked by a second
researcher), and 12.1.4 has the switch (the vendor's blog, 2020-05-04). Everything finer is known of Mint
Browser only, whose code was published; it is marked ``assumed from Mint``.
"""

from dataclasses import replace

from hometruth.lab.apps.behaviour import Rule
from hometruth.lab.apps.declare import App, EventKind, NameSource
from hometruth.lab.apps.mint_browser import CONSENT_RULES, FEED_ITEM, MINT_BROWSER

VERSIONS = ("12.1.3", "12.1.4")
PROJECT = "global_browser"
"""Invented, after Mint's ``global_browser_mini``: the real one was not published."""

RULES = (
    *CONSENT_RULES,
    Rule(
        {"version": "12.1.3"},
        sends=True,
        source="Forbes, 2020-04-30: in both modes alike (that 12.1.3 was that version: assumed)",
    ),
    Rule(
        {"version": "12.1.4", "mode": "incognito", "switch": "off"},
        sends=False,
        source="assumed from Mint: the vendor says that 12.1.4 has the switch, not what it does",
    ),
    Rule({"version": "12.1.4"}, sends=True, source="assumed from Mint: its other cells"),
)


def _assumed(kind: EventKind) -> EventKind:
    if kind is FEED_ITEM:
        return replace(kind, source="Forbes, 2020-04-30: every item viewed in the news feed")
    return replace(kind, source=f"assumed from Mint ({kind.source})", names=NameSource.FROM_MINT)


MI_BROWSER = App(
    name="mi-browser",
    title="Mi Browser",
    versions=VERSIONS,
    project=PROJECT,
    project_basis=NameSource.INVENTED,
    rules=RULES,
    events=tuple(_assumed(kind) for kind in MINT_BROWSER.events),
    user_agent="XiaoMi/MiuiBrowser/{version}-g",
    without_switch=frozenset({"12.1.3"}),
)
"""The browser that came with the phone. The form of its user agent is known, from public files."""

MI_BROWSER_PRO = replace(MI_BROWSER, name="mi-browser-pro", title="Mi Browser Pro")
"""The same from Google Play; that it calls itself the same in its user agent is assumed."""
