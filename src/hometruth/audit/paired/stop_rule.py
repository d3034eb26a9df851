"""Which planned pairs are still needed, decided while a run goes on.

The coin's e-value is valid at every look, so the pairs of a condition end when an endpoint is over its
line. The pairs of random against repeated addresses, planned last, are run only where that happened and
the barcode was silent.
"""

from collections import deque
from collections.abc import Sequence

from hometruth.audit.bench import Bench
from hometruth.audit.examine import Examined
from hometruth.audit.paired.effects import Flow, effects_of, number_of_tests, sent_in, unopened
from hometruth.audit.scanner import Scanner
from hometruth.model import (
    SITE,
    Arm,
    Canary,
    Condition,
    Exchange,
    Gap,
    Pairing,
    Rung,
    Trial,
    is_own_site,
)
from hometruth.opaque import EndpointPatterns, Sent, halves_of, may_stop, pairs_of
from hometruth.peel import Peeled

Cell = tuple[str, Condition]


def _sent_in(examined: Examined, peeled: Peeled) -> Sent:
    return sent_in(examined.exchange, peeled)


class StopRule:
    """Told of every exchange and every session of a run; says which sessions are not needed any more.

    Only endpoints that the plan names end anything: what others' hosts depend on must not cut short the
    search at the vendor's.
    It decides nothing else: the verdicts are judged again from the recording.
    """

    def __init__(
        self, pairings: Sequence[Pairing], planned: Sequence[Trial], canaries: Sequence[Canary]
    ) -> None:
        self._pairings = {pairing.series: pairing for pairing in pairings}
        self._planned = [trial for trial in planned if trial.arm is not None]
        self._canaries = canaries
        self._content = {
            (trial.series, trial.condition, trial.block)
            for trial in self._planned
            if trial.arm is Arm.REPEATED
        }
        self._started: set[tuple[str, Condition, int]] = set()
        self._over: set[Cell] = set()
        """Conditions whose coin went over the line."""
        self._settled: set[Cell] = set()
        """Conditions that need no pairs of random against repeated addresses, or no more."""
        self._run: list[Trial] = []
        self._sent: list[Sent] = []
        self._arrived: deque[Exchange | Gap] = deque()
        self._bench = Bench(Scanner(), _sent_in)

    def saw(self, exchange: Exchange) -> None:
        """Take note of an exchange; quick, since the recorder's own thread calls it."""
        if self._pairings and not is_own_site(exchange.host):
            self._arrived.append(exchange)

    def missed(self, gap: Gap) -> None:
        """Take note of a connection that was not opened: its bytes are tested too."""
        if self._pairings and gap.host and not is_own_site(gap.host):
            self._arrived.append(gap)

    def ended(self, trial: Trial) -> None:
        """Take note of a session that was run, and look whether its condition needs more."""
        if trial.arm is None:
            return
        self._run.append(trial)
        self._peel_arrived()
        cell = trial.series, trial.condition
        block = (*cell, trial.block)
        if block not in self._started:  # the second half is still to come
            self._started.add(block)
            return
        content = block in self._content
        if self._is_over_line(cell, content=content):
            (self._settled if content else self._over).add(cell)
            if not content and self._has_content(cell):
                self._settled.add(cell)

    def needs(self, trial: Trial) -> bool:
        """True if a planned session is still to be run; the second half of a pair always is."""
        cell = trial.series, trial.condition
        block = (*cell, trial.block)
        if trial.arm is None or block in self._started:
            return True
        if block in self._content:
            return cell in self._over and cell not in self._settled
        return cell not in self._over

    def _peel_arrived(self) -> None:
        arrived = [self._arrived.popleft() for _ in range(len(self._arrived))]  # another thread adds to it
        for item in self._bench.examine(arrived):
            sent = unopened(item) if isinstance(item, Gap) else item.noted
            assert isinstance(sent, Sent)
            self._sent.append(sent)

    def _is_over_line(self, cell: Cell, *, content: bool) -> bool:
        pairing = self._pairings[cell[0]]
        halves = halves_of(self._sent, EndpointPatterns(pairing.endpoints, SITE))
        pairs = pairs_of(self._mine(cell), self._canaries, shortest_path=pairing.shortest_path)
        return may_stop(
            pairs.get(cell[1], ()),
            [halves[name] for name in pairing.endpoints or halves],
            tests=number_of_tests(pairing, self._planned),
            alpha=pairing.alpha,
            content=content,
        )

    def _has_content(self, cell: Cell) -> bool:
        """True if an endpoint over the coin's line has reached the content rung too: its barcode is not
        silent."""
        pairing = self._pairings[cell[0]]
        flows = [Flow(sent, vendor=False) for sent in self._sent]
        trials = [*self._mine(cell), *self._others(cell)]
        effects = effects_of(pairing, trials, self._canaries, flows, is_vendor=lambda _host: False)
        over = [item for item in effects if item.condition == cell[1] and item.e_value >= item.threshold]
        return all(item.rung is Rung.CONTENT for item in over)

    def _mine(self, cell: Cell) -> list[Trial]:
        return [trial for trial in self._run if (trial.series, trial.condition) == cell]

    def _others(self, cell: Cell) -> list[Trial]:
        """Planned sessions of other conditions: they count as tests, and nothing of them is looked at."""
        return [trial for trial in self._planned if trial.series == cell[0] and trial.condition != cell[1]]
