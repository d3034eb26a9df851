"""Evidence built by hand: what a run would have left behind, cell by cell."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from hometruth.claims import Evidence, judge
from hometruth.model import (
    ActionRecord,
    Attestation,
    Canary,
    CanaryKind,
    Claim,
    Condition,
    Contact,
    CoverageRow,
    Exchange,
    Finding,
    Form,
    Gap,
    Identifier,
    Part,
    Recipient,
    Scope,
    Sender,
    Sighting,
    Source,
    Step,
    Subject,
    Trial,
    TrialStatus,
    Value,
    Verdict,
)
from hometruth.report import Run, in_words

HOST = "sa.api.intl.miui.com"
VENDOR = Recipient(HOST, "miui.com", "Xiaomi", "CN", "Sensors Analytics", "Sensors Data", True)
A_TURN_NS = 1_000_000
"""Installations take turns: all have their first session, then all their second, and so on."""
SUBJECT = Subject("simulated", "Redmi Note 8", "Xiaomi", "Mint Browser", "redmi-note-8")
MINT = Sender("Mint Browser", "test")
NOBODY = Sender(None, "test")


def condition(**levels: str) -> Condition:
    return Condition.of(levels)


def told(claims: Sequence[Claim], evidence: Evidence) -> tuple[Verdict, ...]:
    """The verdicts on *claims*, in words."""
    run = Run(evidence.subject, evidence.window, evidence.phantoms_sighted)
    return in_words(judge(claims, evidence), claims, run)


def said_of_any_version(claims: Sequence[Claim]) -> tuple[Claim, ...]:
    """The claims as if their speakers had spoken of every product and version."""
    return tuple(replace(claim, scope=Scope()) for claim in claims)


@dataclass
class World:
    """Collects what was observed; ``evidence()`` freezes it."""

    trials: list[Trial] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    identifiers: list[Identifier] = field(default_factory=list)
    lookalikes: list[Identifier] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    coverage: list[CoverageRow] = field(default_factory=list)
    phantoms_sighted: int = 0
    sinkholed: bool = False
    subject: Subject = SUBJECT
    _ids: count = field(default_factory=lambda: count(1))  # type: ignore[type-arg]

    def session(
        self,
        where: Condition,
        *,
        sends: bool,
        content: bool = True,
        ran_as: Condition | None = None,
        status: TrialStatus = TrialStatus.DONE,
        happened: bool = True,
        bits: float = 55.0,
        series: str = "matrix",
        installation: str | None = None,
        day: float = 0.0,
        scheme: str = "https",
        offered: tuple[str, ...] = ("TLSv1.2", "TLSv1.3"),
        records: int = 4,
        token: str | None = None,
        recipient: Recipient = VENDOR,
        endpoint: str = f"{HOST}/sa",
        recorded_in: str | None = None,
        sender: Sender = MINT,
        project: str = "",
    ) -> Trial:
        """One session in which telemetry was sent or not, with or without its canaries in it."""
        name = f"t{next(self._ids):04}"
        shown = ran_as or where
        installation = installation or f"i-{name}"
        turn = sum(trial.installation == installation for trial in self.trials)
        trial = Trial(
            id=name,
            series=series,
            condition=where,
            block=1,
            installation=installation,
            device="redmi-note-8",
            status=status,
            attested=tuple(Attestation(factor, level, "test") for factor, level in shown.levels),
            actions=(ActionRecord("visit", f"c-{name}-page", 1, happened),),
            subject_day=day,
            started_ns=turn * A_TURN_NS + len(self.trials),
        )
        self.trials.append(trial)
        if sends:
            exchange = self.exchange(name, scheme)
            self.contacts.append(
                Contact(
                    exchange.id,
                    recipient,
                    endpoint,
                    name,
                    1,
                    scheme,
                    offered,
                    records if recipient.sdk else 0,
                    900,
                    0,
                    sender,
                    recorded_in or name,
                    project,
                )
            )
            if content:
                self.leak(trial, exchange, bits, recipient)
            if token:
                self.token(token, name)
        return trial

    def exchange(self, trial: str, scheme: str = "https") -> Exchange:
        number = len(self.contacts)
        return Exchange(
            id=f"e{number}",
            source=Source("traffic.mitm", number),
            method="POST",
            scheme=scheme,
            host=HOST,
            port=443,
            target=b"/sa?project=x",
            request_headers=(),
            request_body=b"crc=1",
            trial=trial,
        )

    def upload(self, trial: str) -> Exchange:
        """What the session sent already."""
        number, _ = next(item for item in enumerate(self.contacts) if item[1].trial == trial)
        return replace(self.exchange(trial), id=f"e{number}", source=Source("traffic.mitm", number))

    def leak(self, trial: Trial, exchange: Exchange, bits: float, to: Recipient = VENDOR) -> None:
        for kind in (CanaryKind.PAGE, CanaryKind.SEARCH):
            canary = Canary(f"c-{trial.id}-{kind}", kind, f"v{trial.id}{kind}", 80.0, cell=trial.id)
            value = Value(
                Part.BODY, "", canary.value.encode(), (Step("base64", 0), Step("json", 3, ".properties.url"))
            )
            sighting = Sighting(canary, Form("plain", value.data, 80.0), value, exchange, 0, bits)
            self.findings.append(
                Finding(canary, to, trial.condition, (sighting,), (trial.id,), 30, False, bits)
            )

    def known(self, value: Canary, trials: dict[Trial, float]) -> None:
        """A value known beforehand, sighted once in each of *trials* with the evidence given."""
        place = Value(Part.BODY, "", value.value.encode(), (Step("json", 3, ".properties.$device_id"),))
        sightings = tuple(
            Sighting(value, Form("plain", place.data, value.bits), place, self.upload(trial.id), 0, bits)
            for trial, bits in trials.items()
        )
        first, *_ = trials
        names = tuple(trial.id for trial in trials)
        best = max(trials.values())
        self.findings.append(Finding(value, VENDOR, first.condition, sightings, names, 30, False, best))

    def token(self, value: str, trial: str, name: str = "distinct_id", bits: float = 100.0) -> None:
        found = next((item for item in self.identifiers if (item.value, item.field) == (value, name)), None)
        trials = (*found.trials, trial) if found else (trial,)
        if found:
            self.identifiers.remove(found)
        self.identifiers.append(Identifier(value, "installation", name, HOST, trials, "test", bits))

    def cell(self, where: Condition, n: int, **session: object) -> None:
        for _ in range(n):
            self.session(where, **session)  # type: ignore[arg-type]

    def evidence(self) -> Evidence:
        return Evidence(
            subject=self.subject,
            trials=tuple(self.trials),
            findings=tuple(self.findings),
            contacts=tuple(self.contacts),
            identifiers=tuple(self.identifiers),
            coverage=tuple(self.coverage),
            gaps=tuple(self.gaps),
            phantoms_sighted=self.phantoms_sighted,
            sinkholed=self.sinkholed,
            window="for 60 s",
            lookalikes=tuple(self.lookalikes),
        )
