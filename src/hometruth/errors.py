"""Every exception a caller may handle.

HometruthError
├── CaptureError   a recording cannot be read at all
├── CanaryError    canaries given by the user make no sense
├── AdapterError   declared endpoint knowledge is malformed
├── ClaimError     a claim or a reading is malformed, or speaks of a condition nobody ran
├── PlanError      an experiment plan is malformed
├── PolicyError    what a gate lets through is malformed, or speaks of a canary that nobody planted
├── CaseError      a case folder is incomplete or was changed
├── TableError     a table of events or of a population cannot be used
└── DriverError    a subject cannot be brought to do what was asked
    └── LabError   the simulated system cannot start or was driven wrongly

Bad input raises one of these with what, where and what to do; hostile traffic never does: it becomes a Gap.
Anything else is a defect of ours. In a reader or a layer it costs what it met, which becomes a gap; elsewhere
the command line says so in one sentence. With `--debug`, either ends everything with its traceback. Messages
quote what strangers wrote, so what makes such text harmless is here too.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec

_UNSEEN = re.compile(
    r"[\u0000-\u001f\u007f-\u009f"  # C0, DEL, C1
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"  # default-ignorable, Arabic letter mark
    r"\u200b-\u200f\u2028-\u202e\u2060-\u206f"  # zero width, line separators, bidi embeddings and isolates
    r"\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    r"\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def escape_terminal(text: str) -> str:
    """Write out controls (line feeds and tabs too), bidi overrides and unseen characters as ``\\u{..}``."""
    return _UNSEEN.sub(lambda match: f"\\u{{{ord(match[0]):x}}}", text)


class HometruthError(Exception):
    """Base of all errors; the command line prints it and exits with 2."""


DEBUG = "HOMETRUTH_DEBUG"
"""Variable of the environment, set by `--debug` and by tests: then no defect of ours becomes a gap."""
_NOT_OURS = (HometruthError, ImportError, OSError, MemoryError)


def as_gap(err: Exception) -> str:
    """What a gap says of an exception that only a defect of ours can be; to be called where it is caught.

    Raises:
        Exception: *err*, if something outside of the program is behind it, or `DEBUG` is set.
    """
    if isinstance(err, _NOT_OURS) or DEBUG in os.environ:
        raise err
    return (
        f"a defect of ours ({type(err).__name__}). Please report it; "
        "`hometruth --debug COMMAND …` shows where it happened"
    )


EXTRA_OF = {
    **dict.fromkeys(("mitmproxy", "mitmproxy_rs", "h11", "wsproto", "httpx", "segno"), "flows"),
    **dict.fromkeys(("cryptography", "pylsqpack"), "pcap"),
    **dict.fromkeys(("asn1crypto", "rfc3161_client"), "timestamp"),
    "adbutils": "adb",
    **dict.fromkeys(("altair", "vl_convert"), "charts"),
    "numpy": "fast",
    **dict.fromkeys(("httptools", "starlette", "uvicorn"), "lab"),
    **{"pyarrow": "tables", "scipy": "identity", "fsspec": "urls", "ray": "fleet", "psycopg": "postgres"},
}
"""Module to the extra of the package that brings it."""


def not_installed(module: str, what: str, extra: str = "") -> str:
    """What to do about a module that is not installed, in one sentence."""
    return (
        f"{what} needs {module}, which is not installed: "
        f'pip install "hometruth[{extra or EXTRA_OF.get(module, "all")}]"'
    )


@cache
def is_installed(module: str) -> bool:
    """True if this module can be imported."""
    return find_spec(module) is not None


@contextmanager
def needs(extra: str, what: str, error: type[HometruthError] = HometruthError) -> Iterator[None]:
    """Turn the lack of a module into an *error* that says which extra brings it.

    Args:
        extra: Of the package.
        what: What needs the module, for the sentence.
    """
    try:
        yield
    except ModuleNotFoundError as err:
        module = (err.name or "").partition(".")[0]
        if module not in EXTRA_OF:
            raise
        raise error(not_installed(module, what, extra)) from err


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


class PolicyError(HometruthError):
    """What a gate lets through is malformed, or speaks of a canary that nobody planted."""


class CaseError(HometruthError):
    """A case folder is incomplete or was changed."""


class TableError(HometruthError):
    """A table of events, or of a reference population, cannot be used."""


class DriverError(HometruthError):
    """A subject cannot be brought to do what was asked: in an experiment, its session is lost."""


class LabError(DriverError):
    """The simulated system cannot start or was driven wrongly."""
