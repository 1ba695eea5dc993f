package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// files are the paths of all files on a datastore but the VMs' own small ones.
func (s *site) files(datastore string) (files []string) {
	home := s.datastore(datastore).Summary.Url
	_ = filepath.WalkDir(home, func(path string, entry os.DirEntry, _ error) error {
		if ext := filepath.Ext(path); !entry.IsDir() && ext != ".vmx" && ext != ".nvram" && ext != ".log" {
			name, _ := filepath.Rel(home, path)
			files = append(files, name)
		}
		return nil
	})
	return files
}

// change removes a disk from a VM; with destroy its file goes too.
func (s *site) remove(vm *object.VirtualMachine, disk types.BaseVirtualDevice, keep bool) {
	s.Helper()
	spec := &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationRemove, Device: disk}
	if !keep {
		spec.FileOperation = types.VirtualDeviceConfigSpecFileOperationDestroy
	}
	s.done(vm.Reconfigure(s.ctx, types.VirtualMachineConfigSpec{DeviceChange: []types.BaseVirtualDeviceConfigSpec{spec}}))
}

func TestDestroyDeletesTheVmWithItsDisksOnAllDatastores(t *testing.T) {
	s := start(t, campus)
	must(s.format(lunISCSI, "mail-iscsi"))
	vm := s.vm("spool", "mail-iscsi", 1024, diskSpec{10, ""}, diskSpec{20, "old"}, diskSpec{30, "old"})
	want := []string{"spool/spool-flat.vmdk", "spool/spool.vmdk", "spool/spool_1-flat.vmdk", "spool/spool_1.vmdk"}
	if got := s.files("old"); !slices.Equal(got, want) {
		t.Errorf("files %v", got)
	}
	s.free("old", 945)
	s.done(vm.Destroy(s.ctx))
	for name, free := range map[string]int64{"mail-iscsi": 98, "old": 995} {
		s.free(name, free)
		if left := must(os.ReadDir(s.datastore(name).Summary.Url)); len(left) != 0 {
			t.Errorf("%s still has %v", name, left)
		}
	}
}

func TestDetachedDiskOutlivesItsVm(t *testing.T) {
	s := start(t, campus)
	vm := s.vm("spool", "old", 1024, diskSpec{10, ""}, diskSpec{20, ""})
	s.free("old", 965)
	s.remove(vm, s.disks(vm)[1], true)
	s.free("old", 965)
	s.done(vm.Destroy(s.ctx))
	s.free("old", 975)
	if got := s.files("old"); !slices.Equal(got, []string{"spool/spool_1-flat.vmdk", "spool/spool_1.vmdk"}) {
		t.Errorf("files %v", got)
	}
	again := s.vm("spool", "old", 1024, diskSpec{10, ""}) // a VM of the same name does not take its place
	s.free("old", 965)
	controller := must(again.Device(s.ctx)).PickController((*types.VirtualSCSIController)(nil))
	kept := must(again.Device(s.ctx)).CreateDisk(controller, types.ManagedObjectReference{}, "[old] spool/spool_1.vmdk")
	if err := again.AddDevice(s.ctx, kept); err != nil {
		t.Fatal(err)
	}
	s.free("old", 965) // attaching takes no room
}

func TestRemovedDiskFreesItsRoom(t *testing.T) {
	s := start(t, campus)
	vm := s.vm("spool", "old", 1024, diskSpec{10, ""}, diskSpec{20, ""})
	s.remove(vm, s.disks(vm)[1], false)
	s.free("old", 985)
	if got := s.files("old"); !slices.Equal(got, []string{"spool/spool-flat.vmdk", "spool/spool.vmdk"}) {
		t.Errorf("files %v", got)
	}
}

func TestFailedDestroyChangesNothing(t *testing.T) {
	s := start(t, campus)
	vm := s.vm("spool", "old", 1024, diskSpec{10, ""})
	s.done(vm.PowerOn(s.ctx))
	before := s.files("old")
	if _, fault := s.wait(vm.Destroy(s.ctx)); !is[*types.InvalidPowerState](fault) {
		t.Fatalf("got %T", fault)
	}
	if after := s.files("old"); !slices.Equal(before, after) || !slices.Contains(after, "spool/spool.vswp") {
		t.Errorf("files were %v, now %v", before, after)
	}
	s.done(vm.PowerOff(s.ctx))
	s.done(vm.Destroy(s.ctx))
	s.free("old", 995)
}

func is[T any](value any) bool {
	_, ok := value.(T)
	return ok
}

func TestTemplateAndIsoAreThere(t *testing.T) {
	s := start(t, campus)
	var template mo.VirtualMachine
	vm := must(s.find.VirtualMachine(s.ctx, "ubuntu-22.04"))
	if err := vm.Properties(s.ctx, vm.Reference(), nil, &template); err != nil {
		t.Fatal(err)
	}
	if !template.Config.Template || template.Config.GuestId != "ubuntu64Guest" || s.disks(vm)[0].CapacityInKB != 20<<20 {
		t.Errorf("template %+v", template.Config)
	}
	s.free("templates", 78)
	if _, err := os.Stat(filepath.Join(s.datastore("templates").Summary.Url, "iso", "gateway.iso")); err != nil {
		t.Error(err)
	}
}

func TestVmGoesWhereAllItsDatastoresAre(t *testing.T) {
	s := start(t, strings.Replace(campus, "memory_gib: 64, adapters: *adapters",
		"memory_gib: 64, adapters: [{device: vmhba2, fabric: fc, paths: 1}]", 1))
	must(s.format(lunISCSI, "mail-iscsi"))
	for _, name := range []string{"a", "b", "c"} { // only esx-1 has both
		vm := s.vm(name, "old", 1024, diskSpec{1, ""}, diskSpec{1, "mail-iscsi"})
		if host := must(vm.HostSystem(s.ctx)); host.Reference() != s.host("esx-1.campus.example").Reference() {
			t.Errorf("%s runs on %s", name, host)
		}
	}
	vm := s.vm("d", "old", 1024, diskSpec{1, ""}) // esx-2 has fewer VMs
	if host := must(vm.HostSystem(s.ctx)); host.Reference() != s.host("esx-2.campus.example").Reference() {
		t.Errorf("d runs on %s", host)
	}
	disk := vmSpec("", "", 0, diskSpec{1, "mail-iscsi"}).DeviceChange[1]
	disk.GetVirtualDeviceConfigSpec().Device.GetVirtualDevice().ControllerKey = s.disks(vm)[0].ControllerKey
	_, fault := s.wait(vm.Reconfigure(s.ctx, types.VirtualMachineConfigSpec{
		DeviceChange: []types.BaseVirtualDeviceConfigSpec{disk},
	}))
	if !is[*types.InvalidDatastore](fault) {
		t.Errorf("a datastore that its host does not see: got %T", fault)
	}
}
