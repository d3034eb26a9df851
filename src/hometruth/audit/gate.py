"""The gate: recordings scanned, and what was found held against a policy. A fold over examined exchanges."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import chain
from pathlib import Path

from hometruth.audit.crew import Crew
from hometruth.audit.examine import Examined
from hometruth.audit.scan import Capture, Tally, captures_of, items_of
from hometruth.audit.scanner import Scanner
from hometruth.audit.unnamed import PARTIES_FIRST, UnnamedBook, UnnamedNote, is_clear, organisation_of
from hometruth.canaries import load_canaries
from hometruth.capture import RemoteCapture
from hometruth.capture.url import parse_url
from hometruth.errors import CanaryError, CaptureError, PolicyError
from hometruth.handed_in import json_lines
from hometruth.identity.unnamed import without_personal
from hometruth.model import (
    DECIDING_BITS,
    LET_THROUGH,
    MOST_TELLING_FIRST,
    Budget,
    Canary,
    Condition,
    Exchange,
    Gap,
    GapKind,
    Gated,
    KnownLeak,
    Part,
    Ruling,
    ScanRow,
    SentField,
    Sight,
    Standing,
    Transfer,
    Unnamed,
)
from hometruth.policy import (
    NO_POLICY,
    NOBODY_NAMED,
    Fields,
    Policy,
    controls_of,
    decide,
    fingerprint,
    load_baseline,
    load_policy,
    named,
    obstacles,
    stable_path,
)
from hometruth.policy.load import ANYBODY, MustBeSeen, fits_name, goes_to
from hometruth.recipients import registrable_domain

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


def gate(  # noqa: PLR0913 - what is left out has a default
    *captures: Capture | str,
    canaries: Path | str | Iterable[Canary] | None = None,
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
        canaries: What to look for, or the path of a file that says it. Without any, only what looks personal
            is, and no control is asked for.
        policy: Path of a policy file. Without one nothing is allowed, and some canary must have arrived;
            without canaries, what looks personal and goes to others is a reason not to pass.
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
        PolicyError: Policy or baseline cannot be read, or make no sense; or there are no canaries, and the
            policy fails on nothing else.
    """
    inputs: dict[str, tuple[Path, ...]] = {}
    if isinstance(canaries, (str, Path)):
        inputs["canaries"] = (Path(canaries),)
        loaded = load_canaries(Path(canaries))
        canaries, salts = loaded.canaries, (*loaded.salts, *salts)
    is_named = canaries is not None
    canaries = tuple(canaries or ())
    if is_named and not canaries:
        raise CanaryError("there is no canary to look for: without `canaries`, only what looks personal is")
    names = names_of(canaries)
    file: Path | None = None
    if policy is not None and not isinstance(policy, Policy):
        file = Path(policy)
        policy = load_policy(file, names)
        if baseline is None and policy.baseline:
            baseline = file.parent / policy.baseline
    for kind, one in (("policy", file), ("baseline", baseline), ("keys", keys)):
        if one is not None:
            inputs[kind] = (Path(one),)
    policy = policy or (NO_POLICY if canaries else NOBODY_NAMED)
    if not canaries and not policy.may_fail_unnamed:
        raise PolicyError(
            f"{file or 'policy'}: without canaries only what looks personal can fail, and here nothing of it "
            'does: say on_unnamed = "refuse" or "leak", or name what to look for by --canaries FILE'
        )
    scanner = Scanner(canaries, tuple(salts), budget=budget or Budget())
    if seed is not None:
        scanner = replace(scanner, seed=seed)
    keeper = Gatekeeper(canaries, policy, under or {})
    kinds = policy.sought()
    note = UnnamedNote.of(kinds, canaries) if kinds else None
    with Crew(scanner, note=note, jobs=jobs) as crew:
        keeper.read(captures, crew, keys)
    return keeper.gated(
        baseline=load_baseline(Path(baseline)) if baseline is not None else (),
        today=today,
        file="" if file is None else str(file),
        inputs=inputs,
    )


def names_of(canaries: Iterable[Canary]) -> list[str]:
    """What the canaries that may be found are called from run to run."""
    return sorted(name for name, canary in named(canaries).values() if not canary.phantom)


