"""The policies, with the level that each has unless the configuration says another."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from config import Problem
from policy import apart, keeping, room, settings, sight
from policy.findings import Breach, Found, Unseen, standing
from policy.resources import PLATFORM, Resource, asked_for, whole
from review.preview import UNKNOWN
from review.stateful import APART

NAME = "mailstead"
_ROOT = "pulumi:pulumi:Stack"  # the resource that stands for the program itself

Judge = Callable[[Any, Any], Found]


@dataclass(frozen=True)
class Rule:
    """A rule as the engine knows it."""

    name: str
    level: EnforcementLevel
    description: str
    settings: type[settings.Settings]
    judge: Judge
    """Of a resource, or of all of a stack's, and the rule's settings."""
    of_stack: bool = False


MANDATORY, ADVISORY = EnforcementLevel.MANDATORY, EnforcementLevel.ADVISORY
RULES = (
    Rule("keep-on-remove", MANDATORY, "Data disks outlive their VM.", settings.Disks, keeping.keeps_its_disks),
    Rule("protect-stateful", MANDATORY, "What holds mail is protected.", settings.Settings, keeping.is_protected),
    Rule("exact-provider-pin", MANDATORY, "The provider's version is exact.", settings.Versions, keeping.pins_its_provider),
    Rule("no-memory-snapshots", ADVISORY, "Snapshots hold no memory.", settings.Settings, keeping.takes_no_memory_snapshot),
    Rule("snapshot-headroom", MANDATORY, "Snapshots never fill a datastore.", settings.Headroom, room.has_headroom, of_stack=True),
    Rule("thin-overcommit", ADVISORY, "Thin disks have room to grow.", settings.Overcommit, room.is_not_overcommitted, of_stack=True),
    Rule("fabric-spread", MANDATORY, "No fabric carries a whole role.", settings.Fabrics, apart.survives_a_fabric, of_stack=True),
    Rule("host-spread", MANDATORY, "No host carries a whole role.", settings.Hosts, apart.survives_a_host, of_stack=True),
    Rule("out-of-sight", ADVISORY, "What policies can't see.", settings.Settings, sight.says_what_it_cannot_see, of_stack=True),
)
"""Every rule, in the order in which they are asked."""


class CannotSee(UnknownValueError):
    """A rule can't judge all that it should: the SDK makes an advisory finding of it, whatever the rule's own level."""

    def __init__(self, unseen: list[Unseen]) -> None:
        Exception.__init__(self)
        self.message = "\n".join(["what decides can't be seen:", *(one.text for one in unseen)])


class Disposable:
    """The resources of platforms whose stack has declared by name that their data may be destroyed.

    The engine asks about a component before it asks about what belongs to it, so that the declaration is always known.
    """

    def __init__(self) -> None:
        self._urns: set[str] = set()

    def includes(self, resource: Resource) -> bool:
        """Whether a resource belongs to such a platform; to be asked about each, in the engine's order."""
        declared = resource.type == PLATFORM and resource.values.get("disposable") is True
        if declared or resource.parent in self._urns:
            self._urns.add(resource.urn)
        return resource.urn in self._urns


class Unknowns:
    """What a program asks of its anti-affinity rules: the engine's view of a whole stack leaves out what is known only after the apply.

    The engine asks about each resource before it asks about the whole, so that what was asked for is known, unless every rule on one
    resource is disabled: then it is unknown as a whole.
    """

    def __init__(self) -> None:
        self._asked: dict[str, Resource] = {}

    def add(self, resource: Resource) -> None:
        """Remember a resource as the engine asks about it."""
        if resource.type == APART:
            self._asked[resource.urn] = resource

    def completed(self, resource: Resource) -> Resource:
        """A resource of a whole stack, with the values in it that are unknown."""
        if resource.type != APART:
            return resource
        asked = self._asked.get(resource.urn, resource).values
        left_out = {key: asked.get(key, UNKNOWN) for key in resource.needs if key not in resource.values}
        return replace(resource, values={**resource.values, **left_out})


def policies() -> list[Policy]:
    """Every rule as a policy."""
    disposable, unknowns = Disposable(), Unknowns()
    return [_of_stack(rule, unknowns) if rule.of_stack else _of_resource(rule, disposable, unknowns) for rule in RULES]


def serve() -> None:
    """Answer the engine until it hangs up."""
    PolicyPack(NAME, policies())


def _of_resource(rule: Rule, disposable: Disposable, unknowns: Unknowns) -> ResourceValidationPolicy:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        resource = asked_for(args)
        unknowns.add(resource)
        given, problems = rule.settings.given(rule.name, args.get_config())
        if resource.type == _ROOT:  # the first that the engine asks about: once is enough
            _report(problems, report)
        if given and not disposable.includes(resource):
            _judge(rule, resource, given, report)

    return ResourceValidationPolicy(rule.name, rule.description, validate, rule.level, _schema(rule))


def _of_stack(rule: Rule, unknowns: Unknowns) -> StackValidationPolicy:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        given, problems = rule.settings.given(rule.name, args.get_config())
        _report(problems, report)
        if given:
            _judge(rule, tuple(map(unknowns.completed, whole(args.resources))), given, report)

    return StackValidationPolicy(rule.name, rule.description, validate, rule.level, _schema(rule))


def _report(problems: list[Problem], report: ReportViolation) -> None:
    for problem in problems:
        report(str(problem), "")


def _judge(rule: Rule, subject: Any, given: settings.Settings, report: ReportViolation) -> None:
    found = tuple(rule.judge(subject, given))
    breaches = [one for one in found if isinstance(one, Breach)]
    for text, urn in standing(breaches, given.waivers, datetime.now(UTC).date()):
        report(text, urn)
    unseen = [one for one in found if isinstance(one, Unseen)]
    if unseen:
        raise CannotSee(unseen)


def _schema(rule: Rule) -> PolicyConfigSchema:
    return PolicyConfigSchema(rule.settings.for_engine())
