"""Signed and encrypted tokens: JWT (RFC 7519), as a value or inside one (``Bearer eyJ...``)."""

import re
from collections.abc import Iterator

from hometruth.peel.layers.layer import Opened, Piece, collect
from hometruth.peel.layers.text import unbase64

_JWT = re.compile(rb"(?<![A-Za-z0-9_\-])(eyJ[A-Za-z0-9_\-]++)\.([A-Za-z0-9_\-]*+)\.[A-Za-z0-9_\-]*+")
"""Three parts; ``eyJ`` is the base64 of an opening brace and quote."""


def unjwt(data: bytes) -> Opened | None:
    """Header and payload of every JSON web token in *data*; signatures are not looked into."""
    return collect(_pieces(data), perhaps=True)


def _pieces(data: bytes) -> Iterator[Piece]:
    for match in _JWT.finditer(data):
        for group, label in ((1, ".header"), (2, ".payload")):
            opened = unbase64(match[group])
            if opened:
                yield Piece(label, opened.pieces[0].data, *match.span(group))
