"""Free space over time, as SVG pictures for the documentation."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import altair as alt
import vl_convert

from incident.model import Moment, Stop, Story
from incident.telling import shown

PALETTE = ["#3f7fc1", "#d07a22", "#2c9a72", "#b85a9c", "#8069c4"]
FORETOLD = "#c4524a"
_WIDTH, _HEIGHT = 720, 300  # px
_MINUTES_PER_HOUR = 60
_DASHES = [[1, 0], [6, 3], [2, 2], [8, 2, 2, 2], [12, 4]]  # lines that lie on each other can still be told apart
_CROSSES = " (crosses: when sizing says that it is full)"
_FONT = "Liberation Sans"  # comes with the renderer, so that every machine draws the same
_GREY = "#7b838c"  # is seen on light and on dark
_LINES = {"gridColor": "#8883", "domainColor": "#8888", "tickColor": "#8888", "titleFontWeight": "normal"}


class _Axes(NamedTuple):
    time: str
    free: str
    format: str


def pictures(story: Story) -> Mapping[str, str]:
    """The SVG of each picture by its name."""
    sizes = {stop.datastore: stop.lun_gib for stop in story.forgotten.stops}
    minutes = [
        {"time": moment.hour * _MINUTES_PER_HOUR, "datastore": stop.datastore, "free": round(moment.stores[stop.datastore].free_gib, 3)}
        for moment in story.full.moments
        for stop in story.full_stops
    ]
    full = _Axes("minutes after the snapshot", "free, GiB", ".2f")
    share = _Axes("hours after the snapshots", "free, share of the LUN", ".0%")
    return {
        "full": _picture("2013: LUNs as large as what lies on them", full, minutes, _marks(story.full_stops, _MINUTES_PER_HOUR)),
        "held": _picture("As sized: held for 72 h, then consolidated", share, _shares(story.held.moments, sizes), []),
        "forgotten": _picture(
            "As sized, but never removed", share, _shares(story.forgotten.moments, sizes), _marks(story.forgotten.stops, 1)
        ),
    }


def _shares(moments: Iterable[Moment], sizes: Mapping[str, float]) -> list[dict[str, Any]]:
    return [
        {"time": moment.hour, "datastore": store, "free": round(moment.stores[store].free_gib / sizes[store], 4)}
        for moment in moments
        for store in shown(moment)
    ]


def _marks(stops: Iterable[Stop], per_hour: int) -> list[dict[str, Any]]:
    return [{"time": stop.predicted_hours * per_hour, "free": 0} for stop in stops if stop.predicted_hours is not None]


def _picture(title: str, axes: _Axes, rows: list[dict[str, Any]], marks: list[dict[str, Any]]) -> str:
    """Lines of free space, and crosses where sizing says that it ends."""
    names = sorted({row["datastore"] for row in rows})
    x = alt.X("time:Q", title=axes.time, axis=alt.Axis(tickCount=10))
    y = alt.Y("free:Q", title=axes.free, scale=alt.Scale(domainMin=0), axis=alt.Axis(format=axes.format))
    lines = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_line(strokeWidth=2)
        .encode(
            x=x,
            y=y,
            color=alt.Color("datastore:N", scale=alt.Scale(domain=names, range=PALETTE[: len(names)])),
            strokeDash=alt.StrokeDash("datastore:N", scale=alt.Scale(domain=names, range=_DASHES[: len(names)])),
        )
    )
    foretold = alt.Chart(alt.InlineData(values=marks)).mark_point(color=FORETOLD, shape="cross", size=120, filled=True).encode(x=x, y=y)
    chart = (
        alt.LayerChart(layer=[lines, foretold] if marks else [lines])
        .properties(width=_WIDTH, height=_HEIGHT, title=f"{title}{_CROSSES if marks else ''}")
        .configure(background="transparent", font=_FONT)
        .configure_axis(labelColor=_GREY, titleColor=_GREY, **_LINES)
        .configure_view(stroke=None)
        .configure_legend(labelColor=_GREY, title=None, orient="bottom")
        .configure_title(color=_GREY, fontWeight="normal")
    )
    svg: str = vl_convert.vegalite_to_svg(chart.to_dict())
    return svg.replace("><", ">\n<") + "\n"  # so that a difference is a line
