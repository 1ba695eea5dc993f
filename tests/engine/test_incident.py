"""The platform as the engine makes it lives through what the replay's does, which is made without it."""

import pytest

from config import load, locate
from incident import platforms
from incident.model import Moment, State
from incident.replays import held, made
from incident.vcenter import opened
from plan import build
from tests.engine.conftest import Staged


def free(moment: Moment) -> dict[str, float]:
    """Free GiB by datastore."""
    return {name: store.free_gib for name, store in moment.stores.items()}


def test_snapshots_of_what_the_engine_made_are_held_and_consolidated(staged: Staged) -> None:
    platform = load(locate(platforms.AS_SIZED))
    plan = build(platform)
    stage = staged(platforms.AS_SIZED, site={"physics": platforms.physics(platform, plan)})
    stage.work.must("up", "--yes")

    with opened(stage.server) as vcenter:
        replayed = held(vcenter, plan)
    with made(platforms.AS_SIZED, platform) as (vcenter, _):
        directly = held(vcenter, plan)

    assert {state for moment in replayed.moments for state in moment.vms.values()} == {State.RUNS}
    assert len(replayed.moments) == len(directly.moments) > 72
    for one, other in zip(replayed.moments, directly.moments, strict=True):
        assert free(one) == pytest.approx(free(other), abs=0.01)
    assert stage.work.changes() == {}  # a snapshot came and went
