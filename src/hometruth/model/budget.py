"""How much examining one exchange may cost. Every limit that is reached becomes a gap."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits on examining one exchange; the defaults leave real telemetry far below them."""

    time_s: float = 600.0
    """CPU seconds of peeling: a last resort, since the other limits are the same on every machine and are
    reached in about a hundred. A value that one layer is busy with is finished first."""
    output_bytes: int = 64 << 20
    """Bytes that all layers together may produce: what memory can hold comfortably."""
    ratio: int = 250
    """Times that one decompression may grow its input; text rarely grows more than 20 times."""
    free_bytes: int = 1 << 20
    """Output of one decompression that is fine whatever the ratio."""
    pieces: int = 100_000
    """Values: about what an event batch of 20 MB holds."""
    depth: int = 32
    """Layers inside each other."""
    salts: int = 4
    """Values of an exchange that are tried as the salt of each digest in it."""
    salt_tries: int = 20_000
    """Digests computed to try them: one canary takes three for each spelling and salt."""
