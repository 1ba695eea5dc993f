"""What a VM is made from, as inputs of the provider."""

from typing import Any

import pulumi_vsphere as vsphere

from config.vsphere import ContentLibrary, Iso, Ovf, Template
from plan import Vm
from plan.bindings import Bindings

BARE_GUEST_ID = "otherLinux64Guest"  # vSphere's name for a 64-bit Linux that it knows nothing more about
CLONE_TIMEOUT_MINUTES = 120  # copying a template's disk over a busy fabric; the provider's 30 is short


def inputs(vm: Vm, bindings: Bindings, guest_wait_minutes: int) -> dict[str, Any]:
    """The inputs that matter when the VM is made: those that depend on its source, and the host that it is first powered on."""
    host = {"host_system_id": bindings.hosts[vm.host]} if vm.host else {}
    return _of_source(vm, bindings, guest_wait_minutes) | host


def _of_source(vm: Vm, bindings: Bindings, guest_wait_minutes: int) -> dict[str, Any]:
    source = vm.source
    no_guest = {"guest_id": BARE_GUEST_ID, "wait_for_guest_net_timeout": 0, "wait_for_guest_ip_timeout": 0}
    if isinstance(source, Template):
        facts = bindings.templates[source.template]
        return {
            "guest_id": facts.guest_id,
            "firmware": facts.firmware,
            "scsi_type": facts.scsi_type,
            "clone": {
                "template_uuid": facts.uuid,
                "timeout": CLONE_TIMEOUT_MINUTES,
                "customize": _customize(vm, guest_wait_minutes),
            },
            "wait_for_guest_net_timeout": guest_wait_minutes,
            "wait_for_guest_ip_timeout": 0,
        }
    if isinstance(source, ContentLibrary):
        library = vsphere.get_content_library_output(name=source.library)
        item = vsphere.get_content_library_item_output(name=source.item, library_id=library.id, type="ovf")
        return no_guest | {"clone": {"template_uuid": item.id, "timeout": CLONE_TIMEOUT_MINUTES}}
    if isinstance(source, Ovf):
        where = "remote_ovf_url" if "://" in source.url else "local_ovf_path"
        network = bindings.networks[vm.address.port_group]
        deploy = {where: source.url, "ovf_network_map": {source.network: network}}
        return no_guest | {"host_system_id": bindings.host_id, "datacenter_id": bindings.datacenter_id, "ovf_deploy": deploy}
    if isinstance(source, Iso):
        return no_guest | {"cdroms": [{"datastore_id": bindings.datastores[source.datastore], "path": source.path}]}
    return no_guest


def _customize(vm: Vm, guest_wait_minutes: int) -> dict[str, Any]:
    return {
        "linux_options": {"host_name": vm.name, "domain": vm.domain},
        "network_interfaces": [{"ipv4_address": str(vm.address.ip), "ipv4_netmask": vm.address.prefix_length}],
        "ipv4_gateway": str(vm.address.gateway),
        "dns_server_lists": [str(server) for server in vm.address.dns_servers],
        "dns_suffix_lists": [vm.domain],
        "timeout": guest_wait_minutes,
    }
