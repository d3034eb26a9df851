"""`watch` as a page: what was done on the left, what left on the right, as HTML made here, row by row.

It runs no script. Its rows arrive as one answer that does not end while there is news, so they show without
any, and the box that holds them stays at its end by its style alone. What was captured is hostile: every text
is clipped, its controls are written out, and Jinja escapes it.
"""

import re
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from hometruth.model import Canary, Condition, Gap, Sighting
from hometruth.model.departure import Deed, Departure
from hometruth.report.catalogue import _
from hometruth.report.condition_words import levels_words
from hometruth.report.template_text import TemplateText
from hometruth.report.text import clip, escape_terminal
from hometruth.report.watch import CLIP, NS_PER_S, News
from hometruth.report.words import KIND_NAMES

MAX_ROWS = 500
"""Latest rows that are kept: a browser does not bear any number. How many there were before is said."""
MAX_PARTS = 40
"""Records of a request, fields of a record and planted values that are shown; how many more is said."""
_TOO_SLOW = '<p class="across gap">{:,} rows are not shown here: this browser was slower than they came.</p>'
Marked = list[tuple[str, bool]]
"""A text in pieces, and which of them were planted."""


class LiveRows:
    """Rows that one thread adds and any number of readers follow; the latest `MAX_ROWS` are kept."""

    def __init__(self) -> None:
        self._rows: deque[str] = deque(maxlen=MAX_ROWS)
        self._n_added = 0
        self._ended = False
        self._news = threading.Condition()
        self.opened = threading.Event()
        """Set by the first reader."""

    def add(self, row: str) -> None:
        """Show *row* to everybody."""
        with self._news:
            self._rows.append(row)
            self._n_added += 1
            self._news.notify_all()

    def end(self) -> None:
        """Nothing follows."""
        with self._news:
            self._ended = True
            self._news.notify_all()

    @property
    def n_left_out(self) -> int:
        """How many rows are no longer kept."""
        with self._news:
            return self._n_added - len(self._rows)

    def after(self, place: int, wait_s: float) -> tuple[int, list[str], bool]:
        """The place reached, rows from *place* on, and whether that was all there will be.

        Waits up to *wait_s* seconds for the first of them.
        """
        with self._news:
            self._news.wait_for(lambda: self._n_added > place or self._ended, wait_s)
            first = self._n_added - len(self._rows)
            rows = list(self._rows)[max(0, place - first) :]
            if place < first:
                rows.insert(0, _TOO_SLOW.format(first - place))
            return self._n_added, rows, self._ended


