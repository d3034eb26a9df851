"""An audit built by hand: what the demo of a simulated Redmi Note 8 with Mint Browser would find."""

import base64
import gzip
import hashlib
import json
from dataclasses import replace
from urllib.parse import quote

from hometruth.model import (
    ActionRecord,
    Attestation,
    Audit,
    Canary,
    CanaryKind,
    Claim,
    Condition,
    CoverageRow,
    Exchange,
    Finding,
    Form,
    Gap,
    GapKind,
    Identifier,
    Part,
    Proof,
    Proposition,
    Reading,
    ReadingKind,
    Reason,
    ReasonKind,
    Recipient,
    Sighting,
    Source,
    Stage,
    Step,
    Subject,
    Trial,
    Value,
    Verdict,
    VerdictKind,
    Wording,
)

COLLECTOR = Recipient(
    host="sa.api.intl.miui.com",
    domain="miui.com",
    organisation="Xiaomi",
    sdk="Sensors Analytics",
    sdk_maker="Sensors Data",
    vendor_controlled=True,
    sources=(("organisation", "domain table of the story"), ("sdk", "form field data_list, gzip=1, crc")),
)
PER_CELL = 30
CELLS = (
    ("3.4.0", "normal", "absent", "given"),
    ("3.4.0", "incognito", "absent", "given"),
    ("3.4.3", "normal", "on", "given"),
    ("3.4.3", "normal", "off", "given"),
    ("3.4.3", "incognito", "on", "given"),
    ("3.4.3", "incognito", "off", "given"),
)
CONDITIONS = tuple(
    Condition(tuple(zip(("version", "mode", "switch", "consent"), cell, strict=True))) for cell in CELLS
)
QUIET = CONDITIONS[5]
WHOLE = Condition(())
DEVICE = "9f3c1ab27de04456"


def minted(seed: str) -> str:
    """A value that looks like a minted one."""
    return "hq" + base64.b32encode(hashlib.sha256(seed.encode()).digest()).decode().lower().rstrip("=")[:24]


def trial_of(condition: Condition, number: int) -> Trial:
    name = f"t{CONDITIONS.index(condition)}{number:02}"
    started_ns = 1_588_150_000_000_000_000 + 60_000_000_000 * (
        number + PER_CELL * CONDITIONS.index(condition)
    )
    return Trial(
        id=name,
        started_ns=started_ns,
        ended_ns=started_ns + 50_000_000_000,
        actions=tuple(
            ActionRecord(action, f"c-{name}-{kind}", started_ns + 5_000_000_000 * step, happened=True)
            for step, (action, kind) in enumerate((("visit", "page"), ("search", "search")), 1)
        ),
        series="matrix",
        condition=condition,
        block=number,
        installation=f"i{number % 3}",
        device="redmi-note-8",
        attested=tuple(Attestation(factor, level, "the lab") for factor, level in condition.levels),
    )


