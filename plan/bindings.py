"""What vCenter calls the things that a plan names: the only live facts that reach the components."""

from config.base import Model


class TemplateFacts(Model):
    """What a VM takes over from the template that it is made from."""

    uuid: str
    """BIOS UUID of the template."""
    guest_id: str
    firmware: str
    scsi_type: str
    system_disk_gib: float
    """Size of its only disk, GiB."""


class Bindings(Model):
    """Managed object ids by the names that the plan uses."""

    datacenter_id: str
    cluster_id: str
    resource_pool_id: str
    """The cluster's root resource pool."""
    host_id: str
    """The host that is asked to create datastores."""
    hosts: dict[str, str] = {}
    """Host id by name, of every host of the plan."""
    networks: dict[str, str]
    """Network id by port group."""
    templates: dict[str, TemplateFacts]
    """By template name."""
    datastores: dict[str, str]
    """Id by name of every datastore there is already."""
