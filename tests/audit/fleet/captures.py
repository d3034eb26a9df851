"""Small recordings, as a crawl leaves them: most whole, one cut, one that is none."""

import base64
import json
from pathlib import Path

from hometruth.audit.scanner import Scanner
from hometruth.model import Canary, CanaryKind

SITE = "h7k2m9q4w8z3x5c1v6b2t"
SCANNER = Scanner((Canary("site", CanaryKind.PAGE, SITE, 100.0),), seed=3, n_phantoms=20)


def entry(host: str, body: str) -> dict[str, object]:
    return {
        "startedDateTime": "2026-01-01T00:00:00Z",
        "request": {
            "method": "POST",
            "url": f"https://{host}/collect",
            "headers": [],
            "postData": {"mimeType": "application/json", "text": body},
        },
        "response": {"status": 200, "headers": [], "content": {"size": 0}},
    }


def capture(number: int) -> str:
    """A recording of three requests; every third one tells the site visited, and one is opaque."""
    site = base64.b64encode(f"https://{SITE}.example/{number}".encode()).decode()
    opaque = base64.b64encode(bytes((number * 31 + at * 89) % 251 for at in range(200))).decode()
    bodies = [json.dumps({"n": number}), json.dumps({"u": site if number % 3 == 0 else ""}), opaque]
    entries = [entry(f"t{at}.tracker.example", body) for at, body in enumerate(bodies)]
    return json.dumps({"log": {"version": "1.2", "entries": entries}})


def crawl(folder: Path, n: int) -> Path:
    """*n* recordings in a folder, one of them cut, and one that is none."""
    folder.mkdir()
    for number in range(n):
        text = capture(number)
        text = text[:-200] if number == 1 else "no recording" if number == 2 else text
        (folder / f"{number:03}.har").write_text(text)
    return folder
