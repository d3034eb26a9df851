"""Declared knowledge about vendors' endpoints: what a value that was sent there is, and why we believe it.

Data, not code: the files in ``data/adapters``. Nothing here is needed to find a canary.
"""

from hometruth.peel.adapters.adapter import Adapter, Endpoint, Field, Sibling, ValueTest
from hometruth.peel.adapters.endpoints import Endpoints, known_endpoints
from hometruth.peel.adapters.fields import Known, explain, fields_of
from hometruth.peel.adapters.load import load_adapters, read_adapters

__all__ = [
    "Adapter",
    "Endpoint",
    "Endpoints",
    "Field",
    "Known",
    "Sibling",
    "ValueTest",
    "explain",
    "fields_of",
    "known_endpoints",
    "load_adapters",
    "read_adapters",
]
