"""The report's tables: the same rows for the page and for a spreadsheet."""

import csv as writer
import io
from collections.abc import Callable, Iterable

from config.base import Model
from sizing.model import DatastoreNeed, DiskNeed, MemoryNeed, Term, share
from sizing.report.model import Report, at_risk_name, disk_name, missing_gib, month_of
from sizing.scenarios import Comparison

Cell = str | float | int | None


class Table(Model):
    """Rows under named columns; a column whose name ends in a unit holds numbers, of which None says that there is none."""

    name: str
    """Name of its file."""
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    zeros: tuple[str, ...] = ()
    """Columns in which anything but 0 is bad."""
    limit: int | None = None
    """The column whose number others may not exceed, if there is one …"""
    limited: tuple[int, ...] = ()
    """… and those others."""
    shares: tuple[int, ...] = ()
    """Columns that hold shares of 1."""
    mixed: tuple[int, ...] = ()
    """Columns whose numbers differ in kind, so that each is told with the digits that it needs."""

    @property
    def told(self) -> tuple[int, ...]:
        """Which columns say anything: those that are not empty in every row."""
        return tuple(at for at in range(len(self.columns)) if any(row[at] not in (None, "") for row in self.rows))

    def numeric(self, at: int) -> bool:
        """Whether a column holds numbers."""
        return all(row[at] is None or isinstance(row[at], int | float) for row in self.rows)

    def bad(self, row: tuple[Cell, ...], at: int) -> bool:
        """Whether a number of a row tells of something that is too small."""
        limit = row[self.limit] if self.limit is not None and at in self.limited else None
        value = row[at]
        if not isinstance(value, int | float):
            return False
        return (self.columns[at] in self.zeros and value > 0) or (isinstance(limit, int | float) and value > limit)


def tables(report: Report) -> tuple[Table, ...]:
    """Every table of the report, those without rows too."""
    return tuple(table(report) for table in _TABLES)


def csv(table: Table) -> str:
    """A table as RFC 4180 says, numbers to their last digit."""
    out = io.StringIO()
    lines = writer.writer(out)
    lines.writerow(table.columns)
    lines.writerows(table.rows)
    return out.getvalue()


def inputs(report: Report) -> Table:
    """What the sizes are for."""
    return Table(
        name="inputs",
        title="What the sizes are for",
        columns=("input", "value", "unit", "key of the stack"),
        rows=tuple((g.name, g.value, g.unit, g.key) for g in report.inputs),
        mixed=(1,),
    )


def disks(report: Report) -> Table:
    """Every disk: what it needs and what it gets."""
    return Table(
        name="disks",
        title="What each disk needs and gets",
        zeros=("missing GiB",),
        columns=("disk", "gets GiB", "need GiB", "missing GiB", "declared GiB", "written GiB/d", "role", "datastore"),
        rows=tuple(
            (disk_name(d), d.gib, d.need_gib, missing_gib(d), d.declared_gib, d.written_per_day.gib, d.role, d.datastore)
            for d in report.sizing.disks
        ),
    )


def datastores(report: Report) -> Table:
    """Every datastore: what it needs, and how long forgotten snapshots may stay."""
    return Table(
        name="datastores",
        title="What each LUN has and requires, and when forgotten snapshots fill it (a dash: never)",
        zeros=("missing GiB",),
        columns=("datastore", "LUN GiB", "required GiB", "missing GiB", "full after h", "need GiB", "ask for GiB", "thin GiB", "fabric"),
        rows=tuple(
            (s.name, s.declared_gib, s.required_gib, missing_gib(s), s.hours_to_full, s.need_gib, s.smallest_gib, s.physical_gib, s.fabric)
            for s in report.sizing.datastores
        ),
    )


def memory(report: Report) -> Table:
    """Every server whose memory decides whether mail flows."""
    return Table(
        name="memory",
        title="What each scanner's memory must hold and is",
        columns=("server", "need GiB", "declared GiB"),
        rows=tuple((m.vm, m.need_gib, m.declared_gib) for m in report.sizing.memory),
    )


def scanning(report: Report) -> Table:
    """Whether the scanners keep up."""
    found = report.scanning
    row: tuple[Cell, ...] = (
        "scanners",
        found.scanners,
        found.scanners_needed,
        found.cores_left,
        found.cores_needed,
        found.messages_per_second,
        found.seconds_per_message,
        found.long_wait_seconds,
    )
    return Table(
        name="scanning",
        title="Whether the scanners that are left keep up in the busy hour",
        columns=(
            "servers",
            "there are",
            "needed",
            "cores left",
            "cores needed",
            "messages/s",
            "s/message",
            "1 in 20 waits s",
        ),
        rows=(row,),
        limit=3,
        limited=(4,),
    )


