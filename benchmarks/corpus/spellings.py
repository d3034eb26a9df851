"""Families of spellings: how people and systems write a value that is known as something else.

Written from the standards and from what recordings show, none from a table of Hometruth's. A spelling that a
value does not have, or that is the value itself, is None.
"""

import base64
import hashlib
from collections.abc import Callable, Iterator
from urllib.parse import unquote, urlsplit
from uuid import UUID

from benchmarks.corpus.wrapping import Family, Spelling

Spell = Callable[[str], str | bytes | None]
Spells = Callable[[str], Iterator[str | bytes]]
MOST_AT_ONCE = 64
"""Spellings that one function gives; the rest of a family's places stay empty."""


def spelt(*spells: Spell) -> tuple[Spelling, ...]:
    """Each function as a spelling; what gives the value itself has none."""
    return tuple(Spelling("plain", _unlike(spell)) for spell in spells)


def family(name: str, spellings: tuple[Spelling, ...], canaries: str | tuple[str, ...]) -> Family:
    """A family of spellings of the canaries whose ids begin so, sent as they are."""
    return Family(name, spellings=spellings, canaries=canaries, beyond=True)


def _unlike(spell: Spell) -> Callable[[str], bytes | None]:
    def other(value: str) -> bytes | None:
        told = spell(value)
        data = told.encode() if isinstance(told, str) else told
        return None if data == value.encode() else data

    return other


def all_of(spells: Spells, n: int) -> tuple[Spelling, ...]:
    """The first *n* of what a function gives one after the other."""
    return spelt(*(_nth(spells, at) for at in range(n)))


def _nth(spells: Spells, n: int) -> Spell:
    return lambda value: next((told for at, told in enumerate(spells(value)) if at == n), None)


# Addresses. A value is https://HOST/PATH?QUERY, with a port and a fragment or without.


def _no_scheme(value: str) -> str:
    return value.partition("://")[2]


def _host(value: str) -> str:
    return _no_scheme(value).partition("/")[0].partition(":")[0]


def _path(value: str) -> str:
    return urlsplit(value).path


def _after_host(value: str) -> str:
    """Path, query and fragment."""
    return "/" + _no_scheme(value).partition("/")[2]


def _target(value: str) -> str:
    """Path and query."""
    return _after_host(value).partition("#")[0]


def _no_www(value: str) -> str:
    return _host(value).removeprefix("www.")


def _ported(value: str) -> str | None:
    return _no_scheme(value).partition("/")[0] if ":8443" in value else None


def _unescaped(value: str) -> str:
    return unquote(value)


def _surt(value: str) -> str:
    return ",".join(reversed(_no_www(value).split("."))) + ")" + _target(value)


def _with_parameter(value: str) -> str:
    start, mark, rest = value.partition("#")
    return f"{start}&utm_source=letter{mark}{rest}"


def _router_hosts(value: str) -> Iterator[str]:
    """Eight groups of four digits, in brackets and as a socket prints it."""
    short = value.partition("[")[2].partition("]")[0].removeprefix("2001:db8::")
    long = f"2001:0db8:0000:0000:0000:0000:0000:{short.zfill(4)}"
    rest = value.partition("]")[2]
    yield f"http://[{long}]{rest}"
    yield f"[{long}]{rest}"
    yield f"[2001:db8::{short}]{rest}"
    yield rest


