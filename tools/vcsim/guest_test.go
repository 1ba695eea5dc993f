package main

import (
	"slices"
	"testing"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// TestCustomizedGuestReportsItsAddressAndItsRouter is what a client waits for before it takes a VM to be there.
func TestCustomizedGuestReportsItsAddressAndItsRouter(t *testing.T) {
	s := start(t, campus)
	template := must(s.find.VirtualMachine(s.ctx, "ubuntu-22.04"))
	folders, pool := must(s.dc.Folders(s.ctx)), must(must(s.find.ClusterComputeResource(s.ctx, "mail")).ResourcePool(s.ctx))
	where, store := pool.Reference(), s.datastore("old").Self
	clone := types.VirtualMachineCloneSpec{Location: types.VirtualMachineRelocateSpec{Pool: &where, Datastore: &store}}
	ref := s.done(template.Clone(s.ctx, folders.VmFolder, "mta-1", clone)).(types.ManagedObjectReference)
	vm := object.NewVirtualMachine(s.client.Client, ref)
	s.done(vm.Customize(s.ctx, types.CustomizationSpec{
		Identity: &types.CustomizationLinuxPrep{HostName: &types.CustomizationFixedName{Name: "mta-1"}},
		NicSettingMap: []types.CustomizationAdapterMapping{{Adapter: types.CustomizationIPSettings{
			Ip: &types.CustomizationFixedIp{IpAddress: "192.0.2.31"}, Gateway: []string{"192.0.2.1"},
		}}},
	}))
	s.done(vm.PowerOn(s.ctx))
	var found mo.VirtualMachine
	if err := vm.Properties(s.ctx, ref, []string{"guest"}, &found); err != nil {
		t.Fatal(err)
	}
	if guest := found.Guest; guest.HostName != "mta-1" || !slices.Equal(guest.Net[0].IpAddress, []string{"192.0.2.31"}) {
		t.Errorf("is %s at %v", guest.HostName, guest.Net[0].IpAddress)
	}
	if route := found.Guest.IpStack[0].IpRouteConfig.IpRoute[0]; route.Network != "0.0.0.0" || route.Gateway.IpAddress != "192.0.2.1" {
		t.Errorf("routes %+v", route)
	}
}

// TestChangesComeByName is what such a client relies on: it takes the router first, then looks at the addresses.
func TestChangesComeByName(t *testing.T) {
	s := start(t, campus)
	ref := must(s.find.VirtualMachine(s.ctx, "ubuntu-22.04")).Reference()
	err := property.Wait(s.ctx, property.DefaultCollector(s.client.Client), ref, []string{"name", "guest", "config.files"},
		func(changes []types.PropertyChange) bool {
			if got := []string{changes[0].Name, changes[1].Name, changes[2].Name}; !slices.IsSorted(got) {
				t.Errorf("come as %v", got)
			}
			return true
		})
	if err != nil {
		t.Fatal(err)
	}
}
