"""Tells quickly in which parts of many requests nothing can be, so that nobody has to peel them."""

from hometruth.peel.sieve.sieve import Seeker, Sieve

__all__ = ["Seeker", "Sieve"]
