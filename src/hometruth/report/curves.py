"""What singles people out, and how often they are put back, as curves: static SVG, with the numbers beside.

The text that the commands print has the same numbers; whoever does not see the picture is told them in it.
"""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hometruth.errors import needs
from hometruth.model.reidentification import Relink, Unicity
from hometruth.report import svg
from hometruth.report.bars import percent
from hometruth.report.catalogue import _
from hometruth.report.text import escape_terminal
from hometruth.report.unicity import SAID
from hometruth.report.words import count

if TYPE_CHECKING:
    import altair as alt

WIDTH, PLOT = 860, 220
"""Pixels: of all, and the height from 0 to 100 % of one plot."""
COLOURS = ("red", "link", "green", "amber", "ink")
"""Of the curves of one plot, in their order; each has a shape, too."""
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross")
_SIZE = re.compile(r'width="([\d.]+)" height="([\d.]+)"')


@dataclass(frozen=True, slots=True)
class _Curve:
    name: str
    values: Mapping[str, tuple[float, float, float]]
    """Place on the axis to a share with the ends of its interval, 0 to 1."""


@dataclass(frozen=True, slots=True)
class _Plot:
    title: str
    axis: str
    curves: tuple[_Curve, ...]

    @property
    def places(self) -> tuple[str, ...]:
        """Of all curves, in the order of the first that has it."""
        return tuple(dict.fromkeys(place for curve in self.curves for place in curve.values))


def unicity_svg(found: Unicity, noun: str, table: str) -> str:
    """How many points single a person out, by who knows them, and among how many people."""
    random = {str(number): (one.value, one.low, one.high) for number, one in found.random.items()}
    everybody = {f"{size:,}": value for size, value in sorted(found.curve.items())}
    if SAID in found.random:
        everybody[f"{found.people:,}"] = found.random[SAID].value
    starts = {str(number): one.value for number, one in sorted((found.session_start or {}).items())}
    plots = [
        _Plot(
            _("Singled out among {people:,} people", people=found.people),
            f"{noun} known",
            (
                _Curve(_("drawn at random from the person's own (95 % interval)"), random),
                _exact(_("the rarest of the person's own"), {str(n): one for n, one in found.rarest.items()}),
                _exact(_("the first of a session"), starts),
            ),
        ),
        _by_people(
            _("Singled out by number of people"), _exact(_("{SAID} random points", SAID=SAID), everybody)
        ),
    ]
    return _drawn(
        "unicity", _("How few {noun} single a person out", noun=noun), plots, _stamp(found.people, table)
    )


def relink_svg(found: Relink, noun: str, table: str) -> str:
    """How often nameless traces were put back, by how many people and how much was known."""
    few = {str(number): max(rates.values()) for number, rates in (found.few or {}).items()}
    sessions = {band: value for band, (value, _) in (found.sessions or {}).items()}
    boards = [
        _exact(
            _("{wrong} of them wrong", wrong=wrong) if wrong else _("none of them wrong"),
            {str(board.points): board.rank1 for board in found.scoreboard if board.wrong == wrong},
        )
        for wrong in sorted({board.wrong for board in found.scoreboard})
    ]
    sizes = dict(sorted(found.curve.items()))
    if "tfidf" in found.scores:
        sizes[found.people] = found.scores["tfidf"].rank1
    plots = [
        _by_people(
            _("A nameless half put back to the right person"),
            _exact(_("compared by tfidf"), {f"{size:,}": value for size, value in sizes.items()}),
            _exact("guessing", {f"{size:,}": 1 / size for size in sizes}),
        ),
        _Plot(
            _("One later session put back"),
            _("different {noun} in it", noun=noun),
            (_exact(_("by tfidf"), sessions),),
        ),
        _Plot(
            _("A few known of the nameless half"), f"{noun} known", (_exact(_("best of the scores"), few),)
        ),
        _Plot(
            _("The right one of {people:,} people comes first", people=found.people),
            f"{noun} known",
            tuple(boards),
        ),
    ]
    return _drawn("relink", _("How often a nameless trace is put back"), plots, _stamp(found.people, table))


