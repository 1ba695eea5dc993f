package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

const another = `
  - name: other
    hosts:
      - {name: esx-9.campus.example, cpus: 8, memory_gib: 32, adapters: [{device: vmhba2, fabric: fc, paths: 2}]}
networks:`

// homes are the datastores that hold the VM's own files and its disks.
func (s *site) homes(vm *object.VirtualMachine) (own string, disks []string) {
	var found mo.VirtualMachine
	if err := vm.Properties(s.ctx, vm.Reference(), []string{"config.files"}, &found); err != nil {
		s.Fatal(err)
	}
	for _, disk := range s.disks(vm) {
		disks = append(disks, datastoreOf(disk.Backing.(*types.VirtualDiskFlatVer2BackingInfo).FileName))
	}
	return datastoreOf(found.Config.Files.VmPathName), disks
}

func TestVmMovesWithItsDisksToAnotherDatastore(t *testing.T) {
	s := start(t, campus)
	must(s.format(lunISCSI, "mail-iscsi"))
	vm := s.vm("spool", "old", 4096, diskSpec{10, ""}, diskSpec{20, ""})
	s.done(vm.PowerOn(s.ctx))
	s.free("old", 961)
	target := s.datastore("mail-iscsi").Self
	s.done(vm.Relocate(s.ctx, types.VirtualMachineRelocateSpec{Datastore: &target}, types.VirtualMachineMovePriorityDefaultPriority))
	s.free("old", 995)
	s.free("mail-iscsi", 64) // 98 less 30 of disks and 4 of the swap file
	if own, disks := s.homes(vm); own != "mail-iscsi" || !slices.Equal(disks, []string{"mail-iscsi", "mail-iscsi"}) {
		t.Errorf("own files on %s, disks on %v", own, disks)
	}
	if got := s.files("old"); len(got) != 0 {
		t.Errorf("old still has %v", got)
	}
	if old, now := s.datastore("old").Vm, s.datastore("mail-iscsi").Vm; len(old) != 0 || len(now) != 1 {
		t.Errorf("listed at %v, %v", old, now)
	}
	s.done(vm.PowerOff(s.ctx))
	s.done(vm.Destroy(s.ctx))
	s.free("mail-iscsi", 98)
	if got := s.files("mail-iscsi"); len(got) != 0 {
		t.Errorf("mail-iscsi still has %v", got)
	}
}

func TestOneDiskMovesAlone(t *testing.T) {
	s := start(t, campus)
	must(s.format(lunISCSI, "mail-iscsi"))
	vm := s.vm("spool", "old", 1024, diskSpec{10, ""}, diskSpec{20, ""})
	locator := types.VirtualMachineRelocateSpecDiskLocator{DiskId: s.disks(vm)[1].Key, Datastore: s.datastore("mail-iscsi").Self}
	spec := types.VirtualMachineRelocateSpec{Disk: []types.VirtualMachineRelocateSpecDiskLocator{locator}}
	s.done(vm.Relocate(s.ctx, spec, types.VirtualMachineMovePriorityDefaultPriority))
	if own, disks := s.homes(vm); own != "old" || !slices.Equal(disks, []string{"old", "mail-iscsi"}) {
		t.Errorf("own files on %s, disks on %v", own, disks)
	}
	s.free("old", 985)
	s.free("mail-iscsi", 78)
}

func TestVmThatDoesNotFitStays(t *testing.T) {
	s := start(t, campus)
	must(s.format(lunSpare, "small"))
	vm := s.vm("spool", "old", 1024, diskSpec{49, ""})
	target := s.datastore("small").Self
	s.full("small")(vm.Relocate(s.ctx, types.VirtualMachineRelocateSpec{Datastore: &target}, types.VirtualMachineMovePriorityDefaultPriority))
	if own, disks := s.homes(vm); own != "old" || !slices.Equal(disks, []string{"old"}) {
		t.Errorf("own files on %s, disks on %v", own, disks)
	}
	s.free("old", 946)
	s.free("small", 48)
}

func TestVmMovesToAHostOfAnotherClusterThatSeesItsDatastores(t *testing.T) {
	s := start(t, strings.Replace(campus, "\nnetworks:", another, 1))
	must(s.format(lunISCSI, "mail-iscsi"))
	vm := s.vm("spool", "old", 1024, diskSpec{1, ""})
	pool := must(must(s.find.ClusterComputeResource(s.ctx, "other")).ResourcePool(s.ctx)).Reference()
	before := must(vm.HostSystem(s.ctx)).Reference()
	move := func(vm *object.VirtualMachine) (*object.Task, error) {
		return vm.Relocate(s.ctx, types.VirtualMachineRelocateSpec{Pool: &pool}, types.VirtualMachineMovePriorityDefaultPriority)
	}
	s.done(move(vm))
	s.done(move(vm)) // a second time nothing is left to do
	after := must(vm.HostSystem(s.ctx)).Reference()
	if after != s.host("esx-9.campus.example").Reference() {
		t.Errorf("runs on %s", after)
	}
	for host, want := range map[types.ManagedObjectReference]int{before: 0, after: 1} {
		var found mo.HostSystem
		if err := s.client.RetrieveOne(s.ctx, host, []string{"vm"}, &found); err != nil || slices.Contains(found.Vm, vm.Reference()) != (want == 1) {
			t.Errorf("%s lists %v (%v)", host, found.Vm, err)
		}
	}
	other := s.vm("scanner", "mail-iscsi", 1024) // esx-9 has no iSCSI
	if _, fault := s.wait(move(other)); !is[*types.InvalidDatastore](fault) {
		t.Errorf("got %T", fault)
	}
}

func TestDisksOfACloneGoWhereTheyAreWanted(t *testing.T) {
	s := start(t, campus)
	must(s.format(lunISCSI, "mail-iscsi"))
	source := s.vm("source", "old", 1024, diskSpec{10, ""}, diskSpec{20, ""})
	folder, home := must(s.dc.Folders(s.ctx)).VmFolder, s.datastore("old").Self
	pool := must(must(s.find.ClusterComputeResource(s.ctx, "mail")).ResourcePool(s.ctx)).Reference()
	location := types.VirtualMachineRelocateSpec{Pool: &pool, Datastore: &home, Disk: []types.VirtualMachineRelocateSpecDiskLocator{
		{DiskId: s.disks(source)[1].Key, Datastore: s.datastore("mail-iscsi").Self},
	}}
	ref := s.done(source.Clone(s.ctx, folder, "clone", types.VirtualMachineCloneSpec{Location: location})).(types.ManagedObjectReference)
	if own, disks := s.homes(object.NewVirtualMachine(s.client.Client, ref)); own != "old" || !slices.Equal(disks, []string{"old", "mail-iscsi"}) {
		t.Errorf("own files on %s, disks on %v", own, disks)
	}
	s.free("old", 955) // 995 less 30 of the source and 10 of the clone
	s.free("mail-iscsi", 78)
}
