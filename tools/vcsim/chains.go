package main

import (
	"slices"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// chained makes a VM tell of which files each disk's chain is, now and at each snapshot: its base and the deltas on top of
// it. `keys` are those of the deltas' files in the layout, by the key of the disk.
func (w *world) chained(vm *simulator.VirtualMachine, keys map[int32][]int32) {
	for i := range vm.LayoutEx.Disk {
		disk := &vm.LayoutEx.Disk[i]
		disk.Chain = onTop(disk.Chain, keys[disk.Key])
	}
	for i := range vm.LayoutEx.Snapshot {
		snapshot := &vm.LayoutEx.Snapshot[i]
		before := map[int32]int{}
		for _, c := range w.lives[vm.Self].chains {
			before[c.key] = c.below(snapshot.Key.Value)
		}
		snapshot.Disk = slices.Clone(snapshot.Disk) // the simulator shares it with the VM's own
		for j := range snapshot.Disk {
			disk := &snapshot.Disk[j]
			own := keys[disk.Key]
			disk.Chain = onTop(disk.Chain, own[:min(before[disk.Key], len(own))])
		}
	}
}

// onTop is a base with a file for each delta.
func onTop(chain []types.VirtualMachineFileLayoutExDiskUnit, keys []int32) []types.VirtualMachineFileLayoutExDiskUnit {
	units := append([]types.VirtualMachineFileLayoutExDiskUnit(nil), chain[:min(1, len(chain))]...)
	for _, key := range keys {
		units = append(units, types.VirtualMachineFileLayoutExDiskUnit{FileKey: []int32{key}})
	}
	return units
}

// below is how many deltas a chain had when a snapshot was taken; all of them when it has none of that snapshot.
func (c *chain) below(snapshot string) int {
	for n, d := range c.deltas {
		if d.snapshot == snapshot {
			return n
		}
	}
	return len(c.deltas)
}

// dated puts the host's time on a snapshot that was just taken: the simulator has put this machine's.
func (w *world) dated(trees []types.VirtualMachineSnapshotTree, snapshot types.ManagedObjectReference) {
	for i := range trees {
		if trees[i].Snapshot == snapshot {
			trees[i].CreateTime = trees[i].CreateTime.Add(w.now + w.ahead)
		}
		w.dated(trees[i].ChildSnapshotList, snapshot)
	}
}

// service tells the time of a site on which it passes.
type service struct {
	gated
	world *world
}

// CurrentTime is this machine's time, and what has passed on the site.
func (s *service) CurrentTime(*types.CurrentTime) soap.HasFault {
	now := time.Now()
	if s.world != nil {
		now = now.Add(s.world.now)
	}
	return &methods.CurrentTimeBody{Res: &types.CurrentTimeResponse{Returnval: now}}
}
