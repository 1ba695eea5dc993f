"""What a cluster was told of groups, of where VMs should run and of which are restarted first, through vCenter's API."""

from dataclasses import dataclass
from typing import Any

from checks.untyped import vim
from tests.engine.looking import _all, _content
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
