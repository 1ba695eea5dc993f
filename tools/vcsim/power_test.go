package main

import (
	"testing"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

func TestSwapFileFollowsPowerHoweverItChanges(t *testing.T) {
	s := start(t, campus)
	vm := s.vm("spool", "old", 4096, diskSpec{10, ""})
	s.free("old", 985)
	s.done(s.dc.PowerOnVM(s.ctx, []types.ManagedObjectReference{vm.Reference()}))
	s.powered(vm, types.VirtualMachinePowerStatePoweredOn)
	s.free("old", 981)
	if err := vm.ShutdownGuest(s.ctx); err != nil {
		t.Fatal(err)
	}
	s.free("old", 985)
	if f, ok := fault(t, vm.ShutdownGuest(s.ctx)).(types.InvalidPowerState); !ok {
		t.Errorf("a VM that is off: got %T", f)
	}
	s.done(vm.PowerOn(s.ctx))
	s.done(vm.Suspend(s.ctx))
	s.free("old", 981)
	s.done(vm.PowerOff(s.ctx))
	s.free("old", 985)
}

func (s *site) powered(vm *object.VirtualMachine, want types.VirtualMachinePowerState) {
	s.Helper()
	if got := must(vm.PowerState(s.ctx)); got != want {
		s.Errorf("is %s, want %s", got, want)
	}
}

func TestSwapFileGrowsWithMemoryAndMustFit(t *testing.T) {
	s := start(t, campus)
	must(s.format(lunISCSI, "mail-iscsi"))
	vm := s.vm("spool", "mail-iscsi", 2048, diskSpec{90, ""})
	s.done(vm.PowerOn(s.ctx))
	s.free("mail-iscsi", 6)
	s.full("mail-iscsi")(vm.Reconfigure(s.ctx, types.VirtualMachineConfigSpec{MemoryMB: 12288}))
	s.free("mail-iscsi", 6)
	s.done(vm.Reconfigure(s.ctx, types.VirtualMachineConfigSpec{MemoryMB: 4096}))
	s.free("mail-iscsi", 4)
	s.done(vm.PowerOff(s.ctx))
	s.free("mail-iscsi", 8)
}

func TestLockedMemoryNeedsNoSwapFile(t *testing.T) {
	s := start(t, campus)
	spec := vmSpec("spool", "old", 4096, diskSpec{10, ""})
	spec.MemoryReservationLockedToMax = types.NewBool(true)
	vm := object.NewVirtualMachine(s.client.Client, s.done(s.create(spec)).(types.ManagedObjectReference))
	s.done(vm.PowerOn(s.ctx))
	s.free("old", 985)
}

func TestEachOfManyIsPoweredOnWhenItFits(t *testing.T) {
	s := start(t, campus)
	must(s.format(lunISCSI, "mail-iscsi"))
	small := s.vm("small", "mail-iscsi", 1024, diskSpec{90, ""})
	large := s.vm("large", "mail-iscsi", 16384)
	request := &types.PowerOnMultiVM_Task{
		This: s.dc.Reference(), Vm: []types.ManagedObjectReference{large.Reference(), small.Reference()},
	}
	task := must(methods.PowerOnMultiVM_Task(s.ctx, s.client, request)).Returnval
	result := s.done(object.NewTask(s.client.Client, task), nil).(types.ClusterPowerOnVmResult)
	s.powered(small, types.VirtualMachinePowerStatePoweredOn)
	s.powered(large, types.VirtualMachinePowerStatePoweredOff)
	if len(result.Attempted) != 2 {
		t.Fatalf("%+v", result)
	}
	_, fault := s.wait(object.NewTask(s.client.Client, *result.Attempted[0].Task), nil)
	if !is[*types.GenericVmConfigFault](fault) {
		t.Errorf("the VM that does not fit: got %T", fault)
	}
}

func TestFaultsAreWordedForPeople(t *testing.T) {
	s := start(t, campus)
	must(s.format(lunISCSI, "mail-iscsi"))
	_, err := must(s.create(vmSpec("a", "mail-iscsi", 1024, diskSpec{99, ""}))).WaitForResult(s.ctx)
	if err == nil || err.Error() != "Insufficient disk space on datastore 'mail-iscsi'." {
		t.Errorf("got %v", err)
	}
}

func TestOneTaskIsListedPerCall(t *testing.T) {
	s := start(t, campus)
	vm := s.vm("spool", "old", 1024, diskSpec{10, ""})
	s.done(vm.PowerOn(s.ctx))
	var manager mo.TaskManager
	if err := s.client.RetrieveOne(s.ctx, *s.client.ServiceContent.TaskManager, []string{"recentTask"}, &manager); err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, ref := range manager.RecentTask {
		var task mo.Task
		if err := s.client.RetrieveOne(s.ctx, ref, []string{"info"}, &task); err != nil {
			t.Fatalf("%s: %v", ref, err)
		}
		seen[task.Info.DescriptionId+" "+task.Info.Name]++
	}
	if seen["VirtualMachine.powerOn PowerOnVM_Task"] != 1 || seen["Folder.createVm CreateVM_Task"] != 2 { // one is the template
		t.Errorf("tasks %v", seen)
	}
}
