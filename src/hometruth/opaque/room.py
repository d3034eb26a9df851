"""Bounds that need no model of the noise: a trial that sent fewer bytes than a leak has did not send it."""

from collections.abc import Sequence

from hometruth.model import Room

CONFIDENCE = 0.95
FIXED_LEAKS = (128, 32)
"""Bytes: an address cut short, and a digest."""


def rooms(sent_bytes: Sequence[int], planted_bits: Sequence[Sequence[float]], missing: int = 0) -> list[Room]:
    """For each size of leak, in how many treated trials it would have fitted, and the bound on the share.

    Args:
        sent_bytes: Bytes to the endpoint, one number a treated trial.
        planted_bits: Entropy of each address planted in that trial: no compression gets below it.
        missing: Trials without a result: each may have had room.
    """
    everything = [sum(bits) / 8 for bits in planted_bits]
    address = [min(bits, default=0.0) / 8 for bits in planted_bits]
    leaks: list[tuple[str, Sequence[float]]] = [("everything", everything), ("address", address)]
    leaks += [(f"{size} bytes", [float(size)] * len(sent_bytes)) for size in FIXED_LEAKS]
    return [_room(name, sizes, sent_bytes, missing) for name, sizes in leaks]


def _room(leak: str, sizes: Sequence[float], sent_bytes: Sequence[int], missing: int) -> Room:
    fitting = sum(sent >= size for sent, size in zip(sent_bytes, sizes, strict=True)) + missing
    n = len(sent_bytes) + missing
    return Room(leak, max(sizes, default=0.0), fitting, share_bound_percent(fitting, n))


def share_bound_percent(hits: int, n: int) -> float:
    """Largest share of sessions, in per cent, that fits *hits* in *n* (Clopper-Pearson, 95 %)."""
    from scipy.stats import binomtest  # noqa: PLC0415 - a second of import

    if n == 0:
        return 100.0
    interval = binomtest(hits, n, alternative="less").proportion_ci(CONFIDENCE, method="exact")
    return 100.0 * float(interval.high)
