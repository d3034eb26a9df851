"""The result of an audit: everything a report shows, and nothing that needs the raw traffic again."""

from dataclasses import dataclass

from hometruth.model.asked_name import AskedName
from hometruth.model.canary import Canary
from hometruth.model.claim import Claim, Verdict
from hometruth.model.coverage import CoverageRow, Gap
from hometruth.model.effect import Effect
from hometruth.model.finding import Finding, Identifier, Receipt
from hometruth.model.reason import Reason
from hometruth.model.trial import Condition, Trial
from hometruth.model.value import Sighting


@dataclass(frozen=True, slots=True)
class Subject:
    """What was audited."""

    kind: str
    """``simulated`` or ``real``."""
    name: str
    vendor: str
    """Organisation whose receipt makes a recipient vendor-controlled; empty where the statements are about
    whoever gets something."""
    product: str
    device: str
    description: str = ""
    region: str = ""
    """ISO 3166 code of the country it is set to; empty if not known."""
    products: tuple[tuple[str, str], ...] = ()
    """Pairs (level of the factor ``app``, product it stands for), where a plan uses several apps."""
    devices: tuple[tuple[str, str], ...] = ()
    """Pairs (level of the factor ``device``, what it is called), where a plan uses several devices."""
    released: tuple[tuple[str, str], ...] = ()
    """Pairs (version, ISO date on which it came out), where that is known."""
    recipients: tuple[str, ...] = ()
    """Other organisations whose receipt is held against the statements like the vendor's own: the search
    engine that a browser is set to, of which its maker says what it gets."""
    unseen: tuple[str, ...] = ()
    """What the set-up cannot show, whatever is seen."""
    extensions: bool = False
    """True unless it is stated that none was installed: an extension sends under the browser's name."""

    def product_of(self, app: str | None) -> str:
        """The product that a condition is about, by its level of the factor ``app``."""
        return self.product if app is None else dict(self.products).get(app, app)

    def device_of(self, level: str) -> str:
        """What a device is called, by its level of the factor ``device``."""
        return self.name if level == self.device and self.name else dict(self.devices).get(level, level)

    def named(self, condition: Condition) -> Condition:
        """The condition with apps and devices by their names."""
        names = {"app": self.product_of, "device": self.device_of}
        told = (
            (factor, names[factor](level) if factor in names else level) for factor, level in condition.levels
        )
        return Condition(tuple(told))

    @property
    def held(self) -> frozenset[str]:
        """Organisations whose receipt the statements are about."""
        return frozenset(self.about)

    @property
    def about(self) -> tuple[str, ...]:
        """The same in order, the vendor first; empty where no vendor is named."""
        return tuple(dict.fromkeys(filter(None, (self.vendor, *self.recipients))))

    @property
    def phrase(self) -> str:
        """How a sentence about it begins."""
        return f"this {self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Stage:
    """The bytes after one peeling step, for people to follow."""

    layer: str
    """``request`` for the raw part, else the layer that was removed to get here."""
    path: str
    """Where the bytes stand in the part, for example ``data_list[0].properties.url``."""
    data: bytes


@dataclass(frozen=True, slots=True)
class Proof:
    """One sighting told from the raw request to the readable value."""

    finding: Finding
    sighting: Sighting
    stages: tuple[Stage, ...]
    propositions: tuple[str, ...] = ()
    """Propositions that it contradicts, as a whole."""


@dataclass(frozen=True, slots=True)
class Audit:
    """Findings, verdicts and what could not be seen."""

    subject: Subject
    claims: tuple[Claim, ...]
    verdicts: tuple[Verdict, ...]
    findings: tuple[Finding, ...]
    proofs: tuple[Proof, ...]
    """Shortest proof of each contradicted proposition that a sighting proves."""
    identifiers: tuple[Identifier, ...]
    coverage: tuple[CoverageRow, ...]
    gaps: tuple[Gap, ...]
    trials: tuple[Trial, ...]
    n_exchanges: int
    n_canaries: int
    n_phantoms: int
    phantoms_sighted: int
    searched_bytes: int
    receipts: tuple[Receipt, ...] = ()
    """What the vendor's answers show that it knows, and no request that was read told it."""
    effects: tuple[Effect, ...] = ()
    """What each endpoint was shown to depend on, where sessions were run in pairs."""
    canaries: tuple[Canary, ...] = ()
    """Everything that was searched for, but for the phantoms."""
    names: tuple[AskedName, ...] = ()
    """Names that were asked of resolvers, in the order in which they were asked first."""
    looked_into: str = ""
    """What of the subject's traffic was opened, as words; empty if nobody said."""
    labelled_by: str = ""
    """Who said afterwards which session was what; empty if it was sealed before."""
    doubts: tuple[Reason, ...] = ()
    """Why silence anywhere in the run proves nothing yet, whatever was claimed."""
    doubts_at: tuple[tuple[Condition, Reason], ...] = ()
    """Conditions in which it proves nothing yet, each with the first reason of its own."""
