"""Mocks that record what a program asked the engine for, and ids that are never empty (an empty one skips assertions)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pulumi


@dataclass
class Recording(pulumi.runtime.Mocks):
    """Every resource, with its type and its inputs in the provider's camelCase."""

    resources: list[pulumi.runtime.MockResourceArgs] = field(default_factory=list)

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        """Remember the resource; its id is its name with a suffix."""
        self.resources.append(args)
        return f"{args.name}-id", dict(args.inputs)

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        """Answer a lookup with an id made of its token."""
        return {"id": f"{args.token}-id", **args.args}, []

    def of_type(self, suffix: str) -> dict[str, dict[str, Any]]:
        """Inputs of every resource whose type ends so, by logical name."""
        return {args.name: args.inputs for args in self.resources if args.typ.endswith(suffix)}


def finished(program: Callable[[], pulumi.Output[None]]) -> Callable[[], None]:
    """The program as a function that returns when everything that it registered is registered."""
    run: Callable[[], None] = pulumi.runtime.test(program)  # type: ignore[no-untyped-call] # the SDK has no types here
    return run
