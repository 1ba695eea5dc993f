package main

import (
	"fmt"
	"slices"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// datastoreSystem answers a host's calls on VMFS datastores.
type datastoreSystem struct {
	gated
	array *array
	stock *simulator.HostDatastoreSystem
}

// visible are the devices that the host sees.
func (d *datastoreSystem) visible() (devices []LUN) {
	for _, host := range d.array.v.hosts() {
		if host.Self == d.stock.Host.Self {
			for _, device := range d.array.devices {
				if host.described.sees(device) {
					devices = append(devices, device)
				}
			}
		}
	}
	return devices
}

func (d *datastoreSystem) available() []LUN {
	return slices.DeleteFunc(d.visible(), func(l LUN) bool { return d.array.holder(l.NAA) != nil })
}

// chosen is the visible device that a call names.
func (d *datastoreSystem) chosen(name string) (LUN, *soap.Fault) {
	device, ok := d.array.device(name)
	if !ok || !slices.Contains(d.visible(), device) {
		return LUN{}, simulator.Fault(fmt.Sprintf("Device %s was not found on the host.", name), &types.NotFound{})
	}
	return device, nil
}

// QueryAvailableDisksForVmfs lists the devices that hold no VMFS yet.
func (d *datastoreSystem) QueryAvailableDisksForVmfs(req *types.QueryAvailableDisksForVmfs) soap.HasFault {
	res := &types.QueryAvailableDisksForVmfsResponse{}
	for _, device := range d.available() {
		res.Returnval = append(res.Returnval, *device.disk())
	}
	return &methods.QueryAvailableDisksForVmfsBody{Res: res}
}

// whole is the offer to use all of a device.
func whole(device LUN) (types.BaseVmfsDatastoreBaseOption, types.HostDiskPartitionSpec) {
	layout := types.HostDiskPartitionBlockRange{
		Partition: 1, Type: "vmfs",
		Start: types.HostDiskDimensionsLba{BlockSize: sector, Block: 2048},
		End:   types.HostDiskDimensionsLba{BlockSize: sector, Block: device.bytes()/sector - 1},
	}
	info := &types.VmfsDatastoreAllExtentOption{}
	info.Layout.Partition = []types.HostDiskPartitionBlockRange{layout}
	info.Layout.Total = &types.HostDiskDimensionsLba{BlockSize: sector, Block: device.bytes() / sector}
	info.VmfsExtent = layout
	return info, types.HostDiskPartitionSpec{PartitionFormat: "gpt", TotalSectors: device.bytes() / sector,
		Partition: []types.HostDiskPartitionAttributes{{
			Partition: 1, Type: "vmfs", StartSector: 2048, EndSector: device.bytes()/sector - 1,
		}}}
}

// QueryVmfsDatastoreCreateOptions offers the whole device, when it is free.
func (d *datastoreSystem) QueryVmfsDatastoreCreateOptions(req *types.QueryVmfsDatastoreCreateOptions) soap.HasFault {
	body := &methods.QueryVmfsDatastoreCreateOptionsBody{}
	device, fault := d.chosen(req.DevicePath)
	if fault != nil {
		body.Fault_ = fault
		return body
	}
	body.Res = &types.QueryVmfsDatastoreCreateOptionsResponse{}
	if d.array.holder(device.NAA) != nil {
		return body
	}
	info, partition := whole(device)
	spec := &types.VmfsDatastoreCreateSpec{
		VmfsDatastoreSpec: types.VmfsDatastoreSpec{DiskUuid: device.uuid()}, Partition: partition,
		Vmfs: types.HostVmfsSpec{
			MajorVersion: 6, Extent: types.HostScsiDiskPartition{DiskName: device.NAA, Partition: 1},
		},
	}
	body.Res.Returnval = []types.VmfsDatastoreOption{{Info: info, Spec: spec}}
	return body
}

// CreateVmfsDatastore formats a free device.
func (d *datastoreSystem) CreateVmfsDatastore(ctx *simulator.Context, req *types.CreateVmfsDatastore) soap.HasFault {
	body := &methods.CreateVmfsDatastoreBody{}
	device, fault := d.chosen(req.Spec.Vmfs.Extent.DiskName)
	if fault == nil {
		fault = d.array.format(ctx, device, req.Spec.Vmfs.VolumeName)
	}
	if fault != nil {
		body.Fault_ = fault
		return body
	}
	body.Res = &types.CreateVmfsDatastoreResponse{Returnval: d.array.volume(req.Spec.Vmfs.VolumeName).ds.Self}
	return body
}

// QueryVmfsDatastoreExtendOptions offers the whole of a free device.
func (d *datastoreSystem) QueryVmfsDatastoreExtendOptions(req *types.QueryVmfsDatastoreExtendOptions) soap.HasFault {
	body := &methods.QueryVmfsDatastoreExtendOptionsBody{}
	device, fault := d.chosen(req.DevicePath)
	if fault != nil {
		body.Fault_ = fault
		return body
	}
	body.Res = &types.QueryVmfsDatastoreExtendOptionsResponse{}
	if d.array.holder(device.NAA) != nil || d.array.of(req.Datastore) == nil {
		return body
	}
	info, partition := whole(device)
	spec := &types.VmfsDatastoreExtendSpec{
		VmfsDatastoreSpec: types.VmfsDatastoreSpec{DiskUuid: device.uuid()}, Partition: partition,
		Extent: []types.HostScsiDiskPartition{{DiskName: device.NAA, Partition: 1}},
	}
	body.Res.Returnval = []types.VmfsDatastoreOption{{Info: info, Spec: spec}}
	return body
}

// ExtendVmfsDatastore adds free devices to a VMFS.
func (d *datastoreSystem) ExtendVmfsDatastore(ctx *simulator.Context, req *types.ExtendVmfsDatastore) soap.HasFault {
	body := &methods.ExtendVmfsDatastoreBody{}
	o := d.array.of(req.Datastore)
	if o == nil {
		body.Fault_ = simulator.Fault("The datastore was not found.", &types.NotFound{})
		return body
	}
	for _, extent := range req.Spec.Extent {
		device, fault := d.chosen(extent.DiskName)
		if fault == nil {
			fault = d.array.extend(ctx, o, device)
		}
		if fault != nil {
			body.Fault_ = fault
			return body
		}
	}
	body.Res = &types.ExtendVmfsDatastoreResponse{Returnval: req.Datastore}
	return body
}

// RemoveDatastore deletes a VMFS with all files on it, unless a VM has a file there.
func (d *datastoreSystem) RemoveDatastore(ctx *simulator.Context, req *types.RemoveDatastore) soap.HasFault {
	body := &methods.RemoveDatastoreBody{}
	o := d.array.of(req.Datastore)
	if o == nil {
		body.Fault_ = simulator.Fault("The datastore was not found.", &types.NotFound{})
		return body
	}
	if body.Fault_ = d.array.destroy(ctx, o); body.Fault_ == nil {
		body.Res = new(types.RemoveDatastoreResponse)
	}
	return body
}

// destroy removes a datastore from the inventory and its files from this machine.
func (a *array) destroy(ctx *simulator.Context, o *volume) *soap.Fault {
	for _, e := range ctx.Map.All("VirtualMachine") {
		if vm, ok := e.(*simulator.VirtualMachine); ok && uses(ctx, vm, o.ds.Name) {
			return simulator.Fault(fmt.Sprintf("The resource '%s' is in use.", o.ds.Name), &types.ResourceInUse{
				Type: "Datastore", Name: o.ds.Name,
			})
		}
	}
	res := o.ds.DestroyTask(ctx, &types.Destroy_Task{This: o.ds.Self}).(*methods.Destroy_TaskBody).Res
	if _, fault := finish(ctx, res.Returnval); fault != nil {
		return simulator.Fault("", fault)
	}
	for _, host := range a.v.hosts() {
		system := ctx.Map.Get(*host.ConfigManager.DatastoreSystem).(*simulator.HostDatastoreSystem)
		ctx.Map.RemoveReference(ctx, system, &system.Datastore, o.ds.Self)
	}
	a.drop(ctx, o)
	return nil
}

// uses tells whether a VM has its home or a device's file on a datastore.
func uses(ctx *simulator.Context, vm *simulator.VirtualMachine, datastore string) (found bool) {
	on := func(file string) bool {
		var p object.DatastorePath
		return p.FromString(file) && p.Datastore == datastore
	}
	ctx.WithLock(vm, func() {
		found = on(vm.Config.Files.VmPathName)
		for _, device := range vm.Config.Hardware.Device {
			if backing, ok := device.GetVirtualDevice().Backing.(types.BaseVirtualDeviceFileBackingInfo); ok {
				found = found || on(backing.GetVirtualDeviceFileBackingInfo().FileName)
			}
		}
	})
	return found
}

// datastore answers the calls on a datastore itself.
type datastore struct {
	gated
	array *array
	stock *simulator.Datastore
}

// RefreshDatastore looks at the files again, where the simulator's own resets the capacity.
func (d *datastore) RefreshDatastore(ctx *simulator.Context, _ *types.RefreshDatastore) soap.HasFault {
	if o := d.array.of(d.stock.Self); o != nil {
		d.array.settle(ctx, o)
	}
	return &methods.RefreshDatastoreBody{Res: new(types.RefreshDatastoreResponse)}
}

// DestroyTask is the inventory's way to remove a VMFS.
func (d *datastore) DestroyTask(ctx *simulator.Context, req *types.Destroy_Task) soap.HasFault {
	task := d.array.change(ctx, d.stock, "destroy", func() (types.AnyType, types.BaseMethodFault) {
		if fault := d.array.destroy(ctx, d.array.of(d.stock.Self)); fault != nil {
			return nil, fault.VimFault().(types.BaseMethodFault)
		}
		return nil, nil
	})
	return &methods.Destroy_TaskBody{Res: &types.Destroy_TaskResponse{Returnval: task}}
}
