"""Of what fuzzing found, what does something that nothing shorter does is kept, and the same each time."""

import json
from pathlib import Path

import pytest

from fuzz import keep, seeds

PLAIN, ESCAPED, LONGER = b'{"a": "b"}', b'{"a": "b", "c": [1, "\\u0041"]}', b'{"abc": "bcd"}  '


def test_an_input_is_kept_that_does_something_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (keep, seeds):
        monkeypatch.setattr(module, "KEPT", tmp_path / "kept")
    found = tmp_path / "found"
    found.mkdir()
    for number, data in enumerate((PLAIN, LONGER, ESCAPED, json.dumps(["x" * keep.LONGEST]).encode())):
        (found / str(number)).write_bytes(data)

    assert keep.keep("layers-json", found) == 2
    assert seeds.kept_of("layers-json") == [PLAIN, ESCAPED]
    first = (tmp_path / "kept" / "layers-json.zip").read_bytes()
    assert keep.keep("layers-json", tmp_path / "nothing found") == 2
    assert (tmp_path / "kept" / "layers-json.zip").read_bytes() == first


def test_what_nobody_fuzzed_has_nothing_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeds, "KEPT", tmp_path)

    assert seeds.kept_of("plan") == []
