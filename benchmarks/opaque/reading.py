"""From upload bodies to halves through Hometruth's own peeling: what the test really sees of them."""

from collections.abc import Sequence

from hometruth.model import Exchange
from hometruth.model.exchange import Source
from hometruth.opaque import Half
from hometruth.peel import peel_exchange
from hometruth.peel.atoms import opaque_atoms

_HEADERS = ((b"content-type", b"application/x-www-form-urlencoded"),)


def half_of(bodies: Sequence[bytes]) -> Half:
    """Bytes and ciphertexts of the uploads of one trial to one endpoint, in the order of sending."""
    atoms: list[int] = []
    for number, body in enumerate(bodies):
        atoms.extend(opaque_atoms(peel_exchange(_exchange(number, body))))
    return Half(sum(map(len, bodies)), tuple(atoms))


def _exchange(number: int, body: bytes) -> Exchange:
    return Exchange(
        id=f"e{number}",
        source=Source("simulation", number),
        method="POST",
        scheme="https",
        host="t.example",
        port=443,
        target=b"/sa?project=p",
        request_headers=_HEADERS,
        request_body=body,
    )
