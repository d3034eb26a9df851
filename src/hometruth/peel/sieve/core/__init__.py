"""The sieve in C: tells of most parts that nothing is in them, and hands the rest to the real layers.

It is optional: without it, or where it does not understand a layer, the sieve in numpy does the same.
"""

from hometruth.peel.sieve.core.compiled import CompiledSieve, Core, understands
from hometruth.peel.sieve.core.known import Fitting
from hometruth.peel.sieve.core.library import load_core

__all__ = ["CompiledSieve", "Core", "Fitting", "load_core", "understands"]
