"""A collector that is killed again and again while SDKs report to it."""

import os
import random
import signal
import time
from pathlib import Path

from hometruth.lab import read_events, start_collector
from tests.lab.collector.load import Load

N_KILLS = 6


def test_kill_9_loses_nothing_that_was_acknowledged_and_doubles_nothing(tmp_path: Path) -> None:
    moments = random.Random(3)
    db = tmp_path / "c.sqlite"
    collector = start_collector(db)
    load = Load(collector.url, n_clients=8, per_request=5)
    load.start()
    try:
        for _ in range(N_KILLS):
            time.sleep(moments.uniform(0.05, 0.6))
            os.kill(collector.pid, signal.SIGKILL)
            collector.close()
            collector = start_collector(db)
            load.url = collector.url
    finally:
        load.stop()
        collector.close()
    stored = [event["_track_id"] for event in read_events(db)]

    assert load.n_broken >= N_KILLS  # requests were under way when it was killed
    assert len(stored) == len(set(stored))
    assert load.acknowledged <= set(stored) <= load.sent
    assert load.acknowledged == load.sent  # everything was sent again until it was acknowledged
