"""The report's tables: the same rows for the page and for a spreadsheet."""

import csv as writer
import io
from collections.abc import Callable, Iterable

from config.base import Model
from sizing.model import DatastoreNeed, DiskNeed, MemoryNeed, Term
from sizing.report.model import Report, disk_name, missing_gib
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
    """The column whose number none after it may exceed, if there is one."""

    @property
    def told(self) -> tuple[int, ...]:
        """Which columns say anything: those that are not empty in every row."""
        return tuple(at for at in range(len(self.columns)) if any(row[at] not in (None, "") for row in self.rows))

    def numeric(self, at: int) -> bool:
        """Whether a column holds numbers."""
        return all(row[at] is None or isinstance(row[at], int | float) for row in self.rows)

    def bad(self, row: tuple[Cell, ...], at: int) -> bool:
        """Whether a number of a row tells of something that is too small."""
        limit = None if self.limit is None or at <= self.limit else row[self.limit]
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


def scenarios(comparison: Comparison) -> Table:
    """Every outcome that is compared: what is down, and how many sizes as declared are too small."""
    return Table(
        name="scenarios",
        title="What comes of each scenario",
        zeros=("disks too small", "LUNs too small"),
        columns=("scenario", "disks too small", "LUNs too small", "servers down", "roles stopped"),
        rows=tuple(
            (
                o.title,
                sum(missing_gib(d) > 0 for d in o.sizing.disks),
                sum(missing_gib(s) > 0 for s in o.sizing.datastores),
                ", ".join(o.servers_down),
                ", ".join(o.roles_stopped),
            )
            for o in comparison.outcomes
        ),
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
    return term.name, term.gib, term.gib / need_gib if need_gib else 0.0, term.formula, term.source


_TABLES: tuple[Callable[[Report], Table], ...] = (
    datastores,
    disks,
    memory,
    lambda report: scenarios(report.comparison),
    lambda report: compared(report.comparison),
    problems,
    lambda report: _terms("datastore-terms", "What each datastore holds", ((s.name, s) for s in report.sizing.datastores)),
    lambda report: _terms("disk-terms", "What each disk holds", ((disk_name(d), d) for d in report.sizing.disks)),
    lambda report: _terms("memory-terms", "What each server's memory holds", ((m.vm, m) for m in report.sizing.memory)),
)
