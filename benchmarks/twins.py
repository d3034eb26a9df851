"""`python -m benchmarks.twins [--seeds 0-19] [--models M,...]`: identifiers of twin phones, as Markdown.

Two phones of one model go through every phase with all apps, recorded by the real recorder; nobody tells the
search a name, an account or an id. The truth is what the phones keep in their storage and what their ledgers
say they sent. One seed is one pair of phones of each model.
"""

import argparse
import json
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from hometruth.audit.identify import Traces, identify
from hometruth.capture.proxy import Recorder
from hometruth.capture.proxy.sinkhole import Sinkhole
from hometruth.lab import APPS, PROFILES, TELEMETRY_HOST, Phone, start_collector, start_phone
from hometruth.lab.ledger import Ledger, read_ledger
from hometruth.model import Exchange, Value
from hometruth.model.identified import Identified
from hometruth.model.identifier import ComparisonKind, FieldPlace, IdentifierKind, Phase, Session
from hometruth.peel import Memo, peel_exchange
from hometruth.peel.leaves import leaves
from hometruth.recipients import load_organisations, recognise_sdk, resolve

START_MS = 1_588_550_400_000
"""2020-05-04."""
DAY_MS = 86_400_000
FLUSH_S = 20.0
"""Longer than the SDK waits before it sends."""
WEEK_S = 8 * 86_400.0
"""Long enough for a report of the aggregated telemetry."""
STEPS: tuple[tuple[Phase, float], ...] = (
    (Phase.BASE, 0),
    (Phase.IDLE, 0),
    (Phase.RESTART, 0),
    (Phase.INCOGNITO, 0),
    (Phase.INCOGNITO, 0),
    (Phase.CLEAR_DATA, 0),
    (Phase.REINSTALL, 0),
    (Phase.AD_ID_RESET, 0),
    (Phase.CLOCK, 30),
    (Phase.CLOCK, 60),
    (Phase.CLOCK, 91),
    (Phase.CLOCK, 120),
    (Phase.CLOCK_GAP, 220),
    (Phase.SIGN_IN, 220),
    (Phase.RESTART, 220),
    (Phase.FACTORY_RESET, 220),
)
"""What is done before each session, and the day on the phone's clock."""
USES = {
    "mint-browser": (("visit", "https://news.sites.example/story/1"), ("search", "weather")),
    "mi-browser": (("visit", "https://news.sites.example/story/2"), ("search", "football")),
    "mi-browser-pro": (("visit", "https://news.sites.example/story/3"), ("search", "trains")),
    "music-player": (("play", "Moon River"), ("search-song", "river")),
    "system": (("open-folder", "Games"), ("open-settings", "Wi-Fi")),
}
"""What is done in each app: the same on both twins."""
OLDEST = {name: app.versions[0] for name, app in APPS.items()}
Snapshot = dict[str, str]
"""What the phone stores, by name: its own ids, and each app's."""


@dataclass
class Run:
    """Two twins and what is really true of them."""

    traces: Traces = field(default_factory=Traces)
    sessions: dict[str, Session] = field(default_factory=dict)
    stored: dict[str, list[tuple[Phase, Snapshot]]] = field(default_factory=lambda: defaultdict(list))
    """By device, in the order of its sessions."""
    uses: list[tuple[int, int, str]] = field(default_factory=list)
    """When which app was used: beginning and end, nanoseconds."""
    ledgers: list[Ledger] = field(default_factory=list)

    def app_at(self, at_ns: int) -> str:
        """The app that was in use."""
        return next(app for start, end, app in self.uses if start <= at_ns <= end)


@dataclass(frozen=True)
class Score:
    """How the findings compare with the truth."""

    places_found: int
    places_true: int
    places_right: int
    lifetimes_right: int
    lifetimes_true: int
    joined: int
    """Groups of sessions that hold two devices."""
    wrong: tuple[str, ...] = ()

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.places_found + other.places_found,
            self.places_true + other.places_true,
            self.places_right + other.places_right,
            self.lifetimes_right + other.lifetimes_right,
            self.lifetimes_true + other.lifetimes_true,
            self.joined + other.joined,
            (*self.wrong, *other.wrong),
        )


