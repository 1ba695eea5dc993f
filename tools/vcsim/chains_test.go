package main

import (
	"testing"
	"time"

	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// lengths are the files of each disk's chain, now and at each snapshot in the order of their keys.
func lengths(vm mo.VirtualMachine) (now []int, at [][]int) {
	count := func(disks []types.VirtualMachineFileLayoutExDiskLayout) (units []int) {
		for _, disk := range disks {
			units = append(units, len(disk.Chain))
		}
		return units
	}
	for _, snapshot := range vm.LayoutEx.Snapshot {
		at = append(at, count(snapshot.Disk))
	}
	return count(vm.LayoutEx.Disk), at
}

func TestChainsGrowByASnapshotEach(t *testing.T) {
	s := start(t, still)
	vm := s.scanner(20)
	want := [][]int{{1, 1}, {2, 2}, {3, 3}}
	for taken, chains := range want {
		if taken > 0 {
			s.done(s.snapshot(vm))
		}
		var read mo.VirtualMachine
		if err := vm.Properties(s.ctx, vm.Reference(), []string{"layoutEx"}, &read); err != nil {
			t.Fatal(err)
		}
		now, at := lengths(read)
		if len(now) != 2 || now[0] != chains[0] || now[1] != chains[1] || len(at) != taken {
			t.Fatalf("after %d snapshots the chains have %v files, and at the snapshots %v", taken, now, at)
		}
		for i, files := range at {
			if files[0] != i+1 || files[1] != i+1 {
				t.Errorf("at snapshot %d of %d the chains have %v files", i+1, taken, files)
			}
		}
	}
}

func TestTheSiteSTimeIsThatOfItsSnapshots(t *testing.T) {
	s := start(t, still)
	vm := s.scanner(20)
	s.sim("advance?hours=30")
	s.done(s.snapshot(vm))
	s.sim("advance?hours=5")
	now := must(methods.GetCurrentTime(s.ctx, s.client))
	var read mo.VirtualMachine
	if err := vm.Properties(s.ctx, vm.Reference(), []string{"snapshot"}, &read); err != nil {
		t.Fatal(err)
	}
	age := now.Sub(read.Snapshot.RootSnapshotList[0].CreateTime)
	if passed := now.Sub(time.Now()); (passed-35*time.Hour).Abs() > time.Minute || (age-5*time.Hour).Abs() > time.Minute {
		t.Errorf("after 35 h it is %v later, and a snapshot of 5 h is %v old", passed, age)
	}
}
