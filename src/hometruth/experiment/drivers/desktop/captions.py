"""The log of what is done, beside the film of the screen, as its captions (w3.org/TR/webvtt1).

Players and browsers show them on the film; they can be read without one, too.
"""

import html
from pathlib import Path

NS_PER_MS = 1_000_000


class Captions:
    """A new file for its owner only, each caption in it as soon as it is over.

    Args:
        since_ns: When the film began, nanoseconds since the epoch.
    """

    def __init__(self, file: Path, since_ns: int) -> None:
        self._file, self._since_ns = file, since_ns
        file.touch(mode=0o600, exist_ok=False)
        file.write_text("WEBVTT\n", "utf-8")

    def add(self, begin_ns: int, end_ns: int, text: str) -> None:
        """Note what was done from one moment to another; in one line."""
        with self._file.open("a", encoding="utf-8") as file:
            line = html.escape(" ".join(text.split()), quote=False)
            file.write(f"\n{self._moment(begin_ns)} --> {self._moment(end_ns)}\n{line}\n")

    def _moment(self, at_ns: int) -> str:
        seconds, ms = divmod(max(0, at_ns - self._since_ns) // NS_PER_MS, 1000)
        minutes, seconds = divmod(seconds, 60)
        return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}.{ms:03}"
