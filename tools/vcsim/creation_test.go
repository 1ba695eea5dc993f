package main

import (
	"testing"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/types"
)

func TestImportedVmMustFit(t *testing.T) {
	s := start(t, campus)
	must(s.format(lunISCSI, "mail-iscsi"))
	pool := must(must(s.find.ClusterComputeResource(s.ctx, "mail")).ResourcePool(s.ctx))
	folder := must(s.dc.Folders(s.ctx)).VmFolder
	spec := func(name string, gib int64) *types.VirtualMachineImportSpec {
		config := vmSpec(name, "mail-iscsi", 1024, diskSpec{gib, ""})
		disk := config.DeviceChange[1].GetVirtualDeviceConfigSpec().Device.(*types.VirtualDisk)
		disk.Backing.(*types.VirtualDiskFlatVer2BackingInfo).FileName = "[mail-iscsi].vmdk" // as the OVF manager writes it
		return &types.VirtualMachineImportSpec{ConfigSpec: config}
	}
	_, err := pool.ImportVApp(s.ctx, spec("too-large", 99), folder, nil)
	if lack, ok := fault(t, err).(types.NoDiskSpace); !ok || lack.Datastore != "mail-iscsi" {
		t.Errorf("got %v", err)
	}
	for _, name := range []string{"box-1", "box-2"} {
		lease := must(pool.ImportVApp(s.ctx, spec(name, 40), folder, nil))
		info := must(lease.Wait(s.ctx, nil))
		if err := lease.Complete(s.ctx); err != nil {
			t.Fatal(err)
		}
		vm := object.NewVirtualMachine(s.client.Client, info.Entity)
		if file := s.disks(vm)[0].Backing.(*types.VirtualDiskFlatVer2BackingInfo).FileName; file != "[mail-iscsi] "+name+"/"+name+".vmdk" {
			t.Errorf("%s is at %s", name, file)
		}
	}
	s.free("mail-iscsi", 18)
}

func TestVmNeedsAHomeThatIsThere(t *testing.T) {
	s := start(t, campus)
	spec := vmSpec("spool", "old", 1024)
	spec.Files = nil
	if _, fault := s.wait(s.create(spec)); !is[*types.InvalidVmConfig](fault) {
		t.Errorf("no home: got %T", fault)
	}
	if _, fault := s.wait(s.create(vmSpec("spool", "nowhere", 1024))); !is[*types.InvalidDatastore](fault) {
		t.Errorf("unknown home: got %T", fault)
	}
	if _, fault := s.wait(s.create(vmSpec("spool", "old", 1024, diskSpec{1, "nowhere"}))); !is[*types.InvalidDatastore](fault) {
		t.Errorf("unknown datastore of a disk: got %T", fault)
	}
}
