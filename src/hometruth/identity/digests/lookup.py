"""Digests of the tester's own values, looked up in what was sent: no guessing, milliseconds."""

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from hometruth.identity.digests.spellings import spellings

ALGORITHMS: dict[str, Callable[[bytes], bytes]] = {
    "md5": lambda data: hashlib.md5(data).digest(),
    "sha1": lambda data: hashlib.sha1(data).digest(),
    "sha256": lambda data: hashlib.sha256(data).digest(),
    "md5 of md5": lambda data: hashlib.md5(hashlib.md5(data).hexdigest().encode()).digest(),
    "md5 of MD5": lambda data: hashlib.md5(hashlib.md5(data).hexdigest().upper().encode()).digest(),
}
"""Name to digest; in the last two the inner digest is in hex, in lower and in upper case."""
_HEX = re.compile(rb"(?<![0-9A-Za-z])[0-9A-Fa-f]{32,64}(?![0-9A-Za-z])")
_BASE64 = re.compile(rb"(?<![0-9A-Za-z+/_-])[0-9A-Za-z+/_-]{22,43}={0,2}(?![0-9A-Za-z+/_=-])")


@dataclass(frozen=True, slots=True)
class KnownDigest:
    """Which of the tester's values a digest is made of, and how; not the value itself."""

    kind: str
    spelling: str
    algorithm: str


class DigestTable:
    """Every digest of every spelling of some values."""

    def __init__(self, values: Iterable[tuple[str, str]]) -> None:
        self._known: dict[bytes, KnownDigest] = {}
        for kind, value in values:
            for spelling, text in spellings(kind, value).items():
                for algorithm, digest_of in ALGORITHMS.items():
                    digest = digest_of(text.encode("utf-8", "surrogateescape"))
                    self._known.setdefault(digest, KnownDigest(kind, spelling, algorithm))

    def __len__(self) -> int:
        return len(self._known)

    def find(self, data: bytes) -> set[KnownDigest]:
        """The known digests that stand in *data*: in hex, in base64 of either alphabet, or as all of it."""
        return {known for digest in _digests(data) if (known := self._known.get(digest)) is not None}


def _digests(data: bytes) -> Iterator[bytes]:
    yield data
    for match in _HEX.finditer(data):
        if len(match[0]) % 2 == 0:
            yield bytes.fromhex(match[0].decode())
    for match in _BASE64.finditer(data):
        text = match[0].rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
        if len(text) % 4 != 1:
            yield base64.b64decode(text + b"=" * (-len(text) % 4))
