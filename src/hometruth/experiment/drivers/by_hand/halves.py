"""The halves of a pair, of which a secret coin decided which one does the thing.

Both last equally long from their first mark to their end, whatever is done in them and however quick the
person is: a device that sends by the clock would send more in the longer one, and the coin would be shown of
an honest one. What must be so before is asked for outside of both.
"""

from contextlib import closing
from http.client import HTTPConnection
from time import monotonic, time_ns
from urllib.parse import urlsplit

from hometruth.errors import DriverError
from hometruth.experiment import pairs
from hometruth.experiment.drivers.base import LOOPBACK
from hometruth.experiment.drivers.by_hand.desk import DeskStep
from hometruth.experiment.drivers.by_hand.hand_run import BY_DESK, DONE, END, HandRun
from hometruth.model import TESTERS_MARK, ActionRecord, Canary

_STEPS = {"visit-address": "pair_play", "tap-page": "pair_nothing"}
"""Actions of a pair's halves (`experiment.pairs`), and what the desk says."""
_BEGINS = "open-decoy"
HALVES = frozenset({_BEGINS, *_STEPS})
DECOY = "decoy.canary.example"
MARKER = "Hometruth desk (a mark of this computer's own, not of the device)"
ANSWERS_S = 20.0
"""Within which the recorder takes a mark."""


class PairHalves:
    """Asks for what is done in each."""

    def __init__(self, run: HandRun) -> None:
        self._run = run
        self._waited = 0.0
        """In the half under way, until the moment of doing it."""

    def wait(self, seconds: float) -> None:
        """Until the random moment at which it is to be done."""
        self._waited += seconds
        self._run.drain(seconds)

    def settle(self) -> None:
        """Leave the device alone to the end; an early moment has as much more time after it."""
        self._run.drain(self._run.options.drain_s + max(0.0, pairs.ACTIVE_S - self._waited))

    def before(self) -> None:
        """Ask for what must be so before, outside of all sessions."""
        step = DeskStep("pair_still", {"before": self._run.options.before}, buttons=(DONE, END))
        number = self._run.desk.show(step)
        if self._run.until(lambda: self._run.desk.taken(number), "pair_still") == END:
            self._run.is_over = True

    def do(self, action: str, canary: Canary | None) -> ActionRecord:
        """Mark in the recording what the coin decided, and have it done; the device is told nothing."""
        at_ns = time_ns()
        if action == _BEGINS:
            self._waited = 0.0
        self._mark((urlsplit(canary.address).hostname if canary else None) or DECOY)
        if action != _BEGINS:
            self._asks(_STEPS[action])
        return ActionRecord(TESTERS_MARK, canary.id if canary else None, at_ns, True, BY_DESK)

    def _asks(self, name: str) -> None:
        """For the time that there is for it: the whole of it, when it is done at once or nothing is to do."""
        run, lasts, began = self._run, self._run.options.does_s, monotonic()
        is_done = name == "pair_nothing"
        buttons = (END,) if is_done else (DONE, END)
        while (passed := monotonic() - began) < lasts:
            step = DeskStep(name, {"does": run.options.does}, buttons=buttons, drain=(lasts, passed))
            if is_done and name == "pair_play":
                step = DeskStep("pair_done", buttons=(END,), drain=(lasts, passed))
            pressed = run.desk.taken(run.desk.show(step))
            if pressed == END:
                run.end()
            is_done = is_done or pressed == DONE
            run.poll("drain")
        if not is_done:
            raise DriverError(
                f"it was not done within {lasts:g} s, and both halves of a pair last equally long"
            )

    def _mark(self, host: str) -> None:
        run = self._run
        at = run.held().reachable if run.options.listen not in LOOPBACK else "127.0.0.1"
        with closing(HTTPConnection(at, run.proxy_port, timeout=ANSWERS_S)) as connection:
            connection.request("GET", f"http://{host}/", headers={"User-Agent": MARKER})
            connection.getresponse().read()
