"""Signed and encrypted tokens: JWS, JWE (RFC 7515, 7516, 7519), as a value or in one (``Bearer eyJ...``)."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hometruth.peel.layers.layer import Opened, Piece, collect
from hometruth.peel.layers.text import unbase64

if TYPE_CHECKING:
    from hometruth.peel.many.batch import Batch
    from hometruth.peel.many.flat import Mask

_JWT = re.compile(rb"(?<![A-Za-z0-9_\-])(eyJ[A-Za-z0-9_\-]++)\.([A-Za-z0-9_\-]*+)\.[A-Za-z0-9_\-]*+")
"""Three parts; ``eyJ`` is the base64 of an opening brace and quote."""


_ENCRYPTED = re.compile(
    rb"(?<![A-Za-z0-9_\-])eyJ[A-Za-z0-9_\-]++(?:\.[A-Za-z0-9_\-]*+){3}\.[A-Za-z0-9_\-]++(?![.A-Za-z0-9_\-])"
)
"""Five parts: header, encrypted key, initialisation vector, ciphertext, tag."""
SEALED = "an encrypted token (JWE, RFC 7516): only its header can be read"


def unjwt(data: bytes) -> Opened | None:
    """Header and payload of every JSON web token in *data*; signatures are not looked into.

    Of an encrypted token the header is all there is to read; the rest is named as what it is.
    """
    opened = collect(_pieces(data), perhaps=True)
    return opened._replace(sealed=SEALED) if opened and _ENCRYPTED.search(data) else opened


def may_be_jwt(batch: "Batch") -> "Mask":
    """How the first part of one begins."""
    return batch.holding(b"eyJ")


def _pieces(data: bytes) -> Iterator[Piece]:
    for match in _JWT.finditer(data):
        for group, label in ((1, ".header"), (2, ".payload")):
            opened = unbase64(match[group])
            if opened:
                yield Piece(label, opened.pieces[0].data, *match.span(group))
