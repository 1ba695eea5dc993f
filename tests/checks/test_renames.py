"""A server that left the stack where one of the same roles is new: perhaps a rename, which to the engine is a new VM."""

from checks.ledger.identity import Ledger
from checks.renames import renames
from checks.snapshots.world import World
from config import Role
from config.findings import Level
from plan import Vm
from tests.checks.ledger.test_identity import LEDGER
from tests.checks.looks import world


def but(was: str, **changes: object) -> World:
    """The world in which the stack calls a server otherwise; its VM stands under the old name."""
    there = world()
    vms = tuple(v.model_copy(update=changes) if v.server == was else v for v in there.plan.vms)
    return there._replace(plan=there.plan.model_copy(update={"vms": vms}))


RENAMED = {"server": "scanner-b", "name": "campus-scanner-b"}


def found(there: World, ledger: Ledger = LEDGER) -> list[tuple[str, Level, str]]:
    return [(f.subject, f.level, f.found) for f in renames(ledger, there)]


def test_a_server_that_left_where_one_with_its_roles_is_new() -> None:
    (finding,) = renames(LEDGER, but("scanner-2", **RENAMED))
    assert (finding.rule, finding.level, finding.subject) == ("renamed", Level.WARNING, "campus-scanner-2")
    assert finding.found == "scanner-2 left the stack, and scanner-b is new"
    assert "a rename is a new VM" in finding.consequence
    assert finding.next_step.startswith("If that is a rename, put the name back: scanner-2")


def test_nothing_is_said_where_none_left_none_is_new_or_their_roles_differ() -> None:
    assert found(world()) == []
    assert found(but("scanner-2", **RENAMED, roles=(Role.BALANCER,))) == []
    there = world()
    fewer = there.plan.model_copy(update={"vms": tuple(v for v in there.plan.vms if v.server != "scanner-2")})
    assert found(there._replace(plan=fewer)) == []
    more: Vm = next(v for v in there.plan.vms if v.server == "scanner-2").model_copy(update=RENAMED)
    assert found(there._replace(plan=there.plan.model_copy(update={"vms": (*there.plan.vms, more)}))) == []


def test_one_that_stands_already_is_not_new() -> None:
    ledger = LEDGER.model_copy(
        update={"vms": (*LEDGER.vms, next(v for v in LEDGER.vms if v.server == "scanner-2").model_copy(update=RENAMED))}
    )
    assert found(but("scanner-2", **RENAMED), ledger) == []


def test_the_directory_makes_no_other_server_of_one() -> None:
    assert len(found(but("mta-1", server="mta-b", name="campus-mta-b", roles=(Role.MTA,)))) == 1
