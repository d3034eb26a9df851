"""Files that people hand in: read up to a limit, and checked against the types of their tables."""

from hometruth.handed_in.files import (
    BYTE_ORDER_MARK,
    MAX_CANARIES_BYTES,
    MAX_KEY_PARTS,
    MAX_TEXT_BYTES,
    parse_toml,
    read_handed_in,
    read_text,
)
from hometruth.handed_in.lines import LineOf, json_lines, line_by_line, toml_lines
from hometruth.handed_in.place import Place
from hometruth.handed_in.sentences import sentences
from hometruth.handed_in.tables import Count, Table, Text, Texts, bundled, checked, checked_toml
from hometruth.handed_in.words import suggestion

__all__ = [
    "BYTE_ORDER_MARK",
    "MAX_CANARIES_BYTES",
    "MAX_KEY_PARTS",
    "MAX_TEXT_BYTES",
    "Count",
    "LineOf",
    "Place",
    "Table",
    "Text",
    "Texts",
    "bundled",
    "checked",
    "checked_toml",
    "json_lines",
    "line_by_line",
    "parse_toml",
    "read_handed_in",
    "read_text",
    "sentences",
    "suggestion",
    "toml_lines",
]
