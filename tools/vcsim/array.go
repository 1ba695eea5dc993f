package main

import (
	"cmp"
	"fmt"
	"slices"
	"sync"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// array is the site's storage: its devices and the VMFS volumes on them.
type array struct {
	v       *VCenter
	devices []LUN
	sizes   *sizes
	world   *world

	mu      sync.RWMutex
	volumes []*volume
}

func newArray(v *VCenter) *array {
	a := &array{v: v, devices: v.site.devices(), sizes: newSizes()}
	a.world = newWorld(a, v.site.Physics)
	return a
}

// volume is a VMFS on one or more devices, and the datastore that shows it.
type volume struct {
	ds      *simulator.Datastore
	dir     string
	uuid    string
	devices []LUN
	version string // of its VMFS; empty: 6.82
	free    int64  // as settled last; only calls behind the gate look at it
}

func (o *volume) folder() string { return o.dir }

func (o *volume) capacity() (bytes int64) {
	for _, device := range o.devices {
		bytes += device.bytes()
	}
	return bytes
}

// vmfs is the volume as the API describes it.
func (o *volume) vmfs() *types.HostVmfsVolume {
	vmfs := &types.HostVmfsVolume{
		HostFileSystemVolume: types.HostFileSystemVolume{Type: "VMFS", Name: o.ds.Name, Capacity: o.capacity()},
		BlockSizeMb:          1, BlockSize: 1024, UnmapGranularity: 1024, UnmapPriority: "low", MaxBlocks: 63963136,
		MajorVersion: 6, Version: cmp.Or(o.version, "6.82"), Uuid: o.uuid, Ssd: types.NewBool(false),
		Local: types.NewBool(o.devices[0].local()),
	}
	for _, device := range o.devices {
		vmfs.Extent = append(vmfs.Extent, types.HostScsiDiskPartition{DiskName: device.NAA, Partition: 1})
	}
	return vmfs
}

// volume finds a VMFS by the name of its datastore; nil when there is none.
func (a *array) volume(name string) *volume {
	return a.find(func(o *volume) bool { return o.ds.Name == name })
}

// holder finds the VMFS on a device; nil when the device is free.
func (a *array) holder(naa string) *volume {
	return a.find(func(o *volume) bool {
		return slices.ContainsFunc(o.devices, func(l LUN) bool { return l.NAA == naa })
	})
}

func (a *array) of(ref types.ManagedObjectReference) *volume {
	return a.find(func(o *volume) bool { return o.ds.Self == ref })
}

func (a *array) find(match func(*volume) bool) *volume {
	a.mu.RLock()
	defer a.mu.RUnlock()
	for _, o := range a.volumes {
		if match(o) {
			return o
		}
	}
	return nil
}

func (a *array) all() []*volume {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return slices.Clone(a.volumes)
}

// device finds a device by the name, path or SCSI identifier that API calls use.
func (a *array) device(name string) (LUN, bool) {
	i := slices.IndexFunc(a.devices, func(l LUN) bool { return l.NAA == name || l.path() == name || l.uuid() == name })
	if i < 0 {
		return LUN{}, false
	}
	return a.devices[i], true
}

// format makes a VMFS on a device and mounts it on every host that sees the device.
func (a *array) format(ctx *simulator.Context, device LUN, name string) *soap.Fault {
	if a.volume(name) != nil {
		return simulator.Fault(fmt.Sprintf("The name '%s' already exists.", name), &types.DuplicateName{
			Name: name, Object: a.volume(name).ds.Self,
		})
	}
	if held := a.holder(device.NAA); held != nil {
		return hostFault("Device %s already holds the VMFS datastore '%s'.", device.NAA, held.ds.Name)
	}
	dir, err := a.v.folderOf(name)
	if err != nil {
		return hostFault("%s", err)
	}
	made := &volume{dir: dir, uuid: device.volumeID(), devices: []LUN{device}}
	for _, host := range a.v.hosts() {
		if !host.described.sees(device) {
			continue
		}
		system := ctx.Map.Get(*host.ConfigManager.DatastoreSystem).(*simulator.HostDatastoreSystem)
		res := system.CreateLocalDatastore(ctx, &types.CreateLocalDatastore{This: system.Self, Name: name, Path: dir})
		if fault := res.Fault(); fault != nil {
			return fault
		}
		if made.ds == nil { // on further hosts it is mounted only, and the call returns no reference
			made.ds = ctx.Map.Get(res.(*methods.CreateLocalDatastoreBody).Res.Returnval).(*simulator.Datastore)
		}
	}
	a.mu.Lock()
	a.volumes = append(a.volumes, made)
	a.mu.Unlock()
	a.publish(ctx, made)
	return nil
}

// extend grows a VMFS by a free device.
func (a *array) extend(ctx *simulator.Context, o *volume, device LUN) *soap.Fault {
	if held := a.holder(device.NAA); held != nil {
		return hostFault("Device %s already holds the VMFS datastore '%s'.", device.NAA, held.ds.Name)
	}
	a.mu.Lock()
	o.devices = append(slices.Clone(o.devices), device)
	a.mu.Unlock()
	a.publish(ctx, o)
	return nil
}

// drop forgets a VMFS whose datastore is gone; its files go with it.
func (a *array) drop(ctx *simulator.Context, o *volume) {
	a.mu.Lock()
	a.volumes = slices.DeleteFunc(a.volumes, func(other *volume) bool { return other == o })
	a.mu.Unlock()
	a.sizes.remove(o.dir)
	a.mounts(ctx)
}

// publish makes the datastore and its hosts show the volume as it is now.
func (a *array) publish(ctx *simulator.Context, o *volume) {
	ctx.WithLock(o.ds, func() {
		o.ds.Summary.Type = "VMFS"
		o.ds.Summary.MultipleHostAccess = types.NewBool(len(o.ds.Host) > 1)
		for i := range o.ds.Host {
			o.ds.Host[i].MountInfo.Path = "/vmfs/volumes/" + o.uuid
		}
		old := o.ds.Info.GetDatastoreInfo()
		o.ds.Info = &types.VmfsDatastoreInfo{
			DatastoreInfo: types.DatastoreInfo{Name: o.ds.Name, Url: old.Url}, Vmfs: o.vmfs(),
			MaxPhysicalRDMFileSize: maxDiskGiB * gib, MaxVirtualRDMFileSize: maxDiskGiB * gib,
		}
	})
	a.settle(ctx, o)
	a.mounts(ctx)
}

// mounts makes every host list the volumes that it sees.
func (a *array) mounts(ctx *simulator.Context) {
	for _, host := range a.v.hosts() {
		info := &types.HostFileSystemVolumeInfo{VolumeTypeList: []string{"VMFS", "NFS", "NFS41", "OTHER"}}
		for _, o := range a.all() {
			if !host.described.sees(o.devices[0]) {
				continue
			}
			info.MountInfo = append(info.MountInfo, types.HostFileSystemMountInfo{
				MountInfo: types.HostMountInfo{
					Path: "/vmfs/volumes/" + o.uuid, AccessMode: "readWrite",
					Mounted: types.NewBool(true), Accessible: types.NewBool(!a.world.down(o)),
				},
				Volume: o.vmfs(), VStorageSupport: "vStorageSupported",
			})
		}
		system := ctx.Map.Get(*host.ConfigManager.StorageSystem).(*simulator.HostStorageSystem)
		ctx.WithLock(system, func() { system.FileSystemVolumeInfo = *info })
		ctx.WithLock(host.HostSystem, func() { host.Config.FileSystemVolume = info })
	}
}

// volumeID looks like a VMFS identifier and follows from the device.
func (l LUN) volumeID() string {
	id := l.uuid()[10:]
	return fmt.Sprintf("%s-%s-%s-%s", id[:8], id[8:16], id[16:20], id[20:32])
}

func hostFault(format string, args ...any) *soap.Fault {
	return simulator.Fault(fmt.Sprintf(format, args...), &types.HostConfigFault{})
}
