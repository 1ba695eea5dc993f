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
	task := m.array.task(ctx, m.stock, "cloneVm", func() (types.AnyType, types.BaseMethodFault) {
		home := m.home()
		if ref := req.Spec.Location.Datastore; ref != nil {
			if o := m.array.of(*ref); o != nil {
				home = o.ds.Name
			}
		}
		need, grown := m.cloned(ctx, req, home)
		if req.Spec.Location.Host == nil {
			req.Spec.Location.Host = m.array.host(ctx, req.Spec.Location.Pool, need)
		}
		if fault := m.array.unseen(ctx, req.Spec.Location.Host, need); fault != nil {
			return nil, fault
		}
		result, fault := m.array.guarded(ctx, need, func() (body soap.HasFault) {
			ctx.WithLock(m.stock, func() { body = m.stock.CloneVMTask(ctx, req) })
			return body
		})
		if ref, ok := result.(types.ManagedObjectReference); ok && fault == nil {
			clone := &machine{m.gated, m.array, ctx.Map.Get(ref).(*simulator.VirtualMachine)}
			clone.grow(ctx, grown)
			clone.record(ctx)
		}
		return result, fault
	})
	return &methods.CloneVM_TaskBody{Res: &types.CloneVM_TaskResponse{Returnval: task}}
}

// cloned is what a clone takes; it prepares the request's changes and returns the new sizes of copied disks by place.
func (m *machine) cloned(ctx *simulator.Context, req *types.CloneVM_Task, home string) (demand, map[int]int64) {
	source, grown, need := disksOf(m.devices(ctx)), map[int]int64{}, demand{home: 0}
	for _, disk := range source {
		need[home] += capacity(disk)
	}
	for _, changes := range changesOf(&req.Spec) {
		*changes = split(source, *changes, grown)
		m.array.place(req.Name, home, *changes)
		m.array.adopt(ctx, *changes)
		need.devices(home, nil, *changes)
	}
	for i, size := range grown {
		need[home] += max(0, size-capacity(source[i]))
	}
	if req.Spec.PowerOn {
		need[home] += m.swap(ctx, req.Spec.Config)
	}
	return need, grown
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
			grown[i] = capacity(disk)
		}
		return i >= 0
	})
}

// grow gives the clone's disks their sizes; they are in the order of the source's.
func (m *machine) grow(ctx *simulator.Context, sizes map[int]int64) {
	disks := disksOf(m.devices(ctx))
	ctx.WithLock(m.stock, func() {
		for i, size := range sizes {
			disks[i].CapacityInBytes, disks[i].CapacityInKB = size, size/1024
		}
	})
}