PAGES = ("url", "link")
ADDRESSES = (
    family("address-no-scheme", spellings=spelt(_no_scheme, lambda v: f"//{_no_scheme(v)}"), canaries=PAGES),
    family(
        "address-other-scheme",
        spellings=spelt(lambda v: f"http://{_no_scheme(v)}", lambda v: f"googlechrome://navigate?url={v}"),
        canaries=PAGES,
    ),
    family("address-referer", spellings=spelt(lambda v: v.partition("#")[0]), canaries="link"),
    family(
        "address-no-query",
        spellings=spelt(lambda v: v.partition("?")[0], lambda v: f"{_host(v)}{_path(v)}"),
        canaries=PAGES,
    ),
    family(
        "address-no-www",
        spellings=spelt(
            lambda v: f"https://{_no_www(v)}{_after_host(v)}",
            lambda v: f"{_no_www(v)}{_after_host(v)}",
            lambda v: f"{_no_www(v)}{_target(v)}",
            lambda v: f"{_no_www(v)}{_path(v)}",
        ),
        canaries=PAGES,
    ),
    family(
        "address-with-www",
        spellings=spelt(
            lambda v: f"https://www.{_host(v)}{_after_host(v)}",
            lambda v: f"www.{_host(v)}{_path(v)}",
            lambda v: f"https://www.{_host(v)}/",
            lambda v: f"www.{_host(v)}",
        ),
        canaries="bare-link",
    ),
    family(
        "address-added-parameter",
        spellings=spelt(_with_parameter, lambda v: v.replace("?", "?hl=de&", 1)),
        canaries=PAGES,
    ),
    family(
        "address-other-port",
        spellings=spelt(
            lambda v: f"https://{_host(v)}:4443{_target(v)}",
            lambda v: _ported(v) and f"{_ported(v)}{_target(v)}",
            lambda v: _ported(v) and f"{_ported(v)}{_path(v)}",
            lambda v: _ported(v) and f"https://{_host(v)}{_after_host(v)}",
        ),
        canaries=PAGES,
    ),
    family("address-path-and-query", spellings=spelt(_target, _after_host), canaries=PAGES),
    family("address-path", spellings=spelt(_path), canaries=PAGES),
    family("address-query", spellings=spelt(lambda v: urlsplit(v).query), canaries=PAGES),
    family(
        "address-origin",
        spellings=spelt(
            lambda v: f"https://{_host(v)}",
            lambda v: f"https://{_host(v)}/",
            lambda v: f"https://{_no_www(v)}",
            lambda v: _ported(v) and f"https://{_ported(v)}",
        ),
        canaries=PAGES,
    ),
    family("address-host", spellings=spelt(_host, _no_www, _ported), canaries=PAGES),
    family("address-surt", spellings=spelt(_surt), canaries=PAGES),
    family(
        "address-other-path",
        spellings=spelt(
            lambda v: f"https://{_host(v)}{_path(v).rstrip('/')}",
            lambda v: f"https://{_host(v)}{_path(v).rstrip('/')}/index.html",
            lambda v: f"https://{_host(v)}{_path(v).replace('/', '//')}",
        ),
        canaries="link",
    ),
    family("address-below", spellings=spelt(lambda v: f"https://amp.{_no_www(v)}{_path(v)}"), canaries=PAGES),
    family(
        "address-as-it-reads",
        spellings=spelt(
            lambda v: _unescaped(v).partition("#")[0],
            lambda v: _no_scheme(_unescaped(v)).partition("?")[0],
            lambda v: unquote(_target(v)).replace("+", " "),
        ),
        canaries="link",
    ),
    family("address-ipv6", spellings=all_of(_router_hosts, 4), canaries="router"),
)

# E-mail addresses.

AT_SIGNS = (
    *("{}(at){}", "{}[at]{}", "{{at}}".join(("{}", "{}")), "{} at {}", "{} (at) {}", "{}#{}"),
    *("{}_at_{}", "{}-at-{}", "{}%40{}"),
)


def _hidden(sign: str) -> Spell:
    return lambda v: sign.format(*v.lower().split("@"))


def _no_dots(value: str) -> str | None:
    """Of a mailbox whose provider ignores them."""
    local, _, domain = value.lower().partition("@")
    return f"{local.replace('.', '')}@{domain}" if domain == "gmail.com" else None


EMAILS = (
    family("email-hidden", spellings=spelt(*map(_hidden, AT_SIGNS)), canaries="email"),
    family(
        "email-hidden-with-its-dots",
        spellings=spelt(
            lambda v: v.replace("@", " at ").replace(".", " dot "),
            lambda v: v.replace("@", "[at]").replace(".", "[dot]"),
            lambda v: v.replace("@", "_at_").replace(".", "_"),
        ),
        canaries="email",
    ),
    family("email-without-dots", spellings=spelt(_no_dots), canaries="email"),
)

# Telephone numbers: +44 7700 900NNN and +1 NPA 555 01NN.


def _digits(value: str) -> str:
    return "".join(filter(str.isdigit, value))


def _inside(value: str) -> str:
    """The number without its country."""
    return _digits(value.partition(" ")[2])


def _trunk(value: str) -> str:
    return "0" if value.startswith("+44") else "1"


def _written_inside(value: str) -> Iterator[str]:
    number = _inside(value)
    if value.startswith("+44"):
        yield from (
            f"0{number[:4]} {number[4:]}",
            f"0{number[:4]}-{number[4:]}",
            f"(0{number[:4]}) {number[4:]}",
        )
        yield f"0{number[:4]} {number[4:7]} {number[7:]}"
    else:
        area, exchange, line = number[:3], number[3:6], number[6:]
        yield from (f"({area}) {exchange}-{line}", f"{area}-{exchange}-{line}", f"{area}.{exchange}.{line}")
        yield f"1-{area}-{exchange}-{line}"


