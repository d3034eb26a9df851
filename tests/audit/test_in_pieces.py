"""Values sent in pieces are seen, with what the choice of the pieces costs; beginnings alone are not."""

import base64
import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from urllib.parse import quote

import pytest

from hometruth.audit.crew import examined
from hometruth.audit.examine import Examined, examine
from hometruth.audit.scan import Tally
from hometruth.audit.scanner import Scanner
from hometruth.canaries import Across, Search, compile_search, mint, weigh
from hometruth.canaries.across import MAX_PARTS
from hometruth.canaries.pieces import MAX_PIECES
from hometruth.model import (
    DECIDING_BITS,
    Canary,
    CanaryKind,
    Exchange,
    GapKind,
    Message,
    Sighting,
    Source,
)
from tests.peel.exchanges import URL, exchange

MINTED = mint("page")
PAGE = Canary("page", CanaryKind.PAGE, URL, 60.0)
ADDRESS = Canary("address", CanaryKind.ACCOUNT, "jane.lump+test@example.org", 60.0)
PHANTOMS = [mint("page", phantom=True) for _ in range(100)]
SEARCH = compile_search([PAGE, ADDRESS, MINTED, *PHANTOMS])


def body(document: object) -> Exchange:
    return exchange(body=json.dumps(document).encode())


def halves(text: str, at: int) -> tuple[str, str]:
    return text[:at], text[at:]


