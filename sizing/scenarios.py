"""What-ifs: a platform as it would be under scenarios of its stack, and what each comes to, side by side."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from config.base import Model
from config.changing import changed, leaves
from config.platform import Platform
from config.problems import Problem, Refused
from config.references import nearest
from config.roles import Role
from sizing.model import Sizing
from sizing.queueing import Scanning, scanning
from sizing.sizes import size

AS_DESCRIBED = "as described"


class Outcome(Model):
    """What a platform comes to under some scenarios together."""

    scenarios: tuple[str, ...]
    """Their names; none for the platform as its stack describes it."""
    title: str
    """What a person reads."""
    sizing: Sizing
    scanning: Scanning
    servers_down: tuple[str, ...]
    """Servers on a fabric that is lost, sorted."""
    roles_stopped: tuple[Role, ...]
    """Roles of which no server is left; of mailbox servers, which never stand in for one another, any."""


class Comparison(Model):
    """Outcomes side by side, the platform as described first."""

    outcomes: tuple[Outcome, ...]


def what_if(platform: Platform, *names: str) -> Platform:
    """The platform under all these scenarios of its stack, in whatever order. The same name twice happens once.

    Raises:
        Refused: there is no such scenario, two of them set one value differently, or a value comes to what a stack may not say.
    """
    unknown = [name for name in names if name not in platform.scenarios]
    if unknown:
        raise Refused(Problem("scenarios", name, "is not a scenario of the stack", nearest(name, platform.scenarios)) for name in unknown)
    sections = {section: getattr(platform, section) for section in type(platform).model_fields}
    return platform.model_copy(update=changed(sections, platform.scenarios, names))


def compare(platform: Platform, *combinations: Sequence[str]) -> Comparison:
    """The platform as described, then under each of these combinations of scenarios; without any, under each scenario of its stack.

    Raises:
        Refused: as `what_if` for one of the combinations.
    """
    chosen = combinations or tuple((name,) for name in platform.scenarios)
    outcomes = [_outcome(platform, tuple(dict.fromkeys(names))) for names in ((), *chosen)]
    return Comparison(outcomes=tuple(map(_told_apart, outcomes, _same(outcome.title for outcome in outcomes))))


def _same(titles: Iterable[str]) -> list[bool]:
    """Of each title whether another outcome has it too."""
    every = list(titles)
    return [every.count(title) > 1 for title in every]


def _told_apart(outcome: Outcome, title_is_shared: bool) -> Outcome:
    """Where several outcomes have one title, each with the names of its scenarios beside it."""
    if not (title_is_shared and outcome.scenarios):
        return outcome
    return outcome.model_copy(update={"title": f"{outcome.title} ({', '.join(outcome.scenarios)})"})


def each_and_all(names: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Combinations to compare: each scenario alone, then all of them together."""
    each = tuple((name,) for name in dict.fromkeys(names))
    return (*each, tuple(name for alone in each for name in alone)) if len(each) > 1 else each


def stopped(platform: Platform, *names: str) -> Iterator[Problem]:
    """A problem for each role that stops while all these scenarios hold, at the key that says which fabric is lost.

    Raises:
        Refused: as `what_if`.
    """
    scenarios = platform.scenarios
    saying = [f"scenarios.{name}.fabric_down" for name in leaves(scenarios, names) if scenarios[name].fabric_down is not None]
    fabric = what_if(platform, *names).storage.lost_fabric
    path = saying[0] if saying else "storage.lost_fabric"
    for role in _outcome(platform, names).roles_stopped:
        rule, remedy = "leaves no server of it", "give it a server whose lun is on another fabric, or accept that it stops"
        if role is Role.MAILBOX:
            rule, remedy = "takes mail that no other server has", "accept that it stops: only a mirrored LUN would keep it"
        yield Problem(path, str(fabric), f"stops the role {role}: losing that fabric {rule}", remedy)


def _outcome(platform: Platform, names: tuple[str, ...]) -> Outcome:
    changed_platform = what_if(platform, *names)
    lost, luns = changed_platform.storage.lost_fabric, changed_platform.storage.luns
    down = {server.name for server in changed_platform.servers if luns[server.node.lun].fabric is lost}
    return Outcome(
        scenarios=names,
        title=" and ".join(platform.scenarios[name].title or name for name in names) or AS_DESCRIBED,
        sizing=size(changed_platform),
        scanning=scanning(changed_platform),
        servers_down=tuple(sorted(down)),
        roles_stopped=_stopped(changed_platform, down),
    )


def _stopped(platform: Platform, down: set[str]) -> tuple[Role, ...]:
    by_role = sorted((role, server.name in down) for server in platform.servers for role in server.roles)
    members = {role: [is_down for _, is_down in found] for role, found in groupby(by_role, key=lambda pair: pair[0])}
    return tuple(role for role, is_down in members.items() if (any(is_down) if role is Role.MAILBOX else all(is_down)))