class Gatekeeper:
    """Reads recordings, and adds up what was found and what could not be read."""

    def __init__(
        self, canaries: Iterable[Canary], policy: Policy = NO_POLICY, under: Mapping[str, str] | None = None
    ) -> None:
        self._captures: list[str] = []
        self._texts: dict[str, Path] = {}
        """Paths of recordings by the name that sightings carry."""
        self._beside: list[Path] = []
        """Files beside recordings that were read with them."""
        self._read: set[tuple[int, int]] = set()
        """Device and number of each file, whatever it was called."""
        self._reading = ""
        """The capture that is read: an archive, where recordings in it have names of their own."""
        self._conditions: dict[str, Condition] = {}
        """Of each recording that holds a request."""
        self._seen: Counter[Condition] = Counter()
        """Requests under each condition."""
        self._empty: list[str] = []
        self._sent_ms: dict[tuple[str, int], int] = {}
        """When requests in which something was found began, by capture and entry."""
        self._also_named: dict[tuple[str, int], set[str]] = {}
        """Hosts that headers of a request name besides that of its address, by capture and entry."""
        self._clear: set[tuple[str, int]] = set()
        """Requests in which something was found that went without TLS, by capture and entry."""
        self._named = named(canaries)
        self._under, self._policy = under or {}, policy
        self._unnamed = UnnamedBook(policy, [canary.value for _, canary in self._named.values()])
        self._tally = Tally(Scanner(tuple(canary for _, canary in self._named.values())))
        self._sent_bytes = self._media_bytes = 0
        self._unreadable: list[tuple[str, str]] = []

    def read(self, captures: Iterable[Capture | str], crew: Crew, keys: Path | None) -> None:
        """Read all of them, each once; one that cannot be read is an obstacle, and the others are read."""
        for given in captures:
            try:
                for capture in captures_of([given]):
                    if isinstance(capture, Gap):
                        self.take([capture])
                    elif not (isinstance(capture, Path) and self._was_read(capture)):
                        self._read_one(capture, crew, keys)
            except CaptureError as err:
                self._unreadable.append(
                    (str(given) if isinstance(given, (str, Path)) else "capture", str(err))
                )

    def _was_read(self, path: Path) -> bool:
        """True from the second time on: a recording named twice is one recording."""
        try:
            file = path.stat()
        except OSError:  # told where it is read
            return False
        key = file.st_dev, file.st_ino
        known = key in self._read
        self._read.add(key)
        return known

    def _read_one(self, capture: Capture, crew: Crew, keys: Path | None) -> None:
        name = str(capture) if isinstance(capture, (Path, RemoteCapture)) else STREAM
        if not isinstance(capture, bytes):
            self._captures.append(name)
        if isinstance(capture, Path):
            self._texts[name] = capture
        self._reading = name
        before = self._tally.totals.exchanges
        self.take(items_of(capture, crew, keys=keys, beside=self._beside, every_word=True))
        if self._tally.totals.exchanges == before:
            self._seen[self._condition(name)] += 0
            self._empty.append(name)
        self._reading = ""

    def take(self, items: Iterable[Examined | Gap]) -> None:
        """Count exchanges that were examined, and gaps."""
        for item in items:
            self._tally.take(item)
            if not isinstance(item, Gap):
                condition = self._condition(item.exchange.source.file)
                if self._reading:
                    self._seen[condition] += 1
                self._unnamed.take(item, condition)
                if item.sightings and is_clear(item.exchange):
                    self._clear.add((item.exchange.source.file, item.exchange.source.index))
                if item.sightings and item.exchange.started_ns is not None:
                    source = item.exchange.source
                    self._sent_ms[source.file, source.index] = item.exchange.started_ns // 1_000_000
                if item.sightings and (others := _named_besides(item.exchange)):
                    self._also_named[item.exchange.source.file, item.exchange.source.index] = others
                self._sent_bytes += item.read_bytes + item.opaque_bytes
                self._media_bytes += sum(
                    gap.size_bytes or 0 for gap in item.gaps if gap.kind is GapKind.MEDIA
                )
            elif item.kind in LET_THROUGH:
                self._sent_bytes += item.size_bytes or 0

    def gated(
        self,
        *,
        baseline: tuple[KnownLeak, ...] = (),
        today: date | None = None,
        file: str = "",
        inputs: Mapping[str, tuple[Path, ...]] | None = None,
    ) -> Gated:
        """What the policy says of all that was taken. To be called once, at the end.

        Args:
            baseline: Leaks known before.
            today: The day on which waivers must hold; the present one in UTC by default.
            file: Path of the policy.
            inputs: Files that were read besides recordings, by what they are.
        """
        today = today or datetime.now(UTC).date()
        rows = self._tally.scanned().rows
        known = {each.fingerprint for each in baseline}
        sight = self._sight()
        ruled = [decide(each, self._policy, known, today) for each in self._transfers(rows)]
        if sight.phantoms:  # a search that invents accuses nobody
            ruled = [
                replace(each, ruling=Ruling.WEAK) if each.ruling is Ruling.LEAK else each for each in ruled
            ]
        telling = {row.recipient.removesuffix(".") for row in rows if row.part == Part.HOST}
        unnamed = [decide(each, self._policy, known, today) for each in self._unnamed.unnamed(telling)]
        everything = _with_lines(
            [*sorted(ruled, key=_rank), *sorted(unnamed, key=_rank_unnamed)], self._texts
        )
        transfers = [each for each in everything if isinstance(each, Transfer)]
        # Where nothing was planted, nothing can be seen to arrive.
        recorded = [each for each, n in sight.seen.items() if n and self._named]
        controls = tuple(controls_of(self._policy, transfers, recorded))
        captures = tuple(self._texts.values())
        return Gated(
            transfers=tuple(transfers),
            controls=controls,
            obstacles=tuple(obstacles(self._policy, sight, everything, controls, today)),
            sight=sight,
            captures=tuple(self._captures),
            canaries=tuple(sorted(name for name, canary in self._named.values() if not canary.phantom)),
            baseline=baseline,
            policy=file,
            unnamed=tuple(each for each in everything if isinstance(each, Unnamed)),
            sought=self._policy.sought(),
            recipients=self._unnamed.recipients(telling),
            sessions=self._sessions(rows),
            inputs={**(inputs or {}), "captures": captures, "beside": tuple(self._beside)},
        )

    def _sessions(self, rows: Iterable[ScanRow]) -> dict[str, Condition]:
        """Captures with all controls of their own; by evidence that decides, if they may be anywhere."""
        arrived: dict[str, list[ScanRow]] = {each: [] for each in self._captures}
        for row in rows:
            if row.capture in arrived and not row.delivered.is_attempt:
                arrived[row.capture].append(row)

        def shown(control: MustBeSeen, capture: str) -> list[ScanRow]:
            least = DECIDING_BITS if ANYBODY in control.to else 0.0
            return [
                row
                for row in arrived[capture]
                if fits_name(self._named[row.canary][0], control.canary)
                and goes_to(control.to, row.recipient)
                and row.evidence_bits >= least
            ]

        sessions: dict[str, Condition] = {}
        counted: set[tuple[str, int]] = set()
        for capture in self._captures:
            condition = self._condition(capture)
            controls = [shown(each, capture) for each in self._policy.controls_under(condition)]
            at = {
                (row.recipient, self._sent_ms[row.capture, row.entry] + one_more)
                for row in chain(*controls)
                if (row.capture, row.entry) in self._sent_ms
                for one_more in (-1, 0, 1)  # recorders round as they like
            }
            # The same requests in two files, a HAR beside the flow file for one, are one session's.
            if all(controls) and not at & counted:
                sessions[capture] = condition
                counted |= at
        return sessions

    def _transfers(self, rows: Iterable[ScanRow]) -> list[Transfer]:
        """Sightings grouped by canary, recipient, field and condition; no policy has been asked yet."""
        groups: dict[tuple[str, str, Fields, Condition], list[ScanRow]] = {}
        values = [canary.value for _, canary in self._named.values()]
        for row in rows:
            for recipient in {row.recipient, *self._also_named.get((row.capture, row.entry), ())}:
                host = recipient.removesuffix(".")
                fields = stable_path(replace(row, recipient=host), values, registrable_domain(host))
                fields = replace(fields, path=without_personal(fields.path))
                key = self._named[row.canary][0], host, fields, self._condition(row.capture)
                groups.setdefault(key, []).append(row)
        return [self._transfer(*key, rows) for key, rows in groups.items()]

    def _sight(self) -> Sight:
        """How much was seen."""
        totals = self._tally.totals
        return Sight(
            exchanges=totals.exchanges,
            sent_bytes=self._sent_bytes,
            opaque_bytes=totals.opaque_bytes,
            gaps=Counter(gap.kind for gap in self._tally.gaps),
            media_bytes=self._media_bytes,
            unreadable=tuple(self._unreadable),
            phantoms=len(self._tally.phantoms),
            seen=dict(sorted(self._seen.items())) | self._unrecorded(),
            empty=tuple(self._empty),
        )

    def _unrecorded(self) -> dict[Condition, int]:
        """No request under each condition that the policy speaks of, and under which nothing was recorded.

        What is given for all captures is what this run is about: no other level of it is missed then.
        """
        if not self._seen:
            return {}
        return {
            Condition(tuple(sorted((factor, "|".join(levels)) for factor, levels in said.items()))): 0
            for said in self._policy.said_conditions()
            if not any(condition.matches(said) for condition in self._seen)
            and all(self._under.get(factor, levels[0]) in levels for factor, levels in said.items())
        }

    def _condition(self, capture: str) -> Condition:
        if capture not in self._conditions:
            condition = self._policy.condition_of(capture, within=self._reading, under=self._under)
            self._conditions[capture] = condition
        return self._conditions[capture]

    def _transfer(
        self, name: str, host: str, fields: Fields, condition: Condition, rows: Sequence[ScanRow]
    ) -> Transfer:
        ruling = min((RULING_OF[row.standing] for row in rows), key=WORST_FIRST.index)
        alike = [row for row in rows if RULING_OF[row.standing] is ruling]
        tells = min((row.tells for row in alike), key=MOST_TELLING_FIRST.index)
        row = max((row for row in alike if row.tells is tells), key=lambda each: each.evidence_bits)
        return Transfer(
            canary=name,
            kind=str(self._named[row.canary][1].kind),
            recipient=fields.recipient,
            host=host,
            organisation=organisation_of(host, self._policy),
            part=fields.part,
            path=fields.path,
            condition=condition,
            ruling=ruling,
            fingerprint=fingerprint(name, fields, condition, tells),
            more_telling=tuple(
                fingerprint(name, fields, condition, more)
                for more in MOST_TELLING_FIRST
                if more is not tells and tells.is_within(more)
            ),
            chain=row.chain,
            is_clear=(row.capture, row.entry) in self._clear,
            is_addressed=any(each.recipient.removesuffix(".") == host for each in alike),
            form=row.form,
            tells=tells,
            delivered=row.delivered,
            evidence_bits=row.evidence_bits,
            times=len(alike),
            capture=row.capture,
            entry=row.entry,
        )


