"""`python -m benchmarks.real_pages BROWSER [PROGRAM]`: a real browser on pages that embed its vendor's.

13 ways in which a page makes a browser ask its vendor's servers, under each of the eight referrer policies,
by https and by plain http: 208 pages, each with a canary. What they cause is told as theirs, or as nobody's;
the browser is charged with nothing. Nothing leaves the machine.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.browsers import BROWSERS, WAIT_S, waited_for
from hometruth.audit.judging import audit
from hometruth.audit.question import Question
from hometruth.canaries import mint
from hometruth.capture import Recorder, Sinkhole, read_capture, read_connections
from hometruth.claims import parse_claims
from hometruth.lab import serving_pages
from hometruth.model import (
    ActionRecord,
    Attestation,
    Audit,
    CanaryKind,
    Condition,
    ExpectedFlow,
    InitiatorKind,
    Part,
    Subject,
    Trial,
)

VENDORS = {"chromium": ("Google", "www.gstatic.com"), "firefox": ("Mozilla", "cdn.mozilla.net")}
"""Whose the browser is, and a host of theirs."""
SETTLE_S = 4.0
POLICIES = (
    *("no-referrer", "no-referrer-when-downgrade", "origin", "origin-when-cross-origin", "same-origin"),
    *("strict-origin", "strict-origin-when-cross-origin", "unsafe-url"),
)
WAYS: Mapping[str, str] = {
    "image": '<img src="{vendor}/i.png">',
    "script": '<script src="{vendor}/s.js"></script>',
    "fetch": '<script>fetch("{vendor}/f?u=" + location.href, {{mode: "no-cors"}})</script>',
    "beacon": '<script>navigator.sendBeacon("{vendor}/b?u=" + location.href)</script>',
    "iframe": '<iframe src="{vendor}/frame"></iframe>',
    "font": "<style>@font-face{{font-family:f;src:url({vendor}/f.woff2)}}p{{font-family:f}}</style><p>x",
    "style": '<link rel=stylesheet href="{vendor}/c.css">',
    "prefetch": '<link rel=prefetch href="{vendor}/p">',
    "redirect": '<meta http-equiv=refresh content="0;url={vendor}/r">',
    "form": '<form action="{vendor}/form"><input name=u></form>'
    "<script>document.forms[0].u.value=location.href;document.forms[0].submit()</script>",
    "window": '<script>open("{vendor}/w?u=" + location.href)</script>',
    "link": '<a href="{vendor}/l">x</a><script>document.links[0].click()</script>',
    "worker": '<script>navigator.serviceWorker?.register("/sw.js").then(() => navigator.serviceWorker.ready)'
    ".then(it => it.active.postMessage(location.href))</script>",
    "hidden": '<script>new Image().src = "https://" + "{split}" + "/h?u=" + location.href</script>',
    "inert": "<p>nothing",
}
"""HTML by name; the last two only in samples."""
WORKER = """onmessage = event => fetch("{vendor}/worker?u=" + event.data, {{mode: "no-cors"}})"""
CLAIM = """
[[claim]]
id = "n1"
side = "vendor"
who = "nobody"
date = "2026-11-29"
statement = "What is visited does not reach the vendor."
source_tier = "primary"
source = ["https://example.com/"]
"""
READING = """
[[claim.reading]]
kind = "{0}"
wording = "summarised"

[[claim.reading.proposition]]
id = "n1.{0}"
kind = "absent"
says = "nothing visited reaches the vendor"
where = {{ mode = ["normal"] }}
options = {{ kinds = ["page"], control = {{ mode = ["normal"] }} }}
"""


@dataclass(frozen=True)
class Page:
    """One page of others."""

    name: str
    html: str
    scheme: str = "https"

    @property
    def host(self) -> str:
        """Its own."""
        return f"{self.name}.pages.example"


def page(way: str, policy: str, host: str, scheme: str = "https") -> Page:
    """A page that makes a browser ask *host*."""
    vendor, split = f"https://{host}", '" + "'.join(host.split("."))
    html = WAYS[way].format(vendor=vendor, split=split.replace('" + "', '." + "'))
    name = f"{way}-{policy}{'' if scheme == 'https' else '-http'}"
    return Page(name, f"<!doctype html><meta name=referrer content={policy}>{html}", scheme)


def all_pages(host: str) -> list[Page]:
    """208 of them."""
    ways = [way for way in WAYS if way not in {"hidden", "inert"}]
    return [
        page(way, each, host, scheme) for scheme in ("https", "http") for way in ways for each in POLICIES
    ]


@dataclass(frozen=True)
class Seen:
    """What came of the visits."""

    audit: Audit
    asked: int
    """Requests to the vendor's host."""
    charged: Mapping[str, InitiatorKind]
    """By page, whose doing it is that its canary reached the vendor."""


