"""The charts' data are the report's numbers, and Vega draws them."""

from typing import Any

import pytest
import vl_convert

from sizing.report import charts
from sizing.report.model import alike, uncertain
from sizing.risk import Input, Sensitivity
from tests.sizing.platforms import on_one_lun, platform
from tests.sizing.report.reports import SMALL, of, report


def values(spec: charts.Spec) -> list[dict[str, Any]]:
    """The data of a chart's first layer."""
    data = spec["layer"][0].get("data") or spec["data"]
    return list(spec["datasets"][data["name"]])


def marks(spec: charts.Spec) -> list[float]:
    """Where the chart draws its lines."""
    return [layer["encoding"]["x"]["datum"] for layer in spec["layer"] if layer["mark"]["type"] == "rule"]


def test_a_lun_s_bar_ends_where_its_required_size_does() -> None:
    needs = report(SMALL).sizing.datastores
    rows = values(charts.stores(needs))
    for need in needs:
        bar = [row for row in rows if row["datastore"] == need.name]
        assert sum(row["share"] for row in bar) == pytest.approx(need.required_gib / need.declared_gib, rel=1e-6)
        assert sum(row["gib"] for row in bar) == pytest.approx(need.required_gib, rel=1e-6)
        assert next(row["gib"] for row in bar if row["part"] == "deltas") == pytest.approx(
            sum(term.gib for term in need.terms if term.name.startswith("deltas of"))
        )
    assert marks(charts.stores(needs)) == [1]
    assert "memory snapshots" not in {row["part"] for row in rows}


def test_every_kind_of_term_has_its_part() -> None:
    needs = report({"snapshots.memory": True}).sizing.datastores
    assert {row["part"] for row in values(charts.stores(needs))} >= {"memory snapshots", "consolidation", "VMFS", "kept free"}


def test_hours_to_full_are_told_to_the_hour_and_never_as_never() -> None:
    changes = {**on_one_lun("scanner-1", size_gib=150), "gateway.scanners.scanner-1.disks_gib": {"system": 20, "queue": 70}}
    made = of(platform(changes))
    rows = values(charts.hours_to_full(made.sizing.datastores, 24))
    assert [(row["datastore"], row["hours"]) for row in rows] == [(need.name, need.hours_to_full) for need in made.sizing.datastores]
    assert rows[0]["told"] == "never"
    assert rows[1]["told"] == f"{made.sizing.datastores[1].hours_to_full:,.0f} h"
    assert marks(charts.hours_to_full(made.sizing.datastores, 24)) == [24]


def test_a_disk_s_bar_is_its_terms() -> None:
    for group in alike(report().sizing.disks):
        need = group[0]
        spec = charts.terms(need)
        assert [(row["term"], row["gib"], row["formula"]) for row in values(spec)] == [(t.name, t.gib, t.formula) for t in need.terms]
        assert marks(spec) == [need.gib]


def test_a_need_grows_to_the_horizon_beside_what_there_is() -> None:
    made = report(SMALL)
    for need, *_ in uncertain(made.risk):
        spec = charts.growth(need, made.risk.quantile)
        assert values(spec) == [year.model_dump() for year in need.years]
        rule = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "rule")
        assert rule["encoding"]["y"]["datum"] == need.provisioned_gib


def test_inputs_that_explain_next_to_nothing_are_left_out_but_never_all() -> None:
    sensitivity = [Sensitivity(input=of, share=share, low_gib=1, high_gib=2) for of, share in zip(Input, (0.5, 0.01, 0.0099), strict=False)]
    need = report().risk.datastores[0]
    for given, shown in ((sensitivity, 2), (sensitivity[2:], 1)):
        rows = values(charts.tornado(need.model_copy(update={"sensitivity": tuple(given)})))
        assert [row["share"] for row in rows] == [s.share for s in given[:shown]]
        assert [(row["input"], row["low"], row["high"]) for row in rows] == [(s.input, s.low_gib, s.high_gib) for s in given[:shown]]


def test_scenarios_are_points_of_what_they_require() -> None:
    made = report()
    rows = values(charts.compared(made))
    expected = [(n.name, o.title, n.required_gib) for o in made.comparison.outcomes for n in o.sizing.datastores]
    assert [(row["datastore"], row["scenario"], row["gib"]) for row in rows] == expected


@pytest.mark.parametrize("changes", [{}, SMALL, {"snapshots.growth": "worst"}])
def test_vega_draws_every_chart(changes: dict[str, Any]) -> None:
    for name, spec in charts.all_of(report(changes)).items():
        drawn = vl_convert.vegalite_to_svg({**spec, "width": 320}, vl_version="6.4")
        assert "NaN" not in drawn, name
        assert "GiB" in drawn or "share" in drawn or "hours" in drawn, name


def test_texts_take_the_colour_of_the_page() -> None:
    drawn = vl_convert.vegalite_to_svg({**charts.stores(report().sizing.datastores), "width": 320}, vl_version="6.4")
    assert 'fill="currentColor"' in drawn
    assert 'fill="#000"' not in drawn
    assert 'fill="white"' not in drawn


def test_every_chart_is_described_for_those_who_can_not_see_it() -> None:
    descriptions = [spec["description"] for spec in charts.all_of(report()).values()]
    assert len(set(descriptions)) == len(descriptions)
    assert all(len(description.split()) > 4 for description in descriptions)


def test_no_two_parts_of_a_chart_have_the_same_colour() -> None:
    """A mail disk has ten terms."""
    found = {name: spec for name, spec in charts.all_of(report({"snapshots.memory": True})).items() if name.startswith(("disk", "stores"))}
    scales = [spec["layer"][0]["encoding"]["color"]["scale"] for spec in found.values()]
    assert max(len(scale["domain"]) for scale in scales) == 10
    for scale in scales:
        colours = scale["range"][: len(scale["domain"])]
        assert len(set(colours)) == len(scale["domain"])


@pytest.mark.parametrize(("length", "lines"), [(18, 1), (19, 2), (36, 2), (37, 3)])
def test_a_long_name_beside_a_chart_goes_on_in_the_next_line(length: int, lines: int) -> None:
    name = "".join(chr(ord("a") + at % 26) for at in range(length))
    need = report().sizing.datastores[0].model_copy(update={"name": name})
    drawn = vl_convert.vegalite_to_svg({**charts.stores((need,)), "width": 320}, vl_version="6.4")
    assert "…" not in drawn
    pieces = [name[at : at + 18] for at in range(0, length, 18)]
    assert len(pieces) == lines
    assert all(f">{piece}<" in drawn for piece in pieces)


def test_datastores_stand_in_the_same_order_beside_each_chart() -> None:
    """Also where some are never full, which are drawn in a layer of their own."""
    needs = tuple(
        report().sizing.datastores[0].model_copy(update={"name": name, "hours_to_full": hours}) for name, hours in (("a", None), ("b", 5.0))
    )
    for spec in (charts.stores(needs), charts.hours_to_full(needs, 24)):
        assert next(layer["encoding"]["y"]["sort"] for layer in spec["layer"] if "y" in layer["encoding"]) == ["a", "b"]
    drawn = vl_convert.vegalite_to_svg({**charts.hours_to_full(needs, 24), "width": 320}, vl_version="6.4")
    assert drawn.index(">a<") < drawn.index(">b<")


def test_charts_fit_the_width_of_the_page() -> None:
    specs = charts.all_of(report()).values()
    assert {spec["width"] for spec in specs} == {"container"}
    assert all("room" in [param["name"] for param in spec["params"]] for spec in specs)  # the page says how much of it there is
