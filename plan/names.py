"""Every name that outlives an edit: a changed name here is a new VM or datastore there."""

from config import Role


def vm(site: str, server: str) -> str:
    """Name of a server's VM in vCenter, also its host name."""
    return f"{site}-{server}"


def anti_affinity(site: str, role: Role) -> str:
    """Name of the DRS rule that keeps the members of a role apart."""
    return f"{site}-{role}-apart"