def risk(report: Report) -> Table:
    """Every disk and datastore at the quantile."""
    found = report.risk
    return Table(
        name="risk",
        title=f"What lasts {found.horizon_months} months in {100 * found.quantile:g} of 100 futures, and what does not",
        columns=(
            "datastore or disk",
            "there is GiB",
            "need GiB",
            "± GiB",
            "as planned GiB",
            "fills in",
            "months left",
            "too often from",
            "if, by",
            "measure first",
        ),
        rows=tuple(
            (
                at_risk_name(need),
                need.provisioned_gib,
                need.need_gib,
                need.error_gib,
                need.planned_gib,
                need.fill_probability,
                need.months_left,
                month_of(report.today, need.months_left),
                month_of(report.today, need.months_until_full),
                need.sensitivity[0].input if need.sensitivity else "",
            )
            for need in (*found.datastores, *found.disks)
        ),
        limit=1,
        limited=(2,),
        shares=(5,),
    )


def risk_years(report: Report) -> Table:
    """How each need grows."""
    needs = (*report.risk.datastores, *report.risk.disks)
    return Table(
        name="risk-years",
        title="Need until the end of each year",
        columns=("datastore or disk", "months", "half need GiB", "nine in ten need GiB", "need GiB", "± GiB"),
        rows=tuple((at_risk_name(n), y.months, y.half_gib, y.most_gib, y.need_gib, y.error_gib) for n in needs for y in n.years),
    )


def risk_inputs(report: Report) -> Table:
    """What each need depends on."""
    needs = (*report.risk.datastores, *report.risk.disks)
    return Table(
        name="risk-inputs",
        title="Share of each need's variance that an input explains, and the mean need where it is lowest and highest",
        columns=("datastore or disk", "input", "share", "low GiB", "high GiB"),
        rows=tuple((at_risk_name(n), s.input, s.share, s.low_gib, s.high_gib) for n in needs for s in n.sensitivity),
    )


def scenarios(comparison: Comparison) -> Table:
    """Every outcome that is compared: how many sizes as declared are too small, whether scanners keep up, what is down."""
    return Table(
        name="scenarios",
        title="What comes of each scenario: sizes as declared that are too small if all goes as planned (risk is not counted here)",
        zeros=("disks too small", "LUNs too small"),
        columns=("scenario", "disks too small", "LUNs too small", "cores left", "cores needed", "servers down", "roles stopped"),
        rows=tuple(
            (
                o.title,
                sum(missing_gib(d) > 0 for d in o.sizing.disks),
                sum(missing_gib(s) > 0 for s in o.sizing.datastores),
                o.scanning.cores_left,
                o.scanning.cores_needed,
                ", ".join(o.servers_down),
                ", ".join(o.roles_stopped),
            )
            for o in comparison.outcomes
        ),
        limit=3,
        limited=(4,),
    )


def compared(comparison: Comparison) -> Table:
    """What each datastore requires and each disk needs under every scenario; of disks those only that differ."""
    outcomes = comparison.outcomes
    stores = zip(*(o.sizing.datastores for o in outcomes), strict=True)
    rows = [(s[0].name, s[0].declared_gib, *(each.required_gib for each in s)) for s in stores]
    disks_of = zip(*(o.sizing.disks for o in outcomes), strict=True)
    rows += [(disk_name(d[0]), d[0].declared_gib, *(e.need_gib for e in d)) for d in disks_of if len({each.need_gib for each in d}) > 1]
    columns = ("datastore or disk", "declared GiB", *(f"{o.title} GiB" for o in outcomes))
    return Table(
        name="scenarios-compared",
        title="What each datastore requires, and each disk that differs needs",
        columns=columns,
        rows=tuple(rows),
        limit=1,
        limited=tuple(range(2, len(columns))),
    )


def problems(report: Report) -> Table:
    """Why the plan may not stand."""
    return Table(
        name="problems",
        title="Problems",
        columns=("path", "value", "rule", "remedy"),
        rows=tuple((p.path, p.value, p.rule, p.remedy) for p in report.problems),
    )


def _terms(name: str, title: str, needs: Iterable[tuple[str, DiskNeed | DatastoreNeed | MemoryNeed]]) -> Table:
    """The terms of many needs, each with its share of the sum."""
    rows = [(owner, *of_term(term, need.need_gib)) for owner, need in needs for term in need.terms]
    return Table(name=name, title=title, columns=("of", "for", "GiB", "share", "arithmetic", "source"), rows=tuple(rows))


def of_term(term: Term, need_gib: float) -> tuple[Cell, ...]:
    """What a table says of one term: name, GiB, share of the sum, arithmetic, source."""
    return term.name, term.gib, share(term.gib, need_gib), term.formula, term.source


_TABLES: tuple[Callable[[Report], Table], ...] = (
    datastores,
    disks,
    memory,
    scanning,
    inputs,
    risk,
    risk_years,
    risk_inputs,
    lambda report: scenarios(report.comparison),
    lambda report: compared(report.comparison),
    problems,
    lambda report: _terms("datastore-terms", "What each datastore holds", ((s.name, s) for s in report.sizing.datastores)),
    lambda report: _terms("disk-terms", "What each disk holds", ((disk_name(d), d) for d in report.sizing.disks)),
    lambda report: _terms("memory-terms", "What each server's memory holds", ((m.vm, m) for m in report.sizing.memory)),
)