def reported_by_sdk(
    value: str,
    kind: CanaryKind,
    condition: Condition,
    number: int,
    *,
    personal: bool = False,
    extra: str = "",
) -> tuple[Finding, Proof]:
    """One finding in a real request of the SDK: form, percent, base64, gzip, JSON."""
    trial = trial_of(condition, number)
    field = "url" if kind is CanaryKind.PAGE else "search_word"
    shown = f"https://{value}.canary.example/read?from=home" if kind is CanaryKind.PAGE else value
    events = [
        {
            "type": "track",
            "event": "page_load_event_finish" if kind is CanaryKind.PAGE else "search",
            "time": 1588150000000 + number,
            "distinct_id": "2b1f7c6e-5a0e-4f7a-9a44-0d6c3f1c9e21",
            "lib": {"$lib": "Android", "$lib_version": "3.2.10"},
            "properties": {field: shown, "$device_id": DEVICE, "miui_region": "IN", "note": extra},
        }
    ]
    text = json.dumps(events, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
    packed = gzip.compress(text, mtime=0)
    wrapped = base64.b64encode(packed)
    escaped = quote(wrapped, safe="").encode()
    body = b"crc=-1204833210&gzip=1&data_list=" + escaped
    leaf = shown.encode("utf-8", "surrogatepass")
    path = f"[0].properties.{field}"
    steps = (
        Step("form", 2, ".data_list", shown=False),
        Step("percent", 0),
        Step("base64", 0),
        Step("gzip", 0),
        Step("json", 9, path),
    )
    exchange = Exchange(
        id=f"x{trial.id}-{kind.value}",
        source=Source("/home/jane/cases/demo/traffic.mitm", 17 + number, f"flow-{trial.id}"),
        method="POST",
        scheme="https",
        host=COLLECTOR.host,
        port=443,
        target=b"/sa?project=global_browser_mini&r=IN",
        request_headers=(
            (b"Content-Type", b"application/x-www-form-urlencoded"),
            (b"User-Agent", b"Dalvik/2.1.0 (Linux; U; Android 9; Redmi Note 8 Build/PKQ1.190616.001)"),
        ),
        request_body=body,
        http_version="HTTP/1.1",
        trial=trial.id,
    )
    canary = Canary(
        id=f"c-{trial.id}-{kind.value}",
        kind=kind,
        value=value,
        bits=80,
        cell=None if personal else trial.id,
        personal=personal,
    )
    needle = value.encode("utf-8", "surrogatepass")
    sighting = Sighting(
        canary,
        Form("plain", needle, 80),
        Value(Part.BODY, "", leaf, steps),
        exchange,
        leaf.find(needle),
        71.3,
    )
    finding = Finding(canary, COLLECTOR, condition, (sighting,), (trial.id,), PER_CELL, False, 71.3)
    stages = (
        Stage("request", "", body),
        Stage("form", "data_list", escaped),
        Stage("percent", "", wrapped),
        Stage("base64", "", packed),
        Stage("gzip", "", text),
        Stage("json", path, leaf),
    )
    return finding, Proof(finding, sighting, stages)


def visit(condition: Condition, number: int) -> Finding:
    """The expected flow: the visit to the canary's own site."""
    trial = trial_of(condition, number)
    value = minted(f"page {trial.id}")
    canary = Canary(f"c-{trial.id}-page", CanaryKind.PAGE, value, 80, trial.id)
    host = f"{value}.canary.example"
    exchange = Exchange(
        f"v{trial.id}", Source("traffic.mitm", number), "GET", "https", host, 443, b"/read?from=home", (), b""
    )
    sighting = Sighting(
        canary, Form("plain", value.encode(), 80), Value(Part.HOST, "", host.encode()), exchange, 0, 75
    )
    return Finding(
        canary, Recipient(host, "canary.example"), condition, (sighting,), (trial.id,), PER_CELL, True, 75
    )


def proposition(name: str, says: str, **where: tuple[str, ...]) -> Proposition:
    return Proposition(name, "absent", says, where)


def build_claims() -> tuple[Claim, ...]:
    def claim(name: str, who: str, date: str, statement: str, *readings: Reading, **more: str) -> Claim:
        return Claim(
            id=name,
            side=more.pop("side", "vendor"),
            who=who,
            date=date,
            statement=statement,
            source=("https://blog.mi.com/en/2020/05/02/",),
            readings=readings,
            quote=more.pop("quote", ""),
        )

    def read(kind: ReadingKind, wording: Wording, *propositions: Proposition, note: str = "") -> Reading:
        return Reading(kind, propositions, wording, note)

    ordinary, strict = ReadingKind
    quoted, summarised, inferred = Wording
    spokesperson = "Xiaomi spokesperson, to Forbes"
    return (
        claim(
            "x02",
            spokesperson,
            "2020-04-30",
            "Browsing data is collected, but anonymised so that it is tied to no identity, and the user has "
            "consented.",
            read(
                ordinary,
                summarised,
                proposition("a", "No account or hardware identifier is in a browsing event."),
                proposition("b", "Nothing is sent before consent."),
            ),
        ),
        claim(
            "x03",
            spokesperson,
            "2020-04-30",
            "Browsing is not recorded in incognito mode.",
            read(
                ordinary,
                summarised,
                proposition(
                    "content",
                    "No page visited and no words searched in incognito reach the vendor.",
                    mode=("incognito",),
                ),
                note="incognito sessions only",
            ),
            read(
                strict,
                summarised,
                proposition("event", "No event that depends on browsing at all.", mode=("incognito",)),
            ),
        ),
        claim(
            "x05",
            spokesperson,
            "2020-04-30",
            "Data is encrypted when transferred.",
            read(ordinary, summarised, proposition("tls", "The transport is TLS.")),
        ),
        claim(
            "x08",
            "Xiaomi, live blog post",
            "2020-05-02",
            "Usage statistics are aggregated and cannot alone identify an individual.",
            read(ordinary, quoted, proposition("wire", "What happens after receipt is aggregation.")),
            quote="is aggregated and cannot alone be used to identify any individual",
        ),
        claim(
            "x12",
            "Xiaomi, live blog post",
            "2020-05-02",
            "Usage statistics are labelled with randomly generated unique tokens.",
            read(ordinary, summarised, proposition("random", "Tokens are random.")),
            read(strict, inferred, proposition("rotation", "Tokens change within 90 days.")),
        ),
        claim(
            "r19",
            "Wladimir Palant, code analysis",
            "2020-05-07",
            "In 3.4.3 collection can be turned off, in one of four settings only.",
            read(ordinary, summarised, proposition("matrix", "Exactly one of four cells is silent.")),
            side="researcher",
        ),
    )


def saying(row: Verdict, text: str) -> Verdict:
    """The same verdict for another reason."""
    return replace(row, why=text, reasons=(Reason.of(ReasonKind.NOT_TESTABLE, stated=text),))


def build_verdicts(proof_id: str, kind: str) -> tuple[Verdict, ...]:
    ordinary, strict = ReadingKind

    def row(
        claim: str,
        part: str,
        reading: ReadingKind,
        condition: Condition,
        verdict: VerdictKind,
        why: str,
        *numbers: int,
        bound: float | None = None,
        proof: str | None = None,
        in_scope: bool = True,
    ) -> Verdict:
        findings, trials = numbers or (0, 0)
        return Verdict(
            claim=claim,
            proposition=part,
            reading=reading,
            condition=condition,
            verdict=verdict,
            why=f"this {kind} Redmi Note 8: {why}" if proof else why,
            reasons=(Reason.of(ReasonKind.NOT_TESTABLE, stated=why),),
            subject_kind=kind,
            in_scope=in_scope,
            bound_percent=bound,
            findings=findings,
            trials=trials,
            proof=proof,
        )

    against, held, unclear, untested, _ = VerdictKind
    seen = (
        "in 30 of 30 sessions the address of a visited page reached Xiaomi "
        "(sa.api.intl.miui.com) through Sensors Analytics"
    )
    rows = [
        row("x02", "a", ordinary, WHOLE, against, "the device identifier is in every event", 180, 180),
        row("x02", "b", ordinary, WHOLE, held, "nothing was sent in 30 sessions", 0, 30, bound=9.503),
        row("x03", "content", ordinary, WHOLE, against, seen, 120, 90, proof=proof_id),
    ]
    for condition in (CONDITIONS[1], CONDITIONS[4]):
        rows.append(row("x03", "content", ordinary, condition, against, seen, 60, 30, proof=proof_id))
    rows += [
        row(
            "x03",
            "content",
            ordinary,
            QUIET,
            held,
            "no finding in 30 sessions; the control was seen in 30 of 30",
            0,
            30,
            bound=9.503,
            in_scope=False,
        ),
        row(
            "x03", "event", strict, WHOLE, against, "an event was sent in 90 sessions", 90, 90, proof=proof_id
        ),
        row("x05", "tls", ordinary, WHOLE, held, "every ClientHello offered TLS 1.2", 0, 180, bound=1.651),
        row("x08", "wire", ordinary, WHOLE, untested, "no wire can show what a server does later"),
        row(
            "x12",
            "random",
            ordinary,
            WHOLE,
            unclear,
            "12 tokens are too few to tell; 40 would settle it",
            0,
            12,
        ),
        row("x12", "rotation", strict, WHOLE, against, "one token on days 0, 30, 60, 91 and 120", 1, 5),
        row(
            "r19",
            "matrix",
            ordinary,
            WHOLE,
            held,
            "30 of 30 sessions send in three cells, 0 of 30 in one",
            0,
            120,
        ),
    ]
    return tuple(rows)


def build_audit(*extra: tuple[Finding, Proof], kind: str = "simulated") -> Audit:
    """The audit of the demo; *extra* findings come with their proofs."""
    findings: list[Finding] = []
    first: Proof | None = None
    for condition in CONDITIONS:
        for number in range(PER_CELL):
            findings.append(visit(condition, number))
            if condition == QUIET:
                continue
            trial = trial_of(condition, number).id
            page, proof = reported_by_sdk(minted(f"page {trial}"), CanaryKind.PAGE, condition, number)
            search, _ = reported_by_sdk(minted(f"search {trial}"), CanaryKind.SEARCH, condition, number)
            findings += [page, search]
            if condition == CONDITIONS[1] and first is None:
                first = proof
    assert first is not None
    trials = tuple(trial_of(condition, number) for condition in CONDITIONS for number in range(PER_CELL))
    ids = tuple(sorted(trial.id for trial in trials if trial.condition != QUIET))
    source = "preset property of the SDK: the device's own number"
    verdicts = build_verdicts(first.sighting.exchange.id, kind)
    return Audit(
        subject=Subject(
            kind,
            "Redmi Note 8",
            "Xiaomi",
            "Mint Browser",
            "redmi-note-8",
            "its people are synthetic, its behaviour is built from published findings",
        ),
        claims=build_claims(),
        verdicts=verdicts,
        findings=(*findings, *(finding for finding, _ in extra)),
        proofs=(first, *(proof for _, proof in extra)),
        identifiers=(
            Identifier(DEVICE, "device", "properties.$device_id", COLLECTOR.host, ids, source),
            Identifier(
                "2b1f7c6e-5a0e-4f7a-9a44-0d6c3f1c9e21",
                "installation",
                "distinct_id",
                COLLECTOR.host,
                ids[:60],
                "protocol: every event carries it",
            ),
        ),
        coverage=(
            *(
                CoverageRow(COLLECTOR.host, condition, 240, 184_000 + 10 * place, 0, 0, 0)
                for place, condition in enumerate(CONDITIONS[:5])
            ),
            CoverageRow("update.example", QUIET, 30, 2_400, 96_000, 2, 1),
        ),
        gaps=(
            *(
                Gap(GapKind.OPAQUE, f"x{number} body", "no layer opens it", 3_200, host="update.example")
                for number in range(30)
            ),
            Gap(GapKind.NOT_RECORDED, "traffic.mitm, flow 90", "body missing", host="update.example"),
            Gap(GapKind.REFUSED_TLS, "connection 4", "certificate refused", host="pinned.example"),
        ),
        trials=trials,
        n_exchanges=4_312,
        n_canaries=360,
        n_phantoms=1_000,
        phantoms_sighted=0,
        searched_bytes=3_482_113,
        canaries=tuple(
            Canary(f"c-{trial.id}-{kind}", kind, minted(f"{kind} {trial.id}"), 80, trial.id)
            for trial in trials
            for kind in (CanaryKind.PAGE, CanaryKind.SEARCH)
        ),
    )
