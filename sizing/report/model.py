"""All that a report is made from."""

from collections.abc import Callable, Hashable, Iterable
from datetime import date
from typing import Any, TypeVar

from config.base import Model
from config.problems import Problem
from sizing.filling import Filling
from sizing.model import DatastoreNeed, DiskNeed, MemoryNeed, Sizing, share
from sizing.queueing import Scanning
from sizing.risk import NeedAtRisk, Risk
from sizing.scenarios import Comparison

_Need = TypeVar("_Need")
_DISK = ".disks_gib."  # in the key of a disk's size
_FEW = 4  # names that can be read at a glance


def month_of(today: date, months: int | None) -> str | None:
    """The month, as 2028-03, that is so many months after today's; None where there is none."""
    if months is None:
        return None
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    return f"{year:04}-{month + 1:02}"


class Given(Model):
    """A number that sizes are made from."""

    name: str
    value: float
    unit: str
    key: str
    """Where the stack says it; empty for what follows from others."""


class Report(Model):
    """A stack's sizes, what is wrong with them, and what they come to under its scenarios."""

    stack: str
    """Name of the stack."""
    today: date
    """The day that months are counted from."""
    scenarios: tuple[str, ...]
    """Scenarios that the sizes are for; none for the stack as described."""
    hold_hours: float
    """How long a snapshot may stay."""
    sized_for: str
    """What the sizes are for, in a sentence."""
    inputs: tuple[Given, ...]
    """What the sizes are for, in full."""
    sizing: Sizing
    scanning: Scanning
    notes: tuple[str, ...]
    """What a person should know of them."""
    risk: Risk
    risk_stated: bool
    """Whether the stack states a risk; else it is told by the defaults, and refuses nothing."""
    comparison: Comparison
    problems: tuple[Problem, ...]
    """Why the plan may not stand, if anything."""


class Answer(Model):
    """What `size` answers, as text and as data."""

    today: date
    """The day that months are counted from."""
    sizes: Sizing | Comparison
    """What is asked for: all sizes, some of them, or scenarios side by side."""
    scanning: Scanning
    filling: Filling
    notes: tuple[str, ...]
    """What a person should know of the sizes, whether scanners keep up first."""
    risk: Risk | None
    """Of the same sizes, under all scenarios that are named; None where the stack states no risk."""
    problems: tuple[Problem, ...]
    """Why the plan may not stand, if anything."""

    def as_data(self) -> dict[str, Any]:
        """All of it as JSON-ready data, each term with its share of the sum."""
        sizes = self.sizes.model_dump(mode="json")
        return {
            **with_shares(sizes),
            "scanning": self.scanning.model_dump(mode="json"),
            "filling": self.filling.model_dump(mode="json"),
            "notes": list(self.notes),
            "risk": self._risk(self.risk) if self.risk else None,
            "problems": [problem.as_dict() for problem in self.problems],
        }

    def _risk(self, risk: Risk) -> dict[str, Any]:
        """What risk says, with the months of the calendar beside those that are counted."""
        data = risk.model_dump(mode="json")
        for need in (*data["disks"], *data["datastores"]):
            need["too_often_from"] = month_of(self.today, need["months_left"])
            need["half_by"] = month_of(self.today, need["months_until_full"])
        return {"as_of": self.today.isoformat(), **data}


def with_shares(value: Any) -> Any:
    """The data of needs, at any depth, with each term's share of its need."""
    if isinstance(value, list):
        return [with_shares(each) for each in value]
    if not isinstance(value, dict):
        return value
    made = {key: with_shares(each) for key, each in value.items()}
    for term in made.get("terms", ()):
        term["share"] = share(term["gib"], made["need_gib"])
    return made


def disk_name(need: DiskNeed) -> str:
    """A disk as the command line names it, such as scanner-1/queue."""
    return f"{need.vm}/{need.label}"


def at_risk_name(need: NeedAtRisk) -> str:
    """What risk is told of, by the name that it has in every other table: a disk as scanner-1/queue, a datastore by its own."""
    return need.name.replace(" ", "/", 1) if _DISK in need.path else need.name


def few(names: Iterable[str]) -> str:
    """Names in a heading: all of a few, else the first and how many more there are."""
    first, *rest = names
    return ", ".join((first, *rest)) if len(rest) < _FEW else f"{first} and {len(rest)} more like it"


def alike(disks: tuple[DiskNeed, ...]) -> tuple[tuple[DiskNeed, ...], ...]:
    """Disks with the same terms and the same size together, such as those of two scanners, in the order of the first of each."""
    return _together(disks, lambda need: (need.label, need.terms, need.declared_gib))


def alike_servers(needs: tuple[MemoryNeed, ...]) -> tuple[tuple[MemoryNeed, ...], ...]:
    """Servers with the same terms and the same memory together, in the order of the first of each."""
    return _together(needs, lambda need: (need.terms, need.declared_gib))


def uncertain(risk: Risk) -> tuple[tuple[NeedAtRisk, ...], ...]:
    """Needs that depend on what is uncertain, datastores first; those with the same answers together."""
    depending = [need for need in (*risk.datastores, *risk.disks) if need.sensitivity]
    return _together(depending, lambda need: need.model_dump_json(exclude={"name", "path"}))


def _together(needs: Iterable[_Need], by: Callable[[_Need], Hashable]) -> tuple[tuple[_Need, ...], ...]:
    """Needs in groups of those that have the same of what they are put together by, in the order of the first of each."""
    groups: dict[Hashable, list[_Need]] = {}
    for need in needs:
        groups.setdefault(by(need), []).append(need)
    return tuple(map(tuple, groups.values()))


def missing_gib(need: DiskNeed | DatastoreNeed) -> float:
    """How much too small a disk or a LUN is as declared, or what the array keeps for it, GiB; 0 if it is large enough."""
    if isinstance(need, DiskNeed):
        return max(0.0, need.need_gib - need.gib)
    return max(0.0, need.required_gib - need.declared_gib, need.unbacked_gib)
