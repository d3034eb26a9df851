"""The canaries' own site where a person types: it asks which window this is, and leads on from the right one.

A short address is typed in each session. The page there has two witnesses of the window's mode: the cookie
that the window brings, and what the person says of it, pressed on that very page. Only if both are as asked
does it lead on to the canary's address, so that no canary is planted in the wrong window.
"""

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from html import escape

from hometruth.experiment.drivers.desktop.makes import NORMAL, PRIVATE
from hometruth.experiment.drivers.desktop.site import ZONE, Arrival, Site, SiteAnswer, WindowCookie
from hometruth.handed_in import sentences

START = f"start.{ZONE}"
"""Where the normal window is met first."""
WINDOW_PATH, AFTER_PATH = "/window", "/after"
LEADS_ON_S = 10.0
"""Within which it is known where a window leads that was just found to be the right one."""
_BUTTONS = (
    "<h1>{title}</h1><p>{text}<form method=post action={path}><input type=hidden name=word value={word}>"
    "<p><button name=window value={private}>{private_words}</button>"
    "<p><button name=window value={normal}>{normal_words}</button></form>"
)
_STYLE = (
    "<meta name=viewport content='width=device-width'><style>"
    ":root{color-scheme:light dark;background:Canvas;color:CanvasText}"
    "body{font:20px/1.5 sans-serif;max-width:34em;margin:1em auto;padding:0 1em}"
    "button{font:inherit;padding:.6em 1em;border:2px solid;border-radius:.4em;width:100%;"
    "background:Canvas;color:CanvasText}</style>"
)


@dataclass(frozen=True, slots=True)
class SiteNews:
    """Something that the person at the desk should know of."""

    name: str
    """Of its sentence."""
    look: str = ""
    facts: tuple[tuple[str, str], ...] = ()


@dataclass
class _AskedWindow:
    """The session that is under way."""

    host: str
    mode: str | None
    """None where any window is right."""
    cookie: WindowCookie
    given: set[str] = field(default_factory=set)
    """Cookies that were set since the session began: of windows that are new in it."""
    stated: str = ""
    seen_ns: int = 0
    """When a window was found to be the right one."""
    link: str | None = None
    """Where the page leads on to."""
    link_is_known: bool = False
    link_is_last: bool = False
    """True if nothing is done after it, so that its page may come back by itself."""
    after: Arrival | None = None
    word: str = field(default_factory=lambda: secrets.token_hex(16))
    """On the page that asks which window it is: what other pages send there does not know it."""
    has_stranger: bool = False
    """True once another browser has come than the one that was met; or the same, updated since."""
    closes: bool = False
    """True once a visit to its first page says that the window is still there."""


