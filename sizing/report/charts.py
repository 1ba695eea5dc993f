"""The report's charts, as Vega-Lite specifications: their data are the report's own numbers, and the page draws them.

Colours are of middling lightness and texts take the page's, so that a chart can be read on light and on dark.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import altair as alt

from sizing.model import DatastoreNeed, DiskNeed
from sizing.report.model import Report, alike, at_risk_name, disk_name, uncertain
from sizing.risk import NeedAtRisk

PALETTE = [
    "#3f7fc1",
    "#d07a22",
    "#2c9a72",
    "#b85a9c",
    "#8069c4",
    "#a58a14",
    "#3597ab",
    "#c4524a",
    "#7b838c",
    "#6f8f3a",
    "#d184ae",
    "#4d6f8f",
]
_KINDS = "disks", "VM swap", "VMX swap", "VM logs and NVRAM", "deltas", "consolidation", "memory snapshots", "VMFS", "kept free"
_PARTS = dict(zip(_KINDS, PALETTE, strict=False))  # the palette has colours to spare
LEAST_SHARE = 0.01  # of the variance: inputs that explain less are left out of a chart
Spec = dict[str, Any]

_ROW = 34  # px of height for each bar
_SHARE = alt.Axis(format=".0%", tickCount=5)
_TICKS = alt.Axis(tickCount=5)
_LINE = 18  # characters of a name beside a chart; a longer one goes on in the next line
_LINE_HEIGHT = 15  # px
_LETTER = 7  # px of a letter's width at most, on average
_ROOM = "room"  # px of the place that the page has for the chart, which the page sets when it draws
_WIDE = 1000  # px; a chart that is drawn by another


def stores(needs: tuple[DatastoreNeed, ...]) -> Spec:
    """What each LUN must hold and keep free, as a share of its declared size: past 100 % it is too small."""
    parts, names = {need.name: _parts(need) for need in needs}, [need.name for need in needs]
    kinds = [kind for kind in _PARTS if any(of_one[kind] for of_one in parts.values())]
    rows = [
        {"datastore": n.name, "part": part, "gib": parts[n.name][part], "share": parts[n.name][part] / n.declared_gib, "order": order}
        for n in needs
        for order, part in enumerate(kinds)
    ]
    bars = (
        _chart(rows)
        .mark_bar()
        .encode(
            y=_named("datastore", names),
            x=alt.X("share:Q", title="share of the LUN as declared", axis=_SHARE),
            color=alt.Color("part:N", legend=_legend(kinds, names), scale=alt.Scale(domain=kinds, range=[_PARTS[kind] for kind in kinds])),
            order=alt.Order("order:Q"),
            tooltip=[alt.Tooltip("datastore:N"), alt.Tooltip("part:N", title="for"), alt.Tooltip("gib:Q", title="GiB", format=",.2f")],
        )
    )
    return _spec([bars, _mark_at(1)], _rows(names), "What each datastore must hold, as a share of its LUN as declared")


def _parts(need: DatastoreNeed) -> dict[str, float]:
    """The terms of a datastore by kind, deltas of all VMs together, and what is kept free."""
    parts = dict.fromkeys(_PARTS, 0.0)
    for term in need.terms:
        parts[term.name.partition(" of ")[0]] += term.gib
    return {**parts, "kept free": need.required_gib - need.need_gib}


def hours_to_full(needs: tuple[DatastoreNeed, ...], hold_hours: float) -> Spec:
    """How long snapshots may be forgotten on each datastore, beside how long the stack lets them stay."""
    rows = [
        {
            "datastore": n.name,
            "hours": n.hours_to_full,
            "told": "never" if n.hours_to_full is None else f"{n.hours_to_full:,.0f} h",
            "told_at": max(n.hours_to_full or 0.0, hold_hours),  # where no line runs through it
        }
        for n in needs
    ]
    longest = max((n.hours_to_full or 0.0 for n in needs), default=0.0)
    scale = alt.Scale(domain=[0, 1.2 * max(longest, hold_hours, 1.0)], nice=False)  # a fifth of it for the longest bar's text
    names = [need.name for need in needs]
    base = _chart(rows).encode(y=_named("datastore", names))
    bars = base.mark_bar(color=PALETTE[0], height={"band": 0.6}).encode(
        x=alt.X("hours:Q", title="hours until forgotten snapshots fill it", scale=scale, axis=alt.Axis(tickCount=6)),
        tooltip=[alt.Tooltip("datastore:N"), alt.Tooltip("told:N", title="full after")],
    )
    never = base.mark_text(align="right").encode(x=alt.value("width"), text="told:N").transform_filter("datum.hours === null")
    texts = base.mark_text(align="left", dx=4).encode(x="told_at:Q", text="told:N").transform_filter("datum.hours !== null")
    return _spec([bars, never, texts, _mark_at(hold_hours)], _rows(names), "Hours until forgotten snapshots fill each datastore")


def terms(need: DiskNeed) -> Spec:
    """What one disk must hold, term by term, and where it ends."""
    rows = [{"term": t.name, "gib": t.gib, "formula": t.formula, "order": order} for order, t in enumerate(need.terms)]
    bars = (
        _chart(rows)
        .mark_bar()
        .encode(
            x=alt.X("gib:Q", title="GiB", axis=_TICKS),
            color=alt.Color(
                "term:N", legend=_legend([t.name for t in need.terms]), scale=alt.Scale(domain=[t.name for t in need.terms], range=PALETTE)
            ),
            order=alt.Order("order:Q"),
            tooltip=[alt.Tooltip("term:N", title="for"), alt.Tooltip("gib:Q", title="GiB", format=",.2f"), alt.Tooltip("formula:N")],
        )
    )
    return _spec([bars, _mark_at(need.gib)], 1, f"What the disk {disk_name(need)} must hold")


def compared(report: Report) -> Spec:
    """What each datastore requires under each scenario, as a share of its LUN as declared."""
    rows = [
        {"datastore": n.name, "scenario": outcome.title, "gib": n.required_gib, "share": n.required_gib / n.declared_gib}
        for outcome in report.comparison.outcomes
        for n in outcome.sizing.datastores
    ]
    names = [need.name for need in report.sizing.datastores]
    titles = list(dict.fromkeys(outcome.title for outcome in report.comparison.outcomes))
    points = (
        _chart(rows)
        .mark_point(filled=True, size=90, opacity=0.85)
        .encode(
            y=_named("datastore", names),
            yOffset=alt.YOffset("scenario:N", sort=titles),
            x=alt.X("share:Q", title="required share of the LUN as declared", axis=_SHARE, scale=alt.Scale(zero=False)),
            color=alt.Color("scenario:N", legend=_legend(titles, names), scale=alt.Scale(domain=titles, range=PALETTE)),
            shape=alt.Shape("scenario:N", legend=_legend(titles, names), scale=alt.Scale(domain=titles)),
            tooltip=[
                alt.Tooltip("datastore:N"),
                alt.Tooltip("scenario:N"),
                alt.Tooltip("gib:Q", title="required GiB", format=",.1f"),
                alt.Tooltip("share:Q", title="of the LUN", format=".1%"),
            ],
        )
    )
    return _spec([points, _mark_at(1)], _rows(names) * max(1.0, len(titles) / 3), "What each datastore requires under each scenario")


def growth(need: NeedAtRisk, quantile: float) -> Spec:
    """How a need grows to the horizon in half, in most and in all but few of the futures, and what there is."""
    rows = [year.model_dump() for year in need.years]
    base = _chart(rows).encode(x=alt.X("months:Q", title="months from now", axis=alt.Axis(values=[row["months"] for row in rows])))
    scale = alt.Scale(zero=False, padding=8)
    named = {"half_gib": "half need", "most_gib": "nine in ten need", "need_gib": f"{100 * quantile:g} in 100 need"}
    tooltips = [
        alt.Tooltip("months:Q"),
        *(alt.Tooltip(f"{key}:Q", title=f"{told} at most, GiB", format=",.1f") for key, told in named.items()),
    ]
    band = base.encode(y=alt.Y("half_gib:Q", title="GiB", scale=scale), tooltip=tooltips)
    layers = [
        band.mark_area(color=PALETTE[0], opacity=0.25).encode(y2="need_gib:Q"),
        band.mark_area(color=PALETTE[0], opacity=0.35).encode(y2="most_gib:Q"),
        band.mark_line(color=PALETTE[0], point=alt.OverlayMarkDef(filled=True, size=50, color=PALETTE[0])),
        base.mark_line(color=PALETTE[0], strokeDash=[2, 3]).encode(y="need_gib:Q"),
        _mark_at(need.provisioned_gib, axis="y"),
    ]
    return _spec(layers, 5, f"How the need of {at_risk_name(need)} grows to the horizon, beside what there is")


def tornado(need: NeedAtRisk) -> Spec:
    """How far each uncertain input moves a need, the most telling first."""
    rows = [
        {"input": s.input, "low": s.low_gib, "high": s.high_gib, "share": s.share, "told": f"{s.share:.0%}"}
        for s in need.sensitivity
        if s.share >= LEAST_SHARE or s is need.sensitivity[0]
    ]
    base = _chart(rows).encode(y=_named("input", [str(row["input"]) for row in rows]))
    bars = base.mark_bar(color=PALETTE[4], height={"band": 0.6}).encode(
        x=alt.X("low:Q", title="mean GiB, input lowest to highest", axis=_TICKS, scale=alt.Scale(zero=False, padding=30)),
        x2="high:Q",
        tooltip=[
            alt.Tooltip("input:N"),
            alt.Tooltip("low:Q", title="lowest, GiB", format=",.1f"),
            alt.Tooltip("high:Q", title="highest, GiB", format=",.1f"),
            alt.Tooltip("share:Q", title="share of the variance", format=".1%"),
        ],
    )
    texts = base.mark_text(align="left", dx=4).encode(x="high:Q", text="told:N")
    return _spec([bars, texts], max(2, len(rows)), f"How far uncertain inputs move the need of {at_risk_name(need)}")


def all_of(report: Report) -> Mapping[str, Spec]:
    """Every chart of the report by its name on the page."""
    charts = {"stores": stores(report.sizing.datastores), "hours": hours_to_full(report.sizing.datastores, report.hold_hours)}
    charts |= {chart_of(group[0]): terms(group[0]) for group in alike(report.sizing.disks)}
    for need, *_ in uncertain(report.risk):
        charts |= {f"growth {need.name}": growth(need, report.risk.quantile), f"inputs {need.name}": tornado(need)}
    if len(report.comparison.outcomes) > 1:
        charts["compared"] = compared(report)
    return charts


def chart_of(need: DiskNeed) -> str:
    """The name of a disk's chart."""
    return f"disk {disk_name(need)}"


