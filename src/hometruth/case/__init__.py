"""What a run leaves behind: a folder that anyone can open with common tools."""

from hometruth.case.annex import ANNEX_KINDS, add_annex
from hometruth.case.bag import BEFORE, LABELLED, close_bag, seal_first
from hometruth.case.erased import Erased
from hometruth.case.folder import LAB, SEALED, Case, check_outside, create_case, open_case
from hometruth.case.intact import all_differences, check_intact, differences, has_manifest, unfinished_case
from hometruth.case.manifest import write_manifest
from hometruth.case.signing import Signer, load_or_make_key
from hometruth.case.tables import write_tables
from hometruth.case.time_stamp import TimeStamp, attach_time_stamp, load_certificates, time_stamp_request
from hometruth.case.verify import Verified, verify

__all__ = [
    "ANNEX_KINDS",
    "BEFORE",
    "LAB",
    "LABELLED",
    "SEALED",
    "Case",
    "Erased",
    "Signer",
    "TimeStamp",
    "Verified",
    "add_annex",
    "all_differences",
    "attach_time_stamp",
    "check_intact",
    "check_outside",
    "close_bag",
    "create_case",
    "differences",
    "has_manifest",
    "load_certificates",
    "load_or_make_key",
    "open_case",
    "seal_first",
    "time_stamp_request",
    "unfinished_case",
    "verify",
    "write_manifest",
    "write_tables",
]
