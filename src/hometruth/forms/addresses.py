"""Web addresses: what is left of one when a browser, a referrer policy or a script has cut it.

Browsers leave the fragment out of a Referer (RFC 9110 10.1.3), and all but the origin by default
(W3C Referrer Policy); archives sort by SURT (Internet Archive). A part is looked for only where it ends as it
should: `x.example/p` is not said by `x.example/page`, nor `x.example` by `cdn.x.example`.
"""

import re
from collections.abc import Iterator
from ipaddress import IPv6Address
from urllib.parse import SplitResult, unquote, unquote_plus, urlsplit

from hometruth.forms.spelling import DIGITS, SHORTEST_PART, WORD, Spelling

IN_HOST = WORD + b"-_"
"""Bytes that go on with the name of a host."""
IN_PATH = IN_HOST + b"~%/.+"
"""Bytes that go on with a path or a query."""
SHORTEST_PATH = 12
"""Characters of a path, or a query, that is looked for without its host; shorter ones many sites have."""
_BARE = re.compile(
    r"www\.[\w.-]+\.[a-z]{2,}(?::\d+)?|[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?::\d+)?/\S*", re.IGNORECASE
)
_DEFAULT_PAGE = re.compile(r"/(?:index|default|home)\.(?:html?|php|aspx?|jsp)\Z", re.IGNORECASE)
_DEFAULT_PORTS = {"http": 80, "https": 443}


def spell(value: str) -> Iterator[Spelling]:
    """Spellings of an address, with or without its scheme; none if the value is something else."""
    text = value.strip()
    if "://" not in text and not _BARE.fullmatch(text):
        return
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host = (parts.hostname or "").lower()
        port = parts.port
    except ValueError:
        return
    if ":" in host:
        yield from _of_ipv6(parts, host, port)
    elif "." in host:
        yield from _digested(text, parts, host)
        yield from _from_host(parts, host, port)
        yield from _from_path(parts)
        yield from _as_it_reads(parts, host, port)


def _of_ipv6(parts: SplitResult, host: str, port: int | None) -> Iterator[Spelling]:
    """One with an address of IPv6 for a host: in brackets, as a socket has it, written out (RFC 4291 2.2)."""
    try:
        address = IPv6Address(host)
    except ValueError:
        return
    for each in dict.fromkeys((host, str(address), address.exploded)):
        yield from _from_host(parts, f"[{each}]", port)
        yield _cut("host", each, WORD + b":", WORD + b":")
    yield from _from_path(parts)


def _as_it_reads(parts: SplitResult, host: str, port: int | None) -> Iterator[Spelling]:
    """The same with letters for their escapes, in the host (RFC 3492) as in the rest."""
    try:
        letters = host.encode("ascii").decode("idna")
    except UnicodeError:
        letters = host
    plain = parts._replace(path=unquote(parts.path), query=unquote_plus(parts.query))
    if letters != host or plain != parts:
        yield from _from_host(plain, letters, port)
        yield from _from_path(plain)


def _digested(text: str, parts: SplitResult, host: str) -> Iterator[Spelling]:
    """What senders digest of an address."""
    query = f"?{parts.query}" if parts.query else ""
    for name, part in (
        ("no-scheme", text.partition("://")[2] or text),
        ("no-query", text.partition("?")[0].partition("#")[0]),
        ("no-fragment", text.partition("#")[0]),
        ("no-slash", text.rstrip("/")),
        ("no-www", text.replace("://www.", "://", 1)),
        ("host", host),
        ("host,no-www", host.removeprefix("www.")),
        ("origin", f"{parts.scheme}://{host}"),
        ("origin/", f"{parts.scheme}://{host}/"),
        ("host+path", f"{host}{parts.path}"),
        ("path", parts.path),
        ("path+query", f"{parts.path}{query}"),
    ):
        if len(part) >= SHORTEST_PART:
            said = "" if name in {"no-scheme", "no-slash", "no-www"} else part
            yield Spelling(name, part, said, is_sought=False, is_digested=True)


def _from_host(parts: SplitResult, host: str, port: int | None) -> Iterator[Spelling]:
    """What is left of an address from its host on, with and without www."""
    path, query, fragment = _pieces(parts)
    bare = host.removeprefix("www.")
    hosts = {host: ""} if host[0] == "[" else {bare: ",no-www", f"www.{bare}": ",www", host: ""}
    if port is not None and port != _DEFAULT_PORTS.get(parts.scheme):
        hosts[f"{host}:{port}"] = ",port"
    for each, name in hosts.items():
        if fragment:
            yield _cut(f"no-scheme{name}", f"{each}{path or '/'}{query}{fragment}", is_part=False)
        if query:
            yield _cut(f"host+path+query{name}", f"{each}{path or '/'}{query}", is_part=bool(fragment))
        if path:
            yield _cut(f"host+path{name}", each + path, is_part=bool(query or fragment))
        for other in _other_paths(path):
            yield _cut(f"host+path{name}", f"{each}{other}", is_part=bool(query or fragment))
        is_part = bool(path or query or fragment)
        yield _cut(f"origin{name}", f"://{each}", b"", IN_HOST + b".", is_part=is_part)
        yield _cut(f"host{name}", each, after=IN_HOST + b".", is_part=is_part)
    if len(path) >= SHORTEST_PATH:
        yield _cut("host+path,below", f".{bare}{path}", b"", is_part=bool(query or fragment))
    surt = ",".join(reversed(bare.split(".")))
    yield _cut("surt", f"{surt}){path or '/'}{query}", IN_HOST, is_part=bool(fragment))


def _from_path(parts: SplitResult) -> Iterator[Spelling]:
    """What is left of it from its path on."""
    path, query, fragment = _pieces(parts)
    if len(path) >= SHORTEST_PATH:
        yield _cut("path", path, IN_PATH.translate(None, DIGITS), IN_PATH)
    if path and len(path + query) >= SHORTEST_PATH:
        if query:
            yield _cut("path+query", path + query, b"")
        if fragment:
            yield _cut("path+query+fragment", path + query + fragment, b"")
    if len(query) > SHORTEST_PATH:
        yield _cut("query", query[1:], IN_PATH)


def _other_paths(path: str) -> Iterator[str]:
    """The same with or without a slash at its end or a default page, and with its slashes doubled."""
    if path:
        whole = _DEFAULT_PAGE.sub("/", path)
        if whole.strip("/"):
            for other in (whole.rstrip("/"), f"{whole.rstrip('/')}/", f"{whole.rstrip('/')}/index.html"):
                if other != path:
                    yield other
        yield path.replace("/", "//")


def _pieces(parts: SplitResult) -> tuple[str, str, str]:
    """Path, query and fragment, each with its mark or empty."""
    path = parts.path if parts.path != "/" else ""
    return path, parts.query and f"?{parts.query}", parts.fragment and f"#{parts.fragment}"


def _cut(
    name: str,
    text: str,
    before: bytes = IN_HOST + b".@",
    after: bytes = IN_PATH + b"=",
    *,
    is_part: bool = True,
) -> Spelling:
    return Spelling(name, text, text if is_part else "", barred_before=before, barred_after=after)