def run_twins(
    folder: Path, model: str, seed: int, *, telemetry: str = "as-found", apps: Sequence[str] = tuple(USES)
) -> Run:
    """Record two phones of one model through every phase."""
    run = Run()
    exchanges: list[Exchange] = []
    with start_collector(folder / "collector.sqlite") as collector:
        sinkhole = Sinkhole({TELEMETRY_HOST: collector.url})
        with Recorder(folder / "traffic.mitm", sinkhole=sinkhole, on_exchange=exchanges.append) as recorder:
            for number, device in enumerate(("a", "b")):
                with start_phone(
                    model,
                    proxy=recorder.url,
                    ca_file=recorder.ca_file,
                    state_dir=folder / device,
                    ledger=folder / f"{device}.jsonl",
                    seed=1_000 * tuple(PROFILES).index(model) + 2 * seed + number,  # no two phones alike
                    start_ms=START_MS,
                ) as phone:
                    _live(
                        phone,
                        device,
                        recorder,
                        run,
                        folder / device,
                        telemetry,
                        apps,
                        f"person-{seed}-{device}-x",
                    )
                run.ledgers.append(read_ledger(folder / f"{device}.jsonl"))
    _gather(exchanges, run)
    return run


def _live(
    phone: Phone,
    device: str,
    recorder: Recorder,
    run: Run,
    folder: Path,
    telemetry: str,
    apps: Sequence[str],
    account: str,
) -> None:
    """One phone's life, session by session."""
    if telemetry != "as-found":
        phone.set_telemetry(telemetry)
    today = 0.0
    for order, (phase, day) in enumerate(STEPS):
        session = Session(f"{device}-{order}", device, phase, order, day)
        run.sessions[session.id] = session
        if phase is Phase.IDLE:
            phone.advance(600)
        if phase is Phase.RESTART:
            phone.restart()
        if phase is Phase.AD_ID_RESET:
            phone.reset_advertising_id()
        if day != today:
            phone.set_clock(START_MS + int(day * DAY_MS))
            today = day
        if phase is Phase.SIGN_IN:
            phone.sign_in(account)
        if phase is Phase.FACTORY_RESET:
            phone.factory_reset()
            if telemetry != "as-found":
                phone.set_telemetry(telemetry)
        for app in apps:
            if phase is Phase.INCOGNITO and "browser" not in app:
                continue  # no other app has a private window
            recorder.mark(f"{session.id}|{app}")
            began_ns = time.time_ns()
            _use(phone, app, phase, telemetry)
            run.uses.append((began_ns, time.time_ns(), app))
            recorder.mark(None)
        run.stored[device].append((phase, _snapshot(folder, apps)))


def _use(phone: Phone, app: str, phase: Phase, telemetry: str) -> None:
    phone.install(OLDEST[app], app)
    if phase is Phase.CLEAR_DATA:
        phone.clear_data()
    if phase is Phase.REINSTALL:
        phone.reinstall()
    phone.launch(app)
    if phone.badge()["consent"] == "none":
        phone.set_consent("given")
    if phase is Phase.INCOGNITO:
        phone.set_incognito(on=True)
    for action, text in USES[app]:
        phone.use(action, text)
    phone.advance(FLUSH_S if telemetry == "as-found" else WEEK_S)
    phone.background()
    phone.advance(FLUSH_S)
    phone.kill()


def _snapshot(folder: Path, apps: Iterable[str]) -> Snapshot:
    """The ids that the phone stores at this moment: its own, and each app's."""
    phone = json.loads((folder / "phone.json").read_text("utf-8"))
    stored = {key: phone[key] for key in ("android_id", "advertising_id", "account") if phone.get(key)}
    for app in apps:
        file = folder / app / "preferences.json"
        token = json.loads(file.read_text("utf-8")).get("anonymous_id") if file.exists() else None
        if token:
            stored[f"anonymous_id of {app}"] = token
    return stored


def _gather(exchanges: Iterable[Exchange], run: Run) -> None:
    memo, organisations = Memo(), load_organisations()
    for exchange in exchanges:
        session_id, _, app = (exchange.trial or "").partition("|")
        session = run.sessions[session_id]
        peeled = peel_exchange(exchange, memo=memo)
        recognised = recognise_sdk(peeled.values)
        recipient = resolve(exchange, recognised, vendor=(), organisations=organisations)
        run.traces.add(
            exchange,
            peeled,
            leaves(peeled),
            (),
            recipient=recipient,
            app=app,
            session_of=_always(session),
        )


