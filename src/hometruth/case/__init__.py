"""What a run leaves behind: a folder that anyone can open with common tools."""

from hometruth.case.folder import Case, create_case, open_case
from hometruth.case.intact import check_intact, differences, has_manifest
from hometruth.case.manifest import check_manifest, write_manifest
from hometruth.case.tables import write_tables

__all__ = [
    "Case",
    "check_intact",
    "check_manifest",
    "create_case",
    "differences",
    "has_manifest",
    "open_case",
    "write_manifest",
    "write_tables",
]
