package main

import (
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// machine answers the calls on a VM that take or give back storage.
type machine struct {
	gated
	array *array
	stock *simulator.VirtualMachine
}

// guarded runs one of the simulator's own operations when its demand fits.
func (a *array) guarded(
	ctx *simulator.Context, need demand, call func() soap.HasFault,
) (types.AnyType, types.BaseMethodFault) {
	if fault := a.lacking(need); fault != nil {
		return nil, fault
	}
	body := call()
	if fault := body.Fault(); fault != nil {
		return nil, fault.VimFault().(types.BaseMethodFault)
	}
	return finish(ctx, returned(body).Interface().(types.ManagedObjectReference))
}

// ReconfigVMTask adds, grows and removes disks.
func (m *machine) ReconfigVMTask(ctx *simulator.Context, req *types.ReconfigVM_Task) soap.HasFault {
	task := m.array.change(ctx, m.stock, "reconfigVm", func() (types.AnyType, types.BaseMethodFault) {
		m.array.place(m.stock.Name, m.home(), req.Spec.DeviceChange)
		m.array.adopt(ctx, req.Spec.DeviceChange)
		need := demand{}
		need.devices(m.home(), m.devices(ctx), req.Spec.DeviceChange)
		need[m.home()] += m.swapGrowth(ctx, &req.Spec)
		if fault := m.array.unseen(ctx, m.stock.Runtime.Host, need); fault != nil {
			return nil, fault
		}
		result, fault := m.array.guarded(ctx, need, func() (body soap.HasFault) {
			ctx.WithLock(m.stock, func() { body = m.stock.ReconfigVMTask(ctx, req) })
			return body
		})
		m.record(ctx)
		ctx.WithLock(m.stock, func() { m.array.swapFile(ctx, &m.stock.VirtualMachine) })
		return result, fault
	})
	return &methods.ReconfigVM_TaskBody{Res: &types.ReconfigVM_TaskResponse{Returnval: task}}
}

// home is the name of the datastore that holds the VM's own files.
func (m *machine) home() string {
	return datastoreOf(m.stock.Config.Files.VmPathName)
}

func datastoreOf(file string) string {
	var p object.DatastorePath
	p.FromString(file)
	return p.Datastore
}

// devices are the VM's devices now.
func (m *machine) devices(ctx *simulator.Context) (devices object.VirtualDeviceList) {
	ctx.WithLock(m.stock, func() { devices = append(devices, m.stock.Config.Hardware.Device...) })
	return devices
}

// capacity of a disk in bytes, whichever of its two fields the caller has set.
func capacity(disk *types.VirtualDisk) int64 {
	return max(disk.CapacityInBytes, disk.CapacityInKB*1024)
}

// fileOf is the datastore path of a disk; empty when it has no file.
func fileOf(disk *types.VirtualDisk) string {
	if backing, ok := disk.Backing.(types.BaseVirtualDeviceFileBackingInfo); ok {
		return backing.GetVirtualDeviceFileBackingInfo().FileName
	}
	return ""
}

// devices adds what changes of a VM's devices take. What they give back counts only when it is given back.
func (d demand) devices(home string, present object.VirtualDeviceList, changes []types.BaseVirtualDeviceConfigSpec) {
	for _, change := range changes {
		spec := change.GetVirtualDeviceConfigSpec()
		disk, ok := spec.Device.(*types.VirtualDisk)
		if !ok {
			continue
		}
		on := home
		if name := datastoreOf(fileOf(disk)); name != "" {
			on = name
		}
		switch {
		case spec.Operation == types.VirtualDeviceConfigSpecOperationAdd && spec.FileOperation != "":
			d[on] += capacity(disk)
		case spec.Operation == types.VirtualDeviceConfigSpecOperationAdd:
			d[on] += 0 // an existing file: it takes nothing, but its datastore is needed
		case spec.Operation == types.VirtualDeviceConfigSpecOperationEdit:
			if old, ok := present.FindByKey(disk.Key).(*types.VirtualDisk); ok {
				d[on] += max(0, capacity(disk)-capacity(old))
			}
		}
	}
}

// named is the volume of a datastore that a request may name; nil when it does not.
func (a *array) named(ref *types.ManagedObjectReference) *volume {
	if ref == nil {
		return nil
	}
	return a.of(*ref)
}

// record writes the size and kind of each disk into its descriptor: the simulator does not when a disk grows.
func (m *machine) record(ctx *simulator.Context) {
	files := ctx.Map.FileManager()
	for _, device := range m.devices(ctx).SelectByType((*types.VirtualDisk)(nil)) {
		disk := device.(*types.VirtualDisk)
		backing, ok := disk.Backing.(*types.VirtualDiskFlatVer2BackingInfo)
		if !ok {
			continue
		}
		dc := m.array.datacenter(ctx).Reference()
		descriptor, path, fault := files.DiskDescriptor(ctx, &dc, backing.FileName)
		if fault != nil || len(descriptor.Extent) == 0 {
			continue
		}
		kind := provisioning(backing)
		if descriptor.Capacity() == capacity(disk) && descriptor.DDB[kindKey] == kind {
			continue
		}
		descriptor.Extent[0].Size, descriptor.DDB[kindKey] = capacity(disk)/sector, kind
		if files.SaveDiskDescriptor(ctx, descriptor, path) == nil {
			m.array.sizes.changed(path)
		}
	}
}

// datacenter is the site's only one.
func (a *array) datacenter(ctx *simulator.Context) mo.Entity {
	return ctx.Map.Any("Datacenter")
}
