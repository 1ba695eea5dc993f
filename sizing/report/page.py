"""The report as one HTML page that needs nothing else: style, charts, the library that draws them, and the data they are made from."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import altair as alt
import vl_convert
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from sizing.report import charts, tables
from sizing.report.model import Report, alike, alike_servers, at_risk_name, disk_name, few, missing_gib, uncertain, with_shares
from sizing.units import short, show

_FOLDER = Path(__file__).parent / "page"
_ENVIRONMENT = Environment(
    loader=FileSystemLoader(_FOLDER), undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True
)

_ENVIRONMENT.filters |= {"disk_name": disk_name, "at_risk_name": at_risk_name}


def page(report: Report) -> str:
    """The whole page."""
    return _ENVIRONMENT.get_template("page.html").render(
        report=report,
        data=_script(with_shares(report.model_dump(mode="json"))),
        specs=_script(charts.all_of(report)),
        library=_library(),
        style=Markup((_FOLDER / "style.css").read_text(encoding="utf-8")),  # noqa: S704 - the project's own file
        draw=Markup((_FOLDER / "draw.js").read_text(encoding="utf-8")),  # noqa: S704 - the project's own file
        disks=alike(report.sizing.disks),
        memory=alike_servers(report.sizing.memory),
        uncertain=uncertain(report.risk),
        least_share=charts.LEAST_SHARE,
        tables={table.name: table for table in tables.tables(report)},
        chart_of=charts.chart_of,
        disk_name=disk_name,
        missing_gib=missing_gib,
        of_term=tables.of_term,
        show=show,
        short=short,
        few=few,
    )


def _script(value: Any) -> Markup:
    """Data as JSON that can stand in a script element: nothing in it can end the element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))  # noqa: S704 - escaped just here


@cache
def _library() -> Markup:
    """Vega, Vega-Lite and vega-embed as one script, from the installed package."""
    version = ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])
    return Markup(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", version).replace("</script", "<\\/script"))  # noqa: S704 - escaped just here
