package main

import (
	"slices"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// CloneVMTask copies the disks of the source, as changed by the request. The simulator's own would let a changed disk of
// the clone keep the file of the source's disk, so these changes are made on the clone afterwards.
func (m *machine) CloneVMTask(ctx *simulator.Context, req *types.CloneVM_Task) soap.HasFault {
	task := m.array.change(ctx, m.stock, "cloneVm", func() (types.AnyType, types.BaseMethodFault) {
		home := m.array.named(req.Spec.Location.Datastore)
		if home == nil {
			home = m.array.volume(m.home())
		}
		need, grown, targets := m.cloned(ctx, req, home)
		where := &req.Spec.Location
		if where.Pool == nil {
			where.Pool = m.stock.ResourcePool // a template has none
		}
		if where.Pool == nil {
			return nil, &types.InvalidArgument{InvalidProperty: "spec.location.pool"}
		}
		if where.Host == nil {
			where.Host = m.array.host(ctx, *where.Pool, need)
		}
		if fault := m.array.unseen(ctx, where.Host, need); fault != nil {
			return nil, fault
		}
		result, fault := m.array.guarded(ctx, need, func() (body soap.HasFault) {
			ctx.WithLock(m.stock, func() { body = m.stock.CloneVMTask(ctx, req) })
			return body
		})
		if ref, ok := result.(types.ManagedObjectReference); ok && fault == nil {
			m.array.machine(ctx, ref).spread(ctx, home, grown, targets)
		}
		return result, fault
	})
	return &methods.CloneVM_TaskBody{Res: &types.CloneVM_TaskResponse{Returnval: task}}
}

// cloned is what a clone takes; it prepares the request's changes and returns, by the place of copied disks, new sizes
// and where the copies go.
func (m *machine) cloned(ctx *simulator.Context, req *types.CloneVM_Task, home *volume) (demand, map[int]int64, []*volume) {
	source, grown, need := disksOf(m.devices(ctx)), map[int]int64{}, demand{home.ds.Name: 0}
	for _, changes := range changesOf(&req.Spec) {
		*changes = split(source, *changes, grown)
		m.array.place(req.Name, home.ds.Name, *changes)
		m.array.adopt(ctx, *changes)
		need.devices(home.ds.Name, nil, *changes)
	}
	wanted := m.targets(ctx, &req.Spec.Location, true, home)
	targets := make([]*volume, len(source))
	for i, disk := range source {
		targets[i] = wanted[disk]
		need[targets[i].ds.Name] += max(capacity(disk), grown[i])
	}
	if req.Spec.PowerOn {
		need[home.ds.Name] += m.swap(ctx, req.Spec.Config)
	}
	return need, grown, targets
}

// changesOf are the two places of a clone's specification that change devices.
func changesOf(spec *types.VirtualMachineCloneSpec) []*[]types.BaseVirtualDeviceConfigSpec {
	places := []*[]types.BaseVirtualDeviceConfigSpec{&spec.Location.DeviceChange}
	if spec.Config != nil {
		places = append(places, &spec.Config.DeviceChange)
	}
	return places
}

func disksOf(devices object.VirtualDeviceList) (disks []*types.VirtualDisk) {
	for _, device := range devices {
		if disk, ok := device.(*types.VirtualDisk); ok {
			disks = append(disks, disk)
		}
	}
	return disks
}

// split takes the edits of the source's disks out of the changes, and notes their new sizes by the disk's place.
func split(
	source []*types.VirtualDisk, changes []types.BaseVirtualDeviceConfigSpec, grown map[int]int64,
) []types.BaseVirtualDeviceConfigSpec {
	return slices.DeleteFunc(changes, func(change types.BaseVirtualDeviceConfigSpec) bool {
		spec := change.GetVirtualDeviceConfigSpec()
		disk, ok := spec.Device.(*types.VirtualDisk)
		if !ok || spec.Operation != types.VirtualDeviceConfigSpecOperationEdit {
			return false
		}
		i := slices.IndexFunc(source, func(other *types.VirtualDisk) bool { return other.Key == disk.Key })
		if i >= 0 {
			grown[i] = max(capacity(disk), capacity(source[i])) // no disk shrinks
		}
		return i >= 0
	})
}

// spread gives the clone's disks their sizes and places; they are in the order of the source's, and all at home so far.
func (m *machine) spread(ctx *simulator.Context, home *volume, sizes map[int]int64, targets []*volume) {
	disks, moves := disksOf(m.devices(ctx)), map[*types.VirtualDisk]*volume{}
	ctx.WithLock(m.stock, func() {
		for i, to := range targets {
			if size, ok := sizes[i]; ok {
				disks[i].CapacityInBytes, disks[i].CapacityInKB = size, size/1024
			}
			if to != home {
				moves[disks[i]] = to
			}
		}
	})
	if len(moves) == 0 {
		m.record(ctx)
		return
	}
	m.move(ctx, home, home, moves)
}
