"""What a run leaves behind: a folder that anyone can open with common tools."""

from hometruth.case.folder import Case, create_case, open_case
from hometruth.case.intact import all_differences, check_intact, differences, has_manifest
from hometruth.case.manifest import write_manifest
from hometruth.case.tables import write_tables

__all__ = [
    "Case",
    "all_differences",
    "check_intact",
    "create_case",
    "differences",
    "has_manifest",
    "open_case",
    "write_manifest",
    "write_tables",
]