def _chart(rows: Iterable[Mapping[str, Any]]) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=list(rows)))


def _named(field: str, names: list[str]) -> alt.Y:
    """A row for each name, in their order; a long name takes more lines than one."""
    most, label = _lines(names), "''"
    for lines in range(1, most + 1):
        above = ["' '"] * ((most - lines) // 2)  # lines hang from the first one, which stands in the row's middle
        pieces = (f"slice(datum.label, {at * _LINE}, {(at + 1) * _LINE})" for at in range(lines))
        label = f"length(datum.label) > {(lines - 1) * _LINE} ? [{', '.join((*above, *pieces))}] : {label}"
    axis = alt.Axis(labelExpr=label, labelOffset=-(most - 1) / 2 * _LINE_HEIGHT, labelLineHeight=_LINE_HEIGHT) if most > 1 else alt.Axis()
    return alt.Y(f"{field}:N", title=None, sort=names, axis=axis)


def _legend(labels: list[str], beside: list[str] | None = None) -> alt.Legend:
    """In as many columns as there is room for, right of names that stand beside the chart."""
    column, indent = 30 + _LETTER * max(map(len, labels), default=0), 40 + _LETTER * min(_LINE, max(map(len, beside or ()), default=0))
    columns, limit = alt.ExprRef(f"max(1, floor(({_ROOM} - {indent}) / {column}))"), alt.ExprRef(f"{_ROOM} - {indent}")
    return alt.Legend(orient="bottom", title=None, labelLimit=limit, symbolLimit=0, columns=columns, direction="horizontal")


def _lines(names: list[str]) -> int:
    return max((math.ceil(len(name) / _LINE) for name in names), default=1)


def _rows(names: list[str]) -> float:
    """How many rows of common height the rows of these names take."""
    return len(names) * max(1.0, (_lines(names) + 0.5) * _LINE_HEIGHT / _ROW)


def _mark_at(value: float, axis: Literal["x", "y"] = "x") -> alt.Chart:
    """A line at what is declared."""
    channel = {"x": alt.X(datum=value)} if axis == "x" else {"y": alt.Y(datum=value)}
    mark: alt.Chart = _chart([{}]).mark_rule(color="currentColor", strokeWidth=2, strokeDash=[5, 3]).encode(**channel)
    return mark


def _spec(layers: list[alt.Chart], rows: float, description: str) -> Spec:
    quiet = {"labelColor": "currentColor", "titleColor": "currentColor", "gridColor": "#8883", "domainColor": "#8888", "tickColor": "#8888"}
    chart = (
        alt.LayerChart(layer=layers)
        .properties(
            params=[alt.VariableParameter(name=_ROOM, value=_WIDE)], width="container", height=round(_ROW * rows), description=description
        )
        .configure(background="transparent", font="system-ui, sans-serif")
        .configure_axis(**quiet, labelLimit=130, labelFontSize=12, titleFontSize=12, titleFontWeight="normal")
        .configure_view(stroke=None)
        .configure_legend(labelColor="currentColor", labelFontSize=12)
        .configure_text(color="currentColor", fontSize=12)
    )
    spec: Spec = chart.to_dict()
    return spec
