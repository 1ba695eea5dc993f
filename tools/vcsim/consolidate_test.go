package main

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

func TestConsolidationTakesSpaceAndTime(t *testing.T) {
	s := start(t, still)
	vm := s.scanner(20)
	empty := s.freeBytes("mail-iscsi")
	s.done(s.snapshot(vm))
	s.sim("advance?hours=8") // 12 GiB at 20 GiB/h, and what is written meanwhile: 39 minutes
	held := s.freeBytes("mail-iscsi")
	s.done(vm.RemoveAllSnapshot(s.ctx, nil))
	if !s.runtime(vm).ConsolidationNeeded {
		t.Error("it does not say that it consolidates")
	}
	s.happened(s.sim("advance?hours=0.5"))
	s.deltaFiles(vm, 2, 2) // each disk has a helper beside what is merged
	if free := s.freeBytes("mail-iscsi"); held-free < 700<<20 {
		t.Errorf("what was written meanwhile took %d bytes", held-free)
	}
	said := s.sim("advance?hours=1")
	s.happened(said, "consolidated scanner-1")
	if hour := said.Events[0].Hour; hour < 8.64 || hour > 8.67 {
		t.Errorf("consolidated at hour %g", hour)
	}
	if free := s.freeBytes("mail-iscsi"); free != empty {
		t.Errorf("%d bytes are free, were %d", free, empty)
	}
	if s.runtime(vm).ConsolidationNeeded {
		t.Error("it says that it consolidates still")
	}
}

// deltaFiles fails the test unless a VM has so many deltas of each of its disks, the first's first.
func (s *site) deltaFiles(vm *object.VirtualMachine, want ...int) {
	s.Helper()
	var read mo.VirtualMachine
	if err := vm.Properties(s.ctx, vm.Reference(), []string{"layoutEx.file"}, &read); err != nil {
		s.Fatal(err)
	}
	for i, disk := range s.disks(vm) {
		base, got := strings.TrimSuffix(fileOf(disk), ".vmdk")+"-0", 0
		for _, file := range read.LayoutEx.File {
			if strings.HasPrefix(file.Name, base) && strings.HasSuffix(file.Name, deltaSuffix) {
				got++
			}
		}
		if got != want[i] {
			s.Errorf("%s has %d deltas, want %d", base, got, want[i])
		}
	}
}

func TestVMThatStartsWhileItConsolidatesNeedsAHelper(t *testing.T) {
	s := start(t, still)
	vm := s.scanner(20)
	s.done(s.snapshot(vm))
	s.sim("advance?hours=8")
	s.done(vm.PowerOff(s.ctx))
	s.done(vm.RemoveAllSnapshot(s.ctx, nil))
	s.happened(s.sim("advance?hours=0.1"))
	s.deltaFiles(vm, 1, 1)
	s.done(vm.PowerOn(s.ctx))
	s.happened(s.sim("advance?hours=0.1"))
	s.deltaFiles(vm, 2, 2)
	s.happened(s.sim("advance?hours=1"), "consolidated scanner-1")
	s.deltaFiles(vm, 0, 0)
}

func TestRemovingOneSnapshotKeepsTheOthers(t *testing.T) {
	s := start(t, still)
	vm := s.scanner(20)
	empty := s.freeBytes("mail-iscsi")
	first := s.done(s.snapshot(vm)).(types.ManagedObjectReference)
	s.sim("advance?hours=2")
	s.done(s.snapshot(vm))
	s.sim("advance?hours=1")
	remove := &types.RemoveSnapshot_Task{This: first}
	task := must(methods.RemoveSnapshot_Task(s.ctx, s.client.Client, remove)).Returnval
	s.done(object.NewTask(s.client.Client, task), nil)
	s.happened(s.sim("advance?hours=1"), "consolidated scanner-1")
	want := laws.file(2*float64(gib)) + laws.file(1*float64(gib)) // of the second snapshot, which grows on
	if taken := empty - s.freeBytes("mail-iscsi"); taken != want {
		t.Errorf("takes %d bytes, want %d", taken, want)
	}
}

func TestFullDatastoreHasNoRoomToConsolidateUntilTheVMIsOff(t *testing.T) {
	s := start(t, strings.Replace(still, "delta_step_mib: 16", "delta_step_mib: 1024", 1))
	vm := s.scanner(3)
	s.done(s.snapshot(vm))
	s.done(s.create(vmSpec("filler", "mail-iscsi", 4, diskSpec{1, ""})))
	s.full("mail-iscsi")(vm.RemoveAllSnapshot(s.ctx, nil)) // half a GiB is left, and the helpers' first steps are 2
	s.happened(s.sim("advance?hours=9"), "stunned scanner-1 mail-iscsi")
	_, fault := s.wait(vm.RemoveAllSnapshot(s.ctx, nil))
	if !is[*types.InvalidState](fault) {
		t.Errorf("while it waits for an answer: %T", fault)
	}
	s.done(vm.PowerOff(s.ctx))
	if s.runtime(vm).Question != nil {
		t.Error("a VM that is off still asks")
	}
	s.done(vm.RemoveAllSnapshot(s.ctx, nil))
	s.happened(s.sim("advance?hours=1"), "consolidated scanner-1")
	s.done(vm.PowerOn(s.ctx))
}

