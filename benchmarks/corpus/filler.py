"""The traffic in between: what browsers and apps send all day, invented and drawn from the seed.

Pools (words, pages, scripts, images) are made once and cut differently each time: real traffic repeats
itself, in its cookies and headers most of all, and a tool may profit from that here as there.
"""

import base64
import hashlib
import json
from random import Random
from urllib.parse import quote, urlencode

from benchmarks.corpus.canaries import Vocabulary
from benchmarks.corpus.encoders.compression import gzip
from benchmarks.corpus.sent import Answer, Sent

ALPHANUMERIC = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
SYLLABLES = ("ta", "ri", "mo", "ne", "ka", "lu", "si", "ver", "dor", "pen", "gal", "tis", "ber", "wo", "han")
AGENT = (
    "Mozilla/5.0 (Linux; Android 13; Redmi Note 8) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Mobile Safari/537.36"
)
N_SITES = 60
SESSION_REQUESTS = 40
"""Requests after which a site sets new cookies."""
SCRIPT_BYTES = 400_000
PAGE_BYTES = 600_000
IMAGE_BYTES = 1_500_000


COMMON_WORDS = (
    "mozilla",
    "android",
    "applewebkit",
    "chrome",
    "mobile",
    "safari",
    "chromium",
    "referer",
    "example",
)
"""Words of its headers and addresses."""


