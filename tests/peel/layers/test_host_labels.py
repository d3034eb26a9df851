"""What goes on over the labels of a host name is put together; what is in one label stays where it stands."""

import base64

import pytest

from hometruth.audit.examine import examine
from hometruth.canaries import compile_search
from hometruth.model import Canary, CanaryKind
from hometruth.peel import peel_value
from tests.peel.exchanges import exchange

VALUE = b"https://quarry.example/gravel/50857"
WORD = base64.b32encode(VALUE).decode().rstrip("=").lower()


@pytest.mark.parametrize("width", [17, 20, 31, 63])
@pytest.mark.parametrize("front", ["", "e1."])
def test_base32_cut_over_labels_is_read(width: int, front: str) -> None:
    labels = [WORD[at : at + width] for at in range(0, len(WORD), width)]
    name = f"{front}{'.'.join(labels)}.t.collector.example".encode()

    assert VALUE in [value.data for value in peel_value(name).values]


def test_an_identifier_in_one_label_stays_where_it_stands() -> None:
    search = compile_search([Canary("c", CanaryKind.DEVICE_ID, "99bfd09696ee91d4", 60.0)])
    (sighting,) = examine(exchange(body=b"99bfd09696ee91d4.collect.tagburst.example"), search).sightings

    assert (sighting.value.chain, sighting.value.path) == ((), "")
