"""The gate: recordings scanned, and what was found held against a policy. A fold over examined exchanges."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from hometruth.audit.crew import Crew
from hometruth.audit.examine import Examined
from hometruth.audit.scan import Capture, Tally, captures_of, items_of
from hometruth.audit.scanner import Scanner
from hometruth.canaries import load_canaries
from hometruth.capture import RemoteCapture
from hometruth.errors import CaptureError
from hometruth.handed_in import json_lines
from hometruth.model import (
    DECIDING_BITS,
    Budget,
    Canary,
    Condition,
    Gap,
    GapKind,
    Gated,
    KnownLeak,
    Ruling,
    ScanRow,
    Standing,
    Transfer,
)
from hometruth.policy import (
    NO_POLICY,
    Fields,
    Policy,
    Sight,
    control_of,
    decide,
    fingerprint,
    load_baseline,
    load_policy,
    name_of,
    obstacles,
    stable_path,
)
from hometruth.policy.load import ANYBODY, MustBeSeen, fits_name, goes_to
from hometruth.recipients import load_organisations, registrable_domain

RULING_OF = {
    Standing.FOUND: Ruling.LEAK,
    Standing.ATTEMPT: Ruling.ATTEMPT,
    Standing.WEAK: Ruling.WEAK,
    Standing.EXPECTED: Ruling.OWN_HOST,
}
"""What a sighting is before a policy is asked."""
WORST_FIRST = tuple(RULING_OF.values())
LINES_OF_BYTES = 64 << 20
"""A recording larger than this is not looked through for the lines on which its requests begin."""
STREAM = "-"
"""What standard input, or another open stream, is called among the captures."""
LET_THROUGH = frozenset({GapKind.PASSED, GapKind.NOT_LOOKED_INTO})


def gate(  # noqa: PLR0913 - what is left out has a default
    *captures: Capture | str,
    canaries: Path | str | Iterable[Canary],
    policy: Path | str | Policy | None = None,
    baseline: Path | str | None = None,
    under: Mapping[str, str] | None = None,
    salts: Iterable[str] = (),
    seed: int | None = None,
    budget: Budget | None = None,
    jobs: int | None = None,
    keys: Path | None = None,
    today: date | None = None,
) -> Gated:
    """Hold recordings against a policy: what ``hometruth gate --json`` prints.

    Args:
        captures: Paths, folders, bytes or open streams.
        canaries: What to look for, or the path of a file that says it.
        policy: Path of a policy file. Without one nothing is allowed, and some canary must have arrived.
        baseline: Path of a file of leaks known before, in place of the policy's own.
        under: The condition under which all captures were made, beside what the policy says of each.
        salts: Digests with these are looked for, too.
        seed: What the phantoms are drawn from; the operating system's randomness by default.
        budget: Limits on examining one exchange.
        jobs: Processes; as many as there are cores by default.
        keys: A TLS key log, for packet captures.
        today: The day on which waivers must hold; the present one in UTC by default.

    Returns:
        A result whose ``passed`` is False if something leaked, or if it cannot be said that nothing did. A
        capture that cannot be read is one of its ``obstacles``.

    Raises:
        CanaryError: The canaries cannot be read, or make no sense.
        PolicyError: Policy or baseline cannot be read, or make no sense.
    """
    if isinstance(canaries, (str, Path)):
        loaded = load_canaries(Path(canaries))
        canaries, salts = loaded.canaries, (*loaded.salts, *salts)
    canaries = tuple(canaries)
    names = names_of(canaries)
    if not isinstance(policy, Policy):
        file = policy
        policy = NO_POLICY if file is None else load_policy(Path(file), names)
        if baseline is None and file is not None and policy.baseline:
            baseline = Path(file).parent / policy.baseline
    else:
        file = None
    scanner = Scanner(canaries, tuple(salts), budget=budget or Budget())
    if seed is not None:
        scanner = replace(scanner, seed=seed)
    keeper = Gatekeeper(canaries, policy, under or {})
    with Crew(scanner, jobs=jobs) as crew:
        keeper.read(captures, crew, keys)
    return keeper.gated(
        baseline=load_baseline(Path(baseline)) if baseline is not None else (),
        today=today,
        file="" if file is None else str(file),
    )


def names_of(canaries: Iterable[Canary]) -> list[str]:
    """What the canaries that may be found are called from run to run."""
    return sorted({name_of(canary) for canary in canaries if not canary.phantom})


class Gatekeeper:
    """Reads recordings, and adds up what was found and what could not be read."""

    def __init__(
        self, canaries: Iterable[Canary], policy: Policy = NO_POLICY, under: Mapping[str, str] | None = None
    ) -> None:
        self._captures: list[str] = []
        self._texts: dict[str, Path] = {}
        """Paths of recordings by the name that sightings carry."""
        self._named = {canary.id: (name_of(canary), canary) for canary in canaries}
        self._under, self._policy = under or {}, policy
        self._tally = Tally()
        self._sent_bytes = 0
        self._unreadable: list[tuple[str, str]] = []

    def read(self, captures: Iterable[Capture | str], crew: Crew, keys: Path | None) -> None:
        """Read all of them; one that cannot be read is an obstacle, and the others are read."""
        for given in captures:
            try:
                for capture in captures_of([given]):
                    self._read_one(capture, crew, keys)
            except CaptureError as err:
                self._unreadable.append(
                    (str(given) if isinstance(given, (str, Path)) else "capture", str(err))
                )

    def _read_one(self, capture: Capture | Gap, crew: Crew, keys: Path | None) -> None:
        if not isinstance(capture, (Gap, bytes)):
            self._captures.append(str(capture) if isinstance(capture, (Path, RemoteCapture)) else STREAM)
        if isinstance(capture, Path):
            self._texts[str(capture)] = capture
        self.take(items_of(capture, crew, keys=keys))

    def take(self, items: Iterable[Examined | Gap]) -> None:
        """Count exchanges that were examined, and gaps."""
        for item in items:
            self._tally.take(item)
            if not isinstance(item, Gap):
                self._sent_bytes += item.read_bytes + item.opaque_bytes
            elif item.kind in LET_THROUGH:
                self._sent_bytes += item.size_bytes or 0

    def gated(
        self, *, baseline: tuple[KnownLeak, ...] = (), today: date | None = None, file: str = ""
    ) -> Gated:
        """What the policy says of all that was taken. To be called once, at the end.

        Args:
            baseline: Leaks known before.
            today: The day on which waivers must hold; the present one in UTC by default.
            file: Path of the policy.
        """
        today = today or datetime.now(UTC).date()
        rows = self._tally.scanned().rows
        known = {each.fingerprint for each in baseline}
        ruled = sorted(
            (decide(each, self._policy, known, today) for each in self._transfers(rows)), key=_rank
        )
        transfers = _with_lines(ruled, self._texts)
        controls = tuple(control_of(each, transfers) for each in self._policy.control or (MustBeSeen("*"),))
        sight = self._sight()
        return Gated(
            transfers=tuple(transfers),
            controls=controls,
            obstacles=tuple(obstacles(self._policy, sight, transfers, controls, today)),
            captures=tuple(self._captures),
            exchanges=sight.exchanges,
            sent_bytes=sight.sent_bytes,
            opaque_bytes=sight.opaque_bytes,
            gaps={str(kind): number for kind, number in sorted(sight.gaps.items())},
            canaries=tuple(names_of(canary for _, canary in self._named.values())),
            baseline=baseline,
            policy=file,
            sessions=self._sessions(rows),
            conditions=tuple(sorted({self._condition(each) for each in self._captures})),
        )

    def _sessions(self, rows: Sequence[ScanRow]) -> tuple[str, ...]:
        """Captures in which every control was delivered; by evidence that decides, if it may be anywhere."""
        seen = self._captures
        for control in self._policy.control or (MustBeSeen("*"),):
            somewhere = ANYBODY in control.to
            here = {
                row.capture
                for row in rows
                if fits_name(self._named[row.canary][0], control.canary)
                and goes_to(control.to, row.recipient)
                if not row.delivered.is_attempt and (not somewhere or row.evidence_bits >= DECIDING_BITS)
            }
            seen = [each for each in seen if each in here]
        return tuple(seen)

    def _transfers(self, rows: Iterable[ScanRow]) -> list[Transfer]:
        """Sightings grouped by canary, recipient, field and condition; no policy has been asked yet."""
        groups: dict[tuple[str, Fields, Condition], list[ScanRow]] = {}
        values = [canary.value for _, canary in self._named.values()]
        for row in rows:
            condition = self._condition(row.capture)
            groups.setdefault((self._named[row.canary][0], stable_path(row, values), condition), []).append(
                row
            )
        return [self._transfer(*key, rows) for key, rows in groups.items()]

    def _sight(self) -> Sight:
        """How much was seen."""
        totals = self._tally.totals
        return Sight(
            totals.exchanges,
            self._sent_bytes,
            totals.opaque_bytes,
            Counter(gap.kind for gap in self._tally.gaps),
            tuple(self._unreadable),
            len(self._tally.phantoms),
        )

    def _condition(self, capture: str) -> Condition:
        levels = self._policy.condition_of(capture).as_dict() | dict(self._under)
        return Condition(tuple(sorted(levels.items())))

    def _transfer(self, name: str, fields: Fields, condition: Condition, rows: Sequence[ScanRow]) -> Transfer:
        ruling = min((RULING_OF[row.standing] for row in rows), key=WORST_FIRST.index)
        alike = [row for row in rows if RULING_OF[row.standing] is ruling]
        row = max(alike, key=lambda each: each.evidence_bits)
        owner = load_organisations().get(registrable_domain(row.recipient))
        return Transfer(
            canary=name,
            kind=str(self._named[row.canary][1].kind),
            recipient=fields.recipient,
            organisation=owner.name if owner else None,
            part=fields.part,
            path=fields.path,
            condition=condition,
            ruling=ruling,
            fingerprint=fingerprint(name, fields, condition),
            chain=row.chain,
            form=row.form,
            delivered=row.delivered,
            evidence_bits=row.evidence_bits,
            times=len(alike),
            capture=row.capture,
            entry=row.entry,
        )


def _rank(transfer: Transfer) -> tuple[object, ...]:
    rulings = tuple(Ruling)
    return (
        rulings.index(transfer.ruling),
        transfer.canary,
        transfer.recipient,
        transfer.part,
        transfer.path,
        transfer.condition,
    )


def _with_lines(transfers: Sequence[Transfer], texts: Mapping[str, Path]) -> list[Transfer]:
    """The same, each with the line on which its request begins, where the recording is HAR as plain text."""
    lines = {file: dict(_lines(texts[file], _entries_in(transfers, file))) for file in texts}
    return [replace(each, line=lines.get(each.capture, {}).get(each.entry)) for each in transfers]


def _entries_in(transfers: Iterable[Transfer], file: str) -> list[int]:
    fine = (Ruling.ALLOWED, Ruling.OWN_HOST)
    return sorted({each.entry for each in transfers if each.capture == file and each.ruling not in fine})


def _lines(path: Path, entries: Sequence[int]) -> Iterator[tuple[int, int]]:
    if not entries or path.stat().st_size > LINES_OF_BYTES:
        return
    try:
        text = path.read_bytes().decode("utf-8")
        line_of = json_lines(text)
        for entry in entries:
            if line := line_of(("log", "entries", entry)):
                yield entry, line
    except ValueError:  # no text, or none that is clean JSON: then it has no lines to speak of
        return
