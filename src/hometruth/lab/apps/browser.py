"""A running browser: what a person does in it, and what it records."""

import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import PurePosixPath
from urllib.parse import quote, quote_plus, urljoin, urlsplit

from hometruth.errors import LabError
from hometruth.lab.android.network import NetworkError
from hometruth.lab.apps import mint_browser as mint
from hometruth.lab.apps.app_process import ActionOutcome, AppProcess
from hometruth.lab.apps.leaks import Visit, told_of

PAGE_LOAD_MS = 400
"""How long a page takes on the phone's clock. Invented."""
WATCHED_MS = 30_000
"""How long a video is watched. Invented."""
EMBEDDED = re.compile(
    rb"<(?:img|script|iframe)\b[^<>]{0,200}?\bsrc=[\"']?(https?://[!#-&(-;=?-~]{1,500})", re.IGNORECASE
)
"""What this browser loads with a page: images, scripts, frames; it runs none of it."""
URL_CHARACTERS = "%/:?#[]@!$&'()*+,;=~"
"""Left as they are in an address; anything else is percent-encoded, as a browser does."""


class Browser(AppProcess):
    """The process of a browser from launch to kill."""

    @property
    def actions(self) -> Mapping[str, Callable[[str], ActionOutcome]]:
        """What a person can do in a browser."""
        return {
            "visit": self.visit,
            "search": self.search,
            "download": self.download,
            "search-video": self.search_video,
            "watch-video": self.watch_video,
            "read-item": self.read_item,
            "add-quick-dial": self.add_quick_dial,
            "open-quick-dial": self.open_quick_dial,
            "reader-mode": self.reader_mode,
            "share-page": self.share_page,
            "tap-page": self.tap_page,
            "change-engine": self.change_engine,
            "crash": self.crash,
        }

    def visit(self, url: str) -> ActionOutcome:
        """Load a page; some sites make the browser recommend incognito mode first."""
        address = _address(url)
        host = urlsplit(address).hostname or ""
        if not self._incognito and host.endswith(mint.REMINDER_SITES):
            self._record(mint.REMINDER.name, address)
        self._record(mint.PAGE_START.name, address)
        seen = self._load(address)
        self._phone.clock.advance(PAGE_LOAD_MS)
        if seen.status is not None:
            self._record(mint.PAGE_FINISH.name, address)
        self._leak(address)
        return seen

    def search(self, words: str, engine: str | None = None) -> ActionOutcome:
        """Type a query on the home page and load the engine's result page."""
        engine = engine or self._engine
        host = _host_of(engine)
        self._record(mint.SEARCH.name, engine, mint.SEARCH_POSITION, mint.SEARCH_METHOD, words)
        return self.visit(f"https://{host}/search?q={quote_plus(words)}")

    def tap_page(self, url: str) -> ActionOutcome:
        """Touch the page at *url* where nothing is linked: it takes as long as loading one, and no more
        happens.

        That no browser here records such a touch is invented; palant-1 names no event for it.
        """
        _address(url)
        self._phone.clock.advance(PAGE_LOAD_MS)
        return self._done()

    def change_engine(self, engine: str) -> ActionOutcome:
        """Make another search engine the default."""
        _host_of(engine)
        before, self._phone.preferences["engine"] = self._engine, engine
        self._record(mint.ENGINE_CHANGED.name, before, engine)
        return self._done()

    def download(self, url: str) -> ActionOutcome:
        """Download a file."""
        address = _address(url)
        suffix = PurePosixPath(urlsplit(address).path).suffix.removeprefix(".")
        window = "privacy" if self._incognito else "general"
        self._record(mint.DOWNLOAD.name, mint.DOWNLOAD_OP, suffix, address, window)
        return self._load(address)

    def search_video(self, words: str) -> ActionOutcome:
        """Search for videos from the home page."""
        values = ("search", words, mint.VIDEO_SEARCH_TYPE, mint.VIDEO_SEARCH_PAGE)
        self._record(mint.VIDEO_SEARCH.name, *values)
        return self._load(f"https://{mint.VIDEO_HOST}/results?search_query={quote_plus(words)}")

    def watch_video(self, video: str) -> ActionOutcome:
        """Open a video's details, play it, and close them."""
        self._record(mint.VIDEO_OPEN.name, video)
        seen = self._load(f"https://{mint.VIDEO_HOST}/watch?v={quote_plus(video)}")
        self._record(mint.VIDEO_PLAY.name, video)
        self._phone.clock.advance(WATCHED_MS)
        self._record(mint.VIDEO_CLOSE.name, video)
        return seen

    def read_item(self, item: str) -> ActionOutcome:
        """Open an item of the news feed."""
        self._record(mint.FEED_ITEM.name, item)
        return self._load(f"https://{mint.FEED_HOST}/item/{quote(item, safe='')}")

    def add_quick_dial(self, url: str) -> ActionOutcome:
        """Put a site on the home page."""
        self._record(mint.DIAL_ADD.name, _address(url))
        return self._done()

    def open_quick_dial(self, url: str) -> ActionOutcome:
        """Tap a site on the home page."""
        self._record(mint.DIAL_CLICK.name, _address(url))
        return self.visit(url)

    def reader_mode(self, url: str) -> ActionOutcome:
        """Load a page and read it in reader mode."""
        seen = self.visit(url)
        self._record(mint.READER_ON.name, _address(url))
        return seen

    def share_page(self, url: str) -> ActionOutcome:
        """Load a page and share it."""
        seen = self.visit(url)
        self._record(mint.PAGE_SHARE.name, _address(url))
        return seen

    def crash(self, cause: str) -> ActionOutcome:
        """The part of the browser that shows pages crashes, for a reason, and recovers."""
        self._record(mint.CRASH.name, cause)
        return self._done()

    @property
    def _engine(self) -> str:
        return str(self._phone.preferences.get("engine", next(iter(mint.ENGINES))))

    def _leak(self, address: str) -> None:
        """Tell of the visit in the ways that a test has slipped in."""
        here = self.cell
        names = [leak.name for leak in self._phone.leaks if here.matches(leak.where)]
        product = self._app.user_agent.format(version=self._version)
        agent = ("User-Agent", self._phone.profile.browser_user_agent(product))
        for told in told_of(Visit(address, self._phone.handed_out, self._phone.rng), names):
            host = ("Host", urlsplit(told.url).netloc)
            with suppress(NetworkError):
                self._phone.web(told.method, told.url, (host, agent, *told.headers), told.body)

    def _load(self, url: str) -> ActionOutcome:
        host = urlsplit(url).netloc.rpartition("@")[2]
        profile = self._phone.profile
        language = f"{profile.language}-{profile.region},{profile.language};q=0.9"
        product = self._app.user_agent.format(version=self._version)
        headers = [
            ("Host", host),
            ("Connection", "keep-alive"),
            ("Upgrade-Insecure-Requests", "1"),
            ("User-Agent", profile.browser_user_agent(product)),
            ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"),
            ("Accept-Encoding", "gzip, deflate"),
            ("Accept-Language", language),
        ]
        try:
            reply = self._phone.web("GET", url, headers)
        except NetworkError:
            return ActionOutcome(time.time_ns(), None, happened=False)
        self._load_embedded(url, reply.body, headers[3])
        return ActionOutcome(time.time_ns(), reply.status, happened=reply.status == 200)

    def _load_embedded(self, page: str, body: bytes, agent: tuple[str, str]) -> None:
        """Load what a page embeds, as every browser does, and name the page to whoever serves it.

        Browsers of 2020 gave the whole address to servers of others, unless the page forbade it
        (``no-referrer-when-downgrade``; W3C Referrer Policy, 2017).
        """
        for found in EMBEDDED.finditer(body):
            address = urljoin(page, found[1].decode("ascii"))
            headers = [
                ("Host", urlsplit(address).netloc),
                agent,
                ("Accept", "*/*"),
                ("Sec-Fetch-Site", "cross-site"),
                ("Referer", page),
            ]
            with suppress(NetworkError):
                self._phone.web("GET", address, headers)


def _host_of(engine: str) -> str:
    if engine not in mint.ENGINES:
        raise LabError(f"no search engine {engine!r}; choose from {', '.join(mint.ENGINES)}")
    return mint.ENGINES[engine]


def _address(url: str) -> str:
    """*url* as a browser would send it.

    Raises:
        LabError: If it is no web address.
    """
    if not _is_web_address(url):
        raise LabError(f"{url!r} is not a web address; write https://host/path (host in ASCII)")
    return quote(url, safe=URL_CHARACTERS)


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        has_port = parts.port != 0  # raises if it is not a number, or too large
    except ValueError:
        return False
    host_is_plain = parts.netloc.isascii() and not set(parts.netloc) & set(" %\\")
    return bool(
        parts.scheme in {"http", "https"}
        and parts.hostname
        and has_port
        and host_is_plain
        and url.isprintable()
    )
