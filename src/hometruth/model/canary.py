"""A unique value planted to be recognised later, and where it was expected to show up."""

from dataclasses import dataclass
from enum import StrEnum

from hometruth.model.exchange import Part


class CanaryKind(StrEnum):
    """What the canary stands for in the person's life."""

    PAGE = "page"
    SEARCH = "search"
    SONG = "song"
    SCREEN = "screen"
    FOLDER = "folder"
    ITEM = "item"
    DOWNLOAD = "download"
    TYPED = "typed"
    """Typed into an address bar, and never submitted."""
    PROMPT = "prompt"
    """Asked of an assistant."""
    PAGE_TEXT = "page-text"
    """Text on a page that was read, which its address does not tell."""
    FORM_FIELD = "form-field"
    """Typed into a field of a page, and never sent."""
    CLIPBOARD = "clipboard"
    ACCOUNT = "account"
    DEVICE_ID = "device-id"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Canary:
    """One planted value (minted for one trial) or one known value (an e-mail, an Android ID).

    ``bits`` is what finding the value by chance would cost: the random bits of a minted value, an estimate
    from length and alphabet for a known one.
    """

    id: str
    kind: CanaryKind
    value: str
    bits: float
    cell: str | None = None
    """Trial it was minted for; None for known values, which belong to the device or the person."""
    phantom: bool = False
    """Minted and sealed like the others, never planted: a sighted phantom shows that the search invents."""
    first_party: tuple[str, ...] = ()
    """Hosts whose receipt of the value is the user's own doing (`scan`): marked, not cleared."""
    personal: bool = False
    """True for known values of a real person or device: reports mask them unless told otherwise."""
    address: str = ""
    """Whole address visited, where its length and characters were drawn as well (opaque flows)."""
    path_length: int = 0
    """Characters of its path, drawn uniformly."""
    address_bits: float = 0.0
    """Entropy of the address."""


@dataclass(frozen=True, slots=True)
class ExpectedFlow:
    """A flow that is the action itself: the visit to the canary's own site, the submitted query.

    Narrow on purpose, and sealed before the run. Anything else to the same host is a finding.
    """

    kind: CanaryKind
    host: str
    """Host, lower case; ``{canary}`` stands for the canary's value, a leading ``*.`` for any subdomain."""
    path: str
    """Regular expression that the whole path (without query) must match; ``{canary}`` as above."""
    parts: frozenset[Part]
    """Parts of the request in which the value may stand."""
    within_s: float
    """Window after the action, seconds."""
    before_s: float = 1.0
    """Tolerance before the recorded time of the action, seconds: drivers note it on return."""
    methods: frozenset[str] = frozenset({"GET"})
