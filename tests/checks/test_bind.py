"""Ids for the components: of the right things, and always found where nothing is wrong."""

from hypothesis import given
from hypothesis import strategies as st

from checks import Inventory, bind, compare
from plan.bindings import TemplateFacts
from tests.checks.worlds import TEMPLATE_GIB, datastore, planned, with_datastore, world

PLAN = planned()
WORLD = world(PLAN)


def test_the_ids_are_those_of_the_named_things() -> None:
    bindings = bind(PLAN, with_datastore(WORLD, datastore(PLAN, "mail-fc")))
    assert bindings.datacenter_id == "datacenter-2"
    assert (bindings.cluster_id, bindings.resource_pool_id) == ("domain-c2", "resgroup-2")
    assert bindings.host_id == "host-1"
    assert list(bindings.hosts) == list(PLAN.place.hosts)
    assert bindings.hosts[PLAN.place.hosts[0]] == "host-1"
    assert bindings.networks == {"mail": "network-mail"}
    assert bindings.datastores == {"templates": "datastore-templates", "mail-fc": "datastore-mail-fc"}
    facts = TemplateFacts(
        uuid="uuid-ubuntu-22.04", guest_id="ubuntu64Guest", firmware="efi", scsi_type="pvscsi", system_disk_gib=TEMPLATE_GIB
    )
    assert bindings.templates == {"ubuntu-22.04": facts}


@st.composite
def thinned(draw: st.DrawFn) -> Inventory:
    """The world with some of its things gone."""
    parts = ("datacenters", "clusters", "hosts", "networks", "datastores", "template_names", "luns")
    lost = {part: draw(st.sets(st.sampled_from(getattr(WORLD, part)), max_size=1), label=part) for part in parts}
    kept = {part: tuple(x for x in getattr(WORLD, part) if x not in gone) for part, gone in lost.items()}
    templates = tuple(t for t in WORLD.templates if t.name in kept["template_names"])
    return WORLD.model_copy(update=kept | {"templates": templates})


@given(thinned())
def test_whatever_has_no_problem_can_be_bound(inventory: Inventory) -> None:
    if not list(compare(PLAN, inventory)):
        bindings = bind(PLAN, inventory)
        assert set(bindings.networks) == {vm.address.port_group for vm in PLAN.vms}
        assert set(bindings.templates) == {vm.source.template for vm in PLAN.vms if vm.source.kind == "template"}
