"""What is planted: 22 values of the kinds that tracking is about. Invented, and drawn from the seed.

None contains another, so that a finding names one canary. Numbers are from ranges set aside for fiction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from uuid import UUID

WORDS = (
    *("heron", "quarry", "lantern", "marrow", "thistle", "gravel", "bramble", "cinder", "walrus", "plinth"),
    *("saffron", "tundra", "vellum", "yonder", "zephyr", "oxbow", "jetsam", "kelp", "isthmus", "fathom"),
)
GERMAN = ("lähmung", "übelkeit", "schilddrüse", "kündigung", "räumungsklage", "abtreibung", "größenwahn")
CHINESE = ("肝病", "离婚", "律师", "医院", "预约", "专科", "失眠", "抑郁", "挂号", "上海", "复查")


@dataclass(frozen=True, slots=True)
class Planted:
    """One canary of the corpus."""

    id: str
    kind: str
    value: str
    first_party: tuple[str, ...] = ()
    """Hosts that the person asked for it."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What canaries are made of."""

    words: Sequence[str] = WORDS
    firm: str = "example"
    """How the domain of a firm ends."""


def make_canaries(seed: int, vocabulary: Vocabulary | None = None) -> tuple[Planted, ...]:
    """The 22 canaries of a seed."""
    rng = Random(f"canaries {seed}")
    of = vocabulary or Vocabulary()
    return (*_pages(rng, of), *_searches(rng, of), *_people(rng, of), *_devices(rng, of))


def _pages(rng: Random, of: Vocabulary) -> list[Planted]:
    pages = []
    for number in range(1, 6):
        host = f"www.{_words(rng, of, 2, '-')}-{rng.randrange(100, 999)}.example"
        path = f"{_words(rng, of, 2, '/')}/{rng.randrange(10**5)}.html"
        query = f"id={rng.randrange(10**8)}&ref={_words(rng, of, 1)}&page={rng.randrange(2, 9)}"
        pages.append(Planted(f"url-{number}", "page", f"https://{host}/{path}?{query}", (host,)))
    return pages


def _searches(rng: Random, of: Vocabulary) -> list[Planted]:
    english = f"{_words(rng, of, 2)} divorce near {_words(rng, of, 1)} street {rng.randrange(100, 999)}"
    german = f"{rng.choice(GERMAN)} und {rng.choice(GERMAN)} nachts {_words(rng, of, 1)}"
    return [
        Planted("search-en", "search", english),
        Planted("search-de", "search", german),
        Planted("search-zh", "search", "".join(rng.sample(CHINESE, 6))),
    ]


def _people(rng: Random, of: Vocabulary) -> list[Planted]:
    first, last = _words(rng, of, 1), _words(rng, of, 1)
    host = f"{_words(rng, of, 2, '')}-bücher{rng.randrange(100)}.example"
    return [
        Planted("email-gmail", "account", f"{first.title()}.{last.title()}.{_digits(rng, 3)}+kita@gmail.com"),
        Planted(
            "email-work", "account", f"{_words(rng, of, 2, '_')}{_digits(rng, 2)}@kanzlei-{last}.{of.firm}"
        ),
        Planted(
            "email-mixed", "account", f"{_words(rng, of, 2, '.').title()}{_digits(rng, 3)}@Praxis.example"
        ),
        Planted("phone", "account", f"+44 7700 900{_digits(rng, 3)}"),
        Planted("name", "account", f"Thaddäus {last.title()} Q. {_words(rng, of, 1).title()}baum"),
        Planted("idn-domain", "page", host, (host.encode("idna").decode(),)),
        Planted("clipboard", "item", f"  Blue {_words(rng, of, 2)}, locker {_digits(rng, 6)} "),
    ]


def _devices(rng: Random, of: Vocabulary) -> list[Planted]:
    mac = ":".join(f"{byte:02X}" for byte in (0x02, *rng.randbytes(5)))
    return [
        Planted("gaid", "device-id", str(UUID(bytes=rng.randbytes(16), version=4))),
        Planted("idfa", "device-id", str(UUID(bytes=rng.randbytes(16), version=4)).upper()),
        Planted("android-id", "device-id", "9" + rng.randbytes(8).hex()[1:]),
        Planted("imei", "device-id", imei(rng)),
        Planted("mac", "device-id", mac),
        Planted("ssid", "known", f"WLAN {_words(rng, of, 1).title()} 7590 {_digits(rng, 4)}"),
        Planted("package", "known", f"com.{_words(rng, of, 2, '.')}.calendar{_digits(rng, 3)}"),
    ]


def imei(rng: Random) -> str:
    """15 digits that end in their Luhn digit, of a type code set aside for tests."""
    body = "00101" + _digits(rng, 9)
    doubled = [int(digit) * (1 + at % 2) for at, digit in enumerate(body)]
    return body + str(-sum(number // 10 + number % 10 for number in doubled) % 10)


def _words(rng: Random, of: Vocabulary, n: int, between: str = " ") -> str:
    return between.join(rng.sample(of.words, n))


def _digits(rng: Random, n: int) -> str:
    return "".join(rng.choices("0123456789", k=n))
