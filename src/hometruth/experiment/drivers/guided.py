"""A device in a person's hands: the desk page says what to do, and goes on when it is seen to be done.

Tried with stand-ins only, never with a phone in a hand. Nothing is taken for done that was not seen: a visit
happened if it reached the canaries' site and the recording; which window it came from, the cookie that it
brings and what the person says on that very page must agree on, before and after.
"""

import hashlib
import os
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from hometruth.bounds import rounded_up, upper_bound_percent
from hometruth.errors import CaptureError, DriverError
from hometruth.experiment.drivers.base import LOOPBACK, LedRecorder, ReachedAt
from hometruth.experiment.drivers.by_hand.desk import MOST_CHOICES, DeskBoard, DeskChoice, DeskStep, DeskTally
from hometruth.experiment.drivers.by_hand.desk_server import serving_desk
from hometruth.experiment.drivers.by_hand.hand_log import HandLog
from hometruth.experiment.drivers.by_hand.phone_page import HOST, PhoneState, serving_phone
from hometruth.experiment.drivers.by_hand.windows import START, HandSite
from hometruth.experiment.drivers.desktop.site import ZONE, Arrival, routes, serving
from hometruth.experiment.drivers.guided_kind import GuidedOptions
from hometruth.experiment.planned import PlannedSession
from hometruth.handed_in import sentences
from hometruth.model import ActionRecord, Attestation, Canary, Exchange, HostChoice, is_within

POLL_S = 0.1
LOADS_S = 20.0
"""Within which a page that a device was led on to is seen; after that the desk says how to go there."""
RECORDS_S = 5.0
"""Within which what reached its host is in the recording."""
COMES_BACK_S = 10.0
"""Beyond the drain, within which a page comes back by itself; after that it is asked for."""
CLOSES_BEFORE_S = 3.0
"""Before the end of the drain, a page that comes back by itself is no longer too early."""
AWAY_S = 300.0
"""Longer than that without a sign after the drain, nobody knows whether the device was still connected."""
MINUTE_S = 60.0
QUIET_S = 120.0
"""Without anything from the device the desk says that there is no hurry."""
SLEPT_S = 60.0
"""By which the clock of the day has jumped ahead of the one that stands still while a computer sleeps."""
_BY_COOKIE = "the cookie that its window brings to the canary site"
_BY_PERSON = "what the person said of it on the page in that window"
_BY_DESK = "what the person said at the desk"
HALVES = {"open-decoy": "pair_still", "visit-address": "pair_play", "tap-page": "pair_nothing"}
"""Actions of a pair's halves (`experiment.pairs`), and what the desk says: a coin decided whether to play."""
DECOY = "decoy.canary.example"
MARKER = "Hometruth desk (a mark of this computer's own, not of the device)"
EXPIRED = (
    "the certificate on the phone has expired, so nothing can be read any more; the same command with the "
    "same --out goes on, with a new certificate, which the phone has to trust"
)
END, DONE, YES, NO, SKIP, FORGOT = "end", "done", "yes", "no", "skip", "forgot"
CHOOSE, NONE = "choose", "none"
IDLE_SHARE = 0.4
"""Of the preflight, in which the device is left alone where hosts are to be told apart."""
Answer = TypeVar("Answer")


@dataclass
class _InHand:
    """The session that is under way."""

    trial: str
    host: str
    levels: tuple[Attestation, ...]
    left: list[str]
    """Actions that are yet to be done."""
    has_window: bool
    """False for one half of a pair: there is no window, and no visit."""


