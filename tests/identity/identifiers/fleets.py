"""Synthetic telemetry of small fleets, made here, so that what each place holds is known.

15 places with an identifier, of 8 lifetimes, beside 11 decoys: what differs between devices and names none
(moments, levels, nonces), what names nobody because everybody has it (builds, keys, pages), what counts up.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from random import Random

from hometruth.identity.identifiers.occurrences import Event
from hometruth.model.identifier import FieldPlace, Phase, Session

PHASES = (
    Phase.BASE,
    Phase.IDLE,
    Phase.RESTART,
    Phase.INCOGNITO,
    Phase.INCOGNITO,
    Phase.CLEAR_DATA,
    Phase.REINSTALL,
    Phase.AD_ID_RESET,
    Phase.CLOCK,
    Phase.SIGN_IN,
    Phase.RESTART,
    Phase.FACTORY_RESET,
)
ENDS: Mapping[str, frozenset[Phase]] = {
    "session": frozenset(PHASES),
    "clear-data": frozenset({Phase.CLEAR_DATA, Phase.REINSTALL, Phase.FACTORY_RESET}),
    "reinstall": frozenset({Phase.REINSTALL, Phase.FACTORY_RESET}),
    "ad-id-reset": frozenset({Phase.AD_ID_RESET, Phase.FACTORY_RESET}),
    "clock": frozenset({Phase.CLOCK, Phase.FACTORY_RESET}),
    "factory-reset": frozenset({Phase.FACTORY_RESET}),
    "forever": frozenset(),
    "account": frozenset({Phase.FACTORY_RESET}),
}
Make = Callable[[Random], str]


def _hex(digits: int) -> Make:
    return lambda rng: f"{rng.getrandbits(4 * digits):0{digits}x}"


def _uuid(rng: Random) -> str:
    text = f"{rng.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:]}"


def _imei_md5(rng: Random) -> str:
    return hashlib.md5(f"{rng.randrange(10**14, 10**15)}".encode(), usedforsecurity=False).hexdigest()


def _serial(rng: Random) -> str:
    return "".join(rng.choices("abcdefghjkmnpqrstuvwxyz23456789", k=8))


IDENTIFIERS: tuple[tuple[str, str, str, str, str, Make], ...] = (
    ("browser", "sa.example", "body data_list[].distinct_id", "uuid", "clear-data", _uuid),
    ("browser", "sa.example", "body data_list[].properties.uuid", "uuid", "clear-data", _uuid),
    ("browser", "sa.example", "body data_list[].properties.$device_id", "android", "factory-reset", _hex(16)),
    ("music", "sa.example", "body data_list[].properties.$device_id", "android", "factory-reset", _hex(16)),
    ("browser", "ads.example", "query gaid", "gaid", "ad-id-reset", _uuid),
    ("music", "ads.example", "query gaid", "gaid", "ad-id-reset", _uuid),
    ("browser", "sa.example", "body session", "session", "session", _hex(20)),
    ("browser", "cdn.example", "cookie sid", "cookie", "reinstall", _hex(24)),
    ("music", "songs.example", "body token", "rotating", "clock", _uuid),
    ("music", "songs.example", "header x-imei", "imei", "forever", _imei_md5),
    ("browser", "acc.example", "body account", "account", "account", _serial),
    ("browser", "push.example", "path /v1/{}", "push", "clear-data", _hex(32)),
    ("music", "songs.example", "body stamp", "stamp", "factory-reset", _hex(16)),
    (
        "browser",
        "push.example",
        "query u",
        "number",
        "clear-data",
        lambda rng: str(rng.randrange(10**7, 10**8)),
    ),
    ("music", "songs.example", "header x-serial", "serial", "forever", _serial),
)
"""App, host, path, which identifier, how long it lives, how one is made."""
MODELS = ("Redmi Note 8", "Mi 10", "Redmi K20", "MIX 3")


def truth() -> dict[FieldPlace, str]:
    """Every place with an identifier, and how long it lives."""
    return {FieldPlace(app, host, path): lives for app, host, path, _, lives, _ in IDENTIFIERS}


def fleet(
    seed: int,
    n_devices: int = 2,
    *,
    twins: bool = True,
    with_identifiers: bool = True,
    phases: tuple[Phase, ...] = PHASES,
) -> Iterator[Event]:
    """What the devices of one fleet sent."""
    rng = Random(seed)
    key = _hex(32)(rng)
    for number in range(n_devices):
        model = MODELS[0 if twins else number % len(MODELS)]
        build = f"build/{model}/{0 if twins else rng.randrange(10**6):06}"
        yield from _device(f"d{number}", model, build, key, rng, with_identifiers, phases)


def _device(
    name: str,
    model: str,
    build: str,
    key: str,
    rng: Random,
    with_identifiers: bool,
    phases: tuple[Phase, ...],
) -> Iterator[Event]:
    ids: dict[str, str] = {}
    signed_in = False
    counter = 0
    now_ms = 1_588_550_400_000 + rng.randrange(60_000)
    for order, phase in enumerate(phases):
        session = Session(f"{name}-{order}", name, phase, order)
        signed_in = (signed_in or phase is Phase.SIGN_IN) and phase is not Phase.FACTORY_RESET
        for *_, which, lives, _ in IDENTIFIERS:
            if which not in ids or phase in ENDS[lives]:
                ids[which] = ""
        for *_, which, _, make in IDENTIFIERS:
            ids[which] = ids[which] or make(rng)
        for step in range(4):
            counter += 1
            now_ms += rng.randrange(1_000, 90_000)
            decoys = {
                "model": model,
                "build": build,
                "language": "en-IE",
                "key": key,
                "url": f"https://news.example/story/{order}-{step}",
                "time": str(now_ms),
                "nonce": _hex(32)(rng),
                "count": f"{counter:08}",
                "free": str(rng.randrange(10**9, 10**10)),
                "level": str(rng.randrange(100)),
                "started": f"2020-05-04T00:{order:02}:{rng.randrange(60):02}",
            }
            for app, host in sorted({(app, host) for app, host, *_ in IDENTIFIERS}):
                own = []
                for mine, where, path, which, lives, _ in IDENTIFIERS:
                    if (
                        with_identifiers
                        and (mine, where) == (app, host)
                        and (lives != "account" or signed_in)
                    ):
                        own.append((path, _written(which, ids[which], now_ms)))
                fields = (*own, *((f"body {field}", text) for field, text in decoys.items()))
                exchange = f"{session.id}/{step}/{app}/{host}"
                yield Event(session, app, host, host, exchange, None, fields)
        now_ms += 86_400_000


def _written(which: str, value: str, now_ms: int) -> str:
    """Some values are sent with something in front or behind."""
    if which == "stamp":
        return f"{value}_{now_ms}"
    return f"uid:{value}" if which == "number" else value
