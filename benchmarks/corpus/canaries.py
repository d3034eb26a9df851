"""What is planted: 47 values of the kinds that tracking is about. Invented, and drawn from the seed.

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
    """The canaries of a seed: 22 of the usual kinds, and 25 of which there are further spellings."""
    rng = Random(f"canaries {seed}")
    of = vocabulary or Vocabulary()
    usual = (*_pages(rng, of), *_searches(rng, of), *_people(rng, of), *_devices(rng, of))
    return (*usual, *_spelt_otherwise(rng, of), *_scripts(rng))


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


def _spelt_otherwise(rng: Random, of: Vocabulary) -> list[Planted]:
    """Values that systems cut, round, group and number."""
    host = f"www.{_words(rng, of, 2, '-')}-{rng.randrange(100, 999)}.example"
    path = f"{_words(rng, of, 1)}/f%C3%BCr-{_words(rng, of, 1)}-{rng.randrange(10**5)}"
    query = f"q={_words(rng, of, 2, '+')}&n={rng.randrange(10**6)}"
    link = f"https://{host}:8443/{path}/?{query}#{_words(rng, of, 1)}"
    router = (
        f"http://[2001:db8::{rng.randrange(16, 2**16):x}]/{_words(rng, of, 2, '/')}/{rng.randrange(10**5)}"
    )
    bare = f"{_words(rng, of, 2, '-')}-{rng.randrange(100, 999)}.example"
    place = f"{rng.randrange(47, 55)}.{_decimals(rng)},{rng.randrange(6, 15)}.{_decimals(rng)}"
    firm = f"Groß{_words(rng, of, 1)}, {_words(rng, of, 1).title()} & Söhne {_words(rng, of, 1).title()}"
    return [
        Planted("link", "page", link, (host,)),
        Planted(
            "bare-link",
            "page",
            f"https://{bare}/{_words(rng, of, 2, '/')}?id={rng.randrange(10**8)}",
            (bare,),
        ),
        Planted("router", "page", router),
        Planted("place", "known", place),
        Planted("phone-us", "account", f"+1 {rng.choice((212, 415, 907))} 555 01{_digits(rng, 2)}"),
        Planted("firm", "known", firm),
        Planted("openudid", "device-id", "c" + rng.randbytes(16).hex()[1:]),
        Planted("iccid", "device-id", "8999" + _digits(rng, 15)),
    ]


SCRIPTS = {
    "ru": ("болезнь печени", "развод", "адвокат", "бессонница", "приём врача", "долги", "увольнение"),
    "uk": ("хвороба печінки", "розлучення", "ґвалт", "їжа", "безсоння", "лікарня", "звільнення"),
    "el": ("ασθένεια", "διαζύγιο", "δικηγόρος", "αϋπνία", "νοσοκομείο", "χρέη", "απόλυση"),
    "he": ("מחלת כבד", "גירושין", "עורך דין", "נדודי שינה", "בית חולים", "חובות", "פיטורים"),
    "ar": ("مرض الكبد", "طلاق", "محامي", "أرق", "مستشفى", "ديون", "فصل من العمل"),
    "th": ("โรคตับ", "หย่าร้าง", "ทนายความ", "นอนไม่หลับ", "โรงพยาบาล", "หนี้สิน", "ถูกไล่ออก"),
    "ja": ("肝臓の病気", "離婚", "弁護士", "不眠症", "病院の予約", "借金", "解雇"),
    "ko": ("간 질환", "이혼", "변호사", "불면증", "병원 예약", "빚", "해고"),
    "tw": ("肝病症狀", "離婚協議", "律師費用", "失眠", "醫院掛號", "債務", "解僱"),
    "pl": ("choroba wątroby", "rozwód", "prawnik od długów", "bezsenność", "źródła", "żałoba", "zwolnienie"),
    "tr": (
        "karaciğer hastalığı",
        "boşanma",
        "avukat ücreti",
        "uykusuzluk",
        "işten çıkarılma",
        "borç",
        "şehir",
    ),
    "lv": ("aknu slimība", "šķiršanās", "jurists", "bezmiegs", "slimnīcā", "parādi", "atlaišana no darba"),
    "cy": ("clefyd yr iau", "ysgariad tŷ", "cyfreithiwr dŵr", "anhunedd", "ysbyty", "dyledion", "gŵr"),
    "ro": ("boală de ficat", "divorț", "avocat ieftin", "insomnie", "spital în oraș", "datorii", "șomaj"),
    "mt": ("mard tal-fwied", "divorzju", "avukat għad-dejn", "nuqqas ta' rqad", "sptar", "djun", "ħanut"),
    "vi": ("bệnh gan", "ly hôn", "luật sư", "mất ngủ", "bệnh viện", "nợ nần", "sa thải"),
    "fr": ("maladie du cœur", "divorce à l'amiable", "avocat 90 €", "insomnie", "hôpital", "dettes", "œdème"),
}
"""Parts of searches in the scripts and alphabets that charsets are for."""


def _scripts(rng: Random) -> list[Planted]:
    """A search in each; four parts, so that they are a line of their own."""
    joint = {"ja": "", "th": "", "tw": ""}
    return [
        Planted(f"search-{name}", "search", joint.get(name, " ").join(rng.sample(parts, 4)))
        for name, parts in SCRIPTS.items()
    ]


def imei(rng: Random) -> str:
    """15 digits that end in their Luhn digit, of a type code set aside for tests."""
    body = "00101" + _digits(rng, 9)
    doubled = [int(digit) * (1 + at % 2) for at, digit in enumerate(body)]
    return body + str(-sum(number // 10 + number % 10 for number in doubled) % 10)


def _words(rng: Random, of: Vocabulary, n: int, between: str = " ") -> str:
    return between.join(rng.sample(of.words, n))


def _decimals(rng: Random) -> str:
    """Seven digits, none twice in a row: such tell too little of a coordinate that is rounded."""
    digits = [rng.randrange(1, 10)]
    while len(digits) < 7:
        digits.append((digits[-1] + rng.randrange(8)) % 9 + 1)
    return "".join(map(str, digits))


def _digits(rng: Random, n: int) -> str:
    return "".join(rng.choices("0123456789", k=n))