TELEPHONES = (
    family(
        "phone-with-country",
        spellings=spelt(lambda v: f"+{_digits(v)}", _digits, lambda v: v.replace(" ", "-")),
        canaries="phone",
    ),
    family(
        "phone-from-abroad",
        spellings=spelt(*(lambda v, out=out: f"{out}{_digits(v)}" for out in ("00", "011", "0011", "010"))),
        canaries="phone",
    ),
    family("phone-inside", spellings=spelt(_inside, lambda v: _trunk(v) + _inside(v)), canaries="phone"),
    family("phone-in-groups", spellings=all_of(_written_inside, 4), canaries="phone"),
)

# Identifiers of devices.


def _number_in(alphabet: str, number: int) -> str:
    text = ""
    while number:
        text = alphabet[number % len(alphabet)] + text
        number //= len(alphabet)
    return text


BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def _raw(value: str) -> bytes:
    """Bytes of a MAC address, a UUID, hexadecimal digits."""
    return bytes.fromhex(value.replace("-", "").replace(":", ""))


def _bare(value: str) -> str:
    return _raw(value).hex()


def _by(joint: str, size: int) -> Spell:
    return lambda v: joint.join(_bare(v)[at : at + size] for at in range(0, len(_bare(v)), size))


def _decimal(value: str) -> str:
    return str(int(_bare(value), 16))


def _long(half: slice, *, signed: bool) -> Spell:
    return lambda v: str(int.from_bytes(_raw(v)[half], signed=signed))


def _guid_bytes(value: str) -> bytes:
    raw = _raw(value)
    return raw[3::-1] + raw[5:3:-1] + raw[7:5:-1] + raw[8:]


def _of_8_bytes(spell: Spell) -> Spell:
    return lambda v: spell(v) if len(_raw(v)) == 8 else None


def _of_16_bytes(spell: Spell) -> Spell:
    return lambda v: spell(v) if len(_raw(v)) == 16 else None