class PageDisplay:
    """Rows of the page.

    Args:
        rows: Takes them.
        planted: Values to mark.
        conditions: Under which condition each canary was planted, by its id, where that is known beforehand.
        start_ns: Time zero; None for that of the first thing shown.
    """

    def __init__(
        self,
        rows: LiveRows,
        planted: Sequence[Canary],
        *,
        conditions: Mapping[str, Condition] | None = None,
        start_ns: int | None = None,
    ) -> None:
        self._rows = rows
        values = [canary.value for canary in planted if not canary.phantom]
        self._planted = values
        self._pattern = re.compile("|".join(map(re.escape, sorted(values, key=len, reverse=True))), re.I)
        self._conditions = dict(conditions or {})
        self._start_ns = start_ns
        self._news = News(values)
        self._row = _environment().get_template("watch_row.html.j2")

    def head(self) -> None:
        """The page has it already."""

    def show(self, deed: Deed | None, departures: Sequence[Departure]) -> None:
        """One row: what was done, and beside it what left until it was over."""
        if deed is not None and deed.condition is not None:
            self._conditions |= {canary.id: deed.condition for canary in deed.planted}
        done = None
        if deed is not None:
            under = levels_words(deed.condition.levels) if deed.condition else ""
            done = (self._time(deed.at_ns), self._marked(deed.text), under)
        note = deed.note if deed is not None and not departures else ""
        left = [self._left(one) for one in departures]
        self._rows.add(self._row.render(done=done, note=note, left=left, said=None))

    def say(self, text: str, style: str = "") -> None:
        """A row across."""
        if text:
            look = {"bold": "head", "red": "alarm"}.get(style, "")
            self._rows.add(self._row.render(said=self._marked(text.strip()), look=look))

    def gap(self, gap: Gap) -> None:
        """What could not be read."""
        self._rows.add(
            self._row.render(
                said=self._marked(_("not read: {detail} ({where})", detail=gap.detail, where=gap.where)),
                look="gap",
            )
        )

    def _left(self, one: Departure) -> "_Left":
        exchange = one.exchange
        path = exchange.target[: CLIP * 4].split(b"?", 1)[0].decode("utf-8", "backslashreplace")
        common, records = ({}, []) if one.own else self._news.of(one)
        told = [(_("in each"), common)] if common else []
        told = [*((record.name, dict(record.fields)) for record in records), *told]
        shown = [(self._marked(name), self._fields(fields)) for name, fields in told[:MAX_PARTS]]
        leaves = [] if one.own else self._fields(dict(one.leaves))[0]
        return _Left(
            time=self._time(one.at_ns),
            request=self._marked(f"{exchange.method} {exchange.host}{path}"),
            outcome=clip(str(exchange.status or exchange.error or _("no answer")), CLIP),
            host=clip(exchange.host, CLIP),
            organisation=one.organisation,
            own=one.own,
            told=() if one.own else tuple(self._who(one)),
            sdk=None if one.own else one.sdk,
            chain=() if one.own else one.chain,
            opaque_bytes=one.opaque_bytes,
            records=shown,
            more=max(0, len(told) - MAX_PARTS),
            leaves=leaves,
            sightings=[] if one.own else self._sightings(one, shown, leaves),
        )

    def _who(self, one: Departure) -> Iterator[tuple[str, str]]:
        """Kind and condition of each planted value that went where it was not meant to go."""
        seen = set()
        for sighting in one.sightings:
            condition = self._conditions.get(sighting.canary.id)
            pair = (KIND_NAMES[sighting.canary.kind], levels_words(condition.levels) if condition else "")
            if pair not in seen:
                seen.add(pair)
                yield pair

    def _fields(self, fields: Mapping[str, str]) -> tuple[list[tuple[Marked, Marked]], int]:
        pairs = list(fields.items())
        if len(pairs) > MAX_PARTS and self._planted:  # what is left out holds no planted value
            pairs.sort(key=lambda pair: not self._pattern.search(pair[1]))
        named = [
            (self._marked(key.removeprefix("properties.")), self._marked(text))
            for key, text in pairs[:MAX_PARTS]
        ]
        return named, max(0, len(pairs) - MAX_PARTS)

    def _sightings(
        self, one: Departure, records: Sequence[tuple[Marked, object]], leaves: object
    ) -> list[Marked]:
        """Planted values that nothing above shows as they are."""
        text = repr((records, leaves)).lower()
        lines = []
        for sighting in one.sightings[:MAX_PARTS]:
            if not sighting.form.is_plain or sighting.canary.value.lower() not in text:
                lines.append(self._marked(_where(sighting)))
        if more := len(one.sightings) - MAX_PARTS:
            lines += [[(_("and {more} more sightings", more=more), False)]] if more > 0 else []
        return lines

    def _marked(self, text: str) -> Marked:
        """*text* clipped and made harmless, in pieces."""
        safe = escape_terminal(clip(text, CLIP))
        if not self._planted:
            return [(safe, False)]
        pieces, at = [], 0
        for found in self._pattern.finditer(safe):
            pieces += [(safe[at : found.start()], False), (found[0], True)]
            at = found.end()
        return [piece for piece in (*pieces, (safe[at:], False)) if piece[0]]

    def _time(self, at_ns: int | None) -> str:
        if at_ns is None:
            return "?"
        self._start_ns = at_ns if self._start_ns is None else self._start_ns
        return f"{(at_ns - self._start_ns) / NS_PER_S:.1f}"


@dataclass(frozen=True, slots=True)
class _Left:
    """One request, as the right side has it."""

    time: str
    request: Marked
    outcome: str
    host: str
    organisation: str | None
    own: bool
    told: tuple[tuple[str, str], ...]
    sdk: str | None
    chain: tuple[str, ...]
    opaque_bytes: int
    records: list[tuple[Marked, tuple[list[tuple[Marked, Marked]], int]]]
    more: int
    leaves: list[tuple[Marked, Marked]]
    sightings: list[Marked]


def _where(sighting: Sighting) -> str:
    form = "" if sighting.form.is_plain else _("{name} of ", name=sighting.form.name)
    place = clip(f"{sighting.value.part} {sighting.value.path}".strip(), CLIP // 2)
    return _(
        "{form}{kind} {value} in {place}",
        form=form,
        kind=sighting.canary.kind,
        value=sighting.canary.value,
        place=place,
    )


def page_head(title: str, n_left_out: int) -> str:
    """Everything before the rows: the page's address is a folder, ``style.css`` stands in it."""
    return _environment().get_template("watch_page.html.j2").render(title=title, n_left_out=n_left_out)


def page_style() -> str:
    """The page's one style sheet."""
    environment = _environment()
    assert environment.loader is not None
    return environment.loader.get_source(environment, "watch.css")[0]


GOES_ON = '<meta http-equiv="refresh" content="0">'
"""In place of more rows than a page bears: the browser asks for the page again."""
ENDED = '<p class="end">Nothing more follows.</p>'


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("hometruth.report"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=[TemplateText],
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )


def _finalize(value: object) -> object:
    """Every printed expression passes here; what is printed by a macro did already.

    What was clipped before is longer by the words that say so, and by its controls written out.
    """
    return escape_terminal(clip(value, 10 * CLIP)) if type(value) is str else value
