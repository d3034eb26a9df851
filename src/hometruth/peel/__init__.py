"""Takes the wrappings off what was sent: an exchange in, every value inside it out, one layer at a time."""

from hometruth.model import Budget
from hometruth.peel.answers import decoded_answer
from hometruth.peel.atoms import opaque_atoms
from hometruth.peel.keyed import KEYED, MAX_DISGUISES, undisguise
from hometruth.peel.layers import LAYERS, Layer
from hometruth.peel.parts import roots_of
from hometruth.peel.peeled import Memo, Peeled, peel_answer, peel_exchange, peel_value, unreadable_at_once
from hometruth.peel.replay import Done, replay
from hometruth.peel.walk import Sifted, Worth

__all__ = [
    "KEYED",
    "LAYERS",
    "MAX_DISGUISES",
    "Budget",
    "Done",
    "Layer",
    "Memo",
    "Peeled",
    "Sifted",
    "Worth",
    "decoded_answer",
    "opaque_atoms",
    "peel_answer",
    "peel_exchange",
    "peel_value",
    "replay",
    "roots_of",
    "undisguise",
    "unreadable_at_once",
]
