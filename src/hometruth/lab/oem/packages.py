"""What is on the phone beside the apps of the catalogue, by Android's names; and how screens are named."""

ANALYTICS = "com.miui.analytics"
"""The system's own analytics. Source: decompiled code bears this name."""
DIALLER = "lab.miui.dialler"
"""Its screen shows while a call lasts. Invented."""
IN_CALL = f"{DIALLER}.InCallActivity"
PROMOTED = ("com.example.promoted.game", "com.example.promoted.shop")
"""What lies in a folder of promoted apps. Invented."""


def main_screen(package: str) -> str:
    """The screen that shows when an app is opened. Invented, in the style of Android's names."""
    return f"{package}.MainActivity"
