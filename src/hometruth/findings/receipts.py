"""What a receiver knows although nobody was seen to tell: its own answers hold it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from hometruth.model import Receipt, Recipient, Sighting


def receipts(
    answers: Iterable[Sighting], requests: Iterable[Sighting], recipients: Mapping[str, Recipient]
) -> tuple[Receipt, ...]:
    """One receipt for each canary and receiver whose answers hold what no request had carried there before.

    Args:
        answers: Canaries seen in answers, weighed.
        requests: All that were seen in requests, expected ones too: an answer may repeat what it was told.
        recipients: Recipient of each exchange, by exchange id.
    """
    told: dict[tuple[str, str], list[int | None]] = defaultdict(list)
    for sighting in requests:
        key = sighting.canary.id, _whose(recipients[sighting.exchange.id])
        told[key].append(sighting.exchange.started_ns)
    groups: dict[tuple[str, str], list[Sighting]] = defaultdict(list)
    for sighting in answers:
        key = sighting.canary.id, _whose(recipients[sighting.exchange.id])
        at = sighting.exchange.started_ns
        if not any(time is None or at is None or time <= at for time in told.get(key, ())):
            groups[key].append(sighting)
    return tuple(
        Receipt(
            canary=found[0].canary,
            recipient=recipients[found[0].exchange.id],
            sightings=tuple(found),
            trial=found[0].canary.cell or found[0].exchange.trial or "",
            evidence_bits=max(each.evidence_bits for each in found),
        )
        for _, found in sorted(groups.items())
    )


def _whose(recipient: Recipient) -> str:
    return recipient.organisation or recipient.domain
