"""What a cluster was told of groups, of where VMs should run and of which are restarted first, and on which hosts VMs run."""

from dataclasses import dataclass
from typing import Any

from checks.vcenter.untyped import vim
from tests.engine.looking import _all, _content, _finished
from tools.simulator import Simulator


@dataclass(frozen=True)
class Told:
    """The cluster's settings, by name."""

    groups: dict[str, set[str]]
    """Names of the hosts or VMs of each group."""
    homes: dict[str, tuple[str, str]]
    """Groups of VMs and of hosts that each rule brings together."""
    restarts: dict[str, str]
    """Restart priority of each VM that has one of its own."""


def told(server: Simulator) -> Told:
    """All that it was told."""
    with _content(server) as content:
        (cluster,) = _all(content, vim.ClusterComputeResource)
        settings = cluster.configurationEx
        return Told(
            groups={group.name: {member.name for member in _members(group)} for group in settings.group},
            homes={r.name: (r.vmGroupName, r.affineHostGroupName) for r in settings.rule if isinstance(r, vim.cluster.VmHostRuleInfo)},
            restarts={override.key.name: override.dasSettings.restartPriority for override in settings.dasVmConfig},
        )


def _members(group: Any) -> list[Any]:
    return list(group.host if isinstance(group, vim.cluster.HostGroup) else group.vm)


def running_on(server: Simulator) -> dict[str, str]:
    """The host of each VM, by their names; without templates."""
    with _content(server) as content:
        return {vm.name: vm.runtime.host.name for vm in _all(content, vim.VirtualMachine) if not vm.config.template}


def move(server: Simulator, name: str, host: str) -> None:
    """Moves a VM to another host while it runs, as DRS would."""
    with _content(server) as content:
        (vm,) = (vm for vm in _all(content, vim.VirtualMachine) if vm.name == name)
        (target,) = (found for found in _all(content, vim.HostSystem) if found.name == host)
        _finished(vm.RelocateVM_Task(vim.vm.RelocateSpec(host=target)))


def switch_drs_off(server: Simulator) -> None:
    """Makes the cluster one without DRS."""
    with _content(server) as content:
        (cluster,) = _all(content, vim.ClusterComputeResource)
        off = vim.cluster.ConfigSpecEx(drsConfig=vim.cluster.DrsConfigInfo(enabled=False))
        _finished(cluster.ReconfigureComputeResource_Task(off, modify=True))
        assert cluster.configurationEx.drsConfig.enabled is False
