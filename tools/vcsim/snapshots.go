package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// recounted makes a call on a VM's snapshots, after which the VM tells again what it takes: the simulator's own count of that
// has a disk's descriptor only.
func (m *machine) recounted(ctx *simulator.Context, name string, call func() soap.HasFault) types.ManagedObjectReference {
	return m.array.change(ctx, m.stock, name, func() (types.AnyType, types.BaseMethodFault) {
		return m.array.guarded(ctx, nil, func() (body soap.HasFault) {
			ctx.WithLock(m.stock, func() { body = call() })
			return body
		})
	})
}

// CreateSnapshotTask takes a snapshot.
func (m *machine) CreateSnapshotTask(ctx *simulator.Context, req *types.CreateSnapshot_Task) soap.HasFault {
	task := m.recounted(ctx, "createSnapshot", func() soap.HasFault { return m.stock.CreateSnapshotTask(ctx, req) })
	return &methods.CreateSnapshot_TaskBody{Res: &types.CreateSnapshot_TaskResponse{Returnval: task}}
}

// CreateSnapshotExTask is CreateSnapshotTask with more to say of the guest.
func (m *machine) CreateSnapshotExTask(ctx *simulator.Context, req *types.CreateSnapshotEx_Task) soap.HasFault {
	task := m.recounted(ctx, "createSnapshotEx", func() soap.HasFault { return m.stock.CreateSnapshotExTask(ctx, req) })
	return &methods.CreateSnapshotEx_TaskBody{Res: &types.CreateSnapshotEx_TaskResponse{Returnval: task}}
}

// RemoveAllSnapshotsTask removes all snapshots.
func (m *machine) RemoveAllSnapshotsTask(ctx *simulator.Context, req *types.RemoveAllSnapshots_Task) soap.HasFault {
	task := m.recounted(ctx, "RemoveAllSnapshots", func() soap.HasFault { return m.stock.RemoveAllSnapshotsTask(ctx, req) })
	return &methods.RemoveAllSnapshots_TaskBody{Res: &types.RemoveAllSnapshots_TaskResponse{Returnval: task}}
}

// frozen answers the calls on one snapshot of a site on which no time passes.
type frozen struct {
	gated
	machine *machine
	stock   *simulator.VirtualMachineSnapshot
}

// RemoveSnapshotTask removes one snapshot, with those taken after it if the request says so.
func (f *frozen) RemoveSnapshotTask(ctx *simulator.Context, req *types.RemoveSnapshot_Task) soap.HasFault {
	task := f.machine.array.change(ctx, f.machine.stock, "removeSnapshot", func() (types.AnyType, types.BaseMethodFault) {
		return f.machine.array.guarded(ctx, nil, func() soap.HasFault { return f.stock.RemoveSnapshotTask(ctx, req) })
	})
	return &methods.RemoveSnapshot_TaskBody{Res: &types.RemoveSnapshot_TaskResponse{Returnval: task}}
}
