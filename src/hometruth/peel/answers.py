"""The body of an answer with its content coding taken off."""

from hometruth.model import Exchange
from hometruth.peel.layers import LAYERS, Context
from hometruth.peel.text_check import is_text

MOST_CODINGS = 4


def decoded_answer(exchange: Exchange) -> bytes | None:
    """What a client reads of the answer; None if it was not recorded, or a coding does not come off.

    A recorder may have taken the coding off and left its name in the header; then the body stands as it is.
    """
    body = exchange.response_body
    codings = [
        coding.strip().lower().decode("latin-1")
        for name, value in exchange.response_headers
        if name.lower() == b"content-encoding"
        for coding in value.split(b",")
    ]
    for coding in reversed(codings[:MOST_CODINGS]):
        layers = [layer for layer in LAYERS if coding in layer.codings]
        if not body or not layers:
            continue
        opened = next(filter(None, (layer.open(body, Context()) for layer in layers)), None)
        if opened is not None and not opened.stopped:
            body = opened.pieces[0].data
        elif not is_text(body):
            return None
    return body
