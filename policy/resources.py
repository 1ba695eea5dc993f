"""A resource as a policy sees it, as plain data: what is unknown before the apply stands in it as a review's `UNKNOWN`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pulumi_policy import PolicyResource, ResourceValidationArgs
from pulumi_policy.proxy import UnknownValueError

from review.preview import SECRET, UNKNOWN

PLATFORM = "mailstead:platform:MailPlatform"
"""Type of the component that Mailstead's own program makes of a plan whose invariants hold."""


@dataclass(frozen=True)
class Resource:
    """One resource of a program."""

    urn: str
    type: str
    name: str
    """Its logical name."""
    values: Mapping[str, Any]
    """What the program asks for; of a whole stack, what the provider makes of it."""
    protect: bool = False
    parent: str = ""
    """URN; empty where it has none."""
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """URNs of the resources that a property is made from; only of a whole stack."""

    @property
    def title(self) -> str:
        """What people call it: the name in vCenter, or the logical name."""
        return self.text("name") or self.name

    @property
    def own(self) -> bool:
        """Whether it belongs to a platform of Mailstead's, whose plan was proven before it was registered."""
        return PLATFORM in self.urn.split("::")[2].split("$")

    def text(self, key: str) -> str:
        """A text in its values; empty where there is none, or none that can be seen."""
        value = self.values.get(key)
        return value if isinstance(value, str) and value not in (UNKNOWN, SECRET) else ""

    def number(self, key: str) -> float | None:
        """A number in its values; None where there is none, or none that can be seen."""
        value = self.values.get(key)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def asked_for(args: ResourceValidationArgs) -> Resource:
    """The resource that the engine asks about before it is made or changed."""
    return Resource(args.urn, args.resource_type, args.name, _plain(args.props), args.opts.protect, args.opts.parent or "")


def whole(resources: Iterable[PolicyResource]) -> tuple[Resource, ...]:
    """The resources of a stack, sorted by URN."""
    return tuple(sorted(map(_of_stack, resources), key=lambda resource: resource.urn))


def _of_stack(seen: PolicyResource) -> Resource:
    needs = {key: tuple(sorted({each.urn for each in made_from})) for key, made_from in seen.property_dependencies.items()}
    parent = seen.parent.urn if seen.parent else ""
    return Resource(seen.urn, seen.resource_type, seen.name, _plain(seen.props), seen.opts.protect, parent, needs)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _at(value, key) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_at(value, index) for index in range(len(value))]
    return value


def _at(container: Any, key: str | int) -> Any:
    """What a container of the SDK's has at a key; the SDK raises where that is unknown."""
    try:
        return _plain(container[key])
    except UnknownValueError:
        return UNKNOWN
