"""Before the sessions: the device is brought here, its owner asked, and what could be read looked at."""

import time
from collections.abc import Collection, Sequence

from hometruth.errors import DriverError
from hometruth.experiment.drivers.base import LOOPBACK, LedRecorder
from hometruth.experiment.drivers.by_hand.desk import MOST_CHOICES, DeskChoice, DeskStep
from hometruth.experiment.drivers.by_hand.hand_run import DONE, END, NO, POLL_S, SKIP, YES, HandRun
from hometruth.experiment.drivers.by_hand.phone_page import HOST
from hometruth.experiment.drivers.by_hand.windows import START
from hometruth.experiment.drivers.desktop.site import Arrival
from hometruth.handed_in import sentences
from hometruth.model import HostChoice

MINUTE_S = 60.0
CHOOSE, NONE = "choose", "none"
IDLE_SHARE = 0.4
"""Of the preflight, in which the device is left alone where hosts are to be told apart."""


class LeadIn:
    """From the first page to the first session; and, between sessions, what is asked about hosts."""

    def __init__(self, run: HandRun) -> None:
        self._run = run
        self._choices: list[HostChoice] = []
        """Hosts that somebody was asked about, and of which nobody has been told yet."""
        self._asked_about: set[str] = set()
        self._asks_no_more = False

    def lead(self, way: LedRecorder) -> None:
        """Bring the device here, ask its owner, let it trust, meet its normal window, and look ahead."""
        if self._run.log.last("begun"):
            if self._run.options.certificate:
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
        if self._run.options.certificate:
            self._connected(way)
            self._agreed(way)
            self._trusted(way)
            self.meet_window()
        else:
            self._connected_without(way)
        if self._run.options.preflight_s:
            self._preflight(way)
        self._run.log.add("begun")
        way.begin()

    def _go_on(self) -> None:
        """After the run was cut off: what was known of the device then is known now."""
        known = self._run.log.last("normal window")
        assert known is not None  # it comes before the row that says that sessions had begun
        if hosts := self._run.log.last("hosts"):
            self._asked_about.update(map(str, hosts["asked"]))
            self._asks_no_more = bool(hosts["asks_no_more"])
        self._run.site.meet(Arrival(0, START, "/", "", str(known["given"]), str(known["agent"])))
        self._run.phone.name = "sessions"
        self._run.desk.note("went_on")

    def _has_to_trust_anew(self, way: LedRecorder) -> bool:
        """True where the run goes on with another certificate than it began with."""
        known = self._run.log.last("certificate")
        return known is not None and known["key"] != way.key_pin()

    def _connected(self, way: LedRecorder) -> None:
        here = way.url.removeprefix("http://")
        tunnel = way.tunnel_config()
        on_loopback = way.reachable in LOOPBACK
        line = self._run.line(way) if on_loopback and not tunnel else ""
        name = "tunnel" if tunnel else "here" if line else "own" if on_loopback else "proxy"
        host, _, port = here.rpartition(":")
        step = DeskStep(
            f"connect_{name}",
            {
                "host": way.reachable if not on_loopback else host,
                "port": port,
                "page": f"http://{HOST}/",
                "product": self._run.product,
            },
            typed="" if line else HOST,
            code=tunnel or "",
            copied=line,
        )
        while not way.is_page_opened:
            if (address := way.waiting) is None:
                self._run.desk.show(step)
                self._run.poll(step.name)
                continue
            asks = DeskStep("admit", {"address": address}, buttons=(YES, NO))
            number = self._run.desk.show(asks)
            pressed = self._run.desk.taken(number)
            if pressed == YES:
                self._admit(way, address)
            elif pressed == NO:
                way.dismiss()
            self._run.poll(asks.name)

    def _admit(self, way: LedRecorder, address: str) -> None:
        """It is the device, also where the run is gone on with, and where the certificate is removed."""
        self._run.log.add("admitted", address=address)
        way.admit(address)

    def _connected_without(self, way: LedRecorder) -> None:
        """A device that has no page to ask its owner on, and takes no certificate: nothing is opened."""
        facts = {"host": way.reachable, "port": str(self._run.proxy_port)}
        code = way.tunnel_config() or ""
        while True:
            asks = way.waiting
            step = DeskStep("connect_tv", facts, code=code, buttons=(DONE, END))
            if asks is not None:
                step = DeskStep("admit", {"address": asks}, buttons=(YES, NO))
            pressed = self._run.desk.taken(self._run.desk.show(step))
            if pressed == YES and asks is not None:
                self._admit(way, asks)
            elif pressed == NO:
                way.dismiss()
            elif pressed == END:
                raise DriverError("ended at the desk before anything was recorded")
            elif pressed == DONE:
                self._run.log.add("agreed at the desk")
                return
            self._run.poll(step.name)

    def _agreed(self, way: LedRecorder) -> None:
        while not way.has_agreed:
            if not way.is_declined:
                self._run.desk.show(DeskStep("agree", {"page": f"http://{HOST}/"}))
            elif self._run.desk.taken(self._run.desk.show(DeskStep("declined", buttons=(END,)))) == END:
                self._run.log.add("declined")
                raise DriverError("the owner of the device did not agree; nothing of it was kept")
            self._run.poll("agree")
        self._run.log.add("agreed")

    def _trusted(self, way: LedRecorder) -> None:
        number = self._run.desk.show(DeskStep("trust", {"page": f"http://{HOST}/"}, buttons=(SKIP,)))
        pressed = self._run.until(lambda: way.is_trusted or self._run.desk.taken(number), "trust")
        self._run.log.add("certificate", key=way.key_pin(), is_trusted=pressed is True)

    def meet_window(self) -> None:
        """Have one page opened in the normal window, by which it is known from then on."""
        self._run.phone.name, self._run.phone.links = "first", True
        self._run.desk.show(
            DeskStep("first", {"page": f"http://{HOST}/guide", "address": START}, typed=START)
        )
        first = self._run.until(lambda: self._run.site.first, "first")
        self._run.phone.name, self._run.phone.links = "wait", False
        self._run.log.add("normal window", given=first.given, agent=first.agent)

    def _preflight(self, way: LedRecorder) -> None:
        """Two minutes of tapping around, of which nothing is kept."""
        way.look()
        lasts = self._run.options.preflight_s
        if way.app is None:
            self._looked_on(way, "preflight", lasts)
        else:
            way.take_left_closed()
            self._looked_on(way, "idle", lasts * IDLE_SHARE)
            idle = frozenset(way.take_left_closed())
            self._looked_on(way, "app", lasts * (1 - IDLE_SHARE))
            self._ask_for_hosts(way.app, way.take_left_closed(), idle)
        self._run.phone.name = "wait"
        self._run.until(lambda: self._is_read(way), "readable")
        seen = [(one.host, one.readability.value) for one in way.readable()]
        self._run.log.add("preflight", hosts=seen)

    def _is_read(self, way: LedRecorder) -> bool:
        """True once somebody has read the table; what is told late, a refusal say, still comes into it."""
        number = self._run.desk.show(DeskStep("readable", rows=_rows(way), buttons=(DONE,)))
        return self._run.desk.taken(number) == DONE

    def _looked_on(self, way: LedRecorder, name: str, lasts: float) -> None:
        """For a while, or until it is said to be enough, show what is seen."""
        self._run.phone.name, self._run.phone.app = name, way.app or ""
        began = time.monotonic()
        told = f"{lasts / 60:.0f} min" if lasts >= MINUTE_S else f"{lasts:.0f} s"
        facts = {"time": told, "app": way.app or ""}
        while (passed := time.monotonic() - began) < lasts:
            step = DeskStep(name, facts, drain=(lasts, passed), rows=_rows(way), buttons=(DONE,))
            if self._run.desk.taken(self._run.desk.show(step)) == DONE:
                break
            self._run.poll(name)

    def choices(self) -> tuple[HostChoice, ...]:
        """Those made in the preflight; later, ask about hosts that came up in the last session."""
        way, begun = self._run.held(), self._run.log.last("session")
        seen = way.take_left_closed()
        if way.app is not None and begun is not None and not self._run.is_over:
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
        number = self._run.desk.show(step)
        while (told := self._run.desk.pressed(number)) is None:  # no remark may take ticks away that are set
            time.sleep(POLL_S)
            self._run.held().check()
        self._asks_no_more = told.button == NONE
        for place, host in enumerate(new):
            is_opened = told.button == CHOOSE and place in told.ticked and place < MOST_CHOICES
            why = say["chose_yes" if is_opened else "chose_no"].format(app=app, why=because[host])
            self._choices.append(HostChoice(host, is_opened, why))
        self._asked_about.update(new)
        self._run.log.add("hosts", asked=sorted(self._asked_about), asks_no_more=self._asks_no_more)


def _rows(way: LedRecorder) -> tuple[tuple[str, ...], ...]:
    """The table of a preflight, with what each word means for the answer."""
    say = sentences("desk")
    head = (say["host_head"], say["readable_head"], say["sent_head"], say["means_head"])
    rows = (
        (
            one.host,
            one.readability.value,
            f"{one.sent_bytes:,}",
            say[f"means_{one.readability.name.lower()}"],
        )
        for one in way.readable()
    )
    return (head, *rows)
