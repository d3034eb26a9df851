"""A device in a person's hands: the desk page says what to do, and goes on when it is seen to be done.

Tried with stand-ins only, never with a phone in a hand. Nothing is taken for done that was not seen: a visit
happened if it reached the canaries' site and the recording; which window it came from, the cookie that it
brings and what the person says on that very page must agree on, before and after.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from hometruth.bounds import rounded_up, upper_bound_percent
from hometruth.errors import CaptureError, DriverError
from hometruth.experiment.drivers.base import LedRecorder, ReachedAt
from hometruth.experiment.drivers.by_hand.desk import DeskBoard, DeskStep, DeskTally
from hometruth.experiment.drivers.by_hand.desk_server import serving_desk
from hometruth.experiment.drivers.by_hand.halves import HALVES, PairHalves
from hometruth.experiment.drivers.by_hand.hand_log import HandLog
from hometruth.experiment.drivers.by_hand.hand_run import (
    BY_DESK,
    DONE,
    END,
    FORGOT,
    POLL_S,
    SKIP,
    UPDATED,
    HandRun,
    InHand,
)
from hometruth.experiment.drivers.by_hand.lead_in import LeadIn
from hometruth.experiment.drivers.by_hand.phone_page import HOST, serving_phone
from hometruth.experiment.drivers.desktop.site import ZONE, Arrival, routes, serving
from hometruth.experiment.drivers.guided_kind import GuidedOptions
from hometruth.experiment.planned import PlannedSession
from hometruth.model import ActionRecord, Attestation, Canary, Exchange, HostChoice, is_within

LOADS_S = 20.0
"""Within which a page that a device was led on to is seen; after that the desk says how to go there."""
RECORDS_S = 5.0
"""Within which what reached its host is in the recording."""
COMES_BACK_S = 10.0
"""Beyond the drain, within which a page comes back by itself; after that it is asked for."""
STRANGER = "stranger"
"""Not a button: another browser has come."""
AWAY_S = 300.0
"""Longer than that without a sign after the drain, nobody knows whether the device was still connected."""
_BY_COOKIE = "the cookie that its window brings to the canary site"
_BY_PERSON = "what the person said of it on the page in that window"
EXPIRED = (
    "the certificate on the phone has expired, so nothing can be read any more; the same command with the "
    "same --out goes on, with a new certificate, which the phone has to trust"
)


class GuidedDriver:
    """Leads one device by the hand of a person.

    Args:
        folder: Takes the log of the run, and pictures of the screen.
        board: The desk page's; one of its own, served as long as the driver lasts, by default.
        tell: Told where the desk page is.
        product: What is tested; a browser of this machine that plays the device has to be this one.
    """

    def __init__(
        self,
        options: GuidedOptions,
        folder: Path,
        board: DeskBoard | None = None,
        tell: Callable[[str], None] = lambda _url: None,
        product: str = "",
    ) -> None:
        self._run = HandRun(options, folder.absolute(), board or DeskBoard(), product)
        self._lead_in = LeadIn(self._run)
        self._halves = PairHalves(self._run)
        self._serves_desk = board is None
        self._tell = tell
        self._stack = ExitStack()
        self._recorded: set[tuple[str, str]] = set()
        self._documents: list[bytes] = []
        """Targets of pages of others that were opened in this session, and answered."""
        self._set: dict[str, str] = {}
        """Levels of switches, as the person has set them."""
        self._n_begun = self._n_planned = self._n_each = 0
        self.line_without_trust = ""
        """By which a browser of this machine is started that is not to trust the certificate any more; empty
        where a device came, and where the certificate is installed."""

    @property
    def proxy_port(self) -> int:
        """Of the recorder, where the device is connected to."""
        return self._run.proxy_port

    def forget(self) -> None:
        """Remove the profile of a browser of this machine that played the device."""
        self._run.here.remove()

    def routes(self) -> Mapping[str, str]:
        """Start the desk page, the device's page and the canaries' site."""
        self._run.log = HandLog(self._run.folder)
        self._stack.callback(self._run.log.close)
        if self._serves_desk:
            self._tell(self._stack.enter_context(serving_desk(self._run.desk, self._run.options.desk_port)))
        self._stack.enter_context(serving(self._run.site))
        return {**routes(self._run.site), HOST: self._stack.enter_context(serving_phone(self._run.phone))}

    def reached_at(self) -> ReachedAt:
        """As the plan says, or the person at the desk has said of the device."""
        one, said = self._run.options, self._run.log.last("admitted")
        device = one.device or (str(said["address"]) if said else None)
        return ReachedAt(one.listen, one.port, one.wireguard, (device,) if device else (), one.package)

    def connect(self, proxy_url: str, ca_file: Path) -> tuple[Canary, ...]:  # noqa: ARG002 - the person's doing
        """Nothing is known of the device."""
        self._run.proxy_port = urlsplit(proxy_url).port or 0
        return ()

    def saw(self, exchange: Exchange) -> None:
        """Note what of the canaries' site is recorded, and pages of others that were opened and answered."""
        self._run.heard()
        if is_within(exchange.host, ZONE):
            self._recorded.add((exchange.host, exchange.target.partition(b"?")[0].decode("ascii", "replace")))
        elif exchange.request_header("sec-fetch-dest") == b"document" and not exchange.delivered.is_attempt:
            self._documents.append(exchange.target)

    def lead_in(self, way: LedRecorder, planned: Sequence[PlannedSession], done: int) -> None:
        """Bring the device here, ask its owner, let it trust, meet its normal window, and look ahead."""
        self._run.way, self._n_begun, self._n_planned = way, done, len(planned)
        if self._run.line(way) and self._run.here.is_told_to_trust:
            self.line_without_trust = self._run.here.line(way.url, None)
        if not any(session.trial.arm for session in planned):  # silence in pairs has another worth
            self._n_each = min(Counter(session.trial.condition for session in planned).values())
        self._lead_in.lead(way)

    def between(self, session: PlannedSession) -> tuple[HostChoice, ...]:
        """Hosts chosen in the preflight or since; for a pair's half, ask for what must be so before it."""
        told = self._lead_in.choices()
        if session.trial.arm is not None and not self._run.is_over:
            self._tally()
            self._halves.before()
        return told

    # Sessions

    def prepare(self, session: PlannedSession) -> tuple[Attestation, ...]:
        """Have switches set, and a window of the session's mode opened; returns what shows that it is one.

        Raises:
            CaptureError: The certificate has expired. The run is cut off, and can be gone on with.
        """
        if self._run.options.certificate and self._run.held().expires_at <= datetime.now(UTC):
            raise CaptureError(EXPIRED)
        self._run.pictures.clear()
        self._tally()
        self._n_begun += 1
        if self._run.is_over:
            raise DriverError("ended at the desk before it")
        self._documents.clear()
        condition, trial = session.trial.condition, session.trial
        if trial.subject_day:
            raise DriverError("its clock cannot be moved to another day")
        self._run.phone.name = "sessions"
        told = [self._switched(name, level) for name, level in condition.levels if name != "mode"]
        number = int(trial.id.lstrip("t") or 0)
        host, mode = f"{number}.{ZONE}", condition.get("mode")
        has_window = trial.arm is None
        if has_window:
            self._run.site.ask(host, mode)
        waits = mode is not None or self._begins_with_link(session)
        self._run.log.add("session", trial=trial.id, waits=waits)
        left = [planned.action for planned in session.actions]
        under_way = InHand(trial.id, host, (), left, has_window)
        self._run.starts(under_way)
        if waits:
            self._open_window(host, mode or "any")
            self._run.log.add("opened", trial=trial.id)
        if mode is not None:
            shown, said = self._run.site.witnesses()
            assert shown is not None
            told += [Attestation("mode", shown, _BY_COOKIE), Attestation("mode", said, _BY_PERSON)]
        under_way.levels = tuple(told)
        return tuple(told)

    def _tally(self) -> None:
        """How far the run is, and what silence in all of it will be worth."""
        bound = f"{rounded_up(upper_bound_percent(0, self._n_each), 1):.1f} %" if self._n_each else ""
        self._run.desk.tell(DeskTally(self._n_begun, self._n_planned, bound))

    def _begins_with_link(self, session: PlannedSession) -> bool:
        return any(planned.action == "click-link" for planned in session.actions[:1])

    def _switched(self, name: str, level: str) -> Attestation:
        if self._set.get(name) != level:
            number = self._run.desk.show(
                DeskStep("switch", {"name": name, "level": level}, buttons=(DONE, END))
            )
            self._run.button(number, "switch")
            self._set[name] = level
        return Attestation(name, level, BY_DESK)

    def _open_window(self, host: str, mode: str) -> None:
        line = self._run.line(self._run.held())
        close = "close_here" if line else "close_phone"
        while True:
            again = (FORGOT,) if mode == "normal" else (UPDATED,) if self._run.site.has_stranger() else ()
            step = DeskStep(
                f"open_{mode}", {"address": host}, close, typed=host, copied=line, buttons=(*again, END)
            )
            number = self._run.desk.show(step)
            pressed = self._run.until(partial(self._is_opened, number, not again), step.name)
            if pressed is True:
                return
            if pressed == END:
                self._run.end()
            if pressed in {FORGOT, UPDATED}:
                self._run.site.meet(None)
                self._lead_in.meet_window()
                self._run.log.add("normal window met again")
                self._run.site.ask(host, mode)

    def _is_opened(self, number: int, offers: bool) -> bool | str | None:
        """True once it is; a button that was pressed; or what makes another button worth offering."""
        is_stranger = offers and self._run.site.has_stranger()
        return self._run.site.is_right() or self._run.desk.taken(number) or (is_stranger and STRANGER)

    def act(self, action: str, canary: Canary | None) -> ActionRecord:
        """Have it done in the session's window, and say whether it was seen to be done."""
        at_ns = time.time_ns()
        del self._run.ready().left[:1]
        if action in HALVES:
            return self._halves.do(action, canary)
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

    def _click_link(self, canary: Canary) -> bool:
        host, path = f"{canary.value}.{ZONE}", f"/story/{canary.value}"
        self._run.site.lead_to(f"http://{host}{path}", is_last=not self._run.ready().left)
        return self._arrives(host, path, self._run.ready().host)

    def _visit(self, canary: Canary) -> bool:
        self._run.site.lead_to(None)
        host = f"{canary.value}.{ZONE}"
        number = self._run.desk.show(DeskStep("visit", typed=host, buttons=(END,)))
        seen = self._run.until(
            lambda: self._run.site.got(host, "/", 0) or self._run.desk.taken(number), "visit"
        )
        if seen == END:
            self._run.end()
        return self._is_recorded(host, "/")

    def _arrives(self, host: str, path: str, again: str) -> bool:
        """Wait until the device that is led there has come, and say how if it does not."""
        until = time.monotonic() + LOADS_S
        number = -1
        while not self._run.site.got(host, path, 0):
            if time.monotonic() > until:
                number = self._run.desk.show(DeskStep("again", typed=again, buttons=(END,)))
            if number >= 0 and self._run.desk.taken(number) == END:
                self._run.end()
            self._run.poll("again")
        return self._is_recorded(host, path)

    def _is_recorded(self, host: str, path: str) -> bool:
        until = time.monotonic() + RECORDS_S
        while (host, path) not in self._recorded:
            if time.monotonic() > until:
                raise DriverError(f"a visit reached {host} round the recorder")
            time.sleep(POLL_S)
        self._run.desk.note("visit_seen", "seen")
        return True

    def _search(self, canary: Canary) -> bool:
        self._run.site.lead_to(None)
        number = self._run.desk.show(DeskStep("search", typed=canary.value, buttons=(SKIP, END)))
        value = canary.value.encode()

        def found() -> bool | str | None:
            return any(value in target for target in self._documents) or self._run.desk.taken(number)

        seen = self._run.until(found, "search")
        if seen == END:
            self._run.end()
        return seen is True

    def _type(self, canary: Canary) -> bool:
        self._run.site.lead_to(None)
        number = self._run.desk.show(DeskStep("type", typed=canary.value, buttons=(DONE, SKIP, END)))
        return self._run.button(number, "type") == DONE

    def wait(self, seconds: float) -> None:
        """Leave it alone."""
        if self._run.ready().has_window:
            self._run.drain(seconds)
        else:
            self._halves.wait(seconds)

    def settle(self) -> tuple[Attestation, ...]:
        """Leave the device alone for a while, see that its window is still there, and end the session."""
        session = self._run.ready()
        if not session.has_window:
            self._halves.settle()
            self._run.session = None
            return session.levels
        self._run.drain(self._run.options.drain_s)
        seen = self._after(session)
        told = [item for item in session.levels if item.factor != "mode"]
        mode, said = self._run.site.witnesses(seen)
        if any(item.factor == "mode" for item in session.levels):
            if mode != said:
                self._run.desk.note("left_window", "wrong")
            told += [
                Attestation("mode", mode or "another", _BY_COOKIE),
                Attestation("mode", said, _BY_PERSON),
            ]
        self._run.site.end()
        self._run.session = None
        return tuple(told)

    def _after(self, session: InHand) -> Arrival:
        """What the window brings after the drain: its page comes back by itself, or is asked for."""
        began = time.monotonic()
        number = -1
        while (seen := self._run.site.after()) is None:
            passed = time.monotonic() - began
            if passed > COMES_BACK_S or not self._run.site.comes_back():
                step = DeskStep("after", {"address": session.host}, typed=session.host, buttons=(END,))
                number = self._run.desk.show(step)
            if number >= 0 and self._run.desk.taken(number) == END:
                self._run.end()
            self._run.poll("after")
        if (passed := time.monotonic() - began) > AWAY_S:
            raise DriverError(
                f"the device gave no sign for {passed / 60:.0f} min after the drain: whether it was "
                "connected meanwhile is not known"
            )
        return seen

    def under_way(self) -> str | None:
        """The last session that the log speaks of; whether it ended, the case says.

        None where its window had not been opened: nothing had been planted, so that it can be begun anew.
        """
        begun, opened = (self._run.log.last(what) for what in ("session", "opened"))
        if begun is None or (begun.get("waits") and (opened is None or opened["trial"] != begun["trial"])):
            return None
        return str(begun["trial"])

    def remarks(self) -> str:
        """Pictures of the last session."""
        self._tally()
        return "; ".join(self._run.pictures)

    def close(self) -> None:
        """Put the pages of the device away; the sessions are done, or never began."""
        if self._n_planned:
            self._run.desk.show(DeskStep("judging"))
        self._stack.close()
