package main

import (
	"reflect"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// kindKey is where a disk's descriptor says how it is provisioned.
const kindKey = "simulatedDiskType"

// provisioning names the kind of a VM's disk as the virtual disk manager does.
func provisioning(backing *types.VirtualDiskFlatVer2BackingInfo) string {
	yes := func(flag *bool) bool { return flag != nil && *flag }
	switch {
	case yes(backing.ThinProvisioned):
		return string(types.VirtualDiskTypeThin)
	case yes(backing.EagerlyScrub):
		return string(types.VirtualDiskTypeEagerZeroedThick)
	default:
		return string(types.VirtualDiskTypePreallocated)
	}
}

// diskManager answers calls on disks that no VM needs to have.
type diskManager struct {
	gated
	array *array
	stock *simulator.VirtualDiskManager
}

func (d *diskManager) run(
	ctx *simulator.Context, name string, need func() (demand, types.BaseMethodFault), call func() soap.HasFault, after func(),
) types.ManagedObjectReference {
	return d.array.change(ctx, d.array.datacenter(ctx), name, func() (types.AnyType, types.BaseMethodFault) {
		takes, fault := need()
		if fault != nil {
			return nil, fault
		}
		result, fault := d.array.guarded(ctx, takes, call)
		if fault == nil {
			after()
		}
		return result, fault
	})
}

// CreateVirtualDiskTask creates a disk when it fits.
func (d *diskManager) CreateVirtualDiskTask(ctx *simulator.Context, req *types.CreateVirtualDisk_Task) soap.HasFault {
	need := func() (demand, types.BaseMethodFault) {
		spec, ok := req.Spec.(types.BaseFileBackedVirtualDiskSpec)
		if !ok {
			return nil, &types.InvalidArgument{InvalidProperty: "spec"}
		}
		return demand{datastoreOf(req.Name): spec.GetFileBackedVirtualDiskSpec().CapacityKb * 1024}, nil
	}
	task := d.run(ctx, "createVirtualDisk", need,
		func() soap.HasFault { return d.stock.CreateVirtualDiskTask(ctx, req) },
		func() { d.mark(ctx, req.Datacenter, req.Name, req.Spec.GetVirtualDiskSpec().DiskType) })
	return &methods.CreateVirtualDisk_TaskBody{Res: &types.CreateVirtualDisk_TaskResponse{Returnval: task}}
}

// mark notes how a disk is provisioned.
func (d *diskManager) mark(ctx *simulator.Context, dc *types.ManagedObjectReference, name, kind string) {
	files := ctx.Map.FileManager()
	if descriptor, path, fault := files.DiskDescriptor(ctx, dc, name); fault == nil {
		descriptor.DDB[kindKey] = kind
		if files.SaveDiskDescriptor(ctx, descriptor, path) == nil {
			d.array.sizes.changed(path)
		}
	}
}

// ExtendVirtualDiskTask grows a disk when the growth fits.
func (d *diskManager) ExtendVirtualDiskTask(ctx *simulator.Context, req *types.ExtendVirtualDisk_Task) soap.HasFault {
	need := func() (demand, types.BaseMethodFault) {
		descriptor, path, fault := ctx.Map.FileManager().DiskDescriptor(ctx, req.Datacenter, req.Name)
		if fault != nil {
			return nil, fault
		}
		d.array.sizes.changed(path)
		return demand{datastoreOf(req.Name): req.NewCapacityKb*1024 - descriptor.Capacity()}, nil
	}
	task := d.run(ctx, "extendVirtualDisk", need, func() soap.HasFault { return d.stock.ExtendVirtualDiskTask(ctx, req) }, func() {})
	return &methods.ExtendVirtualDisk_TaskBody{Res: &types.ExtendVirtualDisk_TaskResponse{Returnval: task}}
}

// copied is what a copy or move of a disk takes where it goes.
func (d *diskManager) copied(
	ctx *simulator.Context, dc *types.ManagedObjectReference, source, target string,
) (demand, types.BaseMethodFault) {
	descriptor, _, fault := ctx.Map.FileManager().DiskDescriptor(ctx, dc, source)
	if fault != nil {
		return nil, fault
	}
	return demand{datastoreOf(target): descriptor.Capacity()}, nil
}

// CopyVirtualDiskTask copies a disk when the copy fits.
func (d *diskManager) CopyVirtualDiskTask(ctx *simulator.Context, req *types.CopyVirtualDisk_Task) soap.HasFault {
	task := d.run(ctx, "copyVirtualDisk",
		func() (demand, types.BaseMethodFault) {
			return d.copied(ctx, req.SourceDatacenter, req.SourceName, req.DestName)
		},
		func() soap.HasFault { return d.stock.CopyVirtualDiskTask(ctx, req) }, func() {})
	return &methods.CopyVirtualDisk_TaskBody{Res: &types.CopyVirtualDisk_TaskResponse{Returnval: task}}
}

// MoveVirtualDiskTask moves a disk; within a datastore it takes nothing.
func (d *diskManager) MoveVirtualDiskTask(ctx *simulator.Context, req *types.MoveVirtualDisk_Task) soap.HasFault {
	need := func() (demand, types.BaseMethodFault) {
		if datastoreOf(req.SourceName) == datastoreOf(req.DestName) {
			return nil, nil
		}
		return d.copied(ctx, req.SourceDatacenter, req.SourceName, req.DestName)
	}
	task := d.run(ctx, "moveVirtualDisk", need, func() soap.HasFault { return d.stock.MoveVirtualDiskTask(ctx, req) }, func() {})
	return &methods.MoveVirtualDisk_TaskBody{Res: &types.MoveVirtualDisk_TaskResponse{Returnval: task}}
}

// DeleteVirtualDiskTask deletes a disk.
func (d *diskManager) DeleteVirtualDiskTask(ctx *simulator.Context, req *types.DeleteVirtualDisk_Task) soap.HasFault {
	task := d.run(ctx, "deleteVirtualDisk", func() (demand, types.BaseMethodFault) { return nil, nil },
		func() soap.HasFault { return d.stock.DeleteVirtualDiskTask(ctx, req) }, func() {})
	return &methods.DeleteVirtualDisk_TaskBody{Res: &types.DeleteVirtualDisk_TaskResponse{Returnval: task}}
}

// QueryVirtualDiskInfoTask tells how a disk is provisioned; the simulator's own calls every disk thin. Its types are
// internal to govmomi, hence the reflection.
func (d *diskManager) QueryVirtualDiskInfoTask(ctx *simulator.Context, req any) soap.HasFault {
	call := reflect.ValueOf(d.stock).MethodByName("QueryVirtualDiskInfoTask")
	body := call.Call([]reflect.Value{reflect.ValueOf(ctx), reflect.ValueOf(req)})[0].Interface().(soap.HasFault)
	res := returned(body)
	inner := res.Interface().(types.ManagedObjectReference)
	request := reflect.ValueOf(req).Elem()
	dc, _ := request.FieldByName("Datacenter").Interface().(*types.ManagedObjectReference)
	task := d.array.task(ctx, d.array.datacenter(ctx), "queryVirtualDiskInfo", func() (types.AnyType, types.BaseMethodFault) {
		result, fault := finish(ctx, inner)
		if fault != nil {
			return nil, fault
		}
		descriptor, _, fault := ctx.Map.FileManager().DiskDescriptor(ctx, dc, request.FieldByName("Name").String())
		if fault != nil {
			return nil, fault
		}
		disks := reflect.Indirect(reflect.ValueOf(result)).FieldByName("VirtualDiskInfo")
		for i := range disks.Len() {
			disks.Index(i).FieldByName("DiskType").SetString(descriptor.DDB[kindKey])
		}
		return result, nil
	})
	hide(ctx, task, gate) // its result is of a type that only govmomi knows
	res.Set(reflect.ValueOf(task))
	return body
}
