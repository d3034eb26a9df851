"""What is done stands beside the film at the time at which the film shows it."""

import stat
from pathlib import Path

from hometruth.experiment.drivers.desktop.captions import Captions

T0 = 1_796_000_000_000_000_000
NS = 1_000_000_000


def test_captions_say_when_in_the_film_what_was_done(tmp_path: Path) -> None:
    file = tmp_path / "screen.vtt"
    captions = Captions(file, T0)
    captions.add(T0 - 5, T0 + NS // 4, "session t1: mode=normal")
    captions.add(T0 + 3_725 * NS, T0 + 3_726 * NS, "type <b>&\n\n--> x")

    assert file.read_text().split("\n\n") == [
        "WEBVTT",
        "00:00:00.000 --> 00:00:00.250\nsession t1: mode=normal",
        "01:02:05.000 --> 01:02:06.000\ntype &lt;b&gt;&amp; --&gt; x\n",
    ]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
