"""What goes on without any one host, datastore, fabric or site, as a table."""

from collections.abc import Sequence

from cli import show
from plan import Loss
from plan.losses import Domain, Fate, Outcome

_NAMED = 6  # servers of a role that a table names; a role of hundreds is counted, and `--json` has them all


def table(found: Sequence[Loss]) -> None:
    """Print a row for each loss; a role or service that is not named goes on untouched."""
    made = show.empty_table("When one thing is lost", "lost", "roles that stop", "roles that go on with fewer", "services that stop")
    for loss in found:
        stopped, fewer = ([f for f in loss.roles if f.outcome is outcome] for outcome in (Outcome.STOPS, Outcome.DEGRADED))
        services = ", ".join(service for service, outcome in loss.services.items() if outcome is Outcome.STOPS)
        cells = [*map(_stopped, stopped), *([f"to install {_names(loss.installs)} waits"] if loss.installs else [])]
        made.add_row(_what(loss), "\n".join(cells), "\n".join(_fewer(fate, loss) for fate in fewer), services)
    show.console().print(made)
    if any(loss.assigned for loss in found) and any(len(loss.names) > 1 for loss in found):
        show.line("A host by its name: as VMs are assigned, and first powered on; DRS may have moved them since, within the rules.")


def _what(loss: Loss) -> str:
    """What is lost."""
    any_one = loss.domain is Domain.HOST and not loss.assigned
    return f"any one of {len(loss.names)} hosts" if any_one else f"{loss.domain} {loss.names[0]}"


def _stopped(fate: Fate) -> str:
    return f"{fate.role} ({_names(fate.exposed)})" + (", until HA restarts it" if fate.returns else "")


def _fewer(fate: Fate, loss: Loss) -> str:
    waits = ", until its host is back" if loss.domain is Domain.HOST and not fate.returns else ""
    many = "one" if fate.lost == 1 else f"at most {fate.lost}"
    which = f"{_names(fate.left)} left" if fate.left else f"{many} of {_names(fate.exposed)} lost"
    return f"{fate.role} ({which}){waits}"


def _names(servers: Sequence[str]) -> str:
    more = len(servers) - _NAMED
    return ", ".join(servers) if more <= 1 else f"{', '.join(servers[:_NAMED])} and {more} more"
