package main

import (
	"strings"
	"testing"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// reachable fails the test unless a datastore says everywhere whether it can be reached, and why not.
func (s *site) reachable(name string, want bool, reason types.HostMountInfoInaccessibleReason) {
	s.Helper()
	ds := s.datastore(name)
	if ds.Summary.Accessible != want {
		s.Errorf("%s: accessible %v", name, ds.Summary.Accessible)
	}
	for _, mount := range ds.Host {
		if *mount.MountInfo.Accessible != want || mount.MountInfo.InaccessibleReason != string(reason) {
			s.Errorf("%s: %v %s", name, *mount.MountInfo.Accessible, mount.MountInfo.InaccessibleReason)
		}
	}
	var host mo.HostSystem
	one := s.host("esx-1.campus.example")
	if err := one.Properties(s.ctx, one.Reference(), []string{"config.fileSystemVolume"}, &host); err != nil {
		s.Fatal(err)
	}
	for _, mount := range host.Config.FileSystemVolume.MountInfo {
		if mount.Volume.GetHostFileSystemVolume().Name == name && *mount.MountInfo.Accessible != want {
			s.Errorf("%s on its host: %v", name, *mount.MountInfo.Accessible)
		}
	}
}

// paths counts the paths of a host by fabric of their adapter and state.
func (s *site) paths(name string) map[string]int {
	s.Helper()
	var host mo.HostSystem
	one := s.host(name)
	if err := one.Properties(s.ctx, one.Reference(), []string{"config.storageDevice.multipathInfo"}, &host); err != nil {
		s.Fatal(err)
	}
	found := map[string]int{}
	for _, unit := range host.Config.StorageDevice.MultipathInfo.Lun {
		for _, path := range unit.Path {
			found[path.Adapter+" "+path.State]++
		}
	}
	return found
}

func TestLostFabricTakesItsDatastoresAndTheirVMs(t *testing.T) {
	s := start(t, still)
	vm := s.scanner(20)
	other := s.vm("scanner-2", "old", 1024, diskSpec{10, ""})
	s.done(other.PowerOn(s.ctx))
	s.vm("split", "old", 4, diskSpec{1, "mail-iscsi"})
	s.done(s.snapshot(vm))
	s.done(s.snapshot(other))
	s.happened(s.sim("fabric?name=iscsi&state=lost"), "fabric lost", "inaccessible scanner-1 mail-iscsi", "inaccessible split old")
	s.reachable("mail-iscsi", false, types.HostMountInfoInaccessibleReasonAllPathsDown_Start)
	s.reachable("old", true, "")
	if got := s.paths("esx-1.campus.example"); got["key-vim.host.InternetScsiHba-vmhba64 dead"] != 4 ||
		got["key-vim.host.FibreChannelHba-vmhba2 active"] != 2 || len(got) != 3 {
		t.Errorf("paths %v", got)
	}
	if state := s.runtime(other).ConnectionState; state != types.VirtualMachineConnectionStateConnected {
		t.Errorf("the VM on the other fabric is %s", state)
	}
	before, writing := s.freeBytes("mail-iscsi"), s.freeBytes("old")
	s.happened(s.sim("advance?hours=2"))
	if after := s.freeBytes("mail-iscsi"); after != before {
		t.Errorf("a guest that can't reach its disks wrote %d bytes", before-after)
	}
	if after := s.freeBytes("old"); after >= writing {
		t.Error("the other guest stopped writing")
	}
	s.reachable("mail-iscsi", false, types.HostMountInfoInaccessibleReasonAllPathsDown_Timeout)
	s.happened(s.sim("fabric?name=iscsi&state=back"), "fabric back", "connected scanner-1 mail-iscsi", "connected split old")
	s.reachable("mail-iscsi", true, "")
	s.happened(s.sim("advance?hours=1"))
	if after := s.freeBytes("mail-iscsi"); after >= before {
		t.Error("the guest does not write again")
	}
}

func TestPathsAreGivenUpAfterTheirTimeout(t *testing.T) {
	s := start(t, still)
	must(s.format(lunISCSI, "mail-iscsi"))
	s.sim("advance?hours=1")
	s.sim("fabric?name=iscsi&state=lost")
	s.sim("advance?hours=0.03") // 108 s
	s.reachable("mail-iscsi", false, types.HostMountInfoInaccessibleReasonAllPathsDown_Start)
	s.sim("advance?hours=0.01") // 144 s
	s.reachable("mail-iscsi", false, types.HostMountInfoInaccessibleReasonAllPathsDown_Timeout)
}

func TestNothingNewGoesOnALostDatastore(t *testing.T) {
	s := start(t, still)
	vm := s.scanner(20)
	off := s.vm("off", "mail-iscsi", 4)
	s.sim("fabric?name=iscsi&state=lost")
	s.happened(s.sim("fabric?name=iscsi&state=lost")) // it is lost already
	if _, fault := s.wait(s.create(vmSpec("late", "mail-iscsi", 4))); !is[*types.InvalidDatastore](fault) {
		t.Errorf("a new VM: %T", fault)
	}
	if _, fault := s.wait(s.snapshot(vm)); !is[*types.InaccessibleDatastore](fault) {
		t.Errorf("a snapshot: %T", fault)
	}
	if _, fault := s.wait(off.PowerOn(s.ctx)); !is[*types.InaccessibleDatastore](fault) {
		t.Errorf("a start: %T", fault)
	}
	s.sim("fabric?name=iscsi&state=back")
	s.done(off.PowerOn(s.ctx))
}

// on fails the test unless a VM runs on a host.
func (s *site) on(vm *object.VirtualMachine, host string) {
	s.Helper()
	runs := s.runtime(vm)
	if name := must(object.NewHostSystem(s.client.Client, *runs.Host).ObjectName(s.ctx)); name != host ||
		runs.PowerState != types.VirtualMachinePowerStatePoweredOn {
		s.Errorf("is %s on %s, want it on %s", runs.PowerState, name, host)
	}
}

// pair are two VMs on the same host.
func (s *site) pair() (first, second *object.VirtualMachine, host *object.HostSystem) {
	s.Helper()
	host = s.host("esx-1.campus.example")
	first, second = s.scanner(20), s.vm("scanner-2", "old", 1024, diskSpec{10, ""})
	s.done(second.PowerOn(s.ctx))
	for _, vm := range []*object.VirtualMachine{first, second} {
		ref := host.Reference()
		s.done(vm.Relocate(s.ctx, types.VirtualMachineRelocateSpec{Host: &ref}, types.VirtualMachineMovePriorityDefaultPriority))
	}
	return first, second, host
}

func (s *site) keepApart(vms ...*object.VirtualMachine) {
	s.Helper()
	rule := &types.ClusterAntiAffinityRuleSpec{ClusterRuleInfo: types.ClusterRuleInfo{Name: "apart", Enabled: types.NewBool(true)}}
	for _, vm := range vms {
		rule.Vm = append(rule.Vm, vm.Reference())
	}
	spec := &types.ClusterConfigSpecEx{RulesSpec: []types.ClusterRuleSpec{{
		ArrayUpdateSpec: types.ArrayUpdateSpec{Operation: types.ArrayUpdateOperationAdd}, Info: rule,
	}}}
	s.done(must(s.find.ClusterComputeResource(s.ctx, "mail")).Reconfigure(s.ctx, spec, true))
}

func TestVMsOfALostHostAreRestartedElsewhere(t *testing.T) {
	s := start(t, still)
	first, second, _ := s.pair()
	s.done(s.snapshot(first))
	free := s.freeBytes("old")
	s.happened(s.sim("host?name=esx-1.campus.example&state=lost"), "host lost", "stopped scanner-1", "stopped scanner-2")
	s.powered(first, types.VirtualMachinePowerStatePoweredOff)
	if s.freeBytes("old") <= free {
		t.Error("the swap file of a VM that stopped is still there")
	}
	s.happened(s.sim("advance?hours=0.5"), "restarted scanner-1", "restarted scanner-2")
	s.on(first, "esx-2.campus.example")
	s.on(second, "esx-2.campus.example")
	if got := s.freeBytes("old"); free-got > 1<<20 || got > free { // its log has grown by some lines
		t.Errorf("%d bytes are free, were %d", got, free)
	}
	before := s.freeBytes("mail-iscsi")
	s.happened(s.sim("host?name=esx-1.campus.example&state=back"), "host back")
	s.happened(s.sim("advance?hours=1"))
	s.on(first, "esx-2.campus.example")
	if s.freeBytes("mail-iscsi") >= before {
		t.Error("the guest that was restarted does not write")
	}
}

func TestAntiAffinityHoldsWhenAHostIsLost(t *testing.T) {
	s := start(t, still)
	first, second, _ := s.pair()
	elsewhere := s.host("esx-2.campus.example").Reference()
	s.done(second.Relocate(s.ctx, types.VirtualMachineRelocateSpec{Host: &elsewhere}, types.VirtualMachineMovePriorityDefaultPriority))
	s.keepApart(first, second)
	s.sim("host?name=esx-1.campus.example&state=lost")
	s.happened(s.sim("advance?hours=1"), "not restarted scanner-1")
	s.powered(first, types.VirtualMachinePowerStatePoweredOff)
	s.sim("host?name=esx-1.campus.example&state=back")
	s.happened(s.sim("advance?hours=1"), "restarted scanner-1")
	s.on(first, "esx-1.campus.example")
}

func TestVMWhoseSwapFileNoLongerFitsIsNotRestarted(t *testing.T) {
	s := start(t, still)
	vm := s.scanner(20)
	keeper := s.host("esx-1.campus.example").Reference()
	s.done(vm.Relocate(s.ctx, types.VirtualMachineRelocateSpec{Host: &keeper}, types.VirtualMachineMovePriorityDefaultPriority))
	s.sim("host?name=esx-1.campus.example&state=lost")
	filler := s.vm("filler", "mail-iscsi", 4, diskSpec{21, ""}) // 22 are free while the VM is off, it needs 1.5
	s.happened(s.sim("advance?hours=1"), "not restarted scanner-1 mail-iscsi")
	s.done(filler.Destroy(s.ctx))
	s.happened(s.sim("advance?hours=1"), "restarted scanner-1")
	s.on(vm, "esx-2.campus.example")
}

func TestHADeclaresAHostDeadBeforeItRestarts(t *testing.T) {
	s := start(t, still)
	s.pair()
	s.sim("host?name=esx-1.campus.example&state=lost")
	s.happened(s.sim("advance?hours=0.0166")) // 59.8 s
	s.happened(s.sim("advance?hours=0.0001"), "restarted scanner-1", "restarted scanner-2")
}

func TestVMsAreRestartedWithinTheirCluster(t *testing.T) {
	s := start(t, strings.Replace(still, "      - {name: esx-2", "  - name: other\n    hosts:\n      - {name: esx-2", 1))
	vm := s.scanner(20)
	s.sim("host?name=esx-1.campus.example&state=lost")
	s.happened(s.sim("advance?hours=1"), "not restarted scanner-1")
	s.powered(vm, types.VirtualMachinePowerStatePoweredOff)
}

func TestNothingStartsOnALostHost(t *testing.T) {
	s := start(t, still)
	vm := s.scanner(20)
	keeper := s.host("esx-1.campus.example").Reference()
	s.done(vm.Relocate(s.ctx, types.VirtualMachineRelocateSpec{Host: &keeper}, types.VirtualMachineMovePriorityDefaultPriority))
	s.sim("host?name=esx-1.campus.example&state=lost")
	if _, fault := s.wait(vm.PowerOn(s.ctx)); !is[*types.HostNotConnected](fault) {
		t.Errorf("a start: %T", fault)
	}
	pool := must(must(s.find.ClusterComputeResource(s.ctx, "mail")).ResourcePool(s.ctx))
	folder := must(s.dc.Folders(s.ctx)).VmFolder
	_, fault := s.wait(folder.CreateVM(s.ctx, vmSpec("there", "old", 4), pool, s.host("esx-1.campus.example")))
	if !is[*types.HostNotConnected](fault) {
		t.Errorf("a new VM there: %T", fault)
	}
	for _, name := range []string{"a", "b"} { // where the host with the fewest VMs is the lost one
		s.done(s.vm(name, "old", 4).PowerOn(s.ctx))
	}
}

func TestDeltasMoveWithTheirDisk(t *testing.T) {
	s := start(t, still)
	vm := s.scanner(20)
	must(s.format(lunSpare, "small")) // 48 GiB
	s.done(s.snapshot(vm))
	s.sim("advance?hours=4")
	disk, small := s.disks(vm)[0], s.datastore("small").Self
	move := func() (*object.Task, error) {
		return vm.Relocate(s.ctx, types.VirtualMachineRelocateSpec{
			Disk: []types.VirtualMachineRelocateSpecDiskLocator{{DiskId: disk.Key, Datastore: small}},
		}, types.VirtualMachineMovePriorityDefaultPriority)
	}
	filler := s.vm("filler", "small", 4, diskSpec{35, ""})
	s.full("small")(move()) // 13 GiB are free for 10 of the disk and 4 of its delta
	s.done(filler.Destroy(s.ctx))
	s.done(move())
	if taken := 48*gib - s.freeBytes("small"); taken < 10*gib+laws.file(4*float64(gib)) || taken > 10*gib+laws.file(4*float64(gib))+1<<20 {
		t.Errorf("takes %d bytes", taken)
	}
	s.sim("advance?hours=1")
	if free := s.freeBytes("small"); free > 33*gib+gib/8 {
		t.Errorf("the delta did not grow where its disk is: %d bytes are free", free)
	}
}
