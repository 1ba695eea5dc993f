package main

import (
	"maps"
	"strings"
	"testing"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

func TestDiskMustFitWhenCreated(t *testing.T) {
	s := start(t, campus)
	must(s.format(lunISCSI, "mail-iscsi"))
	s.free("mail-iscsi", 98) // 100 less 2 of VMFS
	s.full("mail-iscsi")(s.create(vmSpec("scanner-1", "mail-iscsi", 1024, diskSpec{99, ""})))
	s.free("mail-iscsi", 98)
	vm := s.vm("scanner-1", "mail-iscsi", 1024, diskSpec{90, ""})
	s.free("mail-iscsi", 8)
	s.full("mail-iscsi")(s.create(vmSpec("scanner-2", "old", 1024, diskSpec{1, ""}, diskSpec{9, "mail-iscsi"})))
	s.done(vm.Destroy(s.ctx))
	s.free("mail-iscsi", 98)
}

func TestDiskMustFitWhenGrownOrAdded(t *testing.T) {
	s := start(t, campus)
	must(s.format(lunISCSI, "mail-iscsi"))
	vm := s.vm("scanner-1", "mail-iscsi", 1024, diskSpec{30, ""}, diskSpec{1, "old"})
	grow := func(gib int64) (*object.Task, error) {
		disk := s.disks(vm)[0]
		for _, candidate := range s.disks(vm) {
			if candidate.CapacityInKB > disk.CapacityInKB {
				disk = candidate
			}
		}
		disk.CapacityInKB, disk.CapacityInBytes = gib<<20, gib<<30
		return vm.Reconfigure(s.ctx, types.VirtualMachineConfigSpec{DeviceChange: []types.BaseVirtualDeviceConfigSpec{
			&types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationEdit, Device: disk},
		}})
	}
	s.full("mail-iscsi")(grow(99))
	s.free("mail-iscsi", 68)
	s.done(grow(60))
	s.free("mail-iscsi", 38)
	add := vmSpec("", "", 0, diskSpec{39, "mail-iscsi"}).DeviceChange[1]
	add.GetVirtualDeviceConfigSpec().Device.GetVirtualDevice().ControllerKey = s.disks(vm)[0].ControllerKey
	add.GetVirtualDeviceConfigSpec().Device.GetVirtualDevice().UnitNumber = types.NewInt32(5)
	s.full("mail-iscsi")(vm.Reconfigure(s.ctx, types.VirtualMachineConfigSpec{
		DeviceChange: []types.BaseVirtualDeviceConfigSpec{add},
	}))
	s.free("old", 994) // 1000 less 0.5 % of VMFS and 1 of the second disk
}

func TestCloneMustFit(t *testing.T) {
	s := start(t, campus)
	must(s.format(lunSpare, "small")) // 48 GiB
	template := must(s.find.VirtualMachine(s.ctx, "ubuntu-22.04"))
	folders, small := must(s.dc.Folders(s.ctx)), s.datastore("small").Self
	pool := must(must(s.find.ClusterComputeResource(s.ctx, "mail")).ResourcePool(s.ctx)).Reference()
	clone := func(name string, gib int64) (*object.Task, error) {
		disk := *s.disks(template)[0]
		disk.CapacityInKB, disk.CapacityInBytes = gib<<20, gib<<30
		return template.Clone(s.ctx, folders.VmFolder, name, types.VirtualMachineCloneSpec{
			Location: types.VirtualMachineRelocateSpec{Pool: &pool, Datastore: &small},
			Config: &types.VirtualMachineConfigSpec{DeviceChange: []types.BaseVirtualDeviceConfigSpec{
				&types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationEdit, Device: &disk},
			}},
		})
	}
	s.full("small")(clone("too-large", 49))
	s.done(clone("larger", 30))
	s.free("small", 18)
	s.full("small")(clone("second", 20))
	s.free("small", 18)
	s.free("templates", 78)
}

