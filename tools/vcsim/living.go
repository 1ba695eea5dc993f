package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// living answers the calls on a VM to which time matters.
type living struct {
	*machine
	world *world
}

// own is the object that answers for one to which time matters; nil for all others.
func (w *world) own(ctx *simulator.Context, ref types.ManagedObjectReference) mo.Reference {
	if w == nil {
		return nil
	}
	switch o := ctx.Map.Get(ref).(type) {
	case *simulator.VirtualMachine:
		return w.living(ctx, o.Self)
	case *simulator.VirtualMachineSnapshot:
		return &snapshotOf{gated{gate}, w.living(ctx, o.Vm), o}
	}
	return nil
}

func (w *world) living(ctx *simulator.Context, vm types.ManagedObjectReference) *living {
	return &living{w.array.machine(ctx, vm), w}
}

// life is what the world knows of the VM as it is now: of a template, nothing.
func (l *living) life(ctx *simulator.Context) *life {
	l.world.follow(ctx)
	if known := l.world.lives[l.stock.Self]; known != nil {
		return known
	}
	return &life{vm: l.stock, name: l.stock.Name}
}

// CreateSnapshotTask takes a snapshot: from then on the disks' writes go to deltas beside them.
func (l *living) CreateSnapshotTask(ctx *simulator.Context, req *types.CreateSnapshot_Task) soap.HasFault {
	task := l.snapshot(ctx, "createSnapshot", req.Memory, func() soap.HasFault { return l.stock.CreateSnapshotTask(ctx, req) })
	return &methods.CreateSnapshot_TaskBody{Res: &types.CreateSnapshot_TaskResponse{Returnval: task}}
}

// CreateSnapshotExTask is CreateSnapshotTask with more to say of the guest.
func (l *living) CreateSnapshotExTask(ctx *simulator.Context, req *types.CreateSnapshotEx_Task) soap.HasFault {
	task := l.snapshot(ctx, "createSnapshotEx", req.Memory, func() soap.HasFault { return l.stock.CreateSnapshotExTask(ctx, req) })
	return &methods.CreateSnapshotEx_TaskBody{Res: &types.CreateSnapshotEx_TaskResponse{Returnval: task}}
}

func (l *living) snapshot(
	ctx *simulator.Context, name string, memory bool, call func() soap.HasFault,
) types.ManagedObjectReference {
	return l.array.change(ctx, l.stock, name, func() (types.AnyType, types.BaseMethodFault) {
		if memory {
			return nil, &types.NotSupported{} // its file would have to grow and go too
		}
		one := l.life(ctx)
		if fault := l.world.halted(one); fault != nil {
			return nil, fault
		}
		need := demand{}
		for _, c := range one.chains {
			need[c.datastore] += l.world.laws.file(0)
		}
		result, fault := l.array.guarded(ctx, need, func() (body soap.HasFault) {
			ctx.WithLock(l.stock, func() { body = call() })
			return body
		})
		if ref, ok := result.(types.ManagedObjectReference); ok && fault == nil {
			for _, c := range one.chains {
				c.deltas = append(c.deltas, &delta{snapshot: ref.Value})
			}
			ctx.WithLock(l.stock, func() { l.world.dated(l.stock.Snapshot.RootSnapshotList, ref) })
			l.world.tell(Event{What: "snapshot", VM: one.name})
		}
		return result, fault
	})
}

// halted is why nothing can be done with a VM's snapshots now; nil when it can.
func (w *world) halted(one *life) types.BaseMethodFault {
	if w.unreachable(one) {
		return &types.InaccessibleDatastore{InvalidDatastore: types.InvalidDatastore{Name: one.home}}
	}
	if one.vm.Runtime.Question != nil {
		return &types.InvalidState{} // it waits for an answer
	}
	return nil
}

// RemoveAllSnapshotsTask removes all snapshots.
func (l *living) RemoveAllSnapshotsTask(ctx *simulator.Context, req *types.RemoveAllSnapshots_Task) soap.HasFault {
	task := l.remove(ctx, "RemoveAllSnapshots", func() soap.HasFault { return l.stock.RemoveAllSnapshotsTask(ctx, req) })
	return &methods.RemoveAllSnapshots_TaskBody{Res: &types.RemoveAllSnapshots_TaskResponse{Returnval: task}}
}

// remove takes snapshots out of the tree at once; their deltas are merged as time passes. A VM that runs needs room for a
// helper on each datastore.
func (l *living) remove(ctx *simulator.Context, name string, call func() soap.HasFault) types.ManagedObjectReference {
	return l.array.change(ctx, l.stock, name, func() (types.AnyType, types.BaseMethodFault) {
		one := l.life(ctx)
		if fault := l.world.halted(one); fault != nil {
			return nil, fault
		}
		need := demand{}
		for _, c := range one.chains {
			if one.writes && len(c.deltas) > 0 {
				need[c.datastore] += l.world.laws.file(0)
			}
		}
		result, fault := l.array.guarded(ctx, need, func() (body soap.HasFault) {
			ctx.WithLock(l.stock, func() { body = call() })
			return body
		})
		if fault != nil {
			return nil, fault
		}
		l.merge(ctx, one)
		return result, nil
	})
}

// merge begins to consolidate the deltas whose snapshots are gone.
func (l *living) merge(ctx *simulator.Context, one *life) {
	gone := func(value string) bool {
		return value != "" && ctx.Map.Get(types.ManagedObjectReference{Type: "VirtualMachineSnapshot", Value: value}) == nil
	}
	for _, c := range one.chains {
		c.removed(gone)
		if one.writes && c.unaided() {
			c.aid()
		}
	}
	if one.merging() {
		l.world.set(ctx, l.stock, types.PropertyChange{Name: "runtime.consolidationNeeded", Val: true})
		l.world.tell(Event{What: "consolidating", VM: one.name})
	}
}

// PowerOffVMTask also ends the question of a VM that waits for an answer.
func (l *living) PowerOffVMTask(ctx *simulator.Context, req *types.PowerOffVM_Task) soap.HasFault {
	if l.stock.Runtime.Question != nil {
		l.world.ask(ctx, l.stock, nil)
	}
	return l.machine.PowerOffVMTask(ctx, req)
}

// snapshotOf answers the calls on one snapshot.
type snapshotOf struct {
	gated
	vm    *living
	stock *simulator.VirtualMachineSnapshot
}

// RemoveSnapshotTask removes one snapshot, with those taken after it if the request says so.
func (s *snapshotOf) RemoveSnapshotTask(ctx *simulator.Context, req *types.RemoveSnapshot_Task) soap.HasFault {
	task := s.vm.remove(ctx, "removeSnapshot", func() soap.HasFault { return s.stock.RemoveSnapshotTask(ctx, req) })
	return &methods.RemoveSnapshot_TaskBody{Res: &types.RemoveSnapshot_TaskResponse{Returnval: task}}
}

// RevertToSnapshotTask is refused: a chain of deltas has no branches here.
func (*snapshotOf) RevertToSnapshotTask(*simulator.Context, *types.RevertToSnapshot_Task) soap.HasFault {
	return &methods.RevertToSnapshot_TaskBody{Fault_: unsupported()}
}

// RevertToCurrentSnapshotTask is refused as RevertToSnapshotTask is.
func (*living) RevertToCurrentSnapshotTask(*simulator.Context, *types.RevertToCurrentSnapshot_Task) soap.HasFault {
	return &methods.RevertToCurrentSnapshot_TaskBody{Fault_: unsupported()}
}

func unsupported() *soap.Fault {
	return simulator.Fault("With physics a VM can't go back to a snapshot.", &types.NotSupported{})
}
