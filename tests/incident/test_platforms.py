"""The platforms of the story, and the sites that are made for them."""

from pathlib import Path

import pytest
import yaml

import config
import plan as planning
from config.platform import Platform
from incident import platforms
from incident.replays import made
from incident.vcenter import Impossible


def luns(platform: Platform) -> dict[str, float]:
    """The sizes of a platform's LUNs."""
    return {name: lun.size_gib for name, lun in platform.storage.luns.items()}


def resized(platform: Platform, lun: str, size_gib: float) -> Platform:
    """The platform with one LUN of another size."""
    changed = platform.storage.luns | {lun: platform.storage.luns[lun].model_copy(update={"size_gib": size_gib})}
    return platform.model_copy(update={"storage": platform.storage.model_copy(update={"luns": changed})})


@pytest.fixture(scope="module")
def built() -> Platform:
    """2013's platform on LUNs that its VMs can just run on."""
    return platforms.barely_running(platforms.described(platforms.AS_BUILT))


def test_only_luns_on_which_nothing_runs_become_larger(built: Platform) -> None:
    described = luns(platforms.described(platforms.AS_BUILT))

    assert luns(built) == described | {"control-center": 307, "scanner-1": 97, "scanner-2": 97}
    sized = platforms.described(platforms.AS_SIZED)
    assert platforms.barely_running(sized) == sized


def test_2013_is_refused_still(built: Platform) -> None:
    """The replay bypasses checks that refuse: nobody could apply this."""
    refused = {problem.path for problem in planning.problems(built, planning.draft(built))}

    assert {f"storage.luns.{lun}.size_gib" for lun in ("control-center", "scanner-1", "scanner-2")} <= refused


def test_a_gib_less_and_the_vms_do_not_start(simulated: None, built: Platform) -> None:
    with (
        pytest.raises(Impossible, match="swap file from 0 KB to 4194304 KB: insufficient disk space on datastore 'scanner-1'"),
        made(platforms.AS_BUILT, resized(built, "scanner-1", 96)),
    ):
        pass


def test_physics_are_those_that_sizing_counts_with() -> None:
    platform = platforms.described(platforms.AS_SIZED)
    plan = planning.draft(platform)
    laws = platforms.physics(platform, plan)

    assert (laws["delta_step_mib"], laws["delta_overhead"], laws["vm_files_gib"]) == (16, 0.01, 0.65)
    assert len(laws["writes"]) == sum(len(vm.disks) for vm in plan.vms)
    queue = next(w for w in laws["writes"] if (w["vm"], w["unit"]) == ("campus-scanner-1", 1))
    gib = next(need.gib for need in plan.sizing.disks if (need.vm, need.label) == ("scanner-1", "queue"))
    assert queue["gib_per_hour"] == pytest.approx(0.15 * gib / 24)


def test_the_site_is_the_stack_s_own_with_the_platform_s_luns(built: Platform, tmp_path: Path) -> None:
    plan = planning.draft(built)
    file = platforms.written(platforms.site(platforms.AS_BUILT, built, plan), tmp_path)
    site, own = (yaml.safe_load(p.read_text()) for p in (file, config.STACKS / "sites" / "campus-2013.yaml"))

    assert site["clusters"] == own["clusters"]
    assert [lun["size_gib"] for lun in site["luns"]] == [307, 97, 180, 25000, 260, 97]
    assert {store["name"] for store in site["datastores"]} == {"templates"} | set(luns(built))