def chunks(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


PIECES: dict[str, tuple[Canary, Exchange]] = {
    "host and path": (PAGE, body({"host": "secret.example.test", "n": 1, "path": "/health?q=lump&page=2"})),
    "path before host": (PAGE, body({"p": "/health?q=lump&page=2", "n": 1, "h": "https://secret.example.test"})),
    "host, path and query": (
        PAGE,
        body({"h": "secret.example.test", "p": "/health", "q": "q=lump&page=2", "v": "q=lump"}),
    ),
    "two parameters": (
        PAGE,
        exchange("/p?a={}&b={}".format(*(quote(half, safe="") for half in halves(URL, 19)))),
    ),
    "header and body": (
        PAGE,
        exchange(body=b'{"path": "/health?q=lump&page=2"}', headers=((b"X-Site", b"secret.example.test"),)),
    ),
    "a list of chunks": (PAGE, body({"data": chunks(URL, 11)})),
    "chunks in base64": (PAGE, body({"data": [b64(chunk) for chunk in chunks(URL, 13)]})),
    "events": (MINTED, body([{"seq": n, "part": part} for n, part in enumerate(chunks(MINTED.value, 8))])),
    "cookies": (
        MINTED,
        exchange(headers=((b"Cookie", "a={}; b={}".format(*halves(MINTED.value, 10)).encode()),)),
    ),
    "local part and domain": (ADDRESS, body({"user": "Jane.Lump+test", "domain": "example.org"})),
    "messages": (
        MINTED,
        exchange(messages=tuple(Message(True, half.encode(), True) for half in halves(MINTED.value, 11))),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PIECES)
def test_seen_once_with_less_evidence_than_the_whole(name: str) -> None:
    canary, sent = PIECES[name]
    (sighting,) = examine(sent, SEARCH).sightings

    assert (sighting.canary, sighting.form.name) == (canary, "split")
    assert len(sighting.fragments) > 1
    assert canary.bits - 30 < sighting.form.bits < canary.bits


def test_every_piece_holds_its_bytes_of_the_canary() -> None:
    (sighting,) = examine(PIECES["host and path"][1], SEARCH).sightings
    text = URL.encode()

    for piece in sighting.fragments:
        assert piece.value.data[piece.offset :] == text[piece.start : piece.end]
    assert [piece.value.path for piece in sighting.fragments] == ["host", "path"]


def test_pieces_next_to_each_other_are_less_of_a_choice() -> None:
    near = examine(body({"data": halves(MINTED.value, 10)}), SEARCH).sightings[0]
    one, two = halves(MINTED.value, 10)
    far = examine(body([two, *(f"filler {n}" for n in range(500)), one]), SEARCH).sightings[0]

    assert far.form.bits < near.form.bits - 5


@pytest.mark.parametrize(
    "document",
    [
        {"host": "secret.example.test", "path": "/health"},
        {"host": "secret.example.test", "path": "/health?q=bump&page=2"},
        {"prefix": URL[:30], "url": URL.replace("lump", "bump")},
        {"a": MINTED.value[:10], "b": MINTED.value[11:]},
        {"site": "example.org", "name": "jane"},
        [phantom.value[:9] for phantom in PHANTOMS],
    ],
)
def test_what_does_not_make_up_the_whole_is_nothing(document: object) -> None:
    assert all(item.form.is_part for item in examine(body(document), SEARCH).sightings)


def test_a_value_seen_whole_is_not_seen_in_pieces_too() -> None:
    found = examine(
        body({"url": URL, "host": "secret.example.test", "path": "/health?q=lump&page=2"}), SEARCH
    )

    assert [item.form.name for item in found.sightings] == ["plain"]
    assert found.parts == ()


def test_the_address_of_a_request_is_no_piece() -> None:
    visit = exchange("/health?q=lump&page=2", host="secret.example.test")

    assert examine(visit, SEARCH).sightings == ()


def sent_one_after_the_other(targets: Sequence[str], host: str = "suggest.test") -> list[Sighting]:
    across = Across()
    searched = 0
    for number, target in enumerate(targets):
        sent = replace(exchange(target, host=host), id=f"e-{number}", source=Source("x.har", number))
        found: Examined = examine(sent, SEARCH)
        across.add(found.parts, found.n_values)
        searched += found.searched_bytes
    return list(weigh(across.sightings(), searched))


def typed(lengths: Sequence[int], canary: Canary = MINTED) -> list[tuple[str, float]]:
    found = sent_one_after_the_other([f"/s?q={canary.value[:length]}" for length in lengths])
    return [(item.form.name, item.evidence_bits) for item in found]


def test_growing_beginnings_are_keystrokes() -> None:
    found = typed(range(1, 15))

    assert [name for name, _ in found] == [f"typed[:{length}]" for length in range(8, 15)]
    assert found[-1][1] == max(bits for _, bits in found)
    assert 40 < found[-1][1] < 4 + 5 * 13


def test_keystrokes_of_a_known_length_carry_its_bits() -> None:
    assert typed([6, 8])[-1][1] < 40  # 8 characters are 32 to 39 bits: shown, and no verdict


@pytest.mark.parametrize("lengths", [[11], [11, 11, 11], [11, 9], [3, 11], [6, 7]])
def test_what_does_not_grow_to_eight_is_nothing(lengths: list[int]) -> None:
    assert typed(lengths) == []


def test_corrections_do_not_hide_keystrokes() -> None:
    assert [name for name, _ in typed([7, 8, 9, 8, 9, 10])] == ["typed[:8]", "typed[:9]", "typed[:10]"]


def test_beginnings_of_a_known_value_are_no_keystrokes() -> None:
    assert typed(range(8, 20), ADDRESS) == []


def test_an_address_being_typed_is_seen_after_its_scheme() -> None:
    found = sent_one_after_the_other(
        [f"/s?q={quote('https://' + MINTED.value[:length], safe='')}" for length in range(6, 12)]
    )

    assert [item.form.name for item in found] == [f"typed[:{length}]" for length in range(8, 12)]


def test_fields_and_hosts_are_not_mixed() -> None:
    targets = [f"/s?q{length}={MINTED.value[:length]}" for length in range(6, 12)]

    assert sent_one_after_the_other(targets) == []


def test_pieces_in_requests_one_after_the_other() -> None:
    one, two = halves(MINTED.value, 10)
    (sighting,) = sent_one_after_the_other([f"/c?n=1&d={one}", "/ping", f"/c?n=2&d={two}"])

    assert sighting.form.name == "split"
    assert [piece.exchange for piece in sighting.fragments] == ["e-0", "e-2"]
    assert 40 < sighting.evidence_bits < MINTED.bits - 10


def test_pieces_in_the_wrong_order_are_nothing() -> None:
    one, two = halves(MINTED.value, 10)

    assert sent_one_after_the_other([f"/c?d={two}", f"/c?d={one}"]) == []


def left_of(*texts: str, field: str = "u", search: Search = SEARCH) -> list[tuple[str, float]]:
    """Forms and evidence of what is found when each text is a field of a request of its own."""
    across = Across()
    searched = 0
    for number, text in enumerate(texts):
        sent = replace(body({field: text}), id=f"e-{number}", source=Source("x.har", number))
        found = examine(sent, search)
        across.add(found.parts, found.n_values)
        searched += found.searched_bytes
    return [(item.form.name, item.evidence_bits) for item in weigh(across.sightings(), searched)]


@pytest.mark.parametrize(
    ("start", "end"), [(0, 12), (3, 15), (5, 17), (9, 21), (0, 16), (4, 20), (0, 20), (1, 21)]
)
@pytest.mark.parametrize("around", ["{}", "https://{}", "l{}", "{}l", "({})", "a-{}-b"])
def test_a_part_of_twelve_characters_is_listed_wherever_it_stands(start: int, end: int, around: str) -> None:
    ((name, bits),) = left_of(around.format(MINTED.value[start:end]))

    assert name == f"part[{start}:{end}]"
    assert bits > 5 * min(end - start, 16) - 18


@pytest.mark.parametrize("at", range(1, 20))
def test_one_character_masked_is_two_parts(at: int) -> None:
    for mask in ("*", "•", "***", "l", ""):
        ((name, bits),) = left_of(MINTED.value[:at] + mask + MINTED.value[at + 1 :])
        assert name.startswith("part[")
        assert bits > 40


@pytest.mark.parametrize("value", ["sq8qbxbt6hgg3mxfnk294", "q8sbxbbbt6hfnmmm3k294", "2k2k2k2k9q9q9qhxhxhxm"])
def test_a_character_missing_beside_its_like_is_two_parts(value: str) -> None:
    """What stands on both sides of the cut belongs to one part only, whichever that is."""
    canary = replace(MINTED, value=value)
    for at in range(1, len(value) - 1):
        ((name, bits),) = left_of(value[:at] + value[at + 1 :], search=compile_search([canary]))
        assert name.startswith("part[")
        assert bits > 40


def percent(text: str) -> str:
    return quote(text, safe="")


def hexadecimal(text: str) -> str:
    return text.encode().hex()


@pytest.mark.parametrize("wrapped", [b64, percent, hexadecimal])
def test_a_cut_value_is_found_in_a_wrapping(wrapped: Callable[[str], str]) -> None:
    assert [name for name, _ in left_of(wrapped(f"https://{MINTED.value[:16]}"))] == ["part[0:16]"]


def test_eleven_characters_are_no_part_and_two_cut_alike_are() -> None:
    other = mint("page")
    search = compile_search([MINTED, other])
    across = Across()
    for number, canary in enumerate((MINTED, other)):
        sent = replace(body({"h": canary.value[:9]}), id=f"e-{number}", source=Source("x.har", number))
        across.add(examine(sent, search).parts, 1)

    assert left_of(MINTED.value[:11]) == []
    assert [item.form.name for item in across.sightings()] == ["part[0:9]"] * 2


def test_parts_of_words_that_people_choose_are_nothing() -> None:
    assert left_of("jane.lump+test@example", "secret.example.test/health?q=lump&page=") == []


def test_growing_text_in_one_body_is_typed() -> None:
    events = [{"t": 40 + n, "text": MINTED.value[:n]} for n in range(4, 12)]
    across = Across()
    across.add(examine(body({"events": events}), SEARCH).parts, 9)

    assert [item.form.name for item in across.sightings()] == [f"typed[:{n}]" for n in range(8, 12)]


def test_halves_to_two_hosts_of_one_receiver_are_put_together() -> None:
    across = Across(lambda host: host.partition(".")[2])
    alone = Across()
    for number, (host, half) in enumerate(
        zip(("a.v.test", "b.v.test"), halves(MINTED.value, 11), strict=True)
    ):
        sent = replace(exchange(f"/?q={half}", host=host), id=f"e-{number}", source=Source("x.har", number))
        found = examine(sent, SEARCH)
        across.add(found.parts, 3)
        alone.add(found.parts, 3)

    assert [item.form.name for item in across.sightings()] == ["split"]
    assert alone.sightings() == []


def test_parts_beyond_what_is_put_together_are_a_gap() -> None:
    one, two = halves(MINTED.value, 10)
    phantom = PHANTOMS[0].value[:10]
    across = Across()
    for number, half in enumerate([*[one] * MAX_PARTS, two, *[phantom] * (MAX_PARTS + 1)]):
        sent = replace(body({"u": half}), id=f"e-{number}", source=Source("x.har", number))
        across.add(examine(sent, SEARCH).parts, 1)
        if number == MAX_PARTS - 1:
            assert across.gaps() == []
    (gap,) = across.gaps()

    assert gap.kind is GapKind.BUDGET
    assert gap.detail.startswith(f"1 parts of {MINTED.id} at ")
    assert "more were seen than" in gap.detail


def test_parts_of_chosen_words_beyond_what_is_put_together_are_no_gap() -> None:
    across = Across()
    for number in range(MAX_PARTS + 1):
        sent = replace(body({"h": "secret.example.test"}), id=f"e-{number}", source=Source("x.har", number))
        across.add(examine(sent, SEARCH).parts, 1)

    assert across.gaps() == []


@pytest.mark.parametrize("canary", [MINTED, PAGE], ids=["minted", "chosen"])
def test_pieces_beyond_what_is_put_together_in_a_request_are_a_gap(canary: Canary) -> None:
    one, two = halves(canary.value, 10)
    full = examine(body([one[:8]] * (MAX_PIECES // 2) + [two]), SEARCH)
    more = examine(body([one[:8]] * MAX_PIECES + [two]), SEARCH)

    assert [gap for gap in full.gaps if gap.kind is GapKind.BUDGET] == []
    (gap,) = (gap for gap in more.gaps if gap.kind is GapKind.BUDGET)
    assert f" pieces of {canary.id} were left out" in gap.detail


def test_places_beyond_what_is_looked_at_in_a_value_are_a_gap() -> None:
    sent = body({"u": ".".join([MINTED.value[:8]] * (MAX_PIECES + 3))})

    # Of one value in 400, the letters look like compressed streams, which is a gap of its own.
    left_out = [gap.kind for gap in examine(sent, SEARCH).gaps if "were left out" in gap.detail]
    assert left_out == [GapKind.BUDGET]


def letters(make: Callable[[str, int], Exchange], text: str = MINTED.value) -> list[Exchange]:
    made = [make(letter, n) for n, letter in enumerate(text)]
    return [replace(each, id=f"e{n}", source=Source("a.har", n, f"e{n}")) for n, each in enumerate(made)]


A_LETTER_A_REQUEST: dict[str, Callable[[str, int], Exchange]] = {
    "JSON": lambda letter, n: body({"k": letter, "n": n}),
    "a list of one event": lambda letter, n: body({"events": [{"t": 17 * n, "key": letter.upper()}]}),
    "form": lambda letter, n: exchange(body=f"k={letter}&n={n}".encode()),
    "the body alone": lambda letter, _: exchange(body=letter.encode()),
    "base64": lambda letter, n: exchange(body=b64(json.dumps({"k": letter, "n": n})).encode()),
    "gzip": lambda letter, n: exchange(
        body=gzip.compress(json.dumps({"k": letter, "n": n}).encode(), mtime=0)
    ),
    "query": lambda letter, n: exchange(f"/k?c={quote(letter)}&n={n}"),
}
TYPED = Canary("typed", CanaryKind.SEARCH, "abtreibung und kündigung nachts", 60.0)
CHINESE = Canary("chinese", CanaryKind.SEARCH, "肝病离婚律师医院预约专科", 60.0)
OTHERS = 400
"""Requests of others among them, which make the recording long enough to be sifted."""


@pytest.mark.parametrize("way", A_LETTER_A_REQUEST)
@pytest.mark.parametrize("others", [0, OTHERS])
@pytest.mark.parametrize("canary", [MINTED, TYPED, CHINESE], ids=["minted", "words", "chinese"])
def test_a_value_told_a_letter_a_request_is_found(way: str, others: int, canary: Canary) -> None:
    sent = letters(A_LETTER_A_REQUEST[way], canary.value)
    noise = [
        replace(exchange(f"/img/{n}.png?{'lorem ipsum ' * 20}"), host="other.test", id=f"o{n}")
        for n in range(others)
    ]
    recording = [*noise, *sent]
    scanner = Scanner((canary,), seed=1, n_phantoms=100)
    tally = Tally(scanner)
    for item in examined(recording, scanner, jobs=1):
        tally.take(item)
    scanned = tally.scanned()

    assert [(row.canary, row.form, len(row.pieces)) for row in scanned.rows] == [
        (canary.id, "split", len(canary.value.replace(" ", "")))
    ]
    assert scanned.rows[0].evidence_bits >= DECIDING_BITS
    assert not scanned.phantoms


def test_letters_of_several_fields_or_hosts_make_no_value() -> None:
    sent = letters(lambda letter, n: exchange(f"/k?{'cd'[n % 2]}={letter}"))
    elsewhere = [
        replace(each, host=f"h{n % 2}.test") for n, each in enumerate(letters(A_LETTER_A_REQUEST["JSON"]))
    ]
    scanner = Scanner((MINTED,), seed=1)
    tally = Tally(scanner)
    for item in examined([*sent, *elsewhere], scanner, jobs=1):
        tally.take(item)

    assert not tally.scanned().rows


@pytest.mark.parametrize("canary", [TYPED, CHINESE], ids=["words", "chinese"])
@pytest.mark.parametrize("escaped", [True, False])
@pytest.mark.parametrize("others", [0, OTHERS])
def test_a_letter_an_event_is_found_where_it_takes_several_bytes(
    canary: Canary, escaped: bool, others: int
) -> None:
    events = [{"t": 40 * n, "k": letter} for n, letter in enumerate(canary.value)]
    sent = exchange(body=json.dumps(events, ensure_ascii=escaped).encode())
    noise = [replace(exchange(f"/img/{n}.png?{'lorem ipsum ' * 20}"), id=f"o{n}") for n in range(others)]
    scanner = Scanner((canary,), seed=1, n_phantoms=100)
    found = [
        (sighting.canary.id, len(sighting.fragments))
        for item in examined([*noise, sent], scanner, jobs=1)
        if isinstance(item, Examined)
        for sighting in item.sightings
    ]

    assert found == [(canary.id, len(canary.value))]


def test_a_letter_a_message_is_found() -> None:
    keys = [json.dumps({"k": letter}).encode() for letter in MINTED.value]
    messages = tuple(Message(sent=True, data=key, is_text=True) for key in keys)
    found = examine(replace(exchange(), messages=messages), SEARCH).sightings

    assert [item.canary for item in found] == [MINTED]
