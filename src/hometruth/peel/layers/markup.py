"""Text with structure of its own: XML (W3C XML 1.0) and GraphQL queries (spec.graphql.org, October 2021).

XML is read as tags and text, never as a document: no entities are defined, nothing is fetched, and what is
damaged is read all the same.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hometruth.peel.layers.json_text import unescape
from hometruth.peel.layers.layer import Opened, Piece, collect
from hometruth.peel.many.kinds import LESS, QUOTE

if TYPE_CHECKING:
    from hometruth.peel.many.batch import Batch
    from hometruth.peel.many.flat import Mask

_XML = re.compile(rb"\s*+(?:\xef\xbb\xbf)?<(?:[A-Za-z_:][\w:.\-]*+[\s/>]|[?!][A-Za-z\-\[])")
_XML_TOKEN = re.compile(
    rb"<!\[CDATA\[(?P<cdata>.*?)\]\]>|<!--(?P<comment>.*?)-->"
    rb"|<(?P<close>/?)(?P<name>[A-Za-z_:][\w:.\-]*+)(?P<attributes>[^<>]*+)>|<[?!][^<>]*+>|(?P<text>[^<]++)",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(rb"([A-Za-z_:][\w:.\-]*+)\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)')")
_INDENT = re.compile(rb"[ \t]*+\r?\n[ \t]*+")
"""Base64 is indented too, and its lines are no lines with that in front."""
_GRAPHQL = re.compile(rb"\s*+(?:query|mutation|subscription|fragment)\b[^{]{0,4096}\{|\s*+\{\s*+[A-Za-z_]")
_GRAPHQL_STRING = re.compile(rb'"""((?:[^"\\]++|\\.|"(?!""))*+)"""|"((?:[^"\\\r\n]++|\\.)*+)"', re.DOTALL)


def unxml(data: bytes) -> Opened | None:
    """Texts, attribute values, character data and comments; None if *data* does not begin with a tag."""
    return collect(_xml_pieces(data)) if _XML.match(data) else None


def may_be_xml(batch: "Batch") -> "Mask":
    """A tag first."""
    return batch.matching(_XML, batch.with_any(LESS))


def _xml_pieces(data: bytes) -> Iterator[Piece]:
    path = "$"
    for token in _XML_TOKEN.finditer(data):
        if token["name"]:
            if token["close"]:
                continue
            name = token["name"].decode("utf-8", "backslashreplace")
            path = f".{name}"
            for attribute in _ATTRIBUTE.finditer(data, *token.span("attributes")):
                group = 2 if attribute[2] is not None else 3
                label = f"{path}@{attribute[1].decode('utf-8', 'backslashreplace')}"
                yield Piece(label, attribute[group], *attribute.span(group))
        else:
            for kind in ("cdata", "comment", "text"):
                text = token[kind]
                if text and (bare := text.strip()):
                    start = token.start(kind) + text.index(bare)
                    yield Piece(path, _INDENT.sub(b"\n", bare), start, start + len(bare))


def ungraphql(data: bytes) -> Opened | None:
    """String literals of a GraphQL query; None if *data* is not one."""
    if b'"' not in data or not _GRAPHQL.match(data):
        return None
    return collect(_graphql_pieces(data))


def may_be_graphql(batch: "Batch") -> "Mask":
    """How a query begins, and a string."""
    return batch.matching(_GRAPHQL, batch.with_any(QUOTE))


def _graphql_pieces(data: bytes) -> Iterator[Piece]:
    for number, literal in enumerate(_GRAPHQL_STRING.finditer(data)):
        group = 1 if literal[1] is not None else 2
        if literal[group]:
            yield Piece(f"[{number}]", unescape(literal[group]), *literal.span(group))