@dataclass
class HandSite(Site):
    """The site, and what its pages say in a run by hand.

    Args:
        drain_s: After so many seconds a canary's page comes back by itself, to show that it is still there.
    """

    drain_s: float = 30.0
    first: Arrival | None = None
    """What the normal window brought first; None until it is met."""
    news: list[SiteNews] = field(default_factory=list)
    """For the desk, oldest first; whoever reads takes them out."""

    def __post_init__(self) -> None:
        self.cookie_for = ZONE
        self._change = threading.Condition()
        self._asked: _AskedWindow | None = None

    # For the driver

    def meet(self, first: Arrival | None) -> None:
        """The normal window is the one that brings what *first* was given; None meets the next that comes."""
        with self._change:
            self.first = first

    def ask(self, host: str, mode: str | None) -> None:
        """A session begins: its short address, and the mode of the window that it is to be opened in."""
        with self._change:
            assert self.first is not None  # the window is met before any session
            self._asked = _AskedWindow(host, mode, WindowCookie(self.first))

    def is_right(self) -> bool:
        """True once the window of the session has been found to be the right one."""
        with self._change:
            return bool(self._asked and self._asked.seen_ns)

    def has_stranger(self) -> bool:
        """True once another browser has come in the session than the one that was met."""
        with self._change:
            return bool(self._asked and self._asked.has_stranger)

    def lead_to(self, link: str | None, *, is_last: bool = False) -> None:
        """Where the session's page leads on to from now on; None says to look at the desk.

        Args:
            is_last: Nothing is done after it: its page comes back by itself.
        """
        with self._change:
            if self._asked:
                self._asked.link, self._asked.link_is_known = link, True
                self._asked.link_is_last = is_last
                self._change.notify_all()

    def comes_back(self) -> bool:
        """True if the last page of the session comes back by itself."""
        with self._change:
            return self._asked is not None and self._asked.link_is_last

    def closing(self) -> None:
        """The next visit to the session's page shows that its window is still there."""
        with self._change:
            if self._asked:
                self._asked.closes = True

    def after(self) -> Arrival | None:
        """What the window brought at the end of the session."""
        with self._change:
            return self._asked.after if self._asked else None

    def witnesses(self, seen: Arrival | None = None) -> tuple[str | None, str]:
        """The mode by cookie, of the window of the session or as *seen* says, and what was said of it."""
        with self._change:
            assert self._asked is not None
            if seen is None:
                return self._asked.mode, self._asked.stated
            return self._asked.cookie.mode(seen), self._asked.stated

    def end(self) -> None:
        """No session is under way."""
        with self._change:
            self._asked = None

    # For the device

    def answer(self, seen: Arrival, form: Mapping[str, str]) -> SiteAnswer:
        """The page for one request."""
        with self._change:
            if seen.host == START:
                return self._meet(seen)
            asked = self._asked
            if asked is None or self.first is None:
                return self._says("look")
            if seen.agent != self.first.agent:
                asked.has_stranger = True
                self._tell("stranger", "wrong", address=seen.host, agent=seen.agent)
                return self._says("stranger")
            if not seen.cookie:
                asked.given.add(seen.given)
            if seen.host == asked.host:
                return self._in_session(asked, seen, form)
            if seen.host.removesuffix(f".{ZONE}").isdecimal():
                self._tell("other_address", "wrong", address=seen.host, wanted=asked.host)
                return self._says("other_address")
            return self._planted(asked)

    def _meet(self, seen: Arrival) -> SiteAnswer:
        if self.first is None:
            self.first = seen
            self._tell("first_seen", "seen")
        return self._says("first")

    def _in_session(self, asked: _AskedWindow, seen: Arrival, form: Mapping[str, str]) -> SiteAnswer:
        if asked.closes and not form:
            asked.after = asked.after or seen
            return self._says("look")
        if not asked.seen_ns and (wrong := self._is_wrong(asked, seen, form)):
            return wrong
        asked.seen_ns = asked.seen_ns or seen.at_ns
        self._change.notify_all()
        self._change.wait_for(lambda: asked.link_is_known, LEADS_ON_S)
        return SiteAnswer(elsewhere=asked.link) if asked.link else self._says("look")

    def _is_wrong(self, asked: _AskedWindow, seen: Arrival, form: Mapping[str, str]) -> SiteAnswer | None:
        """What to say as long as the window is not known to be the right one."""
        if asked.mode is None:
            return None
        if not seen.cookie or seen.cookie in asked.given:
            asked.cookie.own = seen.cookie  # a private window opened anew, in place of another one
        knows = compare_digest(form.get("word", "").encode(), asked.word.encode())
        shown, said = asked.cookie.mode(seen), form.get("window", "") if knows else ""
        if shown != asked.mode:
            self._tell("wrong_window", "wrong", wanted=asked.mode, shown=shown or PRIVATE)
            return self._says(f"wrong_{asked.mode}")
        if not said:
            return self._which_window(asked.word)
        if said != asked.mode:
            self._tell("said_otherwise", "wrong", wanted=asked.mode, said=said[:20])
            return self._says("said_otherwise")
        asked.stated = said
        return None

    def _planted(self, asked: _AskedWindow) -> SiteAnswer:
        """A canary's page; in time it goes back to the session's own."""
        later = (self.drain_s, f"http://{asked.host}{AFTER_PATH}") if asked.link_is_last else None
        return SiteAnswer(self._said("planted"), later=later, title="page")

    def _which_window(self, word: str) -> SiteAnswer:
        say = {name: escape(text) for name, text in sentences("site").items()}
        page = _BUTTONS.format(
            title=say["which_title"],
            text=say["which_text"],
            path=WINDOW_PATH,
            word=word,
            private=PRIVATE,
            normal=NORMAL,
            private_words=say["which_private"],
            normal_words=say["which_normal"],
        )
        return SiteAnswer(_STYLE + page, title=say["which_title"])

    def _says(self, name: str) -> SiteAnswer:
        return SiteAnswer(self._said(name), title=sentences("site")[f"{name}_title"])

    def _said(self, name: str) -> str:
        title, text = (escape(sentences("site")[f"{name}_{part}"]) for part in ("title", "text"))
        return f"{_STYLE}<h1>{title}</h1><p>{text}"

    def _tell(self, name: str, look: str = "", **facts: str) -> None:
        self.news.append(SiteNews(name, look, tuple(facts.items())))