def _exact(name: str, values: Mapping[str, float]) -> _Curve:
    return _Curve(name, {place: (value, value, value) for place, value in values.items()})


def _by_people(title: str, *curves: _Curve) -> _Plot:
    return _Plot(title, "people", curves)


def _stamp(people: int, table: str) -> str:
    return _(
        "{persons} of {table}: about these people only",
        persons=count(people, "person", "people"),
        table=table,
    )


def _drawn(name: str, title: str, plots: Sequence[_Plot], stamp: str) -> str:
    kept = [
        _Plot(plot.title, plot.axis, curves)
        for plot in plots
        if (curves := tuple(curve for curve in plot.curves if curve.values))
    ]
    if not kept:
        nothing = svg.text(svg.MARGIN, svg.LINE, _("nothing was measured"), colour="soft")
        return svg.document(name, title, "", WIDTH, 2 * svg.LINE, [nothing], stamp) + "\n"
    drawing = _charts(kept)
    width, height = (float(number) for number in _SIZE.search(drawing).groups())  # type: ignore[union-attr]
    told = "; ".join(line for plot in kept for line in _told(plot))
    return svg.document(name, title, told, width, height, [drawing], stamp) + "\n"


def _told(plot: _Plot) -> Iterator[str]:
    for curve in plot.curves:
        values = ", ".join(f"{place}: {percent(value)}" for place, (value, _, _) in curve.values.items())
        yield _(
            "{title}, by {axis}, {name}: {values}",
            title=plot.title,
            axis=plot.axis,
            name=curve.name,
            values=values,
        )


def _charts(plots: Sequence[_Plot]) -> str:
    """The plots below each other, by Vega."""
    with needs("charts", "--svg"):
        import altair as alt  # noqa: PLC0415
        import vl_convert  # noqa: F401, PLC0415  # what `save` draws with

    whole = alt.vconcat(*(_chart(plot) for plot in plots), background="transparent")
    whole = whole.resolve_scale(color="independent", shape="independent")
    file = io.StringIO()
    # Screen readers are told by the whole picture; for each point, Vega would make expressions of names.
    whole.configure(aria=False).configure_view(stroke=None).save(file, "svg")
    return file.getvalue()


def _chart(plot: _Plot) -> "alt.LayerChart | alt.FacetChart":
    """Shares with their intervals, a curve each."""
    import altair as alt  # noqa: PLC0415

    names = [escape_terminal(curve.name) for curve in plot.curves]
    rows = [
        {"place": place, "curve": name, "share": share, "low": low, "high": high}
        for name, curve in zip(names, plot.curves, strict=True)
        for place, (share, low, high) in curve.values.items()
    ]
    legend = alt.Legend(title=None, orient="bottom", columns=1, labelLimit=WIDTH, labelFontSize=12)
    colours = alt.Scale(domain=names, range=[svg.COLOURS[name] for name in COLOURS])
    axis = alt.Axis(labelAngle=0, labelFontSize=12, titleFontSize=12)
    across = alt.X("place:O", sort=list(plot.places), title=escape_terminal(plot.axis), axis=axis)
    written = "round(100 * datum.value) + ' %'"
    shares = alt.Axis(labelExpr=written, title=None, labelFontSize=12, tickCount=5)
    up = alt.Y("share:Q", scale=alt.Scale(domain=[0, 1]), axis=shares)
    base = alt.Chart({"values": rows}, width=WIDTH - 100, height=PLOT).encode(
        x=across, color=alt.Color("curve:N", scale=colours, legend=legend)
    )
    shape = alt.Shape("curve:N", scale=alt.Scale(domain=names, range=SHAPES), legend=legend)
    lines = base.mark_line().encode(y=up)
    intervals = base.mark_rule().encode(y=alt.Y("low:Q", axis=shares), y2="high:Q")
    points = base.mark_point(filled=True, size=70).encode(y=up, shape=shape)
    heading = alt.TitleParams(escape_terminal(plot.title), anchor="start", fontSize=14)
    return alt.layer(lines, intervals, points, title=heading)
