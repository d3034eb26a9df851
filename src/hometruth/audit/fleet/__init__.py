"""The same scan over more recordings than one sitting takes: resumable, and one row for every input.

Workers are processes of this machine, or of a Ray cluster; either way a recording is examined by the very
code of `hometruth scan`, in one place, and what came of it is appended to tables that can be asked meanwhile.
"""

from hometruth.audit.fleet.inputs import inputs_of
from hometruth.audit.fleet.outcome import FleetSearch
from hometruth.audit.fleet.run import Fleet, run_fleet
from hometruth.audit.fleet.workers import Limits, LocalWorkers, RayWorkers

__all__ = ["Fleet", "FleetSearch", "Limits", "LocalWorkers", "RayWorkers", "inputs_of", "run_fleet"]