class GuidedDriver:
    """Leads one device by the hand of a person.

    Args:
        folder: Takes the log of the run, and pictures of the screen.
        board: The desk page's; one of its own, served as long as the driver lasts, by default.
        tell: Told where the desk page is.
    """

    def __init__(
        self,
        options: GuidedOptions,
        folder: Path,
        board: DeskBoard | None = None,
        tell: Callable[[str], None] = lambda _url: None,
    ) -> None:
        self._options = options
        self._folder = folder.absolute()
        self._desk = board or DeskBoard()
        self._serves_desk = board is None
        self._tell = tell
        self._stack = ExitStack()
        self._site = HandSite(drain_s=options.drain_s)
        self._phone = PhoneState(on_picture=self._took)
        self._recorded: set[tuple[str, str]] = set()
        self._documents: list[bytes] = []
        """Targets of pages of others that were opened in this session, and answered."""
        self.proxy_port = 0
        """Of the recorder, where the device is connected to."""
        self._way: LedRecorder | None = None
        self._session: _InHand | None = None
        self._set: dict[str, str] = {}
        """Levels of switches, as the person has set them."""
        self._n_begun = self._n_planned = self._n_each = 0
        self._n_refused = 0
        self._ended = False
        self._choices: list[HostChoice] = []
        """Hosts that somebody was asked about, and of which nobody has been told yet."""
        self._asked_about: set[str] = set()
        self._asks_no_more = False
        self._kept_pictures: list[str] = []
        self._heard = time.monotonic()
        self._clocks = self._ahead()

    def routes(self) -> Mapping[str, str]:
        """Start the desk page, the device's page and the canaries' site."""
        self._log = HandLog(self._folder)
        self._stack.callback(self._log.close)
        if self._serves_desk:
            self._tell(self._stack.enter_context(serving_desk(self._desk, self._options.desk_port)))
        self._stack.enter_context(serving(self._site))
        return {**routes(self._site), HOST: self._stack.enter_context(serving_phone(self._phone))}

    def reached_at(self) -> ReachedAt:
        """As the plan says, or the person at the desk has said of the device."""
        one, said = self._options, self._log.last("admitted")
        device = one.device or (str(said["address"]) if said else None)
        return ReachedAt(one.listen, one.port, one.wireguard, (device,) if device else (), one.package)

    def connect(self, proxy_url: str, ca_file: Path) -> tuple[Canary, ...]:  # noqa: ARG002 - the person's doing
        """Nothing is known of the device."""
        self.proxy_port = urlsplit(proxy_url).port or 0
        return ()

    def saw(self, exchange: Exchange) -> None:
        """Note what of the canaries' site is recorded, and pages of others that were opened and answered."""
        self._heard = time.monotonic()
        if is_within(exchange.host, ZONE):
            self._recorded.add((exchange.host, exchange.target.partition(b"?")[0].decode("ascii", "replace")))
        elif exchange.request_header("sec-fetch-dest") == b"document" and not exchange.delivered.is_attempt:
            self._documents.append(exchange.target)

    # Before the sessions

    def lead_in(self, way: LedRecorder, planned: Sequence[PlannedSession], done: int) -> None:
        """Bring the device here, ask its owner, let it trust, meet its normal window, and look ahead."""
        self._way, self._n_begun, self._n_planned = way, done, len(planned)
        self._n_each = min(Counter(session.trial.condition for session in planned).values())
        if self._log.last("begun"):
            if self._options.certificate:
                if self._has_to_trust_anew(way):
                    self._connected(way)
                    self._agreed(way)
                    self._trusted(way)
                way.begin()
                self._go_on()
            else:
                self._connected_without(way)
                way.begin()
            return
        if self._options.certificate:
            self._connected(way)
            self._agreed(way)
            self._trusted(way)
            self._meet_window()
        else:
            self._connected_without(way)
        if self._options.preflight_s:
            self._preflight(way)
        self._log.add("begun")
        way.begin()

    def _go_on(self) -> None:
        """After the run was cut off: what was known of the device then is known now."""
        known = self._log.last("normal window")
        assert known is not None  # it comes before the row that says that sessions had begun
        if hosts := self._log.last("hosts"):
            self._asked_about.update(map(str, hosts["asked"]))
            self._asks_no_more = bool(hosts["asks_no_more"])
        self._site.meet(Arrival(0, START, "/", "", str(known["given"]), str(known["agent"])))
        self._phone.name = "sessions"
        self._desk.note("went_on")

    def _has_to_trust_anew(self, way: LedRecorder) -> bool:
        """True where the run goes on with another certificate than it began with."""
        known = self._log.last("certificate")
        return known is not None and known["key"] != way.key_pin()

    def _connected(self, way: LedRecorder) -> None:
        here = way.url.removeprefix("http://")
        tunnel = way.tunnel_config()
        on_loopback = way.reachable in LOOPBACK
        name = "tunnel" if tunnel else "here" if on_loopback else "proxy"
        host, _, port = here.rpartition(":")
        step = DeskStep(
            f"connect_{name}",
            {"host": way.reachable if not on_loopback else host, "port": port, "page": f"http://{HOST}/"},
            typed=HOST if not on_loopback or tunnel else "",
            code=tunnel or "",
            copied="" if name != "here" else _browser_here(way),
        )
        while not way.is_page_opened:
            if (address := way.waiting) is None:
                self._desk.show(step)
                self._poll(step.name)
                continue
            asks = DeskStep("admit", {"address": address}, buttons=(YES, NO))
            number = self._desk.show(asks)
            pressed = self._desk.taken(number)
            if pressed == YES:
                self._admit(way, address)
            elif pressed == NO:
                way.dismiss()
            self._poll(asks.name)

    def _admit(self, way: LedRecorder, address: str) -> None:
        """It is the device, also where the run is gone on with, and where the certificate is removed."""
        self._log.add("admitted", address=address)
        way.admit(address)

    def _connected_without(self, way: LedRecorder) -> None:
        """A device that has no page to ask its owner on, and takes no certificate: nothing is opened."""
        facts = {"host": way.reachable, "port": str(self.proxy_port)}
        code = way.tunnel_config() or ""
        while True:
            asks = way.waiting
            step = DeskStep("connect_tv", facts, code=code, buttons=(DONE, END))
            if asks is not None:
                step = DeskStep("admit", {"address": asks}, buttons=(YES, NO))
            pressed = self._desk.taken(self._desk.show(step))
            if pressed == YES and asks is not None:
                self._admit(way, asks)
            elif pressed == NO:
                way.dismiss()
            elif pressed == END:
                raise DriverError("ended at the desk before anything was recorded")
            elif pressed == DONE:
                self._log.add("agreed at the desk")
                return
            self._poll(step.name)

    def _agreed(self, way: LedRecorder) -> None:
        while not way.has_agreed:
            if not way.is_declined:
                self._desk.show(DeskStep("agree", {"page": f"http://{HOST}/"}))
            elif self._desk.taken(self._desk.show(DeskStep("declined", buttons=(END,)))) == END:
                self._log.add("declined")
                raise DriverError("the owner of the device did not agree; nothing of it was kept")
            self._poll("agree")
        self._log.add("agreed")

    def _trusted(self, way: LedRecorder) -> None:
        number = self._desk.show(DeskStep("trust", {"page": f"http://{HOST}/"}, buttons=(SKIP,)))
        pressed = self._until(lambda: way.is_trusted or self._desk.taken(number), "trust")
        self._log.add("certificate", key=way.key_pin(), is_trusted=pressed is True)

    def _meet_window(self) -> None:
        self._phone.name, self._phone.links = "first", True
        self._desk.show(DeskStep("first", {"page": f"http://{HOST}/guide", "address": START}, typed=START))
        first = self._until(lambda: self._site.first, "first")
        self._phone.name, self._phone.links = "wait", False
        self._log.add("normal window", given=first.given, agent=first.agent)

    def _preflight(self, way: LedRecorder) -> None:
        """Two minutes of tapping around, of which nothing is kept."""
        way.look()
        lasts = self._options.preflight_s
        if way.app is None:
            self._looked_on(way, "preflight", lasts)
        else:
            way.take_left_closed()
            self._looked_on(way, "idle", lasts * IDLE_SHARE)
            idle = frozenset(way.take_left_closed())
            self._looked_on(way, "app", lasts * (1 - IDLE_SHARE))
            self._ask_for_hosts(way.app, way.take_left_closed(), idle)
        self._phone.name = "wait"
        seen = [(one.host, one.readability.value) for one in way.readable()]
        self._log.add("preflight", hosts=seen)
        number = self._desk.show(DeskStep("readable", rows=_rows(way), buttons=(DONE,)))
        self._until(lambda: self._desk.taken(number), "readable")

    def _looked_on(self, way: LedRecorder, name: str, lasts: float) -> None:
        """For a while, or until it is said to be enough, show what is seen."""
        self._phone.name, self._phone.app = name, way.app or ""
        began = time.monotonic()
        told = f"{lasts / 60:.0f} min" if lasts >= MINUTE_S else f"{lasts:.0f} s"
        facts = {"time": told, "app": way.app or ""}
        while (passed := time.monotonic() - began) < lasts:
            step = DeskStep(name, facts, drain=(lasts, passed), rows=_rows(way), buttons=(DONE,))
            if self._desk.taken(self._desk.show(step)) == DONE:
                break
            self._poll(name)

    def choices(self) -> tuple[HostChoice, ...]:
        """What was chosen in the preflight; later, ask about hosts that came up in the last session."""
        way, begun = self._held(), self._log.last("session")
        seen = way.take_left_closed()
        if way.app is not None and begun is not None and not self._ended:
            self._ask_for_hosts(way.app, seen, session=str(begun["trial"]))
        told, self._choices = tuple(self._choices), []
        return told

    def _ask_for_hosts(
        self, app: str, seen: Sequence[str], idle: Collection[str] = (), session: str | None = None
    ) -> None:
        """Ask which of the hosts that were left closed are the app's.

        Args:
            idle: Those of them that the device talked to while it was left alone.
            session: In which they came up; None in the preflight.
        """
        say = sentences("desk")
        new = sorted((host for host in seen if host not in self._asked_about), key=lambda host: host in idle)
        if not new or self._asks_no_more:
            return
        because = {
            host: say["why_in_session"].format(session=session)
            if session
            else say["why_idle_too"]
            if host in idle
            else say["why_app_only"].format(app=app)
            for host in new
        }
        rows = tuple(DeskChoice((host, because[host]), not session and host not in idle) for host in new)
        step = DeskStep(
            "more_hosts" if session else "hosts",
            {"app": app},
            rows=((say["host_head"], say["why_head"]),),
            choices=rows,
            buttons=(CHOOSE, NONE),
        )
        number = self._desk.show(step)
        while (told := self._desk.pressed(number)) is None:  # no remark may take ticks away that are set
            time.sleep(POLL_S)
            self._held().check()
        self._asks_no_more = told.button == NONE
        for place, host in enumerate(new):
            is_opened = told.button == CHOOSE and place in told.ticked and place < MOST_CHOICES
            why = say["chose_yes" if is_opened else "chose_no"].format(app=app, why=because[host])
            self._choices.append(HostChoice(host, is_opened, why))
        self._asked_about.update(new)
        self._log.add("hosts", asked=sorted(self._asked_about), asks_no_more=self._asks_no_more)

    # Sessions

    def prepare(self, session: PlannedSession) -> tuple[Attestation, ...]:
        """Have switches set, and a window of the session's mode opened; returns what shows that it is one.

        Raises:
            CaptureError: The certificate has expired. The run is cut off, and can be gone on with.
        """
        if self._options.certificate and self._held().expires_at <= datetime.now(UTC):
            raise CaptureError(EXPIRED)
        self._kept_pictures.clear()
        self._tally()
        self._n_begun += 1
        if self._ended:
            raise DriverError("ended at the desk before it")
        self._documents.clear()
        condition, trial = session.trial.condition, session.trial
        if trial.subject_day:
            raise DriverError("its clock cannot be moved to another day")
        self._phone.name = "sessions"
        told = [self._switched(name, level) for name, level in condition.levels if name != "mode"]
        number = int(trial.id.lstrip("t") or 0)
        host, mode = f"{number}.{ZONE}", condition.get("mode")
        has_window = trial.arm is None
        if has_window:
            self._site.ask(host, mode)
        self._log.add("session", trial=trial.id)
        left = [planned.action for planned in session.actions]
        self._session = _InHand(trial.id, host, (), left, has_window)
        self._clocks = self._ahead()
        if mode is not None or self._begins_with_link(session):
            self._open_window(host, mode or "any")
        if mode is not None:
            shown, said = self._site.witnesses()
            assert shown is not None
            told += [Attestation("mode", shown, _BY_COOKIE), Attestation("mode", said, _BY_PERSON)]
        self._session.levels = tuple(told)
        return tuple(told)

    def _tally(self) -> None:
        """How far the run is, and what silence in all of it will be worth."""
        bound = f"{rounded_up(upper_bound_percent(0, self._n_each), 1):.1f} %"
        self._desk.tell(DeskTally(self._n_begun, self._n_planned, bound))

    def _begins_with_link(self, session: PlannedSession) -> bool:
        return any(planned.action == "click-link" for planned in session.actions[:1])

    def _switched(self, name: str, level: str) -> Attestation:
        if self._set.get(name) != level:
            number = self._desk.show(DeskStep("switch", {"name": name, "level": level}, buttons=(DONE, END)))
            self._button(number, "switch")
            self._set[name] = level
        return Attestation(name, level, _BY_DESK)

    def _open_window(self, host: str, mode: str) -> None:
        forgot = (FORGOT,) if mode == "normal" else ()
        step = DeskStep(f"open_{mode}", {"address": host}, typed=host, buttons=(*forgot, END))
        while True:
            number = self._desk.show(step)
            pressed = self._until(lambda n=number: self._site.is_right() or self._desk.taken(n), step.name)  # type: ignore[misc]
            if pressed is True:
                return
            if pressed == END:
                self._end()
            if pressed == FORGOT:
                self._site.meet(None)
                self._meet_window()
                self._log.add("normal window met again")
                self._site.ask(host, mode)

    def act(self, action: str, canary: Canary | None) -> ActionRecord:
        """Have it done in the session's window, and say whether it was seen to be done."""
        at_ns = time.time_ns()
        del self._ready().left[:1]
        if action in HALVES:
            self._half(action, canary)
            return ActionRecord(action, canary.id if canary else None, at_ns, True, _BY_DESK)
        if canary is None:
            raise DriverError(f"a person is not asked to {action}: nothing is planted by it")
        do: Mapping[str, Callable[[Canary], bool]] = {
            "click-link": self._click_link,
            "visit": self._visit,
            "search": self._search,
            "type": self._type,
        }
        happened = do[action](canary)
        return ActionRecord(action, canary.id, at_ns, happened)

    def _half(self, action: str, canary: Canary | None) -> None:
        """One thing of a pair's half, and a mark of it in the recording, made from here: the device is told
        nothing."""
        facts = {"before": self._options.before, "does": self._options.does}
        number = self._desk.show(DeskStep(HALVES[action], facts, buttons=(DONE, END)))
        self._button(number, HALVES[action])
        host = (urlsplit(canary.address).hostname if canary else None) or DECOY
        at = self._held().reachable if self._options.listen not in LOOPBACK else "127.0.0.1"
        connection = HTTPConnection(at, self.proxy_port, timeout=LOADS_S)
        with closing(connection):
            connection.request("GET", f"http://{host}/", headers={"User-Agent": MARKER})
            connection.getresponse().read()

    def _click_link(self, canary: Canary) -> bool:
        host, path = f"{canary.value}.{ZONE}", f"/story/{canary.value}"
        self._site.lead_to(f"http://{host}{path}", is_last=not self._ready().left)
        return self._arrives(host, path, self._ready().host)

    def _visit(self, canary: Canary) -> bool:
        self._site.lead_to(None)
        host = f"{canary.value}.{ZONE}"
        number = self._desk.show(DeskStep("visit", typed=host, buttons=(END,)))
        seen = self._until(lambda: self._site.got(host, "/", 0) or self._desk.taken(number), "visit")
        if seen == END:
            self._end()
        return self._is_recorded(host, "/")

    def _arrives(self, host: str, path: str, again: str) -> bool:
        """Wait until the device that is led there has come, and say how if it does not."""
        until = time.monotonic() + LOADS_S
        number = -1
        while not self._site.got(host, path, 0):
            if time.monotonic() > until:
                number = self._desk.show(DeskStep("again", typed=again, buttons=(END,)))
            if number >= 0 and self._desk.taken(number) == END:
                self._end()
            self._poll("again")
        return self._is_recorded(host, path)

    def _is_recorded(self, host: str, path: str) -> bool:
        until = time.monotonic() + RECORDS_S
        while (host, path) not in self._recorded:
            if time.monotonic() > until:
                raise DriverError(f"a visit reached {host} round the recorder")
            time.sleep(POLL_S)
        self._desk.note("visit_seen", "seen")
        return True

    def _search(self, canary: Canary) -> bool:
        self._site.lead_to(None)
        number = self._desk.show(DeskStep("search", typed=canary.value, buttons=(SKIP, END)))
        value = canary.value.encode()

        def found() -> bool | str | None:
            return any(value in target for target in self._documents) or self._desk.taken(number)

        seen = self._until(found, "search")
        if seen == END:
            self._end()
        return seen is True

    def _type(self, canary: Canary) -> bool:
        self._site.lead_to(None)
        number = self._desk.show(DeskStep("type", typed=canary.value, buttons=(DONE, SKIP, END)))
        return self._button(number, "type") == DONE

    def wait(self, seconds: float) -> None:
        """Leave it alone."""
        self._drain(seconds)

    def settle(self) -> tuple[Attestation, ...]:
        """Leave the device alone for a while, see that its window is still there, and end the session."""
        session = self._ready()
        self._drain(self._options.drain_s)
        if not session.has_window:
            self._session = None
            return session.levels
        seen = self._after(session)
        told = [item for item in session.levels if item.factor != "mode"]
        mode, said = self._site.witnesses(seen)
        if any(item.factor == "mode" for item in session.levels):
            if mode != said:
                self._desk.note("left_window", "wrong")
            told += [
                Attestation("mode", mode or "another", _BY_COOKIE),
                Attestation("mode", said, _BY_PERSON),
            ]
        self._site.end()
        self._session = None
        return tuple(told)

    def _drain(self, lasts: float) -> None:
        began = time.monotonic()
        while (passed := time.monotonic() - began) < lasts:
            if lasts - passed < CLOSES_BEFORE_S:
                self._site.closing()
            self._desk.show(DeskStep("drain", drain=(lasts, passed)))
            self._poll("drain")
        self._site.closing()

    def _after(self, session: _InHand) -> Arrival:
        """What the window brings after the drain: its page comes back by itself, or is asked for."""
        began = time.monotonic()
        number = -1
        while (seen := self._site.after()) is None:
            passed = time.monotonic() - began
            if passed > COMES_BACK_S or not self._site.comes_back():
                step = DeskStep("after", {"address": session.host}, typed=session.host, buttons=(END,))
                number = self._desk.show(step)
            if number >= 0 and self._desk.taken(number) == END:
                self._end()
            self._poll("after")
        if (passed := time.monotonic() - began) > AWAY_S:
            raise DriverError(
                f"the device gave no sign for {passed / 60:.0f} min after the drain: whether it was "
                "connected meanwhile is not known"
            )
        return seen

    def under_way(self) -> str | None:
        """The last session that the log speaks of; whether it ended, the case says."""
        begun = self._log.last("session")
        return None if begun is None else str(begun["trial"])

    def remarks(self) -> str:
        """Pictures of the last session."""
        self._tally()
        return "; ".join(self._kept_pictures)

    def close(self) -> None:
        """Put the pages of the device away; the sessions are done, or never began."""
        if self._n_planned:
            self._desk.show(DeskStep("judging"))
        self._stack.close()

    # Waiting

    def _until(self, answer: Callable[[], Answer | None], name: str) -> Answer:
        """What it answers, once it does."""
        while not (found := answer()):
            self._poll(name)
        return found

    def _button(self, number: int, name: str) -> str:
        pressed = self._until(lambda: self._desk.taken(number), name)
        if pressed == END:
            self._end()
        return pressed

    def _end(self) -> None:
        self._ended = True
        self._session = None
        raise DriverError("ended at the desk")

    def _poll(self, name: str) -> None:
        """Let a moment pass; tell the desk what the site saw of it.

        Raises:
            DriverError: In a session: the computer has slept, or the owner of the device has stopped it.
        """
        time.sleep(POLL_S)
        way = self._held()
        way.check()
        while self._site.news:
            told = self._site.news.pop(0)
            self._log.add("note", name=told.name, **dict(told.facts))
            self._desk.note(told.name, told.look, **dict(told.facts))
        for address in way.refused[self._n_refused :]:
            self._n_refused += 1
            self._desk.note("other_device", "wrong", address=address)
        slept, self._clocks = self._ahead() - self._clocks, self._ahead()
        if slept > SLEPT_S:
            self._desk.note("slept", "wrong", minutes=f"{slept / 60:.0f}")
            if self._session:
                raise DriverError(f"this computer slept for {slept / 60:.0f} min in it")
        if self._session and way.is_declined:
            self._ended = True
            self._desk.note("stopped", "wrong")
            raise DriverError("the owner of the device stopped it")
        if time.monotonic() - self._heard > QUIET_S and name != "drain":
            self._heard = time.monotonic()
            self._desk.note("no_hurry")

    def _ahead(self) -> float:
        """Of the clock of the day before the one that stands still while this computer sleeps, in seconds."""
        return time.time() - time.monotonic()

    def _took(self, picture: bytes, ending: str) -> None:
        """Keep a picture of the screen."""
        name = (
            f"screen-{self._session.trial if self._session else 'before'}-{self._phone.n_pictures}.{ending}"
        )
        handle = os.open(self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(picture)
        digest = hashlib.sha256(picture).hexdigest()
        self._kept_pictures.append(f"screen {name}, SHA-256 {digest}")
        self._log.add("picture", name=name, sha256=digest)
        self._desk.note("picture", "seen", name=name)

    def _held(self) -> LedRecorder:
        assert self._way is not None  # `lead_in` comes first
        return self._way

    def _ready(self) -> _InHand:
        if self._session is None:
            raise DriverError("no session is under way")
        return self._session


def _rows(way: LedRecorder) -> tuple[tuple[str, ...], ...]:
    """The table of a preflight, with what each word means for the answer."""
    say = sentences("desk")
    head = (say["host_head"], say["readable_head"], say["sent_head"], say["means_head"])
    rows = (
        (
            one.host,
            one.readability.value,
            f"{one.sent_bytes:,}",
            say[f"means_{one.readability.name.lower()}"].format(host=one.host),
        )
        for one in way.readable()
    )
    return (head, *rows)


def _browser_here(way: LedRecorder) -> str:
    """How a browser of this machine is started as the device: with a profile of its own."""
    return (
        "chromium --user-data-dir=$(mktemp -d) --disable-quic "
        f'--proxy-server={way.url} --proxy-bypass-list="<-loopback>" '
        f"--ignore-certificate-errors-spki-list={way.key_pin()} http://{HOST}/"
    )