def _always(session: Session) -> Callable[[Value], Session | None]:
    return lambda _value: session


def find(run: Run) -> Identified:
    """What the search says of the twins, told nothing."""
    return identify(run.traces, ComparisonKind.TWINS, sessions=tuple(run.sessions.values()))


def truth(run: Run) -> dict[tuple[FieldPlace, str], set[str]]:
    """Places where a stored id was sent, which, and its values: from storage and ledgers alone."""
    names = {
        value: key for lives in run.stored.values() for _, stored in lives for key, value in stored.items()
    }
    sent: dict[tuple[FieldPlace, str], set[str]] = defaultdict(set)
    for ledger in run.ledgers:
        for request in ledger.requests:
            if not request.got_through or not request.events:
                continue
            app = run.app_at(request.at_ns)
            for path, text in _strings(list(request.events), "body data_list"):
                if text in names:
                    place = FieldPlace(app, request.host, re.sub(r"\[\d+\]", "[]", path))
                    sent[place, names[text]].add(text)
    return sent


def _strings(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _strings(item, f"{path}.{key}")
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item, f"{path}[]")


def true_lifetime(run: Run, key: str) -> str:
    """The phase at which the stored id changed, in the order in which lifetimes are named."""
    if key == "account":
        return "account"
    changed = set()
    for lives in run.stored.values():
        for (_, before), (phase, after) in pairwise(lives):
            if key in before and key in after and before[key] != after[key]:
                changed.add(phase)
    order = (Phase.CLEAR_DATA, Phase.REINSTALL, Phase.AD_ID_RESET, Phase.CLOCK, Phase.FACTORY_RESET)
    return next((phase.value for phase in order if phase in changed), "forever")


def score(run: Run, found: Identified) -> Score:
    """Compare, place by place, and lifetime by lifetime."""
    sent = truth(run)
    true_places = {place for place, _ in sent}
    places = {item.place for item in found.found}
    right = 0
    wrong = [f"not one: {place}" for place in sorted(places - true_places)]
    wrong += [f"missed: {place}" for place in sorted(true_places - places)]
    for (place, key), values in sent.items():
        lives = {
            "account" if code.kind is IdentifierKind.ACCOUNT else code.lifetime.ends_with
            for code in found.codes
            if code.tokens & values and any(item.place == place for item in code.found)
        }
        if lives == {true_lifetime(run, key)}:
            right += 1
        else:
            wrong.append(f"lifetime of {key} at {place}: {lives}, is {true_lifetime(run, key)}")
    joined = sum(len({session.device for session in group}) > 1 for group in found.joined)
    return Score(
        len(places), len(true_places), len(places & true_places), right, len(sent), joined, tuple(wrong)
    )


def main() -> None:
    """Print one row a pair of phones, and their sum."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", default="0-19", help="first-last")
    parser.add_argument("--models", default=",".join(PROFILES))
    parser.add_argument("--telemetry", default="as-found")
    options = parser.parse_args()
    first, _, last = options.seeds.partition("-")
    print("| model | seed | found | true | right | lifetimes right | of | joined | CPU s |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    total = Score(0, 0, 0, 0, 0, 0)
    for seed in range(int(first), int(last or first) + 1):
        for model in options.models.split(","):
            began = time.process_time()
            with tempfile.TemporaryDirectory() as folder:
                run = run_twins(Path(folder), model, seed, telemetry=options.telemetry)
            one = score(run, find(run))
            total += one
            print(_row(model, str(seed), one, f"{time.process_time() - began:.1f}"), flush=True)
    print(_row("all", options.seeds, total, ""))
    for line in total.wrong:
        print(line)


def _row(model: str, seed: str, score: Score, seconds: str) -> str:
    cells = (
        *(model, seed, score.places_found, score.places_true, score.places_right),
        *(score.lifetimes_right, score.lifetimes_true, score.joined, seconds),
    )
    return f"| {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    main()