func TestIndependentDisksHaveNoDelta(t *testing.T) {
	s := start(t, still)
	spec := vmSpec("scanner-1", "old", 1024, diskSpec{10, ""})
	for _, change := range spec.DeviceChange {
		if disk, ok := change.GetVirtualDeviceConfigSpec().Device.(*types.VirtualDisk); ok {
			disk.Backing.(*types.VirtualDiskFlatVer2BackingInfo).DiskMode = string(types.VirtualDiskModeIndependent_persistent)
		}
	}
	vm := object.NewVirtualMachine(s.client.Client, s.done(s.create(spec)).(types.ManagedObjectReference))
	s.done(vm.PowerOn(s.ctx))
	before := s.freeBytes("old")
	s.done(s.snapshot(vm))
	s.sim("advance?hours=5")
	if after := s.freeBytes("old"); after != before {
		t.Errorf("%d bytes went", before-after)
	}
}

func TestDeltasGoWithTheirVM(t *testing.T) {
	s := start(t, still)
	vm := s.scanner(20)
	s.done(s.snapshot(vm))
	s.sim("advance?hours=5")
	s.done(vm.PowerOff(s.ctx))
	s.done(vm.Destroy(s.ctx))
	s.free("mail-iscsi", 98)
}

func TestWhatPhysicsCannotDoIsRefused(t *testing.T) {
	s := start(t, still)
	vm := s.scanner(20)
	_, fault := s.wait(vm.CreateSnapshot(s.ctx, "with memory", "", true, false))
	if !is[*types.NotSupported](fault) {
		t.Errorf("a snapshot with memory: %T", fault)
	}
	s.done(s.snapshot(vm))
	if _, err := vm.RevertToCurrentSnapshot(s.ctx, true); err == nil {
		t.Error("it went back")
	}
	if _, err := vm.RevertToSnapshot(s.ctx, "backup", true); err == nil {
		t.Error("it went back")
	}
}

func TestSnapshotMustFit(t *testing.T) {
	s := start(t, strings.Replace(still, "delta_step_mib: 16", "delta_step_mib: 1024", 1))
	vm := s.scanner(1)
	s.full("mail-iscsi")(s.snapshot(vm)) // 1.5 GiB are free, and two deltas begin with a GiB each
	s.sim("advance?hours=5")
	if s.runtime(vm).Question != nil {
		t.Error("a snapshot that failed has deltas")
	}
}

func TestVMFilesMustFitWhenAVMStarts(t *testing.T) {
	s := start(t, still)
	must(s.format(lunISCSI, "mail-iscsi"))
	vm := s.vm("scanner-1", "mail-iscsi", 1024, diskSpec{97, ""})
	if _, fault := s.wait(vm.PowerOn(s.ctx)); !is[*types.GenericVmConfigFault](fault) {
		t.Errorf("1 GiB is free for 1 of swap and 0.5 of files: %T", fault)
	}
}

func TestClockIsGuardedAndRefusesNonsense(t *testing.T) {
	s := start(t, still)
	for what, want := range map[string]string{
		"advance": `hours: ""`, "advance?hours=0": "above 0", "advance?hours=-1": "above 0", "advance?hours=nan": "above 0",
		"advance?hours=inf": "1000 at most", "advance?hours=1000.1": "1000 at most", "fabric?name=iscsi": `state: "": must be lost or back`,
		"fabric?name=local&state=lost": "is no fabric of this site", "host?name=esx-9&state=lost": "is no host of this site",
		"host?name=esx-1.campus.example&state=off": "must be lost or back",
	} {
		code, said := s.ask(http.MethodPost, what, "admin", "p&ss")
		if code != http.StatusBadRequest || !strings.Contains(said.Error, want) {
			t.Errorf("%s: %d %s, want %s", what, code, said.Error, want)
		}
	}
	for _, login := range []*url.Userinfo{url.UserPassword("admin", "p"), url.UserPassword("", ""), url.UserPassword("user", "p&ss")} {
		password, _ := login.Password()
		if code, _ := s.ask(http.MethodPost, "advance?hours=1", login.Username(), password); code != http.StatusUnauthorized {
			t.Errorf("%s: %d", login, code)
		}
	}
	if code, _ := s.ask(http.MethodGet, "advance?hours=1", "admin", "p&ss"); code != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", code)
	}
	if said := s.sim("advance?hours=0.25"); said.Hour != 0.25 {
		t.Errorf("it is hour %g: what was refused moved the clock", said.Hour)
	}
}

func TestTimeAndCallsDoNotDisturbEachOther(t *testing.T) {
	s := start(t, still)
	vm := s.scanner(20)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { s.sim("advance?hours=0.5") })
		all.Go(func() { s.done(s.snapshot(vm)) })
		all.Go(func() { s.datastore("mail-iscsi"); s.runtime(vm) })
	}
	all.Wait()
	s.done(vm.RemoveAllSnapshot(s.ctx, nil))
	if said := s.sim("advance?hours=3"); said.Hour != 5 {
		t.Errorf("it is hour %g", said.Hour)
	}
	if free := s.freeBytes("mail-iscsi"); free < 20*gib {
		t.Errorf("%d bytes are free", free)
	}
}