class Filler:
    """Ordinary exchanges, each the same for the same seed and number."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        rng = Random(f"filler {seed}")
        self._words = ["".join(rng.choices(SYLLABLES, k=rng.randrange(1, 5))) for _ in range(3000)]
        self._sites = [f"{a}{b}" for a, b in zip(rng.sample(self._words, N_SITES), self._words, strict=False)]
        self._script = self._text(rng, SCRIPT_BYTES, "function {}({}){{return {}.{}({},'{}')}};")
        self._page = self._text(rng, PAGE_BYTES, '<div class="{} {}"><a href="/{}/{}">{} {}</a></div>\n')
        self._image = rng.randbytes(IMAGE_BYTES)

    def vocabulary(self) -> Vocabulary:
        """What this traffic is full of, for canaries that are as unlucky as can be."""
        rng = Random(f"unlucky {self._seed}")
        long = [word for word in self._words if 6 <= len(word) <= 9]
        return Vocabulary((*COMMON_WORDS, *rng.sample(sorted({*long}), 20)), "example.org")

    def exchange(self, number: int) -> Sent:
        """The ordinary exchange of that number."""
        rng = Random(f"{self._seed}/{number}")
        site = min(int(rng.expovariate(0.08)), N_SITES - 1)
        kind = rng.choices(
            (self._page_view, self._asset, self._picture, self._api_call, self._beacon, self._batch),
            weights=(8, 14, 14, 24, 18, 22),
        )[0]
        return kind(rng, self._sites[site], site * 1000 + number // SESSION_REQUESTS)

    def _page_view(self, rng: Random, site: str, session: int) -> Sent:
        answer = Answer(mime="text/html; charset=utf-8", body=_cut(rng, self._page, 12_000, 80_000))
        return Sent(
            f"www.{site}.example", self._path(rng), headers=self._headers(site, session), answer=answer
        )

    def _asset(self, rng: Random, site: str, session: int) -> Sent:
        answer = Answer(mime="application/javascript", body=_cut(rng, self._script, 5_000, 48_000))
        target = f"/assets/{rng.choice(self._words)}.{rng.randrange(16**8):08x}.js"
        return Sent(
            f"cdn.{site}.example", target, headers=self._headers(site, session, cookies=False), answer=answer
        )

    def _picture(self, rng: Random, site: str, session: int) -> Sent:
        answer = Answer(mime="image/webp", body=_cut(rng, self._image, 2_000, 26_000))
        target = f"/img/{rng.randrange(10**6)}/{rng.choice(self._words)}.webp?w={rng.randrange(100, 1600)}"
        return Sent(
            f"img.{site}.example", target, headers=self._headers(site, session, cookies=False), answer=answer
        )

    def _api_call(self, rng: Random, site: str, session: int) -> Sent:
        fields = {rng.choice(self._words): self._scalar(rng) for _ in range(rng.randrange(3, 18))}
        fields["continuation"] = _token(rng, rng.randrange(40, 700))
        target = f"/api/v{rng.randrange(1, 4)}{self._path(rng)}?{urlencode(fields)}"
        answer = Answer(body=json.dumps(self._document(rng, rng.randrange(20, 160))).encode())
        token = (("Authorization", f"Bearer {self._bearer(site, session)}"),)
        return Sent(
            f"api.{site}.example", target, headers=(*self._headers(site, session), *token), answer=answer
        )

    def _beacon(self, rng: Random, site: str, session: int) -> Sent:
        page = f"https://www.{site}.example{self._path(rng)}?utm_source={rng.choice(self._words)}"
        fields = {
            "v": "2",
            "tid": f"G-{site.upper()[:8]}",
            "cid": _stable(site, session, 20),
            "dl": page,
            "dt": " ".join(rng.choices(self._words, k=6)),
            "ctx": base64.b64encode(json.dumps(self._event(rng, site, session)).encode()).decode(),
        }
        target = f"/g/collect?{urlencode(fields)}"
        host = f"stats{rng.randrange(4)}.{self._sites[session % N_SITES]}.example"
        return Sent(
            host, target, headers=self._headers(site, session), answer=Answer(204, "image/gif", b"GIF89a")
        )

    def _batch(self, rng: Random, site: str, session: int) -> Sent:
        events = [self._event(rng, site, session) for _ in range(rng.randrange(10, 230))]
        device = {"id": _stable(site, session, 32), "os": "Android 13", "model": "Redmi Note 8"}
        body = json.dumps({"batch": events, "device": device, "sentAt": rng.randrange(10**12)}).encode()
        headers, mime = self._headers(site, session), "application/json"
        match rng.randrange(6):
            case 0:
                body, headers = gzip(body), (*headers, ("Content-Encoding", "gzip"))
            case 1:
                packed = quote(base64.b64encode(gzip(body)), safe="")
                body, mime = f"v=1&gzip=1&data={packed}".encode(), "application/x-www-form-urlencoded"
        return Sent(f"events.{site}.example", "/v1/batch", "POST", headers, body, mime)

    def _event(self, rng: Random, site: str, session: int) -> dict[str, object]:
        return {
            "event": rng.choice(self._words),
            "id": f"{rng.getrandbits(128):032x}",
            "anonymousId": _stable(site, session, 32),
            "ts": 1_764_000_000_000 + rng.randrange(10**9),
            "page": {"url": f"https://www.{site}.example{self._path(rng)}", "w": 412, "h": 915},
            "props": self._document(rng, rng.randrange(2, 9)),
        }

    def _document(self, rng: Random, n: int) -> dict[str, object]:
        return {rng.choice(self._words): self._scalar(rng) for _ in range(n)}

    def _scalar(self, rng: Random) -> object:
        match rng.randrange(6):
            case 0:
                return rng.randrange(10**6)
            case 1:
                return rng.random() < 0.5
            case 2:
                return f"{rng.getrandbits(64):016x}"
            case 3:
                return round(rng.random() * 1000, 3)
        return " ".join(rng.choices(self._words, k=rng.randrange(1, 6)))

    def _path(self, rng: Random) -> str:
        return "/" + "/".join(rng.choices(self._words, k=rng.randrange(1, 5)))

    def _headers(self, site: str, session: int, *, cookies: bool = True) -> tuple[tuple[str, str], ...]:
        headers = (
            ("User-Agent", AGENT),
            ("Accept", "*/*"),
            ("Accept-Language", "de-DE,de;q=0.9,en-US;q=0.8"),
            ("Accept-Encoding", "gzip, deflate, br, zstd"),
            ("Referer", f"https://www.{site}.example/"),
            ("sec-ch-ua", '"Chromium";v="131", "Not_A Brand";v="24"'),
            ("sec-ch-ua-platform", '"Android"'),
        )
        return (*headers, ("Cookie", self._cookies(site, session))) if cookies else headers

    def _cookies(self, site: str, session: int) -> str:
        consent = base64.b64encode(_stable(site, 0, 90).encode()).decode()
        names = ("_ga", "_fbp", "sid", "csrf", "ab", "__cf", "visitor")
        pairs = [f"{name}={_stable(site + name, session, 22 + 9 * at)}" for at, name in enumerate(names)]
        return "; ".join((*pairs, f"consent={consent}", f"jwt={self._bearer(site, session)}"))

    def _bearer(self, site: str, session: int) -> str:
        claims = {"sub": _stable(site, 1, 24), "sid": _stable(site, session, 40), "iat": 1_764_000_000}
        parts = (b'{"alg":"RS256","typ":"JWT"}', json.dumps(claims).encode(), _stable(site, 2, 190).encode())
        return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)

    def _text(self, rng: Random, size: int, template: str) -> bytes:
        n = template.count("{}")
        lines = []
        length = 0
        while length < size:
            lines.append(template.format(*rng.choices(self._words, k=n)))
            length += len(lines[-1])
        return "".join(lines).encode()


def _cut(rng: Random, pool: bytes, least: int, most: int) -> bytes:
    size = rng.randrange(least, most)
    start = rng.randrange(len(pool) - size)
    return pool[start : start + size]


def _token(rng: Random, n: int) -> str:
    return "".join(rng.choices(ALPHANUMERIC, k=n))


def _stable(name: str, session: int, n: int) -> str:
    """A token that is the same for a name and session."""
    digest = hashlib.shake_128(f"{name}/{session}".encode()).digest(n)
    return "".join(ALPHANUMERIC[byte % len(ALPHANUMERIC)] for byte in digest)
