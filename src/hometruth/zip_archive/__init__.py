"""Zip archives, also those of which the index or a part is damaged; for recordings and for values in them."""

from zipfile import BadZipFile

from hometruth.zip_archive.heads import ZIP
from hometruth.zip_archive.members import MOST_MEMBERS, ZipArchive, ZipMember

BROKEN_ZIP = (BadZipFile, OSError)
"""What is raised of bytes that are no archive, and of members that cannot be read."""

__all__ = ["BROKEN_ZIP", "MOST_MEMBERS", "ZIP", "ZipArchive", "ZipMember"]
