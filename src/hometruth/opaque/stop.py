"""When enough pairs were run."""

from collections.abc import Iterable

from hometruth.model import Effect, Rung


def may_stop(effects: Iterable[Effect]) -> bool:
    """True if an endpoint went over its line: valid after any pair, since the e-value is.

    The number of pairs planned ends the run otherwise.
    """
    return any(effect.rung is not Rung.NONE for effect in effects)