func TestSwapFileMustFitWhenPoweredOn(t *testing.T) {
	s := start(t, campus)
	must(s.format(lunISCSI, "mail-iscsi"))
	vm := s.vm("spool", "mail-iscsi", 8192, diskSpec{91, ""})
	s.free("mail-iscsi", 7)
	_, fault := s.wait(vm.PowerOn(s.ctx))
	if f, ok := fault.(*types.GenericVmConfigFault); !ok || !strings.Contains(f.Reason, "swap file from 0 KB to 8388608 KB") {
		t.Fatalf("want a fault about the swap file, got %T %+v", fault, fault)
	}
	s.free("mail-iscsi", 7)
	s.done(vm.Reconfigure(s.ctx, types.VirtualMachineConfigSpec{
		MemoryAllocation: &types.ResourceAllocationInfo{Reservation: types.NewInt64(4096)},
	}))
	s.done(vm.PowerOn(s.ctx))
	s.free("mail-iscsi", 3)
	s.done(vm.PowerOff(s.ctx))
	s.free("mail-iscsi", 7)
}

func TestVirtualDiskMustFit(t *testing.T) {
	s := start(t, campus)
	must(s.format(lunISCSI, "mail-iscsi"))
	manager := object.NewVirtualDiskManager(s.client.Client)
	spec := func(gib int64) *types.FileBackedVirtualDiskSpec {
		return &types.FileBackedVirtualDiskSpec{
			VirtualDiskSpec: types.VirtualDiskSpec{AdapterType: "lsiLogic", DiskType: "thin"}, CapacityKb: gib << 20,
		}
	}
	s.full("mail-iscsi")(manager.CreateVirtualDisk(s.ctx, "[mail-iscsi] mail.vmdk", s.dc, spec(99)))
	s.done(manager.CreateVirtualDisk(s.ctx, "[mail-iscsi] mail.vmdk", s.dc, spec(50)))
	s.free("mail-iscsi", 48)
	s.full("mail-iscsi")(manager.ExtendVirtualDisk(s.ctx, "[mail-iscsi] mail.vmdk", s.dc, 99<<20, nil))
	s.done(manager.ExtendVirtualDisk(s.ctx, "[mail-iscsi] mail.vmdk", s.dc, 60<<20, nil))
	s.free("mail-iscsi", 38)
	s.full("mail-iscsi")(manager.CopyVirtualDisk(s.ctx, "[mail-iscsi] mail.vmdk", s.dc, "[mail-iscsi] b.vmdk", s.dc, nil, false))
	s.done(manager.DeleteVirtualDisk(s.ctx, "[mail-iscsi] mail.vmdk", s.dc))
	s.free("mail-iscsi", 98)
}

func TestVMsReportWhatTheyTake(t *testing.T) {
	s := start(t, campus)
	must(s.format(lunISCSI, "mail-iscsi"))
	vm := s.vm("scanner-1", "mail-iscsi", 1024, diskSpec{30, ""}, diskSpec{2, "old"})
	takes := func(want map[string]int64) {
		t.Helper()
		var read mo.VirtualMachine
		if err := vm.Properties(s.ctx, vm.Reference(), []string{"storage.perDatastoreUsage"}, &read); err != nil {
			t.Fatal(err)
		}
		got := map[string]int64{}
		for _, used := range read.Storage.PerDatastoreUsage {
			if used.Uncommitted != 0 {
				t.Errorf("%d bytes are uncommitted", used.Uncommitted)
			}
			for name := range want {
				if s.datastore(name).Self == used.Datastore {
					got[name] = used.Committed / gib
				}
			}
		}
		if !maps.Equal(got, want) {
			t.Errorf("takes %v GiB, want %v", got, want)
		}
	}
	takes(map[string]int64{"mail-iscsi": 30, "old": 2})
	s.done(vm.PowerOn(s.ctx))
	takes(map[string]int64{"mail-iscsi": 31, "old": 2})
	kept := s.disks(vm)[1]
	s.done(vm.Reconfigure(s.ctx, types.VirtualMachineConfigSpec{DeviceChange: []types.BaseVirtualDeviceConfigSpec{
		&types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationRemove, Device: kept},
	}}))
	takes(map[string]int64{"mail-iscsi": 31})
}
