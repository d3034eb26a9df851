"""Small HARs."""

import json
from pathlib import Path


def har(path: Path, *addresses: str) -> Path:
    """A recording of one GET to each address."""
    entries = [
        {
            "startedDateTime": "2026-01-01T10:00:00.000Z",
            "time": 1,
            "request": {"method": "GET", "url": address, "headers": []},
            "response": {"status": 200, "headers": [], "content": {"size": 0}},
        }
        for address in addresses
    ]
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}))
    return path
