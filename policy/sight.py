"""What no configuration can tell the pack: said once, so that its silence is not taken for a judgment."""

from collections.abc import Iterable

from config.findings import Level
from config.problems import Problem
from policy.findings import Breach, Found
from policy.resources import Resource
from policy.settings import Settings
from review.stateful import KINDS

SHOWN = 5  # names in a message; more make it unreadable


def says_what_it_cannot_see(resources: Iterable[Resource], _settings: Settings) -> Found:
    """The engine shows policies whether a resource is protected, and not whether it is retained, nor what is there already."""
    stateful = [r for r in resources if r.type in KINDS and KINDS[r.type].level is Level.UNSAFE and not r.own]
    if stateful:
        titles = sorted(resource.title for resource in stateful)
        more = f" and {len(titles) - SHOWN} more" if len(titles) > SHOWN else ""
        said = Problem(
            "retain_on_delete",
            f"of {', '.join(titles[:SHOWN])}{more}",
            "is not shown to policies, nor what an edit does to disks that are there, nor whether the provider's version is only what came",
            "have mailstead review read the preview, which sees the first two, and pin the third in the program's requirements",
        )
        yield Breach(said, ("retain_on_delete",))
