"""Codes of which it cannot be told whom they name, as sentences."""

from collections.abc import Sequence

from hometruth.identity.identifiers.undecided import Reason, Undecided
from hometruth.identity.identifiers.words import SHOWN, Show, listed

_WHY = {
    Reason.ONE_INSTALLATION: (
        "looks random: it is an identifier, or is built into the software and the same for everybody. One"
        " installation cannot tell; record a second one, and name both."
    ),
    Reason.ONE_DEVICE: (
        "was the same in all installations on the only device: it names the device, or is the same"
        " everywhere. A second device of that model would tell."
    ),
    Reason.ONE_SENDER: (
        "was sent by one of the devices only: an identifier, or the same in every installation. Make the"
        " other one send it, too."
    ),
    Reason.SENT_ONCE: (
        "was another one on each device, and was sent once: an identifier, or the number of one record."
        " Record a second session of each."
    ),
    Reason.SHARED: "was the same on several devices, so it does not tell them apart",
}


def tell(group: Sequence[Undecided], show: Show) -> str:
    """One code, wherever it was sent; or all that one document explains, in one sentence."""
    first = group[0]
    places = list(dict.fromkeys(f"{item.place.path} at {item.place.host}" for item in group))
    where = ", ".join(places[:SHOWN]) + (f" and at {len(places) - SHOWN} more" if len(places) > SHOWN else "")
    tokens = sorted(frozenset().union(*(item.tokens for item in group)))
    examples = ", ".join(show(token) for token in tokens[:2]) + (", …" if len(tokens) > 2 else "")
    what = f"What {listed(sorted({item.receiver for item in group}))} received in {where} ({examples})"
    if first.meaning and not first.is_open:
        whose = {"software": "the software's", "record": "the number of one record"}[first.meaning.names]
        return f"{what} is {whose}, by public documents: {first.meaning.says} ({first.meaning.source})."
    told = f"{what} {_WHY[first.reason]}"
    if first.meaning:
        told += f", though documented as {first.meaning.says} ({first.meaning.source})."
    if first.hint:
        told += f" Its name is {first.hint.says} ({first.hint.source})."
    return told