def null_side(browser: str, program: str, pages: Sequence[Page], folder: Path) -> Seen:
    """Open the pages one after the other, and judge."""
    vendor, vendor_host = VENDORS[browser]
    traffic = folder / "t.mitm"
    scripts = {"/sw.js": WORKER.format(vendor=f"https://{vendor_host}")}
    canaries = {each.host: mint("page", cell="t") for each in pages}
    seen: set[str] = set()
    actions = []
    with (
        serving_pages({each.host: each.html for each in pages}, scripts) as url,
        Recorder(
            traffic,
            sinkhole=Sinkhole({each.host: url for each in pages}),
            on_exchange=lambda item: seen.add(item.host),
        ) as recorder,
        BROWSERS[browser](program, folder / "profile", recorder) as visit,
    ):
        recorder.mark("t")
        started = time.time_ns()
        for each in pages:
            canary = canaries[each.host]
            actions.append(ActionRecord("visit", canary.id, time.time_ns(), happened=True))
            visit(f"{each.scheme}://{each.host}/visit/{canary.value}")
            waited_for(lambda host=each.host: host in seen)  # type: ignore[misc]
        time.sleep(SETTLE_S)
    trial = Trial(
        *("t", "matrix", Condition.of({"mode": "normal"}), 1, "i", "desktop"),
        started_ns=started,
        ended_ns=time.time_ns(),
        attested=(Attestation("mode", "normal", "started so"),),
        actions=tuple(actions),
    )
    visits = ExpectedFlow(
        CanaryKind.PAGE, "*.pages.example", ".*", frozenset({Part.PATH, Part.HEADER}), within_s=WAIT_S
    )
    question = Question(
        subject=Subject("real", browser, vendor, browser, "desktop"),
        trials=(trial,),
        canaries=tuple(canaries.values()),
        claims=parse_claims(CLAIM + READING.format("ordinary") + READING.format("strict"), "test"),
        expected=(visits,),
        connections=tuple(read_connections(traffic)),
    )
    result = audit(read_capture(traffic), question, jobs=1)
    by_page = {canary.id: host.partition(".")[0] for host, canary in canaries.items()}
    at_vendor = [finding for finding in result.findings if finding.recipient.vendor_controlled]
    return Seen(
        result,
        sum(getattr(item, "host", "") == vendor_host for item in read_capture(traffic)),
        {by_page[finding.canary.id]: finding.initiator.kind for finding in at_vendor},
    )


def main() -> int:
    """All pages with one browser; 1 if it was charged with anything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("browser", choices=BROWSERS)
    parser.add_argument("program", nargs="?", help="its executable; found by its name by default")
    options = parser.parse_args()
    pages = all_pages(VENDORS[options.browser][1])
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="pages-") as folder:
        seen = null_side(options.browser, options.program or options.browser, pages, Path(folder))
    kinds = Counter(kind.value for kind in seen.charged.values())
    by_way = Counter(name.partition("-")[0] for name in seen.charged)
    verdicts = Counter(row.verdict.value for row in seen.audit.verdicts)
    sys.stdout.write(
        f"{options.browser}: {len(pages)} pages, {seen.asked} requests to the vendor's host; "
        f"{len(seen.charged)} canaries reached the vendor, charged to {dict(kinds)}\n"
        f"{dict(by_way)}\n{dict(verdicts)}\n"
        f"{time.monotonic() - began:.0f} s\n"
    )
    return int(InitiatorKind.APP in seen.charged.values() or verdicts["CONTRADICTED"] > 0)


if __name__ == "__main__":
    sys.exit(main())
