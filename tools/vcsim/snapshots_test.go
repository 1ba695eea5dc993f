package main

import (
	"testing"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

func TestAVmTakesTheSameWithASnapshotAsWithout(t *testing.T) {
	s := start(t, campus)
	vm := s.vm("scanner-1", "old", 4096, diskSpec{gib: 20})
	var read mo.VirtualMachine
	takes := func(when string) {
		t.Helper()
		read = mo.VirtualMachine{}
		if err := vm.Properties(s.ctx, vm.Reference(), []string{"storage.perDatastoreUsage", "snapshot"}, &read); err != nil {
			t.Fatal(err)
		}
		if used := read.Storage.PerDatastoreUsage[0].Committed; used != 20*gib {
			t.Errorf("%s it takes %d bytes", when, used)
		}
	}
	takes("before")
	s.done(s.snapshot(vm))
	s.done(s.snapshot(vm))
	takes("with two snapshots")
	first := read.Snapshot.RootSnapshotList[0].Snapshot
	res := must(methods.RemoveSnapshot_Task(s.ctx, s.client, &types.RemoveSnapshot_Task{This: first}))
	s.done(object.NewTask(s.client.Client, res.Returnval), nil)
	takes("with one removed")
	s.done(vm.RemoveAllSnapshot(s.ctx, nil))
	takes("with none")
	if read.Snapshot != nil {
		t.Errorf("there is %v", read.Snapshot)
	}
}
