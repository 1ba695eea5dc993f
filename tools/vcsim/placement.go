package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// place names the file of each new disk that is to go on another datastore than the VM's home: in a folder with the
// VM's name, as a vCenter does. The simulator would put a disk that names its datastore only by reference at home, and
// one with a bare "[datastore]" in that datastore's root. Disks at home keep an empty name; it names those well.
func (a *array) place(vm, home string, changes []types.BaseVirtualDeviceConfigSpec) {
	taken := map[string]bool{}
	for _, change := range changes {
		spec := change.GetVirtualDeviceConfigSpec()
		disk, ok := spec.Device.(*types.VirtualDisk)
		if !ok || spec.Operation != types.VirtualDeviceConfigSpecOperationAdd || spec.FileOperation == "" {
			continue
		}
		backing, ok := disk.Backing.(types.BaseVirtualDeviceFileBackingInfo)
		if !ok {
			continue
		}
		file := backing.GetVirtualDeviceFileBackingInfo()
		var wanted object.DatastorePath
		wanted.FromString(file.FileName)
		if wanted.Path != "" && wanted.Path != ".vmdk" { // the latter is what the simulator's OVF manager asks for
			continue
		}
		o := a.volume(wanted.Datastore)
		if wanted.Datastore == "" && file.Datastore != nil {
			o = a.of(*file.Datastore)
		}
		switch {
		case o != nil && o.ds.Name != home:
			file.FileName = o.unused(vm, taken)
		case o != nil || wanted.Datastore == "":
			file.FileName = ""
		}
	}
}

// adopt gives each existing disk that a VM takes over the size that its descriptor says.
func (a *array) adopt(ctx *simulator.Context, changes []types.BaseVirtualDeviceConfigSpec) {
	dc := a.datacenter(ctx).Reference()
	for _, change := range changes {
		spec := change.GetVirtualDeviceConfigSpec()
		disk, ok := spec.Device.(*types.VirtualDisk)
		if !ok || spec.Operation != types.VirtualDeviceConfigSpecOperationAdd || spec.FileOperation != "" {
			continue
		}
		if backing, ok := disk.Backing.(types.BaseVirtualDeviceFileBackingInfo); ok {
			name := backing.GetVirtualDeviceFileBackingInfo().FileName
			if descriptor, _, fault := ctx.Map.FileManager().DiskDescriptor(ctx, &dc, name); fault == nil {
				disk.CapacityInBytes, disk.CapacityInKB = descriptor.Capacity(), descriptor.Capacity()/1024
			}
		}
	}
}

// unseen is the fault for a datastore that the host (or no host) does not see; nil when it sees all. The simulator would
// panic.
func (a *array) unseen(ctx *simulator.Context, host *types.ManagedObjectReference, need demand) types.BaseMethodFault {
	if host != nil && a.world.dead(*host) {
		return &types.HostNotConnected{}
	}
	for name := range need {
		o := a.volume(name)
		if o == nil || host == nil || !o.on(*host) || a.world.down(o) {
			return &types.InvalidDatastore{Name: name}
		}
	}
	return nil
}

// on tells whether a host mounts the volume.
func (o *volume) on(host types.ManagedObjectReference) bool {
	return slices.ContainsFunc(o.ds.Host, func(mount types.DatastoreHostMount) bool { return mount.Key == host })
}

// host picks where a VM of the pool runs, as DRS would: the host of the pool's cluster that sees all its datastores and
// has the fewest VMs. It is nil when there is none.
func (a *array) host(ctx *simulator.Context, pool types.ManagedObjectReference, need demand) *types.ManagedObjectReference {
	var owner types.ManagedObjectReference
	switch o := ctx.Map.Get(pool).(type) {
	case *simulator.ResourcePool:
		owner = o.Owner
	case *simulator.VirtualApp:
		owner = o.Owner
	}
	cluster, ok := ctx.Map.Get(owner).(*simulator.ClusterComputeResource)
	if !ok {
		return nil
	}
	var best *simulator.HostSystem
	for _, ref := range cluster.Host {
		host := ctx.Map.Get(ref).(*simulator.HostSystem)
		if a.unseen(ctx, &ref, need) == nil && (best == nil || len(host.Vm) < len(best.Vm)) {
			best = host
		}
	}
	if best == nil {
		return nil
	}
	return &best.Self
}

// unused is the datastore path of a disk that does not exist yet in the VM's folder, which it makes.
func (o *volume) unused(vm string, taken map[string]bool) string {
	_ = os.MkdirAll(filepath.Join(o.dir, vm), 0o700) // a failure shows when the disk is created
	for number := 0; ; number++ {
		name := fmt.Sprintf("%s/%s.vmdk", vm, vm)
		if number > 0 {
			name = fmt.Sprintf("%s/%s_%d.vmdk", vm, vm, number)
		}
		path := object.DatastorePath{Datastore: o.ds.Name, Path: name}
		if _, err := os.Stat(filepath.Join(o.dir, name)); os.IsNotExist(err) && !taken[path.String()] {
			taken[path.String()] = true
			return path.String()
		}
	}
}
