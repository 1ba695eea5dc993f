"""How a simulated vCenter, its cluster and its hosts are set."""

from typing import Any

import pytest
from pyVim.task import WaitForTask

import checks.vcenter.session as edge
from checks.site import cluster_settings, settings
from checks.vcenter.session import Found
from checks.vcenter.untyped import vim
from tests.checks.conftest import Start, site
from tests.checks.stand import administering
from tests.checks.worlds import PLAN


def test_settings_are_read_where_they_are_set_and_unknown_where_not(start: Start) -> None:
    login = start(site("campus"))
    before = settings(login, PLAN)
    assert (before.version, before.api, before.drs, before.ha) == ("6.5.0", "6.5", True, None)
    assert [(h.name, h.apd_handling, h.apd_timeout) for h in before.hosts] == [(name, None, None) for name in PLAN.place.hosts]
    with administering(login, PLAN) as stand:
        cluster = stand.datacenter.hostFolder.childEntity[0]
        das = vim.cluster.DasConfigInfo(enabled=True)
        WaitForTask(cluster.ReconfigureComputeResource_Task(vim.cluster.ConfigSpecEx(dasConfig=das), True))  # type: ignore[no-untyped-call]
        options: Any = cluster.host[0].configManager.advancedOption
        values = {"Misc.APDHandlingEnable": 0, "Misc.APDTimeout": 60}
        options.UpdateOptions([vim.option.OptionValue(key=key, value=value) for key, value in values.items()])
    after = settings(login, PLAN)
    assert after.ha
    assert (after.hosts[0].apd_handling, after.hosts[0].apd_timeout) == (0, 60)
    assert after.vcenter_uuid
    assert after.unread == ()


@pytest.mark.parametrize(("said", "protected"), [("enabled", True), ("disabled", False), (None, None)])
def test_whether_ha_answers_to_lost_storage(said: str | None, protected: bool | None) -> None:
    das = vim.cluster.DasConfigInfo(enabled=True, vmComponentProtecting=said)
    config = vim.cluster.ConfigInfoEx(dasConfig=das, drsConfig=vim.cluster.DrsConfigInfo(enabled=False))
    found = Found(vim.ClusterComputeResource("domain-c1", None), {"configurationEx": config}, ())
    assert cluster_settings(found) == {"drs": False, "ha": True, "component_protection": protected}


def test_a_cluster_that_may_not_be_read_is_unknown() -> None:
    found = Found(vim.ClusterComputeResource("domain-c1", None), {}, ("configurationEx",))
    assert set(cluster_settings(found).values()) == {None}


def test_a_datacenter_that_is_not_there_leaves_all_but_the_version_unknown(start: Start) -> None:
    found = settings(start(site("demo")), PLAN)
    assert (found.version, found.drs, found.hosts) == ("6.5.0", None, ())


def test_a_setting_that_may_not_be_asked_is_named_with_its_privilege(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(stub: Any, mo: Any, info: Any, args: Any, outer: Any = None) -> Any:
        if info.wsdlName == "QueryOptions":
            raise vim.fault.NoPermission(privilegeId="Host.Config.Settings")
        return invoke(stub, mo, info, args, outer)

    invoke = edge.ReadOnlyStub.InvokeMethod
    monkeypatch.setattr(edge.ReadOnlyStub, "InvokeMethod", refused)
    found = settings(start(site("campus")), PLAN)
    assert found.unread[0] == f"Misc.APDHandlingEnable of {PLAN.place.hosts[0]} (privilege Host.Config.Settings)"
    assert len(found.unread) == 2 * len(PLAN.place.hosts)
