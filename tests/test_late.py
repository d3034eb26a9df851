"""Names that are imported late are those of their modules, whole or renamed, and only those."""

import sys
from types import ModuleType

import pytest

from hometruth.late import late_names


def test_a_name_is_imported_when_asked_for_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    package, part = ModuleType("parcel"), ModuleType("parcel.part")
    part.thing, part.other = "thing", "other"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "parcel", package)
    monkeypatch.setitem(sys.modules, "parcel.part", part)
    get = late_names("parcel", {"thing": "part", "renamed": "part:other"})

    assert not hasattr(package, "thing")
    assert (get("thing"), get("renamed")) == ("thing", "other")
    assert (package.thing, package.renamed) == ("thing", "other")
    with pytest.raises(AttributeError, match="module 'parcel' has no attribute 'part'"):
        get("part")
