"""The pictures of a case: the matrix, one session in time, who got what, what an identifier joins.

Each is made from the audit alone, says inside what it is about, and has a table that says the same.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hometruth.model import Audit, Exchange, Sighting, Trial
from hometruth.report import svg
from hometruth.report.catalogue import _
from hometruth.report.condition_words import condition_words
from hometruth.report.first_screen import FirstScreen, beyond, bound_told, whom_told
from hometruth.report.matrix import (
    CellMark,
    MatrixCell,
    MatrixColumn,
    ToldAs,
    counted_findings,
    datum_of,
    sent_findings,
)
from hometruth.report.screen_text import (
    BOUND,
    NO_BOUND,
    columns_shown,
    data_shown,
    silence_sign,
    unbounded_told,
)
from hometruth.report.sentences import plain_bound, say
from hometruth.report.svg import LINE, MARGIN, Picture
from hometruth.report.tables import coverage_rows, general_host, minted_values
from hometruth.report.words import at_most, count, sentence, size

Safe = Callable[[str], str]
"""Masks what is personal and shortens what is long."""
CELL = 108
"""Pixels: a cell of the matrix."""
BOX_WORDS = {
    CellMark.SENT: _("full: sent"),
    CellMark.SOME: _("half full: sent in some"),
    CellMark.TRIED: _("dashed: only tried"),
    CellMark.FOLLOWS: _("dashed red: cannot be read, but follows what was done, in so many pairs"),
    CellMark.SILENT: _("empty: not seen"),
}
SETTINGS_FIRST = 5
"""Of the matrix, on the first screen; all are in the picture below it."""
MOST_RECIPIENTS = 12
MOST_IDENTIFIERS = 8
MOST_SETTINGS = 8
MOST_REQUESTS = 24
"""More would be a grey square; how many are left out is said in the picture, and its table has them all."""
MOST_HOSTS = 300
"""Rows of that table without a finding; the others are added up, and a case has them in coverage.parquet."""


def pictures_of(audit: Audit, screen: FirstScreen, safe: Safe) -> list[Picture]:
    """Every picture for which there is something to draw, the whole matrix first."""
    matrix = screen.matrix
    every = range(len(matrix.data))
    whole = matrix_picture(screen, matrix.columns, every, _vendor(audit), safe, "matrix-whole")
    drawn = [whole] if matrix.data and matrix.columns else []
    others = (
        timeline_picture(audit, screen, safe),
        recipients_picture(audit, screen, safe),
        identifiers_picture(audit, screen, safe),
    )
    return [*drawn, *filter(None, others)]


def first_matrix_picture(audit: Audit, screen: FirstScreen, safe: Safe) -> Picture | None:
    """The matrix of the first screen: as many settings and things as can be read there; None without any."""
    columns = columns_shown(screen.matrix, SETTINGS_FIRST) if screen.matrix.data else []
    places = data_shown(screen.matrix, columns)
    return matrix_picture(screen, columns, places, _vendor(audit), safe, "matrix") if columns else None


def _vendor(audit: Audit) -> str:
    return whom_told(audit)


def matrix_picture(
    screen: FirstScreen,
    columns: Sequence[MatrixColumn],
    places: Sequence[int],
    vendor: str,
    safe: Safe,
    name: str,
) -> Picture:
    """The matrix with these settings, one below the other, and under each a box for the data at *places*."""
    matrix = screen.matrix
    data = [matrix.data[place] for place in places]
    title = safe(say(f"{name}-title", vendor=vendor, beyond=beyond(matrix)))
    width = max(2 * MARGIN + CELL * len(data), 480)
    heads = [svg.lines(safe(item.label), CELL, 13, bold=True) for item in data]
    parts = [
        svg.text(
            MARGIN + CELL * (place + 0.5),
            MARGIN + 16 * (n + 1),
            told,
            size=13,
            anchor="middle",
            bold=True,
            room=CELL,
        )
        for place, head in enumerate(heads)
        for n, told in enumerate(head)
    ]
    y = MARGIN + 16 * max((len(head) for head in heads), default=0) + 4
    rows = []
    for column in columns:
        cells = [column.cells[place] for place in places]
        for label in svg.lines(safe(column.label), width - 2 * MARGIN):
            parts.append(svg.text(MARGIN, y + LINE, label, room=width - 2 * MARGIN))
            y += LINE
        y -= LINE
        for place, cell in enumerate(cells):
            parts += _box(cell, MARGIN + CELL * place, y + LINE + 6)
        rows.append((column.label, *(cell_words(cell) for cell in cells)))
        y += 2 * LINE + 12
    told = "; ".join(f"{row[0]}: {', '.join(row[1:])}" for row in rows)
    notes = [safe(note) for note in _matrix_notes(screen, columns)]
    drawn = svg.document(name, title, safe(told), width, y + 4, parts, safe(screen.stamp), notes)
    return Picture(name, title, drawn, (say("setting"), *(item.label for item in data)), tuple(rows))


def _matrix_notes(screen: FirstScreen, columns: Sequence[MatrixColumn]) -> Iterator[str]:
    """What its numbers and signs mean."""
    marks = {cell.mark for column in columns for cell in column.cells}
    yield say("matrix-numbers", marks=", ".join(told for mark, told in BOX_WORDS.items() if mark in marks))
    if bound := bound_told(columns, screen.headlines):
        yield f"{BOUND} {sentence(bound)}"
    if told := unbounded_told(screen.matrix, columns):
        yield f"{NO_BOUND} {sentence(told)}"


def cell_words(cell: MatrixCell) -> str:
    """What a cell shows, in words."""
    if cell.mark is CellMark.FOLLOWS and not cell.pairs:
        return say("cell-repeats")
    if cell.mark is not CellMark.SILENT:
        return say(f"cell-{cell.mark.value}", sent=f"{cell.sent:,}", run=f"{cell.run:,}")
    if cell.bound_percent is None:
        why = say("no-bound", doubt=cell.doubt) if cell.doubt else say("no-bound-here")
        return say("cell-silent", run=f"{cell.run:,}", bound=why)
    bound = f"{plain_bound(cell.bound_percent, 'sessions')}: {at_most(cell.bound_percent)}"
    return say("cell-silent", run=f"{cell.run:,}", bound=bound)


def _box(cell: MatrixCell, x: float, y: float) -> Iterator[str]:
    """Full, half full, dashed or empty, with the count in it."""
    told = _(
        "{sent:,} of {run:,}{silence_sign}", sent=cell.sent, run=cell.run, silence_sign=silence_sign(cell)
    )
    if cell.mark is CellMark.FOLLOWS:
        told = say("box-pairs", sent=f"{cell.sent:,}", run=f"{cell.run:,}") if cell.pairs else say("box-one")
    middle, width = x + CELL / 2, CELL - 8
    if cell.mark is CellMark.UNTESTED:
        yield svg.text(middle, y + 15, say("cell-untested"), colour="soft", size=12, anchor="middle")
        return
    if cell.mark is CellMark.SENT:
        yield svg.rect(x + 4, y, width, 22, fill="red")
        yield svg.text(middle, y + 16, told, colour="paper", size=13, anchor="middle", bold=True)
        return
    outline = "red"
    if cell.mark in (CellMark.TRIED, CellMark.SILENT):
        outline = "amber" if cell.mark is CellMark.TRIED else "soft"
    yield svg.rect(
        x + 4, y, width, 22, outline=outline, dashed=cell.mark in (CellMark.TRIED, CellMark.FOLLOWS)
    )
    if cell.mark is CellMark.SOME:
        yield svg.rect(x + 4, y + 18, width * cell.sent / cell.run, 4, fill="red")
    yield svg.text(middle, y + 16, told, colour=outline, size=13, anchor="middle")


MOST_TELLING = (ToldAs.EXPECTED, ToldAs.UNCOUNTED, ToldAs.TRIED, ToldAs.SENT)
"""What a request with several values is told as: the last of what they count as."""


@dataclass(frozen=True, slots=True)
class _SentThen:
    """One request of a session in which planted values were found."""

    at_s: float
    exchange: Exchange
    letters: tuple[str, ...]
    counted: ToldAs
    recipient: str


def timeline_picture(audit: Audit, screen: FirstScreen, safe: Safe) -> Picture | None:
    """One session, that of the proof: actions above, requests with planted values below, in seconds.

    Returns:
        None if no session that was found in has times.
    """
    trial = _session_shown(audit, screen)
    if trial is None or trial.started_ns is None:
        return None
    planted = dict.fromkeys(action.canary for action in trial.actions if action.canary)
    letters = {canary: svg.letter(place) for place, canary in enumerate(planted)}
    requests = _requests(audit, trial, letters)
    if not requests:
        return None
    values = minted_values(audit)
    actions = [((one.at_ns - trial.started_ns) / 1e9, one) for one in trial.actions]
    last = max([0.001, *(at for at, _ in actions), *(one.at_s for one in requests)])
    setting = condition_words(trial.condition, audit.subject)
    title = safe(say("timeline-title", session=f"{trial.id}, {setting}"))
    left, width = 240, 860

    def x_of(at_s: float) -> float:
        return left + (width - left - 2 * MARGIN) * max(at_s, 0) / last

    def beside(at_s: float, y: float, told: str, **how: Any) -> str:
        """Text to the right of a mark, or to its left where there is more room."""
        is_late = x_of(at_s) > (left + width) / 2
        x, room = x_of(at_s) + (-12 if is_late else 12), (width - left) / 2 - 24
        return svg.text(x, y, told, anchor="end" if is_late else "start", room=room, **how)

    y = MARGIN + LINE
    parts, rows = [], []
    for at_s, action in actions:
        letter = letters.get(action.canary, "") if action.canary else ""
        parts.append(svg.text(MARGIN, y + 5, safe(f"{letter} {action.action}"), bold=True, room=left - 20))
        parts.append(svg.circle(x_of(at_s), y, 7, fill="link" if action.happened else "", outline="link"))
        parts.append(beside(at_s, y + 5, _time(at_s), colour="soft", size=12))
        state = say("happened") if action.happened else say("not-happened")
        rows.append((_time(at_s), say("action"), action.action, letter, state))
        y += LINE + 4
    parts.append(svg.line(left, y, width - MARGIN, y, colour="ink", width=2))
    parts += [
        svg.text(left, y + 16, "0 s", colour="soft", size=12),
        svg.text(width - MARGIN, y + 16, _time(last), colour="soft", size=12, anchor="end"),
    ]
    y += LINE + 16
    for place, one in enumerate(requests):
        host = general_host(one.recipient, values)
        what = say(f"request-{one.counted.value}")
        rows.append((_time(one.at_s), say("request"), host, ", ".join(one.letters), what))
        if place >= MOST_REQUESTS:
            continue
        colour = {ToldAs.EXPECTED: "soft", ToldAs.SENT: "red"}.get(one.counted, "amber")
        parts.append(svg.text(MARGIN, y + 5, safe(host), size=12, colour=colour, room=left - 20))
        parts.append(svg.rect(x_of(one.at_s) - 6, y - 7, 13, 14, fill=colour))
        parts.append(beside(one.at_s, y + 5, ", ".join(one.letters), bold=True, size=13))
        y += LINE
    notes = [say("timeline-legend")]
    if len(requests) > MOST_REQUESTS:
        notes.append(say("not-drawn", told=count(len(requests) - MOST_REQUESTS, "request")))
    told = "; ".join(" ".join(row) for row in rows)
    drawn = svg.document("timeline", title, safe(told), width, y, parts, safe(screen.stamp), notes)
    heads = (say("when"), say("what"), say("name"), say("value-letter"), say("note"))
    return Picture("timeline", title, drawn, heads, tuple(rows))


def _time(at_s: float) -> str:
    """``12.0 s``, or ``35 ms``."""
    return f"{at_s:.1f} s" if abs(at_s) >= 1 else f"{1000 * at_s:.0f} ms"


def _session_shown(audit: Audit, screen: FirstScreen) -> Trial | None:
    proof = screen.proof
    name = proof and (proof.sighting.canary.cell or proof.sighting.exchange.trial)
    sent = {cell for finding, _ in sent_findings(audit) if (cell := finding.canary.cell)}
    every: set[str | None] = {finding.canary.cell for finding in audit.findings}
    names = {name} if name else sent or every
    return next((trial for trial in audit.trials if trial.id in names), None)


def _requests(audit: Audit, trial: Trial, letters: dict[str, str]) -> list[_SentThen]:
    """Requests with what was planted in the session, in order; one that carries several values once."""
    found: dict[str, list[tuple[Sighting, ToldAs, str]]] = defaultdict(list)
    for finding, counted, _doubt in counted_findings(audit):
        if finding.canary.cell == trial.id:
            for sighting in finding.sightings:
                if sighting.exchange.started_ns is not None:
                    found[sighting.exchange.id].append((sighting, counted, finding.recipient.host))
    requests = []
    for same in found.values():
        exchange = same[0][0].exchange
        assert exchange.started_ns is not None
        assert trial.started_ns is not None
        named = sorted({letters.get(sighting.canary.id, "?") for sighting, _, _ in same})
        at_s = (exchange.started_ns - trial.started_ns) / 1e9
        counted = max((item for _, item, _ in same), key=MOST_TELLING.index)
        requests.append(_SentThen(at_s, exchange, tuple(named), counted, same[0][2]))
    return sorted(requests, key=lambda one: (one.at_s, one.exchange.id))


def recipients_picture(audit: Audit, screen: FirstScreen, safe: Safe) -> Picture | None:
    """Who got what: a bar of bytes for each host, and what was found there beyond the action itself."""
    values = minted_values(audit)
    got: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    owner: dict[str, str] = {}
    for finding in audit.findings:
        host = general_host(finding.recipient.host, values)
        owner[host] = finding.recipient.organisation or ""
    for finding, ids in sent_findings(audit):
        got[general_host(finding.recipient.host, values)][datum_of(finding.canary).label] |= ids
    sizes: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in coverage_rows(audit):
        sizes[row.host][0] += row.exchanges
        sizes[row.host][1] += row.read_bytes + row.opaque_bytes
    hosts = sorted(sizes.keys() | got.keys(), key=lambda host: (-len(got[host]), -sizes[host][1], host))
    if not hosts:
        return None
    title, width, left = say("recipients-title"), 860, 300
    most = max(*(sizes[host][1] for host in hosts), 1)
    parts: list[str] = []
    rows: list[tuple[str, ...]] = []
    y = float(MARGIN)
    most_rows = max(MOST_HOSTS, sum(map(bool, got.values())))
    for place, host in enumerate(hosts[:most_rows]):
        found = ", ".join(
            f"{label} ({count(len(ids), 'session')})" for label, ids in sorted(got[host].items())
        )
        n, n_bytes = sizes[host]
        rows.append((host, owner.get(host, ""), f"{n:,}", size(n_bytes), found or say("nothing-found")))
        if place >= MOST_RECIPIENTS:
            continue
        named = f"{host} ({owner[host]})" if owner.get(host) else host
        colour = "red" if found else "soft"
        parts += [
            svg.text(MARGIN, y + LINE, safe(named), room=left - 2 * MARGIN, bold=bool(found)),
            svg.rect(left, y + 8, max(2.0, (width - left - 120) * n_bytes / most), 14, fill=colour),
            svg.text(
                left + max(2.0, (width - left - 120) * n_bytes / most) + 8,
                y + LINE,
                size(n_bytes),
                size=12,
                colour="soft",
            ),
        ]
        for told in svg.wrapped(safe(found or say("nothing-found")), width - left - MARGIN, 12):
            parts.append(svg.text(left, y + 2 * LINE, told, colour=colour, size=12))
            y += 16
        y += LINE + 14
    if rest := hosts[most_rows:]:
        n, n_bytes = (sum(sizes[host][part] for host in rest) for part in (0, 1))
        told = say("other-hosts", hosts=count(len(rest), "more host"))
        rows.append((told, "", f"{n:,}", size(n_bytes), say("nothing-found")))
    not_drawn = len(hosts) - MOST_RECIPIENTS
    notes = [say("not-drawn", told=count(not_drawn, "host"))] if not_drawn > 0 else []
    told = "; ".join(f"{row[0]}: {row[3]}, {row[4]}" for row in rows)
    drawn = svg.document("recipients", title, safe(told), width, y + 6, parts, safe(screen.stamp), notes)
    heads = (say("recipient"), say("organisation"), say("requests"), say("bytes"), say("found"))
    return Picture("recipients", title, drawn, heads, tuple(rows))


def identifiers_picture(audit: Audit, screen: FirstScreen, safe: Safe) -> Picture | None:
    """Which settings an identifier joins: a line for each, with in how many sessions it was sent there."""
    every = [column for column in screen.matrix.columns if column.run]
    columns = every[:MOST_SETTINGS]
    of_setting = [
        {trial.id for trial in audit.trials if trial.condition in column.setting.conditions}
        for column in every
    ]
    all_codes = _codes(audit, of_setting)
    codes = all_codes[:MOST_IDENTIFIERS]
    if not codes or not columns:
        return None
    width, left, right, step = 860, 330, 500, 2 * LINE + 6
    places = [MARGIN + LINE + step * place for place in range(max(len(codes), len(columns)))]
    parts, table = [], []
    for y, (_code, _kind, counts) in zip(places, codes, strict=False):
        drawn_to = zip(places, counts[: len(columns)], strict=False)
        parts += [svg.line(left, y - 4, right, to - 4, colour="red", width=2) for to, n in drawn_to if n]
    for value, about, counts in all_codes:
        told = [f"{one.label} ({count(n, 'session')})" for one, n in zip(every, counts, strict=True) if n]
        table.append((value, about, "; ".join(told) or say("nowhere")))
    for y, (value, about, _counts) in zip(places, codes, strict=False):
        parts.append(svg.text(MARGIN, y, safe(value), bold=True, size=13, room=left - 2 * MARGIN))
        for n, line in enumerate(svg.lines(safe(about), left - 2 * MARGIN, 12)):
            parts.append(
                svg.text(MARGIN, y + 15 * (n + 1), line, colour="soft", size=12, room=left - 2 * MARGIN)
            )
        parts.append(svg.circle(left, y - 4, 5, fill="red"))
    for there, column in zip(places, columns, strict=False):
        parts.append(svg.circle(right, there - 4, 5, fill="ink"))
        for n, line in enumerate(svg.lines(safe(column.label), width - right - 24)):
            parts.append(svg.text(right + 12, there + 18 * n, line, room=width - right - 24))
    height = places[-1] + 2 * LINE
    codes_left, settings_left = len(all_codes) - len(codes), len(every) - len(columns)
    left_out = [
        *([count(codes_left, "identifier")] if codes_left else []),
        *([count(settings_left, "setting")] if settings_left else []),
    ]
    notes = [say("not-drawn", told=", ".join(left_out))] if left_out else []
    title, name = say("identifiers-title"), "identifiers-graph"
    told_all = "; ".join(f"{row[1]}: {row[2]}" for row in table)
    drawn = svg.document(name, title, safe(told_all), width, height, parts, safe(screen.stamp), notes)
    heads = (say("value"), say("kind-and-field"), say("settings-joined"))
    return Picture(name, title, drawn, heads, tuple(table))


def _codes(audit: Audit, of_setting: Sequence[set[str]]) -> list[tuple[str, str, list[int]]]:
    """Value, kinds with fields, and sessions in each setting; those that join most settings first."""
    sent: dict[str, set[str]] = defaultdict(set)
    about: dict[str, set[str]] = defaultdict(set)
    for identifier in audit.identifiers:
        sent[identifier.value] |= set(identifier.trials)
        about[identifier.value].add(f"{identifier.kind}: {identifier.field}")
    codes = [
        (value, ", ".join(sorted(about[value])), [len(ids & there) for there in of_setting])
        for value, ids in sent.items()
    ]
    return sorted(codes, key=lambda code: (-sum(n > 0 for n in code[2]), -sum(code[2]), code[0]))
