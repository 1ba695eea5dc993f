"""What each kind of source gives the provider."""

import pulumi
import pytest

import config
from components import sources
from config.vsphere import Blank, ContentLibrary, Iso, Ovf, Source, Template
from plan import Vm, build
from tests.components.conftest import BINDINGS
from tests.components.recording import Recording, finished


def _vm(platform: config.Platform, source: Source) -> Vm:
    vm = next(vm for vm in build(platform).vms if vm.server == "mta-1")
    return vm.model_copy(update={"source": source})


def test_a_template_is_cloned_and_customized_with_the_plan_s_address(campus: config.Platform) -> None:
    made = sources.inputs(_vm(campus, Template(kind="template", template="ubuntu-22.04")), BINDINGS, 5)

    assert made["guest_id"] == "ubuntu64Guest"
    assert made["clone"]["template_uuid"] == "42-template"
    assert made["clone"]["customize"] == {
        "linux_options": {"host_name": "campus-mta-1", "domain": "campus.example"},
        "network_interfaces": [{"ipv4_address": "192.0.2.31", "ipv4_netmask": 24}],
        "ipv4_gateway": "192.0.2.1",
        "dns_server_lists": ["192.0.2.2", "192.0.2.3"],
        "dns_suffix_lists": ["campus.example"],
        "timeout": 5,
    }
    assert made["wait_for_guest_net_timeout"] == 5


def test_an_image_is_in_the_drive_of_a_blank_vm(campus: config.Platform) -> None:
    made = sources.inputs(_vm(campus, Iso(kind="iso", datastore="templates", path="iso/gateway.iso")), BINDINGS, 5)

    assert made["cdroms"] == [{"datastore_id": "datastore-1", "path": "iso/gateway.iso"}]
    assert "clone" not in made
    assert made["wait_for_guest_net_timeout"] == 0


@pytest.mark.parametrize(("url", "key"), [("https://images.example/mta.ova", "remote_ovf_url"), ("images/mta.ova", "local_ovf_path")])
def test_an_ovf_is_deployed_from_where_it_is(campus: config.Platform, url: str, key: str) -> None:
    made = sources.inputs(_vm(campus, Ovf(kind="ovf", url=url, network="VM Network")), BINDINGS, 5)

    assert made["ovf_deploy"] == {key: url, "ovf_network_map": {"VM Network": "network-7"}}
    assert (made["host_system_id"], made["datacenter_id"]) == ("host-21", "datacenter-2")


def test_a_content_library_item_is_looked_up_and_cloned(campus: config.Platform, recording: Recording) -> None:
    vm = _vm(campus, ContentLibrary(kind="content-library", library="images", item="mta"))
    seen: list[str] = []

    @finished
    def program() -> pulumi.Output[None]:
        template: pulumi.Output[str] = sources.inputs(vm, BINDINGS, 5)["clone"]["template_uuid"]
        return template.apply(seen.append)

    program()

    assert seen == ["vsphere:index/getContentLibraryItem:getContentLibraryItem-id"]
    assert recording.resources == []


def test_a_blank_vm_waits_for_no_guest(campus: config.Platform) -> None:
    made = sources.inputs(_vm(campus, Blank(kind="blank")), BINDINGS, 5)

    assert made == {"guest_id": "otherLinux64Guest", "wait_for_guest_net_timeout": 0, "wait_for_guest_ip_timeout": 0}


SOURCES: tuple[Source, ...] = (
    Template(kind="template", template="ubuntu-22.04"), Iso(kind="iso", datastore="templates", path="iso/gateway.iso"),
    Ovf(kind="ovf", url="images/mta.ova", network="VM Network"), Blank(kind="blank"),
)  # fmt: skip


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: str(source.kind))
def test_a_vm_is_made_on_the_host_that_it_is_assigned_whatever_it_is_made_from(campus: config.Platform, source: Source) -> None:
    vm = _vm(campus, source)
    without, made = (sources.inputs(each, BINDINGS, 5) for each in (vm, vm.model_copy(update={"host": "esx-3.campus.example"})))

    assert made == without | {"host_system_id": "host-23"}
    assert ("host_system_id" in without) == isinstance(source, Ovf)
