"""The simulated vCenter as the replays use it: what it refuses becomes one sentence, and it never waits for ever."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from config import Refused
from incident import platforms, vcenter
from incident.model import State
from incident.vcenter import Impossible, Vcenter, opened
from plan import Plan, draft
from tools import simulator, workspace

LAWS = {"delta_step_mib": 16, "delta_overhead": 0.01, "vm_files_gib": 0.5, "consolidation_gib_per_hour": 20}


@pytest.fixture(scope="module")
def server(simulated: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[simulator.Simulator]:
    """A simulated vCenter with one template, on which one VM writes."""
    path = tmp_path_factory.mktemp("site") / "site.yaml"
    site = yaml.safe_load(Path("stacks", "sites", "campus.yaml").read_text())
    site["physics"] = LAWS | {"writes": []}
    path.write_text(yaml.safe_dump(site))
    with simulator.running(path, workspace.VCSIM, password="p&ss w\u00fc") as running:
        yield running


@pytest.fixture
def live(server: simulator.Simulator) -> Iterator[Vcenter]:
    """A session with it."""
    with opened(server) as session:
        yield session


def test_time_passes_only_when_told(live: Vcenter) -> None:
    before = live.look().hour
    assert live.advance(0.5) == ()
    assert live.look().hour == pytest.approx(before + 0.5)


def test_what_the_clock_refuses_is_said(live: Vcenter) -> None:
    with pytest.raises(Impossible, match=r"clock answers 400: .*must be a number above 0"):
        live.advance(-1)
    with pytest.raises(Impossible, match="is no fabric of this site"):
        live.fabric("token-ring", lost=True)


def test_another_s_password_is_refused(server: simulator.Simulator) -> None:
    with pytest.raises(Refused), opened(replace(server, password="wrong")):
        pass


def test_a_vcenter_that_is_not_there_is_refused(server: simulator.Simulator) -> None:
    with pytest.raises(Refused), opened(replace(server, address="127.0.0.1:1")):
        pass


def test_a_site_without_physics_has_no_clock(simulated: None) -> None:
    with (
        simulator.running(Path("stacks", "sites", "campus.yaml"), workspace.VCSIM) as still,
        opened(still) as session,
        pytest.raises(Impossible, match="clock answers 404"),
    ):
        session.advance(1)


def test_templates_are_no_vms_of_the_platform_and_datastores_are_told(live: Vcenter) -> None:
    moment = live.look()
    assert set(moment.vms) <= {"awaited", "switched"}  # of other tests
    assert set(moment.stores) == {"templates"}


def test_it_waits_for_no_task_for_ever(live: Vcenter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vcenter, "ANSWER_SECONDS", 0.0)
    with pytest.raises(Impossible, match="a task did not end within 0 s"):
        live.make(one_vm("awaited"))


def one_vm(name: str) -> Plan:
    """A plan of one VM, on the site's own datastore."""
    plan = draft(platforms.described(platforms.AS_SIZED))
    vm = next(vm for vm in plan.vms if vm.server == "balancer-1").model_copy(update={"name": name})
    stores = tuple(store.model_copy(update={"name": "templates"}) for store in plan.datastores)
    return plan.model_copy(update={"vms": (vm,), "datastores": stores})


def test_states_follow_power(live: Vcenter) -> None:
    live.make(one_vm("switched"))
    states = [live.look().vms["switched"]]
    for act in (live.stop, live.start):
        act(["switched"])
        states.append(live.look().vms["switched"])
    assert states == [State.RUNS, State.OFF, State.RUNS]
    with pytest.raises(Impossible, match="current state"):
        live.start(["switched"])  # it runs already
