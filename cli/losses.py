"""What goes on without any one host, datastore, fabric or site, as a table."""

from collections.abc import Sequence

from cli import show
from plan import Loss
from plan.losses import Domain, Fate, Outcome


def table(found: Sequence[Loss]) -> None:
    """Print a row for each loss; a role or service that is not named goes on untouched."""
    made = show.empty_table("When one thing is lost", "lost", "roles that stop", "roles that go on with fewer", "services that stop")
    for loss in found:
        stopped, fewer = ([f for f in loss.roles if f.outcome is outcome] for outcome in (Outcome.STOPS, Outcome.DEGRADED))
        services = ", ".join(service for service, outcome in loss.services.items() if outcome is Outcome.STOPS)
        what = f"any one of {len(loss.names)} hosts" if loss.domain is Domain.HOST else f"{loss.domain} {loss.names[0]}"
        made.add_row(what, "\n".join(map(_stopped, stopped)), "\n".join(map(_fewer, fewer)), services)
    show.console().print(made)


def _stopped(fate: Fate) -> str:
    return f"{fate.role} ({', '.join(fate.exposed)})" + (", until HA restarts it" if fate.returns else "")


def _fewer(fate: Fate) -> str:
    if not fate.left:
        return f"{fate.role} (one of {', '.join(fate.exposed)} lost)" + ("" if fate.returns else ", until its host is back")
    return f"{fate.role} ({', '.join(fate.left)} left)"
