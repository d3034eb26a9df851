"""axe-core (https://github.com/dequelabs/axe-core) finds nothing in the pages of a run by hand."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from hometruth.capture import Recorder, Sinkhole
from hometruth.capture.proxy.passing import Passing, RecordingPhase
from hometruth.experiment.drivers.by_hand.desk import DeskBoard, DeskChoice, DeskStep, DeskTally
from hometruth.experiment.drivers.by_hand.desk_server import serving_desk
from hometruth.experiment.drivers.by_hand.phone_page import HOST, PhoneState, serving_phone
from hometruth.experiment.drivers.by_hand.windows import HandSite
from hometruth.experiment.drivers.desktop.site import Arrival, routes, serving
from tests.experiment.drivers.person import until
from tests.report.devtools import DevTools, devtools
from tests.report.test_accessible import axe  # noqa: F401 - a fixture

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), "")
NARROW, WIDE = 360, 1280
ROWS = (("Host", "Could be read", "Means"), ("a.example", "pinned", "Any silence of it proves nothing."))
WHERE = {"page": "http://hometruth.test/", "host": "192.0.2.7", "port": "8080"}
STEPS = (
    DeskStep(
        "connect_tunnel", {"page": "p", "host": "h", "port": "1"}, typed="hometruth.test", code="[Peer]"
    ),
    DeskStep(
        "connect_here",
        {"page": "p", "host": "h", "port": "1", "product": "Chromium"},
        copied="chromium --proxy-server=x",
    ),
    DeskStep("preflight", {"time": "2 min"}, drain=(120, 30), rows=ROWS, buttons=("done",)),
    DeskStep(
        *("open_normal", {"address": "7.sites.example"}, "close_here"),
        typed="7.sites.example",
        copied="chromium --proxy-server=x",
        buttons=("forgot", "end"),
    ),
    DeskStep("pair_play", {"does": "Play the film."}, drain=(60, 20), buttons=("done", "end")),
    DeskStep(
        *("hosts", {"app": "Shop"}),
        rows=ROWS[:1],
        choices=(DeskChoice(("a.example", "x", "y"), is_ticked=True),),
        buttons=("choose", "none"),
    ),
    DeskStep("verdicts", {"report": "case/data/report.html"}, rows=ROWS, buttons=("remove", "later")),
)


@pytest.fixture(scope="module")
def passing() -> Passing:
    """What the recorder lets through, and shows on its own pages."""
    return Passing(moves_to=RecordingPhase.PREFLIGHT)


@pytest.fixture(scope="module")
def pages(
    passing: Passing, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[DevTools, str, DeskBoard]]:
    """A browser whose proxy is a recorder, as a phone's is, and the desk page, to which it goes directly."""
    if not CHROMIUM:
        pytest.skip("not on this machine: chromium")
    folder = tmp_path_factory.mktemp("pages")
    with ExitStack() as opened:
        board, site = DeskBoard(), HandSite()
        site.meet(Arrival(0, "start.sites.example", "/", "", "0" * 16, ""))
        opened.enter_context(serving(site))
        phone = opened.enter_context(serving_phone(PhoneState("first", links=True)))
        sinkhole = Sinkhole({**routes(site), HOST: phone})
        recorder = opened.enter_context(Recorder(folder / "x.mitm", sinkhole=sinkhole, passing=passing))
        pin = f"--ignore-certificate-errors-spki-list={recorder.key_pin()}"
        tools = opened.enter_context(
            devtools(CHROMIUM, folder / "profile", f"--proxy-server={recorder.url}", pin)
        )
        site.meet(Arrival(0, "start.sites.example", "/", "", "0" * 16, tools.value("navigator.userAgent")))
        site.ask("7.sites.example", "private")
        yield tools, opened.enter_context(serving_desk(board)), board


def faults(tools: DevTools, url: str, source: str) -> tuple[list[object], list[int]]:
    """What axe-core has against a page, dark and light, and the widths for which it is too wide."""
    too_wide = []
    for width in (WIDE, NARROW):
        tools.open(url, width)
        if tools.value("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            too_wide.append(width)
    tools.value(source)
    told = []
    for scheme in ("dark", "light"):
        tools.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        found = tools.ask(
            "Runtime.evaluate",
            expression="axe.run(document, {resultTypes: ['violations']}).then(told => JSON.stringify("
            "told.violations.map(one => [one.id, one.nodes.map(node => node.html)])))",
            awaitPromise=True,
            returnByValue=True,
        )
        told.append(found["result"]["value"])
    return told, too_wide


def test_nothing_on_the_desk_is_in_the_way_of_anybody(
    pages: tuple[DevTools, str, DeskBoard],
    axe: str,  # noqa: F811
) -> None:
    tools, url, board = pages
    board.tell(DeskTally(3, 16, "31.3 %"))
    for step in STEPS:
        board.show(step)
        board.note("stranger", "wrong", address="7.sites.example", agent="x")
        assert faults(tools, f"{url}now", axe) == (["[]", "[]"], []), step.name


def test_nothing_on_the_phone_is_in_the_way_of_anybody(
    pages: tuple[DevTools, str, DeskBoard],
    axe: str,  # noqa: F811
) -> None:
    for path in (f"{HOST}/", f"{HOST}/guide", "7.sites.example/", "8.sites.example/"):
        assert faults(pages[0], f"http://{path}", axe) == (["[]", "[]"], []), path


def test_nothing_on_the_page_of_the_removal_is_in_the_way_of_anybody(
    pages: tuple[DevTools, str, DeskBoard],
    passing: Passing,
    axe: str,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(passing, "removes", True)
    assert faults(pages[0], f"http://{HOST}/", axe) == (["[]", "[]"], [])
    assert "remove" in str(pages[0].value("document.body.innerText")).lower()


CHOOSES_AND_SENDS = """(() => {
    const chosen = new DataTransfer(), field = document.querySelector("input[type=file]")
    const png = new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10, 13, 10, 45, 45])
    chosen.items.add(new File([png], 'a"b;name=word=\u00e4.png', {type: "image/png"}))
    field.files = chosen.files
    field.form.submit()
})()"""


def test_a_picture_is_kept_as_a_real_browser_sends_it(pages: tuple[DevTools, str, DeskBoard]) -> None:
    tools = pages[0]
    tools.open(f"http://{HOST}/guide", NARROW)
    tools.value(CHOOSES_AND_SENDS)

    assert until(lambda: "The picture is kept." in str(tools.value("document.body?.innerText")))


def test_the_desk_is_used_by_keyboard_alone(pages: tuple[DevTools, str, DeskBoard]) -> None:
    tools, url, board = pages
    number = board.show(DeskStep("admit", {"address": "192.0.2.7"}, buttons=("yes", "no")))
    tools.open(f"{url}now", NARROW)
    for key, code, text in (("Tab", 9, ""), ("Tab", 9, ""), ("Enter", 13, "\r")):
        for kind in ("keyDown", "keyUp"):
            more = {"text": text} if text and kind == "keyDown" else {}
            tools.ask(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **more
            )

    assert until(lambda: board.taken(number)) == "no", "the second button"
