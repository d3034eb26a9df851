"""The phone's process: one JSON object per line in, one out.

The first line is the set-up and is answered with the phone's identity; every other is ``{"do": NAME,
"with": {...}}``. The end of standard input turns the phone off.
"""

import json
import sqlite3
import sys
from collections.abc import Callable
from typing import Any

from hometruth.errors import LabError
from hometruth.lab.phones.handset import Handset
from hometruth.lab.phones.setup import Setup

ACTIONS: dict[str, Callable[..., Any]] = {
    action.__name__: action
    for action in (
        Handset.install,
        Handset.clear_data,
        Handset.reinstall,
        Handset.restart,
        Handset.reset_advertising_id,
        Handset.factory_reset,
        Handset.use_space,
        Handset.set_telemetry,
        Handset.set_sdk,
        Handset.set_network,
        Handset.set_channels,
        Handset.launch,
        Handset.set_consent,
        Handset.set_incognito,
        Handset.set_switch,
        Handset.visit,
        Handset.search,
        Handset.use,
        Handset.sign_in,
        Handset.sign_out,
        Handset.background,
        Handset.kill,
        Handset.advance,
        Handset.set_clock,
        Handset.badge,
    )
}
"""Everything that can be asked of the phone."""


def _answer(make: Callable[[], Any]) -> bool:
    """Write what *make* returns, or why it was refused; False if refused."""
    try:
        answer = {"ok": make()}
    except LabError as err:
        answer = {"error": str(err)}
    except (OSError, sqlite3.OperationalError) as err:
        answer = {"error": f"the phone's storage failed: {err}"}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
    return "ok" in answer


def main() -> None:
    """Serve one phone until standard input ends."""
    phone: Handset | None = None

    def turn_on() -> dict[str, str]:
        nonlocal phone
        phone = Handset(Setup.from_json(json.loads(sys.stdin.readline())))
        return phone.identity()

    if not _answer(turn_on) or phone is None:
        return
    for line in sys.stdin:
        request = json.loads(line)
        action = ACTIONS[request["do"]]
        _answer(lambda: action(phone, **request["with"]))  # noqa: B023 - called at once
    phone.close()


if __name__ == "__main__":
    main()
