"""What vCenter, cluster and hosts are set to: versions, and what happens to VMs when their storage is lost.

What the user may not read, or a version does not have, stays unknown and is said so; it ends nothing.
"""

from typing import Any, NamedTuple

from checks.vcenter import facts
from checks.vcenter.credentials import Credentials
from checks.vcenter.session import Found, Session, session
from checks.vcenter.untyped import vim, vmodl
from config.base import Model
from plan import Plan

CALLS = frozenset({"QueryOptions"})
"""What is called beside `READ_ONLY`: the advanced settings of a host, by name."""
APD_HANDLING = "Misc.APDHandlingEnable"  # 1: after a time a host gives up on storage of which all paths are down; vSphere storage guide
APD_TIMEOUT = "Misc.APDTimeout"  # s; that time, 140 unless set; vSphere storage guide


class HostSetting(Model):
    """A host of the plan."""

    name: str
    version: str
    apd_handling: int | None
    apd_timeout: int | None


class SiteSettings(Model):
    """How the plan's vCenter, cluster and hosts are set; None is unknown."""

    version: str
    api: str
    vcenter_uuid: str
    drs: bool | None = None
    ha: bool | None = None
    component_protection: bool | None = None
    """Whether HA restarts VMs elsewhere when their host has lost their storage."""
    hosts: tuple[HostSetting, ...] = ()
    unread: tuple[str, ...] = ()
    """What the user may not read, with the privilege that it needs."""


class _Options(NamedTuple):
    """Asks hosts for settings, and remembers what could not be read."""

    live: Session
    unread: list[str]

    def value(self, manager: Any, host: str, name: str) -> int | None:
        """One setting; None where the host has none of the name, or may not be asked."""
        if manager is None:
            return None
        try:
            options = manager.QueryOptions(name)
        except (vim.fault.InvalidName, vmodl.fault.ManagedObjectNotFound):
            return None  # unknown here, or the host went away
        except vim.fault.NoPermission as fault:
            if isinstance(fault, vim.fault.NotAuthenticated):
                raise
            self.unread.append(f"{name} of {host} (privilege {fault.privilegeId or 'System.View'})")
            return None
        return next((int(option.value) for option in options if option.key == name), None)


def settings(login: Credentials, plan: Plan) -> SiteSettings:
    """How the plan's part of the vCenter is set.

    Raises:
        Refused: vCenter can't be asked.
    """
    with session(login, CALLS) as live:
        about = live.content.about
        found = live.below(live.content.rootFolder, {vim.Datacenter: ["name"]})
        here = next((f for f in found if facts.name(f) == plan.place.datacenter), None)
        base = SiteSettings(
            version=about.version or "", api=about.apiVersion or "", vcenter_uuid=getattr(about, "instanceUuid", None) or ""
        )
        return _datacenter(live, plan, base, here) if here else base


def _datacenter(live: Session, plan: Plan, base: SiteSettings, datacenter: Found) -> SiteSettings:
    clusters = live.below(datacenter.object, {vim.ClusterComputeResource: ["name", "configurationEx"]})
    cluster = next((f for f in clusters if facts.name(f) == plan.place.cluster), None)
    hosts = live.below(datacenter.object, {vim.HostSystem: ["name", "summary.config.product", "configManager.advancedOption"]})
    mine = sorted((f for f in hosts if facts.name(f) in plan.place.hosts), key=facts.name)
    options = _Options(live, [])
    settings = tuple(_host(f, options) for f in mine)
    denied = [f"{path} of {facts.name(f)} (privilege System.Read)" for f in (*([cluster] if cluster else []), *mine) for path in f.denied]
    return base.model_copy(
        update={"hosts": settings, "unread": (*denied, *options.unread), **(cluster_settings(cluster) if cluster else {})}
    )


def cluster_settings(found: Found) -> dict[str, bool | None]:
    """What a cluster says of DRS, of HA, and of HA's answer to lost storage."""
    config = found.get("configurationEx")
    drs, das = getattr(config, "drsConfig", None), getattr(config, "dasConfig", None)
    protecting = getattr(das, "vmComponentProtecting", None)
    return {
        "drs": getattr(drs, "enabled", None),
        "ha": getattr(das, "enabled", None),
        "component_protection": None if protecting is None else protecting == "enabled",
    }


def _host(found: Found, options: _Options) -> HostSetting:
    manager, product, name = found.get("configManager.advancedOption"), found.get("summary.config.product"), facts.name(found)
    return HostSetting(
        name=name,
        version=getattr(product, "version", None) or "",
        apd_handling=options.value(manager, name, APD_HANDLING),
        apd_timeout=options.value(manager, name, APD_TIMEOUT),
    )
