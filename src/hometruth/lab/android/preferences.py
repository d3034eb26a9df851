"""Small values that an app or the phone itself keeps: a JSON file, written through at every change."""

import json
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any


class Preferences(MutableMapping[str, Any]):
    """A mapping that is on disk before the assignment returns; a kill leaves the old file or the new one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._values: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __setitem__(self, key: str, value: Any) -> None:
        if self._values.get(key, self) != value:
            self._values[key] = value
            self._write()

    def __delitem__(self, key: str) -> None:
        del self._values[key]
        self._write()

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def _write(self) -> None:
        draft = self._path.with_suffix(".new")
        draft.write_text(json.dumps(self._values), "utf-8")
        draft.replace(self._path)
