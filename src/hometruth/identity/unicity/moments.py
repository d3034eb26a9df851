"""Points that are more than an item: what, and on which day or in which hour."""

from dataclasses import replace

import numpy as np

from hometruth.errors import TableError
from hometruth.identity.table import Events

MOMENTS = {"day": 86_400, "hour": 3_600}
"""Name to seconds, counted from the epoch: days and hours in UTC if the times are."""


def at_moments(events: Events, moment: str) -> Events:
    """The same events, an item on another day (or in another hour) being another item.

    Raises:
        TableError: If the table has no times.
    """
    if events.time is None:
        raise TableError(f"points by {moment} need times: name their column with --time")
    when = np.floor(events.time / MOMENTS[moment]).astype(np.int64)
    when -= when.min()
    points, item = np.unique(events.item * (int(when.max()) + 1) + when, return_inverse=True)
    return replace(events, item=item.astype(np.int64), n_items=len(points))