def _named_besides(exchange: Exchange) -> set[str]:
    """Hosts for which it is by its headers, where the address says another: who answers may pass it on."""
    hosts = set()
    for name, value in exchange.request_headers:
        if name.lower() in (b"host", b":authority"):
            with suppress(ValueError):
                hosts.add(parse_url(f"{exchange.scheme}://{value.decode('latin-1')}/").host.removesuffix("."))
    return hosts - {exchange.host.removesuffix(".")}


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


def _rank_unnamed(unnamed: Unnamed) -> tuple[object, ...]:
    return (
        unnamed.ruling is not Ruling.LEAK,
        PARTIES_FIRST.index(unnamed.party),
        tuple(Ruling).index(unnamed.ruling),
        *(unnamed.kind, unnamed.recipient, unnamed.part, unnamed.path, unnamed.condition),
    )


def _with_lines(transfers: Sequence[SentField], texts: Mapping[str, Path]) -> list[SentField]:
    """The same, each with the line on which its request begins, where the recording is HAR as plain text."""
    lines = {file: dict(_lines(texts[file], _entries_in(transfers, file))) for file in texts}
    return [replace(each, line=lines.get(each.capture, {}).get(each.entry)) for each in transfers]


def _entries_in(transfers: Iterable[SentField], file: str) -> list[int]:
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
