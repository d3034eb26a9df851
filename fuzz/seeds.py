"""Where the fuzzers start: one small input of every format, made by encoders that are not the layers."""

import json
import zipfile
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.corpus.generate import Size, make_corpus, write_corpus
from tests.capture.exports import made
from tests.case.bags import make_bag
from tests.peel.wraps import WRAPS

from hometruth.capture import read_capture
from hometruth.capture.exchange_table import write_exchanges

KEPT = Path(__file__).parent / "kept"
TEXT = b"https://secret.test/a?b=1&c=d"
TOKENS = (
    b"GET",
    b"xn--",
    b"%25",
    b"\\u0041",
    b"&#x41;",
    b"]]>",
    b"\x1f\x8b\x08",
    b"=\r\n",
    b"eyJ",
    b"data:,",
)
FOLDERS = {"plan": "plans"}
HAR = {
    "log": {
        "entries": [
            {
                "startedDateTime": "2026-01-01T00:00:00.000Z",
                "request": {
                    "method": "POST",
                    "url": "https://t.test/a?b=c",
                    "httpVersion": "HTTP/1.1",
                    "headers": [{"name": "Cookie", "value": "a=b"}],
                    "queryString": [{"name": "b", "value": "c"}],
                    "postData": {"mimeType": "application/json", "text": "e30=", "encoding": "base64"},
                },
                "response": {"status": 200, "headers": [], "content": {"text": "ok"}},
                "_webSocketMessages": [{"type": "send", "time": 1.5, "opcode": 2, "data": "AAEC"}],
                "serverIPAddress": "192.0.2.1",
            }
        ]
    }
}
CANARIES = (
    b'salts = ["a"]\n[[canaries]]\nid = "x"\nkind = "page"\nvalue = "something"\nfirst_party = ["a.test"]\n'
)


RECORDINGS: dict[str, Callable[[], bytes]] = {
    "har": lambda: json.dumps(HAR).encode(),
    "mitmproxy": lambda: _flows(),  # noqa: PLW0108 - it is defined below
    "parquet": lambda: _exchange_table(),  # noqa: PLW0108
    **{reader.split()[0].lower(): maker for reader, (maker, _) in made.MAKERS.items()},
    **{reader.split()[0].lower(): maker for reader, maker in made.CONTACTS.items()},
}
"""Makers of files of every format that is read."""
FILES = {
    **dict.fromkeys(("table", "reference"), b"user,item,ts\na,b,1\nc,d,2026-01-01T00:00:00Z\n"),
    "own-values": b'imei = "490154203237518"\nmac = ["00:11:22:33:44:55"]\n',
    "labels": b'twins = true\n[[capture]]\nfile = "/dev/null"\ndevice = "a"\nphase = "base"\n',
    "connections": b'{"kind":"refused-tls","host":"a","port":443,"at_ns":1,"reason":"r","trial":null}\n',
    "client-hello": b"\x03\x03" + bytes(32) + b"\0\0\2\x13\1\1\0\0\7\0\x2b\0\3\2\3\4",
}
"""Files that are one text."""


def seeds_of(name: str) -> Iterator[bytes]:
    """Inputs for the target of that name."""
    match name:
        case _ if name in RECORDINGS:
            yield RECORDINGS[name]()
        case "canaries":
            yield CANARIES
            yield json.dumps({"salts": ["a"], "canaries": [{"id": "x", "value": "something"}]}).encode()
        case _ if name in FILES:
            yield FILES[name]
        case _ if name.startswith("case-"):
            with TemporaryDirectory() as folder:
                bag = make_bag(Path(folder) / "case")
                yield from (path.read_bytes() for path in bag.rglob("*") if path.is_file())
        case "claims" | "adapters" | "plan":
            for file in files("hometruth.data").joinpath(FOLDERS.get(name, name)).iterdir():
                if file.name.endswith((".toml", ".json")):
                    yield file.read_bytes()
        case _:
            yield from TOKENS
            for wrap in WRAPS.values():
                if (wrapped := wrap(TEXT)) is not None:
                    yield wrapped


def kept_of(name: str) -> list[bytes]:
    """The inputs kept for a target; none if nobody has fuzzed it."""
    path = KEPT / f"{name}.zip"
    if not path.exists():
        return []
    with zipfile.ZipFile(path) as archive:
        return [archive.read(member) for member in archive.namelist()]


def write_seeds(name: str, folder: Path) -> None:
    """The inputs as files, as the fuzzer reads them, and those that were kept."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate((*seeds_of(name), *kept_of(name))):
        (folder / f"seed-{number:03}").write_bytes(seed)


def _flows() -> bytes:
    """A mitmproxy file of a few requests."""
    with TemporaryDirectory() as folder:
        corpus = make_corpus(1, Size(3, 0), planted=False)
        return write_corpus(corpus, Path(folder), "flows").read_bytes()


def _exchange_table() -> bytes:
    with TemporaryDirectory() as folder:
        har, table = Path(folder, "a.har"), Path(folder, "a.parquet")
        har.write_text(json.dumps(HAR))
        write_exchanges(read_capture(har), table)
        return table.read_bytes()