def _base64_of(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")


def _bare_base64(value: str) -> bytes:
    return _base64_of(_raw(value))


def _in_base64(*spells: Callable[[str], bytes]) -> tuple[Spelling, ...]:
    return spelt(*(lambda v, spell=spell: _base64_of(spell(v)) for spell in spells))


def _interface(value: str) -> bytes:
    """What IPv6 makes of a MAC address: its second bit turned, two bytes put in."""
    raw = _raw(value)
    return bytes((raw[0] ^ 2, *raw[1:3], 0xFF, 0xFE, *raw[3:]))


def _link_local(value: str) -> str:
    own = _interface(value)
    return "fe80::" + ":".join(f"{own[at] << 8 | own[at + 1]:x}" for at in range(0, 8, 2))


def _name_uuid(of: Callable[[str], str]) -> Spell:
    """Java: UUID.nameUUIDFromBytes."""

    def made(value: str) -> str:
        raw = bytearray(hashlib.md5(of(value).encode()).digest())
        raw[6] = raw[6] & 15 | 48
        raw[8] = raw[8] & 63 | 128
        return str(UUID(bytes=bytes(raw)))

    return made


def _imei_groups(value: str) -> Iterator[str]:
    """Type code, serial number, check digit; both halves of the type code apart; together."""
    for joint in "-", " ", "/":
        yield joint.join((value[:2], value[2:8], value[8:14], value[14]))
        yield joint.join((value[:6], value[6:8], value[8:14], value[14]))
        yield joint.join((value[:8], value[8:14], value[14]))
        yield f"{value[:8]}{joint}{value[8:14]}"
    yield f"urn:gsma:imei:{value[:8]}-{value[8:14]}-0"


def _packed(digits: str, *, swapped: bool) -> bytes:
    """Two digits a byte."""
    pairs = (digits[at : at + 2] for at in range(0, len(digits), 2))
    return bytes.fromhex("".join(pair[::-1] if swapped else pair for pair in pairs))


def _mobile_identity(value: str) -> bytes:
    """3GPP TS 24.008 10.5.1.4: type 2 and the odd mark beside the first digit."""
    return bytes([int(value[0]) << 4 | 0b1010]) + _packed(value[1:], swapped=True)


PACKED_IMEIS: tuple[Callable[[str], bytes], ...] = (
    lambda v: _packed(v + "f", swapped=False),
    lambda v: _packed("0" + v, swapped=False),
    lambda v: _packed(v[:14], swapped=False),
    lambda v: _packed(v + "f", swapped=True),
    _mobile_identity,
)
PACKED_NUMBERS: tuple[Callable[[str], bytes], ...] = (
    lambda v: _packed(v + "f"[: len(v) % 2], swapped=False),
    lambda v: _packed(v + "f"[: len(v) % 2], swapped=True),
)
COUNTED: tuple[Callable[[str], bytes], ...] = (
    lambda v: int(v).to_bytes(8),
    lambda v: int(v).to_bytes(8, "little"),
)
UUIDS = ("gaid", "idfa")
HEXED = ("android-id", "openudid")
ALL_DEVICES = (*UUIDS, *HEXED, "mac", "imei")
DEVICES = (
    family(
        "uuid-in-groups",
        spellings=spelt(
            _bare,
            lambda v: v.replace("-", "_"),
            lambda v: v.replace("-", " "),
            lambda v: f"{{{v}}}",
            *(_by(joint, 16) for joint in ":- "),
        ),
        canaries=UUIDS,
    ),
    family("uuid-bytes", spellings=spelt(_raw, _guid_bytes, lambda v: _raw(v)[::-1]), canaries=UUIDS),
    family(
        "uuid-number",
        spellings=spelt(_decimal, lambda v: _number_in(BASE36, int(_bare(v), 16))),
        canaries=UUIDS,
    ),
    family(
        "uuid-longs",
        spellings=spelt(
            *(_long(half, signed=way) for half in (slice(8), slice(8, 16)) for way in (False, True))
        ),
        canaries=UUIDS,
    ),
    family(
        "uuid-ulid",
        spellings=spelt(lambda v: _number_in(CROCKFORD, int(_bare(v), 16)).rjust(26, "0")),
        canaries=UUIDS,
    ),
    family(
        "name-uuid",
        spellings=spelt(
            _name_uuid(str),
            _name_uuid(str.lower),
            _name_uuid(str.upper),
            lambda v: str(_name_uuid(str)(v)).replace("-", ""),
        ),
        canaries=ALL_DEVICES,
    ),
    family(
        "hex-number",
        spellings=spelt(
            _decimal,
            _of_8_bytes(_long(slice(8), signed=True)),
            lambda v: _number_in(BASE36, int(v, 16)),
        ),
        canaries=HEXED,
    ),
    family(
        "hex-bytes", spellings=spelt(_raw, lambda v: _raw(v)[::-1], _of_16_bytes(_guid_bytes)), canaries=HEXED
    ),
    family(
        "hex-base64",
        spellings=spelt(_of_8_bytes(_bare_base64), _of_8_bytes(lambda v: _base64_of(_raw(v)[::-1]))),
        canaries=HEXED,
    ),
    family(
        "hex-in-groups",
        spellings=spelt(
            *(_by(joint, 4) for joint in ":- "),
            _of_16_bytes(lambda v: str(UUID(v))),
            _of_8_bytes(lambda v: f"00000000-0000-0000-{v[:4]}-{v[4:]}"),
        ),
        canaries=HEXED,
    ),
    family(
        "mac-in-groups",
        spellings=spelt(
            *(_by(joint, 2) for joint in ("-", "", "/", "_")),
            _by(".", 4),
            _by("-", 6),
            lambda v: ":".join(pair.lstrip("0") or "0" for pair in v.lower().split(":")),
        ),
        canaries="mac",
    ),
    family("mac-bytes", spellings=spelt(_raw, lambda v: _raw(v)[::-1]), canaries="mac"),
    family("mac-base64", spellings=spelt(_bare_base64, lambda v: _base64_of(_raw(v)[::-1])), canaries="mac"),
    family(
        "mac-number",
        spellings=spelt(_decimal, lambda v: str(int.from_bytes(_raw(v), "little"))),
        canaries="mac",
    ),
    family(
        "mac-in-an-interface",
        spellings=spelt(
            _link_local,
            lambda v: _interface(v).hex(),
            lambda v: f"{_bare(v)[:6]}fffe{_bare(v)[6:]}",
        ),
        canaries="mac",
    ),
    family("imei-14-and-16", spellings=spelt(lambda v: v[:14], lambda v: f"{v[:14]}04"), canaries="imei"),
    family("imei-in-groups", spellings=all_of(_imei_groups, 13), canaries="imei"),
    family(
        "imei-number",
        spellings=spelt(
            *(lambda v, sign=sign: f"{int(v):,}".replace(",", sign) for sign in ",. "),
            lambda v: f"{int(v):x}",
            *COUNTED,
        ),
        canaries="imei",
    ),
    family("imei-packed", spellings=spelt(*PACKED_IMEIS), canaries="imei"),
    family("imei-packed-in-base64", spellings=_in_base64(*PACKED_IMEIS, *COUNTED), canaries="imei"),
    family("iccid-packed", spellings=spelt(*PACKED_NUMBERS, *COUNTED), canaries="iccid"),
    family("iccid-packed-in-base64", spellings=_in_base64(*PACKED_NUMBERS, *COUNTED), canaries="iccid"),
)
