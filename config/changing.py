"""Makes the changes of scenarios to the sections of a stack, or says what keeps them from being made.

The order of the scenarios is of no account: what sets a value must agree, factors multiply, and no value is both set and scaled.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from pydantic import ValidationError

from config import explain
from config.base import Model
from config.problems import Problem, Refused, shown
from config.scenarios import Scales, Scenario, Sets

_DIGITS = 6  # decimals to which a product is whole: 12,000 × 1.1 is 13,200, not one more

Place = tuple[str, str]


class Change(NamedTuple):
    """One change that a scenario makes: by which of its keys, and to what."""

    scenario: str
    name: str
    value: Any

    @property
    def path(self) -> str:
        """Where the stack says it."""
        return f"scenarios.{self.scenario}.{self.name}"


def leaves(scenarios: Mapping[str, Scenario], names: Iterable[str]) -> tuple[str, ...]:
    """The named scenarios and all that they combine, each once, sorted; names that are not known are left out."""
    found: set[str] = set()
    left = list(names)
    while left:
        name = left.pop()
        if name not in found and name in scenarios:
            found.add(name)
            left += scenarios[name].combines
    return tuple(sorted(found))


def changed(sections: Mapping[str, Model], scenarios: Mapping[str, Scenario], names: Iterable[str]) -> dict[str, Model]:
    """The sections that the named scenarios, together with all that they combine, change.

    Raises:
        Refused: two of them set one value differently, or a value comes to what a stack may not say.
    """
    chosen = leaves(scenarios, names)
    sets, scales = _changes(scenarios, chosen, Sets), _changes(scenarios, chosen, Scales)
    found = list(_contradictions(sets))
    values: dict[str, dict[str, Any]] = defaultdict(dict)
    for (section, key), changes in sets.items():
        values[section][key] = _set(getattr(sections[section], key), changes)
    for (section, key), changes in scales.items():
        values[section][key] = _scaled(getattr(sections[section], key), changes)
    made: dict[str, Model] = {}
    for section, update in values.items():
        try:
            made[section] = type(sections[section]).model_validate({**dict(sections[section]), **update})
        except ValidationError as error:
            found += _placed(explain.problems(error, type(sections[section]), section), {**sets, **scales})
    if found:
        raise Refused(found)
    return made


def problems(sections: Mapping[str, Any]) -> Iterator[Problem]:
    """What keeps a scenario's changes from being made; one of sections that are missing or malformed is left out."""
    scenarios: Mapping[str, Scenario] = sections.get("scenarios", {})
    for name in sorted(scenarios):
        for i, other in enumerate(scenarios[name].combines):
            if name in leaves(scenarios, [other]):
                yield Problem(f"scenarios.{name}.combines.{i}", other, f"combines {name} in turn", "leave this entry out, or that one")
        chosen = leaves(scenarios, [name])
        if all(section in sections for section in _touched(scenarios, chosen)):
            try:
                changed(sections, scenarios, [name])
            except Refused as refused:
                yield from refused.problems


def _touched(scenarios: Mapping[str, Scenario], names: Iterable[str]) -> set[str]:
    return {section for kind in (Sets, Scales) for section, _ in _changes(scenarios, names, kind)}


def _changes(scenarios: Mapping[str, Scenario], names: Iterable[str], kind: type[Sets | Scales]) -> dict[Place, list[Change]]:
    """The changes of one kind, by the section and key that they change."""
    found: dict[Place, list[Change]] = defaultdict(list)
    for scenario in names:
        for name, field in Scenario.model_fields.items():
            value = getattr(scenarios[scenario], name)
            for target in field.metadata:
                if isinstance(target, kind) and value not in (None, {}):
                    found[target.section, target.key].append(Change(scenario, name, value))
    return found


def _set(before: Any, changes: list[Change]) -> Any:
    if isinstance(before, dict):
        return {**before, **{key: value for change in changes for key, value in change.value.items()}}
    return changes[-1].value


def _scaled(before: Any, changes: list[Change]) -> Any:
    product = before * math.prod(change.value for change in changes)
    return math.ceil(round(product, _DIGITS)) if isinstance(before, int) else product


def _contradictions(sets: Mapping[Place, list[Change]]) -> Iterator[Problem]:
    for (section, key), changes in sets.items():
        seen: dict[str, Change] = {}
        for change in changes:
            entries = change.value if isinstance(change.value, dict) else {"": change.value}
            for entry, value in entries.items():
                first = seen.setdefault(entry, Change(change.scenario, change.name, value))
                if first.value != value:
                    rule = f"is not what {first.path} sets {section}.{key} to, which is {_spelled(first.value)}"
                    yield Problem(change.path, _spelled(value), rule, "put only scenarios together that agree")


def _placed(found: Iterable[Problem], made: Mapping[Place, list[Change]]) -> Iterator[Problem]:
    """Problems of changed sections, told at the scenario's key that is to blame."""
    for problem in found:
        section, key = problem.path.split(".")[:2]
        for change in made[section, key]:
            rule = f"makes {problem.path} {_plain(problem.value)}, which {problem.rule}"
            yield Problem(change.path, _spelled(change.value), rule, f"there {problem.remedy}")


def _plain(value: str) -> str:
    """A number that was computed, without an exponent: 200000000000000000, not 2e+17."""
    try:
        return f"{Decimal(value):f}".removesuffix(".0")
    except InvalidOperation:
        return value


def _spelled(value: Any) -> str:
    """A value as a stack spells it: 48, not 48.0."""
    return shown(int(value) if isinstance(value, float) and value.is_integer() else value)
