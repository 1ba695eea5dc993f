"""Every name that outlives an edit: a changed name here is a new VM or datastore there."""

from config import Role


def vm(site: str, server: str) -> str:
    """Name of a server's VM in vCenter, also its host name."""
    return f"{site}-{server}"


def anti_affinity(site: str, role: Role) -> str:
    """Name of the DRS rule that keeps the members of a role apart."""
    return f"{site}-{role}-apart"


def home(site: str, where: str) -> str:
    """Name of the DRS rule that keeps VMs on the hosts of one place."""
    return f"{site}-at-{where}"


def vm_group(site: str, where: str) -> str:
    """Name of the DRS group of the VMs whose LUNs are in one place."""
    return f"{site}-vms-{where}"


def host_group(site: str, where: str) -> str:
    """Name of the DRS group of the hosts in one place."""
    return f"{site}-hosts-{where}"
