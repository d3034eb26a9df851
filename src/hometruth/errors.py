"""Every exception a caller may handle.

HometruthError
├── CaptureError   a recording cannot be read at all
├── CanaryError    canaries given by the user make no sense
├── AdapterError   declared endpoint knowledge is malformed
├── ClaimError     a claim or a reading is malformed, or speaks of a condition nobody ran
├── PlanError      an experiment plan is malformed
├── CaseError      a case folder is incomplete or was changed
├── TableError     a table of events or of a population cannot be used
└── LabError       the simulated system cannot start or was driven wrongly

Bad input raises one of these with what, where and what to do; hostile traffic never does: it becomes a Gap.
Anything else that escapes is a defect of ours and keeps its traceback.
"""


class HometruthError(Exception):
    """Base of all errors; the command line prints it and exits with 2."""


class CaptureError(HometruthError):
    """A recording cannot be read at all."""


class CanaryError(HometruthError):
    """Canaries given by the user make no sense."""


class AdapterError(HometruthError):
    """Declared endpoint knowledge is malformed."""


class ClaimError(HometruthError):
    """A claim is malformed, or speaks of a condition that no trial has."""


class PlanError(HometruthError):
    """An experiment plan is malformed."""


class CaseError(HometruthError):
    """A case folder is incomplete or was changed."""


class TableError(HometruthError):
    """A table of events, or of a reference population, cannot be used."""


class LabError(HometruthError):
    """The simulated system cannot start or was driven wrongly."""
