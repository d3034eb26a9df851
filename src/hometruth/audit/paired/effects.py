"""Paired series: from what was recorded to what each endpoint depends on. Peeling meets the statistics here.

Used by the analysis, and by the run (`run.py`) to know when enough pairs were run.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from urllib.parse import urlsplit

from hometruth.model import (
    SITE,
    Canary,
    Condition,
    Effect,
    Exchange,
    Gap,
    GapKind,
    HostPattern,
    Pairing,
    Trial,
    TrialStatus,
)
from hometruth.opaque import EndpointPatterns, Sent, assess, halves_of, pairs_of, room_in
from hometruth.peel import Peeled, opaque_atoms

HEADER_OVERHEAD = len(": \r\n")
"""Bytes a header field takes beside its name and its value."""


@dataclass(frozen=True, slots=True)
class Flow:
    """One request, or one connection that could not be opened, in a paired series."""

    sent: Sent
    vendor: bool
    """True if the subject's vendor is behind the host."""


def sent_in(exchange: Exchange, peeled: Peeled) -> Sent:
    """An exchange as the test sees it; everything in a request can carry a message, its headers too."""
    messages = sum(len(message.data) for message in exchange.messages if message.sent)
    headers = sum(len(name) + len(value) + HEADER_OVERHEAD for name, value in exchange.request_headers)
    return Sent(
        trial=exchange.trial or "",
        host=exchange.host,
        path=exchange.target.split(b"?", 1)[0].decode("utf-8", "backslashreplace"),
        size_bytes=len(exchange.target) + headers + len(exchange.request_body or b"") + messages,
        atoms=opaque_atoms(peeled),
    )


def unopened(gap: Gap) -> Sent:
    """A connection that could not be opened: known by its host, and by its bytes where they were counted.

    The atoms of one that was passed on are its client's bursts; a refused one is an atom of its own.
    """
    size = gap.size_bytes or 0
    atoms = gap.bursts if gap.kind is GapKind.PASSED else gap.bursts or (size,)
    return Sent(trial=gap.trial or "", host=gap.host or "", path="", size_bytes=size, atoms=atoms)


def with_recorded_visits(
    trials: Iterable[Trial], canaries: Iterable[Canary], visited: Mapping[str, set[str]]
) -> tuple[Trial, ...]:
    """The trials; of a pair's half whose own visits are not in the recording, the rest is not either: it
    is lost.

    Args:
        visited: Hosts of the canaries' own sites that were recorded, by trial.
    """
    hosts = {canary.id: urlsplit(canary.address).hostname for canary in canaries if canary.address}
    return tuple(_recorded(trial, hosts, visited.get(trial.id, set())) for trial in trials)


def _recorded(trial: Trial, hosts: Mapping[str, str | None], visited: set[str]) -> Trial:
    if trial.arm is None or trial.status is not TrialStatus.DONE:
        return trial
    done = {hosts.get(action.canary or "") for action in trial.actions if action.happened} - {None}
    if visited and done <= visited:  # a sham has visited the decoy page at least
        return trial
    missing = len(done - visited) or "all"
    return replace(
        trial, status=TrialStatus.LOST, note=f"{missing} of its visits are missing in the recording"
    )


def effects_of(
    pairing: Pairing,
    trials: Iterable[Trial],
    canaries: Sequence[Canary],
    flows: Sequence[Flow],
    *,
    is_vendor: Callable[[str], bool],
) -> list[Effect]:
    """What each group of endpoints depends on, condition by condition, in a fixed order.

    Args:
        is_vendor: Whether the subject's vendor is behind a host: silence at its endpoints counts too.
    """
    mine = [trial for trial in trials if trial.series == pairing.series]
    conditions = sorted({trial.condition for trial in mine})
    endpoints = EndpointPatterns(pairing.endpoints, SITE)
    halves = halves_of((flow.sent for flow in flows), endpoints)
    pairs = pairs_of(mine, canaries, shortest_path=pairing.shortest_path)
    kinds = _who(mine, flows, endpoints)
    own = {name for name in pairing.endpoints if is_vendor(HostPattern(name).host)}
    effects = []
    for condition in conditions:
        run = pairs.get(condition, ())
        found = [
            replace(
                effect,
                vendor=effect.endpoint in own or True in kinds[condition, effect.endpoint],
                others=False in kinds[condition, effect.endpoint],
            )
            for effect in assess(
                condition,
                run,
                halves,
                planned_pairs=pairing.pairs,
                alpha=pairing.alpha,
                # Judging the same case again must give the same numbers; the secrets were drawn before the
                # run.
                rng=Random(f"{pairing.series}: {condition}"),  # noqa: S311
                tests=number_of_tests(pairing, mine),
            )
        ]
        together = room_in(run, [halves[effect.endpoint] for effect in found if effect.vendor])
        effects += [replace(effect, vendor_room=together) if effect.vendor else effect for effect in found]
    return effects


def number_of_tests(pairing: Pairing, trials: Iterable[Trial]) -> int:
    """Groups of endpoints times conditions of the series: what alpha is shared between."""
    conditions = {trial.condition for trial in trials if trial.series == pairing.series}
    return len(EndpointPatterns(pairing.endpoints, SITE).names) * len(conditions)


def _who(
    trials: Iterable[Trial], flows: Iterable[Flow], endpoints: EndpointPatterns
) -> Mapping[tuple[Condition, str], set[bool]]:
    """For each condition and group, whether hosts of the vendor, and of others, were contacted."""
    condition_of = {trial.id: trial.condition for trial in trials}
    found: dict[tuple[Condition, str], set[bool]] = defaultdict(set)
    for flow in flows:
        group = endpoints.group_of(flow.sent.host, flow.sent.path)
        if group is not None and flow.sent.trial in condition_of:
            found[condition_of[flow.sent.trial], group].add(flow.vendor)
    return found
